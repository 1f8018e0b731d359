package formula

import (
	"html"
	"strings"
)

// Plain replaces each <math> element of well-formed HTML by text, for readers
// that know no MathML: Unicode where that shows the formula, else its TeX as
// code. HTML without formulas is returned as it is.
func Plain(body string) string {
	at := strings.Index(body, "<math")
	if at < 0 {
		return body
	}
	var b strings.Builder
	b.Grow(len(body))
	for at >= 0 {
		end := strings.Index(body[at:], "</math>")
		if end < 0 {
			break
		}
		end += at + len("</math>")
		b.WriteString(body[:at])
		b.WriteString(plain(body[at:end]))
		body = body[end:]
		at = strings.Index(body, "<math")
	}
	b.WriteString(body)
	return b.String()
}

// plain is one formula as text.
func plain(math string) string {
	node, err := parse(math)
	if err != nil {
		return ""
	}
	tex := TeX(node)
	if text, ok := Unicode(tex); ok {
		return html.EscapeString(text)
	}
	if tex == "" {
		return html.EscapeString(strings.Join(strings.Fields(textOf(node)), " "))
	}
	return "<code>" + html.EscapeString(tex) + "</code>"
}
