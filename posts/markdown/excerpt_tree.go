package markdown

import (
	"strings"

	"golang.org/x/net/html"

	"tidings.example/posts/formula"
)

// tree gathers from a parsed HTML body. marked says that formulas stand in
// elements of their own; else they are looked for in the text.
func (g *gatherer) tree(nodes []*html.Node, marked bool) {
	t := &treeGatherer{gatherer: g, marks: marked}
	for _, n := range nodes {
		g.wantMark = g.wantMark || hasMark(n)
	}
	g.begin()
	for _, n := range nodes {
		t.node(n)
	}
	g.end()
	g.wantMark = false
}

type treeGatherer struct {
	*gatherer
	marks   bool
	literal bool // inside code, where a dollar is a dollar
}

func (t *treeGatherer) stop() bool { return t.full() || t.marked != "" }

func hasMark(n *html.Node) bool {
	if n.Type == html.CommentNode {
		return isMark("<!--" + n.Data + "-->")
	}
	if n.Type == html.ElementNode && (n.Data == "a" || n.Data == "span") && attribute(n, "id") == "more" {
		return true
	}
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		if hasMark(c) {
			return true
		}
	}
	return false
}

func (t *treeGatherer) children(n *html.Node) {
	for c := n.FirstChild; c != nil && !t.stop(); c = c.NextSibling {
		t.node(c)
	}
}

func (t *treeGatherer) node(n *html.Node) {
	switch n.Type {
	case html.TextNode:
		t.textNode(n)
	case html.CommentNode:
		if isMark("<!--" + n.Data + "-->") {
			t.mark()
		}
	case html.ElementNode:
		t.element(n)
	}
}

// textNode adds text; formulas in it are told by their delimiters where a page
// leaves them to a script, and a line break between CJK characters is no space.
func (t *treeGatherer) textNode(n *html.Node) {
	text := string(clean([]byte(n.Data)))
	if t.literal {
		t.lines(text)
		return
	}
	text = withoutTemplates(text)
	if t.marks {
		t.lines(text)
		return
	}
	for text != "" {
		start, end, tex, display := nextTeX(text)
		if start < 0 {
			break
		}
		t.lines(text[:start])
		if display {
			t.omit()
		} else {
			t.formula(tex)
		}
		text = text[end:]
	}
	t.lines(text)
}

func (t *treeGatherer) lines(text string) {
	for i, line := range strings.Split(text, "\n") {
		line = strings.Trim(line, " \t")
		if i > 0 && !t.space {
			next := firstOf(line)
			t.space = next == 0 || breakIsSpace(t.last, next)
		}
		if i > 0 {
			t.text(line)
		} else {
			t.text(leadingLine(text, line))
		}
	}
	if strings.HasSuffix(text, " ") || strings.HasSuffix(text, "\t") {
		t.space = true
	}
}

// leadingLine keeps the space before the first line of text.
func leadingLine(text, line string) string {
	if text != "" && (text[0] == ' ' || text[0] == '\t') {
		return " " + line
	}
	return line
}

func firstOf(s string) rune {
	for _, r := range s {
		return r
	}
	return 0
}

// omitted elements never are part of a summary.
var omitted = map[string]bool{
	"script": true, "noscript": true, "pre": true, "table": true, "figcaption": true, "nav": true, "img": true, "picture": true, "video": true,
	"audio": true, "iframe": true, "object": true, "embed": true, "rp": true, "rt": true, "input": true,
	mathDisplayElement: true,
}

