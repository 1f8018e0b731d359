package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"tidings.example/internal/publish"
	"tidings.example/internal/store"
	"tidings.example/mailer"
)

// mailed is what sending came to, letters of all issues and notices together.
type mailed struct {
	Sent int `json:"sent"`
	// Left wait until the server takes them, InDoubt for the operator.
	Left    int `json:"left"`
	InDoubt int `json:"in_doubt"`
	// Held are letters of issues that wait for their owner.
	Held int `json:"held"`
}

// mailed counts what a dispatcher sent, and what waits.
func (p *program) mailed(ctx context.Context, d *mailer.Dispatcher) (mailed, error) {
	m := mailed{Sent: d.Status().Sent}
	ctx = context.WithoutCancel(ctx)
	q, err := p.db.Queue(ctx)
	if err != nil {
		return m, err
	}
	m.count(q)
	held, err := p.db.HeldIssues(ctx)
	for _, i := range held {
		t, counted := p.db.Tally(ctx, i.ID)
		m.Held += t.Open() - t[mailer.Unknown]
		err = errors.Join(err, counted)
	}
	m.Left -= m.Held
	return m, err
}

func (m *mailed) count(q store.Queue) {
	m.Left, m.InDoubt = q.Queued+q.Leased+q.Inflight+q.Deferred, q.Unknown
}

func (m mailed) String() string {
	text := fmt.Sprintf("%s sent, %d left", count(m.Sent, "letter"), m.Left)
	if m.InDoubt > 0 {
		text += fmt.Sprintf(", %d in doubt", m.InDoubt)
	}
	if m.Held > 0 {
		text += fmt.Sprintf(", %d held", m.Held)
	}
	return text
}

// again is the error of letters that are left after all were tried.
func (m mailed) again() error {
	switch {
	case m.Left == 0 && m.Held > 0:
		return &exitError{code: exitFindings, err: fmt.Errorf("%s of held issues wait for you: tidings issues list names them, tidings issues retry mails them", count(m.Held, "letter"))}
	case m.Left == 0:
		return nil
	}
	return &exitError{code: exitAgain, err: fmt.Errorf("the server does not take %s now: run tidings again later", count(m.Left, "letter"))}
}

// sending is an issue made by hand, and what sending came to where letters
// were made.
type sending struct {
	mailer.Sending
	// Scanned is when the posts were looked for last that letters could have.
	Scanned time.Time `json:"scanned,omitzero"`
	Mailed  *mailed   `json:"mailed,omitempty"`
}

// toldRun prints what a round and the sending after it did.
func (p *program) toldRun(ctx context.Context, r publish.Round, m mailed, err error) error {
	err = p.toldAs(ctx, r, struct {
		publish.Round
		Mailed mailed `json:"mailed"`
	}{r, m}, err)
	if !p.sh.args.JSON {
		p.sh.printf("%s\n", m)
	}
	return err
}
