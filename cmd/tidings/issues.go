package main

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"tidings.example/internal/store"
	"tidings.example/mailer"
)

type issuesCmd struct {
	List   issuesListCmd   `cmd:"" default:"withargs" help:"List the issues that went out, newest first."`
	Show   issuesShowCmd   `cmd:"" help:"Show what became of an issue's letters."`
	WhoGot issuesWhoGotCmd `cmd:"" help:"Tell what became of the letters of an issue: of every reader's, or of one."`
	Retry  issuesRetryCmd  `cmd:"" help:"Queue again what is in doubt (in_doubt = \"hold\") and what failed."`
	Cancel issuesCancelCmd `cmd:"" help:"Stop an issue: letters that did not begin to go are cancelled, their posts come later."`
}

type issuesListCmd struct {
	Limit int `default:"50" help:"How many."`
}

// Help tells how to use the list in scripts.
func (issuesListCmd) Help() string {
	return "In JSON state is open, held or finished, and states counts the letters: queued, leased, inflight, deferred and unknown are open; sent, bounced, skipped, failed, expired and cancelled are not."
}

// issueState is how an issue stands.
type issueState string

const (
	issueOpen     issueState = "open"
	issueHeld     issueState = "held" // it waits for its owner
	issueFinished issueState = "finished"
)

// shownIssue is an issue with the fate of its letters.
type shownIssue struct {
	mailer.Issue
	State       issueState                   `json:"state"`
	Recipients  int                          `json:"recipients"`
	States      map[mailer.DeliveryState]int `json:"states"`
	Undelivered []store.Undelivered          `json:"undelivered,omitempty"`
}

// Run lists issues.
func (c issuesListCmd) Run(ctx context.Context, sh *shell) error {
	if c.Limit < 1 {
		return usagef("--limit %d: write a number from 1 on", c.Limit)
	}
	return sh.lookup(ctx, func(p *program) error {
		issues, err := p.db.Issues(ctx, c.Limit)
		if err != nil {
			return err
		}
		shown, rows := []shownIssue{}, [][]string{}
		for _, i := range issues {
			s, err := p.shown(ctx, i)
			if err != nil {
				return err
			}
			shown = append(shown, s)
			rows = append(rows, []string{strconv.FormatInt(i.Number, 10), i.Digest, string(i.Cadence), i.Opened.In(p.zone).Format("2006-01-02 15:04"), strconv.Itoa(s.Recipients), s.stands()})
		}
		if sh.args.JSON {
			return sh.printJSON(shown)
		}
		return sh.table([]string{"ISSUE", "NEWSLETTER", "CADENCE", "OPENED", "LETTERS", "STATE"}, rows)
	})
}

// shown counts the letters of an issue.
func (p *program) shown(ctx context.Context, i mailer.Issue) (shownIssue, error) {
	t, err := p.db.Tally(ctx, i.ID)
	if err != nil {
		return shownIssue{}, err
	}
	s := shownIssue{Issue: i, State: issueFinished, Recipients: t.Recipients(), States: t}
	switch {
	case t.Open() > 0 && !i.Held.IsZero():
		s.State = issueHeld
	case t.Open() > 0:
		s.State = issueOpen
	}
	return s, nil
}

// stands says in words how an issue stands.
func (s shownIssue) stands() string {
	if s.State == issueHeld {
		return "held, " + finished(s.States)
	}
	return finished(s.States)
}

// finished says that an issue is finished only when nothing of it is open.
func finished(t mailer.Tally) string {
	switch open, missing := t.Open(), t.Recipients()-t[mailer.Sent]; {
	case open > 0:
		return fmt.Sprintf("%d open", open)
	case missing > 0:
		return fmt.Sprintf("finished, %d undelivered", missing)
	}
	return "finished"
}

type issuesShowCmd struct {
	Number int64 `arg:"" help:"The number of an issue."`
}

const (
	// listedUndelivered is how many letters that were not sent JSON lists;
	// shownUndelivered is how many a person is shown.
	listedUndelivered = 1000
	shownUndelivered  = 20
)

