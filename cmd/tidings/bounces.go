package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"

	"tidings.example/internal/mailbox"
	"tidings.example/internal/store"
	"tidings.example/mailer"
)

type bouncesCmd struct {
	List    bouncesListCmd    `cmd:"" default:"withargs" help:"List what came back, newest first."`
	Show    bouncesShowCmd    `cmd:"" help:"Print a message that was kept for a person."`
	Import  bouncesImportCmd  `cmd:"" help:"Read mail that came back: one message, an mbox, a Maildir, or standard input."`
	Believe bouncesBelieveCmd `cmd:"" help:"Suppress the readers of an issue of which very many letters came back."`
	Blame   bouncesBlameCmd   `cmd:"" help:"Let them be: the server, not the readers, was at fault."`
}

type bouncesListCmd struct {
	Address string `arg:"" optional:"" help:"Only what is about this reader."`
	Kind    string `placeholder:"KIND" enum:",hard,bare,soft,policy,delayed,relayed,complaint,not-spam,unsubscribe,auto-reply,challenge,unproven,other" default:"" help:"Only one kind: hard, bare, soft, policy, delayed, relayed, complaint, not-spam, unsubscribe, auto-reply, challenge, unproven or other."`
	Limit   int    `default:"50" help:"How many."`
}

// Help tells what the kinds are.
func (bouncesListCmd) Help() string {
	return "Hard: the mailbox does not exist; bare: refused without a reason; soft: it cannot take mail now; policy: refused because of the sender or the letter; unproven: a report that nothing proves to be about a letter of ours; other: for a person to read (tidings bounces show)."
}

// Run lists what came back.
func (c bouncesListCmd) Run(ctx context.Context, sh *shell) error {
	if c.Limit < 1 {
		return usagef("--limit %d: write a number from 1 on", c.Limit)
	}
	return sh.lookup(ctx, func(p *program) error {
		list, err := p.db.Returned(ctx, store.ReturnedFilter{Address: c.Address, Kind: c.Kind, Limit: c.Limit})
		if err != nil {
			return err
		}
		if sh.args.JSON {
			if list == nil {
				list = []store.ReturnedMail{}
			}
			return sh.printJSON(list)
		}
		rows := [][]string{}
		for _, m := range list {
			issue, why := "-", or(m.Reply, m.Subject)
			if m.Issue > 0 {
				issue = strconv.FormatInt(m.Issue, 10)
			}
			rows = append(rows, []string{strconv.FormatInt(m.ID, 10), m.At.In(p.zone).Format("2006-01-02 15:04"), m.Kind, or(m.Address, or(m.From, "-")), issue, or(m.Effect, "waits"), m.Source, why})
		}
		return sh.table([]string{"ID", "CAME", "KIND", "ADDRESS", "ISSUE", "EFFECT", "BY", "WHY"}, rows)
	})
}

type bouncesShowCmd struct {
	ID int64 `arg:"" help:"The id of a message that tidings bounces list shows as other."`
}

// Run prints a message as it came.
func (c bouncesShowCmd) Run(ctx context.Context, sh *shell) error {
	return sh.lookup(ctx, func(p *program) error {
		text, err := p.db.ReturnedMessage(ctx, c.ID)
		if err != nil {
			return err
		}
		if text == nil {
			return usagef("no message %d was kept: tidings bounces list --kind other names them", c.ID)
		}
		if sh.args.JSON {
			return sh.printJSON(map[string]string{"message": string(text)})
		}
		sh.printf("%s\n", plain(string(bytes.ReplaceAll(text, []byte("\r\n"), []byte("\n")))))
		return nil
	})
}

type bouncesBelieveCmd struct {
	Number int64 `arg:"" help:"The number of an issue."`
}

// Run suppresses the readers of an issue that came back.
func (c bouncesBelieveCmd) Run(ctx context.Context, sh *shell) error {
	return settle(ctx, sh, c.Number, true)
}

type bouncesBlameCmd struct {
	Number int64 `arg:"" help:"The number of an issue."`
}

// Run leaves the readers of an issue that came back as they are.
func (c bouncesBlameCmd) Run(ctx context.Context, sh *shell) error {
	return settle(ctx, sh, c.Number, false)
}

func settle(ctx context.Context, sh *shell, number int64, believe bool) error {
	return sh.lookup(ctx, func(p *program) error {
		i, err := p.numbered(ctx, number)
		if err != nil {
			return err
		}
		n, err := p.db.SettleReturned(ctx, i.ID, believe, sh.now())
		if err != nil {
			return err
		}
		if err := p.keepReturned(ctx); err != nil {
			return err
		}
		if sh.args.JSON {
			return sh.printJSON(map[string]int{"settled": n})
		}
		outcome := "stay subscribed"
		if believe {
			outcome = "get no more letters"
		}
		sh.printf("issue %d: %s %s\n", number, count(n, "reader"), outcome)
		return nil
	})
}

