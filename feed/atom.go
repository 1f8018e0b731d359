package feed

import (
	"encoding/xml"
	"strconv"
	"time"

	"github.com/gorilla/feeds"

	"tidings.example/posts"
)

// atomLink is a link of Atom; RSS carries it with the prefix atom.
type atomLink struct {
	Rel      string `xml:"rel,attr"`
	Href     string `xml:"href,attr"`
	Type     string `xml:"type,attr,omitempty"`
	Hreflang string `xml:"hreflang,attr,omitempty"`
	Length   string `xml:"length,attr,omitempty"`
	Title    string `xml:"title,attr,omitempty"`
}

type atomDocument struct {
	*feeds.AtomFeed
	Language  string    `xml:"xml:lang,attr,omitempty"`
	Media     string    `xml:"xmlns:media,attr"`
	FH        string    `xml:"xmlns:fh,attr,omitempty"`
	AT        string    `xml:"xmlns:at,attr,omitempty"`
	Title     atomText  `xml:"title"`
	Subtitle  *atomText `xml:"subtitle"`
	Rights    *atomText `xml:"rights"`
	Generator *atomGenerator
	Links     []atomLink      `xml:"link"`
	Authors   []atomPerson    `xml:"author"`
	Archive   *flag           `xml:"fh:archive"`
	Deleted   []atomTombstone `xml:"at:deleted-entry"`
	Entries   []atomEntry     `xml:"entry"`
}

// FeedXml makes atomDocument a feeds.XmlFeed.
func (d *atomDocument) FeedXml() any { return d }

type atomGenerator struct {
	XMLName xml.Name `xml:"generator"`
	URI     string   `xml:"uri,attr,omitempty"`
	Version string   `xml:"version,attr,omitempty"`
	text
}

type atomPerson struct {
	*feeds.AtomPerson
	Name text `xml:"name"`
}

type atomEntry struct {
	Language string   `xml:"xml:lang,attr,omitempty"`
	Title    atomText `xml:"title"`
	*feeds.AtomEntry
	Authors    []atomPerson `xml:"author"`
	Categories []atomLabel  `xml:"category"`
	Links      []atomLink   `xml:"link"`
	Summary    *atomText    `xml:"summary"`
	Content    *atomContent
	Media      *mediaContent
	Thumbnail  *mediaThumbnail
	Source     *atomSource
}

type atomLabel struct {
	Term   string `xml:"term,attr"`
	Scheme string `xml:"scheme,attr,omitempty"`
	Label  string `xml:"label,attr,omitempty"`
}

type atomContent struct {
	XMLName xml.Name `xml:"content"`
	Type    string   `xml:"type,attr"`
	Base    string   `xml:"xml:base,attr,omitempty"`
	text
}

func writeAtom(d *Document) ([]byte, error) {
	out := &atomDocument{
		AtomFeed: &feeds.AtomFeed{
			Xmlns: "http://www.w3.org/2005/Atom", Id: d.ID, Icon: d.Favicon.URL, Logo: d.Logo.URL,
		},
		Language: d.Language, Media: "http://search.yahoo.com/mrss/",
		Title: newAtomText(d.Title), Subtitle: optionalAtomText(d.Subtitle), Rights: optionalAtomText(d.Rights),
		Links:   feedLinks(d, Atom),
		Authors: atomPersons(d.Authors),
		Entries: make([]atomEntry, len(d.Entries)),
	}
	out.FH, out.Archive = archiveMark(d)
	out.AT, out.Deleted = atomTombstones(d)
	if out.Icon == "" {
		out.Icon = d.Icon.URL
	}
	if d.Generator.Name != "" {
		out.Generator = &atomGenerator{
			URI: d.Generator.URL, Version: d.Generator.Version, text: plainText(d.Generator.Name),
		}
	}
	if len(out.Authors) == 0 { // RFC 4287 section 4.1.1: an entry needs one, its own or the feed's
		out.Authors = atomPersons([]posts.Author{{Name: d.Title, URL: d.Home}})
	}
	newest := d.Changed
	for i, updated := range distinct(d.Entries) {
		out.Entries[i] = newAtomEntry(&d.Entries[i], d, updated)
		newest = later(newest, updated)
	}
	out.Updated = rfc3339(newest)
	return marshal(out)
}

