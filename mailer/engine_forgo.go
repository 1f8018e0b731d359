package mailer

import (
	"context"
	"fmt"
	"time"

	"tidings.example/internal/schedule"
)

// Forgo records every slot that is due at now and not decided as skipped, for
// the cause, and opens nothing: after a backup was restored, what it does not
// know of may have gone out. It returns how many slots that were.
func (e *Engine) Forgo(ctx context.Context, cause string, now time.Time) (slots int, err error) {
	for i := range e.Digests {
		d := &e.Digests[i]
		n, err := e.forgoDigest(ctx, d, cause, now)
		if slots += n; err != nil {
			return slots, &DigestError{Digest: d.Name, Err: err}
		}
	}
	return slots, nil
}

func (e *Engine) forgoDigest(ctx context.Context, d *Digest, cause string, now time.Time) (slots int, err error) {
	all, err := e.Calendar.Rhythms(ctx, d.Name)
	if err != nil {
		return 0, err
	}
	groups := d.group(all)
	for _, c := range d.Cadences {
		if c == Immediate || len(groups[c]) == 0 {
			continue
		}
		n, err := e.forgoDue(ctx, d, c, groups[c], cause, now)
		if slots += n; err != nil {
			return slots, fmt.Errorf("cadence %s: %w", c, err)
		}
	}
	_, highest, err := e.Shelf.Looked(ctx, d.Name)
	if err != nil {
		return slots, err
	}
	return slots, e.Shelf.Look(ctx, d.Name, highest)
}

func (e *Engine) forgoDue(ctx context.Context, d *Digest, c Cadence, rhythms []Rhythm, cause string, now time.Time) (int, error) {
	plan, err := schedule.NewPlan(string(c), d.Weekday, d.Day)
	if err != nil {
		return 0, err
	}
	due := slotsDue{engine: e, digest: d, cadence: c, plan: plan, rhythms: rhythms, now: now}
	o, err := due.decide(ctx)
	if err != nil {
		return 0, err
	}
	if o.Slot.Label != "" {
		o.Missed, o.Slot = append(o.Missed, o.Slot), Slot{}
	}
	if len(o.Missed) == 0 {
		return 0, nil
	}
	for i := range o.Missed {
		o.Missed[i].Cause = cause
	}
	_, _, err = e.Calendar.OpenIssue(ctx, o)
	return len(o.Missed), err
}
