package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"tidings.example/mailer"
)

// Chain implements [mailer.Outbox].
func (db *DB) Chain(ctx context.Context, s mailer.Step) (mailer.Grant, error) {
	var g mailer.Grant
	if err := db.submit(chainWrite(ctx, s, &g)); err != nil {
		return mailer.Grant{}, fmt.Errorf("write the outbox: %w", err)
	}
	return g, nil
}

// chainWrite is the write of a step.
func chainWrite(ctx context.Context, s mailer.Step, g *mailer.Grant) *write {
	j := &write{ctx: ctx, done: make(chan struct{}), fn: func(tx *Tx) (err error) {
		*g, err = (&chain{tx: tx, s: s, now: s.Now.UnixMilli()}).run()
		return err
	}}
	if usual(&s) {
		j.quick = func(q *quick) (done bool, err error) {
			*g, done, err = chainQuickly(q, &s)
			return done, err
		}
	}
	return j
}

// run writes a step of any kind.
func (c *chain) run() (g mailer.Grant, err error) {
	for _, r := range c.s.Results {
		hardened, err := c.result(r)
		if err != nil {
			return g, fmt.Errorf("result of %s %d: %w", table(r.Notice), r.ID, err)
		}
		if hardened {
			g.Hardened++
		}
	}
	if err := c.reopen(c.s.Reopen); err != nil {
		return g, fmt.Errorf("reopen: %w", err)
	}
	if err := c.judge(c.s.Window); err != nil {
		return g, fmt.Errorf("judge bounces: %w", err)
	}
	next := c.s.Next
	switch {
	case next == nil:
		return g, nil
	case next.Notice:
		err = c.intendNotice(next, &g)
	default:
		err = c.intendDelivery(next, &g)
	}
	if err != nil {
		return g, fmt.Errorf("intent of %s %d: %w", table(next.Notice), next.ID, err)
	}
	return g, nil
}

// chain is one running step.
type chain struct {
	tx  *Tx
	s   mailer.Step
	now int64
}

// result closes a claim. A row that another claim holds by now, or that was
// ended meanwhile, is left alone.
func (c *chain) result(r mailer.Result) (hardened bool, err error) {
	if r.Bounce != "" {
		if hardened, err = c.bounce(&r); err != nil {
			return false, err
		}
	}
	if r.State == mailer.Sent {
		r.Cause = "" // the reply says it all
	}
	_, err = c.tx.Exec(`/* outbox.Chain */ update `+table(r.Notice)+` set state = ?, attempts = attempts + ?, due_at = ?, owner = '', lease_until = 0,
		cause = ?, doubt = max(doubt, ?), suspect_at = iif(?, ?, suspect_at), reply = ?, updated_at = ? where id = ? and fence = ? and state in ('leased', 'inflight')`,
		string(r.State), r.Counted, stamp(r.Due), r.Cause, r.Doubt, r.Suspect, c.now, r.Reply, c.now, r.ID, r.Fence)
	return hardened, err
}

// reopen queues failed letters again, those of other connections included whose
// failure is not written yet: the next fence makes it void. One whose posts
// another letter has taken up meanwhile stays failed, and one of a cancelled
// issue is cancelled: the triggers of the table see to it.
func (c *chain) reopen(refs []mailer.LetterRef) error {
	for _, r := range refs {
		_, err := c.tx.Exec(`/* outbox.Chain */ update `+table(r.Notice)+` set state = 'queued', due_at = ?1, suspect_at = ?1, cause = 'the server was to blame', owner = '', lease_until = 0, fence = fence + 1, updated_at = ?1
			where id = ?2 and fence = ?3 and state in ('failed', 'inflight')`, c.now, r.ID, r.Fence)
		if err != nil {
			return err
		}
	}
	return nil
}

