package markdown

import (
	"strings"
	"unicode/utf8"

	"golang.org/x/net/html"

	"tidings.example/posts/formula"
)

// literal elements hold text that is only spoken of.
var literal = map[string]bool{"code": true, "pre": true, "kbd": true, "samp": true, "tt": true, "var": true}

// text writes a text node. Where a page leaves formulas to a script, they stand
// in its text; a single dollar is a dollar there.
func (t *treeWriter) text(s string) {
	for t.count && t.math != nil && t.literal == 0 {
		start, end, display := scriptTeX(s)
		if start < 0 {
			break
		}
		t.buf = appendText(t.buf, []byte(s[:start]))
		t.buf = t.math.append(t.buf, s[start:end], display)
		s = s[end:]
	}
	t.buf = appendText(t.buf, []byte(s))
}

// scriptTeX finds the first formula between delimiters that mean nothing else.
func scriptTeX(s string) (start, end int, display bool) {
	for i := 0; i+4 < len(s); i++ {
		if s[i] != '$' && s[i] != '\\' {
			continue
		}
		for _, d := range [...][2]string{{"$$", "$$"}, {`\(`, `\)`}, {`\[`, `\]`}} {
			body, ok := strings.CutPrefix(s[i:min(len(s), i+maxInlineTeX)], d[0])
			n := strings.Index(body, d[1])
			if !ok || n < 0 {
				continue
			}
			after, _ := utf8.DecodeRuneInString(body[n+len(d[1]):])
			if mathOK(d[0], []byte(body[:n]), after) {
				return i, i + len(d[0]) + n + len(d[1]), d[0] != `\(`
			}
		}
	}
	return -1, 0, false
}

// formula writes TeX that has lost its delimiters.
func (t *treeWriter) formula(tex string, display bool) {
	open, end := `\(`, `\)`
	if display {
		open, end = `\[`, `\]`
	}
	t.buf = t.math.append(t.buf, open+string(clean([]byte(tex)))+end, display)
}

// markedFormula writes a formula that the grammar of Markdown found; inside of
// code in HTML it is none.
func (t *treeWriter) markedFormula(n *html.Node) {
	tex := string(clean([]byte(textContent(n))))
	if t.count {
		t.result.Columns += textWidth([]byte(tex))
	}
	if t.literal > 0 {
		t.buf = appendText(t.buf, []byte(tex))
		return
	}
	alone := n.Data == mathDisplayElement && n.Parent == nil
	if alone {
		t.str("<p>")
	}
	before := len(t.buf)
	t.buf = t.math.append(t.buf, tex, n.Data == mathDisplayElement)
	switch {
	case alone && len(t.buf) == before:
		t.buf = t.buf[:before-len("<p>")]
	case alone:
		t.str("</p>\n")
	}
}

// mathML writes somebody's MathML, once, or else its TeX, or else how it reads.
func (t *treeWriter) mathML(n *html.Node) {
	before := len(t.buf)
	if t.buf = formula.Append(t.buf, n); len(t.buf) > before {
		return
	}
	if tex := formula.TeX(n); tex != "" {
		t.formula(tex, strings.EqualFold(attribute(n, "display"), "block"))
		return
	}
	t.buf = appendText(t.buf, clean([]byte(strings.Join(strings.Fields(textContent(n)), " "))))
}

// drawnFormula drops what KaTeX and MathJax drew, and keeps the MathML in it
// where the formula stands in no other form beside it.
func (t *treeWriter) drawnFormula(n *html.Node) bool {
	switch {
	case hasClass(n, "katex-html", "MathJax_Preview"):
		return true
	case n.Data != "mjx-container" && !hasClass(n, "MathJax", "MathJax_SVG", "MathJax_CHTML", "mjx-chtml"):
		return false
	}
	if texFollows(n) || n.Parent != nil && hasClass(n.Parent, "MathJax_Display") && texFollows(n.Parent) {
		return true
	}
	if math := find(n, func(c *html.Node) bool { return c.Data == "math" }); math != nil {
		t.mathML(math)
	}
	return true
}

// texFollows says whether the next element is the TeX that MathJax 2 leaves
// beside what it drew.
func texFollows(n *html.Node) bool {
	for next := n.NextSibling; next != nil; next = next.NextSibling {
		if next.Type == html.ElementNode {
			return next.Data == "script" && strings.HasPrefix(attribute(next, "type"), "math/tex")
		}
	}
	return false
}
