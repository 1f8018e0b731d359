package mailer

import (
	"context"
	"strings"
	"time"
)

// putsOff begins the reason of a server that answers and takes nothing.
const putsOff = "answers, but puts letters off: "

// putOffFrom is how many letters in a row are put off by a server that took
// others before. A few mailboxes that are full say nothing of the server.
const putOffFrom = 3

// putOff is how a server answers that has put off every letter of late. The
// flow's lock guards it.
type putOff struct {
	took    bool      // it took a letter, or refused one for good
	letters int       // of issues, put off in a row at their first try
	since   time.Time // of the first of them
	said    string    // the last answer of that kind, whatever came after
}

// note takes down what the outcome of an attempt says of the server's mind.
// Letters that were put off before are tried on their own: they say nothing
// new. Notices may be to anybody, and a mailbox that is full or closed is no
// trouble of the server's.
func (p *putOff) note(now time.Time, class Class, a attempt) {
	switch class {
	case Accepted, HardBounce, BareBounce, Rejected:
		p.took, p.letters = true, 0
	case Postponed:
		p.said = clip(a.reply.String())
		if a.letter.Notice || a.letter.Attempts > 0 || a.reply.Enhanced == "4.2.1" || a.reply.Enhanced == "4.2.2" {
			return
		}
		if p.letters == 0 {
			p.since = now
		}
		p.letters++
	}
}

// all tells whether the server puts off whatever it gets.
func (p *putOff) all() bool {
	return p.letters >= putOffFrom || p.letters > 0 && !p.took
}

// recall goes on where an earlier process left: what that has put off may be
// all there is to try.
func (p *putOff) recall(kept ServerStatus, now time.Time) {
	if said, ok := strings.CutPrefix(kept.Reason, putsOff); ok && kept.PutsOff && p.letters == 0 {
		p.letters, p.said, p.since = putOffFrom, said, kept.Since
		if p.since.After(now) {
			p.since = now
		}
	}
}

// recall reads which servers put letters off when they were tried last.
func (d *Dispatcher) recall(ctx context.Context) error {
	kept, err := d.c.Book.Servers(ctx)
	if err != nil {
		return err
	}
	for _, k := range kept {
		for _, s := range d.servers {
			if s.Name == k.Name {
				s.flow.mu.Lock()
				s.flow.puts.recall(k, d.c.Clock())
				if s.flow.took.IsZero() {
					s.flow.took = k.Took
				}
				s.flow.mu.Unlock()
			}
		}
	}
	return nil
}
