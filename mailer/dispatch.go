package mailer

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"
)

// Stencil makes the bytes of a letter for one reader.
type Stencil interface {
	Letter(p Personal) ([]byte, error)
}

// Links makes the personal links of a letter. The same reader and digest get
// the same links at every attempt.
type Links interface {
	// Unsubscribe returns the absolute URL to leave a digest.
	Unsubscribe(subscriber int64, digest string) string
	// Preferences returns the absolute URL of the reader's page, or "".
	Preferences(subscriber int64, digest string) string
	// LeaveToken returns the token of the mailto: way to leave a digest.
	LeaveToken(subscriber int64, digest string) string
}

// ReturnPath makes envelope senders by which letters that come back are known.
// [ReturnPaths] is one.
type ReturnPath interface {
	// Of returns the bare address for a letter to an address. It is not a part of
	// the letter: another attempt may have another one, after its key or the
	// mailbox changed, and both must lead to the same letter.
	Of(l Letter, to string) string
}

// Alarm tells the owner that the sending stopped, or goes on again.
type Alarm struct {
	Time time.Time
	// Server is the name of the one that refuses us, or takes letters again.
	Server string
	// Stopped is false when the sending resumed.
	Stopped bool
	// Reason is why it stopped, in one line.
	Reason string
}

// DispatcherConfig says what a [Dispatcher] works with. Outbox, Clock, and
// Transport or Servers are required.
type DispatcherConfig struct {
	Outbox Outbox
	// Servers take the letters; where one is out its letters go by the others.
	Servers []Server
	// Transport and Connections are the one server of a configuration without
	// Servers.
	Transport   Transport
	Connections int
	// Book remembers what servers took; nil forgets it with the dispatcher.
	Book ServerBook
	// Recent hands on what the book does not know to the next dispatcher of the
	// process; nil forgets it.
	Recent *Recent
	// Parse reads a stored letter; nil reads a [Template].
	Parse func(template []byte) (Stencil, error)
	// Links is nil where letters have none.
	Links Links
	// Signer is nil where letters are not signed.
	Signer Signer
	Clock  func() time.Time
	// Sender is the envelope sender of letters that name none.
	Sender string
	// ReturnPath, where it is not nil, makes the envelope sender of each letter:
	// many submission servers refuse any other than the letter's own.
	ReturnPath ReturnPath
	// Domain is the right side of Message-IDs.
	Domain string
	// Hold keeps letters that may have been sent for the operator, instead of
	// sending them again: in_doubt = "hold".
	Hold bool
	// Grace is how long letters under way may take after the end was asked
	// for; 0 is 30 seconds.
	Grace time.Duration
	// Alarm is called once when the sending stops, and when it resumes.
	Alarm func(context.Context, Alarm)
	// Settled is called when letters of issues were taken and none of them is
	// under way any more: an issue may be finished. It must not wait.
	Settled func()
	Log     *slog.Logger
}

// ErrStopped is what [Dispatcher.Drain] returns when the server refuses us, or
// cannot be reached: letters are left, and nobody was charged for it.
var ErrStopped = errors.New("sending stopped")

// Dispatcher takes letters from the outbox and sends them, so that a crash at
// any instant loses none.
type Dispatcher struct {
	c       DispatcherConfig
	owner   string
	servers []*server
	scales  *scales
	cache   *templateCache
	notices chan Letter
	bulk    chan Letter
	poke    chan struct{} // something may be due
	hungry  chan struct{} // a worker took a letter
	// out counts claimed letters without a durable result.
	out    atomic.Int64
	teller *teller
	outage outage
	// over is closed when results that cannot be written are given up.
	over chan struct{}
	// waiting: it was told that all letters wait. busy: letters of issues were
	// taken since it was told that they are settled. The feeder's alone.
	waiting, busy bool
	// running guards against two runs at a time.
	running atomic.Bool
}

// queued is how many claimed letters wait for each connection: a claim is a
// commit, and half of the queue is claimed at once.
const queued = 32

