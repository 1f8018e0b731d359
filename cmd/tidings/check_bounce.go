package main

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"tidings.example/posts"
)

// warning is a problem of the configuration that may be meant so.
func (p *program) warning(key, format string, args ...any) posts.Problem {
	m := p.config.Mistake(key, format, args...)
	return posts.Problem{Path: m.File, Line: m.Line, Message: m.Key + ": " + m.Message, Warning: true}
}

// checkBounce judges the places where mail comes back, and warns of a mailbox
// that letters name and nobody is said to read. What is not there yet is a
// warning: mail servers make it with the first message.
func (p *program) checkBounce() (out []posts.Problem, err error) {
	if _, err := p.places(); err != nil {
		return nil, err
	}
	b := p.config.Bounce
	if b.Maildir != "" {
		found, err := p.checkMaildir(b.Maildir)
		if err != nil {
			return nil, err
		}
		out = append(out, found...)
	}
	if info, err := os.Stat(b.Mbox); b.Mbox != "" && err == nil && info.IsDir() {
		return nil, p.mistake("bounce.mbox", b.Mbox+" is a folder, and an mbox is a file: for a Maildir write maildir")
	}
	if b.Maildir == "" && b.Mbox == "" && b.Listen == "" && b.POP3.Host == "" {
		out = append(out, p.nobodyReads()...)
	}
	return out, nil
}

// checkMaildir wants a folder with new and cur in it.
func (p *program) checkMaildir(dir string) ([]posts.Problem, error) {
	info, err := os.Stat(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return []posts.Problem{p.warning("bounce.maildir", "%s is not there: nothing that comes back is read before your mail server makes it", dir)}, nil
	case err != nil:
		return []posts.Problem{p.warning("bounce.maildir", "%v for the user who runs this check", err)}, nil
	case !info.IsDir():
		return nil, p.mistake("bounce.maildir", dir+" is a file, and a Maildir is a folder: for a file in mbox format write mbox")
	}
	for _, sub := range []string{"new", "cur"} {
		if _, err := os.ReadDir(filepath.Join(dir, sub)); errors.Is(err, fs.ErrNotExist) {
			return []posts.Problem{p.warning("bounce.maildir", "%s has no folder %s, so it is no Maildir yet: name the one that your mail server delivers to", dir, sub)}, nil
		} else if err != nil {
			return []posts.Problem{p.warning("bounce.maildir", "%v for the user who runs this check", err)}, nil
		}
	}
	return nil, nil
}

// nobodyReads names the mailboxes that letters name, where no key says who reads
// them.
func (p *program) nobodyReads() (out []posts.Problem) {
	for _, box := range []struct{ key, address, what string }{
		{"bounce.address", p.config.Bounce.Address, "letters come back"},
		{"mail.unsubscribe", p.config.Mail.Unsubscribe, "readers write to leave"},
	} {
		if box.address != "" {
			out = append(out, p.warning(box.key, "%s to %s, and no key of [bounce] says where that mail is read: set maildir, mbox, listen or pop3.host, or let your mail server hand it to tidings bounces import -", box.what, box.address))
		}
	}
	return out
}
