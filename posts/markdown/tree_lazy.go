package markdown

import (
	"strings"

	"golang.org/x/net/html"
)

// Where themes keep an address until a script has seen the reader come near.
var (
	lazySources = []string{"data-src", "data-original", "data-lazy-src", "data-lazy", "data-actualsrc", "data-echo"}
	lazySets    = []string{"data-srcset", "data-lazy-srcset", "data-original-set"}
)

// lazy puts the addresses in place that a script would have put there. What
// stands there now is a picture of waiting.
func (t *treeWriter) lazy(n *html.Node, attrs []html.Attribute) []html.Attribute {
	src, set := t.lazySource(n), ""
	for _, key := range lazySets {
		if v := attribute(n, key); v != "" && set == "" {
			set = t.srcset(v)
		}
	}
	if src != "" && n.Data != "source" || src != "" && !has(n.Attr, "srcset") {
		attrs = append(without(attrs, "src"), html.Attribute{Key: "src", Val: src})
		if set == "" && n.Data == "img" && waits(attribute(n, "srcset")) {
			attrs = without(attrs, "srcset")
		}
	}
	if set != "" && (n.Data == "img" || n.Data == "source") {
		attrs = append(without(attrs, "srcset"), html.Attribute{Key: "srcset", Val: set})
	}
	if poster, ok := t.urls.media(attribute(n, "data-poster")); ok && n.Data == "video" && has(n.Attr, "data-poster") {
		attrs = append(without(attrs, "poster"), html.Attribute{Key: "poster", Val: poster})
	}
	return attrs
}

// lazySource returns the address that waits in an attribute of its own, or "".
func (t *treeWriter) lazySource(n *html.Node) string {
	for _, key := range lazySources {
		v := attribute(n, key)
		if !strings.ContainsAny(v, "./") || strings.ContainsAny(v, "{}<>") {
			continue // none, a switch, or a template that nobody filled in
		}
		if url, ok := t.urls.media(v); ok {
			return url
		}
	}
	return ""
}

// waits says whether a srcset is only what is shown before the pictures come.
func waits(srcset string) bool { return strings.HasPrefix(strings.TrimSpace(srcset), "data:") }

// noscript writes the pictures, films and frames that are there for those without
// scripts, who all readers of feeds are: each of them once, and no counter's pixel.
// Its words, which ask for scripts, go.
func (t *treeWriter) noscript(n *html.Node) {
	shown := map[string]bool{}
	for _, beside := range []*html.Node{besides(n, true), besides(n, false)} {
		t.sources(beside, shown)
	}
	for _, media := range fallbacks(n) {
		if src, _ := t.urls.media(attribute(media, "src")); !shown[src] || src == "" {
			t.node(media)
		}
	}
}

// fallbacks returns what a noscript holds to be seen.
func fallbacks(n *html.Node) []*html.Node {
	if n.FirstChild == nil || n.FirstChild.Type != html.TextNode {
		return nil
	}
	var out []*html.Node
	var look func(*html.Node)
	look = func(c *html.Node) {
		switch {
		case c.Type != html.ElementNode:
		case c.Data == "img" && pixel(c):
		case c.Data == "img" || c.Data == "picture" || c.Data == "video" || c.Data == "audio":
			out = append(out, c)
		case c.Data == "iframe":
			if !pixel(c) {
				out = append(out, c)
			}
		default:
			for c := c.FirstChild; c != nil; c = c.NextSibling {
				look(c)
			}
		}
	}
	for _, c := range parseHTML([]byte(n.FirstChild.Data)) {
		look(c)
	}
	return out
}

// pixel says whether an element is there to count readers, not to be seen.
func pixel(n *html.Node) bool {
	for _, key := range []string{"width", "height"} {
		if v := strings.TrimSuffix(attribute(n, key), "px"); v == "0" || v == "1" {
			return true
		}
	}
	style := strings.ReplaceAll(attribute(n, "style"), " ", "")
	return strings.Contains(style, "display:none") || strings.Contains(style, "visibility:hidden")
}

// sources notes the addresses of the pictures in n.
func (t *treeWriter) sources(n *html.Node, into map[string]bool) {
	if n == nil || n.Data == "noscript" {
		return
	}
	if src := t.lazySource(n); src != "" {
		into[src] = true
	} else if src, ok := t.urls.media(attribute(n, "src")); ok && has(n.Attr, "src") {
		into[src] = true
	}
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		if c.Type == html.ElementNode {
			t.sources(c, into)
		}
	}
}

// besides returns the element before or behind n.
func besides(n *html.Node, before bool) *html.Node {
	step := func(c *html.Node) *html.Node {
		if before {
			return c.PrevSibling
		}
		return c.NextSibling
	}
	for c := step(n); c != nil; c = step(c) {
		if c.Type == html.ElementNode {
			return c
		}
	}
	return nil
}

// placeholder says whether a picture only keeps the place of one in a noscript beside it.
func (t *treeWriter) placeholder(n *html.Node) bool {
	lazy := strings.Contains(attribute(n, "class"), "lazy") || strings.HasPrefix(strings.TrimSpace(attribute(n, "src")), "data:")
	if !lazy || t.lazySource(n) != "" {
		return false
	}
	for _, beside := range []*html.Node{besides(n, true), besides(n, false)} {
		if beside != nil && beside.Data == "noscript" && len(fallbacks(beside)) > 0 {
			return true
		}
	}
	return false
}
