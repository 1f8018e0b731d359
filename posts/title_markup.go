package posts

import (
	"regexp"
	"strings"
)

// inlineTag is what authors put into titles, because their generator writes
// titles into its pages as they are.
var inlineTag = regexp.MustCompile(`(?i)<(/?)(a|abbr|b|bdi|big|br|cite|code|del|em|font|i|ins|kbd|mark|q|s|small|span|strike|strong|sub|sup|tt|u|var|wbr)(?:\s[^<>]*)?/?>`)

// shownTitle takes inline HTML off a title: what readers show of a title is
// plain text. A tag that is not closed, or that has a space behind it, is what
// the title speaks of: "When to use <b>", "Between <i> and </i>".
func shownTitle(title string) string {
	if strings.IndexByte(title, '<') < 0 {
		return title
	}
	tags := inlineTag.FindAllStringSubmatchIndex(title, -1)
	drop := make([]bool, len(tags))
	for i, t := range tags {
		name := strings.ToLower(title[t[4]:t[5]])
		switch {
		case name == "br" || name == "wbr":
			drop[i] = true
		case t[2] == t[3] && !strings.HasPrefix(title[t[1]:], " "):
			if end := closing(title, tags, i, name); end > 0 {
				drop[i], drop[end] = true, true
			}
		}
	}
	var b strings.Builder
	from := 0
	for i, t := range tags {
		if !drop[i] {
			continue
		}
		b.WriteString(title[from:t[0]])
		if strings.EqualFold(title[t[4]:t[5]], "br") {
			b.WriteByte(' ')
		}
		from = t[1]
	}
	return strings.Join(strings.Fields(b.String()+title[from:]), " ")
}

// closing returns which tag closes the one at i, 0 where none does.
func closing(title string, tags [][]int, i int, name string) int {
	depth := 0
	for j := i + 1; j < len(tags); j++ {
		t := tags[j]
		switch {
		case !strings.EqualFold(title[t[4]:t[5]], name):
		case t[2] == t[3]:
			depth++
		case depth == 0:
			return j
		default:
			depth--
		}
	}
	return 0
}
