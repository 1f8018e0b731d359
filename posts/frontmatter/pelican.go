package frontmatter

import (
	"bytes"
	"fmt"
	"strings"
)

// splitPelican finds the header as Python-Markdown's Meta extension does: lines
// "key: value" and indented continuations up to a blank line, a --- or ... line,
// or the first line that is neither. An opening --- line is optional.
func splitPelican(text []byte, start, line int) (header, bool) {
	at := start
	first, next := cutLine(text, at)
	fenced := run(first, '-') == 3 && (len(first) == 3 || first[3] == ' ')
	if fenced {
		at, line = next, line+1
	}
	h := header{format: Pelican, line: line, whole: text}
	begin, keys := at, 0
	for at < len(text) && at-begin < MaxHeader {
		current, next := cutLine(text, at)
		blank := len(bytes.TrimSpace(current)) == 0
		if blank || isMetaEnd(current) {
			h.raw, h.body, h.bodyLine = text[begin:at], text[next:], line+1
			return h, keys > 0 || fenced && !blank
		}
		if key, _ := metaLine(current); key != "" {
			keys++
		} else if keys == 0 || !strings.HasPrefix(string(current), "    ") {
			break
		}
		at, line = next, line+1
	}
	h.raw, h.body, h.bodyLine = text[begin:at], text[at:], line
	return h, keys > 0
}

func isMetaEnd(line []byte) bool {
	return (run(line, '-') == 3 || run(line, '.') == 3) && (len(line) == 3 || line[3] == ' ')
}

// metaLine splits "key: value"; key is "" where the line is none.
func metaLine(line []byte) (key, value string) {
	indent := run(line, ' ')
	colon := bytes.IndexByte(line, ':')
	if indent > 3 || colon <= indent {
		return "", ""
	}
	for _, c := range line[indent:colon] {
		word := c == '_' || c == '-' || c >= '0' && c <= '9' || c|0x20 >= 'a' && c|0x20 <= 'z'
		if !word {
			return "", ""
		}
	}
	return strings.ToLower(string(line[indent:colon])), strings.TrimSpace(string(line[colon+1:]))
}

// firstCounts are the keys of which Pelican takes the first line only
// (DUPLICATES_DEFINITIONS_ALLOWED in pelican/readers.py).
const firstCounts = " tags date modified status category author save_as url authors slug "

// decodePelican reads meta lines. All values are strings; several lines of one
// key are joined by line ends, except where Pelican takes the first.
func decodePelican(raw []byte, line int) (Node, []Problem) {
	root := Node{Kind: Map, Line: line}
	var problems []Problem
	place := map[string]int{}
	current := ""
	for row := range bytes.Lines(raw) {
		key, value := metaLine(bytes.TrimRight(row, "\n"))
		if key == "" {
			key, value = current, strings.TrimSpace(string(row))
		}
		at, seen := place[key]
		switch {
		case !seen:
			place[key] = len(root.Keys)
			root.Keys = append(root.Keys, key)
			root.Items = append(root.Items, Node{Line: line, Text: value})
		case strings.Contains(firstCounts, " "+key+" "):
			problems = append(problems, Problem{Line: line, Message: fmt.Sprintf(
				"the key %q has more than one line: the first one, in line %d, counts; remove the other", key, root.Items[at].Line)})
		default:
			root.Items[at].Text += "\n" + value
		}
		current = key
		line++
	}
	for i := range root.Items {
		root.Items[i].Value = root.Items[i].Text
	}
	return root, problems
}
