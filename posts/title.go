package posts

import (
	"path"
	"regexp"
	"strings"
	"time"

	"github.com/rivo/uniseg"
)

// titleColumns is about what a subject line on a telephone shows.
const titleColumns = 60

// DisplayTitle returns the title, and for a post that has none a line that
// stands for it: the beginning of its summary, else the name of its file. It is
// never empty.
func (p *Post) DisplayTitle() string { return displayTitle(p, p.Summary) }

// DisplayTitle is that of the post, with the summary of the rendered body.
func (r *Record) DisplayTitle() string {
	if r.Summary == "" {
		return displayTitle(&r.Post, r.Body.Summary)
	}
	return displayTitle(&r.Post, r.Summary)
}

func displayTitle(p *Post, summary string) string {
	if t := strings.TrimSpace(shownTitle(p.Title)); t != "" {
		return t
	}
	if t := ShortTitle(summary); t != "" {
		return t
	}
	if t := fileTitle(p.Path); t != "" {
		return t
	}
	for _, t := range []string{p.Slug, p.URL} {
		if t = strings.TrimSpace(t); t != "" {
			return t
		}
	}
	return p.Date.UTC().Format(time.DateOnly)
}

// ShortTitle cuts a text to one line that may stand for a title: its first
// sentence if that is short, else 60 columns, at the end of a word where there
// are words, and an ellipsis.
func ShortTitle(text string) string {
	text = strings.Join(strings.Fields(text), " ")
	if i := sentenceEnd(text); i > 0 && uniseg.StringWidth(text[:i]) <= titleColumns {
		return text[:i]
	}
	width, end, space := 0, 0, 0
	for rest, state := text, -1; rest != ""; {
		var cluster string
		var boundaries int
		cluster, rest, boundaries, state = uniseg.StepString(rest, state)
		w := boundaries >> uniseg.ShiftWidth
		if width+w > titleColumns {
			if space > end/2 {
				end = space
			}
			return strings.TrimRight(text[:end], " ,;:，；：、") + "…"
		}
		if cluster == " " {
			space = end
		}
		width += w
		end += len(cluster)
	}
	return text
}

var sentence = regexp.MustCompile(`[。！？]|[.!?]( |$)`)

// sentenceEnd returns where the first sentence ends, without a full stop but
// with a question or exclamation mark; 0 where it has no end.
func sentenceEnd(s string) int {
	at := sentence.FindStringIndex(s)
	if at == nil {
		return 0
	}
	if strings.HasPrefix(s[at[0]:], "。") || s[at[0]] == '.' {
		return at[0]
	}
	return len(strings.TrimRight(s[:at[1]], " "))
}

var datePrefix = regexp.MustCompile(`^\d{4}-\d{1,2}-\d{1,2}[-_ ]+`)

// fileTitle makes words of a path: posts/2026-03-01-on-tea.md is "on tea", and
// a bundle's index file is named by its folder.
func fileTitle(p string) string {
	name := path.Base(p)
	base := strings.TrimSuffix(name, path.Ext(name))
	if stem, _, _ := strings.Cut(base, "."); stem == "index" || stem == "_index" {
		base = path.Base(path.Dir(p))
	}
	base = datePrefix.ReplaceAllString(base, "")
	words := strings.FieldsFunc(base, func(r rune) bool { return r == '-' || r == '_' || r <= ' ' })
	if t := strings.Join(words, " "); t != "." && t != "/" {
		return t
	}
	return ""
}
