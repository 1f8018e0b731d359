package posts

import (
	"cmp"
	"context"
	"slices"
	"strings"
)

// twins settles which source tells a post that two of them show: the one that
// comes first in Order, whichever was scanned first. The file of the other one
// is remembered, so that it can take the post over without being news.
func (sc *scan) twins(r *resolver, standing []*Record) {
	if len(standing) == 0 {
		return
	}
	byKey := map[Key][]*Record{}
	for _, k := range standing {
		for _, key := range Keys(&k.Post) {
			byKey[key] = append(byKey[key], k)
		}
	}
	for _, f := range r.found {
		if f.match != nil {
			continue
		}
		k := twinOf(f.post, byKey)
		switch {
		case k == nil:
		case sc.outranks(k.Source) && !r.taken[k.ID]:
			r.take(f, k)
			f.shared = true
		default:
			f.twin = k
		}
	}
}

// twinOf returns the post of another source that is the same: of the same page,
// and of the same title where several posts are on that page; or of the same
// text with the same title or date. The first page of a site is nobody's own.
func twinOf(p *Post, byKey map[Key][]*Record) *Record {
	for _, key := range Keys(p) {
		list := byKey[key]
		for _, k := range list {
			switch {
			case key.Kind == URLKey && strings.ContainsAny(key.Text, "/?#") && (len(list) == 1 || p.Title == k.Title):
				return k
			case key.Kind == FingerprintKey && (p.Title != "" && p.Title == k.Title || !p.Date.IsZero() && sameTime(p.Date, k.Date)):
				return k
			}
		}
	}
	return nil
}

// outranks tells whether this source's word counts more than the other one's.
func (sc *scan) outranks(other string) bool {
	own, theirs := slices.Index(sc.Order, sc.Name), slices.Index(sc.Order, other)
	return own >= 0 && theirs > own
}

// twin notes a file whose post is taken from another source.
func (sc *scan) twin(f *found) {
	sc.report.Shared++
	sc.files = append(sc.files, File{Path: f.post.Path, Stamp: f.post.Stamp, Hash: f.post.Hash, Again: f.again, Twin: f.twin.ID})
}

// leave decides what becomes of posts without a file, and returns how many are
// nowhere else: a post with a twin goes over to it, and stays what it is.
func (sc *scan) leave(ctx context.Context, gone []*Record) (left int, err error) {
	if len(gone) == 0 {
		return 0, nil
	}
	ids := make([]string, len(gone))
	for i, k := range gone {
		ids[i] = k.ID
	}
	twins, err := sc.Ledger.Twins(ctx, sc.Name, ids)
	if err != nil {
		return 0, err
	}
	heirs := map[string]*Twin{}
	for i := range twins {
		t := &twins[i]
		if slices.Contains(sc.Order, t.Source) && (heirs[t.ID] == nil || sc.before(t, heirs[t.ID])) {
			heirs[t.ID] = t
		}
	}
	for _, k := range gone {
		if heir := heirs[k.ID]; heir != nil {
			sc.decided = append(sc.decided, Change{Kind: Moved, Before: k, Gone: true, To: heir})
			continue
		}
		sc.decided = append(sc.decided, goneFrom(k))
		left++
	}
	return left, nil
}

func (sc *scan) before(a, b *Twin) bool {
	return cmp.Or(cmp.Compare(slices.Index(sc.Order, a.Source), slices.Index(sc.Order, b.Source)), cmp.Compare(a.Path, b.Path)) < 0
}

// orphans takes over the posts whose twin this source has and whose own source
// is gone from the configuration, or comes behind this one by now. Their words
// are read at the next scan.
func (sc *scan) orphans(ctx context.Context) error {
	own := slices.Index(sc.Order, sc.Name)
	if own < 0 {
		return nil
	}
	records, err := sc.Ledger.Orphans(ctx, sc.Name, sc.Order[:own])
	if err != nil {
		return err
	}
	busy := map[string]bool{}
	for _, f := range sc.found {
		busy[f.post.Path] = true
	}
	for _, k := range sc.vanished {
		busy[k.Path] = true
	}
	for i := range records {
		k := &records[i]
		if busy[k.Path] {
			continue
		}
		busy[k.Path] = true
		p := k.Post
		sc.decided = append(sc.decided, Change{Kind: Moved, Before: k, Post: &p, Again: true, Shared: slices.Contains(sc.Order, k.Source)})
	}
	return nil
}
