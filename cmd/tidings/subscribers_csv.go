package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime/debug"

	"tidings.example/mailer"
)

type subscribersImportCmd struct {
	File     string `arg:"" type:"existingfile" help:"The list: CSV with an email column, or one address a line; - is standard input."`
	Digest   string `placeholder:"NAME" help:"The newsletter; needed where there are several."`
	Consent  string `placeholder:"TEXT" help:"How they agreed; without it they are pending and get nothing until they confirm."`
	Ask      bool   `help:"Send those who are pending the letter that asks them to confirm."`
	DryRun   bool   `help:"Show what would happen, and change nothing."`
	Problems string `placeholder:"FILE" help:"Write every line that was not taken, or not wholly, to a new CSV file."`
}

// Help tells what an import respects.
func (subscribersImportCmd) Help() string {
	return "Reads what listmonk, Mailchimp, Substack, Ghost, Keila, Buttondown, MailPoet and tidings export. People who left, bounced or were blocked, there or here, are never brought back. Exit code 3: some lines were not taken; standard error names the first fifty and counts the others."
}

// Run imports a list.
func (c subscribersImportCmd) Run(ctx context.Context, sh *shell) error {
	// Of what an import allocates hardly anything lives on: collecting it often
	// costs little, and a third of the memory is saved.
	defer debug.SetGCPercent(debug.SetGCPercent(20))
	return sh.withDB(ctx, func(p *program) (err error) {
		d, err := p.digest(c.Digest)
		if err != nil {
			return err
		}
		var list io.Reader = sh.in
		if c.File != "-" {
			f, err := os.Open(c.File)
			if err != nil {
				return err
			}
			defer f.Close()
			list = f
		}
		wrong, err := newProblems(sh, c.File, c.Problems)
		if err != nil {
			return err
		}
		var sum mailer.ImportSummary
		done := sh.progress("import")
		err = p.db.Import(ctx, mailer.ReadList(list), mailer.ImportOptions{Digest: d.Name, Consent: c.Consent, DryRun: c.DryRun}, sh.now(), func(i mailer.Imported) error {
			sum.Count(i)
			return wrong.add(i.Row)
		})
		done()
		err = errors.Join(err, wrong.end())
		asked := 0
		if err == nil && c.Ask && !c.DryRun {
			asked, err = p.askPending(ctx, d.Name)
		}
		if err != nil {
			err = fmt.Errorf("%s: %w", c.File, err)
		}
		if err != nil && sum.Rows == 0 && !sh.args.JSON {
			return err
		}
		return errors.Join(err, c.report(sh, sum, asked))
	})
}

// askPending sends the letter that asks for a confirmation to everybody who is
// pending, at most once a day, and counts the letters.
func (p *program) askPending(ctx context.Context, digest string) (int, error) {
	n := 0
	for s, err := range p.db.Subscribers(ctx, mailer.Pending) {
		if err != nil {
			return n, err
		}
		for _, one := range s.Subscriptions {
			if one.Digest != digest || !one.Confirmed.IsZero() || !one.Left.IsZero() {
				continue
			}
			posted, err := p.mail.signup.Invite(ctx, mailer.Applicant{Subscriber: s.ID, Address: s.Address, Language: s.Language}, digest, p.sh.now())
			if err != nil {
				return n, err
			}
			if posted {
				n++
			}
		}
	}
	return n, nil
}

func (c subscribersImportCmd) report(sh *shell, s mailer.ImportSummary, asked int) error {
	if sh.args.JSON {
		if err := sh.printJSON(s); err != nil {
			return err
		}
	} else {
		verb := "imported"
		if c.DryRun {
			verb = "would import"
		}
		sh.printf("%s: %s %d (%d active, %d pending), %d known, %d left before, %d blocked, %d to the suppressions, %d not taken\n",
			count(s.Rows, "row"), verb, s.Added+s.Confirmed, s.Active, s.Added+s.Confirmed-s.Active, s.Known, s.Left, s.Blocked, s.Suppressed, s.Problems)
		if asked > 0 {
			sh.printf("%d are asked to confirm by a letter; tidings run or serve sends it\n", asked)
		}
	}
	if s.Problems > 0 {
		return &exitError{code: exitPartly}
	}
	return nil
}

type subscribersExportCmd struct {
	State        string `placeholder:"STATE" enum:",pending,active,paused,unsubscribed,bounced,complained" default:"" help:"Only those in a state."`
	Suppressions bool   `help:"Export the suppressions instead: keep them with your backups."`
}

// Run writes CSV to standard output.
func (c subscribersExportCmd) Run(ctx context.Context, sh *shell) error {
	return sh.lookup(ctx, func(p *program) error {
		if !c.Suppressions {
			if sh.args.JSON {
				return subscribersListCmd{State: c.State}.Run(ctx, sh)
			}
			return mailer.WriteCSV(sh.out, p.db.Subscribers(ctx, mailer.SubscriberState(c.State)))
		}
		if sh.args.JSON {
			list := sh.jsonList()
			for s, err := range p.db.Suppressions(ctx) {
				if err == nil {
					err = list.add(s)
				}
				if err != nil {
					return err
				}
			}
			return list.end()
		}
		keys, err := p.db.Keys(ctx, "erasure", sh.now())
		if err != nil {
			return err
		}
		return mailer.WriteSuppressionsCSV(sh.out, keys[0].ID, p.db.Suppressions(ctx))
	})
}
