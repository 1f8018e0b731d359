package posts

import (
	"cmp"
	"context"
	"slices"
)

// claim finds posts of other sources for files that hold none of this one: the
// owner has renamed a source, split it, or moved files from one to another.
// A post is given up only by a source that has lost its file or that is gone
// itself; what still stands there is a second copy: see twins.
func (sc *scan) claim(ctx context.Context, r *resolver) error {
	var q Query
	for _, f := range r.found {
		if f.match == nil {
			q.Keys = append(q.Keys, Keys(f.post)...)
		}
	}
	if len(q.Keys) == 0 {
		return nil
	}
	records, err := sc.Ledger.Elsewhere(ctx, sc.Name, q)
	if err != nil {
		return err
	}
	var free, standing []*Record
	for i := range records {
		k := &records[i]
		if !k.Present || sc.Stands != nil && !sc.Stands(k.Source, k.Path) {
			free = append(free, k)
		} else {
			standing = append(standing, k)
		}
	}
	slices.SortFunc(free, func(a, b *Record) int {
		return cmp.Or(cmp.Compare(a.Source, b.Source), cmp.Compare(a.Path, b.Path), cmp.Compare(a.ID, b.ID))
	})
	r.byKey(free, URLKey)
	r.byKey(free, FingerprintKey)
	sc.twins(r, standing)
	return nil
}
