package mailer

import (
	"context"
	"time"
)

// gate says what a connection may take now. It takes nothing itself: who comes
// with a letter asks admit.
type gate struct {
	notices, bulk bool
	// risky: the next letter of an issue will be the one that is risked.
	risky bool
	// parked: the server wants fewer connections than this one.
	parked bool
	// wait is when to ask again, 0 only after a change.
	wait    time.Duration
	changed <-chan struct{}
}

// pass is the answer to who has a letter.
type pass struct {
	ok bool
	// trial: this letter is risked, and its outcome decides. Its end must be
	// reported by outcome or by endTrial.
	trial bool
	// amend: the bounces of a rotten window that came late are returned first.
	amend bool
}

// gate asks what the connection index may take now; one that is reserved takes
// notices alone while the server is slow, and one that is not open may have to
// wait before it dials.
func (f *flow) gate(now time.Time, index int, reserved, open bool) gate {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.turned(now)
	g := gate{changed: f.changed}
	if !open && now.Before(f.dialAfter) {
		g.parked = !reserved && !f.seat(index)
		g.until(now, f.dialAfter)
		return g
	}
	shut, at := f.shut(now, true)
	g.notices = !shut
	if reserved && now.Sub(f.quick) >= brisk {
		f.unseat(index)
		g.until(now, at)
		return g
	}
	if !f.seat(index) {
		g.parked = !reserved
		return g
	}
	shut, at = f.shut(now, false)
	g.bulk, g.risky = !shut, f.risky(false)
	g.until(now, at)
	return g
}

func (g *gate) until(now, at time.Time) {
	if at.After(now) {
		g.wait = at.Sub(now)
	}
}

// out tells whether the server takes no letters now, or hardly any.
func (f *flow) out(now time.Time) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	shut, _ := f.shut(now, false)
	return shut || f.stop != nil || f.fails > 0 || f.gap > 0
}

// shut tells whether a letter must wait, and until when; a zero time waits for
// a change.
func (f *flow) shut(now time.Time, notice bool) (shut bool, at time.Time) {
	switch {
	case f.risky(notice) && f.trial:
		return true, at
	case f.risky(notice) && f.stop != nil:
		at = f.stop.next
	case f.risky(notice):
		at = f.until
	default:
		at = f.slot
	}
	if opens, _ := f.limits.opens(now, notice); opens.After(at) {
		at = opens
	}
	return now.Before(at), at
}

// risky tells whether a letter would be the one that is risked. After too many
// bounces notices go on.
func (f *flow) risky(notice bool) bool {
	if f.stop != nil {
		return !notice || f.stop.kind != stopBounces
	}
	return f.fails > 0 || !f.proven
}

// admit lets the connection index send a letter now, or not.
func (f *flow) admit(ctx context.Context, book ServerBook, now time.Time, index int, notice bool) (p pass, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	risky := f.risky(notice)
	if shut, _ := f.shut(now, notice); shut || !notice && !risky && !f.seat(index) {
		return p, nil
	}
	if !f.limits.paid(now) {
		if err := f.limits.pay(ctx, book, now); err != nil {
			return p, err
		}
	}
	f.limits.take(now)
	p.ok = true
	if risky {
		f.trial, p.trial = true, true
		p.amend = f.stop != nil && f.stop.kind == stopBounces
	} else if f.gap > 0 {
		f.slot = now.Add(f.gap)
	}
	return p, nil
}

// unsent gives back what admit took: the letter did not go.
func (f *flow) unsent(now time.Time) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.limits.untake(now)
}

// hopeless says why a drain should not wait any longer, or "".
func (f *flow) hopeless(now time.Time) string {
	f.mu.Lock()
	defer f.mu.Unlock()
	opens, why := f.limits.opens(now, false)
	switch {
	case f.stop != nil:
		return f.stop.reason
	case f.fails >= patience:
		return f.why
	case f.gap > horizon/3:
		return f.asked
	case opens.Sub(now) > horizon:
		return why + ", it goes on " + opens.In(f.limits.zone).Format("2006-01-02 15:04 MST")
	}
	return ""
}
