package main

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/robfig/cron/v3"

	"tidings.example/feed"
	"tidings.example/internal/publish"
	"tidings.example/internal/store"
	"tidings.example/mailer"
	"tidings.example/posts"
)

// generation is the daemon's work under one configuration.
type generation struct {
	p          *program
	publisher  *publish.Publisher
	dispatcher *mailer.Dispatcher
	pages      http.Handler
	clock      *cron.Cron
	pinger     *feed.Publisher // nil where no hub is to be told
	// rounds, ticks, pings and settled ask for work; one that waits already is
	// enough.
	rounds, ticks, pings, settled chan struct{}
	// ticked is when work that was due was looked for last.
	ticked time.Time
	// kept are files of others that were told of, after a scan or a tick.
	kept atomic.Pointer[[]string]
}

// newGeneration prepares everything that can fail, and begins nothing.
func newGeneration(p *program) (*generation, error) {
	p.feeds.Server = p.server
	g := &generation{p: p, publisher: p.publisher(true), pinger: p.pinger(true),
		rounds: make(chan struct{}, 1), ticks: make(chan struct{}, 1), pings: make(chan struct{}, 1), settled: make(chan struct{}, 1)}
	if g.publisher.Issues != nil {
		g.publisher.Issues = whileMailing{&oneAtATime{issues: g.publisher.Issues}, p.lock}
	}
	var err error
	if g.dispatcher, err = p.dispatcher(func() { ask(g.settled) }); err != nil {
		return nil, err
	}
	if _, err = p.places(); err != nil {
		return nil, err
	}
	if g.pages, err = p.pages(); err != nil {
		return nil, err
	}
	if g.clock, err = g.newClock(); err != nil {
		return nil, err
	}
	return g, nil
}

// begin makes the feeds once, so that they are served from the first request
// on; the first round sees to their archive, and to all of them where no source
// was scanned yet. Feeds that cannot be written are no reason to send no letters.
func (g *generation) begin(ctx context.Context) {
	g.p.server.SetThrottle(g.p.throttle())
	if err := g.publisher.Show(ctx, g.p.sh.now()); err != nil && ctx.Err() == nil {
		g.p.log.Error("feeds cannot be kept", "error", err)
	}
}

// ask puts a wish into a channel that holds one.
func ask(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// run works until ctx ends and everything under way is finished.
func (g *generation) run(ctx context.Context) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	wire, err := g.p.db.Tripwire(ctx)
	if err != nil {
		if ctx.Err() != nil { // stopped as soon as it was started
			return nil
		}
		return err
	}
	g.clock.Start()
	defer g.clock.Stop()
	var wg sync.WaitGroup
	var mu sync.Mutex
	var errs []error
	start := func(what func(context.Context) error) {
		wg.Go(func() {
			// At the end only what it leaves undone is an error.
			if err := what(ctx); err != nil && (ctx.Err() == nil || errors.Is(err, mailer.ErrUnwritten)) {
				mu.Lock()
				defer mu.Unlock()
				errs = append(errs, err)
				stop()
			}
		})
	}
	start(g.mail)
	start(g.intact)
	start(g.scan)
	start(g.tick)
	start(g.finish)
	start(g.ping)
	start(g.receive)
	start(g.takeIn)
	start(func(ctx context.Context) error { return g.listen(ctx, wire) })
	start(g.watch)
	ask(g.rounds)
	ask(g.pings)
	wg.Wait()
	return errors.Join(append(errs, wire.Close())...)
}

// watch asks for a round when files change.
func (g *generation) watch(ctx context.Context) error {
	dirs := g.watched()
	if len(dirs) == 0 {
		return nil
	}
	if err := publish.Watch(ctx, dirs, g.p.own(), g.p.log, func() { ask(g.rounds) }); err != nil {
		g.p.log.Warn("files are not watched; the schedule finds their changes", "error", err)
	}
	return nil
}

// newClock asks for a round by the owner's schedule, and every minute what is due.
// It only wakes: the ledger decides.
func (g *generation) newClock() (*cron.Cron, error) {
	c := cron.New(cron.WithLocation(g.p.zone), cron.WithChain(cron.Recover(cron.DiscardLogger)))
	if _, err := c.AddFunc(g.p.config.Publish.Schedule, func() { ask(g.rounds) }); err != nil {
		return nil, err
	}
	_, err := c.AddFunc("* * * * *", func() { ask(g.ticks) })
	return c, err
}

// watched lists the folders whose changes wake a round.
func (g *generation) watched() []string {
	var dirs []string
	if g.p.config.Publish.Watch {
		for _, s := range g.p.config.Sources {
			if s.Dir != "" {
				dirs = append(dirs, s.Dir)
			}
		}
	}
	return dirs
}

// scan makes rounds, one at a time.
func (g *generation) scan(ctx context.Context) error {
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-g.rounds:
			r, _ := g.publisher.Round(ctx, g.p.sh.now(), posts.ScanOptions{})
			g.tell(ctx, r)
			g.dispatcher.Wake()
			ask(g.pings)
			if err := g.p.tidy(ctx); err != nil && ctx.Err() == nil {
				g.p.log.Error("tidy the ledger", "error", err)
			}
		}
	}
}