// distinct returns the updated date of each entry, no two alike, so that the
// entries of one day keep their order in a reader.
func distinct(entries []Entry) []time.Time {
	out := make([]time.Time, len(entries))
	taken := make(map[time.Time]bool, len(entries))
	for i := len(entries) - 1; i >= 0; i-- {
		t := ownInstant(&entries[i])
		for taken[t.UTC()] { // entries of no ledger
			t = t.Add(time.Millisecond)
		}
		taken[t.UTC()] = true
		out[i] = t
	}
	return out
}

// ownInstant is the entry's date with a fraction that hangs on its number
// alone: a reader takes a date that moves for an edit, so it must stay when a
// neighbour of the same date comes or goes. Dates that are exact to the
// millisecond, such as those of edits in one scan, differ below that.
func ownInstant(e *Entry) time.Time {
	if e.Seq == 0 {
		return e.Updated
	}
	unit := time.Millisecond
	if e.Updated.Nanosecond() != 0 {
		unit = time.Microsecond
	}
	// 999 numbers have a unit each; whoever has the same one differs in the
	// thousandths, up to the millionth post.
	n := uint64(e.Seq)
	return e.Updated.Add(time.Duration(n%999+1)*unit + time.Duration(n/999%1000)*unit/1000)
}

// feedLinks returns what leads out of a feed. Format says whose self it is.
func feedLinks(d *Document, f Format) []atomLink {
	var out []atomLink
	if self := d.Self.For(f); self != "" {
		out = append(out, atomLink{Rel: "self", Href: self, Type: f.MediaType()})
	}
	if f == Atom && d.Home != "" {
		out = append(out, atomLink{Rel: "alternate", Href: d.Home, Type: "text/html", Hreflang: d.Language})
	}
	for _, h := range d.Hubs {
		out = append(out, atomLink{Rel: "hub", Href: h})
	}
	return append(out, historyLinks(d, f)...)
}

func newAtomEntry(e *Entry, d *Document, updated time.Time) atomEntry {
	a := atomEntry{
		AtomEntry: &feeds.AtomEntry{Id: e.ID, Published: rfc3339(e.Published), Updated: rfc3339(updated)},
		Language:  e.Language, Title: newAtomText(e.Title), Summary: optionalAtomText(e.Summary),
		Authors:    atomPersons(e.Authors),
		Categories: append(atomLabels(e.Categories, d.CategoryScheme), atomLabels(e.Tags, d.TagScheme)...),
		Thumbnail:  thumbnail(e.Thumbnail), Source: newAtomSource(e.Origin, e.Updated),
	}
	if e.URL != "" {
		a.Links = append(a.Links, atomLink{Rel: "alternate", Href: e.URL, Type: "text/html"})
	}
	for _, c := range e.Enclosures {
		l := atomLink{Rel: "enclosure", Href: c.URL, Type: c.Type, Title: c.Title}
		if c.Length > 0 {
			l.Length = strconv.FormatInt(c.Length, 10)
		}
		a.Links = append(a.Links, l)
	}
	html := e.HTML
	if html == "" && e.URL == "" {
		html = "<p>" + markup.Replace(e.Summary) + "</p>" // no content asks for a link, section 4.1.1.1
	}
	if html != "" {
		a.Content = &atomContent{Type: "html", Base: e.URL, text: text{markup.Replace(html)}}
	}
	if e.Image.URL != "" {
		m := imageContent(e.Image)
		a.Media = &m
	}
	return a
}

func atomPersons(in []posts.Author) []atomPerson {
	var out []atomPerson
	for _, a := range in {
		out = append(out, atomPerson{AtomPerson: &feeds.AtomPerson{Uri: a.URL}, Name: plainText(a.Name)})
	}
	return out
}

func atomLabels(names []string, scheme string) []atomLabel {
	var out []atomLabel
	for _, n := range names {
		out = append(out, atomLabel{Term: n, Scheme: scheme, Label: n})
	}
	return out
}
