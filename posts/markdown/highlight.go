package markdown

import (
	"regexp"
	"strings"
)

// What is larger stays plain: a lexer costs some microseconds per byte, and
// many search to the end of the line or of the code at every step.
const (
	maxHighlight     = 16 << 10  // one code block
	maxHighlightLine = 2 << 10   // one line of it
	maxHighlightBody = 256 << 10 // all code of a body
)

// preStyle sets both colours, so that a dark reader cannot put dark text on a
// dark ground; every colour of a token has a contrast of 4.5 or more on it.
const preStyle = "background:#f6f8fa;color:#1f2328;padding:12px;overflow:auto"

// ownStyle matches what appendCode writes, and nothing else.
var ownStyle = regexp.MustCompile(`^(color:#[0-9a-f]{6}|` + preStyle + `)$`)

// appendCode appends a code block with its colours inline: every line end as it
// is, no line numbers, no classes. Code stays plain in a language that is not
// known, when it is very long, and when chroma cannot make sense of it. spent
// counts the bytes of a body that were coloured.
func appendCode(dst []byte, body, language string, spent *int) []byte {
	if lexer := lexerOf(language); lexer != nil && *spent+len(body) <= maxHighlightBody && paintable(body) {
		*spent += len(body)
		dst := append(dst, `<pre style="`+preStyle+`"><code>`...)
		if dst, ok := paint(dst, body, lexer); ok {
			return append(dst, "</code></pre>"...)
		}
		*spent += maxHighlightBody / 4 // it may have taken all of paintTime
	}
	dst = append(dst, "<pre><code>"...)
	dst = appendText(dst, []byte(body))
	return append(dst, "</code></pre>"...)
}

func paintable(body string) bool {
	if len(body) > maxHighlight {
		return false
	}
	for line := range strings.Lines(body) {
		if len(line) > maxHighlightLine {
			return false
		}
	}
	return true
}
