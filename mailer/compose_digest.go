package mailer

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"tidings.example/internal/locale"
	"tidings.example/posts"
)

// digestView is what digest.html and digest.txt are made of. All strings are
// text, never markup.
type digestView struct {
	voice
	// Lang is the language of the document, Words that of the words around the
	// posts; Dir and Align are "ltr" and "left", or "rtl" and "right".
	Lang, Words, Dir, Align string
	Subject, Preheader      string
	// Site is "" where the digest has the site's name; SiteName never is.
	Site, SiteName, SiteURL string
	Digest                  string
	Issue, Dates, Count     string
	View                    string // where the letter is on the web, or ""
	Posts                   []postView
	More, MoreURL           string // for the posts that did not fit
	// Unsubscribe and Preferences differ from reader to reader; they are "" on
	// the page that everybody sees.
	Unsubscribe, Preferences string
	Feeds                    []link
	Postal                   []string
	total                    int
}

// link is a named address.
type link struct{ Name, URL string }

func (e Edition) check() error {
	if len(e.Posts) == 0 {
		return errors.New("no posts")
	}
	if _, err := mailbox(e.Digest.From); err != nil {
		return fmt.Errorf("from: %w", err)
	}
	return nil
}

// newDigestView shows as many of the posts.
func newDigestView(e Edition, items int) *digestView {
	l := locale.For(e.Language)
	zone := e.Zone
	if zone == nil {
		zone = time.UTC
	}
	v := &digestView{
		voice: voice{l}, Words: l.Tag(), Dir: "ltr", Align: "left", total: len(e.Posts),
		SiteName: oneLine(e.Publication.Title), SiteURL: webURL(e.Publication.URL), Digest: oneLine(e.Digest.Title),
		Count: l.N("letter.posts", len(e.Posts)), Issue: l.T("letter.preview"),
		Postal: lines(e.Publication.Postal), Feeds: feedLinks(l, e.Publication.Feeds),
	}
	if v.Digest == "" {
		v.Digest = v.SiteName
	}
	if v.SiteName != v.Digest {
		v.Site = v.SiteName
	}
	if e.Issue > 0 {
		v.Issue = l.T("letter.issue", e.Issue)
		v.View = e.view()
	}
	for _, record := range e.Posts[:min(items, len(e.Posts))] {
		v.Posts = append(v.Posts, newPostView(l, zone, v.SiteURL, codeLines(len(e.Posts)), record))
	}
	if left := v.total - len(v.Posts); left > 0 {
		v.More = l.N("letter.more", left)
	}
	v.MoreURL = v.View
	if v.MoreURL == "" {
		v.MoreURL = v.SiteURL
	}
	v.Lang = documentLanguage(l.Tag(), v.Posts)
	for i := range v.Posts {
		v.Posts[i].settle(v.Lang, l.Tag())
	}
	v.Dates = l.DateRange(oldest(e.Posts, e.Date).In(zone), e.Date.In(zone))
	v.Subject = e.subject(l, v)
	v.Preheader = preheader(v.Posts)
	return v
}

// view returns the address of the issue's page, or "".
func (e Edition) view() string {
	base := webURL(e.Publication.WebURL)
	if base == "" || e.Issue <= 0 {
		return ""
	}
	return strings.TrimSuffix(base, "/") + fmt.Sprintf("/i/%d", e.Issue)
}

// shrink returns the letter with its first posts only.
func (v *digestView) shrink(items int) (any, int) {
	smaller := *v
	smaller.Posts = v.Posts[:items]
	if left := v.total - items; left > 0 {
		smaller.More = v.locale.N("letter.more", left)
	}
	return &smaller, len(v.Posts)
}

// maxSubject is the width of a subject in columns. Phones show some forty.
const maxSubject = 88

func (e Edition) subject(l locale.Locale, v *digestView) string {
	tail := func(title string) string {
		if n := len(e.Posts) - 1; n > 0 {
			title = l.N("letter.subject_more", n, title)
		}
		if e.Issue > 0 && len(e.Posts) > 1 {
			return l.T("letter.subject_issue", title, shorten(v.Digest, 30), e.Issue)
		}
		return title
	}
	room := maxSubject - width(tail(""))
	return tail(shorten(v.Posts[0].Title, max(room, 20)))
}

// preheader is what the list of an inbox shows behind the subject: the titles.
// Without the filler a client shows the first words of the letter too.
func preheader(items []postView) string {
	const enough = 130
	titles := make([]string, 0, len(items))
	for _, item := range items {
		titles = append(titles, item.Title)
	}
	text := shorten(strings.Join(titles, " · "), enough)
	return text + strings.Repeat("\u200c\u00a0", max(0, enough-width(text))/2)
}

func oldest(records []posts.Record, now time.Time) time.Time {
	first := now
	for i := range records {
		if d := records[i].Date; !d.IsZero() && d.Before(first) {
			first = d
		}
	}
	return first
}

// feedLinks names each feed by its format where the address shows it, once.
func feedLinks(l locale.Locale, addresses []string) (links []link) {
	for _, address := range addresses {
		u := webURL(address)
		if u == "" {
			continue
		}
		name := feedName(u)
		if name == "" || slices.ContainsFunc(links, func(other link) bool { return other.Name == name }) {
			name = l.T("letter.feed")
		}
		links = append(links, link{name, u})
	}
	return links
}

func feedName(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	p := strings.ToLower(u.Path)
	switch {
	case strings.Contains(p, "atom"):
		return "Atom"
	case strings.HasSuffix(p, ".json"):
		return "JSON Feed"
	case strings.Contains(p, "rss"), strings.HasSuffix(p, ".xml"):
		return "RSS"
	}
	return ""
}
