package publish

import (
	"context"
	"encoding/json"

	"tidings.example/feed"
)

// issued fills the document of a feed that is not of posts. The text says all
// that there is to know of its entries.
func (f *Feeds) issued(ctx context.Context, one Feed, doc *feed.Document) (text []byte, err error) {
	if doc.Entries, err = one.Entries(ctx); err != nil {
		return nil, err
	}
	for i := range doc.Entries {
		e := &doc.Entries[i]
		e.ID = doc.ID + ":" + e.ID
		if e.Updated.After(doc.Changed) {
			doc.Changed = e.Updated
		}
	}
	return json.Marshal(doc.Entries)
}
