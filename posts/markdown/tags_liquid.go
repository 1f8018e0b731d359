package markdown

import (
	"bytes"
	"net/url"
	"strings"
)

// liquidTag reads the tags of Hexo, Jekyll and Eleventy, and those of Pelican's
// plug-in liquid_tags, which knows only the first form, at e.src[at:]:
// {% name args %}, {{ expression }}, {# comment #}, and kramdown's {: attributes}.
func (e *expander) liquidTag(at int, inCode bool) int {
	rest := e.src[at:]
	switch {
	case strings.HasPrefix(rest, "{%"):
		return e.liquidBlock(at, inCode)
	case e.o.Dialect == Pelican:
	case strings.HasPrefix(rest, "{{"):
		return e.liquidExpression(at, inCode)
	case strings.HasPrefix(rest, "{#") && !inCode && e.o.Dialect != Jekyll:
		line, _, _ := strings.Cut(rest[:min(len(rest), maxTag)], "\n\n")
		if end := strings.Index(line, "#}"); end > 0 {
			return end + 2
		}
	case strings.HasPrefix(rest, "{:") && !inCode && e.o.Dialect == Jekyll:
		return e.attributeList(at)
	}
	return 0
}

// liquidBlock reads {% … %}. Inside code only Liquid itself, which runs before
// Markdown, is at work: raw in Jekyll and Eleventy.
func (e *expander) liquidBlock(at int, inCode bool) int {
	name, args, n := tagAt(e.src[at:])
	if n == 0 {
		return 0
	}
	if inCode {
		if e.o.Dialect == Hexo || e.o.Dialect == Pelican || name != "raw" && name != "endraw" && name != "verbatim" && name != "endverbatim" && name != "link" && name != "post_url" {
			return 0
		}
		if name == "raw" || name == "verbatim" {
			if end, after := e.endTag(at+n, "end"+name); end >= 0 && !strings.Contains(e.src[at+n:end], "```") {
				e.out.WriteString(e.src[at+n : end])
				return after - at
			}
		}
		if name == "raw" || name == "verbatim" || strings.HasPrefix(name, "end") {
			return n
		}
	}
	if used := e.enclosing(at, n, name, args); used > 0 {
		return used
	}
	if strings.HasPrefix(name, "end") || name == "else" || name == "elsif" || name == "elif" || name == "elseif" || name == "when" || name == "break" || name == "continue" {
		return n
	}
	if !e.panel(at, n, name, args) {
		e.out.WriteString(e.single(at, name, args))
	}
	return n
}

// tagAt reads {% name args %} and returns its length, 0 where there is none.
func tagAt(s string) (name, args string, n int) {
	end := strings.Index(s[:min(len(s), maxTag)], "%}")
	if end < 3 {
		return "", "", 0
	}
	body := strings.Trim(strings.TrimSuffix(strings.TrimPrefix(s[2:end], "-"), "-"), " \t\n")
	name, args, _ = strings.Cut(strings.ReplaceAll(strings.ReplaceAll(body, "\n", " "), "\t", " "), " ")
	if !isName(name) {
		return "", "", 0
	}
	return strings.ToLower(name), strings.TrimSpace(args), end + 2
}

// endTag finds the {% name %} that closes a tag whose content begins at from; -1 where there is none.
func (e *expander) endTag(from int, name string) (start, after int) {
	if e.missing(name, from) {
		return -1, -1
	}
	open, level := strings.TrimPrefix(name, "end"), 1
	for at := from; ; {
		i := strings.Index(e.src[at:], "{%")
		if i < 0 {
			e.miss(name, from)
			return -1, -1
		}
		at += i
		found, _, n := tagAt(e.src[at:])
		switch {
		case n > 0 && found == name:
			if level--; level == 0 {
				return at, at + n
			}
		case n > 0 && found == open && open != "raw" && open != "verbatim" && open != "codeblock" && open != "code":
			level++
		}
		at += max(n, 2)
	}
}

