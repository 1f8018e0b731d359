package markdown

import (
	"bytes"

	"github.com/yuin/goldmark/ast"
)

// htmlBlock passes the author's HTML on; a block of nothing but comments is left out.
func (w *writer) htmlBlock(n *ast.HTMLBlock) {
	w.last = 0
	b := w.sourceLines(n)
	if n.HasClosure() {
		b = append(b, n.ClosureLine.Value(w.source)...)
	}
	if onlyComments(b) {
		w.keepMark(b)
		return
	}
	w.html(b)
}

// html writes HTML of the author's, with what the placeholders in it stand for.
func (w *writer) html(b []byte) {
	w.raw, w.last = true, 0
	for {
		i := bytes.Index(b, []byte(placeholderOpen))
		if i < 0 {
			break
		}
		w.buf = append(w.buf, b[:i]...)
		b = b[i:]
		index, n := scanPlaceholder(b)
		switch {
		case n == 0 || index >= len(w.insets):
			w.buf = append(w.buf, b[0])
			n = 1
		case insideElement(w.buf):
			w.buf = appendAttr(w.buf, w.insets[index].body)
		default:
			w.inset(index, false)
		}
		b = b[n:]
	}
	w.buf = append(w.buf, b...)
}

func onlyComments(b []byte) bool {
	for {
		b = bytes.TrimSpace(b)
		if len(b) == 0 {
			return true
		}
		if !bytes.HasPrefix(b, []byte("<!--")) {
			return false
		}
		end := bytes.Index(b, []byte("-->"))
		if end < 0 {
			return false
		}
		b = b[end+3:]
	}
}
