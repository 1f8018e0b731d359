package mailer

import (
	"context"
	"fmt"
	"time"
)

const (
	// poll is how soon letters are noticed that another process wrote.
	poll = time.Second
	// lease is how long a claim would be respected by another sender.
	lease = 20 * time.Minute
	// horizon is how long Drain waits for a letter that is put off for a
	// moment: a rate, not a deferral.
	horizon = 90 * time.Second
	// ledgerPause is the wait after the database could not be used.
	ledgerPause = 2 * time.Second
)

// feed claims letters as long as the workers have room for them. A database
// that cannot be used now ends a drain; a daemon tries again.
func (d *Dispatcher) feed(ctx context.Context, drain bool) error {
	more := false // the last claim got all it asked for
	for ctx.Err() == nil {
		if drain && d.out.Load() > 0 {
			if why := d.hopeless(); why != "" {
				return fmt.Errorf("%w: %s", ErrStopped, why)
			}
		}
		done, err := d.feedOnce(ctx, &more, drain)
		switch {
		case ctx.Err() != nil || done:
			return nil
		case err != nil && drain:
			return fmt.Errorf("dispatcher: %w", err)
		case err != nil:
			d.outage.failed(d.c.Clock(), err)
			d.rest(ctx, ledgerPause)
		}
	}
	return nil
}

// feedOnce claims once, or waits for something to claim. It is done when a
// drain has nothing left to wait for.
func (d *Dispatcher) feedOnce(ctx context.Context, more *bool, drain bool) (done bool, err error) {
	now := d.c.Clock()
	due, guessed := now, *more
	if !guessed {
		if due, err = d.c.Outbox.NextDue(ctx); err != nil {
			return false, err
		}
	}
	*more = false
	if !due.IsZero() && !due.After(now) {
		got, full, err := d.claim(ctx, now)
		if err != nil {
			return false, err
		}
		*more = full
		if got == 0 && (!guessed || len(d.bulk) > 0) {
			*more = guessed
			d.rest(ctx, poll) // the queues are full
		}
		return false, nil
	}
	if d.out.Load() == 0 {
		if err := d.settle(ctx); err != nil {
			return false, err
		}
		if d.busy {
			d.busy = false
			d.c.Settled()
		}
		if drain && (due.IsZero() || due.After(now.Add(horizon))) {
			if why := d.hopeless(); why != "" && !due.IsZero() {
				return false, fmt.Errorf("%w: %s", ErrStopped, why)
			}
			return true, nil
		}
		d.tellWait(now, due)
	}
	wait := poll
	if !due.IsZero() {
		wait = min(wait, max(due.Sub(now), time.Millisecond))
	}
	d.rest(ctx, wait)
	return false, nil
}

// claim fills the queues, with deliveries in batches of at least half a queue.
// full tells that there were as many as asked for: there may be more.
func (d *Dispatcher) claim(ctx context.Context, now time.Time) (got int, full bool, err error) {
	r := ClaimRequest{Owner: d.owner, Now: now, Lease: lease, Domain: d.c.Domain, Notices: cap(d.notices) - len(d.notices)}
	if room := cap(d.bulk) - len(d.bulk); room >= cap(d.bulk)/2 {
		r.Deliveries = room
	}
	if r.Notices == 0 && r.Deliveries == 0 {
		return 0, false, nil
	}
	letters, err := d.c.Outbox.Claim(ctx, r)
	if err != nil {
		return 0, false, err
	}
	d.out.Add(int64(len(letters)))
	d.waiting = d.waiting && len(letters) == 0
	bulk := 0
	for _, l := range letters {
		if l.Notice {
			d.notices <- l
		} else {
			d.bulk <- l
			bulk++
		}
	}
	d.busy = d.busy || bulk > 0
	return len(letters), bulk > 0 && bulk == r.Deliveries, nil
}

// rest waits until something may be due or a worker wants more.
func (d *Dispatcher) rest(ctx context.Context, wait time.Duration) {
	t := time.NewTimer(wait)
	defer t.Stop()
	select {
	case <-ctx.Done():
	case <-t.C:
	case <-d.poke:
	case <-d.hungry:
	}
}
