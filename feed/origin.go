package feed

import (
	"cmp"
	"encoding/xml"
	"net/url"
	"regexp"
	"strings"
	"time"

	"tidings.example/posts"
)

// origin is the feed that an entry was first published in, as documents show
// it: nothing for one of the publication's own site, nor where there is no
// address to show.
func origin(o posts.Origin, home string) posts.Origin {
	o = posts.Origin{Title: line(o.Title), ID: originID(o.ID), Feed: address(o.Feed), URL: address(o.URL)}
	if o.Feed == "" || hostOf(cmp.Or(o.URL, o.Feed)) == hostOf(home) {
		return posts.Origin{}
	}
	o.Title = cmp.Or(o.Title, hostOf(o.Feed))
	return o
}

// tagURI is the form of RFC 4151.
var tagURI = regexp.MustCompile(`^tag:[A-Za-z0-9.@_-]+,\d{4}(-\d\d){0,2}:[!-~]*$`)

// originID is the other feed's id where it is one: many feeds call themselves
// by what is no URI.
func originID(id string) string {
	if tagURI.MatchString(id) {
		return id
	}
	return address(id)
}

func hostOf(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return strings.TrimPrefix(strings.ToLower(u.Host), "www.")
}

// rssSource is the source of an item: the RSS channel that it came from.
type rssSource struct {
	XMLName xml.Name `xml:"source"`
	URL     string   `xml:"url,attr"`
	text
}

// atomSource is what an entry keeps of the feed that it was copied from (RFC
// 4287 section 4.2.11). Of the time when that feed changed last it is known
// that it had the entry then.
type atomSource struct {
	XMLName xml.Name   `xml:"source"`
	ID      string     `xml:"id"`
	Title   atomText   `xml:"title"`
	Updated string     `xml:"updated"`
	Links   []atomLink `xml:"link"`
}

// jsonSource is an extension of our own: JSON Feed has no word for it.
type jsonSource struct {
	About string `json:"about"`
	Title string `json:"title"`
	URL   string `json:"url,omitempty"`
	Feed  string `json:"feed_url"`
}

func newRSSSource(o posts.Origin) *rssSource {
	if o.Feed == "" {
		return nil
	}
	return &rssSource{URL: o.Feed, text: plainText(o.Title)}
}

func newAtomSource(o posts.Origin, updated time.Time) *atomSource {
	if o.Feed == "" {
		return nil
	}
	s := &atomSource{ID: cmp.Or(o.ID, o.Feed), Title: newAtomText(o.Title), Updated: rfc3339(updated), Links: []atomLink{{Rel: "self", Href: o.Feed}}}
	if o.URL != "" {
		s.Links = append(s.Links, atomLink{Rel: "alternate", Href: o.URL, Type: "text/html"})
	}
	return s
}

func newJSONSource(o posts.Origin) *jsonSource {
	if o.Feed == "" {
		return nil
	}
	return &jsonSource{About: "https://www.rfc-editor.org/rfc/rfc4287#section-4.2.11", Title: o.Title, URL: o.URL, Feed: o.Feed}
}
