package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"time"

	"tidings.example/mailer"
)

var _ mailer.Desk = (*DB)(nil)

// Seed implements [mailer.Desk].
func (db *DB) Seed(ctx context.Context, issue int64) (secret []byte, domain string, err error) {
	err = db.read.QueryRowContext(ctx, `/* returned.Seed */ select k.secret, i.domain from issue_ids i join keys k on k.id = i.key where i.issue = ?`, issue).Scan(&secret, &domain)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, "", nil
	}
	if err != nil {
		return nil, "", fmt.Errorf("message ids of issue %d: %w", issue, err)
	}
	return secret, domain, nil
}

// Readers implements [mailer.Desk].
func (db *DB) Readers(ctx context.Context, issue int64, likely []string) iter.Seq2[int64, error] {
	return func(yield func(int64, error) bool) {
		var keys []string
		for _, text := range likely {
			if a, err := mailer.ParseAddress(text); err == nil {
				keys = append(keys, a.Key)
			}
		}
		first, err := db.subscribersOf(ctx, keys)
		if err != nil {
			yield(0, fmt.Errorf("readers of issue %d: %w", issue, err))
			return
		}
		for _, id := range first {
			if !yield(id, nil) {
				return
			}
		}
		for r, err := range db.WhoGot(ctx, issue) {
			if !yield(r.Subscriber, err) || err != nil {
				return
			}
		}
	}
}

func (db *DB) subscribersOf(ctx context.Context, keys []string) (ids []int64, err error) {
	if len(keys) == 0 {
		return nil, nil
	}
	list, err := json.Marshal(keys)
	if err != nil {
		return nil, err
	}
	rows, err := db.read.QueryContext(ctx, `/* returned.Readers */ select s.id from json_each(?) j join subscribers s on s.address_key = j.value`, string(list))
	if err != nil {
		return nil, err
	}
	return column(rows)
}

// NoticeOf implements [mailer.Desk].
func (db *DB) NoticeOf(ctx context.Context, messageID string) (id int64, err error) {
	err = db.read.QueryRowContext(ctx, `/* returned.NoticeOf */ select id from notices where message_id <> '' and message_id = ?`, messageID).Scan(&id)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, nil
	}
	if err != nil {
		return 0, fmt.Errorf("notice of %q: %w", messageID, err)
	}
	return id, nil
}

// DigestsOf implements [mailer.Desk].
func (db *DB) DigestsOf(ctx context.Context, subscriber int64) (names []string, err error) {
	rows, err := db.read.QueryContext(ctx, `/* returned.DigestsOf */ select digest from subscriptions where subscriber = ?`, subscriber)
	if err != nil {
		return nil, fmt.Errorf("digests of a subscriber: %w", err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			return nil, fmt.Errorf("digests of a subscriber: %w", err)
		}
		names = append(names, name)
	}
	return names, rows.Err()
}

// Take implements [mailer.Desk].
func (db *DB) Take(ctx context.Context, v mailer.Returned, now time.Time) (effect mailer.ReturnedEffect, err error) {
	known := false
	err = db.Write(ctx, func(tx *Tx) error {
		err := tx.QueryRow(`/* returned.Take */ select verdict from bounces where mark = ?`, v.Mark).Scan(&effect)
		if known = err == nil; known {
			return nil
		}
		if !errors.Is(err, sql.ErrNoRows) {
			return err
		}
		t := judging{tx: tx, v: v, now: now}
		if err := t.look(); err != nil {
			return err
		}
		effect, err = t.take()
		return err
	})
	if err == nil && effect == mailer.EffectHeld {
		err = db.hold(ctx, v.Origin.Issue, now) // also of one that is known: it may have ended in between
	}
	switch {
	case err != nil:
		return "", fmt.Errorf("keep what came back: %w", err)
	case known:
		return mailer.EffectKnown, nil
	}
	return effect, nil
}

// judging is one verdict that is carried out.
type judging struct {
	tx  *Tx
	v   mailer.Returned
	now time.Time

	// row is the bounce's.
	row int64
	// letter is the row of the delivery or notice, 0 where it was folded.
	letter int64
	state  mailer.DeliveryState
	// to is the address that the letter went to, as far as it is known.
	to string
	// person is the reader as they are now; the id is 0 of an erased one.
	person
	address string
	// stale says that the reader has another address than the letter had.
	stale bool
}

// look finds letter and reader.
func (t *judging) look() error {
	o := t.v.Origin
	var lease int64
	var err error
	switch {
	case o.Proof == "":
		return nil
	case o.Notice != 0:
		err = t.tx.QueryRow(`/* returned.look */ select id, state, address, lease_until, subscriber from notices where id = ?`, o.Notice).
			Scan(&t.letter, &t.state, &t.to, &lease, &t.v.Origin.Subscriber)
	case o.Issue != 0:
		err = t.tx.QueryRow(`/* returned.look */ select id, state, address, lease_until from deliveries where id = ?`, deliveryID(o.Issue, o.Subscriber)).
			Scan(&t.letter, &t.state, &t.to, &lease)
	}
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return err
	}
	// The result of the letter is written with the next one's intent: a report
	// may be faster.
	if t.state == mailer.Inflight && lease > t.now.UnixMilli() {
		return mailer.ErrTooEarly
	}
	err = t.tx.QueryRow(`/* returned.look */ select id, state, hash, address from subscribers where id = ?`, t.v.Origin.Subscriber).Scan(&t.id, &t.person.state, &t.hash, &t.address)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return err
	}
	switch {
	case t.id == 0:
		t.to = ""
	case o.WentTo != nil:
		// It says more than the row, which knows the last attempt alone.
		if t.stale = !o.WentTo(t.address); !t.stale {
			t.to = t.address
		} else if !o.WentTo(t.to) {
			t.to = ""
		}
	case t.to == "":
		t.to = t.address
	default:
		t.stale = t.to != t.address
	}
	return nil
}
