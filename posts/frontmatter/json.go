package frontmatter

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
)

// looksLikeJSON tells a JSON header (Hugo) from a text that begins with a brace.
func looksLikeJSON(text []byte) bool {
	if text[0] != '{' {
		return false
	}
	rest := bytes.TrimLeft(text[1:min(len(text), 256)], " \t\n")
	return len(rest) > 0 && (rest[0] == '"' || rest[0] == '}')
}

// splitJSON ends the header behind the brace that closes the object.
func splitJSON(text []byte, start, line int) header {
	h := header{format: JSON, line: line, whole: text, body: text, bodyLine: 1}
	head := text[start:min(len(text), start+MaxHeader)]
	depth, quoted := 0, false
	for i := 0; i < len(head); i++ {
		switch c := head[i]; {
		case quoted && c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '{':
			depth++
		case c == '}':
			if depth--; depth > 0 {
				continue
			}
			h.raw = head[:i+1]
			rest, next := cutLine(text, start+i+1)
			h.bodyLine = line + bytes.Count(h.raw, []byte("\n")) + 1
			h.body = text[next:]
			if len(bytes.TrimSpace(rest)) > 0 {
				h.bodyLine--
				h.body = text[start+i+1:]
			}
			return h
		}
	}
	h.broken = &Problem{Line: line, Message: "the JSON header is not closed: add a } after its last member", Fatal: true}
	return h
}

// decodeJSON decodes a JSON header; with braces set its outer ones are left out,
// as Hexo has it.
func decodeJSON(raw []byte, line int, braces bool) (Node, *Problem) {
	if braces {
		// The closing brace stands on a line of its own: errors keep their lines.
		joined := make([]byte, 0, len(raw)+2)
		joined = append(joined, '{')
		joined = append(joined, raw...)
		raw = append(joined, '}')
	}
	if problem := checkLimits(raw, line); problem != nil {
		return Node{}, problem
	}
	r := jsonReader{raw: raw, line: line, decoder: json.NewDecoder(bytes.NewReader(raw))}
	r.decoder.UseNumber()
	root, err := r.value(0)
	if err == nil {
		if _, more := r.decoder.Token(); !errors.Is(more, io.EOF) {
			err = errors.New("something follows the object")
		}
	}
	if err != nil {
		return Node{}, r.explain(err)
	}
	return root, nil
}

type jsonReader struct {
	raw     []byte
	line    int // of the byte at seen
	seen    int
	decoder *json.Decoder
}

// here returns the line of the token that was read last.
func (r *jsonReader) here() int {
	at := int(r.decoder.InputOffset())
	r.line += bytes.Count(r.raw[r.seen:at], []byte("\n"))
	r.seen = at
	return r.line
}

func (r *jsonReader) explain(err error) *Problem {
	line := r.here()
	var syntax *json.SyntaxError
	if errors.As(err, &syntax) {
		at := max(r.seen, min(int(syntax.Offset), len(r.raw)))
		line += bytes.Count(r.raw[r.seen:at], []byte("\n"))
	}
	message := strings.TrimPrefix(err.Error(), "json: ")
	if errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) {
		message = "it ends too early: close every brace, bracket and quotation mark"
	}
	return &Problem{Line: line, Message: "the JSON header cannot be read: " + message}
}

func (r *jsonReader) value(depth int) (Node, error) {
	t, err := r.decoder.Token()
	if err != nil {
		return Node{}, err
	}
	if depth > MaxDepth {
		return Node{}, errors.New(tooDeep)
	}
	n := Node{Line: r.here()}
	switch v := t.(type) {
	case json.Delim:
		return r.group(v, n, depth)
	case json.Number:
		n.Text = v.String()
		n.Value = number(n.Text)
	case string:
		n.Text, n.Value = v, v
	case bool:
		n.Text, n.Value = fmt.Sprint(v), v
	}
	return n, nil
}

// group reads the members of an object or the items of a list.
func (r *jsonReader) group(open json.Delim, n Node, depth int) (Node, error) {
	n.Kind = List
	if open == '{' {
		n.Kind = Map
	}
	for r.decoder.More() {
		line := 0
		if n.Kind == Map {
			key, err := r.decoder.Token()
			if err != nil {
				return n, err
			}
			line = r.here()
			n.Keys = append(n.Keys, fmt.Sprint(key))
		}
		item, err := r.value(depth + 1)
		if err != nil {
			return n, err
		}
		if line > 0 {
			item.Line = line
		}
		n.Items = append(n.Items, item)
	}
	_, err := r.decoder.Token()
	return n, err
}
