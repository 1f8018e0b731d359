package markdown

import "strings"

// hugoTag reads a shortcode at e.src[at:]: {{< name args >}} or {{% name args %}},
// its end {{< /name >}}, and the escaped {{</* name */>}}.
func (e *expander) hugoTag(at int, inCode bool) int {
	call, ok := hugoCall(e.src[at:])
	if !ok {
		return 0
	}
	if call.escaped {
		literal := call.open + call.body + call.close
		if inCode {
			e.out.WriteString(literal)
		} else {
			e.inset(inset{kind: insetText, body: literal, source: literal}, false)
		}
		return call.length
	}
	name, args, _ := strings.Cut(strings.TrimSpace(strings.NewReplacer("\n", " ", "\t", " ").Replace(call.body)), " ")
	if strings.HasPrefix(name, "/") {
		if inCode {
			return 0
		}
		return call.length
	}
	self := strings.HasSuffix(args, "/") || strings.HasSuffix(name, "/")
	name = strings.ToLower(strings.TrimSuffix(name, "/"))
	a := parseArgs(strings.TrimSuffix(strings.TrimSpace(args), "/"))
	if inCode && name != "ref" && name != "relref" {
		return 0
	}
	if !self {
		if n := e.hugoEnclosing(at, call.length, name, a); n > 0 {
			return n
		}
	}
	e.out.WriteString(e.hugoSingle(at, name, a))
	return call.length
}

// shortcode is one {{< … >}} as it stands in the source.
type shortcode struct {
	open, close, body string
	escaped           bool
	length            int
}

func hugoCall(s string) (shortcode, bool) {
	if len(s) < 6 || s[:2] != "{{" || s[2] != '<' && s[2] != '%' {
		return shortcode{}, false
	}
	c := shortcode{open: s[:3], close: ">}}"}
	if s[2] == '%' {
		c.close = "%}}"
	}
	end := strings.Index(s[:min(len(s), maxTag)], c.close)
	if end < 0 {
		return shortcode{}, false
	}
	c.body, c.length = s[3:end], end+3
	if strings.HasPrefix(c.body, "/*") && strings.HasSuffix(c.body, "*/") && len(c.body) >= 4 {
		c.escaped, c.body = true, c.body[2:len(c.body)-2]
	}
	return c, true
}

// hugoEnd finds the end tag of name behind from; -1 where there is none.
func (e *expander) hugoEnd(from int, name string) (start, after int) {
	if e.missing(name, from) {
		return -1, -1
	}
	level := 1
	for at := from; ; {
		i := strings.Index(e.src[at:], "{{")
		if i < 0 {
			e.miss(name, from)
			return -1, -1
		}
		at += i
		call, ok := hugoCall(e.src[at:])
		if !ok || call.escaped {
			at += 2
			continue
		}
		word, _, _ := strings.Cut(strings.TrimSpace(call.body), " ")
		if word == "/" && len(strings.Fields(call.body)) > 1 {
			word = "/" + strings.Fields(call.body)[1]
		}
		switch strings.ToLower(word) {
		case "/" + name:
			if level--; level == 0 {
				return at, at + call.length
			}
		case name:
			level++
		}
		at += call.length
	}
}

// hugoEnclosing reads the shortcodes whose content is not simply Markdown.
func (e *expander) hugoEnclosing(at, n int, name string, a tagArgs) int {
	switch name {
	case "highlight", "code", "mermaid", "details", "blockquote", "quote", "comment", "math", "katex":
	default:
		return 0
	}
	end, after := e.hugoEnd(at+n, name)
	if end < 0 {
		return 0
	}
	body, source := e.src[at+n:end], e.src[at:after]
	switch name {
	case "highlight", "code", "mermaid":
		language := name
		if name != "mermaid" {
			language = strings.ToLower(a.get("lang", 0))
		}
		if strings.Contains(a.rest(1)+a.named["options"], "hl_inline=true") {
			e.out.WriteString("`` " + strings.TrimSpace(body) + " ``")
			break
		}
		e.inset(inset{kind: insetCode, body: trimCode(body), language: language, source: source}, true)
	case "details":
		title := a.get("summary", 0)
		if title == "" {
			title = "…"
		}
		e.out.WriteString("\n\n<details><summary>" + string(appendText(nil, []byte(title))) + "</summary>\n\n" +
			strings.Trim(e.inner(at+n, end), "\n") + "\n\n</details>\n\n")
	case "blockquote", "quote":
		e.out.WriteString(quotation(e.inner(at+n, end), escapeMarkdown(a.get("author", -1))))
	case "math", "katex":
		if !strings.ContainsAny(body, "$") && !strings.Contains(body, `\(`) && !strings.Contains(body, `\[`) {
			body = "$$" + strings.TrimSpace(body) + "$$"
		}
		e.out.WriteString(body)
	}
	return after - at
}

// hugoSingle returns the Markdown for a shortcode without content.
func (e *expander) hugoSingle(at int, name string, a tagArgs) string {
	switch name {
	case "ref", "relref":
		return e.reference(at, "{{< "+name+" >}}", a.get("path", 0))
	case "figure":
		return e.figure(a)
	case "param":
		if a.get("", 0) == "title" {
			return escapeMarkdown(e.o.Title)
		}
	case "qr":
		if text := a.get("text", 0); isURL(text) {
			return linkTo(text, text)
		}
	case "br":
		return "<br>"
	}
	if markdown, ok := service(name, a); ok {
		return markdown
	}
	return e.unknown(at, "{{< "+name+" >}}", name, a)
}

// figure: src, link, alt, title, caption, attr, attrlink.
func (e *expander) figure(a tagArgs) string {
	src := a.get("src", 0)
	alt := a.named["alt"]
	if alt == "" {
		alt = a.named["caption"]
	}
	image := picture(e.asset(src), alt, "")
	if link := a.named["link"]; link != "" {
		image = "[" + image + "](" + destination(link) + ")"
	}
	var caption []string
	if title := a.named["title"]; title != "" {
		caption = append(caption, "**"+escapeMarkdown(title)+"**")
	}
	if text := a.named["caption"]; text != "" {
		caption = append(caption, strings.Join(strings.Fields(text), " "))
	}
	if attr := a.named["attr"]; attr != "" {
		if link := a.named["attrlink"]; link != "" {
			attr = "[" + attr + "](" + destination(link) + ")"
		}
		caption = append(caption, attr)
	}
	if len(caption) == 0 {
		return image
	}
	return "\n\n<figure>\n\n" + image + "\n\n<figcaption>\n\n" + strings.Join(caption, " ") + "\n\n</figcaption>\n</figure>\n\n"
}
