package feed

import (
	"bytes"
	"encoding/xml"
	"path"
	"strconv"
	"strings"
	"time"

	"github.com/gorilla/feeds"

	"tidings.example/posts"
)

// text is plain text with the escapes that the RSS profile asks for.
type text struct {
	Inner string `xml:",innerxml"`
}

func plainText(s string) text { return text{plain.Replace(s)} }

func optionalText(s string) *text {
	if s == "" {
		return nil
	}
	t := plainText(s)
	return &t
}

type rssDocument struct {
	XMLName xml.Name `xml:"rss"`
	Version string   `xml:"version,attr"`
	Atom    string   `xml:"xmlns:atom,attr"`
	Content string   `xml:"xmlns:content,attr"`
	DC      string   `xml:"xmlns:dc,attr"`
	Media   string   `xml:"xmlns:media,attr"`
	SY      string   `xml:"xmlns:sy,attr"`
	FH      string   `xml:"xmlns:fh,attr,omitempty"`
	Channel rssChannel
}

// FeedXml makes rssDocument a feeds.XmlFeed.
func (d *rssDocument) FeedXml() any { return d }

// rssChannel and rssItem shadow the fields of the library that hold too little:
// the shallower field wins.
type rssChannel struct {
	Title       text   `xml:"title"`
	Link        string `xml:"link,omitempty"`
	Description text   `xml:"description"`
	*feeds.RssFeed
	Copyright *text `xml:"copyright"`
	Generator *text `xml:"generator"`
	Image     *rssImage
	Period    string     `xml:"sy:updatePeriod,omitempty"`
	Frequency int        `xml:"sy:updateFrequency,omitempty"`
	Links     []atomLink `xml:"atom:link"`
	Archive   *flag      `xml:"fh:archive"`
	Items     []rssItem  `xml:"item"`
}

type rssImage struct {
	*feeds.RssImage
	Title text `xml:"title"`
}

type rssItem struct {
	Title text   `xml:"title"`
	Link  string `xml:"link,omitempty"`
	*feeds.RssItem
	Updated     string      `xml:"atom:updated,omitempty"`
	Creators    []text      `xml:"dc:creator"`
	Language    string      `xml:"dc:language,omitempty"`
	Categories  []rssLabel  `xml:"category"`
	Description text        `xml:"description"`
	Content     *rssContent // after description: some readers take the last
	Media       []mediaContent
	Thumbnail   *mediaThumbnail
	Source      *rssSource
}

type rssLabel struct {
	Domain string `xml:"domain,attr,omitempty"`
	text
}

type rssContent struct{ *feeds.RssContent }

type mediaContent struct {
	XMLName  xml.Name `xml:"media:content"`
	URL      string   `xml:"url,attr"`
	Medium   string   `xml:"medium,attr,omitempty"`
	Type     string   `xml:"type,attr,omitempty"`
	Size     int64    `xml:"fileSize,attr,omitempty"`
	Width    int      `xml:"width,attr,omitempty"`
	Height   int      `xml:"height,attr,omitempty"`
	Duration int64    `xml:"duration,attr,omitempty"`
}

type mediaThumbnail struct {
	XMLName xml.Name `xml:"media:thumbnail"`
	URL     string   `xml:"url,attr"`
	Width   int      `xml:"width,attr,omitempty"`
	Height  int      `xml:"height,attr,omitempty"`
}

func writeRSS(d *Document) ([]byte, error) {
	ttl := int(d.TTL / time.Minute)
	c := rssChannel{
		RssFeed: &feeds.RssFeed{
			Language: d.Language, LastBuildDate: rfc2822(d.Changed), Ttl: ttl,
			Docs: "https://www.rssboard.org/rss-specification",
		},
		Title: plainText(d.Title), Link: d.Home, Description: plainText(d.Subtitle),
		Copyright: optionalText(d.Rights),
		Generator: optionalText(strings.TrimSpace(d.Generator.Name + " " + d.Generator.Version)),
		Image:     channelImage(d),
		Links:     feedLinks(d, RSS),
		Items:     make([]rssItem, len(d.Entries)),
	}
	if d.Subtitle == "" {
		c.Description = c.Title // required
	}
	c.Period, c.Frequency = syndication(ttl)
	for i := range d.Entries {
		c.Items[i] = newRSSItem(&d.Entries[i], d)
	}
	space, mark := archiveMark(d)
	c.Archive = mark
	return marshal(&rssDocument{
		Version: "2.0",
		Atom:    "http://www.w3.org/2005/Atom",
		Content: "http://purl.org/rss/1.0/modules/content/",
		DC:      "http://purl.org/dc/elements/1.1/",
		Media:   "http://search.yahoo.com/mrss/",
		SY:      "http://purl.org/rss/1.0/modules/syndication/",
		FH:      space,
		Channel: c,
	})
}

