package posts

import (
	"cmp"
	"strconv"
	"strings"
	"time"

	ext "github.com/mmcdole/gofeed/extensions"
	"github.com/mmcdole/gofeed/rss"
)

// rss reads RSS 0.9x, 1.0 and 2.0.
func (r *remoteReader) rss(f *rss.Feed, s *sheet) {
	r.settleHome(cmp.Or(f.Link, extensionLink(f.Extensions, "alternate")), s.feed.base)
	r.feed.self = remoteURL(r.from, extensionLink(f.Extensions, "self"))
	r.feed.site.Title, r.feed.site.Description = f.Title, f.Description
	r.feed.site.Language = cmp.Or(f.Language, first(f.Extensions, "dc", "language"), s.feed.lang)
	if list := authors(append(texts(f.Extensions, "dc", "creator"), f.ManagingEditor, first(f.Extensions, "itunes", "author"))...); len(list) > 0 {
		r.feed.site.Author = list[0]
	}
	r.feed.pace = updatePeriod(f.Extensions)
	if n, err := strconv.ParseInt(strings.TrimSpace(f.TTL), 10, 32); err == nil && n > 0 {
		r.feed.pace = max(r.feed.pace, time.Duration(n)*time.Minute)
	}
	r.feed.deleted = deletedEntries(f.Extensions)
	for n, item := range f.Items {
		note := &s.feed
		if len(s.entries) == len(f.Items) {
			note = s.entries[n]
		}
		r.feed.items = append(r.feed.items, r.rssItem(item, note))
	}
}

func (r *remoteReader) rssItem(e *rss.Item, note *noted) *remoteItem {
	base := cmp.Or(note.base, r.home)
	x := e.Extensions
	i := &remoteItem{Language: cmp.Or(first(x, "dc", "language"), note.lang), Title: remoteTitle(cmp.Or(e.Title, first(x, "dc", "title"), first(x, "media", "title")), false)}
	if e.GUID != nil {
		i.GUID = e.GUID.Value
	} else {
		i.GUID = cmp.Or(first(x, "atom", "id"), first(x, "dc", "identifier"))
	}
	i.Link = remoteURL(base, cmp.Or(first(x, "feedburner", "origLink"), e.Link, extensionLink(x, "alternate")))
	if i.Link == "" && strings.HasPrefix(i.GUID, "http") {
		i.Link = remoteURL("", i.GUID)
	}
	i.Date = remoteTime(r.zone, e.PubDate, first(x, "dc", "date"), first(x, "dcterms", "created"), first(x, "dcterms", "issued"), first(x, "atom", "published"), first(x, "atom", "updated"))
	i.Updated = remoteTime(r.zone, first(x, "atom", "updated"), first(x, "dcterms", "modified"))
	if i.Authors = authors(append(texts(x, "dc", "creator"), e.Author)...); len(i.Authors) == 0 {
		i.Authors = authors(first(x, "itunes", "author"))
	}
	for _, c := range e.Categories {
		i.Tags = append(i.Tags, c.Value)
	}
	i.Tags = append(i.Tags, texts(x, "dc", "subject")...)
	if e.Source != nil {
		i.Origin = Origin{Title: remoteTitle(e.Source.Title, false), Feed: remoteURL(base, e.Source.URL)}
	}
	for _, c := range e.Enclosures {
		i.enclosure(base, c.URL, c.Type, "", c.Length, clockTime(first(x, "itunes", "duration")))
	}
	description := cmp.Or(e.Description, first(x, "dc", "description"), first(x, "itunes", "summary"))
	kind := "html"
	if lacksMarkup(description) {
		kind = "text"
	}
	i.body(e.Content, "html", note.at("content"), description, kind, note.at("description"))
	r.media(i, x, base)
	return i
}

// texts returns the values of an extension.
func texts(all ext.Extensions, prefix, name string) []string {
	var out []string
	for _, e := range all[prefix][name] {
		if v := strings.TrimSpace(e.Value); v != "" {
			out = append(out, v)
		}
	}
	return out
}

// first returns the first value of an extension, or "".
func first(all ext.Extensions, prefix, name string) string {
	for _, v := range texts(all, prefix, name) {
		return v
	}
	return ""
}

// extensionLink returns an Atom link inside of RSS.
func extensionLink(all ext.Extensions, rel string) string {
	for _, prefix := range []string{"atom", "atom10", "a10"} {
		for _, l := range all[prefix]["link"] {
			if strings.EqualFold(cmp.Or(l.Attrs["rel"], "alternate"), rel) && l.Attrs["href"] != "" {
				return l.Attrs["href"]
			}
		}
	}
	return ""
}

// updatePeriod reads the syndication module of RSS 1.0: so many times in a
// period.
func updatePeriod(all ext.Extensions) time.Duration {
	periods := map[string]time.Duration{"hourly": time.Hour, "daily": 24 * time.Hour, "weekly": 7 * 24 * time.Hour, "monthly": 30 * 24 * time.Hour, "yearly": 365 * 24 * time.Hour}
	period := periods[strings.ToLower(first(all, "sy", "updatePeriod"))]
	if n, err := strconv.Atoi(first(all, "sy", "updateFrequency")); err == nil && n > 1 {
		period /= time.Duration(n)
	}
	return period
}
