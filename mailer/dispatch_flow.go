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
	// ceilingLasts is how long a server is not asked for the connection again
	// that was one too many.
	ceilingLasts = 5 * time.Minute
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

	limit  int    // how many connections may take deliveries
	seats  []bool // those that may
	seated int
	gap    time.Duration
	slot   time.Time // of the next letter, after it was asked for less
	cut    time.Time
	asked  string // the answer that asked for less
	streak int

	fails int // connections or letters lost in a row
	until time.Time
	why   string
	since time.Time

	// proven: there was a connection. Until then one is tried at a time: a
	// wrong password is wrong once.
	proven bool
	stop   *stopped
	trial  bool // one letter is risked; the others wait for what comes of it

	// ceiling is how many connections the server held when one was too many;
	// until later than then there are no more than that.
	ceiling   int
	ceilingTo time.Time
	dialAfter time.Time // no connection is opened before

	limits *allowance
	full   time.Time // since when they are reached

	judge  judge
	puts   putOff
	seen   time.Time // by the gate, last
	took   time.Time // when a letter was accepted last, and no failure since may be the server's
	meter  meter
	opened int
	quick  time.Time // when a letter was answered last, if it was quickly
}

// brisk is how quickly a server answers letters where notices need no connection
// of their own: the next one is free at once.
const brisk = time.Second

func newFlow(conns int, limits *allowance) *flow {
	return &flow{limit: conns, seats: make([]bool, conns), limits: limits, changed: make(chan struct{})}
}

// turned moves what waits along with a clock that was set back.
func (f *flow) turned(now time.Time) {
	back := f.seen.Sub(now)
	f.seen = now
	if back < time.Minute {
		return
	}
	times := []*time.Time{&f.slot, &f.cut, &f.until, &f.since, &f.ceilingTo, &f.dialAfter, &f.full, &f.quick, &f.took}
	if f.stop != nil {
		times = append(times, &f.stop.next, &f.stop.since)
	}
	for _, at := range times {
		if !at.IsZero() {
			*at = at.Add(-back)
		}
	}
}

// signal lets the waiting ask again. The caller holds the lock.
func (f *flow) signal() {
	close(f.changed)
	f.changed = make(chan struct{})
}

// endTrial ends a risk that came to nothing: no letter was sent.
func (f *flow) endTrial() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.trial = false
	f.signal()
}

// seat tells whether the connection index may take deliveries. One that does
// keeps its seat as long as there are enough of them, so that none is closed
// for another to take its place.
func (f *flow) seat(index int) bool {
	if f.seats[index] && f.seated > f.limit {
		f.unseat(index)
		return false
	}
	if !f.seats[index] && f.seated < f.limit {
		f.seats[index] = true
		f.seated++
	}
	return f.seats[index]
}

// unseat gives the seat of a connection to whoever asks next.
func (f *flow) unseat(index int) {
	if f.seats[index] {
		f.seats[index] = false
		f.seated--
		f.signal()
	}
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
func (f *flow) slower(now time.Time, r Reply) {
	f.streak, f.asked = 0, "the server asks for less: "+clip(r.String())
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

// crowded takes away the connection index, which the server does not hold.
// Several that were opened at once are as many too many.
func (f *flow) crowded(now time.Time, index int) {
	f.unseat(index)
	f.limit, f.streak = max(1, f.limit-1), 0
	f.ceiling, f.ceilingTo, f.dialAfter = f.limit, now.Add(ceilingLasts), now.Add(cutEvery)
}

// faster gives back one step of what slower took.
func (f *flow) faster(now time.Time) {
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
	case f.limit < len(f.seats) && (f.limit < f.ceiling || !now.Before(f.ceilingTo)):
		f.limit++
	}
}

// halt stops the run, or lets a stopped one wait longer.
func (f *flow) halt(now time.Time, kind stopKind, reason string) *Alarm {
	if f.stop != nil {
		if f.trial {
			f.stop.tries++
		}
		f.stop.next = now.Add(probes[min(f.stop.tries, len(probes)-1)])
		return f.because(now, kind, reason)
	}
	f.stop = &stopped{kind: kind, reason: reason, since: now, next: now.Add(probes[0])}
	return &Alarm{Time: now, Stopped: true, Reason: reason}
}

// because tells that a stopped run waits for something else by now. What the
// readers' bounces have stopped waits for a verdict on them, whatever comes.
func (f *flow) because(now time.Time, kind stopKind, reason string) *Alarm {
	if f.stop.kind == stopBounces || f.stop.reason == reason {
		return nil
	}
	f.stop.kind, f.stop.reason = kind, reason
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

// unreachable notes why there is no connection. A server that refuses us stops
// the run; one that is away is tried again, and nobody is charged for it; one
// that is crowded holds the other connections.
func (f *flow) unreachable(now time.Time, index int, r Reply, trial bool) (alarm *Alarm, crowded bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	class := r.Class()
	switch {
	case (class == StopRun || class == Throttled) && f.opened > 0:
		// It talks to us on other connections: this one is too many.
		f.crowded(now, index)
		class, crowded = Throttled, true
	case class == StopRun:
		alarm = f.halt(now, stopSetup, r.String())
	case class == Throttled:
		f.slower(now, r)
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
	return alarm, crowded
}

// pressure is what of a flow decides whether others may go on.
type pressure struct {
	limit, fails int
	stopped      bool
	trial        bool
}

func (f *flow) pressure() pressure {
	return pressure{f.limit, f.fails, f.stop != nil, f.trial}
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
