package markdown

import (
	"bytes"
	"slices"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// Formulas stand in these elements between the writer and the reading back.
const (
	mathElement        = "tidings-math"
	mathDisplayElement = "tidings-math-display"
)

// captionClass marks the caption of a code for the summary.
const captionClass = "tidings-caption"

// maxRounds bounds how often a body is read back until it stays as it is.
const maxRounds = 4

// renderHTML renders a body that is HTML already.
func renderHTML(source []byte, o *Options, result *Result, math *formulas) error {
	return sanitise(expandHTMLTags(source, o, result), o, newResolver(o), result, math, false)
}

// sanitise fills result from HTML. Taking away an element can put another where
// HTML does not allow it, so that a reader would see another tree than was
// judged: the body is read back until it no longer changes.
func sanitise(source []byte, o *Options, urls *resolver, result *Result, math *formulas, marked bool) error {
	nodes := parseHTML(source)
	result.Summary = summary(o, func(g *gatherer) { g.tree(nodes, marked) })
	t := &treeWriter{urls: urls, result: result, math: math, policy: newJudge(), buf: make([]byte, 0, len(source)+512), count: true}
	t.nodes(nodes)
	t.count = false
	for round := 0; t.changed; round++ {
		before := t.buf
		if round == maxRounds {
			result.HTML = string(textOnly(before))
			return nil
		}
		t.buf, t.changed = make([]byte, 0, len(before)), false
		t.nodes(parseHTML(before))
		t.changed = !bytes.Equal(before, t.buf)
	}
	result.HTML = string(t.buf)
	return nil
}

// parseHTML reads the inside of a body. What is nested too deeply to be read
// becomes its text.
func parseHTML(source []byte) []*html.Node {
	body := &html.Node{Type: html.ElementNode, DataAtom: atom.Body, Data: "body"}
	nodes, err := html.ParseFragment(bytes.NewReader(source), body)
	if err != nil {
		return []*html.Node{{Type: html.TextNode, Data: string(rawText(source))}}
	}
	for i := range nodes[min(1, len(nodes)):] { // the parser cuts them apart
		nodes[i].NextSibling, nodes[i+1].PrevSibling = nodes[i+1], nodes[i]
	}
	return nodes
}

// rawText takes all tags away.
func rawText(source []byte) []byte {
	z := html.NewTokenizer(bytes.NewReader(source))
	var out []byte
	skip := ""
	for {
		switch z.Next() {
		case html.ErrorToken:
			return out
		case html.TextToken:
			if skip == "" {
				out = append(out, z.Text()...)
			}
		case html.StartTagToken:
			if name, _ := z.TagName(); skip == "" && (string(name) == "script" || string(name) == "style") {
				skip = string(name)
			}
		case html.EndTagToken:
			if name, _ := z.TagName(); string(name) == skip {
				skip = ""
			}
		}
	}
}

func textOnly(source []byte) []byte { return appendText(nil, rawText(source)) }

// treeWriter writes a parsed tree as the policy allows it.
type treeWriter struct {
	buf     []byte
	urls    *resolver
	result  *Result
	math    *formulas
	policy  *judge
	count   bool // the first round fills result
	changed bool // an element went or became another one
	links   int
	literal int // open elements of code, where a formula is only spoken of
}

func (t *treeWriter) str(s string) { t.buf = append(t.buf, s...) }

func (t *treeWriter) nodes(nodes []*html.Node) {
	for _, n := range nodes {
		t.node(n)
	}
}

func (t *treeWriter) children(n *html.Node) {
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		t.node(c)
	}
}

func (t *treeWriter) node(n *html.Node) {
	switch n.Type {
	case html.TextNode:
		text := clean([]byte(n.Data))
		t.text(string(text))
		if t.count {
			t.result.Columns += textWidth(bytes.TrimSpace(text))
		}
	case html.ElementNode:
		switch {
		case n.Namespace == "svg" || dropped[n.Data] || isTool(n) || t.literal > 0 && isGutter(n):
			t.changed = true
		case t.replaced(n):
			t.changed = t.changed || n.Data != "pre" && n.Data != mathElement && n.Data != mathDisplayElement
		default:
			t.element(n)
		}
	}
}

