package markdown

import "regexp"

// appendCode appends a code block: every line end as it is, no line numbers.
func appendCode(dst []byte, body, language string) []byte {
	dst = append(dst, "<pre><code>"...)
	dst = appendText(dst, []byte(body))
	return append(dst, "</code></pre>"...)
}

// ownStyle matches what appendCode writes, and nothing else.
var ownStyle = regexp.MustCompile(`^(color:#[0-9a-f]{6}(;font-style:italic)?|background:#f6f8fa;color:#1f2328;padding:12px;overflow:auto)$`)
