package main

import (
	"fmt"
	"os"
	"path/filepath"

	"tidings.example/posts"
)

// checkFolders refuses a file where a folder is to be, and the other way round.
func (p *program) checkFolders() error {
	c := p.config
	if info, err := os.Stat(c.Mail.Maildir.Dir); err == nil && !info.IsDir() && c.Mail.Transport == "maildir" {
		return p.mistake("mail.maildir.dir", c.Mail.Maildir.Dir+" is a file, and letters need a folder: name another one")
	}
	if info, err := os.Stat(c.Database.Path); err == nil && info.IsDir() {
		return p.mistake("database.path", c.Database.Path+" is a folder: name a file in it, like \""+filepath.Join(filepath.Base(c.Database.Path), "tidings.db")+"\"")
	}
	return nil
}

// checkServers warns of what mail servers are hardly meant to be told.
func (p *program) checkServers() (out []posts.Problem) {
	m := p.config.Mail
	key := func(i int) string {
		if len(m.Servers) > 0 {
			return fmt.Sprintf("mail.server[%d]", i)
		}
		return "mail.smtp"
	}
	for i, s := range m.Out() {
		if m.Transport != "smtp" {
			if s.Host != "" {
				out = append(out, p.warning(key(i)+".host", "no letter goes to this server: they are written into %s while mail.transport is %q; write transport = \"smtp\"", m.Maildir.Dir, m.Transport))
			}
			continue
		}
		if other := spoken(s.Port, s.TLS, 465, 25, 587); other != "" {
			out = append(out, p.warning(key(i)+".tls", "servers that listen at port %d want tls = %q, and %q fails there", s.Port, other, s.TLS))
		}
		if s.Username == "" && s.Password != "" {
			out = append(out, p.warning(key(i)+".username", "missing: there is a password, and without a name nobody logs in"))
		}
	}
	if in := p.config.Bounce.POP3; in.Host != "" {
		if other := spoken(in.Port, in.TLS, 995, 110); other != "" {
			out = append(out, p.warning("bounce.pop3.tls", "servers that listen at port %d want tls = %q, and %q fails there", in.Port, other, in.TLS))
		}
	}
	return out
}

// spoken is what a port wants where tls says another thing, "" where it may be
// right: RFC 8314 has one port that begins with TLS, and others that turn to it.
func spoken(port int, tls string, sealed int, open ...int) string {
	if port == sealed && tls != "tls" {
		return "tls"
	}
	for _, one := range open {
		if port == one && tls == "tls" {
			return "starttls"
		}
	}
	return ""
}
