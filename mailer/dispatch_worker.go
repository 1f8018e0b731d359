package mailer

import (
	"context"
	"fmt"
	"time"
)

const (
	// linger is how long a result waits for the next letter to share its
	// commit; after it the result is written alone.
	linger = 5 * time.Millisecond
	// idle is how long a connection without letters stays open.
	idle = 5 * time.Second
)

// worker is one connection and the goroutine that uses it. Its results are
// written with its next intent, so at any instant at most one letter of it is
// in doubt.
type worker struct {
	d        *Dispatcher
	index    int
	reserved bool // for notices
	drain    bool
	stop     context.CancelCauseFunc

	conn    Conn
	served  int
	pending Step // results that are not durable yet
	text    []byte
	trial   bool // the flow waits for what comes of this worker's letter
	amend   bool
}

// run sends letters until ctx ends; what is under way then has until late.
func (w *worker) run(ctx, late context.Context) {
	defer w.disconnect()
	for {
		l, ok := w.take(ctx, late)
		if !ok {
			break
		}
		if !w.ready(ctx, late, l) {
			w.finish(unsent(l, w.now()))
			continue // parked, or at the end
		}
		w.send(late, l)
	}
	w.flush(late)
	if w.trial {
		w.endTrial()
	}
}

func (w *worker) now() time.Time { return w.d.c.Clock() }

// take returns the next letter, notices first. With none at hand it writes down
// what is pending, then waits, and closes a connection that stays idle.
func (w *worker) take(ctx, late context.Context) (Letter, bool) {
	if ctx.Err() != nil {
		return Letter{}, false
	}
	select {
	case l := <-w.d.notices:
		return w.took(l), true
	default:
	}
	bulk, changed := w.bulk()
	select {
	case l := <-bulk:
		return w.took(l), true
	default:
	}
	if w.trial {
		w.endTrial()
	}
	for waits := []time.Duration{linger, idle, 0}; ; {
		l, ok, over := w.await(ctx, bulk, changed, waits[0])
		switch {
		case ok:
			return w.took(l), true
		case ctx.Err() != nil:
			return Letter{}, false
		case !over:
			bulk, changed = w.bulk()
			continue
		case waits[0] == linger:
			w.flush(late)
			if changed != nil {
				w.disconnect() // this one is too many: others may need its place
			}
		default:
			w.disconnect()
		}
		waits = waits[1:]
	}
}

// bulk returns the queue of deliveries, nil for a connection that must not take
// any; what may change that is closed then.
func (w *worker) bulk() (queue <-chan Letter, changed <-chan struct{}) {
	if w.reserved {
		return nil, nil
	}
	if parked, changed := w.d.flow.parked(w.bulkIndex()); parked {
		return nil, changed
	}
	return w.d.bulk, nil
}

// await waits for a letter, for ever where wait is 0. over tells that the wait
// is over without one.
func (w *worker) await(ctx context.Context, bulk <-chan Letter, changed <-chan struct{}, wait time.Duration) (l Letter, ok, over bool) {
	var timeout <-chan time.Time
	if wait > 0 {
		t := time.NewTimer(wait)
		defer t.Stop()
		timeout = t.C
	}
	select {
	case l = <-w.d.notices:
		return l, true, false
	case l = <-bulk:
		return l, true, false
	case <-timeout:
		return l, false, true
	case <-changed:
	case <-ctx.Done():
	}
	return l, false, false
}

// took tells the feeder when a queue runs low.
func (w *worker) took(l Letter) Letter {
	if l.Notice || len(w.d.bulk) < cap(w.d.bulk)/2 {
		w.d.more()
	}
	return l
}

// more tells the feeder to look again.
func (d *Dispatcher) more() {
	select {
	case d.hungry <- struct{}{}:
	default:
	}
}

// ready waits until this connection may send, and opens it. It is false when
// the run ended first, or when the server wants fewer connections.
func (w *worker) ready(ctx, late context.Context, l Letter) bool {
	for ctx.Err() == nil {
		if !w.trial && !w.admitted(ctx, late, l) {
			return false
		}
		if w.conn != nil && w.conn.Ready() {
			return true
		}
		w.disconnect()
		if w.connect(ctx) {
			return true
		}
	}
	return false
}

// admitted waits for the flow's leave. Results do not wait with it.
func (w *worker) admitted(ctx, late context.Context, l Letter) bool {
	for {
		p := w.d.flow.admit(w.now(), w.bulkIndex(), l.Notice)
		if p.ok {
			w.trial, w.amend = p.trial, p.amend
			return true
		}
		if !w.flush(late) {
			return false
		}
		if p.parked {
			return false
		}
		if why := w.d.flow.hopeless(); w.drain && why != "" {
			w.stop(fmt.Errorf("%w: %s", ErrStopped, why))
			return false
		}
		// The clock may be set, and a machine may sleep: no long wait is one.
		p.wait = min(p.wait, poll)
		if !pause(ctx, p) {
			return false
		}
	}
}

