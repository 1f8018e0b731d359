package main

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"tidings.example/internal/publish"
	"tidings.example/internal/store"
	"tidings.example/mailer"
)

// fenceScope is the scope of the trouble with a database that may not mail.
const fenceScope = "fence"

// fenceKind is what everybody may read of it.
const fenceKind = "mailing waits for its owner"

// fenceLine says in one line why nothing is mailed and what to do.
func fenceLine(f store.Fence) string {
	return "mailing waits: " + f.String() + ": tidings resume explains"
}

// fenced tells why this process may not mail, nil where it may, and keeps what
// status and /healthz say in step with it.
func (p *program) fenced(ctx context.Context, lock *store.Lock) (*store.Fence, error) {
	f, err := lock.Fence(ctx)
	if err != nil {
		return nil, err
	}
	p.telling.Lock()
	defer p.telling.Unlock()
	return f, p.keepFence(ctx, f)
}

// keepFence keeps the trouble, which no letter can tell.
func (p *program) keepFence(ctx context.Context, f *store.Fence) error {
	var found []store.Trouble
	if f != nil {
		found = []store.Trouble{{Key: fenceScope, Kind: fenceKind, What: fenceLine(*f)}}
	}
	opened, ended, err := p.db.KeepTroubles(ctx, fenceScope, found, p.sh.now())
	if err != nil {
		return err
	}
	for _, t := range opened {
		p.log.Warn(t.What)
	}
	if len(ended) > 0 {
		p.log.Info("mailing goes on: the owner resumed it")
	}
	return p.db.ToldTroubles(ctx, opened)
}

// awaitMailing waits until the database may mail. It is false at the end.
func (g *generation) awaitMailing(ctx context.Context) (bool, error) {
	every := time.NewTicker(500 * time.Millisecond)
	defer every.Stop()
	for {
		f, err := g.p.fenced(ctx, g.p.lock)
		if ctx.Err() != nil {
			return false, nil
		}
		if f == nil || err != nil {
			return err == nil, err
		}
		select {
		case <-ctx.Done():
			return false, nil
		case <-every.C:
		}
	}
}

// mail sends, from the moment on that the database may mail.
func (g *generation) mail(ctx context.Context) error {
	may, err := g.awaitMailing(ctx)
	if !may || err != nil {
		return err
	}
	ask(g.ticks) // what waited for it
	return g.dispatcher.Run(ctx)
}

// whileMailing makes issues only when the database may mail: what is frozen
// counts as on its way.
type whileMailing struct {
	issues publish.Issues
	lock   *store.Lock
}

// Tick implements [publish.Issues].
func (w whileMailing) Tick(ctx context.Context, now time.Time) (mailer.Report, error) {
	if w.lock != nil && !w.lock.Mails() {
		return mailer.Report{}, nil
	}
	return w.issues.Tick(ctx, now)
}

// intact ends the daemon's work once the path leads to another database.
func (g *generation) intact(ctx context.Context) error {
	return nowAndThen(ctx, g.p.lock.Intact)
}

// nowAndThen looks twice a second until ctx ends or a look fails.
func nowAndThen(ctx context.Context, look func() error) error {
	every := time.NewTicker(500 * time.Millisecond)
	defer every.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-every.C:
			if err := look(); err != nil {
				return err
			}
		}
	}
}

// fenceLines adds what no process has found yet: that the database may not mail,
// and the issues that wait since it was resumed.
func (p *program) fenceLines(ctx context.Context, lines []string, err error) ([]string, error) {
	f, asked := p.db.Fence(ctx)
	if f != nil && !slices.ContainsFunc(lines, func(l string) bool { return strings.HasPrefix(l, "mailing waits: ") }) {
		lines = append(lines, fenceLine(*f))
	}
	held, listed := p.db.HeldIssues(ctx)
	if len(held) > 0 {
		lines = append(lines, "held since a backup was restored: "+issueList(held)+": tidings issues retry sends what is left, tidings issues cancel ends it")
	}
	return lines, errors.Join(err, asked, listed)
}
