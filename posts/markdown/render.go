package markdown

import (
	"bytes"

	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/text"
)

// Render turns a body into sanitised HTML with absolute addresses, and makes
// its summary. It is safe for concurrent use, and takes any input: broken bytes
// and hostile nesting are mended, an error means that o cannot be used.
func Render(src []byte, o Options) (Result, error) {
	var result Result
	source := clean(src)
	if len(source) != len(src) || len(src) > 0 && &source[0] != &src[0] {
		tellLost(src, &result)
	}
	math := &formulas{source: source, result: &result}
	err := renderMarkdown(source, &o, &result, math)
	tellReferences(source, &result)
	if result.Code == "" && math.first != "" {
		result.Code, result.CodeLanguage = math.first, "tex"
	}
	return result, err
}

func renderMarkdown(source []byte, o *Options, result *Result, math *formulas) error {
	if o.HTML {
		return renderHTML(source, o, result, math)
	}
	body, insets := expandTags(source, o, result)
	body = boundTables(boundNesting(body))
	doc := parserFor(o.Dialect).Parse(text.NewReader(body))
	w := &writer{
		buf: make([]byte, 0, len(body)+len(body)/4+512), source: body, insets: insets,
		urls: newResolver(o), result: result, math: math, ids: map[string]int{}, hexo: o.Dialect == Hexo,
	}
	w.children(doc)
	if w.raw {
		return renderMixed(w, doc, o, result)
	}
	result.HTML = string(w.buf)
	result.Summary = summary(o, func(g *gatherer) { g.document(doc, w) })
	return nil
}

// renderMixed finishes a body in which HTML of the author's stands: all is read
// back as one tree, since an element may open in one fragment and close in another.
func renderMixed(w *writer, doc ast.Node, o *Options, result *Result) error {
	w.buf, w.mark, w.last = w.buf[:0], true, 0
	image, code, language := result.Image, result.Code, result.CodeLanguage
	*result = Result{Warnings: result.Warnings}
	w.ids = map[string]int{}
	w.children(doc)
	result.Image, result.Code, result.CodeLanguage = image, code, language
	result.Columns = 0
	return sanitise(w.buf, o, w.urls, result, w.math, true)
}

// restore puts back the source of placeholders that ended up inside code.
func (w *writer) restore(b []byte) []byte {
	if !bytes.Contains(b, []byte(placeholderOpen)) {
		return b
	}
	var out []byte
	for i := 0; i < len(b); i++ {
		if index, n := scanPlaceholder(b[i:]); n > 0 && index < len(w.insets) {
			out = append(out, w.insets[index].source...)
			i += n - 1
			continue
		}
		out = append(out, b[i])
	}
	return out
}
