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
	ends, drop := closings(title, tags), make([]bool, len(tags))
	for i, t := range tags {
		name := strings.ToLower(title[t[4]:t[5]])
		switch {
		case name == "br" || name == "wbr":
			drop[i] = true
		case ends[i] > 0 && !strings.HasPrefix(title[t[1]:], " "):
			drop[i], drop[ends[i]] = true, true
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

// closings tells of each tag which one closes it, 0 where none does.
func closings(title string, tags [][]int) []int {
	ends, open := make([]int, len(tags)), map[string][]int{}
	for i, t := range tags {
		name := strings.ToLower(title[t[4]:t[5]])
		if t[2] == t[3] {
			open[name] = append(open[name], i)
		} else if last := len(open[name]) - 1; last >= 0 {
			ends[open[name][last]] = i
			open[name] = open[name][:last]
		}
	}
	return ends
}
