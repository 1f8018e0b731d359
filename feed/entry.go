package feed

import (
	"time"

	"tidings.example/posts"
)

// Entry is one post in a feed.
type Entry struct {
	// ID is the post's tag: URI; unique within the document.
	ID string
	// Shown holds the ids that readers held before, in place of ID. Of two
	// entries with the same one the one released first keeps it.
	Shown posts.GUIDs
	// Seq is the order of release; it orders entries of one date.
	Seq int64
	// URL is the absolute address of the post, or "".
	URL string
	// Title and Summary are plain text. Title is "" only for entries that have none.
	Title, Summary string
	// HTML is the full text: sanitised, with absolute URLs. "" where it is not
	// rendered; the entry then has the summary only.
	HTML string
	// Published and Updated are instants; zero where they are not known.
	Published, Updated time.Time
	Authors            []posts.Author
	Tags, Categories   []string
	// Language is a BCP 47 tag; written where it differs from the document's.
	Language string
	// Image is the picture that stands for the post, Thumbnail a small one.
	Image, Thumbnail Picture
	// Enclosures are the files that come with the post. RSS has one for an
	// item: there the others are media of the item.
	Enclosures []posts.Enclosure
	// Origin is the feed that the post was first published in, shown where that
	// is another site's.
	Origin posts.Origin
}

// FromRecord makes an entry of what the ledger knows of a post. A date later
// than the release is the release's, and an update later than the last edit
// that a scan saw is that edit's: no feed is dated in the future.
func FromRecord(r *posts.Record) Entry {
	e := Entry{
		ID: r.ID, Shown: r.GUIDs, Seq: r.Seq, URL: r.URL, Title: r.DisplayTitle(),
		Summary: r.Body.Summary, HTML: r.Body.HTML,
		Published: r.Date, Updated: r.Modified(),
		Authors: r.Authors, Tags: r.Tags, Categories: r.Categories,
		Language: r.Language, Image: Picture{URL: r.Image}, Thumbnail: Picture{URL: r.Thumbnail}, Enclosures: r.Enclosures, Origin: r.Origin,
	}
	if e.Summary == "" {
		e.Summary = r.Summary
	}
	if e.Image.URL == "" {
		e.Image.URL = r.Body.Image
	}
	if r.Released.IsZero() {
		return e
	}
	if e.Published.IsZero() || e.Published.After(r.Released) {
		e.Published = r.Released
	}
	seen := r.Released
	if r.Edited.After(seen) {
		seen = r.Edited
	}
	if e.Updated.After(seen) {
		e.Updated = seen
	}
	return e
}
