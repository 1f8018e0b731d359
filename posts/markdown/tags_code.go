package markdown

import "strings"

// codeLines copies a fenced block, or a line of indented code, and returns its length.
func (e *expander) codeLines(i int) int {
	line, _, _ := strings.Cut(e.src[i:], "\n")
	if strings.TrimSpace(line) == "" {
		e.blank = true
		return 0
	}
	marker := strings.TrimLeft(line, " \t>")
	indented := strings.HasPrefix(line, "    ") || strings.HasPrefix(line, "\t")
	blank := e.blank
	e.blank = false
	switch {
	case startsItem(marker) && (!indented || e.listed):
		e.listed, marker = true, afterMarkers(marker)
	case blank && !strings.HasPrefix(line, "  ") && !strings.HasPrefix(line, "\t"):
		e.listed = false
	}
	if indented && !e.listed {
		if !blank {
			return 0
		}
		e.blank = true // the next line may go on
		n := min(len(line)+1, len(e.src)-i)
		e.code(i, n)
		return n
	}
	if fence := fenceOf(marker); fence > 0 {
		n := e.fenceEnd(i, len(line), marker[:fence])
		e.code(i, n)
		return n
	}
	return 0
}

// code copies code; only what the generator replaces even there is replaced.
func (e *expander) code(i, n int) {
	end := i + n
	for i < end {
		next := strings.IndexByte(e.src[i:end], '{')
		if next < 0 {
			break
		}
		e.out.WriteString(e.src[i : i+next])
		i += next
		if used := e.tag(i, true); used > 0 && i+used <= end {
			i += used
			continue
		}
		e.out.WriteByte('{')
		i++
	}
	if i < end {
		e.out.WriteString(e.src[i:end])
	}
}

func startsItem(line string) bool { return afterMarkers(line) != line }

// afterMarkers takes list markers off the start of a line.
func afterMarkers(line string) string {
	for {
		i := 0
		for i < len(line) && i < 9 && line[i] >= '0' && line[i] <= '9' {
			i++
		}
		switch {
		case i > 0 && i+1 < len(line) && (line[i] == '.' || line[i] == ')') && line[i+1] == ' ':
		case i == 0 && len(line) > 1 && strings.IndexByte("-*+", line[0]) >= 0 && line[1] == ' ':
		default:
			return line
		}
		line = strings.TrimLeft(line[i+1:], " ")
	}
}

// fenceOf returns the length of the code fence that a line begins with.
func fenceOf(line string) int {
	if line == "" || line[0] != '`' && line[0] != '~' {
		return 0
	}
	n := 0
	for n < len(line) && line[n] == line[0] {
		n++
	}
	if n < 3 || line[0] == '`' && strings.IndexByte(line[n:], '`') >= 0 {
		return 0
	}
	return n
}

// fenceEnd returns the length of the fenced block at i, whose first line is first bytes long.
func (e *expander) fenceEnd(i, first int, fence string) int {
	at := i + first + 1
	for at < len(e.src) {
		line, _, _ := strings.Cut(e.src[at:], "\n")
		at += len(line) + 1
		line = strings.Trim(line, " \t>")
		if len(line) >= len(fence) && strings.Trim(line, fence[:1]) == "" {
			break
		}
	}
	return min(at, len(e.src)) - i
}

// inlineCode copies a code span, or the backticks that begin none.
func (e *expander) inlineCode(i int) int {
	n := 0
	for i+n < len(e.src) && e.src[i+n] == '`' {
		n++
	}
	limit := len(e.src)
	if end := strings.Index(e.src[i:min(limit, i+maxTag)], "\n\n"); end >= 0 {
		limit = i + end
	}
	for at := i + n; at < min(limit, i+maxTag); {
		next := strings.IndexByte(e.src[at:min(limit, i+maxTag)], '`')
		if next < 0 {
			break
		}
		at += next
		run := 0
		for at+run < limit && e.src[at+run] == '`' {
			run++
		}
		at += run
		if run == n {
			e.code(i, at-i)
			return at - i
		}
	}
	e.out.WriteString(e.src[i : i+n])
	return n
}
