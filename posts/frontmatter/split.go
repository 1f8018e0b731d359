package frontmatter

import (
	"bytes"
	"fmt"
	"strings"
)

// header is what split found at the head of a file.
type header struct {
	format   Format
	raw      []byte // the lines between the fences
	line     int    // of the first line of raw
	body     []byte
	bodyLine int
	whole    []byte // the file: the body, should raw turn out to be no header
	braces   bool   // JSON members whose braces are left out (Hexo)
	doubtful bool   // no opening fence: may be text that happens to have a rule
	broken   *Problem
}

// split finds the header of a text with LF line ends.
func split(text []byte, o Options) header {
	none := header{format: None, body: text, bodyLine: 1, whole: text}
	start, line := skipBlankLines(text)
	if start == len(text) {
		return none
	}
	first, next := cutLine(text, start)
	if o.Pelican {
		if h, found := splitPelican(text, start, line); found {
			return h
		}
	}
	if format, braces, fenced := openingFence(first); fenced {
		return splitFenced(text, next, line+1, header{format: format, braces: braces, whole: text})
	}
	if name, code := codeFence(first); code {
		none.broken = &Problem{Line: line, Message: fmt.Sprintf("the header is a program (%s), which is not run: write it as YAML between --- lines", name), Fatal: true}
		return none
	}
	if looksLikeJSON(text[start:]) {
		return splitJSON(text, start, line)
	}
	if o.OpenFence && keyLine(first) {
		h := splitFenced(text, start, line, header{format: YAML, whole: text, doubtful: true})
		if h.broken == nil && h.format != None {
			return h
		}
	}
	if message := misfenced(text, first, next); message != "" {
		none.broken = &Problem{Line: line, Message: message, Fatal: true}
	}
	return none
}

// splitFenced looks for the closing fence from the offset on, which is the start
// of the given line.
func splitFenced(text []byte, start, line int, h header) header {
	h.line = line
	limit := min(len(text), start+MaxHeader)
	for at := start; at < limit; line++ {
		current, next := cutLine(text, at)
		if closed, json := closingFence(current, h); closed {
			if json {
				h.format, h.braces = JSON, true
			}
			h.raw, h.body, h.bodyLine = text[start:at], text[next:], line+1
			return h
		}
		at = next
	}
	return unclosed(text, start, limit, h)
}

// unclosed judges a file whose fence has no partner: a mistake if a header seems
// to follow, otherwise a text that begins with a rule.
func unclosed(text []byte, start, limit int, h header) header {
	first, _ := cutLine(text, start)
	h.body, h.bodyLine = text, 1
	if h.doubtful || !h.braces && h.format == YAML && !keyLine(first) {
		h.format = None
		return h
	}
	fence := map[Format]string{YAML: "---", TOML: "+++", JSON: "---"}[h.format]
	if h.braces {
		fence = ";;;"
	}
	message := fmt.Sprintf("the header is not closed: add a line %s after its last key", fence)
	if limit < len(text) {
		message = fmt.Sprintf("the header is not closed within %d KB: add a line %s after its last key, or shorten it", MaxHeader>>10, fence)
	}
	h.broken = &Problem{Line: h.line - 1, Message: message, Fatal: true}
	return h
}

// openingFence recognises ---, +++ and ;;; lines, and a format named behind the
// dashes (---json, as Eleventy reads it).
func openingFence(line []byte) (f Format, braces, fenced bool) {
	line = bytes.TrimRight(line, " \t")
	switch {
	case string(line) == "+++":
		return TOML, false, true
	case run(line, ';') >= 3 && run(line, ';') == len(line):
		return JSON, true, true
	}
	n := run(line, '-')
	if n < 3 {
		return None, false, false
	}
	switch string(bytes.ToLower(bytes.TrimSpace(line[n:]))) {
	case "", "yaml", "yml":
		return YAML, false, true
	case "json":
		return JSON, false, true
	case "toml":
		return TOML, false, true
	}
	return None, false, false
}

// codeFence recognises the headers in JavaScript and CoffeeScript that Eleventy
// would run.
func codeFence(line []byte) (name string, code bool) {
	name = strings.TrimSpace(strings.TrimLeft(string(line), "-"))
	if run(line, '-') != 3 {
		return "", false
	}
	switch name {
	case "js", "javascript", "coffee", "coffeescript", "cson":
		return name, true
	}
	return "", false
}

// closingFence tells whether the line closes the header, and whether it says
// that a header without an opening fence is JSON.
func closingFence(line []byte, h header) (closed, json bool) {
	if len(line) < 3 {
		return false, false
	}
	line = bytes.TrimRight(line, " \t")
	dashes := len(line) >= 3 && run(line, '-') == len(line)
	semicolons := len(line) >= 3 && run(line, ';') == len(line)
	switch {
	case h.doubtful:
		return dashes || semicolons, semicolons
	case h.braces:
		return semicolons, false
	case h.format == YAML:
		return dashes || string(line) == "...", false
	case h.format == TOML && string(line) == "+++":
		return true, false
	}
	// ---toml and ---json are closed by dashes; no line of theirs has only those.
	return dashes, false
}

// keyLine tells whether a line looks like "key: value" or `"key": value`.
func keyLine(line []byte) bool {
	if len(line) > 0 && (line[0] == '"' || line[0] == '\'') {
		if end := bytes.IndexByte(line[1:], line[0]); end > 0 {
			rest := bytes.TrimLeft(line[end+2:], " ")
			return len(rest) > 0 && rest[0] == ':'
		}
		return false
	}
	colon := bytes.IndexByte(line, ':')
	if colon <= 0 || colon > 80 {
		return false
	}
	if colon+1 < len(line) && line[colon+1] != ' ' && line[colon+1] != '\t' {
		return false
	}
	// Sentences hold colons too; keys are three words at most.
	return strings.IndexByte(" \t#-*>[`|!{&<", line[0]) < 0 && bytes.Count(line[:colon], []byte(" ")) < 3
}

func run(b []byte, c byte) int {
	n := 0
	for n < len(b) && b[n] == c {
		n++
	}
	return n
}

// cutLine returns the line at the offset without its end, and the offset of the
// next one.
func cutLine(text []byte, at int) (line []byte, next int) {
	if i := bytes.IndexByte(text[at:], '\n'); i >= 0 {
		return text[at : at+i], at + i + 1
	}
	return text[at:], len(text)
}

// skipBlankLines returns the offset and the number of the first line that has
// more than white space.
func skipBlankLines(text []byte) (at, line int) {
	line = 1
	for i, c := range text {
		switch c {
		case '\n':
			at, line = i+1, line+1
		case ' ', '\t':
		default:
			return at, line
		}
	}
	return len(text), line
}