// ping tells the hubs after each round, and every minute what was put off.
func (g *generation) ping(ctx context.Context) error {
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-g.pings:
			if err := errors.Join(g.p.ping(ctx, ctx, g.pinger), g.p.tellOwner(ctx)); err != nil && ctx.Err() == nil {
				g.p.log.Error("tell the hubs", "error", err)
			}
		}
	}
}

// tick makes what is due every minute, however long a round takes.
func (g *generation) tick(ctx context.Context) error {
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-g.ticks:
			if g.p.db.Fault() != nil {
				// Maybe it is over, and nobody else writes. The fault says it if not.
				_ = g.p.db.Probe(ctx)
			}
			if err := g.hasten(ctx); err != nil {
				g.p.log.Error("letters that a wrong clock put off", "error", err)
			}
			if err := g.p.watchSending(ctx, g.dispatcher); err != nil {
				g.p.log.Error("keep troubles", "error", err)
			}
			if err := g.p.db.ForgetDKIMKeys(ctx); err != nil {
				g.p.log.Error("wipe retired keys", "error", err)
			}
			var r publish.Round
			if g.publisher.Issues != nil {
				r.Ticked(g.publisher.Issues.Tick(ctx, g.p.sh.now()))
				if r.Issues.Letters > 0 {
					ask(g.rounds) // a new issue has its place in a feed
				}
			}
			g.tell(ctx, r)
			g.dispatcher.Wake()
			ask(g.pings)
			if err := g.p.tidy(ctx); err != nil && ctx.Err() == nil {
				g.p.log.Error("tidy the ledger", "error", err)
			}
		}
	}
}

// hasten looks for letters that a clock put off which ran ahead, once it has
// been set back.
func (g *generation) hasten(ctx context.Context) error {
	now := g.p.sh.now().Round(0) // of the clock on the wall: the other one is never set
	back := now.Before(g.ticked)
	g.ticked = now
	if !back {
		return nil
	}
	return g.p.db.Hasten(ctx, now)
}

// oneAtATime keeps a round and a tick from making issues together.
type oneAtATime struct {
	mu     sync.Mutex
	issues publish.Issues
}

// Tick implements [publish.Issues].
func (o *oneAtATime) Tick(ctx context.Context, now time.Time) (mailer.Report, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.issues.Tick(ctx, now)
}

// listen wakes the sender when another process has written, within a second.
func (g *generation) listen(ctx context.Context, wire *store.Tripwire) error {
	return nowAndThen(ctx, func() error {
		// Who cannot look wakes the sender all the same: it tells its trouble.
		if tripped, err := wire.Tripped(ctx); tripped || err != nil {
			g.dispatcher.Wake()
		}
		return nil
	})
}

// tell logs what a round did, and writes to the owner where a cause is new.
func (g *generation) tell(ctx context.Context, r publish.Round) {
	log := g.p.log
	if ctx.Err() != nil {
		return
	}
	for _, scan := range r.Scans {
		if scan.First || scan.Changed() {
			log.Info("scanned", "source", scan.Source, "summary", summary(scan))
		}
	}
	if len(r.Released) > 0 {
		log.Info("released", "posts", len(r.Released))
	}
	if len(r.Files) > 0 {
		log.Info("wrote feeds", "files", len(r.Files))
	}
	if r.Archived > 0 {
		log.Info("wrote archive pages", "files", r.Archived)
	}
	if len(r.Kept) > 0 {
		if told := g.kept.Swap(&r.Kept); told == nil || !slices.Equal(r.Kept, *told) {
			log.Info("files beside the feeds that tidings did not write stay as they are", "files", r.Kept)
		}
	}
	if r.Issues != nil {
		for _, s := range r.Issues.Skipped {
			log.Warn("skipped a slot", "digest", s.Digest, "cadence", s.Cadence, "slot", s.Label)
		}
		if r.Issues.Letters > 0 {
			log.Info("froze letters", "issues", len(r.Issues.Opened), "letters", r.Issues.Letters)
		}
		g.p.logFinished(ctx, r.Issues.Closed)
	}
	opened, ended, err := g.p.keepRound(ctx, r)
	for _, t := range opened {
		log.Error("trouble", "what", t.What)
	}
	for _, t := range ended {
		log.Info("trouble is over", "what", t.What)
	}
	if err := errors.Join(err, g.p.tellOwner(ctx)); err != nil {
		log.Error("tell the owner", "error", err)
	}
}

// own are the files and folders that tidings writes.
func (p *program) own() publish.Own {
	own := publish.Own{Names: []string{p.config.Database.Path, p.config.Mail.Maildir.Dir}, Feeds: p.config.Feeds.Dir, Beside: []string{opmlFile, feedsFile}}
	for _, h := range p.hostFiles() {
		own.Beside = append(own.Beside, h.name)
	}
	return own
}
