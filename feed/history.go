package feed

import (
	"cmp"
	"slices"
	"time"

	"tidings.example/posts"
)

// Tombstone says that a post was withdrawn (RFC 6721).
type Tombstone struct {
	// ID and Shown are the post's, as its entry had them.
	ID    string
	Shown posts.GUIDs
	// When is the instant of the withdrawal.
	When time.Time
}

// Namespaces of what a document says of its history; they are declared only
// where they are used.
const (
	archiveSpace   = "http://purl.org/syndication/history/1.0"
	tombstoneSpace = "http://purl.org/atompub/tombstones/1.0"
)

// flag is an element whose presence is all that it says.
type flag struct{}

// archiveMark marks an archive page in both XML formats (RFC 5005 section 4). A
// page that is the only one goes without: the W3C validator calls an archive that
// leads nowhere incomplete, and its link to the current feed says what it is.
func archiveMark(d *Document) (space string, mark *flag) {
	if !d.Archive || d.Prev == (Addresses{}) && d.Next == (Addresses{}) {
		return "", nil
	}
	return archiveSpace, &flag{}
}

// atomTombstone is the deleted-entry of RFC 6721.
type atomTombstone struct {
	Ref  string `xml:"ref,attr"`
	When string `xml:"when,attr"`
}

func atomTombstones(d *Document) (space string, out []atomTombstone) {
	for _, t := range d.Deleted {
		space = tombstoneSpace
		out = append(out, atomTombstone{Ref: t.ID, When: rfc3339(t.When)})
	}
	return space, out
}

// historyLinks lead along the archive (RFC 5005 section 4).
func historyLinks(d *Document, f Format) []atomLink {
	var out []atomLink
	for _, l := range []struct {
		rel string
		to  Addresses
	}{{"current", d.Current}, {"prev-archive", d.Prev}, {"next-archive", d.Next}} {
		if href := l.to.For(f); href != "" {
			out = append(out, atomLink{Rel: l.rel, Href: href, Type: f.MediaType()})
		}
	}
	return out
}

// prepareHistory makes addresses absolute, and orders the tombstones, the
// newest first. A post that is there is not deleted, and no id is deleted twice.
func prepareHistory(d *Document, f Format) {
	for _, a := range []*Addresses{&d.Current, &d.Prev, &d.Next} {
		*a = Addresses{RSS: address(a.RSS), Atom: address(a.Atom), JSON: address(a.JSON)}
	}
	there := make(map[string]bool, len(d.Entries)+len(d.Deleted))
	for i := range d.Entries {
		there[d.Entries[i].ID] = true
	}
	gone := slices.Clone(d.Deleted)
	slices.SortFunc(gone, func(a, b Tombstone) int {
		return cmp.Or(b.When.Compare(a.When), cmp.Compare(a.ID, b.ID))
	})
	d.Deleted = nil
	for _, t := range gone {
		t.ID, t.When = shownID(t.ID, &t.Shown, f), instant(t.When, d.Zone)
		if t.ID == "" || t.When.IsZero() || there[t.ID] {
			continue
		}
		there[t.ID] = true
		d.Deleted = append(d.Deleted, t)
	}
}
