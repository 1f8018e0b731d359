package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"tidings.example/internal/store"
	"tidings.example/mailer"
)

type sendCmd struct {
	Digest string `arg:"" help:"The name of a newsletter."`
	Since  string `placeholder:"DATE" xor:"since" help:"Also the posts dated then or later that a reader has not got, like 2026-01-31."`
	DryRun bool   `xor:"dry" help:"Show what would go out, and change nothing."`
	Test   string `placeholder:"ADDRESS" xor:"since,dry" help:"Send a sample of the next letter to this address, and to nobody else."`
	Yes    bool   `help:"Do not ask."`
}

// Help tells what a send by hand does to the schedule.
func (sendCmd) Help() string {
	return "Makes an issue now, for all readers of the newsletter, whatever their cadence and hour, of the posts that the last scan found: it does not scan, so that the letters, their rehearsal (--dry-run) and the feeds show the same; tidings build looks for newer ones. What a reader gets here does not come again. Exit code 3: some letters were refused; 4: mailing waits for you, see tidings resume; 11: a daemon is at work, stop it first (--dry-run and --test work beside it); 75: letters are left because the server does not take them now."
}

// Run sends an issue by hand.
func (c sendCmd) Run(ctx context.Context, sh *shell) error {
	switch {
	case c.Test != "":
		return sh.withDB(ctx, func(p *program) error {
			d, err := p.digest(c.Digest)
			if err != nil {
				return err
			}
			return p.sendTest(ctx, d, c.Test)
		})
	case c.DryRun:
		return sh.withDB(ctx, func(p *program) error {
			plan, err := c.plan(ctx, p)
			if err != nil {
				return err
			}
			return p.showPlan(ctx, plan)
		})
	}
	return sh.sending(ctx, "send", c.send)
}

// options are what the flags ask of the engine.
func (c sendCmd) options(p *program) (o mailer.SendOptions, err error) {
	if c.Since == "" {
		return o, nil
	}
	if o.Since, err = time.ParseInLocation("2006-01-02", c.Since, p.zone); err != nil {
		return o, usagef("--since %s: write a day like 2026-01-31", c.Since)
	}
	return o, nil
}

// plan finds what a send would do.
func (c sendCmd) plan(ctx context.Context, p *program) (mailer.Sending, error) {
	d, err := p.digest(c.Digest)
	if err != nil {
		return mailer.Sending{}, err
	}
	o, err := c.options(p)
	if err != nil {
		return mailer.Sending{}, err
	}
	o.DryRun = true
	return p.mail.engine.Send(ctx, d.Name, o, p.sh.now())
}

// send asks, and sends.
func (c sendCmd) send(ctx context.Context, p *program, fence *store.Fence) error {
	if fence != nil {
		return errFenced(*fence)
	}
	plan, err := c.plan(ctx, p)
	if err != nil {
		return err
	}
	scanned, err := p.scanned(ctx)
	if err != nil {
		return err
	}
	if plan.Letters == 0 {
		return p.showSent(ctx, sending{Sending: plan, Scanned: scanned})
	}
	p.sh.note("%s", p.scannedLine(scanned))
	if !c.Yes && !p.sh.confirmed(fmt.Sprintf("Send %s of %s to %s? Type yes: ", count(plan.Letters, "letter"), c.Digest, count(plan.Readers, "reader"))) {
		return usagef("nothing was sent: answer yes, or use --yes")
	}
	o, err := c.options(p)
	if err != nil {
		return err
	}
	sent, err := p.sendNow(ctx, c.Digest, o)
	sent.Scanned = scanned
	if sent.Letters == 0 && err != nil {
		return err
	}
	return errors.Join(err, p.showSent(ctx, sent))
}

// sendNow makes an issue by hand and sends it. Where there are letters, they
// were made, whatever the error says of their sending.
func (p *program) sendNow(ctx context.Context, digest string, o mailer.SendOptions) (sent sending, err error) {
	if sent.Sending, err = p.mail.engine.Send(ctx, digest, o, p.sh.now()); err != nil {
		return sending{}, err
	}
	if sent.Letters == 0 {
		return sent, nil
	}
	m, failed := p.drain(ctx)
	sent.Mailed = &m
	// The issue got its number with its letters.
	sent.Issue, err = p.db.Issue(context.WithoutCancel(ctx), sent.Issue.ID)
	return sent, errors.Join(failed, err)
}

// confirmed asks a person at a terminal.
func (sh *shell) confirmed(question string) bool {
	if !sh.terminal {
		return false
	}
	fmt.Fprint(sh.err, question)
	line, err := bufio.NewReader(sh.in).ReadString('\n')
	return err == nil && strings.TrimSpace(line) == "yes"
}

// scanned is when the sources were scanned last, all of them; zero is never.
func (p *program) scanned(ctx context.Context) (at time.Time, err error) {
	for i, s := range p.config.Sources {
		state, err := p.db.SourceState(ctx, s.Name)
		if err != nil {
			return at, err
		}
		if i == 0 || state.Scanned.Before(at) {
			at = state.Scanned
		}
	}
	return at.UTC(), nil
}

// scannedLine says which posts a letter can have.
func (p *program) scannedLine(at time.Time) string {
	if at.IsZero() {
		return "no scan has found posts yet: tidings build makes one"
	}
	return fmt.Sprintf("posts of the scan of %s: tidings build looks for newer ones", times{zone: p.zone}.at(at))
}

// showPlan tells what would go out.
func (p *program) showPlan(ctx context.Context, plan mailer.Sending) error {
	sh := p.sh
	scanned, err := p.scanned(ctx)
	if err != nil {
		return err
	}
	if sh.args.JSON {
		return sh.printJSON(sending{Sending: plan, Scanned: scanned})
	}
	sh.printf("%s\n", p.scannedLine(scanned))
	for _, part := range plan.Variety {
		sh.printf("%d × %s (%s, %s)\n", part.Letters, plain(part.Subject), part.Language, count(len(part.Posts), "post"))
	}
	sh.printf("would send %s to %s\n", count(plan.Letters, "letter"), count(plan.Readers, "reader"))
	return nil
}

// showSent tells what went out.
func (p *program) showSent(ctx context.Context, sent sending) error {
	sh := p.sh
	if sent.Letters == 0 {
		if sh.args.JSON {
			return sh.printJSON(sent)
		}
		sh.printf("no letter: there is nothing new for %s\n%s\n", count(sent.Readers, "reader"), p.scannedLine(sent.Scanned))
		return nil
	}
	t, err := p.db.Tally(context.WithoutCancel(ctx), sent.Issue.ID)
	if err != nil {
		return err
	}
	if sh.args.JSON {
		if err := sh.printJSON(sent); err != nil {
			return err
		}
	} else {
		sh.printf("issue %d: %s for %s, %s\n", sent.Issue.Number, count(sent.Letters, "letter"), count(sent.Readers, "reader"), finished(t))
		sh.printf("%s\n", sent.Mailed)
	}
	// Who left meanwhile, or is suppressed, is no failure.
	if n := t[mailer.Refused] + t[mailer.Failed] + t[mailer.Lapsed]; n > 0 {
		return &exitError{code: exitPartly, err: fmt.Errorf("%s did not arrive: tidings issues show %d tells why", count(n, "letter"), sent.Issue.Number)}
	}
	return nil
}
