package main

import "tidings.example/posts"

// checkBounce warns of a mailbox that letters name and nobody is said to read.
func (p *program) checkBounce() (out []posts.Problem) {
	b := p.config.Bounce
	if b.Maildir != "" || b.Mbox != "" || b.Listen != "" || b.POP3.Host != "" {
		return nil
	}
	for _, box := range []struct{ key, address, what string }{
		{"bounce.address", b.Address, "letters come back"},
		{"mail.unsubscribe", p.config.Mail.Unsubscribe, "readers write to leave"},
	} {
		if box.address == "" {
			continue
		}
		m := p.config.Mistake(box.key, "%s to %s, and no key of [bounce] says where that mail is read: set maildir, mbox, listen or pop3.host, or let your mail server hand it to tidings bounces import -", box.what, box.address)
		out = append(out, posts.Problem{Path: m.File, Line: m.Line, Message: m.Key + ": " + m.Message, Warning: true})
	}
	return out
}
