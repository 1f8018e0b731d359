package mailer

import (
	"sync"
	"time"
)

const (
	// So many accepted letters in a row undo one step of throttling: quickly
	// while letters are slow, slowly once connections are added.
	fasterAfter = 4
	widerAfter  = 20
	// cutEvery keeps a burst of refusals on several connections from counting
	// as many.
	cutEvery = time.Second
	firstGap = 500 * time.Millisecond
	longGap  = 5 * time.Minute
	// lastRetry is the longest wait between two connections to a dead server.
	lastRetry = 5 * time.Minute
	// patience is how many failed connections a drain waits through.
	patience = 4
)

// probes is the wait before the next letter is risked in a stopped run.
var probes = [...]time.Duration{time.Minute, 2 * time.Minute, 5 * time.Minute, 15 * time.Minute, 30 * time.Minute}

// stopKind says what a stopped run needs to go on.
type stopKind int

const (
	stopSetup   stopKind = iota // the server takes no letter from us: until it answers a RCPT
	stopPolicy                  // it refuses what we send: until it accepts one
	stopBounces                 // too many readers do not exist: until it accepts one; notices go on
)

// stopped is a run that the server made us stop.
type stopped struct {
	kind   stopKind
	reason string
	since  time.Time
	next   time.Time // when one letter is risked
	tries  int
}

// flow decides when which connection may send: it slows down where the server
// asks for it, waits while it is away, and stops where it refuses us. It holds
// no clock; the caller brings the time.
type flow struct {
	mu      sync.Mutex
	changed chan struct{} // closed and replaced whenever somebody may go on

	conns, limit int
	gap          time.Duration
	slot         time.Time // of the next letter, after it was asked for less
	cut          time.Time
	streak       int

	fails int // connections or letters lost in a row
	until time.Time
	why   string
	since time.Time

	// proven: there was a connection. Until then one is tried at a time: a
	// wrong password is wrong once.
	proven bool
	stop   *stopped
	trial  bool // one letter is risked; the others wait for what comes of it

	judge  judge
	meter  meter
	opened int
}

func newFlow(conns int) *flow {
	return &flow{conns: conns, limit: conns, changed: make(chan struct{})}
}

// signal lets the waiting ask again. The caller holds the lock.
func (f *flow) signal() {
	close(f.changed)
	f.changed = make(chan struct{})
}

// pass is the answer to who wants to send.
type pass struct {
	ok bool
	// trial: this letter is risked, and its outcome decides. Its end must be
	// reported by outcome or by endTrial.
	trial bool
	// amend: the bounces of a rotten window that came late are returned first.
	amend bool
	// parked: the server wants fewer connections. Whoever waits for more must
	// not hold a letter meanwhile.
	parked bool
	// wait is when to ask again, 0 only after a change.
	wait    time.Duration
	changed <-chan struct{}
}

// admit asks whether the connection index may send a letter now.
func (f *flow) admit(now time.Time, index int, notice bool) pass {
	f.mu.Lock()
	defer f.mu.Unlock()
	p := pass{changed: f.changed}
	if s := f.stop; s != nil && !(notice && s.kind == stopBounces) {
		return f.risk(p, now, s.next)
	}
	if f.fails > 0 || !f.proven {
		return f.risk(p, now, f.until)
	}
	if !notice && index >= f.limit {
		p.parked = true
		return p
	}
	if now.Before(f.slot) {
		p.wait = f.slot.Sub(now)
		return p
	}
	if f.gap > 0 {
		f.slot = now.Add(f.gap)
	}
	p.ok = true
	return p
}

// parked tells whether the connection index is one too many now.
func (f *flow) parked(index int) (bool, <-chan struct{}) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return index >= f.limit, f.changed
}

