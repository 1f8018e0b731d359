package feed

import (
	"bytes"
	"encoding/json"

	"github.com/gorilla/feeds"

	"tidings.example/posts"
)

type jsonDocument struct {
	*feeds.JSONFeed
	Items []jsonItem `json:"items"` // the library drops an empty list
}

type jsonItem struct {
	*feeds.JSONItem
	Published   string           `json:"date_published,omitempty"`
	Modified    string           `json:"date_modified,omitempty"`
	Authors     []jsonAuthor     `json:"authors,omitempty"`
	Tags        []string         `json:"tags,omitempty"`
	Language    string           `json:"language,omitempty"`
	Attachments []jsonAttachment `json:"attachments,omitempty"`
	Source      *jsonSource      `json:"_source,omitempty"`
}

type jsonAuthor = feeds.JSONAuthor

// jsonAttachment has the keys of the standard; the library's size_in_bytes is
// called size and ends at 2 GB.
type jsonAttachment struct {
	URL      string  `json:"url"`
	Type     string  `json:"mime_type"`
	Title    string  `json:"title,omitempty"`
	Size     int64   `json:"size_in_bytes,omitempty"`
	Duration float64 `json:"duration_in_seconds,omitempty"`
}

func writeJSON(d *Document) ([]byte, error) {
	out := jsonDocument{
		JSONFeed: &feeds.JSONFeed{
			Version: "https://jsonfeed.org/version/1.1",
			Title:   d.Title, Language: d.Language, HomePageUrl: d.Home, FeedUrl: d.Self.JSON,
			Description: d.Subtitle, NextUrl: d.Prev.JSON, Icon: d.Icon.URL, Favicon: d.Favicon.URL,
		},
		Items: make([]jsonItem, len(d.Entries)),
	}
	if out.Icon == "" {
		out.Icon = d.Logo.URL
	}
	for _, a := range jsonAuthors(d.Authors) {
		out.Authors = append(out.Authors, &a)
	}
	for _, h := range d.Hubs {
		out.Hubs = append(out.Hubs, &feeds.JSONHub{Type: "WebSub", Url: h})
	}
	for i := range d.Entries {
		out.Items[i] = newJSONItem(&d.Entries[i])
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(out); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

func newJSONItem(e *Entry) jsonItem {
	it := jsonItem{
		JSONItem: &feeds.JSONItem{
			Id: e.ID, Url: e.URL, Title: e.Title, ContentHTML: e.HTML, Summary: e.Summary, Image: e.Image.URL,
		},
		Published: rfc3339(e.Published),
		Modified:  rfc3339(e.Updated),
		Authors:   jsonAuthors(e.Authors),
		Tags:      union(e.Categories, e.Tags),
		Language:  e.Language,
		Source:    newJSONSource(e.Origin),
	}
	if e.HTML == "" {
		it.ContentText = e.Summary // one of the two is required
	}
	for _, c := range e.Enclosures {
		it.Attachments = append(it.Attachments, jsonAttachment{
			URL: c.URL, Type: c.Type, Title: c.Title, Size: c.Length, Duration: c.Duration.Seconds(),
		})
	}
	return it
}

func union(a, b []string) []string { return append(append([]string(nil), a...), b...) }

func jsonAuthors(in []posts.Author) []jsonAuthor {
	var out []jsonAuthor
	for _, a := range in {
		out = append(out, jsonAuthor{Name: a.Name, Url: a.URL})
	}
	return out
}
