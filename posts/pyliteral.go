package posts

import (
	"strconv"
	"strings"
)

// pyAssignments reads the assignments of literals at the left margin of a
// Python file: NAME = 'text', ('a', 'b'), {'k': 1}, True. Texts side by side are
// joined, also with +. Everything else is passed over; of a name that is
// assigned twice the last literal counts.
func pyAssignments(src string) settings {
	out := settings{}
	p := pyReader{s: src}
	for p.i < len(p.s) {
		name := p.name()
		p.blanks(false)
		if name != "" && p.i < len(p.s) && p.s[p.i] == '=' && !strings.HasPrefix(p.s[p.i:], "==") {
			p.i++
			p.blanks(false)
			if v, ok := p.value(0); ok && p.lineEnd() {
				out[name] = v
			} else {
				delete(out, name)
			}
		}
		p.nextLine()
	}
	return out
}

// pyReader reads Python literals. Lists and tuples are []any, tables
// map[string]any, None is nil.
type pyReader struct {
	s string
	i int
}

func (p *pyReader) name() string {
	start := p.i
	for p.i < len(p.s) && (p.s[p.i] == '_' || isAlnum(p.s[p.i])) {
		p.i++
	}
	return p.s[start:p.i]
}

func isAlnum(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
}

// nextLine goes to the beginning of the next line.
func (p *pyReader) nextLine() {
	if i := strings.IndexByte(p.s[p.i:], '\n'); i >= 0 {
		p.i += i + 1
	} else {
		p.i = len(p.s)
	}
}

// lineEnd tells that nothing but a comment follows in the line.
func (p *pyReader) lineEnd() bool {
	p.blanks(false)
	return p.i >= len(p.s) || p.s[p.i] == '\n' || p.s[p.i] == '\r' || p.s[p.i] == '#'
}

// blanks skips blanks, and with lines also line ends and comments.
func (p *pyReader) blanks(lines bool) {
	for p.i < len(p.s) {
		switch c := p.s[p.i]; {
		case c == ' ' || c == '\t' || (lines && (c == '\n' || c == '\r')):
			p.i++
		case c == '\\' && strings.HasPrefix(p.s[p.i:], "\\\n"):
			p.i += 2
		case lines && c == '#':
			p.nextLine()
		default:
			return
		}
	}
}

func (p *pyReader) value(depth int) (any, bool) {
	if p.i >= len(p.s) || depth > 16 {
		return nil, false
	}
	switch c := p.s[p.i]; {
	case c == '[' || c == '(' || c == '{':
		return p.group(c, depth)
	case c == '-' || '0' <= c && c <= '9':
		start := p.i
		for p.i++; p.i < len(p.s) && (p.s[p.i] == '.' || p.s[p.i] == '_' || isAlnum(p.s[p.i])); p.i++ {
		}
		n, err := strconv.ParseInt(p.s[start:p.i], 0, 64)
		if err != nil {
			f, err := strconv.ParseFloat(p.s[start:p.i], 64)
			return f, err == nil
		}
		return n, true
	}
	if t, ok := p.text(); ok {
		return p.joined(t, depth > 0)
	}
	switch p.name() {
	case "True":
		return true, true
	case "False":
		return false, true
	case "None":
		return nil, true
	}
	return nil, false
}

// joined appends the texts that follow side by side or after a plus.
func (p *pyReader) joined(t string, lines bool) (any, bool) {
	for {
		at := p.i
		p.blanks(lines)
		plus := p.i < len(p.s) && p.s[p.i] == '+'
		if plus {
			p.i++
			p.blanks(lines)
		}
		more, ok := p.text()
		if !ok {
			p.i = at
			return t, !plus
		}
		t += more
	}
}

// text reads one string literal; false when there is none.
func (p *pyReader) text() (string, bool) {
	at := p.i
	raw := false
	for p.i < len(p.s) && strings.IndexByte("rRuUbB", p.s[p.i]) >= 0 && p.i-at < 2 {
		raw = raw || p.s[p.i] == 'r' || p.s[p.i] == 'R'
		p.i++
	}
	if p.i >= len(p.s) || (p.s[p.i] != '\'' && p.s[p.i] != '"') {
		p.i = at
		return "", false
	}
	quote := p.s[p.i : p.i+1]
	if long := strings.Repeat(quote, 3); strings.HasPrefix(p.s[p.i:], long) {
		quote = long
	}
	p.i += len(quote)
	var b strings.Builder
	for p.i < len(p.s) {
		switch c := p.s[p.i]; {
		case strings.HasPrefix(p.s[p.i:], quote):
			p.i += len(quote)
			return b.String(), true
		case c == '\n' && len(quote) == 1:
			p.i = at
			return "", false
		case c == '\\' && p.i+1 < len(p.s):
			p.escape(&b, raw)
		default:
			b.WriteByte(c)
			p.i++
		}
	}
	// Nothing after a text without an end can be told apart.
	p.s, p.i = p.s[:at], at
	return "", false
}

// escape writes what a backslash and the character after it stand for.
func (p *pyReader) escape(b *strings.Builder, raw bool) {
	c := p.s[p.i+1]
	p.i += 2
	if raw {
		b.WriteString("\\" + string(c))
		return
	}
	switch c {
	case 'n':
		b.WriteByte('\n')
	case 't':
		b.WriteByte('\t')
	case '\n':
	case 'u', 'x':
		width := map[byte]int{'u': 4, 'x': 2}[c]
		if p.i+width <= len(p.s) {
			if r, err := strconv.ParseUint(p.s[p.i:p.i+width], 16, 32); err == nil {
				b.WriteRune(rune(r))
				p.i += width
				return
			}
		}
		b.WriteString("\\" + string(c))
	case '\\', '\'', '"':
		b.WriteByte(c)
	default:
		b.WriteString("\\" + string(c))
	}
}

// group reads a list, a tuple or a table.
func (p *pyReader) group(open byte, depth int) (any, bool) {
	end := map[byte]byte{'[': ']', '(': ')', '{': '}'}[open]
	p.i++
	list, table, comma := []any{}, map[string]any{}, false
	for {
		p.blanks(true)
		if p.i >= len(p.s) {
			return nil, false
		}
		if p.s[p.i] == end {
			p.i++
			break
		}
		v, ok := p.value(depth + 1)
		if !ok {
			return nil, false
		}
		p.blanks(true)
		if open == '{' && p.i < len(p.s) && p.s[p.i] == ':' {
			p.i++
			p.blanks(true)
			inner, ok := p.value(depth + 1)
			if !ok {
				return nil, false
			}
			table[scalarText(v)] = inner
			p.blanks(true)
		} else {
			list = append(list, v)
		}
		if p.i < len(p.s) && p.s[p.i] == ',' {
			p.i++
			comma = true
		} else if p.i >= len(p.s) || p.s[p.i] != end {
			return nil, false
		}
	}
	switch {
	case open == '{':
		return table, true
	case open == '(' && len(list) == 1 && !comma:
		return list[0], true
	}
	return list, true
}
