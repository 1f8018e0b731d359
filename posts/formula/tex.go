package formula

import (
	"strings"
	"unicode/utf8"

	"golang.org/x/net/html"
)

// TeX returns what a <math> element shows as TeX: as its author wrote it, where
// the element says so, else made from its structure; "" where that cannot be.
func TeX(math *html.Node) string {
	if tex := written(math); tex != "" {
		return tex
	}
	if tex := structure(math); !tooLong(tex) && !strings.Contains(tex, unknown) {
		return strings.Join(strings.Fields(tex), " ")
	}
	return ""
}

// written returns the TeX that the element itself names, or "". What is longer
// than any formula is none: it would be carried into every feed.
func written(math *html.Node) string {
	tex := annotation(math)
	if tex == "" {
		tex = strings.TrimSpace(attribute(math, "alttext"))
	}
	if tooLong(tex) {
		return ""
	}
	return tex
}

// tooLong counts characters: a damaged one is written with more bytes than read,
// and what was written must not be too long when it is read again.
func tooLong(tex string) bool { return utf8.RuneCountInString(tex) > maxTeX }

// annotation returns the TeX inside a formula, or "".
func annotation(n *html.Node) string {
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		if c.Data == "annotation" && strings.Contains(strings.ToLower(attribute(c, "encoding")), "tex") {
			return strings.TrimSpace(textOf(c))
		}
		if found := annotation(c); found != "" {
			return found
		}
	}
	return ""
}

// textOf returns the text below n that a reader would see.
func textOf(n *html.Node) string {
	if n.Type == html.TextNode {
		return n.Data
	}
	var b strings.Builder
	for c := n.FirstChild; c != nil && !hidden[n.Data]; c = c.NextSibling {
		b.WriteString(textOf(c))
	}
	return b.String()
}

// unknown stands for what cannot be written as TeX: a command that no reader of
// TeX knows.
const unknown = `\unknown`

// structure writes presentation MathML as TeX, so that one reader serves both.
func structure(n *html.Node) string {
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
			parts = append(parts, structure(c))
		}
	}
	arg := func(i int) string {
		if i < len(parts) {
			return "{" + parts[i] + "}"
		}
		return unknown
	}
	switch n.Data {
	case "msup", "mover":
		return arg(0) + "^" + arg(1)
	case "msub", "munder":
		return arg(0) + "_" + arg(1)
	case "msubsup", "munderover":
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
	return unknown
}

var texEscapes = strings.NewReplacer(`\`, `\backslash `, "{", `\{`, "}", `\}`, "$", `\$`, "#", `\#`, "%", `\%`, "&", `\&`, "_", `\_`, "^", unknown+" ",
	"\u2061", "", "\u2062", "", "\u2063", "", "\u2212", "-")

func escapeTeX(s string) string { return texEscapes.Replace(s) }
