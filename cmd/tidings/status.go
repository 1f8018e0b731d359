package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"tidings.example/internal/store"
	"tidings.example/mailer"
	"tidings.example/posts"
)

type statusCmd struct{}

// Help tells how to use status in scripts.
func (statusCmd) Help() string {
	return "What was done last, what is due, queued and paused, and why. In JSON queue counts the open letters by state: queued, leased (claimed by the process that sends) and deferred ones wait, inflight ones have a connection, unknown ones may have arrived. Exit code 4: something needs its owner."
}

// standing is all that status knows.
type standing struct {
	Database string                         `json:"database"`
	Holder   *store.Holder                  `json:"holder"` // the process that schedules and sends
	Sources  []sourceStatus                 `json:"sources"`
	Posts    int                            `json:"posts"`
	Waiting  []waitingPost                  `json:"waiting"`
	Coming   []mailer.Coming                `json:"coming"`
	Queue    store.Queue                    `json:"queue"`
	Servers  []serverStanding               `json:"servers"`
	Waits    []store.IssueWaits             `json:"waits"`
	Hubs     []store.HubStanding            `json:"hubs"`
	Readers  map[mailer.SubscriberState]int `json:"subscribers"`
	Trouble  []string                       `json:"trouble"`
}

type sourceStatus struct {
	Name     string          `json:"name"`
	Scanned  *time.Time      `json:"scanned"`
	Held     string          `json:"held,omitempty"`
	Failure  string          `json:"failure,omitempty"`
	Problems []posts.Problem `json:"problems"`
}

type waitingPost struct {
	Path   string     `json:"path"`
	Title  string     `json:"title"`
	Next   *time.Time `json:"next,omitempty"`
	Reason string     `json:"reason"`
}

// Run prints the status.
func (statusCmd) Run(ctx context.Context, sh *shell) (err error) {
	p, err := sh.look(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, p.Close()) }()
	s, err := p.standing(ctx)
	if err != nil {
		return err
	}
	if sh.args.JSON {
		err = sh.printJSON(s)
	} else {
		err = s.print(sh, p.zone)
	}
	if err == nil && len(s.Trouble) > 0 {
		err = &exitError{code: exitFindings}
	}
	return err
}

// standing asks the database.
func (p *program) standing(ctx context.Context) (standing, error) {
	s := standing{Database: p.db.Path(), Sources: []sourceStatus{}, Waiting: []waitingPost{}, Coming: []mailer.Coming{}, Hubs: []store.HubStanding{}}
	if h, on := p.db.Holder(); on {
		s.Holder = &h
	}
	var err error
	if s.Posts, err = p.db.CountPosts(ctx, posts.Selection{}); err != nil {
		return s, err
	}
	if s.Trouble, err = p.troubleLines(ctx); err != nil {
		return s, err
	}
	for _, c := range p.config.Sources {
		if err := p.sourceStanding(ctx, c.Name, &s); err != nil {
			return s, err
		}
	}
	coming, err := p.mail.engine.Next(ctx, p.sh.now())
	if err != nil {
		return s, err
	}
	s.Coming = append(s.Coming, coming...)
	if s.Queue, err = p.db.Queue(ctx); err != nil {
		return s, err
	}
	if err := p.sendingStanding(ctx, &s); err != nil {
		return s, err
	}
	hubs, err := p.db.Hubs(ctx)
	if err != nil {
		return s, err
	}
	s.Hubs = append(s.Hubs, hubs...)
	if s.Readers, err = p.db.CountSubscribers(ctx); err != nil {
		return s, err
	}
	if s.Queue.Unknown > 0 && p.config.Mail.InDoubt == "hold" {
		s.Trouble = append(s.Trouble, fmt.Sprintf("%d letters may or may not have gone out and are kept for you (in_doubt = \"hold\"): tidings issues retry queues them again", s.Queue.Unknown))
	}
	return s, nil
}

// troubleLines are the troubles that are open, and what of the configuration
// could not be read; never nil.
func (p *program) troubleLines(ctx context.Context) ([]string, error) {
	lines := []string{}
	open, err := p.troubles(ctx)
	for _, t := range open {
		lines = append(lines, t.What)
	}
	lines = append(lines, p.diskLines()...)
	lines, err = p.fenceLines(ctx, lines, err)
	for _, err := range p.unread {
		line := oneLine(err.Error())
		if !slices.ContainsFunc(lines, func(t string) bool { return strings.HasSuffix(t, line) }) {
			lines = append(lines, line)
		}
	}
	return lines, err
}

func (p *program) sourceStanding(ctx context.Context, name string, s *standing) error {
	state, err := p.db.SourceState(ctx, name)
	if err != nil {
		return err
	}
	one := sourceStatus{Name: name, Scanned: instant(state.Scanned), Held: state.Hold, Failure: state.Failure, Problems: append(append([]posts.Problem{}, state.Problems...), state.Rendering...)}
	s.Sources = append(s.Sources, one)
	waiting, err := p.db.Waiting(ctx, name, p.sh.now())
	for _, w := range waiting {
		reason := w.Reason
		if reason == "" {
			reason = "waits for its release"
		}
		s.Waiting = append(s.Waiting, waitingPost{Path: w.Path, Title: w.DisplayTitle(), Next: instant(w.Next), Reason: reason})
	}
	return err
}

// problemLine is path:line: what and what to do.
func problemLine(b posts.Problem) string {
	if b.Line > 0 {
		return fmt.Sprintf("%s:%d: %s", b.Path, b.Line, b.Message)
	}
	return b.Path + ": " + b.Message
}

func (s standing) print(sh *shell, zone *time.Location) error {
	t := times{now: sh.now(), zone: zone, runs: s.Holder != nil}
	if s.Holder != nil {
		sh.printf("running: tidings %s, process %d since %s\n", s.Holder.Command, s.Holder.PID, t.at(s.Holder.Since))
	} else {
		sh.printf("running: nothing schedules or sends\n")
	}
	for _, one := range s.Sources {
		last := "never scanned"
		if one.Scanned != nil {
			last = "scanned " + t.at(*one.Scanned)
		}
		sh.printf("source %s: %s\n", one.Name, last)
	}
	sh.printf("posts: %d in feeds, %d waiting\n", s.Posts, len(s.Waiting))
	for _, w := range s.Waiting {
		sh.printf("  %s: %s\n", plain(w.Path), plain(w.Reason))
	}
	for _, h := range s.Hubs {
		sh.printf("%s\n", plain(hubLine(h, t.ahead)))
	}
	for _, c := range s.Coming {
		sh.printf("next: %s (%s) %s\n", c.Digest, c.Cadence, t.at(c.At))
	}
	sh.printf("subscribers:")
	for _, state := range []mailer.SubscriberState{mailer.Active, mailer.Pending, mailer.Paused, mailer.Unsubscribed, mailer.Bounced, mailer.Complained} {
		if n := s.Readers[state]; n > 0 || state == mailer.Active {
			sh.printf(" %d %s", n, state)
		}
	}
	sh.printf("\n%s\n", lettersLine(s.Queue, t.runs))
	for _, one := range s.Servers {
		sh.printf("%s\n", plain(one.line(t)))
	}
	for _, w := range s.Waits {
		sh.printf("%s\n", plain(waitsLine(w, t)))
	}
	for _, line := range s.Trouble {
		sh.printf("! %s\n", plain(line))
	}
	return nil
}
