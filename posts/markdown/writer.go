package markdown

import (
	"strconv"
	"unicode/utf8"

	"github.com/yuin/goldmark/ast"
	east "github.com/yuin/goldmark/extension/ast"
)

// writer turns a syntax tree into HTML. What it writes of Markdown is safe and
// balanced by construction: text is escaped, addresses are checked. HTML of the
// author's goes through as it is, sets raw, and makes the caller run the whole
// through [sanitise].
type writer struct {
	buf    []byte
	source []byte
	insets []inset
	urls   *resolver
	result *Result
	ids    map[string]int
	math   *formulas
	last   rune // the last character of text written
	// mark puts formulas into an element of their own, for the summary of a
	// body that must be read back as HTML.
	mark  bool
	hexo  bool // a fence has a caption behind its language
	raw   bool
	links int // open <a> elements
	depth int // open inline elements
}

// maxInlineDepth bounds nested emphasis; what is deeper loses its markup, not its text.
const maxInlineDepth = 40

func (w *writer) str(s string) { w.buf = append(w.buf, s...) }

// text writes plain text.
func (w *writer) text(s []byte) {
	if len(s) == 0 {
		return
	}
	w.buf = appendText(w.buf, s)
	w.result.Columns += textWidth(s)
	w.last, _ = utf8.DecodeLastRune(s)
}

func (w *writer) children(n ast.Node) {
	for c := n.FirstChild(); c != nil; c = c.NextSibling() {
		w.node(c)
	}
}

func (w *writer) block(tag string, n ast.Node) {
	w.last = 0
	w.str("<" + tag + ">")
	w.children(n)
	w.str("</" + tag + ">\n")
}

func (w *writer) container(tag string, n ast.Node) {
	w.str("<" + tag + ">\n")
	w.children(n)
	w.str("</" + tag + ">\n")
}

func (w *writer) node(n ast.Node) {
	if n.Type() == ast.TypeInline {
		w.inline(n)
		return
	}
	switch n := n.(type) {
	case *ast.Paragraph:
		if !w.isContentsMark(n) {
			w.block("p", n)
		}
	case *ast.TextBlock:
		w.last = 0
		w.children(n)
		if n.NextSibling() != nil {
			w.str("\n")
		}
	case *ast.Heading:
		w.heading(n)
	case *ast.Blockquote:
		w.container("blockquote", n)
	case *ast.List:
		w.list(n)
	case *ast.ListItem:
		w.block("li", n)
	case *ast.FencedCodeBlock:
		w.fenced(n)
	case *ast.CodeBlock:
		w.code(string(w.lines(n)), "")
	case *ast.ThematicBreak:
		w.str("<hr>\n")
	case *ast.HTMLBlock:
		w.htmlBlock(n)
	case *mathBlock:
		w.displayed(trimLines(w.lines(n)))
	case *insetBlock:
		w.inset(n.index, true)
	default:
		w.extension(n)
	}
}

// extension writes the blocks that GitHub's and PHP's Markdown added.
func (w *writer) extension(n ast.Node) {
	switch n := n.(type) {
	case *east.Table:
		w.table(n)
	case *east.FootnoteList:
		if w.mark {
			w.str(`<section class="footnotes">`)
		} else {
			w.str("<section>")
		}
		w.str("\n<hr>\n<ol>\n")
		w.children(n)
		w.str("</ol>\n</section>\n")
	case *east.Footnote:
		w.str(`<li id="fn:` + strconv.Itoa(n.Index) + `">` + "\n")
		w.children(n)
		w.str("</li>\n")
	case *east.DefinitionList:
		w.container("dl", n)
	case *east.DefinitionTerm:
		w.block("dt", n)
	case *east.DefinitionDescription:
		w.block("dd", n)
	default:
		w.children(n)
	}
}

func (w *writer) heading(n *ast.Heading) {
	tag := "h" + strconv.Itoa(n.Level)
	w.last = 0
	w.str("<" + tag)
	if id := w.headingID(n); id != "" {
		w.str(` id="`)
		w.buf = appendAttr(w.buf, id)
		w.str(`"`)
	}
	w.str(">")
	w.children(n)
	w.str("</" + tag + ">\n")
}

func (w *writer) list(n *ast.List) {
	if !n.IsOrdered() {
		w.container("ul", n)
		return
	}
	w.str("<ol")
	if n.Start != 1 {
		w.str(` start="` + strconv.Itoa(n.Start) + `"`)
	}
	w.str(">\n")
	w.children(n)
	w.str("</ol>\n")
}

func (w *writer) table(n *east.Table) {
	w.str("<table>\n")
	for row := n.FirstChild(); row != nil; row = row.NextSibling() {
		tag := "td"
		if row.Kind() == east.KindTableHeader {
			tag = "th"
			w.str("<thead>\n")
		} else if row.PreviousSibling() != nil && row.PreviousSibling().Kind() == east.KindTableHeader {
			w.str("<tbody>\n")
		}
		w.str("<tr>\n")
		for cell := row.FirstChild(); cell != nil; cell = cell.NextSibling() {
			w.cell(tag, cell)
		}
		w.str("</tr>\n")
		if tag == "th" {
			w.str("</thead>\n")
		} else if row.NextSibling() == nil {
			w.str("</tbody>\n")
		}
	}
	w.str("</table>\n")
}

func (w *writer) cell(tag string, n ast.Node) {
	w.str("<" + tag)
	if c, ok := n.(*east.TableCell); ok && c.Alignment != east.AlignNone {
		w.str(` align="` + c.Alignment.String() + `"`)
	}
	w.str(">")
	w.last = 0
	w.children(n)
	w.str("</" + tag + ">\n")
}

// lines returns the source of a block's lines in one piece.
func (w *writer) lines(n ast.Node) []byte { return w.restore(w.sourceLines(n)) }

func (w *writer) sourceLines(n ast.Node) []byte {
	segments := n.Lines()
	var out []byte
	for i := range segments.Len() {
		segment := segments.At(i)
		out = append(out, segment.Value(w.source)...)
	}
	return out
}
