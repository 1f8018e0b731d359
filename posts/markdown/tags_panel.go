package markdown

import (
	"slices"
	"strings"
)

// panelTitle returns the heading that a box of a Hexo theme shows above its
// content: {% message title:x %}, {% note info x %}, {% hideToggle x %}, {% folding x %}.
func panelTitle(name, args string) string {
	a := parseArgs(args)
	if title := titleOption(a); title != "" {
		return title
	}
	switch name {
	case "note":
		a.words = slices.DeleteFunc(a.words[min(1, len(a.words)):], func(w string) bool {
			return slices.Contains([]string{"no-icon", "simple", "modern", "flat", "disabled"}, w) || strings.HasPrefix(w, "fa")
		})
		return a.rest(0)
	case "admonition":
		return a.rest(1)
	case "details", "spoiler":
		return a.rest(0)
	case "hidetoggle":
		title, _, _ := strings.Cut(args, ",")
		return strings.TrimSpace(title)
	case "folding":
		if _, title, ok := strings.Cut(args, ","); ok {
			return strings.TrimSpace(title)
		}
		return a.rest(0)
	}
	return ""
}

// titleOption takes title="x", title:x, "title:x" for its value.
func titleOption(a tagArgs) string {
	for _, w := range a.words {
		if title, ok := strings.CutPrefix(w, "title:"); ok {
			return title
		}
	}
	return a.named["title"]
}

// panel writes the title of a tag that has content; false where there is none.
func (e *expander) panel(at, n int, name, args string) bool {
	title := panelTitle(name, args)
	if title == "" || e.o.Dialect != Hexo {
		return false
	}
	if end, _ := e.endTag(at+n, "end"+name); end < 0 {
		return false
	}
	e.newBlock()
	e.out.WriteString("**" + escapeMarkdown(title) + "**\n\n")
	return true
}

// tab replaces the comment that begins one of the tabs of a Hexo theme by its
// title: <!-- tab Title@icon --> or <!-- tab active id:x "title:Title" -->.
func (e *expander) tab(i int) int {
	line, _, _ := strings.Cut(e.src[i:], "\n")
	mark := strings.TrimLeft(line, " \t")
	inner, ok := strings.CutPrefix(mark, "<!-- tab ")
	end := strings.Index(inner, "-->")
	if !ok || end < 0 || strings.TrimSpace(inner[end+3:]) != "" {
		return 0
	}
	inner = strings.TrimSpace(inner[:end])
	a := parseArgs(inner)
	title := titleOption(a)
	if options := a.option("id", "icon"); title == "" && len(options) == 0 {
		title, _, _ = strings.Cut(inner, "@")
		title = strings.TrimSpace(title)
	}
	e.out.WriteString(line[:len(line)-len(mark)])
	if title != "" {
		e.out.WriteString("**" + escapeMarkdown(title) + "**")
	}
	e.out.WriteString("\n\n")
	return min(len(line)+1, len(e.src)-i)
}
