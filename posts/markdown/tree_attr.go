package markdown

import (
	"strings"

	"golang.org/x/net/html"
)

// attributes returns the attributes of n with absolute addresses; those that
// lead nowhere safe are left out. The policy judges the rest.
func (t *treeWriter) attributes(n *html.Node) []html.Attribute {
	var out []html.Attribute
	for _, a := range n.Attr {
		if a.Namespace != "" || strings.HasPrefix(a.Key, "on") || strings.HasPrefix(a.Key, "data-") || a.Key == "class" {
			continue
		}
		ok := true
		switch a.Key {
		case "href", "cite":
			a.Val, ok = t.urls.link(a.Val)
		case "src", "poster":
			a.Val, ok = t.urls.media(a.Val)
		case "srcset":
			a.Val = t.srcset(a.Val)
			ok = a.Val != ""
		}
		if ok && !has(out, a.Key) {
			out = append(out, a)
		}
	}
	switch n.Data {
	case "img", "source":
		out = t.lazy(n, out)
	case "video", "audio":
		out = t.lazy(n, out)
		if !has(out, "controls") {
			out = append(out, html.Attribute{Key: "controls"})
		}
	}
	return out
}

func without(attrs []html.Attribute, key string) []html.Attribute {
	var out []html.Attribute
	for _, a := range attrs {
		if a.Key != key {
			out = append(out, a)
		}
	}
	return out
}

// srcset resolves every candidate of a srcset: "a.png 2x, b.png 480w".
func (t *treeWriter) srcset(value string) string {
	var out []string
	for rest := strings.TrimLeft(value, ", \t\n"); rest != ""; rest = strings.TrimLeft(rest, ", \t\n") {
		end := strings.IndexAny(rest, " \t\n")
		if end < 0 {
			end = len(rest)
		}
		src, descriptor := rest[:end], ""
		rest = rest[end:]
		if trimmed := strings.TrimRight(src, ","); trimmed != src {
			src = trimmed
		} else {
			descriptor, rest, _ = strings.Cut(rest, ",")
		}
		if url, ok := t.urls.media(src); ok {
			url = strings.ReplaceAll(url, ",", "%2C")
			out = append(out, strings.TrimSpace(url+" "+strings.Join(strings.Fields(descriptor), " ")))
		}
	}
	return strings.Join(out, ", ")
}