// intendDelivery writes the intent where the reader may still be mailed and
// the issue was not cancelled. An intent that is written already is one whose answer was lost: it holds.
func (c *chain) intendDelivery(l *mailer.Letter, g *mailer.Grant) error {
	var intent int64
	err := c.tx.QueryRow(`/* outbox.Chain */ update deliveries set state = 'inflight', updated_at = ?1, intent_at = iif(intent_at = 0, ?1, intent_at),
		address = r.address from recipients r
		where deliveries.id = ?2 and fence = ?3 and deliveries.state in ('leased', 'inflight') and r.subscriber = deliveries.subscriber and r.digest = ?4
		and not exists (select 1 from issues i where i.id = deliveries.issue and i.cancelled_at is not null)
		returning deliveries.address, intent_at`, c.now, l.ID, l.Fence, l.Digest).Scan(&g.To, &intent)
	if errors.Is(err, sql.ErrNoRows) {
		return c.withhold(l)
	}
	g.Send, g.Date = err == nil, instant(intent)
	return err
}

// withhold explains why a delivery must not go any more.
func (c *chain) withhold(l *mailer.Letter) error {
	var state, suppressed string
	var left sql.NullInt64
	var cancelled bool
	if err := c.tx.QueryRow(`/* outbox.Chain */ select exists (select 1 from issues where id = ? and cancelled_at is not null)`, l.Issue).Scan(&cancelled); err != nil {
		return err
	}
	if cancelled {
		_, err := c.result(mailer.Result{LetterRef: l.LetterRef, State: mailer.Cancelled, Cause: cancelCause})
		return err
	}
	err := c.tx.QueryRow(`/* outbox.Chain */ select u.state, s.left_at, coalesce((select group_concat(reason, ', ') from suppressions p where p.hash = u.hash), '')
		from subscribers u left join subscriptions s on s.subscriber = u.id and s.digest = ? where u.id = ?`, l.Digest, l.Subscriber).Scan(&state, &left, &suppressed)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return err
	}
	to, cause := mailer.Skipped, "not subscribed"
	switch {
	case err != nil:
		to, cause = mailer.Cancelled, "erased"
	case state == string(mailer.Unsubscribed) || left.Valid:
		cause = "unsubscribed"
	case suppressed != "":
		cause = "suppressed: " + suppressed
	case state == string(mailer.Paused):
		// A pause keeps the posts for later.
		to, cause = mailer.Cancelled, "paused"
	case state != string(mailer.Active):
		cause = state
	}
	_, err = c.result(mailer.Result{LetterRef: l.LetterRef, State: to, Cause: cause})
	return err
}

// hash is the key of an address in suppressions; what is no address has none.
func (c *chain) hash(address string) (string, error) {
	a, err := mailer.ParseAddress(address)
	if err != nil {
		return "", nil
	}
	h, err := newHasher(c.tx, c.s.Now)
	if err != nil {
		return "", err
	}
	return h.hash(a), nil
}

// bounceHold is how long a bounced address stays blocked for the person's own
// sign-up.
const bounceHold = 30 * day

// intendNotice writes the intent of a notice. An unsubscribed or erased person
// may sign up again: only bounces, complaints and the operator block a notice,
// and an old bounce does not block a confirmation.
func (c *chain) intendNotice(l *mailer.Letter, g *mailer.Grant) error {
	hash, err := c.hash(l.To)
	if err != nil {
		return err
	}
	var reason string
	err = c.tx.QueryRow(`/* outbox.Chain */ select p.reason from notices n
		left join subscribers u on u.id = n.subscriber and u.address = n.recipient
		join suppressions p on p.hash = ?1 or p.hash = u.hash
		where n.id = ?2 and (p.reason in ('complained', 'operator') or p.reason = 'bounced' and not (n.kind = 'confirmation' and p.at <= ?3)) limit 1`,
		hash, l.ID, c.now-bounceHold).Scan(&reason)
	switch {
	case err == nil:
		_, err = c.result(mailer.Result{LetterRef: l.LetterRef, State: mailer.Skipped, Cause: "suppressed: " + reason})
		return err
	case !errors.Is(err, sql.ErrNoRows):
		return err
	}
	var intent int64
	err = c.tx.QueryRow(`/* outbox.Chain */ update notices set state = 'inflight', updated_at = ?1, intent_at = iif(intent_at = 0, ?1, intent_at), address = recipient
		where id = ?2 and fence = ?3 and state in ('leased', 'inflight') returning address, intent_at`, c.now, l.ID, l.Fence).Scan(&g.To, &intent)
	if errors.Is(err, sql.ErrNoRows) {
		return nil // cancelled meanwhile
	}
	g.Send, g.Date = err == nil, instant(intent)
	return err
}
