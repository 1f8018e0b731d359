package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/signal"
	"sync/atomic"
	"syscall"
	"time"

	"tidings.example/internal/config"
	"tidings.example/internal/store"
	"tidings.example/internal/web"
	"tidings.example/mailer"
)

type serveCmd struct{}

// Help tells how the daemon is steered.
func (serveCmd) Help() string {
	return "Scans by publish.schedule and when a file changes, opens issues when they are due, sends, and serves feeds and pages. SIGHUP reads the configuration again (a broken one is reported and the old one stays); SIGTERM finishes the letters under way and ends. A second daemon on the same database ends with exit code 11."
}

// Run is the daemon.
func (serveCmd) Run(ctx context.Context, sh *shell) (err error) {
	// First of all: a reload that is asked for at the start must not end us.
	hup := make(chan os.Signal, 1)
	signal.Notify(hup, syscall.SIGHUP)
	defer signal.Stop(hup)
	p, err := sh.open(ctx, false)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, p.db.Close()) }()
	if p.lock, err = p.db.Lock(ctx, "serve", sh.now()); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, p.lock.Close()) }()
	return (&daemon{sh: sh, db: p.db, hup: hup}).run(ctx, p)
}

// daemon keeps what outlives a reload: database, listener, web server.
type daemon struct {
	sh      *shell
	db      *store.DB
	hup     <-chan os.Signal
	handler atomic.Pointer[http.Handler]
	// started is called with the address once pages are served; it may be nil.
	started func(p *program, address net.Addr)
}

// ServeHTTP hands a request to the pages of the configuration in force.
func (d *daemon) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	(*d.handler.Load()).ServeHTTP(w, r)
}

// run serves p, and after each reload its successor, until ctx ends.
func (d *daemon) run(ctx context.Context, p *program) error {
	defer p.tellsEnding(ctx)()
	if n, err := d.db.DropUnpublished(ctx); err != nil {
		return err
	} else if n > 0 {
		p.log.Info("dropped waves that a crash left unfinished", "waves", n)
	}
	listener, err := net.Listen("tcp", p.config.Web.Listen)
	if err != nil {
		return fmt.Errorf("web.listen: %w", err)
	}
	server := web.HTTPServer(d)
	g, err := newGeneration(p)
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	failed := make(chan error, 1)
	for first := true; g != nil; first = false {
		g.begin(ctx)
		d.handler.Store(&g.pages)
		if first {
			go func() { failed <- server.Serve(web.Listener(listener)) }()
			g.p.log.Info("tidings serves", "pages", g.p.webURL(), "listen", listener.Addr().String(), "feeds", g.p.config.Feeds.Dir)
			if d.started != nil {
				d.started(g.p, listener.Addr())
			}
		} else {
			g.p.log.Info("the new configuration is in force", "file", g.p.config.File)
		}
		if g, err = d.generation(ctx, g, failed); err != nil {
			break
		}
	}
	// Sending is done: nobody needs more than a moment to get their page. A
	// connection that has asked nothing yet counts as busy; it is cut off.
	late, cancel := context.WithTimeout(context.WithoutCancel(ctx), 3*time.Second)
	defer cancel()
	ended := server.Shutdown(late)
	if errors.Is(ended, context.DeadlineExceeded) {
		ended = server.Close()
	}
	return errors.Join(err, ended)
}

// tellsEnding says that the end was asked for, until the function that it
// returns is called.
func (p *program) tellsEnding(ctx context.Context) (stop func()) {
	told := make(chan struct{})
	still := context.AfterFunc(ctx, func() {
		defer close(told)
		p.log.Info("ending: letters under way are finished")
	})
	return func() {
		if !still() {
			<-told
		}
	}
}

// generation runs one configuration and returns its successor, nil at the end.
// A new configuration is ready to work before the old one ends.
func (d *daemon) generation(ctx context.Context, g *generation, failed <-chan error) (*generation, error) {
	work, stop := context.WithCancel(ctx)
	defer stop()
	ended := make(chan error, 1)
	go func() { ended <- g.run(work) }()
	for {
		select {
		case err := <-ended:
			return nil, err
		case err := <-failed:
			stop()
			return nil, errors.Join(fmt.Errorf("web server: %w", err), <-ended)
		case <-d.hup:
			g.p.log.Info("SIGHUP: the configuration is read again", "file", g.p.config.File)
			next, err := d.reload(ctx, g.p)
			if err != nil {
				g.p.log.Error("the new configuration is refused, the old one stays", "error", err)
				continue
			}
			stop()
			if err := <-ended; errors.Is(err, mailer.ErrUnwritten) {
				next.p.log.Error("mailing", "error", err) // the successor takes them over
			} else if err != nil {
				return nil, err
			}
			return next, nil
		}
	}
}

// reload prepares the work by the file as it is now.
func (d *daemon) reload(ctx context.Context, old *program) (*generation, error) {
	c, err := d.sh.config()
	if err != nil {
		return nil, err
	}
	if c.Database.Path != old.config.Database.Path || c.Web.Listen != old.config.Web.Listen {
		return nil, config.Mistakes{{File: c.File, Message: "database.path and web.listen change with a restart only"}}
	}
	next := &program{sh: d.sh, config: c, db: d.db, lock: old.lock, log: old.log, server: old.server, recent: old.recent}
	if err := next.describe(); err != nil {
		return nil, err
	}
	if next.feedFirst() {
		if err := next.describeFeed(ctx); err != nil {
			return nil, err
		}
	}
	if err := next.assemble(ctx); err != nil {
		return nil, err
	}
	return newGeneration(next)
}
