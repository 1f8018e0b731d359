package markdown

import (
	"bytes"
	"strings"

	"github.com/yuin/goldmark/text"
)

// expandHTMLTags does for a body of HTML what expandTags does for Markdown:
// generators run their tags in pages of HTML too. What a tag stands for is
// rendered apart; inside an element's own brackets it is a plain text.
func expandHTMLTags(source []byte, o *Options, result *Result) []byte {
	e := newExpander(source, o, result)
	if e.tag == nil || !mayHoldTags(source, o.Dialect) {
		return source
	}
	e.src = string(source)
	var out bytes.Buffer
	for i := 0; i < len(e.src); {
		next := strings.IndexByte(e.src[i:], '{')
		if next < 0 {
			out.WriteString(e.src[i:])
			break
		}
		out.WriteString(e.src[i : i+next])
		i += next
		n := e.htmlTag(i)
		if n == 0 {
			out.WriteByte('{')
			n = 1
		} else if e.out.Len() > 0 {
			out.Write(e.fragment(insideElement(out.Bytes())))
		}
		e.out.Reset()
		i += n
	}
	return out.Bytes()
}

// htmlTag reads one tag. Attributes of kramdown belong to Markdown alone, and
// what is enclosed by raw is HTML already.
func (e *expander) htmlTag(at int) int {
	if strings.HasPrefix(e.src[at:], "{:") {
		return 0
	}
	name, _, n := tagAt(e.src[at:])
	if strings.HasPrefix(e.src[at:], "{%") && (name == "raw" || name == "verbatim") && e.o.Dialect != Hugo && e.o.Dialect != Zola {
		if end, after := e.endTag(at+n, "end"+name); end >= 0 {
			e.inset(inset{kind: insetHTML, body: e.src[at+n : end], source: e.src[at:after]}, false)
			return after - at
		}
	}
	return e.tag(at, false)
}

// insideElement tells whether out ends inside the brackets of a tag.
func insideElement(out []byte) bool {
	const far = 4 << 10
	tail := out[max(0, len(out)-far):]
	open := bytes.LastIndexByte(tail, '<')
	return open >= 0 && bytes.IndexByte(tail[open:], '>') < 0
}

// fragment returns what a tag wrote, as HTML.
func (e *expander) fragment(inside bool) []byte {
	if inside {
		return bytes.ReplaceAll(appendText(nil, e.out.Bytes()), []byte(`"`), []byte("&#34;"))
	}
	return e.rendered(e.out.String())
}

// rendered turns the Markdown that a tag stands for into HTML. Formulas stand in
// elements of their own, for the body is read as HTML afterwards.
func (e *expander) rendered(md string) []byte {
	if !strings.ContainsAny(md, "\x02<>*_[]`!&\\#~|$\n") {
		return appendText(nil, []byte(md))
	}
	if index, n := scanPlaceholder([]byte(md)); n == len(md) && e.shared.insets[index].kind == insetHTML {
		return []byte(e.shared.insets[index].body)
	}
	body := boundTables(boundNesting([]byte(md)))
	o := *e.o
	doc := parserFor(o.Dialect).Parse(text.NewReader(body))
	w := &writer{source: body, insets: e.shared.insets, urls: newResolver(&o), result: &Result{}, ids: map[string]int{}, mark: true}
	w.children(doc)
	html := bytes.TrimSpace(w.buf)
	if inner, ok := bytes.CutPrefix(html, []byte("<p>")); ok && !strings.Contains(strings.TrimSpace(md), "\n") {
		if inner, ok = bytes.CutSuffix(inner, []byte("</p>")); ok {
			return inner
		}
	}
	return html
}