// Run shows one issue.
func (c issuesShowCmd) Run(ctx context.Context, sh *shell) error {
	return sh.lookup(ctx, func(p *program) error {
		i, err := p.numbered(ctx, c.Number)
		if err != nil {
			return err
		}
		s, err := p.shown(ctx, i)
		if err != nil {
			return err
		}
		if s.Undelivered, err = p.db.Undelivered(ctx, i.ID, listedUndelivered); err != nil {
			return err
		}
		if sh.args.JSON {
			return sh.printJSON(s)
		}
		return sh.table([]string{"ISSUE", strconv.FormatInt(i.Number, 10)}, s.rows(p.zone))
	})
}

// rows are what a person is shown of an issue.
func (s shownIssue) rows(zone *time.Location) [][]string {
	when := func(t time.Time) string {
		if t.IsZero() {
			return "-"
		}
		return t.In(zone).Format("2006-01-02 15:04 MST")
	}
	rows := [][]string{{"NEWSLETTER", s.Digest + ", " + string(s.Cadence) + " " + s.Label}, {"OPENED", when(s.Opened)}, {"CLOSED", when(s.Closed)},
		{"LETTERS", fmt.Sprintf("%d: %s", s.Recipients, s.stands())}}
	if !s.Held.IsZero() && s.Closed.IsZero() && s.Cancelled.IsZero() {
		rows = append(rows, []string{"HELD", fmt.Sprintf("since %s: tidings issues retry %d mails what is left, tidings issues cancel %d ends it", when(s.Held), s.Number, s.Number)})
	}
	for _, state := range deliveryStates {
		if n := s.States[state]; n > 0 {
			rows = append(rows, []string{"", fmt.Sprintf("%d %s", n, state)})
		}
	}
	for _, u := range s.Undelivered[:min(len(s.Undelivered), shownUndelivered)] {
		rows = append(rows, []string{"", fmt.Sprintf("%s %s: %s %s", u.State, or(u.Address, "(erased)"), u.Cause, u.Reply)})
	}
	if more := s.Recipients - s.States[mailer.Sent] - shownUndelivered; more > 0 {
		rows = append(rows, []string{"", fmt.Sprintf("and %d more: tidings issues who-got %d --state STATE", more, s.Number)})
	}
	return rows
}

// numbered finds an issue by its number.
func (p *program) numbered(ctx context.Context, number int64) (mailer.Issue, error) {
	i, found, err := p.db.IssueNumbered(ctx, number)
	if err == nil && !found {
		err = usagef("no issue %d: tidings issues list names them", number)
	}
	return i, err
}

type issuesRetryCmd struct {
	Number int64 `arg:"" help:"The number of an issue."`
}

// Run queues again; the daemon, or the next run, sends.
func (c issuesRetryCmd) Run(ctx context.Context, sh *shell) error {
	return sh.lookup(ctx, func(p *program) error {
		i, err := p.numbered(ctx, c.Number)
		if err != nil {
			return err
		}
		if !i.Cancelled.IsZero() {
			return &exitError{code: exitFindings, err: fmt.Errorf("issue %d was cancelled: nothing of it goes again; posts of it that readers lack come with the next issue, or now by tidings send %s", c.Number, i.Digest)}
		}
		n, err := p.db.RetryIssue(ctx, i.ID, sh.now())
		if err != nil {
			return err
		}
		if sh.args.JSON {
			return sh.printJSON(n)
		}
		if n.Released > 0 {
			sh.printf("issue %d is held no longer: %s to go\n", c.Number, count(n.Released, "letter"))
		}
		sh.printf("issue %d: %s queued again\n", c.Number, count(n.Queued, "letter"))
		return nil
	})
}

type issuesCancelCmd struct {
	Number int64 `arg:"" help:"The number of an issue."`
}

// Run cancels what did not begin to go.
func (c issuesCancelCmd) Run(ctx context.Context, sh *shell) error {
	return sh.lookup(ctx, func(p *program) error {
		i, err := p.numbered(ctx, c.Number)
		if err != nil {
			return err
		}
		n, err := p.db.CancelIssue(ctx, i.ID, sh.now())
		if err != nil {
			return err
		}
		if sh.args.JSON {
			return sh.printJSON(map[string]int{"cancelled": n.Letters, "in_doubt": n.InDoubt})
		}
		sh.printf("issue %d: %s cancelled; letters under way arrive\n", c.Number, count(n.Letters, "letter"))
		if n.InDoubt > 0 {
			sh.printf("%d of them may have arrived: their posts do not come again\n", n.InDoubt)
		}
		return nil
	})
}
