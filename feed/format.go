package feed

import "fmt"

// Format is one of the three formats of a feed.
type Format int

// The formats.
const (
	RSS  Format = iota // RSS 2.0
	Atom               // RFC 4287
	JSON               // JSON Feed 1.1
)

// Formats lists all formats, in the order in which a page offers them.
func Formats() []Format { return []Format{RSS, Atom, JSON} }

// String returns the name of the format in lower case: rss, atom or json.
func (f Format) String() string {
	switch f {
	case RSS:
		return "rss"
	case Atom:
		return "atom"
	case JSON:
		return "json"
	}
	return fmt.Sprintf("feed.Format(%d)", int(f))
}

// ParseFormat returns the format of that name, in lower case.
func ParseFormat(name string) (Format, bool) {
	for _, f := range Formats() {
		if f.String() == name {
			return f, true
		}
	}
	return 0, false
}

// MediaType returns the bare media type, as links carry it.
func (f Format) MediaType() string {
	switch f {
	case Atom:
		return "application/atom+xml"
	case JSON:
		return "application/feed+json"
	}
	return "application/rss+xml"
}

// ContentType returns the value of the Content-Type header.
func (f Format) ContentType() string { return f.MediaType() + "; charset=utf-8" }

// FileName returns the customary name of a file of this format.
func (f Format) FileName() string {
	switch f {
	case Atom:
		return "atom.xml"
	case JSON:
		return "feed.json"
	}
	return "rss.xml"
}
