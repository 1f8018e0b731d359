package mailer_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"tidings.example/mailer"
	"tidings.example/mailer/smtp"
	"tidings.example/mailer/smtp/smtptest"
)

func TestGreylistedLetterIsTriedAgainWhenDue(t *testing.T) {
	t.Parallel()
	r := newRig(t, t.TempDir())
	var grey sync.Map
	srv := smtptest.Start(t, smtptest.Script{Rcpt: func(to string) string {
		if _, known := grey.LoadOrStore(to, true); !known && strings.HasPrefix(to, "weekly1") {
			return "450 4.7.1 Greylisted, please come back"
		}
		return ""
	}})
	r.issue(t, "weekly", 5)
	var ck clock
	c := r.config(over(t, srv))
	c.Clock = ck.now
	d := mailer.NewDispatcher(c)
	if err := d.Drain(t.Context()); err != nil {
		t.Fatal(err)
	}
	r.want(t, "sent", 4, "deferred", 1)
	ck.advance(3 * time.Minute)
	if err := d.Drain(t.Context()); err != nil {
		t.Fatal(err)
	}
	r.want(t, "sent", 4, "deferred", 1)
	ck.advance(3 * time.Minute)
	if err := d.Drain(t.Context()); err != nil {
		t.Fatal(err)
	}
	r.want(t, "sent", 5)
}

func TestDeferredLetterExpiresAfterThreeDays(t *testing.T) {
	t.Parallel()
	r := newRig(t, t.TempDir())
	srv := smtptest.Start(t, smtptest.Script{Rcpt: func(string) string { return "451 4.3.0 later" }})
	r.issue(t, "weekly", 1)
	var ck clock
	c := r.config(over(t, srv))
	c.Clock = ck.now
	d := mailer.NewDispatcher(c)
	began := ck.now()
	for steps := 0; r.states(t)["expired"] == 0; steps++ {
		if steps > 40 {
			t.Fatal("it is tried for ever")
		}
		if err := d.Drain(t.Context()); err != nil {
			t.Fatal(err)
		}
		ck.advance(4*time.Hour + time.Second)
	}
	if took := ck.now().Sub(began); took < 72*time.Hour || took > 82*time.Hour {
		t.Errorf("given up after %v", took)
	}
	if got := r.one(t, `select count(*) from owed`); got != "2" {
		t.Errorf("%s posts are owed, want the letter's 2", got)
	}
	if got := r.one(t, `select count(*) from suppressions`); got != "0" {
		t.Error("the reader is suppressed")
	}
}

func TestUnknownMailboxIsSuppressedOnceItsWindowIsSane(t *testing.T) {
	t.Parallel()
	r := newRig(t, t.TempDir())
	srv := smtptest.Start(t, smtptest.Script{Rcpt: func(to string) string {
		if to == "weekly3@example.org" {
			return "550 5.1.1 no such user"
		}
		return ""
	}})
	r.issue(t, "weekly", 20)
	if err := mailer.NewDispatcher(r.config(over(t, srv))).Drain(t.Context()); err != nil {
		t.Fatal(err)
	}
	r.want(t, "sent", 19, "bounced", 1)
	if got := r.one(t, `select s.state || ' ' || p.reason from subscribers s join suppressions p on p.hash = s.hash`); got != "bounced bounced" {
		t.Errorf("the reader is %s", got)
	}
}

