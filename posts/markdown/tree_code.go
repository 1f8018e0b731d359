package markdown

import (
	"strings"

	"golang.org/x/net/html"
)

// pre writes a code block. One that our own highlighter made, or that holds
// more than code, is written element by element (false).
func (t *treeWriter) pre(n *html.Node) bool {
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

// onlyCode says whether a <pre> holds nothing but text, line breaks and the
// marks of a highlighter.
func onlyCode(n *html.Node) bool {
	return find(n, func(c *html.Node) bool {
		switch c.Data {
		case "code", "span", "br", "button", "i":
			return ownStyle.MatchString(attribute(c, "style"))
		}
		return true
	}) == nil
}

// codeText returns the code below n without line numbers.
func codeText(n *html.Node) string {
	var b strings.Builder
	appendCodeText(&b, n)
	return b.String()
}

func appendCodeText(b *strings.Builder, n *html.Node) {
	if n.Type == html.TextNode {
		b.WriteString(n.Data)
	}
	if n.Type == html.ElementNode {
		if n.Data == "br" {
			b.WriteByte('\n')
			return
		}
		if n.Data == "button" || isGutter(n) {
			return
		}
	}
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		appendCodeText(b, c)
	}
	if n.Data == "tr" && !strings.HasSuffix(b.String(), "\n") {
		b.WriteByte('\n')
	}
}

func isGutter(n *html.Node) bool {
	return hasClass(n, "gutter", "ln", "lnt", "lineno", "linenos", "line-number", "line-numbers", "line-numbers-rows", "linenodiv", "hljs-ln-numbers")
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
