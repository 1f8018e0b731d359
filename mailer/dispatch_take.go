package mailer

import (
	"context"
	"log/slog"
	"math/rand/v2"
	"time"
)

// asideMost is how many letters are put aside in one commit.
const asideMost = 64

// take returns the next letter that this connection may have, notices first.
// With none at hand it writes down what is pending, then waits, and closes a
// connection that stays idle. It asks before it takes: a server that is out
// holds no letter that another one could send.
func (w *worker) take(ctx, late context.Context) (Letter, bool) {
	rest := rest{w: w}
	defer rest.end()
	for ctx.Err() == nil {
		g := w.d.gate(w.s, w.now(), w.index, w.reserved, w.conn != nil)
		var notices, bulk chan Letter
		if g.notices {
			notices = w.d.notices
		}
		if g.bulk {
			bulk = w.d.bulk
		}
		select {
		case l := <-notices:
			return w.took(l), true
		default:
		}
		select {
		case l := <-bulk:
			return w.took(w.sample(late, l, g)), true
		default:
		}
		rest.begin(g)
		select {
		case l := <-notices:
			return w.took(l), true
		case l := <-bulk:
			return w.took(w.sample(late, l, g)), true
		case <-rest.stage.C:
			rest.next(late, g)
		case <-rest.again.C:
		case <-g.closed():
		case <-ctx.Done():
		}
	}
	return Letter{}, false
}

// closed is what changes where the gate is shut; an open one need not change.
func (g gate) closed() <-chan struct{} {
	if g.bulk {
		return nil
	}
	return g.changed
}

// rest is a worker without a letter: after linger it writes down what is
// pending, after idle it hangs up.
type rest struct {
	w            *worker
	stage, again *time.Timer
	stages       []time.Duration
}

// begin starts the rest, or asks for another look at the gate in time. The
// clock may be set, and machines sleep: it is looked at each second.
func (r *rest) begin(g gate) {
	wait := poll
	if g.wait > 0 {
		wait = min(wait, g.wait)
	}
	if r.stage != nil {
		r.again.Reset(wait)
		return
	}
	if r.w.trial {
		r.w.endTrial()
	}
	r.stages = []time.Duration{linger, idle}
	r.stage, r.again = time.NewTimer(linger), time.NewTimer(wait)
}

func (r *rest) next(late context.Context, g gate) {
	switch stage := r.stages[0]; {
	case stage == linger:
		r.w.flush(late)
		if g.parked {
			r.w.disconnect() // this one is too many: others may need its place
		}
	default:
		r.w.disconnect()
	}
	if r.stages = r.stages[1:]; len(r.stages) > 0 {
		r.stage.Reset(r.stages[0])
	}
}

func (r *rest) end() {
	if r.stage != nil {
		r.stage.Stop()
		r.again.Stop()
	}
}

// sample exchanges a letter that will be risked for any other that waits, no
// suspect if it can be: many at the head of a list may be refused for what they
// are, and a server is judged by one that is like most.
func (w *worker) sample(late context.Context, l Letter, g gate) Letter {
	if !g.risky {
		return l
	}
	waiting := len(w.d.bulk)
	skip := rand.IntN(waiting + 1)
	for i := range skip + waiting {
		if i >= skip && l.Suspect.IsZero() {
			break
		}
		select {
		case other := <-w.d.bulk:
			if !w.d.putBack(l) {
				w.aside(late, unsent(l, w.now()))
			}
			l = other
		default:
			return l
		}
	}
	return l
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

// ready lets a letter into its lane and past the gate, and opens the
// connection. Where it is false the letter is somebody else's, or put aside.
func (w *worker) ready(ctx, late context.Context, l *Letter) bool {
	if !w.enter(late, l) {
		return false
	}
	if !w.trial && !w.admitted(late, l) {
		w.giveUp(late, l)
		return false
	}
	// What a suspect does to a connection that took letters before proves nothing.
	if w.conn != nil && w.conn.Ready() && (w.served == 0 || l.Suspect.IsZero()) {
		return true
	}
	w.disconnect()
	if w.connect(ctx) {
		return true
	}
	w.s.flow.unsent(w.now())
	w.giveUp(late, l)
	return false
}

// enter puts a letter aside whose recipient's domain has got enough for now.
func (w *worker) enter(late context.Context, l *Letter) bool {
	if w.s.lanes == nil {
		return true
	}
	now := w.now()
	lane, due, err := w.s.lanes.enter(late, w.d.c.Book, l.To, now)
	switch {
	case err != nil:
		w.d.outage.failed(now, err)
		w.aside(late, unsent(*l, now.Add(ledgerPause)))
		return false
	case !due.IsZero():
		w.d.scales.count(w.s.index)
		w.aside(late, unsent(*l, due))
		return false
	}
	w.lane = lane
	return true
}

// aside keeps the result of a letter that was not tried, with few others.
func (w *worker) aside(late context.Context, r Result) {
	w.finish(r)
	if len(w.pending.Results) >= asideMost {
		w.flush(late)
	}
}

// admitted asks the flow to let the letter go.
func (w *worker) admitted(late context.Context, l *Letter) bool {
	p, err := w.s.flow.admit(late, w.d.c.Book, w.now(), w.index, l.Notice)
	if err != nil {
		w.d.outage.failed(w.now(), err)
		pause(late, ledgerPause)
	}
	if p.ok && !l.Notice {
		w.d.scales.count(w.s.index)
	}
	w.trial, w.amend = p.trial, p.amend
	return p.ok
}

// giveUp hands a letter back that this server cannot send now.
func (w *worker) giveUp(late context.Context, l *Letter) {
	w.s.lanes.leave(w.lane, w.now(), 0)
	w.lane = nil
	if !w.d.putBack(*l) {
		w.aside(late, unsent(*l, w.now()))
	}
}

// pause waits; false means that ctx ended.
func pause(ctx context.Context, wait time.Duration) bool {
	t := time.NewTimer(wait)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// connect opens the connection, or tells the flow why it cannot.
func (w *worker) connect(ctx context.Context) bool {
	conn, reply := w.s.Transport.Connect(ctx)
	if conn != nil {
		w.conn, w.served = conn, 0
		w.s.flow.opening(1)
		return true
	}
	if ctx.Err() != nil {
		return false
	}
	now := w.now()
	alarm, crowded := w.s.flow.unreachable(now, w.index, reply, w.trial)
	if crowded {
		w.d.teller.say(now, slog.LevelInfo, w.s.Name, "the server holds no more connections", "reply", w.s.says(reply.String()))
	}
	w.trial = false
	w.d.announce(ctx, w.s, alarm)
	w.d.more()
	return false
}
