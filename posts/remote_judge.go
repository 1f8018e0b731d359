package posts

import (
	"bytes"
	"errors"
	"fmt"
	"net/url"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// judge makes a feed of an answer. A page, half a document and a feed without
// items are errors: they are no news.
func (r *Remote) judge(body []byte, contentType string, from *url.URL) (*remoteFeed, error) {
	text := decodeText(body, contentType)
	if isPage(text) {
		return nil, &PageError{Feeds: feedsOf(text, from)}
	}
	f, err := parseRemote(text, from.String(), r.o.TimeZone)
	if err != nil {
		return nil, err
	}
	if len(f.items) == 0 {
		return nil, errors.New("it is a feed without any items: that changes nothing")
	}
	return f, nil
}

// isPage tells that a text is a web page. XML that begins like a feed is none,
// nor is JSON, whose texts may well be HTML.
func isPage(text []byte) bool {
	if isJSON(text) {
		return false
	}
	z := html.NewTokenizer(bytes.NewReader(text[:min(len(text), 64<<10)]))
	for range 100 {
		switch z.Next() {
		case html.ErrorToken:
			return false
		case html.DoctypeToken:
			kind := strings.ToLower(strings.TrimSpace(string(z.Text())))
			if kind == "html" || strings.HasPrefix(kind, "html ") {
				return true
			}
		case html.StartTagToken, html.SelfClosingTagToken:
			name, _ := z.TagName()
			switch atom.Lookup(name) {
			case atom.Html, atom.Head, atom.Body, atom.Title, atom.Meta, atom.Script, atom.Style, atom.Link, atom.Div, atom.P, atom.H1, atom.Center:
				return true
			}
			return false
		}
	}
	return false
}

// PageError says that an address is that of a web page, and which feeds the
// page names.
type PageError struct{ Feeds []string }

// Error says what to write instead.
func (e *PageError) Error() string {
	switch len(e.Feeds) {
	case 0:
		return "it is a web page, not a feed, and names no feed"
	case 1:
		return fmt.Sprintf("it is a web page, not a feed: it names its feed, write feed = %q", e.Feeds[0])
	}
	return fmt.Sprintf("it is a web page, not a feed: it names its feeds, write feed = %q, or one of %s", e.Feeds[0], strings.Join(e.Feeds[1:], ", "))
}

// feedTypes are the media types of links that lead to feeds.
var feedTypes = map[string]bool{"application/atom+xml": true, "application/rss+xml": true, "application/feed+json": true, "application/rdf+xml": true, "text/xml": true, "application/xml": true}

// feedsOf finds the feeds that a page names by its links, five at most.
func feedsOf(page []byte, from *url.URL) []string {
	base := from
	var feeds []string
	z := html.NewTokenizer(bytes.NewReader(page))
	z.SetMaxBuf(1 << 20)
	for len(feeds) < 5 {
		kind := z.Next()
		if kind == html.ErrorToken {
			break
		}
		if kind != html.StartTagToken && kind != html.SelfClosingTagToken {
			continue
		}
		t := z.Token()
		attr := map[string]string{}
		for _, a := range t.Attr {
			attr[a.Key] = strings.TrimSpace(a.Val)
		}
		switch t.DataAtom {
		case atom.Base:
			if u, err := from.Parse(attr["href"]); err == nil {
				base = u
			}
		case atom.Link:
			kind, _, _ := strings.Cut(strings.ToLower(attr["type"]), ";")
			if !contains(strings.Fields(strings.ToLower(attr["rel"])), "alternate") || !feedTypes[strings.TrimSpace(kind)] || attr["href"] == "" {
				continue
			}
			if u, err := base.Parse(attr["href"]); err == nil && (u.Scheme == "http" || u.Scheme == "https") && !contains(feeds, u.String()) {
				feeds = append(feeds, u.String())
			}
		}
	}
	return feeds
}
