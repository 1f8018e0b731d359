package main

import (
	"bufio"
	"context"
	"fmt"
	"strings"
	"time"

	"tidings.example/mailer"
)

type sendCmd struct {
	Digest string `arg:"" help:"The name of a newsletter."`
	Since  string `placeholder:"DATE" help:"Also the posts dated then or later that a reader has not got, like 2026-01-31."`
	DryRun bool   `help:"Show what would go out, and change nothing."`
	Test   string `placeholder:"ADDRESS" help:"Send a sample of the next letter to this address, and to nobody else."`
	Yes    bool   `help:"Do not ask."`
}

// Help tells what a send by hand does to the schedule.
func (sendCmd) Help() string {
	return "Makes an issue now, for all readers of the newsletter, whatever their cadence and hour. What a reader gets here does not come again. Exit code 11: a daemon is at work, stop it first."
}

// Run sends an issue by hand.
func (c sendCmd) Run(ctx context.Context, sh *shell) error {
	return sh.sending(ctx, "send", func(ctx context.Context, p *program) error {
		d, err := p.digest(c.Digest)
		if err != nil {
			return err
		}
		o := mailer.SendOptions{DryRun: true}
		if c.Since != "" {
			if o.Since, err = time.ParseInLocation("2006-01-02", c.Since, p.zone); err != nil {
				return usagef("--since %s: write a day like 2026-01-31", c.Since)
			}
		}
		if c.Test != "" {
			return p.sendTest(ctx, d, c.Test)
		}
		plan, err := p.mail.engine.Send(ctx, d.Name, o, sh.now())
		if err != nil {
			return err
		}
		if c.DryRun {
			return sh.showPlan(plan)
		}
		if plan.Letters == 0 {
			return sh.showSent(plan)
		}
		if !c.Yes && !sh.confirmed(fmt.Sprintf("Send %d letters of %s to %d readers? Type yes: ", plan.Letters, d.Name, plan.Readers)) {
			return usagef("nothing was sent: answer yes, or use --yes")
		}
		o.DryRun = false
		sent, err := p.mail.engine.Send(ctx, d.Name, o, sh.now())
		if err != nil {
			return err
		}
		if err := p.drain(ctx); err != nil {
			return err
		}
		return sh.showSent(sent)
	})
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

func (sh *shell) showPlan(plan mailer.Sending) error {
	if sh.args.JSON {
		return sh.printJSON(plan)
	}
	for _, part := range plan.Variety {
		sh.printf("%d × %s (%s, %d posts)\n", part.Letters, part.Subject, part.Language, len(part.Posts))
	}
	sh.printf("would send %d letters to %d readers\n", plan.Letters, plan.Readers)
	return nil
}

func (sh *shell) showSent(sent mailer.Sending) error {
	if sh.args.JSON {
		return sh.printJSON(sent)
	}
	if sent.Letters == 0 {
		sh.printf("no letter: none of the %d readers has anything to get\n", sent.Readers)
		return nil
	}
	sh.printf("issue %d: %d letters for %d readers\n", sent.Issue.Number, sent.Letters, sent.Readers)
	return nil
}
