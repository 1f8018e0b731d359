package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"tidings.example/internal/store"
	"tidings.example/posts"
)

type resumeCmd struct {
	Open string `placeholder:"WHAT" enum:",hold,send,done" default:"" help:"What becomes of letters that are open here and may have gone out: hold, send or done."`
}

// Help tells when it is needed.
func (resumeCmd) Help() string {
	return "Lets a database mail that knows that it may be old or a copy: a backup that was restored, a folder that was copied or moved, a mark that was lost. Without --open it explains; after a backup it holds. " +
		"hold: open issues wait for tidings issues retry or cancel, or for resume with send or done, and what fell due meanwhile counts as mailed, so that nobody gets anything twice. " +
		"send: this database is the newest and the only one, or copies do not matter; everything goes on as it was. " +
		"done: open issues end as if they had gone out, and what fell due meanwhile counts as mailed. " +
		"A letter that goes again, by send or by tidings issues retry, has the Message-ID of the first one, but a new date and new signatures: when that one went is not in the backup. Exit code 2: it depends on what you know."
}

// resumed is what resume did.
type resumed struct {
	Fence  *store.Fence      `json:"fence"`
	Open   string            `json:"open,omitempty"`
	Issues []store.OpenIssue `json:"issues"`
	Slots  int               `json:"slots"` // counted as mailed
}

// Run lifts the fence, after what is in doubt was decided.
func (c resumeCmd) Run(ctx context.Context, sh *shell) error {
	return sh.withDB(ctx, func(p *program) error {
		f, err := p.db.Fence(ctx)
		if err != nil {
			return err
		}
		out := resumed{Fence: f, Issues: []store.OpenIssue{}}
		if f == nil {
			return p.decideHeld(ctx, c.Open)
		}
		if out.Issues, err = p.db.OpenIssues(ctx); err != nil {
			return err
		}
		if out.Open = c.Open; out.Open == "" {
			if !f.Older() {
				return &exitError{code: exitUsage, err: errors.New(choices(*f, p.db.Path(), out.Issues))}
			}
			out.Open = "hold"
		}
		if out.Open != "send" {
			if out.Slots, err = p.forgo(ctx, out); err != nil {
				return err
			}
		}
		if err := p.db.Lift(ctx, *f); err != nil {
			return err
		}
		if err := p.keepFence(ctx, nil); err != nil {
			return err
		}
		return p.showResumed(out)
	})
}

// forgo counts as mailed what fell due by now, posts that no scan has seen yet
// included, and holds or ends the issues that are open.
func (p *program) forgo(ctx context.Context, r resumed) (slots int, err error) {
	round, err := p.round(ctx, p.publisher(false), p.sh.now(), posts.ScanOptions{})
	switch {
	case err != nil && !errors.Is(err, posts.ErrConflict): // another process has just scanned
		return 0, fmt.Errorf("the posts of today must be known first: %w", err)
	case round.Held:
		return 0, errors.New("the posts of today must be known first, and the scan is held: see tidings status, then tidings scan --accept")
	}
	now := p.sh.now()
	if r.Open == "hold" {
		err = p.db.HoldIssues(ctx, now)
	} else {
		for _, i := range r.Issues {
			err = errors.Join(err, p.db.EndIssue(ctx, i.ID, now))
		}
	}
	if err != nil {
		return 0, err
	}
	if slots, err = p.mail.engine.Forgo(ctx, "counts as mailed: a backup was restored", now); err != nil {
		return slots, err
	}
	return slots, p.db.SkipToNow(ctx)
}

// choices is one screen that lets the owner choose.
func choices(f store.Fence, path string, open []store.OpenIssue) string {
	return fmt.Sprintf(`mailing waits: %s.
Nothing of %s is mailed before you choose; feeds and scans go on.

  tidings resume --open send   This is the only one, and the newest: the folder was moved,
                               the disk replaced. %s as usual.
  tidings resume --open hold   It may be old: letters may have gone out that it does not
                               know of. Open issues wait for tidings issues retry or
                               cancel; what fell due until now counts as mailed.
  tidings resume --open done   It is old, and what was open has gone out since.

If another copy is mailing, choose nothing here, and stop one of them: both would mail everybody.`, f, path, goesOn(open))
}

func goesOn(open []store.OpenIssue) string {
	if len(open) == 0 {
		return "No issue is open; all goes on"
	}
	return "Open: " + issueList(open) + ", which go on"
}

// issueList names issues.
func issueList(open []store.OpenIssue) string {
	var words []string
	unnumbered := 0
	for _, i := range open {
		if i.Number == 0 {
			unnumbered++
			continue
		}
		words = append(words, fmt.Sprintf("issue %d", i.Number))
	}
	if unnumbered > 0 {
		words = append(words, count(unnumbered, "issue")+" without letters yet")
	}
	return strings.Join(words, ", ")
}

// decideHeld is a second thought: the database may mail, and what an earlier
// resume held goes or ends all the same.
func (p *program) decideHeld(ctx context.Context, open string) error {
	held, err := p.db.HeldIssues(ctx)
	if err != nil {
		return err
	}
	out := resumed{Open: open, Issues: held}
	if len(held) == 0 {
		out.Open = ""
	} else if open == "" {
		out.Open = "hold"
	}
	for _, i := range held {
		switch open {
		case "send":
			_, err = p.db.ReleaseIssue(ctx, i.ID)
		case "done":
			err = p.db.EndIssue(ctx, i.ID, p.sh.now())
		}
		if err != nil {
			return err
		}
	}
	return p.showResumed(out)
}

func (p *program) showResumed(r resumed) error {
	sh := p.sh
	if sh.args.JSON {
		return sh.printJSON(r)
	}
	if r.Fence == nil {
		waits := "Nothing waits: this"
		if len(r.Issues) > 0 {
			waits = "This"
		}
		sh.printf("%s database may mail.\n", waits)
		sh.printDecided(r)
		return nil
	}
	sh.printf("Mailing goes on: a running daemon sees it within a second.\n")
	if r.Fence.Letters > 0 {
		sh.printf("Up to %s went out that this database does not know of.\n", count(int(r.Fence.Letters), "letter"))
	}
	sh.printDecided(r)
	if r.Open != "send" {
		sh.printf("What fell due until now counts as mailed (%s): tidings send NEWSLETTER --since DATE mails it to those who, as far as this database knows, have not got it.\n", count(r.Slots, "slot"))
	}
	return nil
}

// printDecided says what becomes of the issues that were open.
func (sh *shell) printDecided(r resumed) {
	switch {
	case len(r.Issues) == 0:
	case r.Open == "hold":
		sh.printf("Held: %s: tidings issues retry NUMBER sends what is left, tidings issues cancel NUMBER ends it.\n", issueList(r.Issues))
	case r.Open == "done":
		sh.printf("Ended as mailed: %s.\n", issueList(r.Issues))
	default:
		sh.printf("Open: %s: letters that went out meanwhile go out again.\n", issueList(r.Issues))
	}
}
