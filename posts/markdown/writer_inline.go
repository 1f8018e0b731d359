package markdown

import (
	"bytes"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/yuin/goldmark/ast"
	east "github.com/yuin/goldmark/extension/ast"
)

func (w *writer) inline(n ast.Node) {
	switch n := n.(type) {
	case *ast.Text:
		w.textNode(n)
	case *ast.String:
		w.text(n.Value)
	case *ast.CodeSpan:
		w.str("<code>")
		w.text(w.restore(codeSpanText(n, w.source)))
		w.str("</code>")
	case *ast.Emphasis:
		w.element([...]string{"em", "strong"}[min(n.Level, 2)-1], n)
	case *ast.Link:
		if bytes.IndexByte(n.Destination, '#') >= 0 && permalinkSign(string(inlineText(n, w.source))) && !holdsImage(n) {
			return
		}
		w.link(string(w.destination(n.Destination)), w.destination(n.Title), func() { w.children(n) })
	case *ast.AutoLink:
		url := string(n.URL(w.source))
		if n.AutoLinkType == ast.AutoLinkEmail && !bytes.HasPrefix([]byte(url), []byte("mailto:")) {
			url = "mailto:" + url
		}
		w.link(url, nil, func() { w.text(n.Label(w.source)) })
	case *ast.Image:
		w.image(n)
	case *ast.RawHTML:
		w.rawInline(n)
	case *math:
		w.formula([]byte(n.open+string(w.restore(n.tex))+n.close), n.display())
	case *insetNode:
		w.inset(n.index, false)
	default:
		w.inlineExtension(n)
	}
}

func (w *writer) inlineExtension(n ast.Node) {
	switch n := n.(type) {
	case *east.Strikethrough:
		w.element("del", n)
	case *east.TaskCheckBox:
		w.checkbox(n.IsChecked)
	case *east.FootnoteLink:
		id := strconv.Itoa(n.Index)
		w.str(`<sup id="fnref` + refSuffix(n.RefIndex) + ":" + id + `">`)
		w.link("#fn:"+id, nil, func() { w.str(id) })
		w.str("</sup>")
	case *east.FootnoteBacklink:
		w.str(" ")
		w.link("#fnref"+refSuffix(n.RefIndex)+":"+strconv.Itoa(n.Index), nil, func() { w.str("↩\ufe0e") })
	default:
		w.children(n)
	}
}

// checkbox writes the box of a task: a form control in a feed is dropped by every reader.
func (w *writer) checkbox(checked bool) {
	switch {
	case w.mark && checked:
		w.str(`<input type="checkbox" checked>`)
	case w.mark:
		w.str(`<input type="checkbox">`)
	case checked:
		w.text([]byte("☑ "))
	default:
		w.text([]byte("☐ "))
	}
}

func holdsImage(n ast.Node) bool {
	for c := n.FirstChild(); c != nil; c = c.NextSibling() {
		switch c.Kind() {
		case ast.KindImage, ast.KindRawHTML, kindInset:
			return true
		}
		if holdsImage(c) {
			return true
		}
	}
	return false
}

func refSuffix(i int) string {
	if i == 0 {
		return ""
	}
	return strconv.Itoa(i)
}

func (w *writer) element(tag string, n ast.Node) {
	if w.depth >= maxInlineDepth {
		w.children(n)
		return
	}
	w.depth++
	w.str("<" + tag + ">")
	w.children(n)
	w.str("</" + tag + ">")
	w.depth--
}

func (w *writer) textNode(n *ast.Text) {
	value := n.Segment.Value(w.source)
	if n.IsRaw() {
		w.text(value)
	} else {
		w.text(decoded(value))
	}
	switch {
	case n.HardLineBreak():
		w.str("<br>\n")
	case n.SoftLineBreak():
		if breakIsSpace(w.last, firstRune(n.NextSibling(), w.source)) {
			w.str("\n")
		}
	}
}

// link writes an <a>, or only its content where the address is refused or
// another link is open.
func (w *writer) link(dest string, title []byte, content func()) {
	href, ok := w.urls.link(dest)
	if !ok || w.links > 0 {
		content()
		return
	}
	w.links++
	w.str(`<a href="`)
	w.buf = appendAttr(w.buf, href)
	w.str(`"`)
	w.title(title)
	w.str(">")
	content()
	w.str("</a>")
	w.links--
}

