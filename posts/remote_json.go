package posts

import (
	"cmp"
	"strconv"
	"strings"
	"time"

	gojson "github.com/mmcdole/gofeed/json"
)

// jsonFeed reads JSON Feed 1 and 1.1.
func (r *remoteReader) jsonFeed(f *gojson.Feed) {
	r.settleHome(f.HomePageURL, "")
	r.feed.self = remoteURL(r.from, f.FeedURL)
	r.feed.site.Title, r.feed.site.Description, r.feed.site.Language = f.Title, f.Description, f.Language
	if list := jsonAuthors(append([]*gojson.Author{f.Author}, f.Authors...), r.home); len(list) > 0 {
		r.feed.site.Author = list[0]
	}
	for _, item := range f.Items {
		if item != nil {
			r.feed.items = append(r.feed.items, r.jsonItem(item))
		}
	}
}

func (r *remoteReader) jsonItem(e *gojson.Item) *remoteItem {
	i := &remoteItem{GUID: e.ID, Title: cleanTitle(e.Title), Language: e.Language, Tags: e.Tags}
	i.Link = remoteURL(r.home, cmp.Or(e.URL, e.ExternalURL))
	if i.Link == "" && strings.HasPrefix(e.ID, "http") {
		i.Link = remoteURL("", e.ID)
	}
	i.Date, i.Updated = remoteTime(r.zone, e.DatePublished, e.DateModified), remoteTime(r.zone, e.DateModified)
	i.Authors = jsonAuthors(append([]*gojson.Author{e.Author}, e.Authors...), r.home)
	i.Image = cmp.Or(remoteURL(r.home, e.Image), remoteURL(r.home, e.BannerImage))
	if e.Attachments != nil {
		for _, a := range *e.Attachments {
			i.enclosure(r.home, a.URL, a.MimeType, a.Title, strconv.FormatInt(a.SizeInBytes, 10), time.Duration(min(max(a.DurationInSeconds, 0), 1e6))*time.Second)
		}
	}
	kind := "html"
	if e.ContentHTML == "" {
		kind = "text"
	}
	i.body(cmp.Or(e.ContentHTML, e.ContentText), kind, "", e.Summary, "text", "")
	return i
}

func jsonAuthors(people []*gojson.Author, base string) []Author {
	var out []Author
	for _, p := range people {
		if p == nil {
			continue
		}
		if name := shortened(cleanTitle(p.Name)); name != "" && len(out) < maxParts && !hasAuthor(out, name) {
			out = append(out, Author{Name: name, URL: remoteURL(base, p.URL)})
		}
	}
	return out
}
