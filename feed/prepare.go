package feed

import (
	"cmp"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"tidings.example/posts"
)

// prepare returns a copy of the document that is ready to be written down:
// clean texts, absolute addresses, dates in the zone, newest first.
func prepare(in *Document, f Format) (*Document, error) {
	d := *in
	if d.ID = identifier(in.ID); d.ID == "" {
		return nil, fmt.Errorf("feed %q: it has no id (want a tag: URI)", in.Title)
	}
	d.Entries = make([]Entry, len(in.Entries))
	for i := range in.Entries {
		d.Entries[i] = prepareEntry(&in.Entries[i], f)
	}
	d.Changed = instant(d.Changed, d.Zone)
	for i := range d.Entries {
		dateEntry(&d.Entries[i], &d)
		d.Entries[i].Origin = origin(d.Entries[i].Origin, address(in.Home))
	}
	ownIDs(d.Entries, in.Entries)
	if err := order(d.Entries, in.ID); err != nil {
		return nil, err
	}
	prepareHead(&d)
	prepareHistory(&d, f)
	for i := range d.Entries {
		if d.Entries[i].Language == d.Language {
			d.Entries[i].Language = ""
		}
	}
	return &d, nil
}

func prepareHead(d *Document) {
	d.Home = address(d.Home)
	d.Self = Addresses{RSS: address(d.Self.RSS), Atom: address(d.Self.Atom), JSON: address(d.Self.JSON)}
	d.Title, d.Subtitle, d.Rights = line(d.Title), line(d.Subtitle), line(d.Rights)
	if d.Title == "" {
		d.Title = d.ID
		if u, err := url.Parse(d.Home); err == nil && u.Host != "" {
			d.Title = u.Host
		}
	}
	if d.Language = languageTag(d.Language); d.Language == "" {
		d.Language = commonest(d.Entries)
	}
	d.Authors = authors(d.Authors)
	for _, p := range []*Picture{&d.Icon, &d.Logo, &d.Favicon} {
		*p = picture(*p)
	}
	d.Hubs = addresses(d.Hubs)
	d.TagScheme, d.CategoryScheme = address(d.TagScheme), address(d.CategoryScheme)
	d.Generator = Generator{
		Name: line(d.Generator.Name), Version: line(d.Generator.Version), URL: address(d.Generator.URL),
	}
	if d.Changed.IsZero() {
		for i := range d.Entries {
			d.Changed = later(d.Changed, d.Entries[i].Updated)
		}
	}
	if d.Changed.IsZero() {
		d.Changed = mintedOn(d.ID)
	}
}

func prepareEntry(in *Entry, f Format) Entry {
	e := *in
	e.ID, e.URL = shownID(in.ID, &in.Shown, f), address(in.URL)
	e.Title, e.Summary, e.HTML = line(in.Title), line(in.Summary), cleanHTML(in.HTML)
	if strings.TrimSpace(e.HTML) == "" {
		e.HTML = ""
	}
	if e.Title == "" {
		e.Title = fallbackTitle(&e)
	}
	if e.HTML == "" && e.Summary == "" {
		e.HTML = onlyLink(&e)
	}
	e.Language = languageTag(in.Language)
	e.Authors = authors(in.Authors)
	e.Tags, e.Categories = labels(in.Tags, in.Categories)
	e.Image, e.Thumbnail = picture(in.Image), picture(in.Thumbnail)
	e.Enclosures = nil
	for _, c := range in.Enclosures {
		c.URL = address(c.URL)
		c.Type, c.Title = mediaType(c.Type, c.URL), line(c.Title)
		c.Length, c.Duration = max(c.Length, 0), max(c.Duration, 0)
		if c.Type == "" {
			c.Type = "application/octet-stream"
		}
		if c.URL != "" {
			e.Enclosures = append(e.Enclosures, c)
		}
	}
	return e
}

// fallbackTitle is for entries that were not made by FromRecord.
func fallbackTitle(e *Entry) string {
	if e.Summary != "" {
		return posts.ShortTitle(e.Summary)
	}
	if e.URL != "" {
		return e.URL
	}
	return e.ID
}

// onlyLink is the full text of a post without any: a way to where it is.
func onlyLink(e *Entry) string {
	if e.URL == "" {
		return "<p>" + markup.Replace(e.Title) + "</p>"
	}
	return `<p><a href="` + attribute.Replace(e.URL) + `">` + markup.Replace(e.Title) + "</a></p>"
}

// dateEntry moves dates into the zone and makes them plausible: nothing after
// the feed's own date, no update before publication.
func dateEntry(e *Entry, d *Document) {
	e.Published, e.Updated = instant(e.Published, d.Zone), instant(e.Updated, d.Zone)
	for _, t := range []*time.Time{&e.Published, &e.Updated} {
		if !d.Changed.IsZero() && t.After(d.Changed) {
			*t = d.Changed
		}
	}
	if e.Published.IsZero() {
		e.Published = e.Updated
	}
	if e.Published.IsZero() {
		e.Published = d.Changed
	}
	if e.Published.IsZero() {
		e.Published = instant(mintedOn(d.ID), d.Zone)
	}
	e.Updated = later(e.Published, e.Updated)
}

// order sorts the newest first, in one way only whatever the order they came in.
func order(entries []Entry, feed string) error {
	slices.SortFunc(entries, func(a, b Entry) int {
		return cmp.Or(b.Published.Compare(a.Published), cmp.Compare(b.Seq, a.Seq), cmp.Compare(a.ID, b.ID))
	})
	seen := make(map[string]bool, len(entries))
	for i := range entries {
		switch id := entries[i].ID; {
		case id == "":
			return fmt.Errorf("feed %s: the entry %q has no id", feed, entries[i].Title)
		case seen[id]:
			return fmt.Errorf("feed %s: two entries have the id %s", feed, id)
		default:
			seen[id] = true
		}
	}
	return nil
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

var bracketed = regexp.MustCompile(`\s*<[^<>\s]+@[^<>\s]+>`)

// authors returns those that have a name, once each, without e-mail addresses:
// a feed is read by machines that collect them.
func authors(in []posts.Author) []posts.Author {
	var out []posts.Author
	for _, a := range in {
		name := line(a.Name)
		a = posts.Author{Name: line(bracketed.ReplaceAllString(name, " ")), URL: address(a.URL)}
		if a.Name == "" {
			a.Name, _, _ = strings.Cut(strings.Trim(name, "<> "), "@")
		}
		same := func(b posts.Author) bool { return b.Name == a.Name }
		if a.Name != "" && !slices.ContainsFunc(out, same) {
			out = append(out, a)
		}
	}
	return out
}

// labels returns tags and categories without empty and repeated ones; what is
// both stays a tag.
func labels(tags, categories []string) (t, c []string) {
	seen := map[string]bool{"": true}
	pick := func(in []string) (out []string) {
		for _, s := range in {
			if s = line(s); !seen[s] {
				seen[s] = true
				out = append(out, s)
			}
		}
		return out
	}
	return pick(tags), pick(categories)
}

func picture(p Picture) Picture {
	p.URL = address(p.URL)
	if p.URL == "" {
		return Picture{}
	}
	p.Type = mediaType(p.Type, p.URL)
	if p.Width <= 0 || p.Height <= 0 {
		p.Width, p.Height = 0, 0
	}
	return p
}

func addresses(in []string) []string {
	var out []string
	for _, s := range in {
		if s = address(s); s != "" && !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	return out
}
