package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"tidings.example/internal/config"
	"tidings.example/internal/store"
	"tidings.example/mailer"
)

// serverStanding is how a server stands, as the process that sends says, and
// what it took of what it may have.
type serverStanding struct {
	Name    string           `json:"name"`
	Stopped bool             `json:"stopped"`
	Limited bool             `json:"limited"`  // the reason is a limit of the owner's own
	PutsOff bool             `json:"puts_off"` // it answers, and takes no letter for now
	Tried   bool             `json:"tried"`    // since the process that sends began
	Reason  string           `json:"reason,omitempty"`
	Since   *time.Time       `json:"since,omitempty"`
	Next    *time.Time       `json:"next,omitempty"`
	Took    []string         `json:"took"` // "12 of 1000 letters in the last hour"
	WarmUp  string           `json:"warm_up,omitempty"`
	Domains []domainStanding `json:"domains"`
}

type domainStanding struct {
	Domain string    `json:"domain"`
	Reason string    `json:"reason"`
	Until  time.Time `json:"until"`
}

// sendingStanding tells why letters wait: by server, and by issue.
func (p *program) sendingStanding(ctx context.Context, s *standing) error {
	s.Servers, s.Waits = []serverStanding{}, []store.IssueWaits{}
	kept, err := p.db.Servers(ctx)
	if err != nil {
		return err
	}
	by := map[string]mailer.ServerStatus{}
	for _, one := range kept {
		by[one.Name] = one
	}
	if p.config.Mail.Transport == "smtp" {
		for _, c := range p.config.Mail.Out() {
			one, err := p.serverStanding(ctx, c, by[c.Name])
			if err != nil {
				return err
			}
			s.Servers = append(s.Servers, one)
		}
	}
	waits, err := p.db.Waits(ctx, p.sh.now())
	s.Waits = append(s.Waits, waits...)
	return err
}

// serverStanding joins what was kept of a server with what its letters were
// counted to, which is never older than the last of them.
func (p *program) serverStanding(ctx context.Context, c config.SMTP, kept mailer.ServerStatus) (serverStanding, error) {
	out := serverStanding{Name: c.Name, Stopped: kept.Stopped, Limited: kept.Limited, PutsOff: kept.PutsOff, Tried: kept.Tried, Reason: kept.Reason, Took: []string{}, Domains: []domainStanding{}}
	if kept.Reason != "" {
		out.Since, out.Next = instant(kept.Since), instant(kept.Next)
	}
	now := p.sh.now()
	for _, d := range kept.Domains {
		if d.Until.After(now) {
			out.Domains = append(out.Domains, domainStanding(d))
		}
	}
	limits := mailer.Limits{Rate: mailer.Rate{Hour: c.PerHour, Day: c.PerDay}, WarmUp: c.WarmUp, Zone: p.zone}
	usage, err := mailer.UsageOf(ctx, p.db, c.Name, limits, now)
	if err != nil {
		return out, err
	}
	out.Took, out.WarmUp = append(out.Took, usage.Took...), usage.WarmUp
	// Nobody has looked since a limit of the owner's own was over.
	if kept.Limited && !kept.Next.After(now) {
		out.Limited, out.Reason, out.Since, out.Next = false, "", nil, nil
	}
	return out, nil
}

// line says it in one line.
func (s serverStanding) line(t times) string {
	var parts []string
	switch {
	case s.Reason == "" && !s.Tried:
		parts = append(parts, "not tried yet")
	case s.Reason == "":
		parts = append(parts, "takes letters")
	case s.PutsOff:
		parts = append(parts, s.Reason+", since "+t.at(*s.Since))
	case s.Stopped:
		parts = append(parts, "paused since "+t.at(*s.Since)+": "+s.Reason)
	default:
		parts = append(parts, "waits since "+t.at(*s.Since)+": "+s.Reason)
	}
	if s.Reason != "" && s.Next != nil {
		if s.Limited {
			parts[0] += ", goes on " + t.ahead(*s.Next)
		} else {
			parts[0] += ", " + t.again(*s.Next)
		}
	}
	if s.WarmUp != "" && s.WarmUp != s.Reason {
		parts = append(parts, s.WarmUp)
	}
	for _, took := range s.Took {
		if took != s.Reason {
			parts = append(parts, took)
		}
	}
	for _, d := range s.Domains {
		parts = append(parts, fmt.Sprintf("letters to %s are put off, the last one goes %s: %s", d.Domain, t.ahead(d.Until), d.Reason))
	}
	return "server " + s.Name + ": " + strings.Join(parts, "; ")
}

// lettersLine counts what is open. Under way is only what a connection has: a
// claimed letter waits like any other. What a process left there that is gone
// may have arrived.
func lettersLine(q store.Queue, runs bool) string {
	way, doubt := q.Inflight, q.Unknown
	if !runs {
		way, doubt = 0, q.Unknown+q.Inflight
	}
	return fmt.Sprintf("letters: %d queued, %d deferred, %d under way, %d in doubt", q.Queued+q.Leased, q.Deferred, way, doubt)
}

// waitsLine says in one line why letters of an issue wait.
func waitsLine(w store.IssueWaits, t times) string {
	var parts []string
	if w.Deferred > 0 {
		parts = append(parts, fmt.Sprintf("%d deferred, due %s", w.Deferred, t.ahead(w.Next)))
	}
	if w.Aside > 0 {
		parts = append(parts, fmt.Sprintf("%d put aside", w.Aside))
	}
	if w.InDoubt > 0 {
		parts = append(parts, fmt.Sprintf("%d in doubt", w.InDoubt))
	}
	return fmt.Sprintf("issue %d (%s): %s", w.Number, w.Digest, strings.Join(parts, ", "))
}
