package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"golang.org/x/text/language"

	"tidings.example/internal/store"
	"tidings.example/mailer"
)

type subscribersCmd struct {
	Add        subscribersAddCmd        `cmd:"" help:"Add one address; it is asked to confirm, unless --consent says how it agreed."`
	List       subscribersListCmd       `cmd:"" default:"withargs" help:"List subscribers."`
	Show       subscribersShowCmd       `cmd:"" help:"Show all that is kept of an address."`
	Import     subscribersImportCmd     `cmd:"" help:"Import a list: CSV with an email column."`
	Export     subscribersExportCmd     `cmd:"" help:"Export subscribers as CSV."`
	Remove     subscribersRemoveCmd     `cmd:"" help:"Erase a person; only a keyed hash stays, so that no import brings them back."`
	Suppress   subscribersSuppressCmd   `cmd:"" help:"Never mail an address, whatever a list says."`
	Unsuppress subscribersUnsuppressCmd `cmd:"" help:"Lift a suppression of yours, or a complaint."`
}

// withDB runs work on a database beside a daemon, too.
func (sh *shell) withDB(ctx context.Context, work func(p *program) error) (err error) {
	p, err := sh.open(ctx, false)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, p.Close()) }()
	return work(p)
}

// lookup is withDB for work that does without the blog.
func (sh *shell) lookup(ctx context.Context, work func(p *program) error) (err error) {
	p, err := sh.look(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, p.Close()) }()
	return work(p)
}

// address reads an address from the command line.
func address(text string) (mailer.Address, error) {
	a, err := mailer.ParseAddress(mailer.TrimAddress(text))
	if err != nil {
		return a, usagef("%v", err)
	}
	return a, nil
}

type subscribersAddCmd struct {
	Address  string `arg:"" help:"An e-mail address."`
	Digest   string `placeholder:"NAME" help:"The newsletter; needed where there are several."`
	Consent  string `placeholder:"TEXT" help:"How they agreed; they are active at once."`
	Language string `placeholder:"TAG" help:"Their language, like en or zh-CN; the newsletter's without it."`
	TimeZone string `placeholder:"ZONE" help:"Their time zone; the newsletter's without it."`
	Cadence  string `placeholder:"CADENCE" help:"How often; the newsletter's first cadence without it."`
}

// Run adds one address.
func (c subscribersAddCmd) Run(ctx context.Context, sh *shell) error {
	a, err := address(c.Address)
	if err != nil {
		return err
	}
	return sh.withDB(ctx, func(p *program) error {
		d, err := p.digest(c.Digest)
		if err != nil {
			return err
		}
		if err := c.check(d); err != nil {
			return err
		}
		now := sh.now()
		outcome, reason, err := p.db.AddSubscriber(ctx, mailer.NewSubscriber{Address: a, Digest: d.Name, Consent: c.Consent, Language: c.Language, Zone: c.TimeZone, Cadence: mailer.Cadence(c.Cadence)}, now)
		if err != nil {
			return err
		}
		var asked asking
		if c.Consent == "" && (outcome == mailer.Added || outcome == mailer.Known) {
			if asked, err = p.invite(ctx, a, d.Name); err != nil {
				return err
			}
		}
		return c.added(sh, a, outcome, reason, asked)
	})
}

// check refuses preferences that nobody could serve.
func (c subscribersAddCmd) check(d *mailer.Digest) error {
	if c.TimeZone != "" {
		if _, err := time.LoadLocation(c.TimeZone); err != nil || c.TimeZone == "Local" {
			return usagef("--time-zone %s: no such zone; write it like Asia/Shanghai", c.TimeZone)
		}
	}
	if c.Language != "" {
		if _, err := language.Parse(c.Language); err != nil {
			return usagef("--language %s: no such language; write it like en or zh-CN", c.Language)
		}
	}
	if c.Cadence == "" {
		return nil
	}
	offered := []string{}
	for _, one := range d.Cadences {
		if string(one) == c.Cadence {
			return nil
		}
		offered = append(offered, string(one))
	}
	return usagef("--cadence %s: %s offers %s", c.Cadence, d.Name, strings.Join(offered, ", "))
}

