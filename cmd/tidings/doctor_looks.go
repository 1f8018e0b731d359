package main

import (
	"context"
	"fmt"
	"path/filepath"
	"time"

	"tidings.example/internal/doctor"
	"tidings.example/mailer"
)

// server connects to each mail server as for a letter.
func (e *examiner) server(ctx context.Context) []doctor.Finding {
	c := e.p.config.Mail
	if c.Transport != "smtp" {
		return []doctor.Finding{finding("smtp", doctor.Skip, "letters go into a folder (mail.transport = \"maildir\"): no mail server is asked", "")}
	}
	var found []doctor.Finding
	for _, s := range c.Out() {
		t, err := newTransport(s)
		if err != nil {
			found = append(found, finding("smtp", doctor.Fail, err.Error(), "correct the server's section in the configuration"))
			continue
		}
		p, reply := t.Probe(ctx)
		m := doctor.MailServer{Name: t.Address(), TLS: p.TLS, User: s.Username, Offers: p.Offers, Size: p.Size}
		if reply != (mailer.Reply{}) {
			m.Phase, m.Fault = reply.Phase.String(), said(reply)
		}
		found = append(found, m.Judge(time.Now())...)
	}
	return found
}

// said is an answer without its phase.
func said(r mailer.Reply) string {
	if r.Err != nil {
		return r.Err.Error()
	}
	return fmt.Sprintf("%d %s", r.Code, r.Text)
}

// pages opens the link to unsubscribe as a reader does: that of nobody.
func (e *examiner) pages(ctx context.Context) []doctor.Finding {
	base := e.p.config.Web.URL
	switch {
	case len(e.p.mail.digests) == 0:
		return []doctor.Finding{finding("unsubscribe", doctor.Skip, "there is no newsletter, so nobody leaves one", "")}
	case base == "":
		return []doctor.Finding{finding("unsubscribe", doctor.Skip, "web.url is not set: nobody else reaches the pages yet", "")}
	}
	w := doctor.Web{Client: doctor.Client(webPatience), Now: time.Now()}
	return w.Unsubscribe(ctx, e.p.mail.links.Unsubscribe(0, e.p.mail.digests[0].Name))
}

// webPatience is how long a page may take; mail programs do not wait longer.
const webPatience = 10 * time.Second

// machine looks at the disk and at who may read secrets.
func (e *examiner) machine(context.Context) []doctor.Finding {
	c := e.p.config
	path := c.Database.Path
	secrets := []string{path, path + "-wal", path + "-shm", c.Bounce.POP3.PasswordFile}
	for _, s := range c.Mail.Out() {
		secrets = append(secrets, s.PasswordFile)
	}
	return append(doctor.Secrets(secrets...), doctor.Disk(filepath.Dir(path)))
}

// database looks through the database.
func (e *examiner) database(ctx context.Context) []doctor.Finding {
	faults, err := e.p.db.QuickCheck(ctx)
	if err != nil {
		return []doctor.Finding{finding("database", doctor.Warn, err.Error(), "run it again with a longer --timeout")}
	}
	out := e.fence(ctx)
	for _, f := range faults {
		out = append(out, finding("database", doctor.Fail, "SQLite finds a fault: "+f, "stop tidings, keep a copy of the file, and restore a backup"))
	}
	if len(faults) == 0 {
		out = append(out, finding("database", doctor.OK, e.p.db.Path()+" is sound", ""))
	}
	out = append(out, e.writing(ctx)...)
	return append(out, e.ledger(ctx)...)
}

// writing looks whether the database can be written, by us and by the process
// that mails: a limit may hold for that one alone.
func (e *examiner) writing(ctx context.Context) (out []doctor.Finding) {
	const room = "make room, and look at quotas, limits on the size of files, and who may write there"
	if h, on := e.p.db.Holder(); on && h.Fault != nil {
		out = append(out, finding("database", doctor.Fail, faultLine(h, e.p.zone), room))
	}
	if err := e.p.db.Probe(ctx); err != nil {
		out = append(out, finding("database", doctor.Fail, err.Error(), room))
	}
	return out
}

// breaches is how many breaches of the ledger's rules are told.
const breaches = 20

// ledger looks whether the ledger keeps its rules.
func (e *examiner) ledger(ctx context.Context) (out []doctor.Finding) {
	for line, err := range e.p.db.Invariants(ctx, e.p.sh.now()) {
		switch {
		case err != nil:
			return append(out, finding("ledger", doctor.Warn, err.Error(), "run it again with a longer --timeout"))
		case len(out) == breaches:
			return append(out, finding("ledger", doctor.Fail, "and more", "see those above"))
		}
		out = append(out, finding("ledger", doctor.Fail, line, "keep a copy of the database and tell the makers of tidings"))
	}
	if len(out) == 0 {
		out = append(out, finding("ledger", doctor.OK, "every letter is where the rules of the ledger want it", ""))
	}
	return out
}

// fence looks whether the database is the newest and the only one.
func (e *examiner) fence(ctx context.Context) []doctor.Finding {
	f, err := e.p.db.Fence(ctx)
	switch {
	case err != nil:
		return []doctor.Finding{finding("fence", doctor.Warn, err.Error(), "run it again")}
	case f != nil:
		return []doctor.Finding{finding("fence", doctor.Fail, f.String(), "tidings resume tells what may be missing, and lets it mail")}
	}
	return []doctor.Finding{finding("fence", doctor.OK, "no sign that the database is an old one or a copy", "")}
}
