package formula

import (
	"bytes"
	"errors"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// Append appends a <math> element of somebody's page to dst as what MathML Core
// has for a formula, and nothing else: no scripts, links, styles or HTML inside,
// and no second copy in other words. It returns dst as it was where no formula
// is left.
func Append(dst []byte, math *html.Node) []byte {
	display := strings.EqualFold(attribute(math, "display"), "block") || strings.EqualFold(attribute(math, "mode"), "display")
	t := tidier{}
	t.math(math, written(math), display)
	if t.err == nil && written(math) == "" {
		// Its structure tells the TeX: that of what was kept.
		if kept, err := parse(string(t.buf)); err == nil {
			t.buf = t.buf[:0]
			t.math(kept, TeX(kept), display)
		}
	}
	if t.err != nil {
		return dst
	}
	return append(dst, t.buf...)
}

// parse reads what Temml wrote.
func parse(markup string) (*html.Node, error) {
	body := &html.Node{Type: html.ElementNode, DataAtom: atom.Body, Data: "body"}
	nodes, err := html.ParseFragment(strings.NewReader(markup), body)
	if err != nil || len(nodes) != 1 || nodes[0].Data != "math" {
		return nil, errors.New("is no formula in the end")
	}
	return nodes[0], nil
}

var (
	errDeep    = errors.New("is nested too deeply")
	errEmpty   = errors.New("shows nothing")
	errForeign = errors.New("holds what MathML Core cannot show")
)

// tidier writes MathML.
type tidier struct {
	buf   []byte
	depth int
	own   bool // Temml made it: what Core lacks is refused, not flattened
	err   error
}

func (t *tidier) str(s string) { t.buf = append(t.buf, s...) }

// math writes the root.
func (t *tidier) math(n *html.Node, tex string, display bool) {
	t.str(`<math xmlns="http://www.w3.org/1998/Math/MathML"`)
	if display {
		t.str(` display="block"`)
	}
	for _, a := range n.Attr {
		if a.Key == "dir" || a.Key == "displaystyle" {
			t.attribute("math", a.Key, a.Val)
		}
	}
	if !strings.Contains(tex, "%") { // else the end of a line is the end of a comment
		tex = strings.Join(strings.Fields(tex), " ")
	}
	if tex != "" {
		t.str(` alttext="`)
		t.text(tex)
		t.str(`"`)
	}
	t.str(">")
	inside := len(t.buf)
	t.children(n)
	for bytes.HasPrefix(t.buf[inside:], []byte("<mrow>")) && whole(t.buf[inside:]) { // a group of everything is no group
		t.buf = append(t.buf[:inside], t.buf[inside+len("<mrow>"):len(t.buf)-len("</mrow>")]...)
	}
	if len(t.buf) == inside && t.err == nil {
		t.err = errEmpty
	}
	t.str("</math>")
}

// children writes what stands in a row.
func (t *tidier) children(n *html.Node) {
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		t.node(c)
	}
}

// node writes one node where any number of them may stand.
func (t *tidier) node(n *html.Node) {
	if n.Type == html.TextNode && strings.TrimSpace(n.Data) != "" {
		t.str("<mtext>")
		t.text(strings.TrimSpace(n.Data))
		t.str("</mtext>")
	}
	if n.Type != html.ElementNode || t.err != nil {
		return
	}
	if t.depth++; t.depth > maxDepth {
		t.err = errDeep
		return
	}
	defer func() { t.depth-- }()
	switch {
	case n.Data == "annotation" || n.Data == "annotation-xml" || hidden[n.Data]:
	case tokens[n.Data]:
		t.token(n)
	case t.own && drawn(n):
		t.err = errForeign
	case n.Data == "mspace":
		t.space(n)
	case n.Data == "menclose" && lines[attribute(n, "notation")] != "":
		t.enclosed(n)
	case n.Data == "mtable":
		t.table(n)
	case scripts[n.Data] > 0:
		t.fixed(n)
	case n.Data == "mmultiscripts":
		t.multiscripts(n)
	case n.Data == "semantics" || n.Data == "maction":
		t.first(n)
	case n.Data == "mfenced":
		t.fenced(n)
	case rows[n.Data]:
		t.row(n)
	case t.own:
		t.err = errForeign
	default: // menclose and what is no MathML at all: its content stays
		t.children(n)
	}
}

// first writes the first child only: the others say the same in other words.
func (t *tidier) first(n *html.Node) {
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		if c.Type == html.ElementNode {
			t.node(c)
			return
		}
	}
}

// token writes an element that holds text.
func (t *tidier) token(n *html.Node) {
	text := textOf(n)
	if n.Data != "mtext" && n.Data != "ms" {
		text = strings.Trim(text, " \t\n\r\f")
	}
	if text == "" {
		return
	}
	t.open(n)
	t.text(text)
	t.str("</" + n.Data + ">")
}