// asking is what an invitation came to.
type asking int

const (
	notAsked    asking = iota // nothing is to be confirmed
	asked                     // a letter waits
	askedBefore               // within a day: another letter would be one too many
)

// invite asks a pending subscriber to confirm, at most once a day.
func (p *program) invite(ctx context.Context, a mailer.Address, digest string) (asking, error) {
	s, err := p.db.Subscriber(ctx, a)
	if err != nil {
		return notAsked, err
	}
	for _, one := range s.Subscriptions {
		if one.Digest != digest || !one.Confirmed.IsZero() || !one.Left.IsZero() {
			continue
		}
		posted, err := p.mail.signup.Invite(ctx, mailer.Applicant{Subscriber: s.ID, Address: s.Address, Language: s.Language}, digest, p.sh.now())
		if posted {
			return asked, err
		}
		return askedBefore, err
	}
	return notAsked, nil
}

// added tells what became of an address.
func (c subscribersAddCmd) added(sh *shell, a mailer.Address, outcome mailer.Outcome, reason mailer.Reason, ask asking) error {
	ignored := (outcome == mailer.Known || outcome == mailer.Confirmed) && c.Cadence+c.TimeZone+c.Language != ""
	if sh.args.JSON {
		if err := sh.printJSON(map[string]any{"address": a.Mailed, "outcome": outcome, "reason": reason, "asked": ask == asked, "preferences_ignored": ignored}); err != nil {
			return err
		}
	} else {
		line := map[mailer.Outcome]string{
			mailer.Added: "added", mailer.Confirmed: "was pending, is active now", mailer.Known: "is subscribed already",
			mailer.Left: "has left, and is not brought back: only their own sign-up does that", mailer.Blocked: "is suppressed (" + string(reason) + ")",
		}[outcome]
		switch ask {
		case asked:
			line = "is asked to confirm by a letter, at most one a day; tidings run or serve sends it"
		case askedBefore:
			line = "was asked within a day already; there is no second letter"
		}
		if ignored {
			line += "; preferences were not changed"
		}
		sh.printf("%s %s\n", a.Mailed, line)
	}
	if outcome == mailer.Left || outcome == mailer.Blocked {
		return &exitError{code: exitFindings}
	}
	return nil
}

type subscribersListCmd struct {
	State string `placeholder:"STATE" enum:",pending,active,paused,unsubscribed,bounced,complained" default:"" help:"Only those in a state: pending, active, paused, unsubscribed, bounced or complained."`
}

// Run streams the list.
func (c subscribersListCmd) Run(ctx context.Context, sh *shell) error {
	return sh.lookup(ctx, func(p *program) error {
		if !sh.args.JSON {
			sh.printf("%-12s  %-40s  %s\n", "STATE", "ADDRESS", "SUBSCRIPTIONS")
		}
		list := sh.jsonList()
		for s, err := range p.db.Subscribers(ctx, mailer.SubscriberState(c.State)) {
			if err != nil {
				return err
			}
			if sh.args.JSON {
				if err := list.add(s); err != nil {
					return err
				}
				continue
			}
			sh.printf("%-12s  %-40s  %s\n", s.State, plain(s.Address), subscriptions(s))
		}
		return list.end()
	})
}

// subscriptions is what somebody gets, in one line.
func subscriptions(s mailer.Subscriber) string {
	var out []string
	for _, one := range s.Subscriptions {
		text := one.Digest
		if one.Cadence != "" {
			text += " " + string(one.Cadence)
		}
		switch {
		case !one.Left.IsZero():
			text += " (left)"
		case one.Confirmed.IsZero():
			text += " (not confirmed)"
		}
		out = append(out, text)
	}
	return strings.Join(out, ", ")
}

type subscribersShowCmd struct {
	Address string `arg:"" help:"An e-mail address."`
}