func TestBareRefusalSuppressesAtTheSecondTime(t *testing.T) {
	t.Parallel()
	r := newRig(t, t.TempDir())
	srv := smtptest.Start(t, smtptest.Script{Rcpt: func(to string) string {
		if to == "weekly3@example.org" {
			return "550 no"
		}
		return ""
	}})
	r.issue(t, "weekly", 10)
	d := mailer.NewDispatcher(r.config(over(t, srv)))
	if err := d.Drain(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := r.one(t, `select count(*) from suppressions`); got != "0" {
		t.Fatal("suppressed at the first bare 550")
	}
	// The same readers get another issue.
	r.exec(t, `insert into issues (digest, cadence, label, number, cut, due_at, opened_at) values ('weekly', 'weekly', 'W02', 2, 10, 1, 1)`)
	r.exec(t, `insert into waves (issue, instant, readers, letters, published_at) values (2, 2, 10, 10, 1)`)
	r.exec(t, `insert into deliveries (id, issue, subscriber, wave, variant, state) select 2 << 36 | subscriber, 2, subscriber, 2, variant, 'queued' from deliveries`)
	if err := d.Drain(t.Context()); err != nil {
		t.Fatal(err)
	}
	r.want(t, "sent", 18, "bounced", 2)
	if got := r.one(t, `select s.address || ' ' || s.state from subscribers s join suppressions p on p.hash = s.hash`); got != "weekly3@example.org bounced" {
		t.Errorf("suppressed: %s", got)
	}
}

func TestServerThatKnowsNobodyStopsTheRunAndSuppressesNobody(t *testing.T) {
	t.Parallel()
	r := newRig(t, t.TempDir())
	srv := smtptest.Start(t, smtptest.Script{Rcpt: func(string) string { return "550 5.1.1 no such user" }})
	r.issue(t, "weekly", 40)
	var told atomic.Int32
	c := r.config(over(t, srv))
	c.Alarm = func(_ context.Context, a mailer.Alarm) {
		if a.Stopped && strings.Contains(a.Reason, "bounced for good") {
			told.Add(1)
		}
	}
	if err := mailer.NewDispatcher(c).Drain(t.Context()); !errors.Is(err, mailer.ErrStopped) {
		t.Fatalf("ended with %v, want a stop", err)
	}
	r.want(t, "queued", 40)
	if got := r.one(t, `select count(*) from suppressions`); got != "0" || told.Load() != 1 {
		t.Errorf("%s readers are suppressed, the owner was told %d times", got, told.Load())
	}
}

func TestVerdictOfAKilledSenderIsMadeUpForByTheNext(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		sent, suppressed int
		stopped          bool
	}{"the server knew nobody": {0, 0, true}, "it knew most": {90, 10, false}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, t.TempDir())
			r.issue(t, "weekly", 10+c.sent+1) // the last one is put off
			r.exec(t, `update deliveries set intent_at = 1, address = (select address from subscribers s where s.id = subscriber),
				state = iif(row.n <= 10, 'bounced', 'sent'), cause = iif(row.n <= 10, 'hard bounce', ''), reply = 'RCPT: 550 5.1.1', updated_at = row.n
				from (select id at, row_number() over (order by id) n from deliveries) row where row.at = deliveries.id and row.n <= ?`, 10+c.sent)
			r.exec(t, `insert into bounces (subscriber, address, notice, letter, kind, reply, verdict, at)
				select subscriber, address, 0, id, 'hard', reply, '', updated_at from deliveries where state = 'bounced'`)
			srv := smtptest.Start(t, smtptest.Script{Rcpt: func(string) string { return "450 4.2.0 later" }})
			err := mailer.NewDispatcher(r.config(over(t, srv))).Drain(t.Context())
			if errors.Is(err, mailer.ErrStopped) != c.stopped || err != nil && !c.stopped {
				t.Errorf("the next sender ended with %v", err)
			}
			if got := r.count(t, `select 'n', count(*) from suppressions`)["n"]; got != c.suppressed {
				t.Errorf("%d readers are suppressed, want %d", got, c.suppressed)
			}
		})
	}
}

func TestRefusedLoginStopsTheRunAndSuppressesNobody(t *testing.T) {
	t.Parallel()
	r := newRig(t, t.TempDir())
	srv := smtptest.Start(t, smtptest.Script{Username: "ann", Password: "right"})
	r.issue(t, "weekly", 10)
	var told atomic.Int32
	c := r.config(over(t, srv, func(c *smtp.Config) { c.Username, c.Password = "ann", "wrong" }))
	c.Alarm = func(context.Context, mailer.Alarm) { told.Add(1) }
	d := mailer.NewDispatcher(c)
	err := d.Drain(t.Context())
	if !errors.Is(err, mailer.ErrStopped) || !strings.Contains(err.Error(), "535") || strings.Contains(err.Error(), "wrong\"") {
		t.Fatalf("ended with %v, want the server's refusal", err)
	}
	r.want(t, "queued", 10)
	if got := r.one(t, `select count(*) from suppressions`) + r.one(t, `select sum(attempts) from deliveries`); got != "00" || told.Load() != 1 {
		t.Errorf("suppressions and attempts are %s, the owner was told %d times", got, told.Load())
	}
	if s := d.Status(); !s.Stopped || !strings.Contains(s.Reason, "535") {
		t.Errorf("status is %+v", s)
	}
}

func TestMissingSTARTTLSStopsTheRun(t *testing.T) {
	t.Parallel()
	r := newRig(t, t.TempDir())
	srv := smtptest.Start(t, smtptest.Script{})
	r.issue(t, "weekly", 3)
	d := mailer.NewDispatcher(r.config(over(t, srv, func(c *smtp.Config) { c.Security = smtp.StartTLS })))
	if err := d.Drain(t.Context()); !errors.Is(err, mailer.ErrStopped) || !strings.Contains(err.Error(), "STARTTLS") {
		t.Fatalf("ended with %v", err)
	}
	r.want(t, "queued", 3)
	if n := len(srv.Letters()); n != 0 {
		t.Errorf("%d letters went out in the clear", n)
	}
}

