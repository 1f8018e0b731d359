package feed

import (
	"fmt"
	"time"
)

// Revision counts the ways in which documents were ever written: it moves when
// the same document gives other bytes than before, so that documents that were
// kept are made again.
const Revision = 2

// Encoded is a document in one format.
type Encoded struct {
	Format Format
	Bytes  []byte
	// Changed is the date that the document gives itself.
	Changed time.Time
	// Shortened holds the ids of the entries that gave up their full text because
	// the document would have been larger than its limit: first those that no
	// document has a place for, then the oldest.
	Shortened []string
	// Oversize says that the document is above its limit all the same.
	Oversize bool
}

// Encode writes the document in format f. Equal documents give equal bytes.
// It fails on a document or an entry without an id, and on two entries with
// the same one; whatever else is wrong with a text is mended or left out.
func Encode(doc *Document, f Format) (Encoded, error) {
	d, err := prepare(doc, f)
	if err != nil {
		return Encoded{}, err
	}
	d.showFormulas(f)
	limit := d.Limit
	if limit == 0 {
		limit = DefaultLimit
	}
	out := Encoded{Format: f, Changed: d.Changed}
	// Texts that cannot fit are not even written: a post may have megabytes.
	over := -limit
	shortened := func(e *Entry) {
		before := cost(e, f)
		if shorten(e) {
			out.Shortened = append(out.Shortened, e.ID)
			over -= before - cost(e, f)
		}
	}
	for i := range d.Entries {
		n := cost(&d.Entries[i], f)
		over += n
		if limit > 0 && n > limit {
			shortened(&d.Entries[i])
		}
	}
	for oldest := len(d.Entries); ; {
		for limit > 0 && over > 0 && oldest > 0 {
			oldest--
			shortened(&d.Entries[oldest])
		}
		if out.Bytes, err = write(d, f); err != nil {
			return Encoded{}, fmt.Errorf("feed %s as %s: %w", d.ID, f, err)
		}
		over = len(out.Bytes) - limit
		if limit < 0 || over <= 0 || oldest == 0 {
			out.Oversize = limit > 0 && over > 0
			return out, nil
		}
	}
}

// shorten takes the full text away, and tells whether that helps.
func shorten(e *Entry) bool {
	short := ""
	if e.Summary == "" {
		short = onlyLink(e)
	}
	if len(e.HTML) <= len(short) {
		return false
	}
	e.HTML = short
	return true
}

func write(d *Document, f Format) ([]byte, error) {
	switch f {
	case Atom:
		return writeAtom(d)
	case JSON:
		return writeJSON(d)
	}
	return writeRSS(d)
}

// cost counts the bytes that the full text of an entry takes in a document at
// least: without the tags around it and the rarer escapes.
func cost(e *Entry, f Format) int {
	n := len(e.HTML)
	for i := 0; f != RSS && i < len(e.HTML); i++ {
		switch c := e.HTML[i]; {
		case f == Atom && (c == '<' || c == '>'):
			n += 3
		case f == Atom && c == '&':
			n += 4
		case f == JSON && (c == '"' || c == '\\' || c == '\n' || c == '\t'):
			n++
		}
	}
	return n
}
