package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"tidings.example/mailer"
)

// AddSubscriber adds one address for the owner. Who left or is suppressed stays
// out; the reason of a suppression comes with the outcome.
func (db *DB) AddSubscriber(ctx context.Context, n mailer.NewSubscriber, now time.Time) (outcome mailer.Outcome, reason mailer.Reason, err error) {
	err = db.Write(ctx, func(tx *Tx) error {
		h, err := newHasher(tx, now)
		if err != nil {
			return err
		}
		outcome, reason, err = add(tx, h, n, now)
		return err
	})
	if err != nil {
		return "", "", fmt.Errorf("add %s: %w", n.Address.Mailed, err)
	}
	return outcome, reason, nil
}

// person is what a write must know of a subscriber.
type person struct {
	id    int64
	state mailer.SubscriberState
	hash  string
}

// find returns the subscriber of an address; the id is 0 where there is none.
func find(tx *Tx, a mailer.Address) (p person, err error) {
	err = tx.QueryRow(`/* subscribers.find */ select id, state, hash from subscribers where address_key = ?`, a.Key).Scan(&p.id, &p.state, &p.hash)
	if errors.Is(err, sql.ErrNoRows) {
		return person{}, nil
	}
	return p, err
}

// add decides in the order in which reasons count: a suppression, a state that
// was left, a subscription that was left.
func add(tx *Tx, h hasher, n mailer.NewSubscriber, now time.Time) (mailer.Outcome, mailer.Reason, error) {
	hash := h.hash(n.Address)
	reason, err := suppressed(tx, hash)
	if err != nil {
		return "", "", err
	}
	switch reason {
	case "":
	case mailer.SuppressedUnsubscribed:
		return mailer.Left, reason, nil
	default:
		return mailer.Blocked, reason, nil
	}
	p, err := find(tx, n.Address)
	if err != nil {
		return "", "", err
	}
	switch p.state {
	case mailer.Unsubscribed:
		return mailer.Left, mailer.SuppressedUnsubscribed, nil
	case mailer.Bounced, mailer.Complained:
		return mailer.Blocked, mailer.Reason(p.state), nil
	}
	if p.id == 0 {
		err = tx.QueryRow(`/* subscribers.add */ insert into subscribers (address, address_key, hash, state, name, language, created_at, changed_at)
			values (?, ?, ?, 'pending', ?, ?, ?, ?) returning id`,
			n.Address.Mailed, n.Address.Key, hash, n.Name, n.Language, now.UnixMilli(), now.UnixMilli()).Scan(&p.id)
		if err != nil {
			return "", "", err
		}
		p.state = mailer.Pending
	}
	p.hash = hash
	outcome, err := subscribe(tx, p, n, now)
	return outcome, "", err
}

// suppressed returns the strongest reason not to mail an address, or "".
func suppressed(tx *Tx, hash string) (reason mailer.Reason, err error) {
	err = tx.QueryRow(`/* subscribers.suppressed */ select reason from suppressions where hash = ?
		order by case reason when 'complained' then 0 when 'operator' then 1 when 'bounced' then 2 when 'erased' then 3 else 4 end limit 1`, hash).Scan(&reason)
	if errors.Is(err, sql.ErrNoRows) {
		return "", nil
	}
	return reason, err
}

// subscribe gives a subscriber a subscription for the owner.
func subscribe(tx *Tx, p person, n mailer.NewSubscriber, now time.Time) (mailer.Outcome, error) {
	var confirmed, left sql.NullInt64
	err := tx.QueryRow(`/* subscribers.subscribe */ select confirmed_at, left_at from subscriptions where subscriber = ? and digest = ?`, p.id, n.Digest).Scan(&confirmed, &left)
	fresh := errors.Is(err, sql.ErrNoRows)
	switch {
	case err != nil && !fresh:
		return "", err
	case left.Valid:
		return mailer.Left, nil
	case confirmed.Valid || !fresh && n.Consent == "":
		return mailer.Known, nil
	}
	if fresh {
		if _, err := tx.Exec(`/* subscribers.subscribe */ insert into subscriptions (subscriber, digest, cadence, zone, topics, cursor, created_at)
			values (?, ?, ?, ?, ?, iif(?, 0, (select coalesce(max(seq), 0) from releases)), ?)`,
			p.id, n.Digest, string(n.Cadence), n.Zone, mailer.FormatTopics(n.Topics), n.FromStart, now.UnixMilli()); err != nil {
			return "", err
		}
	}
	kind := "operator"
	if n.Import {
		kind = "import"
	}
	if err := consent(tx, p, n.Digest, kind, n.Consent, now); err != nil || n.Consent == "" {
		return mailer.Added, err
	}
	if err := confirm(tx, p, n.Digest, !fresh, now); err != nil {
		return "", err
	}
	if fresh {
		return mailer.Added, nil
	}
	return mailer.Confirmed, nil
}

// confirm makes a subscription live. toNow serves what is released from now on.
func confirm(tx *Tx, p person, digest string, toNow bool, now time.Time) error {
	if _, err := tx.Exec(`/* subscribers.confirm */ update subscriptions set confirmed_at = ?1, left_at = null,
		cursor = iif(?2, max(cursor, (select coalesce(max(seq), 0) from releases)), cursor) where subscriber = ?3 and digest = ?4`,
		now.UnixMilli(), toNow, p.id, digest); err != nil {
		return err
	}
	_, err := tx.Exec(`/* subscribers.confirm */ update subscribers set state = 'active', confirmed_at = coalesce(confirmed_at, ?1), changed_at = ?1
		where id = ?2 and state <> 'paused'`, now.UnixMilli(), p.id)
	return err
}

// consent writes down who agreed to what, or left, and when.
func consent(tx *Tx, p person, digest, kind, statement string, now time.Time) error {
	_, err := tx.Exec(`/* subscribers.consent */ insert into consents (subscriber, hash, digest, kind, statement, at) values (?, ?, ?, ?, ?, ?)`,
		p.id, p.hash, digest, kind, statement, now.UnixMilli())
	return err
}
