package posts

import (
	"encoding/json"
	"net/url"
	"strings"
	"time"

	"tidings.example/posts/frontmatter"
)

// remoteFeed is a feed as it was read, whatever its format.
type remoteFeed struct {
	text    []byte // as it was parsed
	site    RemoteSite
	id      string        // what it calls itself by, or ""
	self    string        // the address that it says it has, or ""
	pace    time.Duration // how long it asks to be left alone
	items   []*remoteItem // in the order of the document
	deleted []string      // GUIDs of what was there (RFC 6721)
	missed  int           // items that hold nothing, or are too many
	cut     int           // items whose body is too long
}

// remoteItem is one item: what its post is made of. Its form is kept in the
// ledger, so fields may come and never change.
type remoteItem struct {
	GUID  string `json:"guid,omitempty"`
	Link  string `json:"link,omitempty"` // absolute; "" where it names none
	Title string `json:"title,omitempty"`
	// Summary is plain text, HTML the body; relative addresses in it start at Base.
	Summary    string      `json:"summary,omitempty"`
	HTML       string      `json:"html,omitempty"`
	Base       string      `json:"base,omitempty"`
	Date       time.Time   `json:"date,omitzero"`
	Updated    time.Time   `json:"updated,omitzero"`
	Authors    []Author    `json:"authors,omitempty"`
	Tags       []string    `json:"tags,omitempty"`
	Language   string      `json:"language,omitempty"`
	Image      string      `json:"image,omitempty"`
	Thumbnail  string      `json:"thumbnail,omitempty"`
	Enclosures []Enclosure `json:"enclosures,omitempty"`
	// Origin is the feed that an aggregator has it from.
	Origin Origin `json:"origin,omitzero"`
	// key is its path in the ledger, page the folded address of its page where
	// that is its own, own what id returned.
	key, page, own string
}

// empty tells an item of which nothing can be shown.
func (i *remoteItem) empty() bool {
	return i.Title == "" && i.HTML == "" && i.Summary == "" && i.Link == "" && len(i.Enclosures) == 0
}

// data is the item in the form that is kept.
func (i *remoteItem) data() []byte {
	data, err := json.Marshal(i)
	if err != nil {
		panic(err) // texts, times and numbers always have a form
	}
	return data
}

// post makes the post of an item. site is the page that stands for one
// without a link.
func (i *remoteItem) post(data []byte, site string) *Post {
	p := &Post{Path: i.key, Title: i.Title, Date: i.Date, Updated: i.Updated, Declared: Published, Tags: i.Tags, Authors: i.Authors,
		Language: i.Language, URL: i.address(site), Summary: i.Summary, Image: i.Image, Thumbnail: i.Thumbnail, Enclosures: i.Enclosures, Origin: i.Origin}
	p.Hash = hashBytes(data)
	p.Fingerprint, _ = fingerprint([]byte(i.HTML), nil)
	if i.HTML == "" {
		p.Fingerprint, _ = fingerprint([]byte(i.Title+"\n"+i.Summary+"\n"+i.Link), nil)
	}
	p.Stamp = Stamp{Size: int64(len(data))}
	return p
}

// address is where a reader finds the item: its page, else the file that comes
// with it, else its place on the page of the feed.
func (i *remoteItem) address(site string) string {
	switch {
	case i.Link != "":
		return i.Link
	case len(i.Enclosures) > 0:
		return i.Enclosures[0].URL
	case site == "":
		return ""
	}
	return site + "#" + hashBytes([]byte(i.key))[:12]
}

// remoteURL makes an address absolute, and drops what only counts readers. It is
// "" for what is no web address.
func remoteURL(base, raw string) string {
	raw = strings.TrimSpace(strings.Map(func(r rune) rune {
		if r == '\n' || r == '\r' || r == '\t' {
			return -1
		}
		return r
	}, raw))
	if raw == "" || len(raw) > 2048 {
		return ""
	}
	u, err := url.Parse(raw)
	if err != nil {
		return ""
	}
	if b, err := url.Parse(base); err == nil && base != "" {
		u = b.ResolveReference(u)
	}
	if u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return ""
	}
	u.Host, u.User = strings.ToLower(u.Host), nil
	u.RawQuery = withoutTracking(u.RawQuery)
	escaped := escapePath(u.EscapedPath(), true)
	out := u.Scheme + "://" + u.Host + escaped
	if u.RawQuery != "" {
		out += "?" + strings.ReplaceAll(u.RawQuery, " ", "%20")
	}
	if f := u.EscapedFragment(); f != "" {
		out += "#" + f
	}
	return out
}

// withoutTracking drops the parameters by which services tell readers of feeds
// apart: they are no part of an address.
func withoutTracking(query string) string {
	if !strings.Contains(query, "utm_") {
		return query
	}
	var kept []string
	for part := range strings.SplitSeq(query, "&") {
		if !strings.HasPrefix(strings.ToLower(part), "utm_") {
			kept = append(kept, part)
		}
	}
	return strings.Join(kept, "&")
}

// remoteTime reads the first date that can be used. The zero time of some
// programs, the year 1970 of others, and years far off are none.
func remoteTime(zone *time.Location, texts ...string) time.Time {
	for _, text := range texts {
		t, _, err := frontmatter.ParseTime(text, zone)
		if err != nil {
			continue
		}
		if y := t.UTC().Year(); y > 1970 && y < 2200 {
			return t.UTC()
		}
	}
	return time.Time{}
}
