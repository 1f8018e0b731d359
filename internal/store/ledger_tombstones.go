package store

import (
	"context"
	"fmt"
	"time"

	"tidings.example/posts"
)

// Tombstones returns the n posts of the selection that were withdrawn last, are
// not back, and whose tombstones were not dropped, the last one first, without
// bodies. A post is judged by the words that it had when it was withdrawn: those
// feeds showed it.
func (db *DB) Tombstones(ctx context.Context, sel posts.Selection, n int) ([]posts.Record, error) {
	out, err := db.tombstones(ctx, sel, n)
	if err != nil {
		return nil, fmt.Errorf("read tombstones: %w", err)
	}
	return out, nil
}

func (db *DB) tombstones(ctx context.Context, sel posts.Selection, n int) ([]posts.Record, error) {
	c, ok, err := db.choose(ctx, sel)
	if err != nil || !ok {
		return nil, err
	}
	without, err := list(c.without)
	if err != nil {
		return nil, err
	}
	const from = ` join posts p on p.key = r.post` + joinSource + joinFile
	const newest = ` and not exists (select 1 from json_each(?1) j cross join graves g on g.term = j.value and g.seq = r.seq)
		order by r.withdrawn_at desc, r.seq desc limit ?2`
	if len(c.fields) == 0 {
		return gather(ctx, db.read, false, `/* ledger.Tombstones all */ select `+recordColumns+` from releases r indexed by releases_tombstones`+from+`
			where r.withdrawn_at <> 0 and r.buried = 0`+newest, without, n)
	}
	text, err := list(c.fields)
	if err != nil {
		return nil, err
	}
	return gather(ctx, db.read, false, `/* ledger.Tombstones */ with field as (select key as f, value as terms from json_each(?3)),
		hit as (select distinct field.f, g.seq from field, json_each(field.terms) j cross join graves g on g.term = j.value)
		select `+recordColumns+` from (select seq from hit group by seq having count(*) = ?4) h cross join releases r on r.seq = h.seq`+from+`
		where true`+newest, without, n, text, len(c.fields))
}

// bury has the feeds of the words tell that the post was withdrawn.
func (t *terms) bury(seq int64, keys string) error {
	_, err := t.tx.Exec("/* terms.bury */ insert into graves (term, seq) select value, ? from json_each(?) where true on conflict do nothing", seq, keys)
	return err
}

// rise ends that for a post that is back, and marks the words: they may be
// others by now.
func (t *terms) rise(seq int64) error {
	version, err := t.next()
	if err != nil {
		return err
	}
	if _, err := t.tx.Exec("/* terms.rise */ update terms set version = ? where key in (select term from graves where seq = ?)", version, seq); err != nil {
		return err
	}
	_, err = t.tx.Exec("/* terms.rise graves */ delete from graves where seq = ?", seq)
	return err
}

// DropTombstones drops the tombstones of posts withdrawn before the instant.
// That is an event of the ledger: the clock alone never changes a feed.
func (db *DB) DropTombstones(ctx context.Context, before time.Time) error {
	old, err := collect[int64](ctx, db.read, `/* ledger.DropTombstones any */ select 1 from releases indexed by releases_tombstones
		where withdrawn_at <> 0 and buried = 0 and withdrawn_at < ? limit 1`, stamp(before))
	if err == nil && len(old) > 0 {
		err = db.Write(ctx, func(tx *Tx) error { return dropTombstones(tx, stamp(before)) })
	}
	if err != nil {
		return fmt.Errorf("drop tombstones: %w", err)
	}
	return nil
}

func dropTombstones(tx *Tx, before int64) error {
	version, err := (&terms{tx: tx}).next()
	if err != nil {
		return err
	}
	const old = "(select seq from releases indexed by releases_tombstones where withdrawn_at <> 0 and buried = 0 and withdrawn_at < ?)"
	if _, err := tx.Exec("/* ledger.DropTombstones terms */ update terms set version = ? where key in (select term from graves where seq in "+old+")", version, before); err != nil {
		return err
	}
	if _, err := tx.Exec("/* ledger.DropTombstones graves */ delete from graves where seq in "+old, before); err != nil {
		return err
	}
	_, err = tx.Exec("/* ledger.DropTombstones */ update releases set buried = 1 where withdrawn_at <> 0 and buried = 0 and withdrawn_at < ?", before)
	return err
}
