package mailer

import (
	"context"
	"fmt"
	"time"
)

// allowance is what a server, or one recipients' domain at it, may still get.
// What a restart must not forget is written down before it is sent, in blocks
// of a hundredth of the limit: after a crash a few letters count that were not
// sent, and never the other way about. Its owner's lock guards it.
type allowance struct {
	server, domain string
	windows        []*window
	warm           *warmUp
	zone           *time.Location
	durable        bool
	block          int
	// credit letters of the minute are written down and not sent yet.
	credit int
	minute int64
}

func newAllowance(server, domain string, r Rate, warm []int, zone *time.Location) *allowance {
	if zone == nil {
		zone = time.UTC
	}
	a := &allowance{server: server, domain: domain, windows: windows(r), zone: zone, durable: r.durable() || len(warm) > 0, block: 1000}
	for _, limit := range append([]int{r.Hour, r.Day}, warm...) {
		if limit > 0 {
			a.block = min(a.block, max(1, limit/100))
		}
	}
	if len(warm) > 0 {
		a.warm = &warmUp{curve: warm, zone: zone}
	}
	return a
}

// load remembers what was sent before: by the book, which knows minutes, and
// better by a dispatcher that ended in this process.
func (a *allowance) load(ctx context.Context, book ServerBook, recent *Recent, now time.Time) error {
	if a.durable {
		if err := a.read(ctx, book, now); err != nil {
			return err
		}
	}
	recent.give(a)
	return nil
}

func (a *allowance) read(ctx context.Context, book ServerBook, now time.Time) error {
	spent, began, err := book.Spent(ctx, a.server, a.domain, now.Add(-25*time.Hour), now)
	if err != nil {
		return fmt.Errorf("letters of server %s: %w", a.server, err)
	}
	if a.warm != nil {
		a.warm.began = began
	}
	for _, s := range spent {
		a.count(time.Unix(60*s.Minute, 0), s.Letters)
	}
	return nil
}

func (a *allowance) count(at time.Time, n int) {
	for _, w := range a.windows {
		w.add(at, n)
	}
	if a.warm != nil {
		a.warm.add(at, n)
	}
}

// opens returns when there is room for a letter, zero for now, and why not now.
func (a *allowance) opens(now time.Time, notice bool) (at time.Time, why string) {
	for _, w := range a.windows {
		if t := w.opens(now); t.After(at) {
			at, why = t, w.String()
		}
	}
	if a.warm != nil && !notice {
		if t := a.warm.opens(now); t.After(at) {
			at, why = t, a.warm.say(now)
		}
	}
	return at, why
}

// paid tells whether a letter is written down already.
func (a *allowance) paid(now time.Time) bool {
	return !a.durable || a.credit > 0 && a.minute == now.Unix()/60
}

// pay writes the next block down, and takes back what is left of another
// minute's.
func (a *allowance) pay(ctx context.Context, book ServerBook, now time.Time) error {
	if err := a.refund(ctx, book, now); err != nil {
		return err
	}
	minute := now.Unix() / 60
	if err := book.Spend(ctx, Spending{a.server, a.domain, minute, a.block}, now); err != nil {
		return fmt.Errorf("count letters of server %s: %w", a.server, err)
	}
	a.minute, a.credit = minute, a.block
	if a.warm != nil && a.warm.began.IsZero() {
		a.warm.began = now
	}
	return nil
}

// refund takes back what was written down and not sent.
func (a *allowance) refund(ctx context.Context, book ServerBook, now time.Time) error {
	if a.credit == 0 {
		return nil
	}
	if err := book.Spend(ctx, Spending{a.server, a.domain, a.minute, -a.credit}, now); err != nil {
		return fmt.Errorf("count letters of server %s: %w", a.server, err)
	}
	a.credit = 0
	return nil
}

// take counts a letter that is about to go.
func (a *allowance) take(now time.Time) {
	a.count(now, 1)
	if a.durable {
		a.credit--
	}
}

// untake gives back a letter that did not go after all.
func (a *allowance) untake(now time.Time) {
	a.count(now, -1)
	if a.durable && a.minute == now.Unix()/60 {
		a.credit++
	}
}

// keep hands on what the book does not know.
func (a *allowance) keep(recent *Recent, now time.Time) {
	for _, w := range a.windows {
		if w.brief() {
			recent.take(a.server, a.domain, w, now)
		}
	}
}

// over is when nothing is left to remember but what the book knows.
func (a *allowance) over(now time.Time) (at time.Time) {
	for _, w := range a.windows {
		if w.brief() {
			at = latest(at, w.over(now))
		}
	}
	return at
}

// interval is the time between two letters at the full rate.
func (a *allowance) interval() (d time.Duration) {
	for _, w := range a.windows {
		d = max(d, w.interval())
	}
	return d
}

// warmUp is a server that is not known yet, and gets more letters day by day.
type warmUp struct {
	curve []int
	zone  *time.Location
	began time.Time // zero before the first letter
	date  time.Time // midnight of the day that sent counts
	sent  int
}

// midnight begins the day of an instant.
func (w *warmUp) midnight(t time.Time) time.Time {
	y, m, d := t.In(w.zone).Date()
	return time.Date(y, m, d, 0, 0, 0, 0, w.zone)
}

func (w *warmUp) add(at time.Time, n int) {
	day := w.midnight(at)
	if day.After(w.date) {
		w.sent = 0
	}
	w.date = day // a clock that was set back makes no new day
	w.sent = max(0, w.sent+n)
}

// day counts from 0.
func (w *warmUp) day(now time.Time) int {
	if w.began.IsZero() {
		return 0
	}
	// Half a day more makes up for days of 23 and 25 hours.
	return max(0, int((w.midnight(now).Sub(w.midnight(w.began))+12*time.Hour)/(24*time.Hour)))
}

// opens returns when there is room for a letter, zero for now.
func (w *warmUp) opens(now time.Time) time.Time {
	w.add(now, 0)
	if day := w.day(now); day >= len(w.curve) || w.sent < w.curve[day] {
		return time.Time{}
	}
	y, m, d := now.In(w.zone).Date()
	return time.Date(y, m, d+1, 0, 0, 0, 0, w.zone)
}

// say tells where the warm-up is, "" when it is over.
func (w *warmUp) say(now time.Time) string {
	w.add(now, 0)
	day := w.day(now)
	if day >= len(w.curve) {
		return ""
	}
	return fmt.Sprintf("day %d of %d of the warm-up: %d of %d letters are sent", day+1, len(w.curve), w.sent, w.curve[day])
}

// Usage is what a server took of what it may have.
type Usage struct {
	Took   []string // "12 of 1000 letters in an hour are sent"
	WarmUp string   // where its warm-up is, "" without one or when it is over
}

// UsageOf returns what a book knows of a server's hour, day and warm-up.
func UsageOf(ctx context.Context, book ServerBook, server string, l Limits, now time.Time) (u Usage, err error) {
	a := newAllowance(server, "", Rate{Hour: l.Rate.Hour, Day: l.Rate.Day}, l.WarmUp, l.Zone)
	if err := a.load(ctx, book, nil, now); err != nil {
		return u, err
	}
	for _, w := range a.windows {
		w.advance(now)
		u.Took = append(u.Took, w.String())
	}
	if a.warm != nil {
		u.WarmUp = a.warm.say(now)
	}
	return u, nil
}