// NewDispatcher returns a dispatcher that is not running yet.
func NewDispatcher(c DispatcherConfig) *Dispatcher {
	if c.Book == nil {
		c.Book = noBook{}
	}
	if c.Grace <= 0 {
		c.Grace = 30 * time.Second
	}
	if c.Parse == nil {
		c.Parse = parseTemplate
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if c.Alarm == nil {
		c.Alarm = func(context.Context, Alarm) {}
	}
	if c.Settled == nil {
		c.Settled = func() {}
	}
	d := &Dispatcher{
		c:       c,
		owner:   rand.Text()[:8], // it stands in every claimed row
		cache:   newTemplateCache(c.Outbox, c.Parse),
		notices: make(chan Letter, 8),
		teller:  newTeller(c.Log),
		outage:  outage{log: c.Log},
		poke:    make(chan struct{}, 1),
		hungry:  make(chan struct{}, 1),
	}
	conns := 0
	for i, s := range c.servers() {
		d.servers = append(d.servers, newServer(i, s, c.Recent))
		conns += s.Connections
	}
	d.bulk = make(chan Letter, queued*max(1, conns))
	d.scales = newScales(c.Servers)
	return d
}

// Run sends until ctx ends. Then letters under way are finished within the
// grace time, their results are stored, and the others are given back.
func (d *Dispatcher) Run(ctx context.Context) error { return d.run(ctx, false) }

// Drain sends until nothing is due, or ctx ends as in [Dispatcher.Run]. It
// returns an [ErrStopped] when letters are left because the sending stopped.
func (d *Dispatcher) Drain(ctx context.Context) error { return d.run(ctx, true) }

// Wake says that something may be due now, such as a notice just written.
func (d *Dispatcher) Wake() {
	select {
	case d.poke <- struct{}{}:
	default:
	}
}

func (d *Dispatcher) run(ctx context.Context, drain bool) error {
	if !d.running.CompareAndSwap(false, true) {
		return errors.New("the dispatcher runs already")
	}
	defer d.running.Store(false)
	d.out.Store(0)
	d.waiting, d.busy = false, false
	r, err := d.c.Outbox.Recover(ctx, d.owner, d.c.Hold, d.c.Clock())
	if err != nil {
		return err
	}
	if r.Leased+r.InDoubt > 0 {
		d.c.Log.Info("took over letters of an ended sender", "unsent", r.Leased, "in_doubt", r.InDoubt)
	}
	if err := d.remember(ctx); err != nil {
		return err
	}
	d.servers[0].flow.inherit(r, d.c.Clock())
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	late, cancel := d.late(ctx)
	defer cancel()

	var workers sync.WaitGroup
	for _, s := range d.servers {
		for i := range s.Connections {
			w := &worker{d: d, s: s, index: i}
			w.reserved = i == 0 && s.Connections > 1
			workers.Go(func() { w.run(ctx, late) })
		}
	}
	workers.Go(func() { d.stand(ctx) })
	err = d.feed(ctx, drain)
	stop(err)
	workers.Wait()
	d.keep()
	left := d.release(late)
	if end := d.settle(late); err == nil {
		err = end
	}
	return errors.Join(err, d.outage.err(), left, d.leave(late))
}

// late returns a context that outlives ctx by the grace time: what is under way
// may end. Writes that fail have less of it.
func (d *Dispatcher) late(ctx context.Context) (context.Context, func()) {
	over := make(chan struct{})
	d.over = over
	late, cancel := context.WithCancel(context.WithoutCancel(ctx))
	unwatch := context.AfterFunc(ctx, func() {
		grace, last := time.AfterFunc(d.c.Grace, cancel), time.AfterFunc(lastTries, func() { close(over) })
		context.AfterFunc(late, func() { grace.Stop(); last.Stop() })
	})
	return late, func() { unwatch(); cancel() }
}

// release gives back the letters that no worker took.
func (d *Dispatcher) release(ctx context.Context) error {
	s := Step{Now: d.c.Clock()}
	for {
		select {
		case l := <-d.notices:
			s.Results = append(s.Results, unsent(l, s.Now))
			continue
		case l := <-d.bulk:
			s.Results = append(s.Results, unsent(l, s.Now))
			continue
		default:
		}
		break
	}
	if len(s.Results) == 0 {
		return nil
	}
	// A short while even where the grace time is over: they would wait for the
	// next start otherwise.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	_, err := d.c.Outbox.Chain(ctx, s)
	d.out.Add(-int64(len(s.Results)))
	return err
}

// settle judges the windows of a run that ends, and reports a run that it stops.
func (d *Dispatcher) settle(ctx context.Context) error {
	now := d.c.Clock()
	var errs []error
	for _, s := range d.servers {
		v, event := s.flow.close(now)
		if v == WindowOpen {
			continue
		}
		late, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
		_, err := d.c.Outbox.Chain(late, Step{Now: now, Server: s.Name, Window: v})
		d.announce(late, s, event)
		cancel()
		if err != nil {
			s.flow.unjudged()
		} else if event != nil {
			err = fmt.Errorf("%w: %s", ErrStopped, s.says(event.Reason))
		}
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}

// announce logs an alarm and hands it to the owner.
func (d *Dispatcher) announce(ctx context.Context, s *server, a *Alarm) {
	if a == nil {
		return
	}
	a.Server = s.Name
	if err := d.c.Book.Stand(ctx, d.standing()); err != nil {
		d.outage.failed(d.c.Clock(), err)
	}
	if a.Stopped {
		d.c.Log.Warn("sending stopped", "reason", s.says(a.Reason))
	} else {
		d.c.Log.Info("sending goes on", "was", s.says(a.Reason))
	}
	d.c.Alarm(ctx, *a)
	d.more() // a drain may have nothing left to wait for
}

// sender is the envelope sender of a letter.
func (d *Dispatcher) sender(l Letter, to string) string {
	switch {
	case d.c.ReturnPath != nil:
		return d.c.ReturnPath.Of(l, to)
	case l.From != "":
		return l.From
	}
	return d.c.Sender
}

// unsent is the result of a claimed letter that was not tried.
func unsent(l Letter, now time.Time) Result {
	return Result{LetterRef: l.LetterRef, State: Queued, Due: now, Cause: "given back"}
}

func parseTemplate(text []byte) (Stencil, error) {
	var t Template
	if err := t.UnmarshalBinary(text); err != nil {
		return nil, err
	}
	return newPlate(t)
}