type bouncesImportCmd struct {
	Path string   `arg:"" help:"A message, an mbox, a Maildir, or - for standard input."`
	To   []string `placeholder:"ADDRESS" help:"Where the mail server delivered the message to, where its header does not say."`
}

// Help tells how a mail server calls it.
func (bouncesImportCmd) Help() string {
	return "Each message counts once, however often it is read. Nothing is deleted or marked at its source. From a pipe of a mail server (.forward, procmail, a transport): tidings -c FILE bounces import -. It ends with exit code 75 where the message must be handed in again, whatever the reason, so that the mail server keeps it."
}

// Run reads mail from a file, a folder or a pipe.
func (c bouncesImportCmd) Run(ctx context.Context, sh *shell) error {
	err := sh.lookup(ctx, func(p *program) error { return c.read(ctx, sh, p) })
	if c.Path == "-" && err != nil {
		// A mail server takes any other code for "this cannot be delivered", and
		// sends a bounce of the bounce.
		return &exitError{code: exitAgain, err: err}
	}
	return err
}

// shownReturn is one message of an import.
type shownReturn struct {
	Kind    mailer.ReturnedKind   `json:"kind"`
	Effect  mailer.ReturnedEffect `json:"effect"`
	Status  string                `json:"status,omitempty"`
	Reply   string                `json:"reply,omitempty"`
	From    string                `json:"from,omitempty"`
	Subject string                `json:"subject,omitempty"`
}

func (c bouncesImportCmd) read(ctx context.Context, sh *shell, p *program) error {
	receiver, list, seen, failed := p.receiver(), sh.jsonList(), 0, 0
	var first error
	take := func(ctx context.Context, m mailbox.Message) (bool, error) {
		seen++
		v, effect, err := receiver.Receive(ctx, mailer.Mail{Source: m.Source, To: append(m.To, c.To...), Raw: m.Raw}, sh.now())
		if err != nil {
			if failed++; first == nil {
				first = err
			}
			sh.note("not read: %v", err)
			return false, ctx.Err()
		}
		if sh.args.JSON {
			return true, list.add(shownReturn{v.Kind, effect, v.Status, v.Reply, v.From, v.Subject})
		}
		shown := string(effect)
		if effect == mailer.EffectKnown {
			shown = "known already"
		}
		sh.printf("%-12s %-13s %s\n", v.Kind, shown, plain(or(v.Reply, v.Subject)))
		return true, nil
	}
	err := c.each(ctx, sh.in, take)
	if err == nil {
		err = list.end()
	}
	if err == nil && seen == 0 && c.Path != "-" {
		sh.note("%s: no message in it", c.Path)
	}
	if err == nil {
		err = p.keepReturned(ctx)
	}
	switch {
	case err != nil || failed == 0:
		return err
	case c.Path == "-" || errors.Is(first, mailer.ErrTooEarly):
		return &exitError{code: exitAgain, err: fmt.Errorf("%s to be handed in again", count(failed, "message"))}
	}
	return &exitError{code: exitPartly}
}

// each yields the messages at the path. What is no mail is refused where a
// person named it; a mail server's message is never handed back for its looks.
func (c bouncesImportCmd) each(ctx context.Context, in io.Reader, take mailbox.Take) error {
	if c.Path == "-" {
		return mailbox.Stream(ctx, "stdin", bufio.NewReader(in), take)
	}
	info, err := os.Stat(c.Path)
	switch {
	case errors.Is(err, os.ErrNotExist):
		return usagef("no file %s: name a message, an mbox or a Maildir, or - for standard input", c.Path)
	case err != nil:
		return err
	case info.IsDir():
		if _, err := os.Stat(filepath.Join(c.Path, "new")); errors.Is(err, os.ErrNotExist) {
			return usagef("%s is no Maildir: it has no folder new", c.Path)
		}
		return mailbox.Maildir{Dir: c.Path}.Each(ctx, take)
	}
	f, err := os.Open(c.Path)
	if err != nil {
		return err
	}
	r := bufio.NewReader(f)
	if beginning, err := r.Peek(mailbox.LookedAt); len(beginning) > 0 && !mailbox.Looks(beginning) {
		return errors.Join(usagef("%s is no mail: neither a message with a header nor an mbox", c.Path), f.Close())
	} else if err != nil && !errors.Is(err, io.EOF) {
		return errors.Join(err, f.Close())
	}
	return errors.Join(mailbox.Stream(ctx, "file", r, take), f.Close())
}
