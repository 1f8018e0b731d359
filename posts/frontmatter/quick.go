package frontmatter

import "strings"

// quickYAML reads the YAML of nearly all headers at a twentieth of the full
// parser's cost: comments, and unindented keys with a scalar on the same line, a
// flow list of scalars, or a block list of either. It gives up (done is false) at
// the first line that could mean anything else, so that what it reads is exactly
// what the full parser would.
func quickYAML(raw []byte, line int) (root Node, done bool) {
	root = Node{Kind: Map, Line: line, Keys: make([]string, 0, 8), Items: make([]Node, 0, 8)}
	q := quick{text: string(raw), line: line}
	list := -1 // indentation of the open list: -1 none, -2 possible
	for {
		row, more := q.next()
		if !more {
			return root, true
		}
		indent := leading(row, ' ')
		switch {
		case indent == len(row) || row[0] == '#':
			continue
		case isEntry(row[indent:]):
			if list == -1 || list >= 0 && list != indent {
				return Node{}, false
			}
			list = indent
			item, ok := q.value(row[indent+1:])
			if !ok {
				return Node{}, false
			}
			open := &root.Items[len(root.Items)-1]
			open.Kind = List
			open.Items = append(open.Items, item)
			continue
		case indent > 0:
			return Node{}, false
		}
		key, rest, ok := cutKey(row)
		if !ok {
			return Node{}, false
		}
		item, ok := q.value(rest)
		if !ok {
			return Node{}, false
		}
		if list = -1; item.Null() && item.Text == "" {
			list = -2
		}
		root.Keys = append(root.Keys, key)
		root.Items = append(root.Items, item)
	}
}

// quick walks over the lines of a header.
type quick struct {
	text string
	line int // of the row that next returned last, plus one
	at   int
}

func (q *quick) next() (row string, more bool) {
	if q.at >= len(q.text) {
		return "", false
	}
	end := strings.IndexByte(q.text[q.at:], '\n')
	if end < 0 {
		row, q.at = q.text[q.at:], len(q.text)
	} else {
		row, q.at = q.text[q.at:q.at+end], q.at+end+1
	}
	q.line++
	return row, true
}

func leading(s string, c byte) int {
	n := 0
	for n < len(s) && s[n] == c {
		n++
	}
	return n
}

func isEntry(row string) bool { return row[0] == '-' && (len(row) == 1 || row[1] == ' ') }

// cutKey splits "key: value" for keys of ASCII letters, digits, - and _.
func cutKey(row string) (key, rest string, ok bool) {
	if !isLetter(row[0]) {
		return "", "", false
	}
	i := 1
	for i < len(row) && (isLetter(row[i]) || isDigit(row[i]) || row[i] == '_' || row[i] == '-') {
		i++
	}
	if i == len(row) || row[i] != ':' || i+1 < len(row) && row[i+1] != ' ' {
		return "", "", false
	}
	return row[:i], row[i+1:], true
}

// value reads what follows a key's colon or an entry's dash.
func (q *quick) value(s string) (Node, bool) {
	s = strings.Trim(s, " ")
	n := Node{Line: q.line - 1}
	if s == "" || s[0] == '#' {
		return n, true
	}
	if !printable(s) {
		return n, false
	}
	switch s[0] {
	case '"', '\'':
		text, rest, ok := cutQuoted(s)
		n.Text, n.Value = text, text
		return n, ok && onlyComment(rest)
	case '[':
		return q.flowList(s, n)
	}
	if !plainStart(s) {
		return n, false
	}
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == ':' && (i+1 == len(s) || s[i+1] == ' '):
			return n, false
		case s[i] == '#' && s[i-1] == ' ':
			s = strings.TrimRight(s[:i], " ")
		}
	}
	n.Text = s
	n.Value = resolve(s)
	return n, true
}

// printable refuses tabs and other control characters.
func printable(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] < ' ' || s[i] == 0x7f {
			return false
		}
	}
	return true
}

// plainStart tells whether a scalar without quotes can begin so: with a letter,
// a digit, anything beyond ASCII, and a few signs.
func plainStart(s string) bool {
	c := s[0]
	if isLetter(c) || isDigit(c) || c >= 0x80 || c == '/' || c == '(' || c == '_' || c == '$' {
		return true
	}
	return s == "~" || (c == '-' || c == '+' || c == '.') && len(s) > 1 && (isLetter(s[1]) || isDigit(s[1]))
}

// cutQuoted reads a quoted scalar that ends on its line and, in double quotes,
// has no escapes.
func cutQuoted(s string) (text, rest string, ok bool) {
	mark := s[0]
	end := 1
	for ; end < len(s); end++ {
		switch {
		case s[end] == '\\' && mark == '"':
			return "", "", false
		case s[end] != mark:
		case mark == '\'' && end+1 < len(s) && s[end+1] == mark:
			end++
		default:
			text = s[1:end]
			if mark == '\'' && strings.Contains(text, "''") {
				text = strings.ReplaceAll(text, "''", "'")
			}
			return text, s[end+1:], true
		}
	}
	return "", "", false
}

func onlyComment(rest string) bool {
	trimmed := strings.TrimLeft(rest, " ")
	return trimmed == "" || trimmed[0] == '#' && len(trimmed) < len(rest)
}

// flowList reads [a, 'b', "c"] on one line.
func (q *quick) flowList(s string, n Node) (Node, bool) {
	n.Kind = List
	s = strings.TrimLeft(s[1:], " ")
	if s != "" && s[0] == ']' {
		return n, onlyComment(s[1:])
	}
	n.Items = make([]Node, 0, 4)
	for s != "" {
		item := Node{Line: n.Line}
		if s[0] == '"' || s[0] == '\'' {
			var ok bool
			if item.Text, s, ok = cutQuoted(s); !ok {
				return n, false
			}
			item.Value = item.Text
		} else {
			end := strings.IndexAny(s, ",]:#[{}\"'")
			if end <= 0 || s[end] != ',' && s[end] != ']' || !plainStart(s) {
				return n, false
			}
			item.Text = strings.TrimRight(s[:end], " ")
			item.Value = resolve(item.Text)
			s = s[end:]
		}
		n.Items = append(n.Items, item)
		s = strings.TrimLeft(s, " ")
		if s == "" || s[0] != ',' && s[0] != ']' {
			return n, false
		}
		if s[0] == ']' {
			return n, onlyComment(s[1:])
		}
		s = strings.TrimLeft(s[1:], " ")
	}
	return n, false
}