// enclosing reads a tag together with its content, and returns 0 for one that
// has none or whose content simply stays.
func (e *expander) enclosing(at, n int, name, args string) int {
	switch name {
	case "raw", "verbatim", "codeblock", "code", "highlight", "comment", "quote", "blockquote", "pullquote", "for", "tablerow", "capture", "mermaid", "centerquote", "cq":
	default:
		return 0
	}
	end, after := e.endTag(at+n, "end"+name)
	if end < 0 {
		return 0
	}
	body, source := e.src[at+n:end], e.src[at:after]
	switch name {
	case "raw", "verbatim":
		e.raw(body, source)
	case "codeblock", "code", "highlight", "mermaid":
		e.codeTag(name, args, body, source)
	case "quote", "blockquote", "pullquote", "centerquote", "cq":
		cite := ""
		if name == "quote" || name == "blockquote" {
			cite = quoteSource(args)
		}
		e.out.WriteString(quotation(e.inner(at+n, end), cite))
	case "for", "tablerow", "capture":
		e.warn(at, "{%% %s %%} is not run; it was dropped with its content", name)
	}
	return after - at
}

// raw: Hexo puts the content past Markdown, the others only past their templates.
func (e *expander) raw(body, source string) {
	if e.o.Dialect != Hexo {
		e.out.WriteString(body)
		return
	}
	kind := insetHTML
	if !strings.ContainsAny(body, "<&") {
		kind = insetText
		body = strings.TrimSpace(body)
	}
	block := strings.Contains(body, "\n")
	e.inset(inset{kind: kind, body: body, source: source}, block)
}

// codeTag: {% codeblock [title] [lang:x] [url] [link text] %}, {% highlight lang %}.
func (e *expander) codeTag(name, args, body, source string) {
	a := parseArgs(args)
	in := inset{kind: insetCode, body: trimCode(body), source: source}
	switch {
	case name == "mermaid":
		in.language = "mermaid"
	case name == "highlight" && e.o.Dialect != Hexo:
		in.language = strings.ToLower(a.get("", 0))
	default:
		options := a.option(codeOptions...)
		in.language = strings.ToLower(options["lang"])
		in.caption = captionOf(a)
		if l := a.named["lang"]; l != "" && in.language == "" {
			in.language = strings.ToLower(l)
		}
	}
	e.inset(in, true)
}

// trimCode takes the line ends that belong to the tags off a block of code.
func trimCode(body string) string {
	if first, rest, ok := strings.Cut(body, "\n"); ok && strings.TrimSpace(first) == "" {
		body = rest
	}
	return strings.TrimRight(body, " \t\n") + "\n"
}

// quoteSource: [author[, source]] [link] [link title].
func quoteSource(args string) string {
	a := parseArgs(strings.ReplaceAll(args, ",", "\x00 "))
	for i, w := range a.words {
		w = strings.Trim(w, "\x00")
		if !isURL(w) {
			continue
		}
		title := strings.ReplaceAll(a.rest(i+1), "\x00", ",")
		if title == "" {
			title = w
		}
		author := strings.Trim(strings.ReplaceAll(strings.Join(a.words[:i], " "), "\x00", ","), ", ")
		if author == "" {
			return linkTo(title, w)
		}
		return "**" + escapeMarkdown(author) + "** " + linkTo(title, w)
	}
	author, source, _ := strings.Cut(strings.Join(a.words, " "), "\x00")
	author, source = strings.TrimSpace(author), strings.TrimSpace(strings.ReplaceAll(source, "\x00", ","))
	if author == "" {
		return escapeMarkdown(source)
	}
	author = "**" + escapeMarkdown(author) + "**"
	if source != "" {
		author += ", " + escapeMarkdown(source)
	}
	return author
}

