package posts

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
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

// A blog that moves gives all posts other GUIDs, and often one date: no post is
// read for each of the others.
func TestChangedGUIDsOfOneDateReadEachPostAFewTimes(t *testing.T) {
	t.Parallel()
	const many = 600
	date := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	l := &shelved{}
	var items []*remoteItem
	for n := range many {
		old := remoteItem{GUID: fmt.Sprint("old", n), Title: fmt.Sprint("Title ", n%300), Link: fmt.Sprintf("https://a.example/%d", n), HTML: "<p>Soon.</p>", Date: date}
		l.records = append(l.records, Record{Post: *old.post(nil, "")})
		l.records[n].ID, l.records[n].Path = old.GUID, old.GUID
		moved := old
		moved.GUID = fmt.Sprint("new", n)
		if n >= 300 { // their pages tell nothing
			moved.Link = fmt.Sprintf("https://b.example/%d", n)
		}
		items = append(items, &moved)
	}
	n, err := named(t.Context(), l, items)
	if err != nil {
		t.Fatal(err)
	}
	if len(n.replaced) != many || len(n.aliases) != many/2 || n.aliases["new320"] != "https://a.example/320" {
		t.Errorf("%d replaced, %d have moved, new320 from %s", len(n.replaced), len(n.aliases), n.aliases["new320"])
	}
	if l.read > 3*many {
		t.Errorf("%d posts were read %d times", many, l.read)
	}
}
