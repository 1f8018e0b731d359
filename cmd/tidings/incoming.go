package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"tidings.example/internal/mailbox"
	"tidings.example/internal/store"
	"tidings.example/mailer"
)

// The scopes of troubles with what comes back: places that cannot be read, and
// issues that wait for the owner's word.
const (
	incomingScope = "incoming"
	returnedScope = "returned"
)

// receiver reads what comes back.
func (p *program) receiver() *mailer.Receiver {
	return &mailer.Receiver{Paths: p.mail.returns, Tokens: p.mail.links.Tokens, Desk: p.db,
		Leave: mailer.LeaveMailbox{Mailbox: bare(p.config.Mail.Unsubscribe), Separator: p.config.Bounce.Separator}}
}

// take is the receiver as places of mail call it. What it does is told in the
// log where somebody is waiting for it.
func (p *program) take() mailbox.Take {
	receiver := p.receiver()
	return func(ctx context.Context, m mailbox.Message) (bool, error) {
		v, effect, err := receiver.Receive(ctx, mailer.Mail{Source: m.Source, To: m.To, Raw: m.Raw}, p.sh.now())
		switch {
		case err != nil:
			return false, err
		case effect == mailer.EffectSuppressed, effect == mailer.EffectUnsubscribed, effect == mailer.EffectHeld:
			p.log.Info("mail came back", "kind", v.Kind, "effect", effect, "by", m.Source)
		}
		return v.Kind.Understood(), nil
	}
}

// place is one mailbox that is read in rounds.
type place struct {
	name  string
	round func(context.Context, mailbox.Take) error
}

// places are the configured mailboxes.
func (p *program) places() (all []place, err error) {
	c := p.config.Bounce
	if c.Maildir != "" {
		all = append(all, place{"the Maildir " + c.Maildir, mailbox.Maildir{Dir: c.Maildir, Delete: c.Delete, Marks: p.db, Now: p.sh.now}.Round})
	}
	if c.Mbox != "" {
		all = append(all, place{"the mbox " + c.Mbox, mailbox.Mbox{Path: c.Mbox, Marks: p.db, Now: p.sh.now}.Round})
	}
	if o := c.POP3; o.Host != "" {
		config := &tls.Config{MinVersion: tls.VersionTLS12}
		if o.CAFile != "" {
			pem, err := os.ReadFile(o.CAFile)
			if err != nil {
				return nil, p.mistake("bounce.pop3.ca_file", err.Error())
			}
			config.RootCAs = x509.NewCertPool()
			if !config.RootCAs.AppendCertsFromPEM(pem) {
				return nil, p.mistake("bounce.pop3.ca_file", o.CAFile+" holds no certificate")
			}
		}
		all = append(all, place{"the POP3 mailbox at " + o.Host, mailbox.POP3{Host: o.Host, Port: o.Port, Security: o.TLS, TLS: config, Username: o.Username,
			Password: string(o.Password), Delete: c.Delete, Marks: p.db, Now: p.sh.now}.Round})
	}
	return all, nil
}

// readMail reads every mailbox once, and keeps which cannot be read. A mailbox
// that fails is no failure of what else is to be done.
func (p *program) readMail(ctx context.Context) error {
	all, err := p.places()
	if err != nil {
		return err
	}
	var found []store.Trouble
	for _, one := range all {
		err := one.round(ctx, p.take())
		if ctx.Err() != nil {
			return nil
		}
		if err != nil && !errors.Is(err, mailer.ErrTooEarly) {
			kind := "mail that comes back cannot be read"
			found = append(found, store.Trouble{Key: "incoming " + one.name, Kind: kind, What: one.name + ": " + kind + ": " + oneLine(err.Error())})
		}
	}
	p.telling.Lock()
	opened, ended, err := p.db.KeepTroubles(ctx, incomingScope, found, p.sh.now())
	p.telling.Unlock()
	p.logTroubles(opened, ended)
	return errors.Join(err, p.keepReturned(ctx))
}

func (p *program) logTroubles(opened, ended []store.Trouble) {
	for _, t := range opened {
		p.log.Error("trouble", "what", t.What)
	}
	for _, t := range ended {
		p.log.Info("trouble is over", "what", t.What)
	}
}

