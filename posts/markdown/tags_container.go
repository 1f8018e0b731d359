package markdown

import "strings"

// container drops the line that opens or closes a container, of remark's
// directives (:::note[Title]) or of markdown-it's plug-in (:::info Title): its
// title and its content stay.
func (e *expander) container(i int) int {
	line, _, _ := strings.Cut(e.src[i:], "\n")
	trimmed := strings.TrimSpace(line)
	if !strings.HasPrefix(trimmed, ":::") {
		return 0
	}
	rest := strings.TrimSpace(strings.TrimLeft(trimmed, ":"))
	if open := strings.LastIndexByte(rest, '{'); open >= 0 && strings.HasSuffix(rest, "}") {
		rest = strings.TrimSpace(rest[:open])
	}
	end := strings.IndexAny(rest, " [")
	if end < 0 {
		end = len(rest)
	}
	name, title := rest[:end], strings.TrimSpace(rest[end:])
	if name != "" && !isName(name) {
		return 0
	}
	if strings.HasPrefix(title, "[") && strings.HasSuffix(title, "]") {
		title = title[1 : len(title)-1]
	}
	e.out.WriteString("\n")
	if title != "" {
		e.out.WriteString("**" + title + "**\n\n")
	}
	return min(len(line)+1, len(e.src)-i)
}
