package markdown

import (
	"strings"

	"golang.org/x/net/html"
)

// pre writes a code block. One that our own highlighter made, or that holds
// more than code, is written element by element (false).
func (t *treeWriter) pre(n *html.Node) bool {
	if table := find(n, func(c *html.Node) bool { return c.Data == "table" }); table != nil && isHighlight(table) {
		if cell := codeCell(table); cell != nil { // Rouge's stands inside of the code that it numbers
			t.code(codeText(cell), codeLanguage(cell))
			return true
		}
	}
	if ownStyle.MatchString(attribute(n, "style")) || !onlyCode(n) {
		return false
	}
	t.code(codeText(n), codeLanguage(n))
	return true
}

func (t *treeWriter) code(body, language string) {
	body = string(clean([]byte(body)))
	if t.count && t.result.Code == "" {
		t.result.Code, t.result.CodeLanguage = strings.TrimRight(body, "\n"), language
	}
	t.buf = appendCode(t.buf, body, language)
}

// highlighted flattens the tables that highlighters make for line numbers.
func (t *treeWriter) highlighted(n *html.Node) bool {
	if !isHighlight(n) {
		return false
	}
	cell := codeCell(n)
	if cell == nil {
		return false
	}
	if caption := find(n, func(c *html.Node) bool { return c.Data == "figcaption" }); caption != nil && n.Data == "figure" {
		t.str("<p>")
		t.children(caption)
		t.str("</p>\n")
	}
	t.code(codeText(cell), codeLanguage(cell))
	return true
}

// isHighlight knows Hexo, chroma, Rouge, Pygments and highlight.js.
func isHighlight(n *html.Node) bool {
	if n.Data == "table" {
		return hasClass(n, "lntable", "highlighttable", "rouge-table", "hljs-ln", "gutter") ||
			find(n, func(c *html.Node) bool { return c.Data == "td" && hasClass(c, "gutter", "linenos", "lineno") }) != nil
	}
	return n.Data == "figure" && hasClass(n, "highlight")
}

// codeCell returns the cell with the code, or the only <pre>.
func codeCell(n *html.Node) *html.Node {
	if cell := find(n, func(c *html.Node) bool { return c.Data == "td" && hasClass(c, "code", "hljs-ln-code") }); cell != nil {
		if hasClass(cell, "hljs-ln-code") {
			return n
		}
		return cell
	}
	var last *html.Node
	find(n, func(c *html.Node) bool {
		if c.Data == "pre" {
			last = c
		}
		return false
	})
	return last
}

// find returns the first element below n that is wanted.
func find(n *html.Node, wanted func(*html.Node) bool) *html.Node {
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		if c.Type != html.ElementNode {
			continue
		}
		if wanted(c) {
			return c
		}
		if found := find(c, wanted); found != nil {
			return found
		}
	}
	return nil
}

// onlyCode says whether a <pre> holds nothing but text, lines and the marks of a
// highlighter.
func onlyCode(n *html.Node) bool {
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		if c.Type != html.ElementNode || isGutter(c) || isTool(c) {
			continue
		}
		switch c.Data {
		case "code", "span", "br", "button", "i", "div", "ol", "li":
			if ownStyle.MatchString(attribute(c, "style")) || !onlyCode(c) {
				return false
			}
		default:
			return false
		}
	}
	return true
}

// codeText returns the code below n without line numbers.
func codeText(n *html.Node) string {
	var b codeBuilder
	b.children(n)
	return string(b.buf)
}

// codeBuilder collects code; elements that are lines end as lines do.
type codeBuilder struct{ buf []byte }

func (b *codeBuilder) children(n *html.Node) {
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		b.node(c)
	}
}

func (b *codeBuilder) node(n *html.Node) {
	switch {
	case n.Type == html.TextNode:
		b.buf = append(b.buf, n.Data...)
	case n.Type != html.ElementNode || n.Data == "button" || isGutter(n) || isTool(n):
	case n.Data == "br":
		b.buf = append(b.buf, '\n')
	default:
		before := len(b.buf)
		b.children(n)
		switch n.Data {
		case "tr", "li":
			b.endLine()
		case "div":
			if len(b.buf) > before {
				b.endLine()
			} else if hasClass(n, "line") {
				b.buf = append(b.buf, '\n')
			}
		}
	}
}

// endLine ends a line that is not ended.
func (b *codeBuilder) endLine() {
	if len(b.buf) == 0 || b.buf[len(b.buf)-1] != '\n' {
		b.buf = append(b.buf, '\n')
	}
}

// isGutter says whether an element holds the numbers of lines. Prism marks the
// code that is to get numbers by the class that others give to the numbers.
func isGutter(n *html.Node) bool {
	if hasClass(n, "gutter", "ln", "lnt", "lnlinks", "lineno", "linenos", "line-number", "line-numbers-rows", "linenodiv", "hljs-ln-numbers") {
		return true
	}
	if hasClass(n, "line-numbers") {
		return classLanguage(n) == "" && find(n, func(c *html.Node) bool { return c.Data == "code" }) == nil
	}
	// Hugo without classes: nothing else in code is kept from being selected.
	return n.Data == "span" && strings.Contains(strings.ReplaceAll(attribute(n, "style"), " ", ""), "user-select:none")
}

// isTool says whether an element is a button of the page around a code, to copy
// it or to fold it, or the bar of them.
func isTool(n *html.Node) bool {
	if n.Parent != nil && hasClass(n, "toolbar") && hasClass(n.Parent, "code-toolbar") {
		return true
	}
	return hasClass(n, "copy-btn", "btn-copy", "copybtn", "copy-button", "copy-code", "copy-code-button", "code-copy", "code-copy-btn", "btn-clipboard", "clipboard-btn",
		"copy-to-clipboard-button", "copy-notice", "zeroclipboard-container", "highlight-tools", "code-block-tools")
}

// codeLanguage looks for the language in the classes of the code and around it.
func codeLanguage(n *html.Node) string {
	if code := find(n, func(c *html.Node) bool { return c.Data == "code" }); code != nil {
		if language := classLanguage(code); language != "" {
			return language
		}
	}
	for depth := 0; n != nil && depth < 6; depth++ {
		if language := classLanguage(n); language != "" {
			return language
		}
		n = n.Parent
	}
	return ""
}

func classLanguage(n *html.Node) string {
	classes := strings.Fields(attribute(n, "class"))
	for i, class := range classes {
		for _, prefix := range []string{"language-", "lang-"} {
			if rest, ok := strings.CutPrefix(class, prefix); ok {
				return strings.ToLower(rest)
			}
		}
		if (class == "highlight" && n.Data == "figure" || class == "sourceCode" || class == "brush:") && i+1 < len(classes) {
			return strings.ToLower(strings.Trim(classes[i+1], ";"))
		}
	}
	return strings.ToLower(attribute(n, "data-lang"))
}
