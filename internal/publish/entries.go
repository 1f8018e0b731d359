package publish

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"

	"tidings.example/feed"
)

// version is a number that differs whenever the feed may differ.
func (f *Feeds) version(ctx context.Context, one Feed) (int64, error) {
	if one.Entries == nil {
		return f.Shelf.LedgerVersion(ctx, one.Select)
	}
	// What the entries say is all there is to know of them.
	entries, err := one.Entries(ctx)
	if err != nil {
		return 0, err
	}
	text, err := json.Marshal(entries)
	if err != nil {
		return 0, err
	}
	sum := sha256.Sum256(text)
	return int64(binary.BigEndian.Uint64(sum[:])), nil
}

// enter fills the document of a feed that is not of posts.
func (f *Feeds) enter(ctx context.Context, one Feed, doc *feed.Document) (err error) {
	if doc.Entries, err = one.Entries(ctx); err != nil {
		return err
	}
	for i := range doc.Entries {
		e := &doc.Entries[i]
		e.ID = doc.ID + ":" + e.ID
		if e.Updated.After(doc.Changed) {
			doc.Changed = e.Updated
		}
	}
	return nil
}
