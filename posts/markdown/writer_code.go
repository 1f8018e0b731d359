package markdown

import (
	"bytes"
	"strings"

	"github.com/yuin/goldmark/ast"
)

func (w *writer) fenced(n *ast.FencedCodeBlock) {
	body := w.lines(n)
	info := ""
	if n.Info != nil {
		info = string(decoded(w.restore(n.Info.Segment.Value(w.source))))
	}
	language := languageOf(info)
	if language == "math" {
		w.displayed([]byte("$$\n" + string(body) + "$$"))
		return
	}
	w.caption(fenceCaption(info, w.hexo))
	w.code(string(body), language)
}

// languageOf returns the language in the info string of a fence: its first
// word, without the attributes that generators put there: ```go {hl_lines=1}, ```js:title.js, ```{.python}.
func languageOf(info string) string {
	info = strings.TrimSpace(info)
	if rest, ok := strings.CutPrefix(info, "{"); ok {
		info = strings.TrimLeft(rest, " .")
	}
	if end := strings.IndexAny(info, " \t{},:;="); end >= 0 {
		info = info[:end]
	}
	return strings.ToLower(info)
}

// code writes a code block; the first one of a post is kept for its letter.
func (w *writer) code(body, language string) {
	w.last = 0
	if w.result.Code == "" {
		w.result.Code, w.result.CodeLanguage = strings.TrimRight(body, "\n"), language
	}
	if w.mark {
		w.str(`<pre><code class="language-`)
		w.buf = appendAttr(w.buf, language)
		w.str(`">`)
		w.buf = appendText(w.buf, []byte(body))
		w.str("</code></pre>\n")
		return
	}
	w.buf = append(appendCode(w.buf, body, language), '\n')
}

func (w *writer) inset(index int, block bool) {
	if index >= len(w.insets) {
		return
	}
	switch in := w.insets[index]; in.kind {
	case insetText:
		if block {
			w.str("<p>")
			defer w.str("</p>\n")
		}
		w.text([]byte(in.body))
	case insetHTML:
		w.raw = true
		w.str(in.body)
	case insetCode:
		w.caption(in.caption)
		w.code(in.body, in.language)
	}
}

// trimLines takes line ends off both ends.
func trimLines(b []byte) []byte { return bytes.Trim(b, "\n") }