// keepReturned keeps which issues wait for the owner's word, tells of
// complaints, and forgets old mail.
func (p *program) keepReturned(ctx context.Context) error {
	held, err := p.db.SuspectIssues(ctx)
	if err != nil {
		return err
	}
	var found []store.Trouble
	for _, h := range held {
		kind := "very many letters of an issue came back"
		found = append(found, store.Trouble{Key: fmt.Sprintf("returned %d", h.Number), Kind: kind,
			What: fmt.Sprintf("issue %d of %s: %d of %d letters came back for good; nobody was suppressed for it. Look at tidings bounces; then tidings bounces believe %d (the readers are gone) or blame %d (the server was at fault)", h.Number, h.Digest, h.Returned, h.Letters, h.Number, h.Number)})
	}
	p.telling.Lock()
	_, _, err = p.db.KeepTroubles(ctx, returnedScope, found, p.sh.now())
	p.telling.Unlock()
	return errors.Join(err, p.tellComplaints(ctx), p.db.ForgetReturned(ctx, p.sh.now()))
}

// tellComplaints writes one letter to the owner of all complaints that no
// letter told of.
func (p *program) tellComplaints(ctx context.Context) error {
	if p.mail.publication.Contact == "" || len(p.mail.digests) == 0 {
		return nil
	}
	p.telling.Lock()
	defer p.telling.Unlock()
	news, err := p.db.Returned(ctx, store.ReturnedFilter{Untold: true, Limit: 1000})
	if err != nil || len(news) == 0 {
		return err
	}
	lines := []string{"These readers told their mail provider that a letter is spam. They get no more letters.", ""}
	for i, m := range news {
		if i == lettersLines {
			lines = append(lines, fmt.Sprintf("and %d more: tidings bounces list --kind complaint", len(news)-i))
			break
		}
		line := or(m.Address, "(erased)")
		if m.Issue > 0 {
			line += fmt.Sprintf(", issue %d", m.Issue)
		}
		lines = append(lines, plain(line+": "+m.Reply))
	}
	// The newest one names the letter: after a crash in between, it is not
	// written again.
	err = p.mail.signup.Tell(ctx, fmt.Sprintf("complaints %d", news[0].ID), count(len(news), "complaint")+" of spam", strings.Join(lines, "\n"), p.sh.now())
	if err != nil {
		return err
	}
	return p.db.ToldReturned(ctx, news, p.sh.now())
}

// receive reads the mailboxes in rounds.
func (g *generation) receive(ctx context.Context) error {
	every := time.NewTicker(time.Duration(g.p.config.Bounce.Every))
	defer every.Stop()
	for {
		if err := g.p.readMail(ctx); err != nil && ctx.Err() == nil {
			g.p.log.Error("read what came back", "error", err)
		}
		g.dispatcher.Wake()
		select {
		case <-ctx.Done():
			return nil
		case <-every.C:
		}
	}
}

// again is how long to wait before an address is listened at again that another
// has.
const again = 30 * time.Second

// takeIn takes the mail that a server hands over. An address that cannot be had
// is no reason to send no letters.
func (g *generation) takeIn(ctx context.Context) error {
	p, c := g.p, g.p.config.Bounce
	if c.Listen == "" {
		return p.keepListening(ctx, nil)
	}
	receiver := p.receiver()
	l := &mailbox.Listener{Address: c.Listen, SMTP: c.Protocol == "smtp", Domain: p.mailDomain(), Take: p.take(),
		Takes: func(ctx context.Context, address string) (bool, error) {
			return receiver.Takes(ctx, address, p.sh.now())
		}}
	for ctx.Err() == nil {
		address, serve, err := l.Open()
		if err == nil {
			p.log.Info("takes mail that comes back", "listen", address.String(), "protocol", c.Protocol)
			if kept := p.keepListening(ctx, nil); kept != nil && ctx.Err() == nil {
				p.log.Error("keep troubles", "error", kept)
			}
			err = serve(ctx)
		}
		if err == nil || ctx.Err() != nil {
			return nil
		}
		if err := p.keepListening(ctx, fmt.Errorf("bounce.listen: %w", err)); err != nil {
			return err
		}
		select {
		case <-ctx.Done():
		case <-time.After(again):
		}
	}
	return nil
}

// keepListening keeps whether mail can be handed over.
func (p *program) keepListening(ctx context.Context, failed error) error {
	var found []store.Trouble
	if failed != nil {
		kind := "mail that comes back is not taken"
		found = []store.Trouble{{Key: "listening", Kind: kind, What: kind + ": " + oneLine(failed.Error())}}
	}
	p.telling.Lock()
	opened, ended, err := p.db.KeepTroubles(ctx, "listening", found, p.sh.now())
	p.telling.Unlock()
	p.logTroubles(opened, ended)
	return errors.Join(err, p.tellOwner(ctx))
}