// risk admits one letter once the time has come.
func (f *flow) risk(p pass, now, at time.Time) pass {
	switch {
	case f.trial:
	case now.Before(at):
		p.wait = at.Sub(now)
	default:
		f.trial, p.ok, p.trial = true, true, true
		p.amend = f.stop != nil && f.stop.kind == stopBounces
	}
	return p
}

// endTrial ends a risk that came to nothing: no letter was sent.
func (f *flow) endTrial() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.trial = false
	f.signal()
}

// lost notes that the server could not be reached, or went away.
func (f *flow) lost(now time.Time, why string) {
	if f.fails == 0 {
		f.since = now
	}
	f.fails++
	f.why = why
	f.until = now.Add(min(time.Second<<min(f.fails-1, 20), lastRetry))
}

// found notes that the server answers.
func (f *flow) found() {
	f.fails, f.why, f.until = 0, "", time.Time{}
}

// slower takes away connections, and then speed. Every call is a pause.
func (f *flow) slower(now time.Time) {
	f.streak = 0
	defer func() { f.slot = now.Add(max(f.gap, firstGap)) }()
	if now.Sub(f.cut) < cutEvery && !f.cut.IsZero() {
		return
	}
	f.cut = now
	switch {
	case f.limit > 1:
		f.limit /= 2
	case f.gap == 0:
		f.gap = firstGap
	default:
		f.gap = min(2*f.gap, longGap)
	}
}

// faster gives back one step of what slower took.
func (f *flow) faster() {
	f.streak++
	if f.gap > 0 && f.streak < fasterAfter || f.gap == 0 && f.streak < widerAfter {
		return
	}
	f.streak = 0
	switch {
	case f.gap > firstGap:
		f.gap /= 2
	case f.gap > 0:
		f.gap = 0
	case f.limit < f.conns:
		f.limit++
	}
}

// halt stops the run, or lets a stopped one wait longer.
func (f *flow) halt(now time.Time, kind stopKind, reason string) *Alarm {
	if f.stop != nil {
		f.stop.reason = reason
		if f.trial {
			f.stop.tries++
		}
		f.stop.next = now.Add(probes[min(f.stop.tries, len(probes)-1)])
		return nil
	}
	f.stop = &stopped{kind: kind, reason: reason, since: now, next: now.Add(probes[0])}
	return &Alarm{Time: now, Stopped: true, Reason: reason}
}

// resume lets a stopped run go on.
func (f *flow) resume(now time.Time) *Alarm {
	if f.stop == nil {
		return nil
	}
	a := &Alarm{Time: now, Reason: f.stop.reason}
	f.stop = nil
	f.judge = judge{stale: true}
	return a
}

// hopeless says why a drain should not wait any longer, or "".
func (f *flow) hopeless() string {
	f.mu.Lock()
	defer f.mu.Unlock()
	switch {
	case f.stop != nil:
		return f.stop.reason
	case f.fails >= patience:
		return f.why
	case f.gap > horizon/3:
		return "the server takes hardly any letters now"
	}
	return ""
}

// unreachable notes why there is no connection. A server that refuses us stops
// the run; one that is away is tried again, and nobody is charged for it.
func (f *flow) unreachable(now time.Time, r Reply, trial bool) (alarm *Alarm) {
	f.mu.Lock()
	defer f.mu.Unlock()
	class := r.Class()
	switch {
	case class == StopRun && f.opened > 0:
		// It talks to us on other connections: this one is too many.
		f.slower(now)
		class = Throttled
	case class == StopRun:
		alarm = f.halt(now, stopSetup, r.String())
	case class == Throttled:
		f.slower(now)
		f.lost(now, r.String())
	default:
		f.lost(now, r.String())
	}
	if trial {
		f.trial = false
		if f.stop != nil && class != StopRun {
			f.tried(now, class, r)
		}
	}
	f.signal()
	return alarm
}

// opening counts open connections.
func (f *flow) opening(n int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.opened += n
	if n > 0 && !f.proven {
		f.proven = true
		f.signal()
	}
}
