package markdown

import (
	"bytes"
	"strconv"
	"strings"
	"unicode"

	"github.com/yuin/goldmark/ast"
)

// headingID returns the id that the author named, else one made of the text in
// GitHub's way, made unique by a number.
func (w *writer) headingID(n *ast.Heading) string {
	if v, ok := n.AttributeString("id"); ok {
		if b, ok := v.([]byte); ok && len(bytes.TrimSpace(b)) > 0 {
			w.ids[string(b)]++
			return string(b)
		}
	}
	id := slug(string(inlineText(n, w.source)))
	if id == "" {
		return ""
	}
	count := w.ids[id]
	w.ids[id]++
	if count == 0 {
		return id
	}
	for {
		next := id + "-" + strconv.Itoa(count)
		if w.ids[next] == 0 {
			w.ids[next]++
			w.ids[id] = count + 1
			return next
		}
		count++
	}
}

// slug keeps letters and digits of any script, lower case, with hyphens for spaces.
func slug(text string) string {
	var b strings.Builder
	for _, r := range strings.TrimSpace(text) {
		switch {
		case r == ' ' || r == '-':
			b.WriteByte('-')
		case r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.Is(unicode.M, r):
			b.WriteRune(unicode.ToLower(r))
		}
	}
	return b.String()
}