func marshal(x feeds.XmlFeed) ([]byte, error) {
	var b bytes.Buffer
	if err := feeds.WriteXML(x, &b); err != nil {
		return nil, err
	}
	b.WriteByte('\n')
	// The library writes the root on the line of the declaration.
	return bytes.Replace(b.Bytes(), []byte("?><"), []byte("?>\n<"), 1), nil
}

// channelImage picks a picture that the RSS specification allows: a GIF, JPEG
// or PNG; its size is told within the limits of 144 by 400.
func channelImage(d *Document) *rssImage {
	for _, p := range []Picture{d.Icon, d.Logo} {
		switch strings.ToLower(path.Ext(p.URL)) {
		case ".gif", ".jpg", ".jpeg", ".png":
		default:
			continue
		}
		if d.Home == "" {
			return nil
		}
		img := &rssImage{RssImage: &feeds.RssImage{Url: p.URL, Link: d.Home}, Title: plainText(d.Title)}
		if p.Width <= 144 && p.Height <= 400 {
			img.Width, img.Height = p.Width, p.Height
		}
		return img
	}
	return nil
}

// syndication says in the words of the syndication module how often a feed
// with a time to live of so many minutes may change.
func syndication(ttl int) (period string, frequency int) {
	switch {
	case ttl <= 0:
		return "", 0
	case ttl <= 60:
		return "hourly", 60 / ttl
	case ttl <= 24*60:
		return "daily", 24 * 60 / ttl
	}
	return "weekly", max(1, 7*24*60/ttl)
}

func newRSSItem(e *Entry, d *Document) rssItem {
	it := rssItem{
		RssItem: &feeds.RssItem{
			Guid:    &feeds.RssGuid{Id: e.ID, IsPermaLink: "false"},
			PubDate: rfc2822(e.Published),
		},
		Title: plainText(e.Title), Link: e.URL, Language: e.Language,
		// The description is HTML by custom: what looks like a tag is escaped twice.
		Description: text{markup.Replace(markup.Replace(e.Summary))},
		Categories:  append(rssLabels(e.Categories, d.CategoryScheme), rssLabels(e.Tags, d.TagScheme)...),
	}
	if e.Summary == "" {
		it.Description = text{markup.Replace(markup.Replace(e.Title))}
	}
	if e.Updated.After(e.Published) {
		it.Updated = rfc3339(e.Updated)
	}
	people := e.Authors
	if len(people) == 0 {
		people = d.Authors // RSS has no author of a channel
	}
	for _, a := range people {
		it.Creators = append(it.Creators, plainText(a.Name))
	}
	if e.HTML != "" {
		it.Content = &rssContent{&feeds.RssContent{Content: e.HTML}}
	}
	if e.Image.URL != "" {
		it.Media = append(it.Media, imageContent(e.Image))
	}
	for i, c := range e.Enclosures {
		if i == 0 {
			it.Enclosure = &feeds.RssEnclosure{Url: c.URL, Length: strconv.FormatInt(c.Length, 10), Type: c.Type}
			continue // one only: what more there are is media
		}
		if c.URL != e.Image.URL {
			it.Media = append(it.Media, enclosureContent(c))
		}
	}
	it.Thumbnail, it.Source = thumbnail(e.Thumbnail), newRSSSource(e.Origin)
	return it
}

func rssLabels(names []string, scheme string) []rssLabel {
	var out []rssLabel
	for _, n := range names {
		out = append(out, rssLabel{Domain: scheme, text: plainText(n)})
	}
	return out
}

func imageContent(p Picture) mediaContent {
	return mediaContent{URL: p.URL, Medium: "image", Type: p.Type, Width: p.Width, Height: p.Height}
}

func enclosureContent(c posts.Enclosure) mediaContent {
	m := mediaContent{URL: c.URL, Type: c.Type, Size: c.Length, Duration: int64(c.Duration / time.Second)}
	switch kind, _, _ := strings.Cut(c.Type, "/"); kind {
	case "image", "audio", "video":
		m.Medium = kind
	}
	return m
}

func thumbnail(p Picture) *mediaThumbnail {
	if p.URL == "" {
		return nil
	}
	return &mediaThumbnail{URL: p.URL, Width: p.Width, Height: p.Height}
}
