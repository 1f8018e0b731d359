package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"iter"
	"time"

	"tidings.example/posts"
)

// released is the head of every query over the order of release.
const released = `select ` + recordColumns + bodyColumns + ` from releases r join posts p on p.key = r.post` + joinSource + joinFile + joinBody

// Newest returns the n posts of the selection that were released last, newest
// first, with bodies. Withdrawn posts are left out.
func (db *DB) Newest(ctx context.Context, sel posts.Selection, n int) ([]posts.Record, error) {
	seqs, err := db.newestSeqs(ctx, sel, n)
	if err != nil {
		return nil, err
	}
	return db.PostsBySeq(ctx, seqs...)
}

// PostsBetween yields the posts of the selection with after < Seq <= upto, oldest
// first, with bodies. Withdrawn posts are left out.
func (db *DB) PostsBetween(ctx context.Context, sel posts.Selection, after, upto int64) iter.Seq2[posts.Record, error] {
	return db.stream(ctx, &sel, true, `/* ledger.PostsBetween */ `+released+` where r.seq > ? and r.seq <= ? and r.withdrawn_at = 0 order by r.seq`, after, upto)
}

// PostsSince yields the posts of the selection dated since or later in the order
// of their release, with bodies. Withdrawn posts are left out.
func (db *DB) PostsSince(ctx context.Context, sel posts.Selection, since time.Time) iter.Seq2[posts.Record, error] {
	return db.stream(ctx, &sel, true, `/* ledger.PostsSince */ `+released+` where p.date >= ? and r.withdrawn_at = 0 order by r.seq`, stamp(since))
}

// Withdrawals yields the posts of the selection that were withdrawn at since or
// later and not returned, the last one first, without bodies.
func (db *DB) Withdrawals(ctx context.Context, sel posts.Selection, since time.Time) iter.Seq2[posts.Record, error] {
	return db.stream(ctx, &sel, false, `/* ledger.Withdrawals */ select `+recordColumns+` from releases r join posts p on p.key = r.post`+joinSource+joinFile+`
		where r.withdrawn_at <> 0 and r.withdrawn_at >= ? order by r.withdrawn_at desc, r.seq desc`, stamp(since))
}

// AllPosts yields every post that the ledger knows, whatever its state, by
// source, path and id, without bodies.
func (db *DB) AllPosts(ctx context.Context) iter.Seq2[posts.Record, error] {
	return db.stream(ctx, nil, false, `/* ledger.AllPosts */ select `+recordColumns+` from posts p`+joinSource+joinFile+joinRelease+` order by s.name, p.path, p.id`)
}

// stream yields the records of a query that the selection matches.
func (db *DB) stream(ctx context.Context, sel *posts.Selection, bodies bool, text string, args ...any) iter.Seq2[posts.Record, error] {
	return func(yield func(posts.Record, error) bool) {
		err := records(ctx, db.read, bodies, func(r posts.Record) bool {
			return sel != nil && !sel.Match(&r) || yield(r, nil)
		}, text, args...)
		if err != nil {
			yield(posts.Record{}, fmt.Errorf("read posts: %w", err))
		}
	}
}

// PostsByID returns the posts with the ids in the order of the ids, with
// bodies, whatever their state. Ids that nobody has are passed over.
func (db *DB) PostsByID(ctx context.Context, ids ...string) ([]posts.Record, error) {
	return db.postsByID(ctx, bodyColumns, ids)
}

// Briefs is PostsByID for letters: bodies without HTML, and of code the
// beginning only.
func (db *DB) Briefs(ctx context.Context, ids ...string) ([]posts.Record, error) {
	return db.postsByID(ctx, briefColumns, ids)
}

func (db *DB) postsByID(ctx context.Context, body string, ids []string) ([]posts.Record, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	text, err := list(ids)
	if err != nil {
		return nil, err
	}
	out, err := gather(ctx, db.read, true, `/* ledger.PostsByID */ select `+recordColumns+body+`
		from json_each(?) j join posts p on p.id = j.value`+joinSource+joinFile+joinRelease+joinBody+` order by j.key`, text)
	if err != nil {
		return nil, fmt.Errorf("read posts: %w", err)
	}
	return out, nil
}

