package posts

import (
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"golang.org/x/net/idna"
)

// Mint returns the tag: URI of a post first seen at now (RFC 4151): the host
// and the date name who gave the name, the rest is the path of its URL, or of
// its file where it has none. siteURL names the host where the post's URL does
// not.
func Mint(p *Post, siteURL string, now time.Time) string {
	host, path := "", ""
	if u, err := url.Parse(p.URL); err == nil && p.URL != "" {
		host, path = u.Hostname(), u.EscapedPath()
		if u.RawQuery != "" {
			path += "?" + u.RawQuery
		}
	}
	if host == "" {
		if u, err := url.Parse(siteURL); err == nil {
			host = u.Hostname()
		}
	}
	if path == "" || path == "/" {
		path = "/" + p.Path
	}
	// An authority cannot have named anything with a date to come, nor before
	// there were domain names.
	date := now
	if y := p.Date.Year(); !p.Date.IsZero() && p.Date.Before(now) && y >= 1985 {
		date = p.Date
	}
	return "tag:" + TagAuthority(host) + "," + date.UTC().Format("2006-01-02") + ":" + tagPath(path)
}

// TagAuthority returns the host as an authorityName of RFC 4151 section 2.1: a
// DNS name, whose parts are of ASCII letters, digits and, inside, hyphens. It is
// localhost where the host is none.
func TagAuthority(host string) string {
	host = strings.Trim(strings.ToLower(host), ".")
	if ascii, err := idna.Lookup.ToASCII(host); err == nil {
		host = ascii
	}
	for part := range strings.SplitSeq(host, ".") {
		if part == "" || part[0] == '-' || part[len(part)-1] == '-' {
			return "localhost"
		}
	}
	for i := range len(host) {
		c := host[i]
		if c != '.' && c != '-' && (c < '0' || c > '9') && (c < 'a' || c > 'z') {
			return "localhost"
		}
	}
	return host
}

// tagPath returns the path with all but pchar, slash and question mark
// percent-encoded (RFC 4151 section 2.1, RFC 3986 section 3.3).
func tagPath(path string) string {
	var b strings.Builder
	for i := 0; i < len(path); i++ {
		c := path[i]
		switch {
		case c == '%' && i+2 < len(path) && hexDigit(path[i+1]) && hexDigit(path[i+2]):
			b.WriteString(path[i : i+3])
			i += 2
		case c >= '0' && c <= '9', c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', strings.IndexByte("-._~!$&'()*+,;=:@/?", c) >= 0:
			b.WriteByte(c)
		default:
			fmt.Fprintf(&b, "%%%02X", c)
		}
	}
	return b.String()
}

func hexDigit(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F'
}

// FoldURL returns the URL as posts are compared by it: without scheme, www.,
// case of the host and of escapes, default port, index.html and trailing slash.
// It is "" for none. A fragment counts: pages that hold several posts of a feed
// tell them apart by it.
func FoldURL(raw string) string {
	u, err := url.Parse(strings.TrimSpace(raw))
	if err != nil || u.Host == "" {
		return ""
	}
	host := strings.ToLower(u.Host)
	switch u.Scheme {
	case "http":
		host = strings.TrimSuffix(host, ":80")
	case "https":
		host = strings.TrimSuffix(host, ":443")
	}
	if bare, is := strings.CutPrefix(host, "www."); is && strings.Contains(bare, ".") {
		host = bare
	}
	path := u.EscapedPath()
	if strings.Contains(path, "%") {
		path = escapes.ReplaceAllStringFunc(path, strings.ToUpper)
	}
	folded := host + strings.TrimRight(strings.TrimSuffix(path, "/index.html"), "/")
	if u.RawQuery != "" {
		folded += "?" + u.RawQuery
	}
	if u.Fragment != "" {
		folded += "#" + u.EscapedFragment()
	}
	return folded
}

var escapes = regexp.MustCompile(`%[0-9a-f]{2}|%[0-9A-F][a-f]|%[a-f][0-9A-F]`)

// nothing is the fingerprint of a body without text. All such bodies are
// alike, which says nothing of the posts.
var nothing = hashBytes(nil)

// Keys returns the ways to find the post again: its path, its fingerprint, its
// URL and its aliases.
func Keys(p *Post) []Key {
	keys := []Key{{PathKey, p.Path}}
	if p.Fingerprint != "" && p.Fingerprint != nothing {
		keys = append(keys, Key{FingerprintKey, p.Fingerprint})
	}
	for _, raw := range append([]string{p.URL}, p.Aliases...) {
		if k := (Key{URLKey, FoldURL(raw)}); k.Text != "" && !slices.Contains(keys, k) {
			keys = append(keys, k)
		}
	}
	return keys
}

// sameArticle tells whether a file at a known path still holds the post it
// held: a new article in an old file differs in title, date and text.
func sameArticle(old *Record, p *Post) bool {
	return old.Hash != "" && old.Hash == p.Hash || old.Title == p.Title || sameTime(old.Date, p.Date) ||
		old.Fingerprint == p.Fingerprint && p.Fingerprint != nothing
}

// sameTime compares as the ledger stores: to the millisecond.
func sameTime(a, b time.Time) bool {
	return a.IsZero() == b.IsZero() && (a.IsZero() || a.UnixMilli() == b.UnixMilli())
}

// samePost tells whether the post is all that the ledger knows of it already.
func samePost(a, b *Post) bool {
	return a.Path == b.Path && a.ExplicitID == b.ExplicitID && a.Title == b.Title && a.Fingerprint == b.Fingerprint &&
		sameTime(a.Date, b.Date) && sameTime(a.Updated, b.Updated) && sameTime(a.NotBefore, b.NotBefore) && sameTime(a.Expires, b.Expires) &&
		declared(a) == declared(b) && slices.Equal(a.Tags, b.Tags) && slices.Equal(a.Categories, b.Categories) && slices.Equal(a.Authors, b.Authors) &&
		a.Language == b.Language && a.Slug == b.Slug && a.URL == b.URL && slices.Equal(a.Aliases, b.Aliases) && a.Summary == b.Summary && a.Image == b.Image &&
		a.Thumbnail == b.Thumbnail && a.Origin == b.Origin && slices.Equal(a.Enclosures, b.Enclosures)
}

// declared is the state that the source declares; none is Published.
func declared(p *Post) State {
	if p.Declared == "" {
		return Published
	}
	return p.Declared
}
