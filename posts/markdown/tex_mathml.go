package markdown

import (
	"strings"

	"golang.org/x/net/html"
)

// texOf writes presentation MathML as TeX, so that one reader serves both.
// What it does not know becomes a command that no reader knows.
func texOf(n *html.Node) string {
	switch n.Type {
	case html.TextNode:
		return escapeTeX(strings.TrimSpace(n.Data))
	case html.ElementNode:
	default:
		return ""
	}
	var parts []string
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		if c.Type == html.ElementNode || strings.TrimSpace(c.Data) != "" {
			parts = append(parts, texOf(c))
		}
	}
	arg := func(i int) string {
		if i < len(parts) {
			return "{" + parts[i] + "}"
		}
		return `\unknown`
	}
	switch n.Data {
	case "msup":
		return arg(0) + "^" + arg(1)
	case "msub":
		return arg(0) + "_" + arg(1)
	case "msubsup":
		return arg(0) + "_" + arg(1) + "^" + arg(2)
	case "mfrac":
		return `\frac` + arg(0) + arg(1)
	case "msqrt":
		return `\sqrt{` + strings.Join(parts, "") + "}"
	case "mspace":
		return " "
	case "math", "mrow", "mstyle", "mi", "mn", "mo", "mtext", "ms", "semantics", "mpadded":
		return strings.Join(parts, "")
	case "annotation", "annotation-xml":
		return ""
	}
	return `\unknown`
}

func escapeTeX(s string) string {
	return strings.NewReplacer(`\`, `\backslash `, "{", `\{`, "}", `\}`, "$", `\$`, "#", `\#`, "%", `\%`, "&", `\&`, "_", `\_`, "^", `\unknown `,
		"\u2061", "", "\u2062", "", "\u2063", "", "\u2212", "-").Replace(s)
}