// PostsByPath returns the posts that have or last had a file at the path, in
// any source, those with a file first, with bodies.
func (db *DB) PostsByPath(ctx context.Context, path string) ([]posts.Record, error) {
	out, err := gather(ctx, db.read, true, `/* ledger.PostsByPath */ select `+recordColumns+bodyColumns+`
		from posts p`+joinSource+joinFile+joinRelease+joinBody+`
		where p.key in (select f.post from sources s join files f on f.source = s.key where f.path = ?1
			union select l.post from sources s join lost l on l.source = s.key where l.kind = 'path' and l.key = ?1)
		order by f.post is null, s.name, p.key desc`, path)
	if err != nil {
		return nil, fmt.Errorf("read post %s: %w", path, err)
	}
	return out, nil
}

// HighestSeq returns the highest sequence number that was given, 0 before the first.
func (db *DB) HighestSeq(ctx context.Context) (seq int64, err error) {
	if err := db.read.QueryRowContext(ctx, "/* ledger.HighestSeq */ select coalesce(max(seq), 0) from releases").Scan(&seq); err != nil {
		return 0, fmt.Errorf("read highest sequence number: %w", err)
	}
	return seq, nil
}

// CountPosts counts the released posts of the selection that are not withdrawn.
func (db *DB) CountPosts(ctx context.Context, sel posts.Selection) (n int, err error) {
	c, ok, err := db.choose(ctx, sel)
	if err != nil || !ok {
		return 0, err
	}
	fields, err := list(c.fields)
	if err != nil {
		return 0, err
	}
	without, err := list(c.without)
	if err != nil {
		return 0, err
	}
	const but = `seq not in (select t.seq from json_each(?1) j cross join post_terms t on t.term = j.value)`
	if len(c.fields) == 0 {
		err = db.read.QueryRowContext(ctx, "/* ledger.CountPosts all */ select count(*) from releases where withdrawn_at = 0 and "+but, without).Scan(&n)
	} else {
		err = db.read.QueryRowContext(ctx, `/* ledger.CountPosts */ with field as (select key as f, value as terms from json_each(?2)),
			hit as (select distinct field.f, t.seq from field, json_each(field.terms) j join post_terms t on t.term = j.value)
			select count(*) from (select seq from hit where `+but+` group by seq having count(*) = ?3)`, without, fields, len(c.fields)).Scan(&n)
	}
	if err != nil {
		return 0, fmt.Errorf("count posts: %w", err)
	}
	return n, nil
}

// LedgerVersion returns a number that grows whenever a released post of the
// selection appears, changes or goes, bodies included. Equal numbers mean that
// a feed of the selection is as it was; a greater one, that it may differ.
func (db *DB) LedgerVersion(ctx context.Context, sel posts.Selection) (version int64, err error) {
	if err := db.read.QueryRowContext(ctx, "/* ledger.LedgerVersion */ select version from ledger").Scan(&version); err != nil {
		return 0, fmt.Errorf("read ledger version: %w", err)
	}
	// A post of the selection has a term in every field: the field whose terms
	// changed least recently bounds the rest. What is left out bounds nothing: a
	// post that gains or loses such a term touches the other ones it has, too.
	for _, field := range wanted(sel) {
		var newest int64
		for _, w := range field {
			var v int64
			err := db.read.QueryRowContext(ctx, "/* ledger.LedgerVersion term */ select version from terms where kind = ? and name = ?", w.kind, w.name).Scan(&v)
			if err != nil && !errors.Is(err, sql.ErrNoRows) {
				return 0, fmt.Errorf("read ledger version: %w", err)
			}
			newest = max(newest, v)
		}
		version = min(version, newest)
	}
	return version, nil
}
