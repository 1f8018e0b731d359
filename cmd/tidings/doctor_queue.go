package main

import (
	"context"
	"time"

	"tidings.example/internal/doctor"
	"tidings.example/internal/store"
)

// queue looks whether letters wait that nobody sends.
func (e *examiner) queue(ctx context.Context) []doctor.Finding {
	broken := func(err error) []doctor.Finding {
		return []doctor.Finding{finding("queue", doctor.Warn, err.Error(), "run it again")}
	}
	q, err := e.p.db.Queue(ctx)
	if err != nil {
		return broken(err)
	}
	first, err := e.waiting(ctx, q)
	if err != nil {
		return broken(err)
	}
	out := []doctor.Finding{first}
	held, err := e.p.db.HeldIssues(ctx)
	if err != nil {
		return broken(err)
	}
	if len(held) > 0 {
		out = append(out, finding("queue", doctor.Warn, "held: "+issueList(held), "tidings issues retry NUMBER mails what is left, tidings issues cancel NUMBER ends it"))
	}
	if q.Unknown > 0 && e.p.config.Mail.InDoubt == "hold" {
		out = append(out, finding("queue", doctor.Warn, count(q.Unknown, "letter")+" may or may not have gone out", "tidings issues list names the issues; tidings issues retry NUMBER sends again"))
	}
	troubles, err := e.p.troubles(ctx)
	if err != nil {
		return append(out, broken(err)...)
	}
	for _, t := range troubles {
		out = append(out, finding("trouble", doctor.Fail, t.What, "tidings status tells more"))
	}
	return out
}

// waiting looks whether open letters go on by themselves.
func (e *examiner) waiting(ctx context.Context, q store.Queue) (f doctor.Finding, err error) {
	open := openLetters(q)
	if open == 0 {
		return finding("queue", doctor.OK, "no letter waits", ""), nil
	}
	what := count(open, "letter") + " open"
	_, runs := e.p.db.Holder()
	if !runs {
		due, err := e.due(ctx, q)
		if err != nil {
			return f, err
		}
		if due && !e.byCron(ctx) {
			return finding("queue", doctor.Warn, what+", some of them due, and nothing sends", "start tidings serve, or let cron start tidings run"), nil
		}
	}
	line, bad, err := e.serversOut(ctx, runs)
	switch {
	case err != nil:
		return f, err
	case bad:
		return finding("queue", doctor.Warn, what+", and none goes out: "+line, "tidings status tells more"), nil
	case line != "":
		what += "; " + line
	case !runs:
		what += "; the next tidings run sends what is due"
	}
	return finding("queue", doctor.OK, what, ""), nil
}

// due tells whether letters would go now if somebody sent them: those of a
// process that is gone, too.
func (e *examiner) due(ctx context.Context, q store.Queue) (bool, error) {
	if q.Leased+q.Inflight > 0 || q.Unknown > 0 && e.p.config.Mail.InDoubt != "hold" {
		return true, nil
	}
	next, err := e.p.db.NextDue(ctx)
	return !next.IsZero() && !next.After(e.p.sh.now()), err
}

// cronRests is how long cron may rest between two runs before nobody counts on
// the next one.
const cronRests = 30 * time.Minute

// byCron tells that a run was there lately: the next one will come.
func (e *examiner) byCron(ctx context.Context) bool {
	last := e.p.db.LastHolder(ctx)
	return last.Command == "run" && e.p.sh.now().Sub(last.Since) < cronRests
}

// serversOut says why letters wait for the servers, where none of them takes
// letters, and whether somebody should look: a server that is away for a moment
// comes back.
func (e *examiner) serversOut(ctx context.Context, runs bool) (line string, bad bool, err error) {
	var s standing
	if err := e.p.sendingStanding(ctx, &s); err != nil {
		return "", false, err
	}
	now := e.p.sh.now()
	for _, one := range s.Servers {
		if one.Reason == "" {
			return "", false, nil
		}
		if line != "" {
			line += "; "
		}
		line += one.line(times{now: now, zone: e.p.zone, runs: runs})
		bad = bad || !one.Limited && (one.Stopped || one.PutsOff || now.Sub(*one.Since) >= lull)
	}
	return line, bad, nil
}
