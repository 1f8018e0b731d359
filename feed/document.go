package feed

import (
	"time"

	"tidings.example/posts"
)

// DefaultLimit is the size in bytes above which a document gives up the full
// text of its oldest entries. Readers refuse feeds above some size; the
// strictest of them draw the line here.
const DefaultLimit = 512 << 10

// Document is one feed: what it says of itself, and its entries. ID is
// required; every other field may be left zero.
type Document struct {
	// ID is the feed's tag: URI. It never changes, wherever the feed moves.
	ID string
	// Title and Subtitle are plain text. A feed without a title gets the host
	// of its home page for one.
	Title, Subtitle string
	// Home is the absolute URL of the page for people.
	Home string
	// Self holds the absolute URL of the document in each format.
	Self Addresses
	// Language is a BCP 47 tag. Without one, that of most entries is taken.
	Language string
	// Authors are those of the feed as a whole; e-mail addresses stay private.
	Authors []posts.Author
	// Rights is a line such as "CC BY 4.0".
	Rights string
	// Icon is square; Logo is about twice as wide as high; Favicon is small.
	// RSS shows the first of Icon and Logo that is a GIF, JPEG or PNG.
	Icon, Logo, Favicon Picture
	// Hubs are the absolute URLs of WebSub hubs.
	Hubs []string
	// TTL is how long a reader may wait before it asks again. It is the figure
	// of Cache-Control too. Zero leaves it out.
	TTL       time.Duration
	Generator Generator
	// Changed is the instant of the newest event in the ledger that touched
	// this feed: an entry released, edited, withdrawn. Nothing in the document
	// is dated later. When zero, the newest date of the entries is taken.
	Changed time.Time
	// Zone is the publication's time zone, in which dates are written; nil is UTC.
	Zone *time.Location
	// TagScheme and CategoryScheme are the absolute URLs of the pages that list
	// the tags and the categories.
	TagScheme, CategoryScheme string
	// Limit is the size in bytes above which the oldest entries fall back to
	// their summaries; 0 is DefaultLimit, a negative number is no limit.
	Limit int
	// MathML names the formats whose formulas are MathML; in the others they are
	// Unicode where that shows them, else TeX as code. nil is JSON alone: the W3C
	// judge takes every <math> in the HTML of RSS and Atom for no HTML, and the
	// schema of RFC 4287 has no place for it in XHTML. An empty list is none.
	MathML []Format
	// Entries may come in any order: the newest is written first.
	Entries []Entry
	// Deleted are posts that were withdrawn lately. Atom names them, so that
	// readers let go of them; the other formats have no words for it.
	Deleted []Tombstone
	// Archive says that this is an archive page (RFC 5005 section 4): a part of
	// the feed's past that stays where it is, with the feed's own ID.
	Archive bool
	// Current is where an archive page's feed is found. Prev is the archive page
	// before this document (of the feed itself, the newest one), Next the one
	// after it. JSON Feed knows Prev only, as its next_url.
	Current, Prev, Next Addresses
}

// Addresses is where a feed is found in each format; "" where it is not offered.
type Addresses struct{ RSS, Atom, JSON string }

// For returns the address of the feed in format f.
func (a Addresses) For(f Format) string {
	switch f {
	case Atom:
		return a.Atom
	case JSON:
		return a.JSON
	}
	return a.RSS
}

// Generator names the program that made the feed.
type Generator struct{ Name, Version, URL string }

// Picture is an image on the web. Width and Height are in pixels, 0 where they
// are not known; Type is a media type, by default that of the URL's ending.
type Picture struct {
	URL, Type     string
	Width, Height int
}
