package markdown

import (
	"strings"

	"github.com/yuin/goldmark/ast"
)

// isContentsMark tells the paragraph for which the generator, or a plug-in of
// its Markdown, puts a table of contents: neither feeds nor letters have one.
func (w *writer) isContentsMark(n ast.Node) bool {
	lines := n.Lines()
	if n.Kind() != ast.KindParagraph || lines.Len() != 1 {
		return false
	}
	line := lines.At(0)
	if line.Len() > 16 {
		return false
	}
	switch strings.ToLower(strings.TrimSpace(string(line.Value(w.source)))) {
	case "[toc]", "[[toc]]", "@[toc]", "[[_toc_]]", "${toc}":
		return true
	}
	return false
}
