package store

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"tidings.example/mailer"
)

// desk is a database with one issue that went out, and who reads what comes back.
type desk struct {
	t        *testing.T
	db       *DB
	receiver *mailer.Receiver
	links    *mailer.SignedLinks
	letters  map[int64]mailer.Letter // by subscriber
	now      time.Time
}

// newDesk sends an issue to readers: r0@d1.example is subscriber 1000.
func newDesk(t *testing.T, readers int) *desk {
	t.Helper()
	db := outboxed(t, readers)
	d := &desk{t: t, db: db, letters: map[int64]mailer.Letter{}, now: at.Add(time.Hour)}
	d.exec(`update waves set readers = ?, letters = ?`, readers, readers)
	err := db.Write(t.Context(), func(tx *Tx) error {
		h, err := newHasher(tx, at)
		for n := range readers {
			if err == nil {
				_, err = tx.Exec(`update subscribers set hash = ? where id = ?`, h.hash(mailed(t, fmt.Sprintf("r%d@d1.example", n))), 1000+n)
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	keys, err := db.Keys(t.Context(), "token", at)
	if err != nil {
		t.Fatal(err)
	}
	tokens, err := mailer.NewTokens(keys)
	if err != nil {
		t.Fatal(err)
	}
	keys, err = db.Keys(t.Context(), "return_path", at)
	if err != nil {
		t.Fatal(err)
	}
	paths, err := mailer.NewReturnPaths("bounces@blog.example", "+", keys)
	if err != nil {
		t.Fatal(err)
	}
	d.receiver = &mailer.Receiver{Paths: paths, Tokens: tokens, Desk: db, Leave: mailer.LeaveMailbox{Mailbox: "leave@blog.example", Separator: "+"}}
	d.links = &mailer.SignedLinks{Base: "https://news.blog.example/", Tokens: tokens}
	d.sendAll(readers)
	return d
}

func mailed(t *testing.T, text string) mailer.Address {
	t.Helper()
	a, err := mailer.ParseAddress(text)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// sendAll sends what is due.
func (d *desk) sendAll(n int) {
	d.t.Helper()
	got, err := d.db.Claim(d.t.Context(), mailer.ClaimRequest{Owner: "me", Now: d.now, Lease: time.Minute, Deliveries: n, Domain: "blog.example"})
	if err != nil {
		d.t.Fatal(err)
	}
	for _, l := range got {
		if g := chained(d.t, d.db, mailer.Step{Now: d.now, Next: &l}); !g.Send {
			continue
		}
		chained(d.t, d.db, mailer.Step{Now: d.now, Results: []mailer.Result{{LetterRef: l.LetterRef, State: mailer.Sent, Cause: "accepted", Reply: "250 ok"}}})
		d.letters[l.Subscriber] = l
	}
}

func (d *desk) exec(text string, args ...any) {
	d.t.Helper()
	if err := d.db.Write(d.t.Context(), func(tx *Tx) error { _, err := tx.Exec(text, args...); return err }); err != nil {
		d.t.Fatalf("%s: %v", text, err)
	}
}

// gets hands a message in, and wants an effect.
func (d *desk) gets(raw string, kind mailer.ReturnedKind, effect mailer.ReturnedEffect) mailer.Returned {
	d.t.Helper()
	v, got, err := d.receiver.Receive(d.t.Context(), mailer.Mail{Source: "test", Raw: []byte(raw)}, d.now)
	if err != nil || v.Kind != kind || got != effect {
		d.t.Fatalf("%s, %s, %v; want %s, %s", v.Kind, got, err, kind, effect)
	}
	return v
}

// verp is the address that the letter to a subscriber comes back to.
func (d *desk) verp(subscriber int64) string {
	l := d.letters[subscriber]
	return d.receiver.Paths.Of(l, l.To)
}

// undelivered is a report about one recipient.
func undelivered(to, address, status, reply string, more ...string) string {
	return fmt.Sprintf("From: MAILER-DAEMON@mx.example.net\r\nTo: <%s>\r\nSubject: Undelivered Mail\r\nContent-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n"+
		"--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example.net\r\n\r\nFinal-Recipient: rfc822; %s\r\nAction: failed\r\nStatus: %s\r\nDiagnostic-Code: smtp; %s\r\n\r\n"+
		"--b\r\nContent-Type: text/rfc822-headers\r\n\r\n%s\r\n--b--\r\n", to, address, status, reply, strings.Join(more, "\r\n"))
}

const noUser = "550 5.1.1 user unknown"

// complaint is a feedback report.
func complaint(kind, from string, more ...string) string {
	return fmt.Sprintf("From: loop@isp.example\r\nContent-Type: multipart/report; report-type=feedback-report; boundary=b\r\n\r\n"+
		"--b\r\nContent-Type: message/feedback-report\r\n\r\nFeedback-Type: %s\r\nOriginal-Mail-From: <%s>\r\n\r\n--b\r\nContent-Type: message/rfc822\r\n\r\n%s\r\n\r\n--b--\r\n", kind, from, strings.Join(more, "\r\n"))
}

// reader is state, suppressions and delivery of a subscriber in a line.
func (d *desk) reader(subscriber int64) string {
	d.t.Helper()
	return text(d.t, d.db, `select u.state || ' ' || coalesce((select group_concat(reason) from suppressions p where p.hash = u.hash), '-') || ' ' ||
		coalesce((select d.state || ': ' || d.cause from deliveries d where d.subscriber = u.id), '-') from subscribers u where u.id = ?`, subscriber)
}

func (d *desk) wants(subscriber int64, want string) {
	d.t.Helper()
	if got := d.reader(subscriber); got != want {
		d.t.Errorf("reader %d is %q, want %q", subscriber, got, want)
	}
}

const untouched = "active - sent: "
