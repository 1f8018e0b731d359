package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"tidings.example/posts"
)

// mayBeSeen holds for posts p that may be seen at ?1 and have a URL where one is needed.
const mayBeSeen = `p.declared = 'published' and p.not_before <= ?1 and (p.expires = 0 or p.expires > ?1)`

// Waiting implements [posts.Queue].
func (db *DB) Waiting(ctx context.Context, source string, now time.Time) ([]posts.Waiting, error) {
	rows, err := db.read.QueryContext(ctx, `/* ledger.Waiting */ select `+recordColumns+`, w.since, w.tries, w.next_at, w.reason
		from waiting w join posts p on p.key = w.post`+joinSource+joinFile+joinRelease+`
		where `+mayBeSeen+` and s.name = ?2 and s.held_at = 0 and s.baseline_at <> 0 order by p.date, p.path`, stamp(now), source)
	if err != nil {
		return nil, fmt.Errorf("read waiting posts: %w", err)
	}
	defer rows.Close()
	var out []posts.Waiting
	for rows.Next() {
		var w posts.Waiting
		var in row
		var since, next int64
		if err := rows.Scan(in.dest(false, &since, &w.Tries, &next, &w.Reason)...); err != nil {
			return nil, fmt.Errorf("read waiting posts: %w", err)
		}
		if w.Record, err = in.record(); err != nil {
			return nil, err
		}
		w.Since, w.Next = instant(since), instant(next)
		out = append(out, w)
	}
	return out, rows.Err()
}

// Settle implements [posts.Queue].
func (db *DB) Settle(ctx context.Context, source string, now time.Time, verdicts []posts.Verdict) ([]posts.Record, error) {
	var released []string
	err := db.Write(ctx, func(tx *Tx) error {
		released = released[:0]
		t := &terms{tx: tx, source: source}
		for i := range verdicts {
			v := &verdicts[i]
			if !v.Release {
				if _, err := tx.Exec(`/* ledger.Settle wait */ update waiting set tries = ?, next_at = ?, reason = ?
					where post = (select key from posts where id = ?)`, v.Tries, stamp(v.Next), v.Reason, v.ID); err != nil {
					return err
				}
				continue
			}
			done, err := release(tx, t, source, stamp(now), v)
			if err != nil {
				return fmt.Errorf("post %s: %w", v.ID, err)
			}
			if done {
				released = append(released, v.ID)
			}
		}
		if len(released) == 0 {
			return nil
		}
		_, err := tx.Exec("/* ledger.Settle */ update sources set revision = revision + 1 where name = ?", source)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("record releases: %w", err)
	}
	return db.PostsByID(ctx, released...)
}

// release gives one post its sequence number, unless something else happened to
// it meanwhile.
func release(tx *Tx, t *terms, source string, now int64, v *posts.Verdict) (bool, error) {
	var seq, post int64
	var keys string
	err := tx.QueryRow(`/* ledger.release */ select p.key, p.terms from waiting w join posts p on p.key = w.post join sources s on s.key = p.source
		where `+mayBeSeen+` and p.id = ?2 and p.url <> '' and s.name = ?3 and s.held_at = 0`, now, v.ID, source).Scan(&post, &keys)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	if err := tx.QueryRow("/* ledger.release new */ insert into releases (post, released_at, mailable) values (?, ?, ?) returning seq", post, now, v.Mailable).Scan(&seq); err != nil {
		return false, err
	}
	if _, err := tx.Exec("/* ledger.release done */ delete from waiting where post = ?", post); err != nil {
		return false, err
	}
	if v.Permalink {
		if err := (&apply{Tx: tx}).permalinks(seq - 1); err != nil {
			return false, err
		}
	}
	if err := t.put(seq, keys); err != nil {
		return false, err
	}
	return true, t.touch(seq, keys)
}
