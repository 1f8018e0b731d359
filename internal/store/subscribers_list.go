package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"iter"

	"tidings.example/mailer"
)

// ErrNoSubscriber says that nobody has the address.
var ErrNoSubscriber = errors.New("no such subscriber")

// listPage is how many subscribers are read at once: a slow reader of the list
// must not hold back the write-ahead log.
const listPage = 500

// Subscribers yields all subscribers in a state, or with "" in any, in the
// order of their ids, with their subscriptions and without the rest.
func (db *DB) Subscribers(ctx context.Context, state mailer.SubscriberState) iter.Seq2[mailer.Subscriber, error] {
	return func(yield func(mailer.Subscriber, error) bool) {
		for after := int64(0); ; {
			page, err := db.subscribers(ctx, `where id > ? and (?2 = '' or state = ?2) order by id limit ?`, after, state, listPage)
			if err != nil {
				yield(mailer.Subscriber{}, fmt.Errorf("list subscribers: %w", err))
				return
			}
			for _, s := range page {
				if !yield(s, nil) {
					return
				}
			}
			if len(page) < listPage {
				return
			}
			after = page[len(page)-1].ID
		}
	}
}

// CountSubscribers counts the subscribers by state.
func (db *DB) CountSubscribers(ctx context.Context) (counts map[mailer.SubscriberState]int, err error) {
	rows, err := db.read.QueryContext(ctx, `/* subscribers.CountSubscribers */ select state, count(*) from subscribers group by state`)
	if err != nil {
		return nil, fmt.Errorf("count subscribers: %w", err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	counts = map[mailer.SubscriberState]int{}
	for rows.Next() {
		var state mailer.SubscriberState
		var n int
		if err := rows.Scan(&state, &n); err != nil {
			return nil, fmt.Errorf("count subscribers: %w", err)
		}
		counts[state] = n
	}
	return counts, rows.Err()
}

// Subscriber returns everything that is kept of an address. The error is
// [ErrNoSubscriber] where that is nothing; an address that is suppressed and no
// subscriber comes with id 0.
func (db *DB) Subscriber(ctx context.Context, a mailer.Address) (s mailer.Subscriber, err error) {
	found, err := db.subscribers(ctx, `where address_key = ?`, a.Key)
	if err != nil {
		return s, fmt.Errorf("read subscriber %s: %w", a.Mailed, err)
	}
	if len(found) == 1 {
		s = found[0]
	}
	if s.Suppressions, err = db.suppressionsOf(ctx, a); err != nil {
		return s, fmt.Errorf("read subscriber %s: %w", a.Mailed, err)
	}
	if s.ID == 0 {
		s.Address = a.Mailed
		if len(s.Suppressions) == 0 {
			err = fmt.Errorf("%s: %w", a.Mailed, ErrNoSubscriber)
		}
		return s, err
	}
	if s.Consents, err = db.consentsOf(ctx, s.ID); err != nil {
		return s, fmt.Errorf("read subscriber %s: %w", a.Mailed, err)
	}
	return s, nil
}

// subscribers returns what a condition over subscribers selects.
func (db *DB) subscribers(ctx context.Context, where string, args ...any) (out []mailer.Subscriber, err error) {
	rows, err := db.read.QueryContext(ctx, `/* subscribers.subscribers */ select id, address, state, name, language, created_at, coalesce(confirmed_at, 0), changed_at from subscribers `+where, args...)
	if err != nil {
		return nil, err
	}
	for rows.Next() {
		var s mailer.Subscriber
		var created, confirmed, changedAt int64
		if err := rows.Scan(&s.ID, &s.Address, &s.State, &s.Name, &s.Language, &created, &confirmed, &changedAt); err != nil {
			return nil, errors.Join(err, rows.Close())
		}
		s.Created, s.Confirmed, s.Changed = instant(created), instant(confirmed), instant(changedAt)
		out = append(out, s)
	}
	if err := errors.Join(rows.Err(), rows.Close()); err != nil {
		return nil, err
	}
	for i := range out {
		if out[i].Subscriptions, err = db.subscriptionsOf(ctx, out[i].ID); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func (db *DB) subscriptionsOf(ctx context.Context, id int64) (out []mailer.Subscription, err error) {
	rows, err := db.read.QueryContext(ctx, `/* subscribers.subscriptionsOf */ select s.digest, s.cadence, s.zone, s.hour, s.minute, s.topics, s.cursor,
		s.created_at, coalesce(s.confirmed_at, 0), coalesce(s.left_at, 0) from subscriptions s where s.subscriber = ? order by s.digest`, id)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var s mailer.Subscription
		var topics string
		var created, confirmed, left int64
		if err := rows.Scan(&s.Digest, &s.Cadence, &s.Zone, &s.Hour, &s.Minute, &topics, &s.Cursor, &created, &confirmed, &left); err != nil {
			return nil, err
		}
		if s.Topics, err = mailer.ParseTopics(topics); err != nil {
			return nil, err
		}
		s.Created, s.Confirmed, s.Left = instant(created), instant(confirmed), instant(left)
		out = append(out, s)
	}
	return out, rows.Err()
}

func (db *DB) suppressionsOf(ctx context.Context, a mailer.Address) (out []mailer.Suppression, err error) {
	var h hasher
	err = db.read.QueryRowContext(ctx, `/* subscribers.suppressionsOf */ select secret from keys where purpose = ? order by id limit 1`, eraseKey).Scan(&h.secret)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	rows, err := db.read.QueryContext(ctx, `/* subscribers.suppressionsOf */ select hash, address, reason, note, at from suppressions where hash = ? order by reason`, h.hash(a))
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var s mailer.Suppression
		var at int64
		if err := rows.Scan(&s.Hash, &s.Address, &s.Reason, &s.Note, &at); err != nil {
			return nil, err
		}
		s.At = instant(at)
		out = append(out, s)
	}
	return out, rows.Err()
}

func (db *DB) consentsOf(ctx context.Context, id int64) (out []mailer.Consent, err error) {
	rows, err := db.read.QueryContext(ctx, `/* subscribers.consentsOf */ select digest, kind, statement, at from consents where subscriber = ? order by id`, id)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var c mailer.Consent
		var at int64
		if err := rows.Scan(&c.Digest, &c.Kind, &c.Statement, &at); err != nil {
			return nil, err
		}
		c.At = instant(at)
		out = append(out, c)
	}
	return out, rows.Err()
}