// liquidExpression reads {{ … }}.
func (e *expander) liquidExpression(at int, inCode bool) int {
	rest := e.src[at:]
	end := strings.Index(rest[:min(len(rest), maxTag)], "}}")
	if end < 0 || inCode && e.o.Dialect == Hexo {
		return 0
	}
	body := strings.Trim(strings.TrimSuffix(strings.TrimPrefix(rest[2:end], "-"), "-"), " \t\n")
	value, ok := e.evaluate(body)
	if !ok && inCode {
		return 0
	}
	if !ok {
		e.warn(at, "{{ %s }} has no value here; it was dropped", body)
	}
	e.out.WriteString(value)
	return end + 2
}

// evaluate knows literals, the site's and the post's addresses, and the filters that make addresses.
func (e *expander) evaluate(body string) (string, bool) {
	parts := strings.Split(body, "|")
	first := strings.TrimSpace(parts[0])
	value, n := quotedWord(first)
	if n == 0 || n != len(first) {
		var ok bool
		if value, ok = e.variable(first); !ok {
			return "", false
		}
	}
	for _, filter := range parts[1:] {
		name, arg, _ := strings.Cut(strings.TrimSpace(filter), ":")
		arg, _ = e.evaluateOne(strings.TrimSpace(arg))
		value = e.filter(strings.TrimSpace(name), value, arg)
	}
	return value, true
}

func (e *expander) evaluateOne(s string) (string, bool) {
	if value, n := quotedWord(s); n > 0 {
		return value, true
	}
	return e.variable(s)
}

func (e *expander) variable(name string) (string, bool) {
	root := sitePath(e.o.SiteURL)
	switch name {
	case "site.url", "config.url", "metadata.url", "site.baseUrl":
		if name == "site.url" && root != "" {
			return strings.TrimSuffix(strings.TrimRight(e.o.SiteURL, "/"), root), e.o.SiteURL != ""
		}
		return strings.TrimRight(e.o.SiteURL, "/"), e.o.SiteURL != ""
	case "site.baseurl":
		return root, e.o.SiteURL != ""
	case "config.root":
		return root + "/", e.o.SiteURL != ""
	case "page.url":
		if u, err := url.Parse(e.o.PostURL); err == nil {
			return u.EscapedPath(), e.o.PostURL != ""
		}
	case "page.title", "title":
		return escapeMarkdown(e.o.Title), e.o.Title != ""
	}
	return "", false
}

// sitePath returns the path of an address without its last slash.
func sitePath(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return strings.TrimRight(u.EscapedPath(), "/")
}

func (e *expander) filter(name, value, arg string) string {
	site := strings.TrimRight(e.o.SiteURL, "/")
	switch name {
	case "relative_url", "url":
		if isURL(value) {
			return value
		}
		return sitePath(e.o.SiteURL) + "/" + strings.TrimLeft(value, "/")
	case "absolute_url", "absoluteUrl":
		if isURL(value) {
			return value
		}
		return site + "/" + strings.TrimLeft(value, "/")
	case "prepend":
		return arg + value
	case "append":
		return value + arg
	case "downcase", "lower":
		return strings.ToLower(value)
	case "upcase", "upper":
		return strings.ToUpper(value)
	}
	return value
}

// attributeList drops kramdown's {: .class #id}, {:toc} with the list item
// before it, {::options /} and {:/}.
func (e *expander) attributeList(at int) int {
	paragraph, _, _ := strings.Cut(e.src[at:min(len(e.src), at+maxTag)], "\n\n")
	end := strings.IndexByte(paragraph, '}')
	if end < 0 {
		return 0
	}
	body := strings.TrimSpace(paragraph[2:end])
	if body == "toc" || strings.HasPrefix(body, "toc ") {
		e.dropContents()
		return end + 1
	}
	if body == "" || strings.IndexByte(".#:/", body[0]) >= 0 || strings.Contains(body, "=") || isName(body) {
		return end + 1
	}
	return 0
}

// dropContents takes back the list item that {:toc} would replace.
func (e *expander) dropContents() {
	written := bytes.TrimRight(e.out.Bytes(), " \t\n")
	line := written[bytes.LastIndexByte(written, '\n')+1:]
	if startsItem(strings.TrimSpace(string(line))) {
		e.out.Truncate(len(written) - len(line))
	}
}
