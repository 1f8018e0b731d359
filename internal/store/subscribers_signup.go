package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"tidings.example/mailer"
)

var _ mailer.Enrolment = (*DB)(nil)

// Enrol implements [mailer.Enrolment].
func (db *DB) Enrol(ctx context.Context, a mailer.Address, digest, language string, now time.Time) (who mailer.Applicant, err error) {
	err = db.Write(ctx, func(tx *Tx) error {
		who = mailer.Applicant{}
		h, err := newHasher(tx, now)
		if err != nil {
			return err
		}
		who, err = enrol(tx, h, a, digest, language, now)
		return err
	})
	if err != nil {
		return mailer.Applicant{}, fmt.Errorf("sign up: %w", err)
	}
	return who, nil
}

func enrol(tx *Tx, h hasher, a mailer.Address, digest, language string, now time.Time) (who mailer.Applicant, err error) {
	hash := h.hash(a)
	var blocked bool
	if err := tx.QueryRow(`/* subscribers.Enrol */ select exists (select 1 from suppressions where hash = ?
		and (reason in ('complained', 'operator') or reason = 'bounced' and at > ?))`, hash, now.UnixMilli()-bounceHold).Scan(&blocked); err != nil || blocked {
		return who, err
	}
	p, err := find(tx, a)
	if err != nil {
		return who, err
	}
	if p.id == 0 {
		p = person{state: mailer.Pending, hash: hash}
		if err := tx.QueryRow(`/* subscribers.Enrol */ insert into subscribers (address, address_key, hash, state, language, created_at, changed_at)
			values (?, ?, ?, 'pending', ?, ?, ?) returning id`, a.Mailed, a.Key, hash, language, now.UnixMilli(), now.UnixMilli()).Scan(&p.id); err != nil {
			return who, err
		}
	}
	fresh, err := changed(tx.Exec(`/* subscribers.Enrol */ insert into subscriptions (subscriber, digest, cursor, created_at)
		values (?, ?, (select coalesce(max(seq), 0) from releases), ?) on conflict do nothing`, p.id, digest, now.UnixMilli()))
	if err != nil {
		return who, err
	}
	// Subscribed already, or a letter is on its way: nothing is to be done, and
	// nothing of this request is kept.
	err = tx.QueryRow(`/* subscribers.Enrol */ select u.id, u.address, u.language from subscribers u join subscriptions s on s.subscriber = u.id
		where u.id = ? and s.digest = ?
		and not (u.state in ('active', 'paused') and s.confirmed_at is not null and s.left_at is null)
		and not exists (select 1 from notices n where n.subscriber = u.id and n.kind = 'confirmation' and n.created_at > ?)`,
		p.id, digest, now.Add(-24*time.Hour).UnixMilli()).Scan(&who.Subscriber, &who.Address, &who.Language)
	if errors.Is(err, sql.ErrNoRows) && fresh == 0 {
		return mailer.Applicant{}, nil
	}
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return who, err
	}
	return who, consent(tx, p, digest, "signup", "", now)
}

// Post implements [mailer.Enrolment].
func (db *DB) Post(ctx context.Context, n mailer.Posting, now time.Time) (posted bool, err error) {
	letter, err := n.Letter.MarshalBinary()
	if err == nil {
		err = db.Write(ctx, func(tx *Tx) error {
			some, err := changed(tx.Exec(`/* subscribers.Post */ insert into notices (subscriber, kind, request, recipient, subject, letter, sender, state, due_at, created_at, updated_at)
				select ?1, ?2, ?3, ?4, ?5, ?6, ?9, 'queued', ?7, ?7, ?7
				where not exists (select 1 from notices where subscriber = ?1 and kind = ?2 and created_at > ?7 - ?8 and ?8 > 0)
				and (?1 = 0 or exists (select 1 from subscribers where id = ?1))
				on conflict do nothing`,
				n.Subscriber, n.Kind, n.Request, n.Recipient, n.Letter.Subject, letter, now.UnixMilli(), n.Every.Milliseconds(), n.Letter.Sender()))
			posted = some > 0
			return err
		})
	}
	if err != nil {
		return false, fmt.Errorf("post a notice: %w", err)
	}
	return posted, nil
}

// Standing implements [mailer.Enrolment].
func (db *DB) Standing(ctx context.Context, c mailer.Claim, now time.Time) (mailer.Standing, error) {
	l, err := look(func(text string, args ...any) scanner { return db.read.QueryRowContext(ctx, text, args...) }, c, now)
	if err != nil {
		return mailer.Standing{}, fmt.Errorf("look at a subscription: %w", err)
	}
	return l.Standing, nil
}

// looked is a subscription seen through a link.
type looked struct {
	mailer.Standing
	person
}

// look tells how the subscription of a link stands. A link is stale when its
// reader left, was erased or blocked after it was made: an old link must not
// undo that.
func look(row func(string, ...any) scanner, c mailer.Claim, now time.Time) (l looked, err error) {
	l.Standing = mailer.Standing{Digest: c.Digest}
	var confirmed, left sql.NullInt64
	var barred bool
	made := c.Made.UnixMilli() + 999 // tokens know seconds
	err = row(`/* subscribers.look */ select u.id, u.state, u.hash, u.language, s.confirmed_at, s.left_at,
		exists (select 1 from suppressions p where p.hash = u.hash and (p.reason in ('complained', 'operator') or p.at > ?3 or p.reason = 'bounced' and p.at > ?4))
		from subscribers u join subscriptions s on s.subscriber = u.id where u.id = ?1 and s.digest = ?2`,
		c.Subscriber, c.Digest, made, now.UnixMilli()-bounceHold).Scan(&l.id, &l.state, &l.hash, &l.Language, &confirmed, &left, &barred)
	if errors.Is(err, sql.ErrNoRows) {
		l.Stale = true
		return l, nil
	}
	l.Live = confirmed.Valid && !left.Valid && (l.state == mailer.Active || l.state == mailer.Paused)
	l.Stale = !l.Live && (c.Expired(now) || barred || left.Valid && left.Int64 > made)
	return l, err
}