func (t *treeGatherer) element(n *html.Node) {
	switch {
	case (n.Data == "a" || n.Data == "span") && attribute(n, "id") == "more":
		t.mark()
	case n.Data == "br":
		t.space = true
	case n.Namespace == "svg" || dropped[n.Data] || omitted[n.Data] || t.isNoise(n):
		t.omit()
		if isBlock(n.Data) {
			t.space, t.hole = true, false
		}
	case n.Data == mathElement:
		tex := textContent(n)
		tex = strings.TrimPrefix(strings.TrimPrefix(tex, `\(`), "$")
		t.formula(strings.TrimSuffix(strings.TrimSuffix(tex, `\)`), "$"))
	case n.Data == "math":
		t.math(n)
	case n.Data == "code" || n.Data == "kbd" || n.Data == "samp":
		before := t.literal
		t.literal = true
		t.children(n)
		t.literal = before
	case isHeading(n.Data):
		t.end()
		t.begin()
		t.children(n)
		t.heading()
		t.begin()
	case isBlock(n.Data):
		t.end()
		t.begin()
		t.children(n)
		t.end()
		t.begin()
	default:
		t.children(n)
	}
}

// isNoise: tables of contents, heading anchors, highlighters, footnotes, and
// the second copy that KaTeX and MathJax make of a formula.
func (t *treeGatherer) isNoise(n *html.Node) bool {
	if n.Data == "a" && isPermalink(n) || n.Data == "sup" && isFootnoteRef(n) || n.Data == "p" && onlyAddressTree(n) || n.Data == "a" && labelledAddress(textContent(n)) {
		return true
	}
	if hasClass(n, "katex-html", "katex-display", "MathJax_Preview", "MathJax_Display", "mjx-chtml", "footnotes", "footnote-ref", "sr-only", "visually-hidden") ||
		hasClass(n, "toc", "table-of-contents", "markdown-toc", "TableOfContents") || attribute(n, "id") == "toc" || attribute(n, "id") == "markdown-toc" || attribute(n, "id") == "TableOfContents" {
		return true
	}
	if n.Data == "p" && hasClass(n, captionClass) {
		return true
	}
	if isTool(n) || hasClass(n, "gutter", "line-numbers", "highlight") && (n.Data != "div" || find(n, func(c *html.Node) bool { return c.Data == "pre" }) != nil) {
		return n.Data != "p"
	}
	if n.Data == "mjx-container" && (attribute(n, "display") == "true") {
		return true
	}
	return (n.Data == "ul" || n.Data == "ol") && isContentsTree(n)
}

// onlyAddressTree: see onlyAddress.
func onlyAddressTree(n *html.Node) bool {
	c := n.FirstChild
	return c != nil && c.NextSibling == nil && c.Data == "a" && addressText(textContent(c))
}

// labelledAddress says whether a link is what stands for a film or a frame.
func labelledAddress(text string) bool { return strings.Contains(text, ": http") && addressText(text) }

func isFootnoteRef(n *html.Node) bool {
	link := find(n, func(c *html.Node) bool { return c.Data == "a" })
	return link != nil && strings.Contains(attribute(link, "href"), "#fn")
}

// isContentsTree says whether every item is nothing but a link into the page.
func isContentsTree(list *html.Node) bool {
	items := 0
	for item := list.FirstChild; item != nil; item = item.NextSibling {
		if item.Type == html.TextNode && strings.TrimSpace(item.Data) == "" {
			continue
		}
		for c := item.FirstChild; c != nil; c = c.NextSibling {
			switch {
			case c.Type == html.TextNode && strings.TrimSpace(c.Data) == "":
			case c.Data == "a" && strings.HasPrefix(attribute(c, "href"), "#"):
				items++
			case (c.Data == "ul" || c.Data == "ol") && isContentsTree(c):
			default:
				return false
			}
		}
	}
	return items > 0
}

func (t *treeGatherer) math(n *html.Node) {
	if attribute(n, "display") == "block" {
		t.omit()
		return
	}
	t.formula(formula.TeX(n))
}

func isHeading(name string) bool {
	return len(name) == 2 && name[0] == 'h' && name[1] >= '1' && name[1] <= '6'
}

func isBlock(name string) bool {
	switch name {
	case "p", "div", "section", "article", "header", "footer", "main", "aside", "blockquote", "ul", "ol", "li", "dl", "dt", "dd",
		"figure", "figcaption", "pre", "table", "tr", "td", "th", "hr", "details", "summary", "form", "fieldset", "address", "center", "nav",
		mathDisplayElement:
		return true
	}
	return isHeading(name)
}