func (w *writer) title(title []byte) {
	if len(title) > 0 {
		w.str(` title="`)
		w.buf = appendAttr(w.buf, string(title))
		w.str(`"`)
	}
}

// image writes an <img>, or its alternative text where the address is refused.
func (w *writer) image(n *ast.Image) {
	alt := inlineText(n, w.source)
	src, ok := w.urls.media(string(w.destination(n.Destination)))
	if !ok || src == "" {
		w.text(alt)
		return
	}
	if w.result.Image == "" {
		w.result.Image = src
	}
	w.str(`<img src="`)
	w.buf = appendAttr(w.buf, src)
	w.str(`" alt="`)
	w.buf = appendAttr(w.buf, string(alt))
	w.str(`"`)
	w.title(w.destination(n.Title))
	w.str(">")
}

func (w *writer) destination(b []byte) []byte { return decoded(w.restore(b)) }

func (w *writer) rawInline(n *ast.RawHTML) {
	var b []byte
	for i := range n.Segments.Len() {
		segment := n.Segments.At(i)
		b = append(b, segment.Value(w.source)...)
	}
	if bytes.HasPrefix(b, []byte("<!--")) {
		w.keepMark(b)
		return
	}
	w.html(b)
}

// keepMark keeps the author's mark for the summary of a body that is read back.
func (w *writer) keepMark(comments []byte) {
	if w.mark && mayHoldMark(comments) {
		w.str("<!--more-->")
	}
}

// displayed writes a formula as a paragraph; one that shows nothing leaves none.
func (w *writer) displayed(tex []byte) {
	w.str("<p>")
	before := len(w.buf)
	w.formula(tex, true)
	if len(w.buf) == before {
		w.buf = w.buf[:before-len("<p>")]
		return
	}
	w.str("</p>\n")
}

func (w *writer) formula(tex []byte, display bool) {
	if !w.mark {
		w.buf = w.math.append(w.buf, string(tex), display)
		w.result.Columns += textWidth(tex)
		w.last, _ = utf8.DecodeLastRune(tex)
		return
	}
	tag := mathElement
	if display {
		tag = mathDisplayElement
	}
	w.str("<" + tag + ">")
	w.text(tex)
	w.str("</" + tag + ">")
}

// codeSpanText returns the literal text of a code span, its line ends as spaces.
func codeSpanText(n *ast.CodeSpan, source []byte) []byte {
	var out []byte
	for c := n.FirstChild(); c != nil; c = c.NextSibling() {
		t, ok := c.(*ast.Text)
		if !ok {
			continue
		}
		value := t.Segment.Value(source)
		if n := len(value); n > 0 && value[n-1] == '\n' {
			out = append(append(out, value[:n-1]...), ' ')
		} else {
			out = append(out, value...)
		}
	}
	return out
}

// inlineText returns the plain text below n.
func inlineText(n ast.Node, source []byte) []byte {
	var out []byte
	_ = ast.Walk(n, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if !entering {
			return ast.WalkContinue, nil
		}
		switch n := n.(type) {
		case *ast.Text:
			out = append(out, decoded(n.Segment.Value(source))...)
			if n.SoftLineBreak() || n.HardLineBreak() {
				out = append(out, ' ')
			}
		case *ast.String:
			out = append(out, n.Value...)
		case *ast.CodeSpan:
			out = append(out, codeSpanText(n, source)...)
			return ast.WalkSkipChildren, nil
		case *ast.AutoLink:
			out = append(out, n.Label(source)...)
		case *math:
			out = append(out, strings.TrimPrefix(n.open, `\`)...) // as text, escaped brackets are brackets
			out = append(append(out, n.tex...), strings.TrimPrefix(n.close, `\`)...)
		}
		return ast.WalkContinue, nil
	})
	return out
}

// firstRune returns the first character of the text at n, 0 where it does not begin with text.
func firstRune(n ast.Node, source []byte) rune {
	for n != nil {
		switch t := n.(type) {
		case *ast.Text:
			r, _ := utf8.DecodeRune(t.Segment.Value(source))
			return r
		case *ast.Emphasis, *ast.Link, *east.Strikethrough:
			n = n.FirstChild()
		default:
			return 0
		}
	}
	return 0
}
