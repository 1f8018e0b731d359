package posts

import (
	"cmp"
	"context"
	"fmt"
	"slices"
)

// decide makes the changes out of what was read.
func (sc *scan) decide(ctx context.Context) error {
	if sc.report.First {
		return sc.decideFirst(ctx)
	}
	vanished, err := sc.vanishedRecords(ctx)
	if err != nil {
		return err
	}
	explicit, lost, err := sc.candidates(ctx)
	if err != nil {
		return err
	}
	r := &resolver{found: sc.found}
	gone := r.resolve(vanished, explicit, lost)
	if err := sc.claim(ctx, r); err != nil {
		return err
	}
	sc.problems = append(sc.problems, r.problems...)
	for _, f := range sc.found {
		sc.change(f)
	}
	left, err := sc.leave(ctx, gone)
	if err != nil {
		return err
	}
	if err := sc.orphans(ctx); err != nil {
		return err
	}
	if err := sc.turn(ctx); err != nil {
		return err
	}
	for i := range sc.decided {
		sc.report.add(&sc.decided[i])
	}
	if !sc.o.Accept {
		sc.report.Hold = sc.hold(left)
	}
	return nil
}

// decideFirst ends a first scan: nothing was released yet, so there is nothing
// to find again and nothing to hold.
func (sc *scan) decideFirst(ctx context.Context) error {
	if err := sc.matchFirst(ctx); err != nil {
		return err
	}
	vanished, err := sc.vanishedRecords(ctx)
	if err != nil {
		return err
	}
	if _, err := sc.leave(ctx, vanished); err != nil {
		return err
	}
	sc.report.New, sc.report.Unchanged = sc.report.Posts-sc.report.Moved-sc.report.Shared, 0
	return nil
}

// matchFirst makes changes out of the files of a first scan: only the path
// tells what an interrupted one knew already.
func (sc *scan) matchFirst(ctx context.Context) error {
	r := &resolver{found: sc.found, taken: map[string]bool{}}
	for _, f := range sc.found {
		if id := f.post.ExplicitID; id != "" {
			other, err := sc.holder(ctx, id, f.post.Path)
			if err != nil {
				return err
			}
			if other != "" {
				r.clash(f, other)
			} else {
				sc.explicit[id] = f.post.Path
			}
		}
		f.match = f.at
	}
	if err := sc.claim(ctx, r); err != nil {
		return err
	}
	for _, f := range sc.found {
		if sc.change(f); f.match != nil && f.match.Source != sc.Name {
			sc.report.Moved++
		}
	}
	sc.problems = append(sc.problems, r.problems...)
	clear(sc.found)
	sc.found = sc.found[:0]
	return nil
}

// holder returns the path of another post of a first scan that bears the
// explicit id, or "".
func (sc *scan) holder(ctx context.Context, id, path string) (string, error) {
	if other := sc.explicit[id]; other != "" || sc.state.Revision == 0 {
		return other, nil
	}
	records, err := sc.Ledger.Find(ctx, sc.Name, Query{ExplicitIDs: []string{id}})
	if err != nil {
		return "", err
	}
	for _, k := range records {
		if k.Present && k.Path != path {
			return k.Path, nil
		}
	}
	return "", nil
}

// vanishedRecords returns the posts whose file the scan did not see, and notes
// the files that held none.
func (sc *scan) vanishedRecords(ctx context.Context) ([]*Record, error) {
	var paths []string
	for _, k := range sc.vanished {
		if k.Ignored || k.Twin {
			sc.dropped = append(sc.dropped, k.Path)
		} else {
			paths = append(paths, k.Path)
		}
	}
	return sc.find(ctx, Query{Paths: paths})
}

// candidates returns the posts that explicit ids of the found files name, and
// those whose file went earlier and that any key of the found files names.
func (sc *scan) candidates(ctx context.Context) (explicit, lost []*Record, err error) {
	var byID, byKey Query
	for _, f := range sc.found {
		if id := f.post.ExplicitID; id != "" {
			byID.ExplicitIDs = append(byID.ExplicitIDs, id)
		}
		if f.at == nil || !sameArticle(f.at, f.post) {
			byKey.Lost = append(byKey.Lost, Keys(f.post)...)
		}
	}
	if explicit, err = sc.find(ctx, byID); err != nil {
		return nil, nil, err
	}
	if lost, err = sc.find(ctx, byKey); err != nil {
		return nil, nil, err
	}
	return explicit, lost, nil
}

