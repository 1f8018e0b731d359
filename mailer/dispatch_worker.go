package mailer

import (
	"context"
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
	s        *server
	index    int
	reserved bool // for notices

	conn    Conn
	served  int
	pending Step // results that are not durable yet
	text    []byte
	trial   bool // the flow waits for what comes of this worker's letter
	amend   bool
	lane    *lane // that the letter at hand has entered
}

// run sends letters until ctx ends; what is under way then has until late.
func (w *worker) run(ctx, late context.Context) {
	defer w.disconnect()
	for {
		l, ok := w.take(ctx, late)
		if !ok {
			break
		}
		if w.ready(ctx, late, &l) {
			began := w.now()
			w.send(late, l)
			w.s.lanes.leave(w.lane, w.now(), max(1, w.now().Sub(began)))
			w.lane = nil
		}
	}
	if !w.flush(late) {
		w.d.outage.leave(w.pending.Results)
	}
	if w.trial {
		w.endTrial()
	}
}

func (w *worker) now() time.Time { return w.d.c.Clock() }

func (w *worker) disconnect() {
	if w.conn != nil {
		w.conn.Close()
		w.conn = nil
		w.s.flow.opening(-1)
	}
}

func (w *worker) endTrial() {
	w.trial = false
	w.s.flow.endTrial()
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
		w.withheld()
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
		began := w.now()
		a.reply = w.conn.Send(late, Envelope{From: w.d.sender(l, grant.To), To: grant.To, MessageID: l.MessageID, Date: grant.Date, Plain: made.plain}, made.text)
		a.took = w.now().Sub(began)
	}
	w.concluded(late, a)
}

// concluded takes down what an attempt came to.
func (w *worker) concluded(late context.Context, a attempt) {
	w.trial = false
	e := w.s.flow.outcome(w.now(), a)
	w.served++
	if e.hangUp {
		w.disconnect()
	}
	w.finish(e.result)
	w.pending.Reopen = append(w.pending.Reopen, e.reopen...)
	if e.window > w.pending.Window {
		w.pending.Window, w.pending.Believe = e.window, e.believe
	}
	if e.alarm != nil {
		w.flush(late) // the ledger first, then the owner
		w.d.announce(late, w.s, e.alarm)
	}
}

// withheld ends a letter that must not go any more: the ledger says why.
func (w *worker) withheld() {
	w.s.flow.unsent(w.now())
	if w.trial {
		w.endTrial()
	}
	w.settled(1)
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
// out on this connection before. false means that the time is over: the grace
// time, or that of the last tries.
func (w *worker) commit(late context.Context, s Step) (Grant, bool) {
	s.Server = w.s.Name
	for wait := 100 * time.Millisecond; ; wait = min(2*wait, ledgerPause) {
		g, err := w.d.c.Outbox.Chain(late, s)
		if err == nil {
			w.d.outage.written(s.Now)
			w.pending = Step{}
			w.settled(len(s.Results))
			if g.Hardened > 0 {
				w.s.flow.hardened(g.Hardened)
			}
			return g, true
		}
		if late.Err() == nil {
			w.d.outage.failed(w.now(), err)
		}
		if !w.again(late, wait) {
			return Grant{}, false
		}
		s.Now = w.now()
	}
}

// again waits for the next try, if there is to be one.
func (w *worker) again(late context.Context, wait time.Duration) bool {
	t := time.NewTimer(wait)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-w.d.over:
	case <-late.Done():
	}
	return false
}

// settled notes that letters have durable results.
func (w *worker) settled(n int) {
	if w.d.out.Add(-int64(n)) == 0 {
		w.d.more()
	}
}
