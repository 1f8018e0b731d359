package main

import (
	"context"
	"time"

	"tidings.example/mailer"
)

// deliveryStates are the states of letters in the order in which they are told.
var deliveryStates = []mailer.DeliveryState{mailer.Queued, mailer.Leased, mailer.Inflight, mailer.Deferred, mailer.Unknown,
	mailer.Sent, mailer.Refused, mailer.Skipped, mailer.Failed, mailer.Lapsed, mailer.Cancelled}

// finish closes an issue as soon as the last of its letters is explained, and
// says so. It looks once a second at most: letters that are put aside for a
// moment look settled again and again.
func (g *generation) finish(ctx context.Context) error {
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-g.settled:
		}
		closed, err := g.p.mail.engine.Finish(ctx, g.p.sh.now())
		if err != nil && ctx.Err() == nil {
			g.p.log.Error("close what is finished", "error", err)
		}
		g.p.logFinished(ctx, closed)
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(time.Second):
		}
	}
}

// logFinished says what became of issues that have closed, in a line each. One
// that nobody had a letter of is nothing to tell.
func (p *program) logFinished(ctx context.Context, closed []mailer.Issue) {
	for _, i := range closed {
		if i.Number == 0 {
			continue
		}
		t, err := p.db.Tally(ctx, i.ID)
		if err != nil {
			if ctx.Err() == nil {
				p.log.Error("count the letters of an issue", "error", err)
			}
			continue
		}
		args := []any{"issue", i.Number, "digest", i.Digest, "letters", t.Recipients()}
		for _, state := range deliveryStates {
			if t[state] > 0 {
				args = append(args, string(state), t[state])
			}
		}
		p.log.Info("issue finished", append(args, "took", i.Closed.Sub(i.Opened).Round(time.Second).String())...)
	}
}
