package markdown

import "strings"

// zolaTag reads a shortcode at e.src[at:]: {{ name(args) }}, {% name(args) %}
// with its {% end %}, and the escaped {{/* … */}} and {%/* … */%}.
func (e *expander) zolaTag(at int, inCode bool) int {
	rest := e.src[at:]
	if len(rest) < 4 || rest[1] != '{' && rest[1] != '%' {
		return 0
	}
	closer := map[byte]string{'{': "}}", '%': "%}"}[rest[1]]
	end := strings.Index(rest[:min(len(rest), maxTag)], closer)
	if end < 2 {
		return 0
	}
	body, length := rest[2:end], end+2
	if strings.HasPrefix(body, "/*") && strings.HasSuffix(body, "*/") && len(body) >= 4 {
		literal := rest[:2] + body[2:len(body)-2] + closer
		if inCode {
			e.out.WriteString(literal)
		} else {
			e.inset(inset{kind: insetText, body: literal, source: literal}, false)
		}
		return length
	}
	body = strings.TrimSpace(strings.Trim(body, "-"))
	if rest[1] == '%' && body == "end" {
		return length
	}
	name, args, ok := strings.Cut(body, "(")
	name = strings.TrimSpace(name)
	if !ok || inCode || !isName(name) || !strings.HasSuffix(args, ")") {
		return 0
	}
	a := parseArgs(strings.TrimSuffix(args, ")"))
	if rest[1] == '%' {
		if n := e.zolaEnclosing(at, length, name, a); n > 0 {
			return n
		}
	}
	e.out.WriteString(e.zolaSingle(at, rest[:2]+" "+name+"() "+closer, name, a))
	return length
}

// zolaEnclosing reads the shortcodes whose content is not simply Markdown.
func (e *expander) zolaEnclosing(at, n int, name string, a tagArgs) int {
	switch name {
	case "quote", "blockquote", "mermaid", "katex", "math", "latex":
	default:
		return 0
	}
	if e.missing("end", at) {
		return 0
	}
	length := strings.Index(e.src[at+n:], "{% end %}")
	if length < 0 {
		e.miss("end", at)
		return 0
	}
	end := at + n + length
	switch name {
	case "mermaid":
		e.inset(inset{kind: insetCode, body: trimCode(e.src[at+n : end]), language: name, source: e.src[at : end+9]}, true)
	case "quote", "blockquote":
		e.out.WriteString(quotation(e.inner(at+n, end), escapeMarkdown(a.get("author", -1))))
	default:
		e.out.WriteString(zolaFormula(e.src[at+n:end], a))
	}
	return end + 9 - at
}

// zolaFormula is what the themes' shortcode katex encloses or has as body.
func zolaFormula(body string, a tagArgs) string {
	body = strings.TrimSpace(body)
	switch {
	case body == "" || strings.HasPrefix(body, "$") || strings.HasPrefix(body, `\(`) || strings.HasPrefix(body, `\[`):
		return body
	case a.named["block"] == "true":
		return "\n\n$$\n" + body + "\n$$\n\n"
	}
	return "$" + strings.Join(strings.Fields(body), " ") + "$"
}

func (e *expander) zolaSingle(at int, shown, name string, a tagArgs) string {
	if src := a.named["src"]; (name == "figure" || name == "image" || name == "img") && src != "" {
		text := a.named["alt"]
		if text == "" {
			text = a.named["caption"]
		}
		return picture(e.asset(src), text, a.named["caption"])
	}
	if body := a.named["body"]; body != "" && (name == "katex" || name == "math" || name == "latex") {
		return zolaFormula(body, a)
	}
	if markdown, ok := service(name, a); ok {
		return markdown
	}
	return e.unknown(at, shown, name, a)
}