// row writes a group; one that changes nothing is left out.
func (t *tidier) row(n *html.Node) {
	at := len(t.buf)
	t.styled(n, "")
	inside := len(t.buf)
	t.children(n)
	switch {
	case len(t.buf) == inside && n.Data != "mpadded":
		t.buf = t.buf[:at]
	case inside-at == len("<mrow>") && whole(t.buf[inside:]):
		t.buf = append(t.buf[:at], t.buf[inside:]...)
	default:
		t.str("</" + coreName(n) + ">")
	}
}

// fixed writes an element with a fixed number of children; one with another
// number is a mistake, and becomes a row.
func (t *tidier) fixed(n *html.Node) {
	parts := elements(n)
	if len(parts) != scripts[n.Data] {
		t.children(n)
		return
	}
	t.open(n)
	for _, part := range parts {
		t.part(part)
	}
	t.str("</" + n.Data + ">")
}

// part writes exactly one element.
func (t *tidier) part(n *html.Node) {
	at := len(t.buf)
	t.node(n)
	t.one(at)
}

// one makes one element of what was written since at.
func (t *tidier) one(at int) {
	if !whole(t.buf[at:]) {
		inner := string(t.buf[at:])
		t.buf = append(t.buf[:at], "<mrow>"+inner+"</mrow>"...)
	}
}

// whole says whether well-formed markup is one element.
func whole(markup []byte) bool {
	depth := 0
	for i, c := range markup {
		if c != '<' {
			continue
		}
		if markup[i+1] != '/' {
			depth++
		} else if depth--; depth == 0 {
			return bytes.IndexByte(markup[i:], '>') == len(markup)-i-1
		}
	}
	return false
}

// space writes a space that has a size.
func (t *tidier) space(n *html.Node) {
	at := len(t.buf)
	if t.open(n); len(t.buf)-at == len("<mspace>") {
		t.buf = t.buf[:at]
		return
	}
	t.str("</mspace>")
}

// lines are what Core has for a line above or below.
var lines = map[string]string{
	"top": `mover><mo stretchy="true">‾</mo>`, "bottom": `munder><mo stretchy="true">_</mo>`,
}

// enclosed writes a line above or below as a script.
func (t *tidier) enclosed(n *html.Node) {
	name, line, _ := strings.Cut(lines[attribute(n, "notation")], ">")
	t.str("<" + name + ">")
	at := len(t.buf)
	t.children(n)
	t.one(at)
	t.str(line + "</" + name + ">")
}

// drawn tells what Temml draws with styles of its own, as lines through a term.
func drawn(n *html.Node) bool {
	for _, class := range strings.Fields(attribute(n, "class")) {
		if class == "menclose" || class == "tml-cancelto" || class == "tml-cancel" {
			return true
		}
	}
	return false
}

func (t *tidier) multiscripts(n *html.Node) {
	t.open(n)
	for _, part := range elements(n) {
		if part.Data == "mprescripts" {
			t.str("<mprescripts></mprescripts>")
			continue
		}
		t.part(part)
	}
	t.str("</mmultiscripts>")
}

// fenced writes the brackets that MathML 3 had an element for.
func (t *tidier) fenced(n *html.Node) {
	mark := func(key, otherwise string) {
		for _, a := range n.Attr {
			if a.Key == key {
				otherwise = a.Val
			}
		}
		if otherwise = strings.TrimSpace(otherwise); otherwise != "" {
			t.str("<mo>")
			t.text(otherwise)
			t.str("</mo>")
		}
	}
	t.str("<mrow>")
	mark("open", "(")
	for i, part := range elements(n) {
		if i > 0 {
			mark("separators", ",")
		}
		t.part(part)
	}
	mark("close", ")")
	t.str("</mrow>")
}

// text escapes text for an element or an attribute, without what XML forbids.
func (t *tidier) text(s string) {
	for _, r := range s {
		switch {
		case r == '&':
			t.str("&amp;")
		case r == '<':
			t.str("&lt;")
		case r == '>':
			t.str("&gt;")
		case r == '"':
			t.str("&quot;")
		case r < ' ' && r != '\t' && r != '\n' || r >= 0x7f && r <= 0x9f:
		case r == utf8.RuneError, r >= 0xfdd0 && r <= 0xfdef, r&0xfffe == 0xfffe:
			t.str("\ufffd")
		default:
			t.buf = utf8.AppendRune(t.buf, r)
		}
	}
}

func elements(n *html.Node) (out []*html.Node) {
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		if c.Type == html.ElementNode && c.Data != "annotation" && c.Data != "annotation-xml" && !hidden[c.Data] {
			out = append(out, c)
		}
	}
	return out
}