// bulkIndex numbers the connections that take deliveries from 0.
func (w *worker) bulkIndex() int {
	if w.d.c.Connections > 1 {
		return max(0, w.index-1)
	}
	return w.index
}

// pause waits as the pass asks; false means that ctx ended.
func pause(ctx context.Context, p pass) bool {
	var over <-chan time.Time
	if p.wait > 0 {
		t := time.NewTimer(p.wait)
		defer t.Stop()
		over = t.C
	}
	select {
	case <-p.changed:
	case <-over:
	case <-ctx.Done():
		return false
	}
	return true
}

// connect opens the connection, or tells the flow why it cannot.
func (w *worker) connect(ctx context.Context) bool {
	conn, reply := w.d.c.Transport.Connect(ctx)
	if conn != nil {
		w.conn, w.served = conn, 0
		w.d.flow.opening(1)
		return true
	}
	if ctx.Err() == nil {
		alarm := w.d.flow.unreachable(w.now(), reply, w.trial)
		w.d.c.Log.Info("no connection", "reply", reply.String())
		w.trial = false
		w.d.announce(ctx, alarm)
	}
	return false
}

func (w *worker) disconnect() {
	if w.conn != nil {
		w.conn.Close()
		w.conn = nil
		w.d.flow.opening(-1)
	}
}

func (w *worker) endTrial() {
	w.trial = false
	w.d.flow.endTrial()
}

// send writes the last results and the intent of this letter in one commit,
// and only then sends it, if it may still be sent.
func (w *worker) send(late context.Context, l Letter) {
	step := w.pending
	step.Now, step.Next = w.now(), &l
	if w.amend {
		step.Window, w.amend = WindowRotten, false
	}
	// Nothing is left to do between the commit and MAIL where the letter is
	// what it was when it was claimed.
	made := w.render(late, l, foreseen(l, step.Now))
	grant, ok := w.commit(late, step)
	if !ok {
		return
	}
	if !grant.Send {
		w.settled(1)
		return
	}
	if made.err != nil || made.to != grant.To || !made.date.Equal(grant.Date) {
		made = w.render(late, l, grant)
	}
	a := attempt{letter: l, to: grant.To, date: grant.Date, served: w.served, trial: w.trial, hold: w.d.c.Hold}
	switch {
	case made.poison:
		a.reply = Reply{Phase: PhaseRender, Err: made.err}
	case made.err != nil:
		w.finish(unsent(l, w.now().Add(aside)))
		return
	default:
		a.reply = w.conn.Send(late, Envelope{From: w.d.sender(l, grant.To), To: grant.To, MessageID: l.MessageID, Date: grant.Date, Plain: made.plain}, made.text)
	}
	w.concluded(late, a)
}

// concluded takes down what an attempt came to.
func (w *worker) concluded(late context.Context, a attempt) {
	w.trial = false
	e := w.d.flow.outcome(w.now(), a)
	w.served++
	w.finish(e.result)
	w.pending.Reopen = append(w.pending.Reopen, e.reopen...)
	w.pending.Window = max(w.pending.Window, e.window)
	if e.alarm != nil {
		w.flush(late) // the ledger first, then the owner
		w.d.announce(late, e.alarm)
	}
}

// foreseen is the grant that a claimed letter is likely to get.
func foreseen(l Letter, now time.Time) Grant {
	g := Grant{Send: true, To: l.To, Date: l.Intent}
	if g.Date.IsZero() {
		g.Date = now.Truncate(time.Millisecond)
	}
	return g
}

// finish keeps a result for the next commit.
func (w *worker) finish(r Result) { w.pending.Results = append(w.pending.Results, r) }

// flush makes the pending results durable.
func (w *worker) flush(late context.Context) bool {
	if len(w.pending.Results) == 0 {
		return true
	}
	step := w.pending
	step.Now = w.now()
	_, ok := w.commit(late, step)
	return ok
}

// commit writes a step, again and again until it is durable: nothing more goes
// out on this connection before. false means that the grace time is over.
func (w *worker) commit(late context.Context, s Step) (Grant, bool) {
	for wait := 100 * time.Millisecond; ; wait = min(2*wait, 10*time.Second) {
		g, err := w.d.c.Outbox.Chain(late, s)
		if err == nil {
			w.pending = Step{}
			w.settled(len(s.Results))
			if g.Hardened > 0 {
				w.d.flow.hardened(g.Hardened)
			}
			return g, true
		}
		w.d.c.Log.Error("outbox", "err", err)
		if !pause(late, pass{wait: wait}) {
			return Grant{}, false
		}
		s.Now = w.now()
	}
}

// settled notes that letters have durable results.
func (w *worker) settled(n int) {
	if w.d.out.Add(-int64(n)) == 0 {
		w.d.more()
	}
}
