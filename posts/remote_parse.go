package posts

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/mmcdole/gofeed/atom"
	gojson "github.com/mmcdole/gofeed/json"
	"github.com/mmcdole/gofeed/rss"

	"tidings.example/posts/markdown"
)

// Limits of what is taken from one feed.
const (
	maxItems    = 10_000
	maxItemHTML = 2 << 20 // bytes; a longer body gives way to its summary
	maxParts    = 100     // authors, files and tags of one item, each
)

// parseRemote reads a feed in UTF-8. from is the address that it came from, zone
// that of dates which name none.
func parseRemote(text []byte, from string, zone *time.Location) (f *remoteFeed, err error) {
	defer failOn("the feed: reading", &err)
	r := &remoteReader{from: from, zone: zone, feed: &remoteFeed{text: text}}
	text = bytes.TrimSpace(text)
	if isJSON(text) {
		err = r.json(text)
	} else {
		err = r.xml(text)
	}
	if err != nil {
		return nil, err
	}
	r.finish()
	return r.feed, nil
}

// isJSON tells that a text is no markup: a feed is one object of JSON.
func isJSON(text []byte) bool { return bytes.HasPrefix(bytes.TrimSpace(text), []byte("{")) }

// remoteReader fills in a feed by its format.
type remoteReader struct {
	from string
	zone *time.Location
	feed *remoteFeed
	home string // where relative addresses of a feed without a base start
}

func (r *remoteReader) xml(text []byte) error {
	s, err := prepare(possibleReferences(text), r.from)
	if err != nil {
		return err
	}
	r.feed.missed = s.left
	switch s.root {
	case "feed":
		f, err := new(atom.Parser).Parse(bytes.NewReader(s.text))
		if err != nil {
			return xmlError(err)
		}
		r.atom(f, s)
	case "rss", "rdf":
		f, err := new(rss.Parser).Parse(bytes.NewReader(s.text))
		if err != nil {
			return xmlError(err)
		}
		r.rss(f, s)
	default:
		return fmt.Errorf("it is XML, but no feed: it begins with <%s>", s.root)
	}
	return nil
}

func (r *remoteReader) json(text []byte) error {
	if err := boundJSON(text); err != nil {
		return err
	}
	f, err := new(gojson.Parser).Parse(bytes.NewReader(text))
	if err != nil {
		return fmt.Errorf("its JSON cannot be read: %w", err)
	}
	if !strings.Contains(f.Version, "jsonfeed.org/version/") {
		return errors.New("it is JSON, but no JSON Feed: its version is missing")
	}
	r.jsonFeed(f)
	return nil
}

// finish drops what holds nothing and settles what all items have in common.
func (r *remoteReader) finish() {
	f := r.feed
	f.site.Title, f.site.Description = shortened(remoteTitle(f.site.Title, false)), shortened(remoteTitle(f.site.Description, false))
	f.site.Language = languageTag(f.site.Language)
	kept := f.items[:0]
	for _, i := range f.items {
		i.clean()
		if len(i.HTML) > maxItemHTML {
			i.HTML = remoteHTML(cmp.Or(i.Summary, markdown.ExcerptHTML(i.HTML[:maxItemHTML], markdown.Options{HTML: true})), "text")
			f.cut++
		}
		if i.empty() || len(kept) == maxItems {
			f.missed++
			continue
		}
		i.Tags, i.Language = cleanTerms(i.Tags[:min(len(i.Tags), maxParts)]), cmp.Or(languageTag(i.Language), f.site.Language)
		if len(i.Authors) == 0 && f.site.Author.Name != "" {
			i.Authors = []Author{f.site.Author}
		}
		kept = append(kept, i)
	}
	f.items = kept
}

// clean drops what JSON can write and no XML document may hold, and bounds what
// letters show as one line.
func (i *remoteItem) clean() {
	for _, text := range []*string{&i.GUID, &i.Title, &i.Summary, &i.HTML} {
		if strings.ContainsFunc(*text, illegal) {
			*text = string(validText([]byte(*text)))
		}
	}
	i.GUID, i.Title = strings.TrimSpace(i.GUID), shortened(i.Title)
	for n := range i.Tags[:min(len(i.Tags), maxParts)] {
		i.Tags[n] = shortened(i.Tags[n])
	}
}

// maxLine is how many bytes a title, a name or a tag has.
const maxLine = 1000

// shortened bounds a line; nobody has written a longer one for people.
func shortened(line string) string {
	if len(line) <= maxLine {
		return line
	}
	return strings.TrimSpace(strings.ToValidUTF8(line[:maxLine], "")) + "…"
}

// settleHome decides which page the feed stands for, and where relative
// addresses start that name no base.
func (r *remoteReader) settleHome(link, base string) {
	r.feed.site.URL = remoteURL(cmp.Or(base, r.from), link)
	if r.feed.site.URL == "" {
		if u, err := url.Parse(r.from); err == nil {
			r.feed.site.URL = u.Scheme + "://" + strings.ToLower(u.Host) + "/"
		}
	}
	r.home = cmp.Or(base, r.feed.site.URL)
}

// authors makes authors of texts, each once.
func authors(texts ...string) []Author {
	var out []Author
	for _, text := range texts {
		if a, ok := author(text); ok && len(out) < maxParts && !hasAuthor(out, a.Name) {
			out = append(out, a)
		}
	}
	return out
}

func hasAuthor(list []Author, name string) bool {
	for _, a := range list {
		if a.Name == name {
			return true
		}
	}
	return false
}

// enclosure adds a file, each address once.
func (i *remoteItem) enclosure(base, address, kind, title, length string, lasts time.Duration) {
	e := Enclosure{URL: remoteURL(base, address), Type: strings.ToLower(strings.TrimSpace(kind)), Title: cleanTitle(title), Duration: lasts}
	if e.URL == "" || len(i.Enclosures) == maxParts {
		return
	}
	if n, err := strconv.ParseInt(strings.TrimSpace(length), 10, 64); err == nil && n > 0 {
		e.Length = n
	}
	for k := range i.Enclosures {
		if i.Enclosures[k].URL == e.URL {
			return
		}
	}
	i.Enclosures = append(i.Enclosures, e)
}

// clockTime reads 90, 1:30 and 0:01:30 as a duration.
func clockTime(text string) time.Duration {
	seconds := 0.0
	for part := range strings.SplitSeq(strings.TrimSpace(text), ":") {
		n, err := strconv.ParseFloat(part, 64)
		if err != nil || n < 0 || n > 1e6 {
			return 0
		}
		seconds = seconds*60 + n
	}
	return min(time.Duration(seconds*float64(time.Second)), 1000*time.Hour).Truncate(time.Second)
}
