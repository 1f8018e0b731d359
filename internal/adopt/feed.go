// Package adopt takes over the ids under which readers know a blog's posts: it
// reads the feed that the blog has now and finds the post of each entry.
//
// Start with [Read], [Parse] and [Match].
package adopt

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"html"
	"net/url"
	"regexp"
	"strings"
	"time"

	"github.com/mmcdole/gofeed"

	"tidings.example/posts"
)

// Feed is what matters here of a feed.
type Feed struct {
	// Format is one of the formats of posts.GUID.
	Format string
	// ID is the feed's own, "" but in Atom.
	ID      string
	Title   string
	Entries []Entry
}

// Entry is one entry of a [Feed].
type Entry struct {
	// ID is to the letter what a reader compares, "" where there is nothing.
	ID string `json:"id"`
	// URL is absolute, or "".
	URL   string    `json:"url"`
	Title string    `json:"title"`
	Date  time.Time `json:"date,omitzero"`
}

// Parse reads a feed in RSS, Atom or JSON. contentType is what a server says of
// it, or ""; from is the address where relative links start, or "".
func Parse(text []byte, contentType, from string) (*Feed, error) {
	text = utf8Text(text, contentType)
	kind := gofeed.DetectFeedType(bytes.NewReader(text))
	if kind == gofeed.FeedTypeUnknown {
		return nil, noFeed(text, from)
	}
	parsed, err := gofeed.NewParser().Parse(bytes.NewReader(text))
	if err != nil {
		return nil, fmt.Errorf("the feed cannot be read: %w", err)
	}
	f := &Feed{Title: oneLine(parsed.Title)}
	switch kind {
	case gofeed.FeedTypeAtom:
		f.Format = posts.AtomFormat
		f.ID = literal(parsed.Items, text)
	case gofeed.FeedTypeJSON:
		f.Format = posts.JSONFormat
		if !strings.Contains(parsed.FeedVersion, "jsonfeed.org/version") {
			return nil, errors.New("it is JSON, but no JSON Feed: its version is missing")
		}
	default:
		f.Format = posts.RSSFormat
		literal(parsed.Items, text)
	}
	base := cmp.Or(parsed.Link, from)
	for _, item := range parsed.Items {
		f.Entries = append(f.Entries, entryOf(item, base))
	}
	if len(f.Entries) == 0 {
		return nil, errors.New("the feed has no entries: there is nothing to take over")
	}
	return f, nil
}

func entryOf(item *gofeed.Item, base string) Entry {
	e := Entry{ID: strings.TrimSpace(item.GUID), Title: oneLine(item.Title), URL: absolute(base, item.Link)}
	if e.ID == "" {
		e.ID = strings.TrimSpace(item.Link) // so do readers
	}
	for _, t := range []*time.Time{item.UpdatedParsed, item.PublishedParsed} {
		if t != nil {
			e.Date = t.UTC()
		}
	}
	return e
}

// absolute resolves a link, "" for none.
func absolute(base, link string) string {
	link = strings.TrimSpace(link)
	b, err := url.Parse(base)
	if err != nil || link == "" {
		return ""
	}
	u, err := b.Parse(link)
	if err != nil || u.Host == "" {
		return ""
	}
	return u.String()
}

func oneLine(s string) string { return strings.Join(strings.Fields(html.UnescapeString(s)), " ") }

var (
	feedLink = regexp.MustCompile(`(?i)<link\b[^>]*type=["']?application/(?:rss|atom|feed)\+(?:xml|json)["']?[^>]*>`)
	feedHref = regexp.MustCompile(`(?i)\bhref=["']?([^"'\s>]+)`)
)

// noFeed says what the text is instead.
func noFeed(text []byte, from string) error {
	text = bytes.TrimSpace(text)
	if len(text) == 0 {
		return errors.New("it is empty, and no feed")
	}
	for _, link := range feedLink.FindAll(text[:min(len(text), 1<<20)], 1) {
		if m := feedHref.FindSubmatch(link); m != nil {
			href := html.UnescapeString(string(m[1]))
			return fmt.Errorf("it is a web page, not a feed: the page names its feed %s", cmp.Or(absolute(from, href), href))
		}
	}
	if bytes.Contains(bytes.ToLower(text[:min(len(text), 4096)]), []byte("<html")) {
		return errors.New("it is a web page, not a feed: look for the address that ends in .xml, in /feed or in /rss")
	}
	return errors.New("it is no feed: want RSS, Atom or JSON Feed")
}
