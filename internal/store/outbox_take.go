package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"tidings.example/mailer"
)

// taking gives letters that wait in their wave rows of their own.
type taking struct {
	tx    *Tx
	state mailer.DeliveryState
	owner string
	until int64 // end of the lease
	now   int64
}

// take gives up to n letters of a wave their rows, in the order of the lists,
// and returns the ids of those. Fewer than n says that none is left.
func (t taking) take(wave int64, n int) (ids []int64, err error) {
	for len(ids) < n {
		part, list, err := t.list(wave, n-len(ids))
		if err != nil || part.id == 0 {
			return ids, err
		}
		got, err := t.insert(part.issue, wave, list)
		if err != nil {
			return nil, err
		}
		ids = append(ids, got...)
		if _, err := t.tx.Exec(`/* outbox.take */ update waves set part = ?, upto = ?, waiting = waiting - ? where id = ?`, part.id, part.upto, len(got), wave); err != nil {
			return nil, err
		}
	}
	return ids, nil
}

// part is a list of members and how far it was taken.
type part struct{ id, upto, issue int64 }

// list returns the next letters of a wave, at most n, and where that ends. The
// id is 0 where there are none.
func (t taking) list(wave int64, n int) (p part, out []member, err error) {
	var list []byte
	err = t.tx.QueryRow(`/* outbox.take */ select m.id, iif(m.id = w.part, w.upto, 0), w.issue, m.list from waves w join members m on m.wave = w.id
		where w.id = ? and w.waiting > 0 and w.published_at is not null and (m.id > w.part or m.id = w.part and m.last > w.upto) order by m.id limit 1`, wave).Scan(&p.id, &p.upto, &p.issue, &list)
	if errors.Is(err, sql.ErrNoRows) {
		return part{}, nil, nil
	}
	if err != nil {
		return p, nil, err
	}
	from := p.upto
	for m, err := range members(list) {
		if err != nil {
			return p, nil, fmt.Errorf("wave %d: %w", wave, err)
		}
		if m.subscriber <= from {
			continue
		}
		if m.variant != 0 {
			if len(out) == n {
				break
			}
			out = append(out, m)
		}
		p.upto = m.subscriber
	}
	return p, out, nil
}

// insert writes rows, but for letters that have one: of those who left or were
// erased meanwhile.
func (t taking) insert(issue, wave int64, list []member) ([]int64, error) {
	packed := make([]int64, len(list))
	for i, m := range list {
		packed[i] = deliveryID(m.variant, m.subscriber)
	}
	text, err := json.Marshal(packed)
	if err != nil {
		return nil, err
	}
	rows, err := t.tx.Query(`/* outbox.take */ insert into deliveries (id, issue, subscriber, wave, variant, state, owner, fence, lease_until, updated_at)
		select (?1 << 36) | (j.value & 0xfffffffff), ?1, j.value & 0xfffffffff, ?2, j.value >> 36, ?3, ?4, ?4 <> '', ?5, ?6 from json_each(?7) j where true
		on conflict (id) do nothing returning id`, issue, wave, t.state, t.owner, t.until, t.now, string(text))
	if err != nil {
		return nil, err
	}
	return column(rows)
}

// takeAll gives every waiting letter of an issue its row, a few in a commit.
func (db *DB) takeAll(ctx context.Context, issue int64, now time.Time) error {
	waves, err := collect[int64](ctx, reader{db}, `/* outbox.takeAll */ select id from waves where issue = ? and waiting > 0`, issue)
	if err != nil {
		return err
	}
	p := newPace(takeTogether)
	for _, wave := range waves {
		for n := 1; n > 0; {
			err := db.writePaced(ctx, p, func(tx *Tx) error {
				ids, err := taking{tx: tx, state: mailer.Queued, now: now.UnixMilli()}.take(wave, p.size)
				n = len(ids)
				return err
			})
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// takeTogether is how many letters get their rows in one commit at first.
const takeTogether = 500

// takeOne gives the waiting letters of one subscriber their rows, queued, so
// that what ends them is written there.
func takeOne(tx *Tx, subscriber, now int64) error {
	found, err := waitingOf(tx, subscriber)
	if err != nil {
		return err
	}
	t := taking{tx: tx, state: mailer.Queued, now: now}
	for _, w := range found {
		got, err := t.insert(w.issue, w.wave, []member{w.member})
		if err == nil && len(got) > 0 {
			_, err = tx.Exec(`/* outbox.takeOne */ update waves set waiting = waiting - 1 where id = ?`, w.wave)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// waitingLetter is a letter that may have no row yet.
type waitingLetter struct {
	wave, issue int64
	member
}

// waitingOf lists the letters of a subscriber in waves that are not taken yet.
func waitingOf(tx *Tx, subscriber int64) (found []waitingLetter, err error) {
	rows, err := tx.Query(`/* outbox.takeOne */ select w.id, w.issue, m.list from waves w indexed by waves_waiting cross join members m indexed by members_wave on m.wave = w.id
		where w.waiting > 0 and w.published_at is not null and m.first <= ?1 and m.last >= ?1`, subscriber)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var w waitingLetter
		var list sql.RawBytes
		if err := rows.Scan(&w.wave, &w.issue, &list); err != nil {
			return nil, err
		}
		for m, err := range members(list) {
			if err != nil {
				return nil, fmt.Errorf("wave %d: %w", w.wave, err)
			}
			if m.subscriber == subscriber && m.variant != 0 {
				w.member = m
				found = append(found, w)
			}
			if m.subscriber >= subscriber {
				break
			}
		}
	}
	return found, rows.Err()
}