// find returns the posts in the order of path and id.
func (sc *scan) find(ctx context.Context, q Query) ([]*Record, error) {
	if len(q.Paths)+len(q.ExplicitIDs)+len(q.Lost) == 0 {
		return nil, nil
	}
	records, err := sc.Ledger.Find(ctx, sc.Name, q)
	if err != nil {
		return nil, err
	}
	out := make([]*Record, len(records))
	for i := range records {
		out[i] = &records[i]
	}
	slices.SortFunc(out, func(a, b *Record) int {
		return cmp.Or(cmp.Compare(a.Path, b.Path), cmp.Compare(a.ID, b.ID))
	})
	return out, nil
}

// change decides what a found file means for its post.
func (sc *scan) change(f *found) {
	if f.twin != nil {
		sc.twin(f)
		return
	}
	c := Change{Before: f.match, Post: f.post, Again: f.again, Shared: f.shared}
	if k := f.match; k != nil && k == f.at && f.same && k.ExplicitID == f.post.ExplicitID {
		sc.same(f, k)
		return
	}
	visible := f.post.StateAt(sc.now) == Published
	k := f.match
	if k == nil {
		c.Kind, c.Ready = New, true
		c.Mint = Mint(f.post, sc.Source.Site().URL, sc.now)
		sc.decided = append(sc.decided, c)
		return
	}
	released := k.Seq > 0
	// The same bytes read by other rules, and another source's words for the
	// same post, are no edit of the author's.
	text := !f.shared && k.Hash != f.post.Hash && (k.Fingerprint != f.post.Fingerprint || k.Title != f.post.Title)
	c.Edited = released && text
	c.Withdraw = released && k.Withdrawn.IsZero() && !visible
	c.Return = released && !k.Withdrawn.IsZero() && visible
	c.Ready = !released && declared(f.post) == Published && (declared(&k.Post) != Published || !k.Present)
	switch {
	case k.Source != sc.Name:
		c.Kind = Moved
	case c.Return || !k.Present:
		c.Kind = Returned
	case c.Withdraw:
		c.Kind = Withdrawn
	case k.Path != f.post.Path:
		c.Kind = Renamed
	case text:
		c.Kind = Edited
	default:
		c.Kind = Amended
	}
	sc.decided = append(sc.decided, c)
}

func goneFrom(k *Record) Change {
	c := Change{Kind: Removed, Before: k, Gone: true}
	if k.Seq > 0 {
		c.Kind, c.Withdraw = Withdrawn, k.Withdrawn.IsZero()
	}
	return c
}

// turn withdraws and returns the posts that only the clock has changed.
func (sc *scan) turn(ctx context.Context) error {
	turning, err := sc.Ledger.Turning(ctx, sc.Name, sc.now)
	if err != nil {
		return err
	}
	decided := map[string]bool{}
	for i := range sc.decided {
		if k := sc.decided[i].Before; k != nil {
			decided[k.ID] = true
		}
	}
	for i := range turning {
		k := &turning[i]
		if decided[k.ID] {
			continue
		}
		if k.Withdrawn.IsZero() {
			sc.decided = append(sc.decided, Change{Kind: Withdrawn, Before: k, Withdraw: true})
		} else {
			sc.decided = append(sc.decided, Change{Kind: Returned, Before: k, Return: true})
		}
	}
	return nil
}

// hold returns why the scan is no news, or "".
func (sc *scan) hold(gone int) string {
	if gone > vanishMany && gone*5 > sc.posts {
		return fmt.Sprintf("%d of %d posts vanished at once: if they are really gone, run tidings scan --accept", gone, sc.posts)
	}
	aged := 0
	for i := range sc.decided {
		c := &sc.decided[i]
		if c.Kind == New && c.Post.StateAt(sc.now) == Published && Aged(c.Post.Date, sc.now) {
			aged++
		}
	}
	if aged >= agedMany {
		return fmt.Sprintf("%d posts dated more than 14 days ago appeared at once: if they are really new here, run tidings scan --accept", aged)
	}
	return ""
}

// record writes the scan down.
func (sc *scan) record(ctx context.Context) error {
	slices.SortStableFunc(sc.problems, func(a, b Problem) int {
		return cmp.Or(cmp.Compare(a.Path, b.Path), cmp.Compare(a.Line, b.Line))
	})
	sc.report.Problems = sc.problems
	if sc.o.DryRun {
		return nil
	}
	c := Changes{Revision: sc.revision, Now: sc.now, Config: sc.config, Done: true, Hold: sc.report.Hold}
	if !slices.Equal(sc.problems, sc.state.Problems) {
		c.Problems = &sc.problems
	}
	if c.Hold == "" {
		c.Posts, c.Files, c.Dropped = sc.decided, sc.files, sc.dropped
	}
	if sc.report.First {
		c.Baseline, c.Permalinks = cmp.Or(sc.Backlog, BacklogKnown), sc.Permalinks
	}
	_, err := sc.Ledger.Apply(ctx, sc.Name, c)
	return err
}