func TestPolicyRefusalOfTheFirstLetterStopsAndALoneOneFails(t *testing.T) {
	t.Parallel()
	t.Run("first", func(t *testing.T) {
		t.Parallel()
		r := newRig(t, t.TempDir())
		srv := smtptest.Start(t, smtptest.Script{Dot: func(smtptest.Letter) string { return "550 5.7.1 we do not like you" }})
		r.issue(t, "weekly", 10)
		if err := mailer.NewDispatcher(r.config(over(t, srv))).Drain(t.Context()); !errors.Is(err, mailer.ErrStopped) {
			t.Fatal(err)
		}
		r.want(t, "queued", 10)
	})
	t.Run("lone", func(t *testing.T) {
		t.Parallel()
		r := newRig(t, t.TempDir())
		srv := smtptest.Start(t, smtptest.Script{Dot: func(l smtptest.Letter) string {
			if l.To == "weekly7@example.org" {
				return "550 5.7.1 not to me"
			}
			return ""
		}})
		r.issue(t, "weekly", 20)
		c := r.config(over(t, srv))
		c.Connections = 1
		if err := mailer.NewDispatcher(c).Drain(t.Context()); err != nil {
			t.Fatal(err)
		}
		r.want(t, "sent", 19, "failed", 1)
		if got := r.one(t, `select count(*) from owed`) + r.one(t, `select count(*) from suppressions`); got != "20" {
			t.Errorf("owed and suppressed are %s, want 2 posts and nobody", got)
		}
	})
	t.Run("three of ten", func(t *testing.T) {
		t.Parallel()
		r := newRig(t, t.TempDir())
		var n atomic.Int32
		srv := smtptest.Start(t, smtptest.Script{Dot: func(l smtptest.Letter) string {
			if n.Add(1) > 5 {
				return "554 5.7.1 enough of you"
			}
			return ""
		}})
		r.issue(t, "weekly", 20)
		c := r.config(over(t, srv))
		c.Connections = 1
		if err := mailer.NewDispatcher(c).Drain(t.Context()); !errors.Is(err, mailer.ErrStopped) {
			t.Fatal(err)
		}
		r.want(t, "sent", 5, "queued", 15)
		if got := r.one(t, `select count(*) from owed`); got != "0" {
			t.Errorf("%s posts are owed for letters that are queued", got)
		}
	})
}

func TestLettersThatCannotBeRenderedFailAlone(t *testing.T) {
	t.Parallel()
	r := newRig(t, t.TempDir())
	srv := smtptest.Start(t, smtptest.Script{})
	r.issue(t, "good", 10)
	broken := r.issue(t, "broken", 2)
	if err := mailer.NewDispatcher(r.config(over(t, srv))).Drain(t.Context()); err != nil {
		t.Fatal(err)
	}
	r.want(t, "sent", 10, "failed", 2)
	tally, err := r.db.Tally(t.Context(), broken)
	if err != nil || tally.Recipients() != 2 || tally.Open() != 0 || tally[mailer.Failed] != 2 {
		t.Errorf("tally of the broken issue is %v, %v", tally, err)
	}
}

func TestLostAnswerIsSentAgainAsTheSameLetter(t *testing.T) {
	t.Parallel()
	r := newRig(t, t.TempDir())
	var lost atomic.Int32
	srv := smtptest.Start(t, smtptest.Script{Dot: func(l smtptest.Letter) string {
		if l.To == "weekly4@example.org" && lost.Add(1) == 1 {
			return smtptest.Lost
		}
		return ""
	}})
	r.issue(t, "weekly", 12)
	if err := mailer.NewDispatcher(r.config(over(t, srv))).Drain(t.Context()); err != nil {
		t.Fatal(err)
	}
	r.want(t, "sent", 12)
	var copies []string
	for _, l := range srv.Letters() {
		if l.To == "weekly4@example.org" {
			copies = append(copies, l.Text)
		}
	}
	if len(copies) != 2 || copies[0] != copies[1] || len(srv.Letters()) != 13 {
		t.Errorf("%d letters, copies of the lost one: %q", len(srv.Letters()), copies)
	}
}

func TestLostAnswerIsKeptForTheOperatorOnHold(t *testing.T) {
	t.Parallel()
	r := newRig(t, t.TempDir())
	srv := smtptest.Start(t, smtptest.Script{Dot: func(l smtptest.Letter) string {
		if l.To == "weekly4@example.org" {
			return smtptest.Lost
		}
		return ""
	}})
	r.issue(t, "weekly", 6)
	c := r.config(over(t, srv))
	c.Hold = true
	for range 2 {
		if err := mailer.NewDispatcher(c).Drain(t.Context()); err != nil {
			t.Fatal(err)
		}
		r.want(t, "sent", 5, "unknown", 1)
	}
	if n := len(srv.Letters()); n != 6 {
		t.Errorf("%d letters, want 6: one is in doubt", n)
	}
}

func TestGoodbyesBetweenLettersCostNothing(t *testing.T) {
	t.Parallel()
	r := newRig(t, t.TempDir())
	var mu sync.Mutex
	since := 0
	srv := smtptest.Start(t, smtptest.Script{Mail: func(string) string {
		mu.Lock()
		defer mu.Unlock()
		if since++; since > 5 {
			since = 0
			return "421 4.7.0 that was enough for one connection"
		}
		return ""
	}})
	r.issue(t, "weekly", 40)
	c := r.config(over(t, srv))
	c.Connections = 1
	if err := mailer.NewDispatcher(c).Drain(t.Context()); err != nil {
		t.Fatal(err)
	}
	r.want(t, "sent", 40)
	if got := r.one(t, `select sum(attempts) from deliveries`); got != "0" {
		t.Errorf("%s attempts were counted against the letters", got)
	}
}
