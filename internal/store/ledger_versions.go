package store

import (
	"context"
	"fmt"

	"tidings.example/posts"
)

// NewestVersions returns the n posts of the selection that were released last
// and are not withdrawn, newest first.
func (db *DB) NewestVersions(ctx context.Context, sel posts.Selection, n int) ([]posts.Version, error) {
	seqs, err := db.newestSeqs(ctx, sel, n)
	if err != nil {
		return nil, err
	}
	text, err := list(seqs)
	if err != nil {
		return nil, err
	}
	return db.versions(ctx, "/* ledger.NewestVersions */ select seq, version from releases where seq in (select value from json_each(?)) and withdrawn_at = 0 order by seq desc", text)
}

// VersionsBetween returns the posts of the selection with first <= Seq <= last
// that are not withdrawn, oldest first.
func (db *DB) VersionsBetween(ctx context.Context, sel posts.Selection, first, last int64) ([]posts.Version, error) {
	c, ok, err := db.choose(ctx, sel)
	if err != nil || !ok {
		return nil, err
	}
	without, err := list(c.without)
	if err != nil {
		return nil, err
	}
	const but = ` and r.withdrawn_at = 0 and not exists (select 1 from json_each(?1) j cross join post_terms t on t.term = j.value and t.seq = r.seq) order by r.seq`
	if len(c.fields) == 0 {
		return db.versions(ctx, "/* ledger.VersionsBetween all */ select r.seq, r.version from releases r where r.seq between ?2 and ?3"+but, without, first, last)
	}
	text, err := list(c.fields)
	if err != nil {
		return nil, err
	}
	return db.versions(ctx, `/* ledger.VersionsBetween */ with field as (select key as f, value as terms from json_each(?2)),
		hit as (select distinct field.f, t.seq from field, json_each(field.terms) j cross join post_terms t on t.term = j.value and t.seq between ?4 and ?5)
		select r.seq, r.version from (select seq from hit group by seq having count(*) = ?3) h cross join releases r on r.seq = h.seq where true`+but,
		without, text, len(c.fields), first, last)
}

func (db *DB) versions(ctx context.Context, text string, args ...any) ([]posts.Version, error) {
	rows, err := db.read.QueryContext(ctx, text, args...)
	if err != nil {
		return nil, fmt.Errorf("read versions of posts: %w", err)
	}
	defer rows.Close()
	var out []posts.Version
	for rows.Next() {
		var v posts.Version
		if err := rows.Scan(&v.Seq, &v.Version); err != nil {
			return nil, fmt.Errorf("read versions of posts: %w", err)
		}
		out = append(out, v)
	}
	return out, rows.Err()
}

// PostsBySeq returns the posts with the sequence numbers, newest first, with
// bodies. Withdrawn posts are left out.
func (db *DB) PostsBySeq(ctx context.Context, seqs ...int64) ([]posts.Record, error) {
	text, err := list(seqs)
	if err != nil {
		return nil, err
	}
	out, err := gather(ctx, db.read, true, `/* ledger.PostsBySeq */ `+released+` where r.seq in (select value from json_each(?)) and r.withdrawn_at = 0 order by r.seq desc`, text)
	if err != nil {
		return nil, fmt.Errorf("read posts: %w", err)
	}
	return out, nil
}