// Confirm implements [mailer.Enrolment].
func (db *DB) Confirm(ctx context.Context, c mailer.Claim, now time.Time) (standing mailer.Standing, err error) {
	err = db.Write(ctx, func(tx *Tx) error {
		l, err := look(tx.QueryRow, c, now)
		standing = l.Standing
		if err != nil || l.Live || l.Stale {
			return err
		}
		standing.Live = true
		// What the person did, the person undoes.
		if _, err := tx.Exec(`/* subscribers.Confirm */ delete from suppressions where hash = ? and reason in ('unsubscribed', 'erased', 'bounced')`, l.hash); err != nil {
			return err
		}
		if _, err := tx.Exec(`/* subscribers.Confirm */ delete from owed where subscriber = ? and digest = ?`, l.id, c.Digest); err != nil {
			return err
		}
		if err := consent(tx, l.person, c.Digest, "confirm", "", now); err != nil {
			return err
		}
		return confirm(tx, l.person, c.Digest, true, now)
	})
	if err != nil {
		return mailer.Standing{}, fmt.Errorf("confirm: %w", err)
	}
	return standing, nil
}

// Leave implements [mailer.Enrolment].
func (db *DB) Leave(ctx context.Context, c mailer.Claim, now time.Time) error {
	err := db.Write(ctx, func(tx *Tx) error {
		l, err := look(tx.QueryRow, c, now)
		if err != nil || l.id == 0 {
			return err
		}
		return leave(tx, l.person, c.Digest, now)
	})
	if err != nil {
		return fmt.Errorf("unsubscribe: %w", err)
	}
	return nil
}

// leave ends one subscription, and the person's presence with the last one.
func leave(tx *Tx, p person, digest string, now time.Time) error {
	n, err := changed(tx.Exec(`/* subscribers.leave */ update subscriptions set left_at = ? where subscriber = ? and digest = ? and left_at is null`, now.UnixMilli(), p.id, digest))
	if err != nil || n == 0 {
		return err
	}
	if err := consent(tx, p, digest, "leave", "", now); err != nil {
		return err
	}
	if _, err := tx.Exec(`/* subscribers.leave */ delete from owed where subscriber = ? and digest = ?`, p.id, digest); err != nil {
		return err
	}
	if err := endLetters(tx, p.id, digest, mailer.Skipped, "unsubscribed", now); err != nil {
		return err
	}
	if err := endNotices(tx, p.id, "unsubscribed", now); err != nil {
		return err
	}
	var stays bool
	if err := tx.QueryRow(`/* subscribers.leave */ select exists (select 1 from subscriptions where subscriber = ? and confirmed_at is not null and left_at is null)`, p.id).Scan(&stays); err != nil || stays {
		return err
	}
	if _, err := tx.Exec(`/* subscribers.leave */ update subscribers set state = 'unsubscribed', changed_at = ? where id = ? and state in ('pending', 'active', 'paused')`, now.UnixMilli(), p.id); err != nil {
		return err
	}
	return suppressRow(tx, p.hash, mailer.SuppressedUnsubscribed, "", now, p.id)
}

// suppressRow writes a suppression with the address of a subscriber.
func suppressRow(tx *Tx, hash string, reason mailer.Reason, note string, now time.Time, subscriber int64) error {
	_, err := tx.Exec(`/* subscribers.suppressRow */ insert into suppressions (hash, reason, address, note, at)
		values (?, ?, coalesce((select address from subscribers where id = ?), ''), ?, ?)
		on conflict do update set at = excluded.at, note = iif(excluded.note = '', suppressions.note, excluded.note)`,
		hash, reason, subscriber, note, now.UnixMilli())
	return err
}

// endLetters ends the letters of a subscriber that did not begin to go; with an
// empty digest those of all.
func endLetters(tx *Tx, subscriber int64, digest string, state mailer.DeliveryState, cause string, now time.Time) error {
	if err := takeOne(tx, subscriber, now.UnixMilli()); err != nil {
		return err
	}
	_, err := tx.Exec(`/* subscribers.endLetters */ update deliveries set state = ?1, cause = ?2, owner = '', lease_until = 0, updated_at = ?3
		where id in (select id << 36 | ?4 from issues where ?5 = '' or digest = ?5) and state in ('queued', 'leased', 'deferred', 'unknown')`,
		state, cause, now.UnixMilli(), subscriber, digest)
	return err
}

// endNotices ends the confirmation letters of a subscriber that did not begin
// to go.
func endNotices(tx *Tx, subscriber int64, cause string, now time.Time) error {
	_, err := tx.Exec(`/* subscribers.endNotices */ update notices set state = 'cancelled', cause = ?, owner = '', lease_until = 0, updated_at = ?
		where subscriber = ? and kind = 'confirmation' and state in ('queued', 'leased', 'deferred', 'unknown')`, cause, now.UnixMilli(), subscriber)
	return err
}
