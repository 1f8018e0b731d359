package store

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"time"

	"tidings.example/mailer"
)

// Suppress keeps an address from being mailed, known or not, and ends its open
// letters.
func (db *DB) Suppress(ctx context.Context, a mailer.Address, reason mailer.Reason, note string, now time.Time) error {
	err := db.Write(ctx, func(tx *Tx) error {
		h, err := newHasher(tx, now)
		if err != nil {
			return err
		}
		return suppress(tx, h, a, reason, note, now)
	})
	if err != nil {
		return fmt.Errorf("suppress %s: %w", a.Mailed, err)
	}
	return nil
}

func suppress(tx *Tx, h hasher, a mailer.Address, reason mailer.Reason, note string, now time.Time) error {
	address := a.Mailed
	if reason == mailer.SuppressedErased {
		address, note = "", ""
	}
	hash := h.hash(a)
	if _, err := tx.Exec(`/* subscribers.suppress */ insert into suppressions (hash, reason, address, note, at) values (?, ?, ?, ?, ?)
		on conflict do update set at = excluded.at, note = iif(excluded.note = '', suppressions.note, excluded.note)`,
		hash, reason, address, note, now.UnixMilli()); err != nil {
		return err
	}
	p, err := find(tx, a)
	if err != nil || p.id == 0 {
		return err
	}
	switch reason {
	case mailer.SuppressedBounced, mailer.SuppressedComplained, mailer.SuppressedUnsubscribed:
		// The states have the names of the reasons. A complaint is not undone by
		// what came after it.
		if _, err := tx.Exec(`/* subscribers.suppress */ update subscribers set state = ?, changed_at = ? where id = ? and state <> 'complained'`,
			reason, now.UnixMilli(), p.id); err != nil {
			return err
		}
	}
	if reason == mailer.SuppressedUnsubscribed {
		if _, err := tx.Exec(`/* subscribers.suppress */ update subscriptions set left_at = ? where subscriber = ? and left_at is null`, now.UnixMilli(), p.id); err != nil {
			return err
		}
	}
	if err := endLetters(tx, p.id, "", mailer.Skipped, "suppressed: "+string(reason), now); err != nil {
		return err
	}
	return endNotices(tx, p.id, "suppressed: "+string(reason), now)
}

// ErrOwnWill says that only the person can lift a suppression.
var ErrOwnWill = errors.New("only the person's own confirmed sign-up lifts it")

// Unsuppress lifts what the owner may lift: the operator's own suppression and
// a complaint. It tells whether there was one.
func (db *DB) Unsuppress(ctx context.Context, a mailer.Address, reason mailer.Reason) (lifted bool, err error) {
	if reason != mailer.SuppressedOperator && reason != mailer.SuppressedComplained {
		return false, fmt.Errorf("suppression of %s as %s: %w", a.Mailed, reason, ErrOwnWill)
	}
	err = db.Write(ctx, func(tx *Tx) error {
		var secret []byte
		if err := tx.QueryRow(`/* subscribers.Unsuppress */ select coalesce((select secret from keys where purpose = ? order by id limit 1), x'')`, eraseKey).Scan(&secret); err != nil {
			return err
		}
		n, err := changed(tx.Exec(`/* subscribers.Unsuppress */ delete from suppressions where hash = ? and reason = ?`, hasher{secret}.hash(a), reason))
		lifted = n > 0
		if err != nil || !lifted || reason != mailer.SuppressedComplained {
			return err
		}
		_, err = tx.Exec(`/* subscribers.Unsuppress */ update subscribers set state = iif(exists (select 1 from subscriptions s
			where s.subscriber = subscribers.id and s.confirmed_at is not null and s.left_at is null), 'active', 'unsubscribed')
			where address_key = ? and state = 'complained'`, a.Key)
		return err
	})
	if err != nil {
		return false, fmt.Errorf("lift the suppression of %s: %w", a.Mailed, err)
	}
	return lifted, nil
}

// Pause stops the letters of a subscriber and keeps what is due for later;
// paused false goes on. It tells whether anything changed.
func (db *DB) Pause(ctx context.Context, subscriber int64, paused bool, now time.Time) (changedAny bool, err error) {
	from, to := mailer.Active, mailer.Paused
	if !paused {
		from, to = to, from
	}
	err = db.Write(ctx, func(tx *Tx) error {
		n, err := changed(tx.Exec(`/* subscribers.Pause */ update subscribers set state = ?, changed_at = ? where id = ? and state = ?`, to, now.UnixMilli(), subscriber, from))
		changedAny = n > 0
		if err != nil || n == 0 || !paused {
			return err
		}
		// Cancelled, not skipped: the posts come when the reader is back.
		return endLetters(tx, subscriber, "", mailer.Cancelled, "paused", now)
	})
	if err != nil {
		return false, fmt.Errorf("pause subscriber %d: %w", subscriber, err)
	}
	return changedAny, nil
}

// Suppressions yields every suppression, by address, those of which only a hash
// is kept first.
func (db *DB) Suppressions(ctx context.Context) iter.Seq2[mailer.Suppression, error] {
	return func(yield func(mailer.Suppression, error) bool) {
		rows, err := db.read.QueryContext(ctx, `/* subscribers.Suppressions */ select hash, address, reason, note, at from suppressions order by address, hash, reason`)
		if err != nil {
			yield(mailer.Suppression{}, fmt.Errorf("list suppressions: %w", err))
			return
		}
		defer rows.Close()
		for rows.Next() {
			var s mailer.Suppression
			var at int64
			err := rows.Scan(&s.Hash, &s.Address, &s.Reason, &s.Note, &at)
			s.At = instant(at)
			if !yield(s, err) || err != nil {
				return
			}
		}
		if err := rows.Err(); err != nil {
			yield(mailer.Suppression{}, fmt.Errorf("list suppressions: %w", err))
		}
	}
}
