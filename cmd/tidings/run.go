package main

import (
	"context"
	"errors"

	"tidings.example/internal/store"
	"tidings.example/mailer"
	"tidings.example/posts"
)

type runCmd struct{}

// Help tells where run belongs.
func (runCmd) Help() string {
	return "Scans, writes feeds, makes the letters that are due, sends until nothing is left, and ends: for cron and systemd timers. Exit code 4: mailing waits for you, see tidings resume; 11: a daemon or another run is at work; 75: letters are left because the server refuses them for now."
}

// Run is one round and the sending after it.
func (runCmd) Run(ctx context.Context, sh *shell) error {
	return sh.sending(ctx, "run", func(ctx context.Context, p *program, fence *store.Fence) error {
		done := sh.progress("scan")
		r, err := p.round(ctx, p.publisher(fence == nil), sh.now(), posts.ScanOptions{})
		done()
		err = errors.Join(err, p.pingOnce(ctx), p.readMail(ctx))
		if told := p.tellOwner(ctx); told != nil {
			err = errors.Join(err, told)
		}
		m, failed := p.drainUnless(ctx, fence)
		if ctx.Err() == nil && fence == nil {
			err = errors.Join(err, p.tidy(ctx))
		}
		return errors.Join(failed, p.toldRun(ctx, r, m, err))
	})
}

// tidy does the work on the ledger that nobody waits for.
func (p *program) tidy(ctx context.Context) error {
	n, err := p.db.Tidy(ctx, p.sh.now())
	if n > 0 {
		p.log.Info("folded the letters of issues that closed long ago", "letters", n)
	}
	return err
}

// sending runs work under the lock of the process that schedules and sends.
func (sh *shell) sending(ctx context.Context, command string, work func(context.Context, *program, *store.Fence) error) (err error) {
	p, err := sh.open(ctx, false)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, p.Close()) }()
	if p.lock, err = p.db.Lock(ctx, command, sh.now()); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, p.lock.Close()) }()
	fence, err := p.fenced(ctx, p.lock)
	if err != nil {
		return err
	}
	if _, err := p.db.DropUnpublished(ctx); err != nil {
		return err
	}
	return work(ctx, p, fence)
}

// errFenced is why nothing is mailed. It needs its owner.
func errFenced(f store.Fence) error {
	return &exitError{code: exitFindings, err: errors.New(fenceLine(f))}
}

// drainUnless sends, unless the database may not mail.
func (p *program) drainUnless(ctx context.Context, fence *store.Fence) (m mailed, err error) {
	if fence == nil {
		return p.drain(ctx)
	}
	q, err := p.db.Queue(ctx)
	m.count(q)
	return m, errors.Join(errFenced(*fence), err)
}

// drain sends until nothing is due, and counts what went and what is left.
func (p *program) drain(ctx context.Context) (m mailed, err error) {
	d, err := p.dispatcher(nil)
	if err != nil {
		return m, err
	}
	// A letter to the owner that is written after the others would be left over.
	if err := p.tellOwner(ctx); err != nil {
		return m, err
	}
	ended := p.tellsEnding(ctx)
	done := p.sh.progress("send")
	err = d.Drain(ctx)
	done()
	ended()
	if ctx.Err() == nil {
		err = errors.Join(err, p.drained(ctx, d, err))
	}
	if ctx.Err() == nil {
		_, unclosed := p.mail.engine.Finish(ctx, p.sh.now())
		err = errors.Join(err, unclosed, p.db.ForgetDKIMKeys(ctx))
	}
	m, uncounted := p.mailed(ctx, d)
	switch {
	case errors.Is(err, mailer.ErrStopped):
		err = &exitError{code: exitAgain, err: err}
	case err == nil && ctx.Err() == nil:
		err = m.again()
	}
	return m, errors.Join(err, uncounted)
}
