package posts

import (
	"context"
	"fmt"
	"slices"
	"strings"
)

// naming gives each item of a feed its path in the ledger: its GUID, else its
// link, else what title and date make. Feeds use one GUID for several items and
// change the GUIDs of all; what the ledger knows tells.
type naming struct {
	*Remote
	feed     *remoteFeed
	first    bool // nothing is known of the source
	known    map[string]*Record
	keys     map[string]*remoteItem
	replaced map[string]bool // known paths whose item has another GUID now
	aliases  map[string]string
	problems []Problem
}

// name gives the items their keys and drops those that stand there twice.
func (r *Remote) name(ctx context.Context, f *remoteFeed) (*naming, error) {
	state, err := r.o.Ledger.SourceState(ctx, r.o.Name)
	if err != nil {
		return nil, err
	}
	n := &naming{Remote: r, feed: f, first: state.Baseline.IsZero() && state.Revision == 0,
		known: map[string]*Record{}, keys: map[string]*remoteItem{}, replaced: map[string]bool{}, aliases: map[string]string{}}
	groups, order := map[string][]*remoteItem{}, []string{}
	notePages(f.items)
	for _, i := range f.items {
		id := i.id()
		if groups[id] == nil {
			order = append(order, id)
		}
		groups[id] = append(groups[id], i)
	}
	if err := n.find(ctx, order); err != nil {
		return nil, err
	}
	if err := n.findDistinct(ctx, groups); err != nil {
		return nil, err
	}
	for _, id := range order {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		n.group(id, groups[id])
	}
	f.items = slices.DeleteFunc(f.items, func(i *remoteItem) bool { return i.key == "" })
	if err := n.findChanged(ctx); err != nil {
		return nil, err
	}
	return n, nil
}

// id is what the feed itself tells the item by, worked out once: it may be long.
func (i *remoteItem) id() string {
	if i.own == "" {
		i.own = foldID(i.GUID)
	}
	if i.own == "" {
		i.own = foldID(i.Link)
	}
	if i.own == "" {
		i.own = "item:" + hashBytes([]byte(i.Title+"\n"+i.Date.String()+"\n"+i.address("")))
	}
	return i.own
}

// foldID makes one line of an id, and not too long a one.
func foldID(id string) string {
	id = strings.Join(strings.Fields(id), " ")
	if len(id) > 300 {
		return strings.ToValidUTF8(id[:200], "") + "#" + hashBytes([]byte(id))
	}
	return id
}

// notePages notes the pages that are the items' own: the first page of a site
// is nobody's, nor is one that several items name.
func notePages(items []*remoteItem) {
	named := map[string]int{}
	for _, i := range items {
		named[FoldURL(i.Link)]++
	}
	for _, i := range items {
		if u := FoldURL(i.Link); named[u] == 1 && strings.ContainsAny(u, "/?#") {
			i.page = u
		}
	}
}

// distinct tells items of one GUID apart by their pages, or what else differs.
func (i *remoteItem) distinct() string {
	mark := i.page
	if mark == "" || i.id() == i.Link {
		mark = i.Title + "\n" + i.Date.String()
	}
	return i.id() + "#" + hashBytes([]byte(mark))[:12]
}

// find reads the posts at the paths.
func (n *naming) find(ctx context.Context, paths []string) error {
	if n.first || len(paths) == 0 {
		return nil
	}
	records, err := n.o.Ledger.Find(ctx, n.o.Name, Query{Paths: paths})
	for i := range records {
		n.known[records[i].Path] = &records[i]
	}
	return err
}

// findDistinct reads the posts of items that were told apart before.
func (n *naming) findDistinct(ctx context.Context, groups map[string][]*remoteItem) error {
	var paths []string
	for id, items := range groups {
		for _, i := range items {
			if k := n.known[id]; len(items) > 1 || k == nil || !i.same(k) {
				paths = append(paths, i.distinct())
			}
		}
	}
	slices.Sort(paths)
	return n.find(ctx, paths)
}

// same tells whether the record is of the item: one GUID may have been given to
// another one since.
func (i *remoteItem) same(k *Record) bool {
	return i.Title == k.Title || !i.Date.IsZero() && sameTime(i.Date, k.Date) ||
		i.page != "" && i.page == FoldURL(k.URL) || i.post(nil, "").Fingerprint == k.Fingerprint
}

// group names the items of one GUID.
func (n *naming) group(id string, items []*remoteItem) {
	bare := n.known[id] // the post that bears the GUID alone
	reused := false
	for _, i := range items {
		i.key = i.distinct()
		switch {
		case n.known[i.key] != nil:
		case n.keys[id] == nil && (bare != nil && i.same(bare) || bare == nil && len(items) == 1):
			i.key = id
		}
		if other := n.keys[i.key]; other != nil {
			i.key = "" // the same item once more: it is dropped
			continue
		}
		reused = reused || i.key != id
		n.keys[i.key] = i
	}
	if reused {
		n.problems = append(n.problems, Problem{Path: id, Warning: true,
			Message: "is the GUID of several items of the feed: they are told apart by their links; each item needs one of its own"})
	}
}

// told are the problems of the feed as a whole.
func (n *naming) told() []Problem {
	f, all := n.feed, n.problems
	note := func(format string, args ...any) {
		all = append(all, Problem{Path: n.o.Feed, Warning: true, Message: fmt.Sprintf(format, args...)})
	}
	if f.missed > 0 {
		note("%d items hold nothing that could be shown, or come after the first %d: they are left out", f.missed, maxItems)
	}
	if f.cut > 0 {
		note("%d items are longer than %s: they are shown by their summary", f.cut, megabytes(maxItemHTML))
	}
	if m := n.answer.Moved; m != "" {
		note("has moved for good: write feed = %q", m)
	}
	return all
}
