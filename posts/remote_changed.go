package posts

import (
	"cmp"
	"context"
	"math/bits"
	"slices"
	"strconv"
)

// agreement is what two posts have in common: the rest is zero.
type agreement struct {
	title, page, fingerprint string
	date                     int64
}

// Two of the four must agree at least: one title, or one date, may be that of all
// posts. agreements are the sets that tell, the strongest first.
const (
	sameTitle = 1 << iota
	sameDate
	samePage
	sameFingerprint
)

var agreements = func() (all []uint) {
	for set := range uint(1 << 4) {
		if bits.OnesCount(set) > 1 {
			all = append(all, set)
		}
	}
	slices.SortFunc(all, func(a, b uint) int {
		return cmp.Or(cmp.Compare(bits.OnesCount(b), bits.OnesCount(a)), cmp.Compare(b, a))
	})
	return all
}()

// agreementsOf returns what another post may have in common with this one, the
// strongest first.
func agreementsOf(p *Post, page string) []agreement {
	whole := agreement{title: p.Title, page: page, fingerprint: p.Fingerprint}
	if !p.Date.IsZero() {
		whole.date = p.Date.UnixMilli()
	}
	var out []agreement
	for _, set := range agreements {
		var l agreement
		if set&sameTitle != 0 {
			l.title = whole.title
		}
		if set&sameDate != 0 {
			l.date = whole.date
		}
		if set&samePage != 0 {
			l.page = whole.page
		}
		if set&sameFingerprint != 0 {
			l.fingerprint = whole.fingerprint
		}
		if l.has() == set {
			out = append(out, l)
		}
	}
	return out
}

// has tells which parts are there.
func (l agreement) has() (set uint) {
	for n, there := range []bool{l.title != "", l.date != 0, l.page != "", l.fingerprint != ""} {
		if there {
			set |= 1 << n
		}
	}
	return set
}

// former is where the post of an item was until its GUID changed.
type former struct{ path, url string }

// findChanged finds the posts of items whose GUID is new: their page, title,
// date or text, two of them, are those of a post that is in the feed no more.
// Each post is read once for each key, however many items have the key too, and
// only those that agree with some item are kept.
func (n *naming) findChanged(ctx context.Context) error {
	if n.first {
		return nil
	}
	var changed []*Post
	pages, at := map[*Post]string{}, map[agreement][]former{}
	for _, i := range n.feed.items {
		if n.known[i.key] != nil {
			continue
		}
		p := i.post(nil, "")
		changed, pages[p] = append(changed, p), i.page
		for _, l := range agreementsOf(p, i.page) {
			at[l] = nil
		}
	}
	asked, seen := map[Key]bool{}, map[string]bool{}
	for _, p := range changed {
		for _, key := range presentKeys(p, pages[p]) {
			if asked[key] {
				continue
			}
			asked[key] = true
			if err := n.findFormer(ctx, key, at, seen); err != nil {
				return err
			}
		}
	}
	for _, p := range changed {
		if k, ok := n.best(agreementsOf(p, pages[p]), at); ok {
			n.replaced[k.path] = true
			if FoldURL(k.url) != FoldURL(p.URL) {
				n.aliases[p.Path] = k.url
			}
		}
	}
	return nil
}

// presentKeys are the keys under which the ledger may know a post.
func presentKeys(p *Post, page string) []Key {
	keys := []Key{{FingerprintKey, p.Fingerprint}}
	if page != "" {
		keys = append(keys, Key{URLKey, page})
	}
	if !p.Date.IsZero() {
		keys = append(keys, Key{DateKey, strconv.FormatInt(p.Date.UnixMilli(), 10)})
	}
	return keys
}

// findFormer reads the posts with the key, and adds those that agree with some
// item, and whose GUID is in the feed no more.
func (n *naming) findFormer(ctx context.Context, key Key, at map[agreement][]former, seen map[string]bool) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	records, err := n.o.Ledger.Find(ctx, n.o.Name, Query{Present: []Key{key}})
	for i := range records {
		k := &records[i]
		if seen[k.Path] || n.keys[k.Path] != nil {
			continue
		}
		for _, l := range agreementsOf(&k.Post, FoldURL(k.URL)) {
			if places, wanted := at[l]; wanted {
				at[l], seen[k.Path] = append(places, former{k.Path, k.URL}), true
			}
		}
	}
	return err
}

// best returns where the post was that agrees most and is no other item's yet.
func (n *naming) best(ls []agreement, at map[agreement][]former) (k former, ok bool) {
	for _, l := range ls {
		for len(at[l]) > 0 {
			k = at[l][0]
			if !n.replaced[k.path] {
				return k, true
			}
			at[l] = at[l][1:] // taken: nobody need look again
		}
	}
	return former{}, false
}
