package main

import (
	"context"
	"errors"
	"time"

	"tidings.example/internal/store"
	"tidings.example/mailer"
)

type issuesWhoGotCmd struct {
	Number  int64  `arg:"" help:"The number of an issue."`
	Address string `arg:"" optional:"" help:"One reader; without it everybody."`
	State   string `placeholder:"STATE" enum:",queued,leased,inflight,deferred,unknown,sent,bounced,skipped,failed,expired,cancelled" default:"" help:"Only letters in a state."`
}

// Help tells what the columns are.
func (issuesWhoGotCmd) Help() string {
	return "A line for each letter: its state, since when, the reader, why, and the server's last reply. Two weeks after an issue closed, times and replies of letters that were sent are no longer kept: who got it is. Of an erased reader nothing is kept but that there was a letter. Exit code 4: the one who was asked for was not to get it."
}

// Run streams the letters of an issue.
func (c issuesWhoGotCmd) Run(ctx context.Context, sh *shell) error {
	return sh.lookup(ctx, func(p *program) error {
		i, err := p.numbered(ctx, c.Number)
		if err != nil {
			return err
		}
		if c.Address != "" {
			return c.one(ctx, p, i)
		}
		list := sh.jsonList()
		for r, err := range p.db.WhoGot(ctx, i.ID) {
			if err != nil {
				return err
			}
			if c.State != "" && r.State != mailer.DeliveryState(c.State) {
				continue
			}
			if sh.args.JSON {
				if err := list.add(r); err != nil {
					return err
				}
				continue
			}
			c.print(p, r)
		}
		return list.end()
	})
}

// one answers "did this reader get the issue?".
func (c issuesWhoGotCmd) one(ctx context.Context, p *program, i mailer.Issue) error {
	sh := p.sh
	a, err := mailer.ParseAddress(c.Address)
	if err != nil {
		return usagef("%v", err)
	}
	r, member, err := p.db.WhetherGot(ctx, i.ID, a)
	switch {
	case errors.Is(err, store.ErrNoSubscriber):
		sh.note("%s is no subscriber: letters of somebody who was erased are listed without an address", a.Mailed)
		return &exitError{code: exitFindings}
	case err != nil:
		return err
	case !member:
		sh.note("%s was not to get issue %d", a.Mailed, c.Number)
		return &exitError{code: exitFindings}
	case c.State != "" && r.State != mailer.DeliveryState(c.State):
		return &exitError{code: exitFindings}
	}
	if sh.args.JSON {
		return sh.printJSON(r)
	}
	c.print(p, r)
	return nil
}

func (c issuesWhoGotCmd) print(p *program, r store.Receipt) {
	when := "-"
	if !r.Changed.IsZero() {
		when = r.Changed.In(p.zone).Format(time.DateTime)
	}
	why := r.Cause
	if r.Reply != "" {
		why = or(why, "server") + ": " + r.Reply
	}
	p.sh.printf("%-10s  %-19s  %-40s  %s\n", r.State, when, or(r.Address, "(erased)"), plain(why))
}