// dropped elements go with all that is in them.
var dropped = map[string]bool{
	"style": true, "template": true, "form": true, "button": true, "select": true, "textarea": true,
	"option": true, "datalist": true, "svg": true, "canvas": true, "applet": true, "object": true, "embed": true, "title": true, "head": true, "meta": true,
	"link": true, "base": true, "frame": true, "frameset": true, "noframes": true, "noembed": true, "xmp": true,
	"plaintext": true, "listing": true, "dialog": true, "map": true, "param": true, "marquee": true, "annotation": true,
	"annotation-xml": true, "clipboard-copy": true, "mglyph": true, "malignmark": true, "maction": true,
}

// replaced writes what stands for an element that a feed cannot hold.
func (t *treeWriter) replaced(n *html.Node) bool {
	switch n.Data {
	case "script":
		t.texScript(n)
	case "iframe":
		t.embed(n)
	case "noscript":
		t.noscript(n)
	case "input":
		t.checkbox(n)
	case "pre":
		return t.pre(n)
	case "figure", "div", "table":
		return t.highlighted(n)
	case "span", "mjx-container":
		return t.drawnFormula(n)
	case mathElement, mathDisplayElement:
		t.markedFormula(n)
		return true
	case "a":
		return isPermalink(n)
	case "math":
		t.mathML(n)
	}
	return n.Data == "script" || n.Data == "iframe" || n.Data == "noscript" || n.Data == "input" || n.Data == "math"
}

func (t *treeWriter) element(n *html.Node) {
	attrs, ok := t.policy.start(n.Data, t.attributes(n))
	switch {
	case n.Data == "a" && (t.links > 0 || !has(attrs, "href")):
		ok = false
	case n.Data == "img" && t.placeholder(n), n.Data == "source" && !has(attrs, "src") && !has(attrs, "srcset"):
		t.changed = true
		return
	case n.Data == "img" && !has(attrs, "src"):
		t.buf = appendText(t.buf, clean([]byte(attribute(n, "alt"))))
		return
	}
	if !ok {
		t.changed = true
		t.children(n)
		return
	}
	if n.Data == "table" && t.count {
		t.changed = true // what the parser moved out of it may stand where it cannot
	}
	t.start(n.Data, attrs)
	if void(n.Data) {
		return
	}
	if n.Data == "a" {
		t.links++
		defer func() { t.links-- }()
	}
	if literal[n.Data] {
		t.literal++
		defer func() { t.literal-- }()
	}
	inside := len(t.buf)
	t.children(n)
	if n.Data == "pre" && inside < len(t.buf) && t.buf[inside] == '\n' {
		t.buf = slices.Insert(t.buf, inside, '\n') // a browser drops the first line end
	}
	t.str("</" + n.Data + ">")
}

func (t *treeWriter) start(name string, attrs []html.Attribute) {
	if name == "img" && t.count && t.result.Image == "" {
		t.result.Image = valueOf(attrs, "src")
	}
	t.str("<" + name)
	for _, a := range attrs {
		t.str(" " + a.Key + `="`)
		t.buf = appendAttr(t.buf, string(clean([]byte(a.Val))))
		t.str(`"`)
	}
	t.str(">")
}

func void(name string) bool {
	switch name {
	case "br", "hr", "img", "wbr", "source", "track", "col":
		return true
	}
	return false
}

func has(attrs []html.Attribute, key string) bool {
	for _, a := range attrs {
		if a.Key == key {
			return true
		}
	}
	return false
}

func valueOf(attrs []html.Attribute, key string) string {
	for _, a := range attrs {
		if a.Key == key {
			return a.Val
		}
	}
	return ""
}

func attribute(n *html.Node, key string) string { return valueOf(n.Attr, key) }

// hasClass says whether n has one of the classes.
func hasClass(n *html.Node, names ...string) bool {
	for _, have := range strings.Fields(attribute(n, "class")) {
		for _, name := range names {
			if have == name {
				return true
			}
		}
	}
	return false
}
