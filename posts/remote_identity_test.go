package posts

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// shelved is a ledger of a source whose posts have files, and counts what it
// reads.
type shelved struct {
	Ledger
	records []Record
	read    int
}

func (l *shelved) SourceState(context.Context, string) (SourceState, error) {
	return SourceState{Revision: int64(len(l.records))}, nil
}

func (l *shelved) Find(_ context.Context, _ string, q Query) ([]Record, error) {
	keys := map[Key]bool{}
	for _, k := range q.Present {
		keys[k] = true
	}
	for _, path := range q.Paths {
		keys[Key{PathKey, path}] = true
	}
	var out []Record
	for _, r := range l.records {
		if keys[Key{PathKey, r.Path}] || keys[Key{FingerprintKey, r.Fingerprint}] || keys[Key{URLKey, FoldURL(r.URL)}] || keys[Key{DateKey, strconv.FormatInt(r.Date.UnixMilli(), 10)}] {
			out = append(out, r)
		}
	}
	l.read += len(out)
	return out, nil
}

// named names the items of a feed.
func named(ctx context.Context, l Ledger, items []*remoteItem) (*naming, error) {
	r := &Remote{o: RemoteOptions{Name: "planet", Ledger: l}}
	return r.name(ctx, &remoteFeed{items: items})
}

// A feed as long as it may be, whose GUIDs are as long as they may be, is named
// in a moment: each id is worked out once, and no item is compared with all.
func TestAFeedOfManyLongGUIDsIsNamedAtOnce(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("guid ", 500)
	var items []*remoteItem
	for n := range maxItems / 2 {
		i := remoteItem{GUID: fmt.Sprint(long, n), Title: fmt.Sprint("Title ", n)}
		again := i
		items = append(items, &i, &again)
	}
	n, err := named(t.Context(), &shelved{}, slices.Clone(items))
	if err != nil {
		t.Fatal(err)
	}
	if left := n.feed.items; len(left) != maxItems/2 || left[0] != items[0] || left[1] != items[2] {
		t.Errorf("%d items are left", len(left))
	}
	ended, end := context.WithCancel(t.Context())
	end()
	if _, err := named(ended, &shelved{}, items); !errors.Is(err, context.Canceled) {
		t.Errorf("ended before: %v", err)
	}
}
