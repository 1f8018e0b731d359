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
	var fields [][]term
	add := func(kind string, words []string) {
		if len(words) == 0 {
			return
		}
		field := make([]term, len(words))
		for i, w := range words {
			field[i] = term{kind, w}
			if kind != sourceTerm {
				field[i].name = posts.Fold(w)
			}
		}
		fields = append(fields, field)
	}
	add(tagTerm, sel.Tags)
	add(categoryTerm, sel.Categories)
	add(languageTerm, sel.Languages)
	if sel.Source != "" {
		add(sourceTerm, []string{sel.Source})
	}
	return fields
}

// fields returns the keys of the selection's terms by field; ok is false where
// a field has none, and so nothing can match.
func (db *DB) fields(ctx context.Context, sel posts.Selection) (fields [][]int64, ok bool, err error) {
	for _, field := range wanted(sel) {
		var keys []int64
		for _, w := range field {
			var key int64
			err := db.read.QueryRowContext(ctx, "/* ledger.fields */ select key from terms where kind = ? and name = ?", w.kind, w.name).Scan(&key)
			if errors.Is(err, sql.ErrNoRows) {
				continue
			}
			if err != nil {
				return nil, false, fmt.Errorf("read terms: %w", err)
			}
			if !slices.Contains(keys, key) {
				keys = append(keys, key)
			}
		}
		if len(keys) == 0 {
			return nil, false, nil
		}
		fields = append(fields, keys)
	}
	return fields, true, nil
}

// newestSeqs returns the n highest sequence numbers of the selection, highest first.
func (db *DB) newestSeqs(ctx context.Context, sel posts.Selection, n int) ([]int64, error) {
	fields, ok, err := db.fields(ctx, sel)
	if err != nil || !ok {
		return nil, err
	}
	var seqs []int64
	switch len(fields) {
	case 0:
		seqs, err = collect[int64](ctx, db.read, "/* ledger.newestSeqs */ select seq from releases where withdrawn_at = 0 order by seq desc limit ?", n)
	case 1:
		for _, key := range fields[0] {
			more, e := collect[int64](ctx, db.read, "/* ledger.newestSeqs term */ select seq from post_terms where term = ? order by seq desc limit ?", key, n)
			seqs, err = append(seqs, more...), errors.Join(err, e)
		}
		slices.SortFunc(seqs, func(a, b int64) int { return int(b - a) })
		seqs = slices.Compact(seqs)
		seqs = seqs[:min(n, len(seqs))]
	default:
		seqs, err = db.leapfrog(ctx, fields, n)
	}
	if err != nil {
		return nil, fmt.Errorf("read newest posts: %w", err)
	}
	return seqs, nil
}

// leapfrog returns the n highest sequence numbers that every field has. Each
// field in turn jumps to its highest number not above the others': the work is
// bounded by the rarest field, not by the number of posts.
func (db *DB) leapfrog(ctx context.Context, fields [][]int64, n int) ([]int64, error) {
	seek, err := db.read.PrepareContext(ctx, "/* ledger.leapfrog */ select coalesce(max(seq), 0) from post_terms where term = ? and seq <= ?")
	if err != nil {
		return nil, err
	}
	defer seek.Close()
	var out []int64
	at, agreed := int64(math.MaxInt64), 0
	for i := 0; len(out) < n; i = (i + 1) % len(fields) {
		var best int64
		for _, key := range fields[i] {
			var seq int64
			if err := seek.QueryRowContext(ctx, key, at).Scan(&seq); err != nil {
				return nil, err
			}
			best = max(best, seq)
		}
		if best == 0 {
			break
		}
		if best < at {
			at, agreed = best, 0
		}
		if agreed++; agreed == len(fields) {
			out = append(out, at)
			at, agreed = at-1, 0
		}
	}
	return out, nil
}