// Run shows all that is kept of an address.
func (c subscribersShowCmd) Run(ctx context.Context, sh *shell) error {
	a, err := address(c.Address)
	if err != nil {
		return err
	}
	return sh.lookup(ctx, func(p *program) error {
		s, err := p.db.Subscriber(ctx, a)
		if errors.Is(err, store.ErrNoSubscriber) {
			return &exitError{code: exitFailed, err: err}
		}
		if err != nil {
			return err
		}
		if sh.args.JSON {
			return sh.printJSON(s)
		}
		when := func(t time.Time) string { return day(t, p.zone) }
		rows := [][]string{}
		if s.State != "" {
			rows = append(rows, []string{"STATE", string(s.State)}, []string{"SINCE", when(s.Created)}, []string{"CONFIRMED", when(s.Confirmed)}, []string{"LANGUAGE", or(s.Language, "of the newsletter")})
		}
		for _, one := range s.Subscriptions {
			rows = append(rows, []string{"SUBSCRIPTION", fmt.Sprintf("%s, cadence %s, served up to %d", one.Digest, or(string(one.Cadence), "of the newsletter"), one.Cursor)})
		}
		for _, one := range s.Consents {
			rows = append(rows, []string{"CONSENT", strings.TrimSpace(fmt.Sprintf("%s %s %s %s", when(one.At), one.Kind, one.Digest, one.Statement))})
		}
		for _, one := range s.Suppressions {
			rows = append(rows, []string{"SUPPRESSED", strings.TrimSpace(fmt.Sprintf("%s since %s %s", one.Reason, when(one.At), one.Note))})
		}
		return sh.table([]string{"ADDRESS", s.Address}, rows)
	})
}

type subscribersRemoveCmd struct {
	Address string `arg:"" help:"An e-mail address."`
}

// Run erases a person.
func (c subscribersRemoveCmd) Run(ctx context.Context, sh *shell) error {
	a, err := address(c.Address)
	if err != nil {
		return err
	}
	return sh.lookup(ctx, func(p *program) error {
		found, err := p.db.Erase(ctx, a, sh.now())
		if err != nil {
			return err
		}
		if sh.args.JSON {
			return sh.printJSON(map[string]bool{"found": found})
		}
		if found {
			sh.printf("erased; no import brings the address back\n")
		} else {
			sh.printf("nobody has this address; it is kept out of imports from now on\n")
		}
		return nil
	})
}

type subscribersSuppressCmd struct {
	Address string `arg:"" help:"An e-mail address."`
	Note    string `placeholder:"TEXT" help:"Why, for yourself."`
}

// Run suppresses an address.
func (c subscribersSuppressCmd) Run(ctx context.Context, sh *shell) error {
	return c.apply(ctx, sh, func(p *program, a mailer.Address) error {
		return p.db.Suppress(ctx, a, mailer.SuppressedOperator, c.Note, sh.now())
	}, "is suppressed: nothing is sent to it")
}

func (c subscribersSuppressCmd) apply(ctx context.Context, sh *shell, do func(*program, mailer.Address) error, words string) error {
	a, err := address(c.Address)
	if err != nil {
		return err
	}
	return sh.lookup(ctx, func(p *program) error {
		if err := do(p, a); err != nil {
			return err
		}
		if sh.args.JSON {
			return sh.printJSON(map[string]string{"address": a.Mailed})
		}
		sh.printf("%s %s\n", a.Mailed, words)
		return nil
	})
}

type subscribersUnsuppressCmd struct {
	Address string `arg:"" help:"An e-mail address."`
}

// Run lifts what the owner may lift.
func (c subscribersUnsuppressCmd) Run(ctx context.Context, sh *shell) error {
	return subscribersSuppressCmd{Address: c.Address}.apply(ctx, sh, func(p *program, a mailer.Address) error {
		lifted := false
		for _, reason := range []mailer.Reason{mailer.SuppressedOperator, mailer.SuppressedComplained} {
			ok, err := p.db.Unsuppress(ctx, a, reason)
			if err != nil {
				return err
			}
			lifted = lifted || ok
		}
		if !lifted {
			return fmt.Errorf("%s is not suppressed by you or by a complaint; tidings subscribers show tells why", a.Mailed)
		}
		return nil
	}, "is not suppressed any more")
}
