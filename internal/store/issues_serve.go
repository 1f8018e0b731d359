package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
)

// serve writes the cursors of readers of published waves: from then on they are
// served up to the cut, matched or not. It is not a part of freezing,
// but nobody reads a cursor before. Being interrupted does no harm.
func (db *DB) serve(ctx context.Context) error {
	waves, err := collect[int64](ctx, reader{db}, `/* issues.serve */ select id from waves indexed by waves_serving where serving = 1 and published_at is not null order by id`)
	if err != nil {
		return fmt.Errorf("look for waves to be served: %w", err)
	}
	for _, wave := range waves {
		if err := db.serveWave(ctx, wave); err != nil {
			return fmt.Errorf("write the cursors of wave %d: %w", wave, err)
		}
	}
	return nil
}

func (db *DB) serveWave(ctx context.Context, wave int64) error {
	var digest string
	var cut int64
	if err := (reader{db}).QueryRowContext(ctx, `/* issues.serve */ select i.digest, i.cut from waves w join issues i on i.id = w.issue where w.id = ?`, wave).Scan(&digest, &cut); err != nil {
		return err
	}
	size := newPace(servedTogether)
	for p, err := range db.parts(ctx, wave) {
		if err != nil {
			return err
		}
		if err := db.servePart(ctx, size, p, digest, cut); err != nil {
			return err
		}
	}
	return db.Write(ctx, func(tx *Tx) error {
		_, err := tx.Exec(`/* issues.serve */ update waves set serving = 0 where id = ?`, wave)
		return err
	})
}

// servedTogether is how many cursors one commit writes at first.
const servedTogether = 1000

// servePart writes the cursors of one list. Where every number between the first
// and the last is a member there is no need to name them.
func (db *DB) servePart(ctx context.Context, size *pace, p listed, digest string, cut int64) error {
	if p.readers == p.last-p.first+1 {
		for from, upto := p.first, int64(0); from <= p.last; from = upto + 1 {
			upto = min(p.last, from+int64(size.size)-1)
			err := db.writePaced(ctx, size, func(tx *Tx) error {
				_, err := tx.Exec(`/* issues.serve */ update subscriptions set cursor = ?1 where digest = ?2 and cursor < ?1 and subscriber between ?3 and ?4`, cut, digest, from, upto)
				return err
			})
			if err != nil {
				return err
			}
		}
		return nil
	}
	ids := make([]int64, 0, p.readers)
	for m, err := range members(p.list) {
		if err != nil {
			return err
		}
		ids = append(ids, m.subscriber)
	}
	for len(ids) > 0 {
		some := ids[:min(len(ids), size.size)]
		ids = ids[len(some):]
		text, err := json.Marshal(some)
		if err != nil {
			return err
		}
		err = db.writePaced(ctx, size, func(tx *Tx) error {
			_, err := tx.Exec(`/* issues.serve */ update subscriptions set cursor = ?1 where digest = ?2 and cursor < ?1
				and subscriber in (select value from json_each(?3))`, cut, digest, string(text))
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// listed is one row of members.
type listed struct {
	id, first, last, readers int64
	list                     []byte
}

// parts yields the members of a wave, a row at a time: no read stays open
// while the caller works.
func (db *DB) parts(ctx context.Context, wave int64) iter.Seq2[listed, error] {
	return func(yield func(listed, error) bool) {
		var p listed
		for {
			err := (reader{db}).QueryRowContext(ctx, `/* issues.parts */ select id, first, last, readers, list from members where wave = ? and id > ? order by id limit 1`, wave, p.id).
				Scan(&p.id, &p.first, &p.last, &p.readers, &p.list)
			if errors.Is(err, sql.ErrNoRows) {
				return
			}
			if !yield(p, err) || err != nil {
				return
			}
		}
	}
}
