package store

import (
	"context"
	"fmt"
	"time"

	"tidings.example/posts"
)

// Tombstones returns the n posts that were withdrawn last, are not back, and
// whose tombstones were not dropped, the last one first, without bodies.
func (db *DB) Tombstones(ctx context.Context, n int) ([]posts.Record, error) {
	out, err := gather(ctx, db.read, false, `/* ledger.Tombstones */ select `+recordColumns+`
		from releases r indexed by releases_tombstones join posts p on p.key = r.post`+joinSource+joinFile+`
		where r.withdrawn_at <> 0 and r.buried = 0 order by r.withdrawn_at desc, r.seq desc limit ?`, n)
	if err != nil {
		return nil, fmt.Errorf("read tombstones: %w", err)
	}
	return out, nil
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
	const dropped = `releases r indexed by releases_tombstones join posts p on p.key = r.post, json_each(p.terms) j
		where r.withdrawn_at <> 0 and r.buried = 0 and r.withdrawn_at < ?`
	if _, err := tx.Exec("/* ledger.DropTombstones terms */ update terms set version = ? where key in (select j.value from "+dropped+")", version, before); err != nil {
		return err
	}
	_, err = tx.Exec("/* ledger.DropTombstones */ update releases set buried = 1 where withdrawn_at <> 0 and buried = 0 and withdrawn_at < ?", before)
	return err
}
