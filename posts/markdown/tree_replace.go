package markdown

import (
	"net/url"
	"strings"

	"golang.org/x/net/html"
)

// texScript keeps the formula that MathJax 2 finds in a script; all other scripts go.
func (t *treeWriter) texScript(n *html.Node) {
	kind := strings.ToLower(attribute(n, "type"))
	if !strings.HasPrefix(kind, "math/tex") || n.FirstChild == nil {
		return
	}
	t.formula(n.FirstChild.Data, strings.Contains(kind, "mode=display"))
}

// embed writes a link to what a frame would show.
func (t *treeWriter) embed(n *html.Node) {
	src := attribute(n, "src")
	if src == "" {
		src = attribute(n, "data-src")
	}
	href, ok := t.urls.media(src)
	if !ok || src == "" || t.links > 0 {
		return
	}
	label, href := embedLabel(href)
	if title := strings.TrimSpace(string(clean([]byte(attribute(n, "title"))))); label == "" && title != "" {
		label = title
	}
	if label != "" {
		label += ": "
	}
	t.str(`<a href="`)
	t.buf = appendAttr(t.buf, href)
	t.str(`">`)
	t.buf = appendText(t.buf, []byte(label+href))
	t.str("</a>")
}

// embedLabel names the service and turns the address of its player into the
// address of its page.
func embedLabel(src string) (label, href string) {
	u, err := url.Parse(src)
	if err != nil {
		return "", src
	}
	last := u.Path[strings.LastIndexByte(u.Path, '/')+1:]
	switch host := strings.TrimPrefix(u.Hostname(), "www."); host {
	case "youtube.com", "youtube-nocookie.com":
		if strings.HasPrefix(u.Path, "/embed/") && last != "" && last != "videoseries" {
			return "YouTube", "https://www.youtube.com/watch?v=" + last
		}
		return "YouTube", src
	case "player.vimeo.com":
		return "Vimeo", "https://vimeo.com/" + last
	case "player.bilibili.com":
		q := u.Query()
		if id := q.Get("bvid"); id != "" {
			return "Bilibili", "https://www.bilibili.com/video/" + url.PathEscape(id)
		}
		if id := q.Get("aid"); id != "" {
			return "Bilibili", "https://www.bilibili.com/video/av" + url.PathEscape(id)
		}
		return "Bilibili", src
	case "codepen.io":
		return "CodePen", strings.Replace(src, "/embed/", "/pen/", 1)
	case "open.spotify.com":
		return "Spotify", strings.Replace(src, "/embed/", "/", 1)
	case "w.soundcloud.com":
		return "SoundCloud", src
	}
	return "", src
}

// checkbox writes a task list's box as a character: forms do not live in feeds.
func (t *treeWriter) checkbox(n *html.Node) {
	if !strings.EqualFold(attribute(n, "type"), "checkbox") {
		return
	}
	if has(n.Attr, "checked") {
		t.str("☑")
	} else {
		t.str("☐")
	}
	if next := n.NextSibling; next == nil || next.Type != html.TextNode || !strings.HasPrefix(next.Data, " ") {
		t.str(" ")
	}
}

func textContent(n *html.Node) string {
	if n.Type == html.TextNode {
		return n.Data
	}
	var b strings.Builder
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		b.WriteString(textContent(c))
	}
	return b.String()
}

// isPermalink says whether a link only marks a heading: its text is a sign or nothing.
func isPermalink(n *html.Node) bool {
	if !strings.Contains(attribute(n, "href"), "#") || find(n, func(c *html.Node) bool { return c.Data == "img" }) != nil {
		return false
	}
	return permalinkSign(textContent(n))
}

func permalinkSign(text string) bool {
	switch strings.Trim(text, " \t\n\ufe0f\u200b") {
	case "", "#", "¶", "§", "🔗", "⚓", "∞":
		return true
	}
	return false
}
