package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math"
	"slices"

	"tidings.example/posts"
)

// wanted returns the terms of each field of the selection that is not empty.
func wanted(sel posts.Selection) [][]term {
	return byField(posts.Terms{Tags: sel.Tags, Categories: sel.Categories, Languages: sel.Languages, Authors: sel.Authors, Sources: sel.Sources})
}

// byField returns the terms of each field that is not empty, as they are kept.
func byField(t posts.Terms) [][]term {
	var fields [][]term
	for _, f := range []struct {
		kind  string
		words []string
	}{{tagTerm, t.Tags}, {categoryTerm, t.Categories}, {languageTerm, t.Languages}, {authorTerm, t.Authors}, {sourceTerm, t.Sources}} {
		if len(f.words) == 0 {
			continue
		}
		field := make([]term, len(f.words))
		for i, w := range f.words {
			field[i] = term{f.kind, w}
			if f.kind != sourceTerm {
				field[i].name = posts.Fold(w)
			}
		}
		fields = append(fields, field)
	}
	return fields
}

// choice is a selection as the index knows it.
type choice struct {
	fields  [][]int64 // keys of terms; a post needs one of each field
	without []int64   // and none of these
}

// choose looks the selection's terms up; ok is false where a field has none
// that any post has, and so nothing can match.
func (db *DB) choose(ctx context.Context, sel posts.Selection) (c choice, ok bool, err error) {
	for _, field := range wanted(sel) {
		keys, err := db.termKeys(ctx, field)
		if err != nil || len(keys) == 0 {
			return choice{}, false, err
		}
		c.fields = append(c.fields, keys)
	}
	for _, field := range byField(sel.Without) {
		keys, err := db.termKeys(ctx, field)
		if err != nil {
			return choice{}, false, err
		}
		c.without = append(c.without, keys...)
	}
	return c, true, nil
}

// termKeys returns the keys of those terms that there are, each once.
func (db *DB) termKeys(ctx context.Context, field []term) (keys []int64, err error) {
	for _, w := range field {
		var key int64
		err := db.read.QueryRowContext(ctx, "/* ledger.termKeys */ select key from terms where kind = ? and name = ?", w.kind, w.name).Scan(&key)
		if errors.Is(err, sql.ErrNoRows) {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("read terms: %w", err)
		}
		if !slices.Contains(keys, key) {
			keys = append(keys, key)
		}
	}
	return keys, nil
}

// newestSeqs returns the n highest sequence numbers of the selection, highest first.
func (db *DB) newestSeqs(ctx context.Context, sel posts.Selection, n int) ([]int64, error) {
	c, ok, err := db.choose(ctx, sel)
	if err != nil || !ok {
		return nil, err
	}
	var seqs []int64
	switch {
	case len(c.fields) == 0:
		seqs, err = db.newestOfAll(ctx, c.without, n)
	case len(c.fields) == 1 && len(c.without) == 0:
		for _, key := range c.fields[0] {
			more, e := collect[int64](ctx, db.read, "/* ledger.newestSeqs term */ select seq from post_terms where term = ? order by seq desc limit ?", key, n)
			seqs, err = append(seqs, more...), errors.Join(err, e)
		}
		slices.SortFunc(seqs, func(a, b int64) int { return int(b - a) })
		seqs = slices.Compact(seqs)
		seqs = seqs[:min(n, len(seqs))]
	default:
		seqs, err = db.leapfrog(ctx, c, n)
	}
	if err != nil {
		return nil, fmt.Errorf("read newest posts: %w", err)
	}
	return seqs, nil
}

// newestOfAll returns the n highest sequence numbers but those of some terms.
func (db *DB) newestOfAll(ctx context.Context, without []int64, n int) ([]int64, error) {
	if len(without) == 0 {
		return collect[int64](ctx, db.read, "/* ledger.newestOfAll */ select seq from releases where withdrawn_at = 0 order by seq desc limit ?", n)
	}
	text, err := list(without)
	if err != nil {
		return nil, err
	}
	return collect[int64](ctx, db.read, `/* ledger.newestOfAll but */ select r.seq from releases r where r.withdrawn_at = 0
		and not exists (select 1 from json_each(?1) j cross join post_terms t on t.term = j.value and t.seq = r.seq)
		order by r.seq desc limit ?2`, text, n)
}

// leapfrog returns the n highest sequence numbers that every field has, and no
// term to be left out. Each field in turn jumps to its highest number not above
// the others': the work is bounded by the rarest field, not by the number of posts.
func (db *DB) leapfrog(ctx context.Context, c choice, n int) ([]int64, error) {
	seek, err := db.read.PrepareContext(ctx, "/* ledger.leapfrog */ select coalesce(max(seq), 0) from post_terms where term = ? and seq <= ?")
	if err != nil {
		return nil, err
	}
	defer seek.Close()
	highest := func(keys []int64, at int64) (best int64, err error) {
		for _, key := range keys {
			var seq int64
			if err := seek.QueryRowContext(ctx, key, at).Scan(&seq); err != nil {
				return 0, err
			}
			best = max(best, seq)
		}
		return best, nil
	}
	var out []int64
	at, agreed := int64(math.MaxInt64), 0
	for i := 0; len(out) < n; i = (i + 1) % len(c.fields) {
		best, err := highest(c.fields[i], at)
		if err != nil || best == 0 {
			return out, err
		}
		if best < at {
			at, agreed = best, 0
		}
		if agreed++; agreed < len(c.fields) {
			continue
		}
		left, err := highest(c.without, at)
		if err != nil {
			return nil, err
		}
		if left != at {
			out = append(out, at)
		}
		at, agreed = at-1, 0
	}
	return out, nil
}
