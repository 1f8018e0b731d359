package markdown

import (
	"bytes"
	"strings"
)

// single returns the Markdown for a tag without content.
func (e *expander) single(at int, name, args string) string {
	a := parseArgs(args)
	switch name {
	case "post_link", "post_path":
		return e.postLink(at, name, a)
	case "asset_img", "img", "asset_link", "asset_path":
		return e.assetTag(name, a)
	case "link":
		if e.o.Dialect == Jekyll {
			return e.reference(at, "{% link %}", a.rest(0))
		}
		return linkTag(a)
	case "post_url":
		return e.reference(at, "{% post_url %}", a.rest(0))
	case "iframe":
		if src := a.get("", 0); src != "" {
			return linkTo(src, src)
		}
	case "include_code":
		if e.o.Dialect == Pelican {
			break // where its file is published is not told
		}
		a.option("lang", "from", "to")
		if n := len(a.words); n > 0 {
			title := strings.Join(a.words[:n-1], " ")
			if title == "" {
				title = a.words[n-1]
			}
			return linkTo(title, strings.TrimRight(e.o.SiteURL, "/")+"/downloads/code/"+a.words[n-1])
		}
	case "if", "unless", "case", "assign", "set", "increment", "decrement", "cycle", "elsif":
		e.warn(at, "{%% %s %%} is not run; what it encloses stays", name)
		return ""
	case "more":
		return "\n\n<!-- more -->\n\n"
	}
	if markdown, ok := service(name, a); ok {
		return markdown
	}
	return e.unknown(at, "{% "+name+" %}", name, a)
}

// postLink: {% post_link slug [title] [escape] %}. A title that is not escaped may hold HTML.
func (e *expander) postLink(at int, name string, a tagArgs) string {
	slug := a.get("", 0)
	target, hash, _ := strings.Cut(slug, "#")
	address, title, ok := e.lookUp(target)
	if hash != "" {
		address += "#" + hash
	}
	if n := len(a.words); n > 2 && (a.words[n-1] == "true" || a.words[n-1] == "false") {
		a.words = a.words[:n-1]
	}
	if given := a.rest(1); given != "" {
		title = given
	}
	if !ok {
		e.warn(at, "{%% %s %s %%}: there is no such post", name, slug)
		if name == "post_path" {
			return ""
		}
		return escapeMarkdown(title)
	}
	if name == "post_path" {
		return address
	}
	if title == "" {
		title = slug
	}
	return linkTo(title, address)
}

func (e *expander) lookUp(name string) (address, title string, ok bool) {
	if e.o.Ref == nil {
		return "", "", false
	}
	return e.o.Ref(name)
}

// reference returns the address of a post or page, or drops the tag.
func (e *expander) reference(at int, shown, name string) string {
	path, hash, _ := strings.Cut(name, "#")
	address, _, ok := e.lookUp(path)
	if !ok {
		e.warn(at, "%s: there is no post %q", shown, name)
		return ""
	}
	if hash != "" {
		address += "#" + hash
	}
	e.takeBackSite()
	return address
}

// takeBackSite takes back the site's address before a reference: sites write
// {{ site.baseurl }}{% post_url x %}, and what a reference gives is absolute.
func (e *expander) takeBackSite() {
	for _, prefix := range []string{strings.TrimRight(e.o.SiteURL, "/"), sitePath(e.o.SiteURL)} {
		if prefix != "" && bytes.HasSuffix(e.out.Bytes(), []byte(prefix)) {
			e.out.Truncate(e.out.Len() - len(prefix))
			return
		}
	}
}

// assetTag: {% asset_img [classes] slug [width] [height] [title [alt]] %},
// {% img … %}, {% asset_link name [title] %}, {% asset_path name %}.
func (e *expander) assetTag(name string, a tagArgs) string {
	if len(a.words) == 0 {
		return ""
	}
	switch name {
	case "asset_path":
		return strings.ReplaceAll(e.asset(a.words[0]), " ", "%20")
	case "asset_link":
		if n := len(a.words); n > 2 && (a.words[n-1] == "true" || a.words[n-1] == "false") {
			a.words = a.words[:n-1]
		}
		title := a.rest(1)
		if title == "" {
			title = a.words[0]
		}
		return linkTo(title, e.asset(a.words[0]))
	}
	at := e.pictureIndex(name, a)
	src := a.words[at]
	words := a.words[at+1:]
	for len(words) > 0 && strings.Trim(words[0], "0123456789px%") == "" && words[0] != "" {
		words = words[1:]
	}
	title, alt := pictureTexts(words)
	if name == "asset_img" {
		src = e.asset(src)
	} else if e.o.Dialect == Hexo && strings.HasPrefix(src, "/") && !isURL(src) {
		src = sitePath(e.o.SiteURL) + src // Hexo puts the site's root before it
	}
	return picture(src, alt, title)
}

// pictureIndex skips the classes before the name of the picture.
func (e *expander) pictureIndex(name string, a tagArgs) int {
	for i, w := range a.words {
		if name == "img" && (isURL(w) || strings.HasPrefix(w, "/")) {
			return i
		}
		if name == "asset_img" && e.o.Asset != nil {
			if _, ok := e.o.Asset(w); ok {
				return i
			}
		}
	}
	for i, w := range a.words {
		if pictureName.MatchString(w) {
			return i
		}
	}
	return 0
}

// pictureTexts reads Hexo's title and alternative text: '"title" "alt"', or
// words, which are the title.
func pictureTexts(words []string) (title, alt string) {
	joined := strings.TrimSpace(strings.Join(words, " "))
	if first, n := quotedWord(joined); n > 0 {
		second, _ := quotedWord(strings.TrimSpace(joined[n:]))
		if second == "" {
			second = first
		}
		return first, second
	}
	return joined, joined
}

func (e *expander) asset(name string) string {
	if e.o.Asset != nil {
		if address, ok := e.o.Asset(name); ok {
			return address
		}
	}
	return name
}

// linkTag: {% link text url [external] [title] %}.
func linkTag(a tagArgs) string {
	for i, w := range a.words {
		if isURL(w) || strings.HasPrefix(w, "/") {
			text := strings.Join(a.words[:i], " ")
			if text == "" {
				text = w
			}
			return linkTo(text, w)
		}
	}
	return escapeMarkdown(a.rest(0))
}
