package mailer_test

import (
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"tidings.example/mailer"
	"tidings.example/mailer/smtp"
	"tidings.example/mailer/smtp/smtptest"
)

// over is a transport to a server on 127.0.0.1.
func over(t testing.TB, srv *smtptest.Server, change ...func(*smtp.Config)) mailer.Transport {
	t.Helper()
	c := smtp.Config{Host: "127.0.0.1", Port: srv.Port(), Security: smtp.None, Clock: time.Now}
	for _, f := range change {
		f(&c)
	}
	tr, err := smtp.New(c)
	if err != nil {
		t.Fatal(err)
	}
	return tr
}

// clock is a clock that a test moves on.
type clock struct{ ahead atomic.Int64 }

func (c *clock) now() time.Time          { return time.Now().Add(time.Duration(c.ahead.Load())) }
func (c *clock) advance(d time.Duration) { c.ahead.Add(int64(d)) }

// want compares the states of all deliveries.
func (r *rig) want(t testing.TB, states ...any) {
	t.Helper()
	want := map[string]int{}
	for i := 0; i < len(states); i += 2 {
		want[states[i].(string)] = states[i+1].(int)
	}
	if got := r.states(t); fmt.Sprint(got) != fmt.Sprint(want) {
		t.Fatalf("states are %v, want %v\n%v", got, want, r.count(t, `select state || ': ' || cause || ' / ' || reply, count(*) from deliveries where state <> 'sent' group by 1`))
	}
}

func TestDispatcherSendsEachLetterOnceOverSeveralConnections(t *testing.T) {
	t.Parallel()
	r := newRig(t, t.TempDir())
	srv := smtptest.Start(t, smtptest.Script{})
	r.issue(t, "weekly", 120)
	var conns dialed
	c := r.config(over(t, srv, conns.config, func(c *smtp.Config) { c.PerConnection = 20 }))
	d := mailer.NewDispatcher(c)
	if err := d.Drain(t.Context()); err != nil {
		t.Fatal(err)
	}
	r.want(t, "sent", 120)
	seen := map[string]bool{}
	ids := map[string]bool{}
	for _, l := range srv.Letters() {
		seen[l.To] = true
		ids[l.Header("Message-ID")] = true
		if l.From != "news@blog.example" || !strings.HasSuffix(l.Header("Message-ID"), "@blog.example>") {
			t.Errorf("letter from %s with id %s", l.From, l.Header("Message-ID"))
		}
	}
	if len(srv.Letters()) != 120 || len(seen) != 120 || len(ids) != 120 {
		t.Errorf("%d letters to %d readers with %d ids", len(srv.Letters()), len(seen), len(ids))
	}
	if all, open, most := conns.all.Load(), conns.open.Load(), conns.most.Load(); all < 6 || open != 0 || most > 4 {
		t.Errorf("%d connections, %d at once, %d open after the end", all, most, open)
	}
	if s := d.Status(); s.Connections != 0 || s.Claimed != 0 || s.Stopped {
		t.Errorf("status after the end is %+v", s)
	}
}

func TestReaderWhoLeavesBetweenClaimAndSendGetsNothing(t *testing.T) {
	t.Parallel()
	r := newRig(t, t.TempDir())
	changes := map[string][3]string{ // by reader: what happens, the state, the cause
		"weekly1": {`update subscribers set state = 'unsubscribed' where address like 'weekly1@%'`, "skipped", "unsubscribed"},
		"weekly2": {`update subscriptions set left_at = 5 where subscriber = (select id from subscribers where address like 'weekly2@%')`, "skipped", "unsubscribed"},
		"weekly3": {`insert into suppressions (hash, reason, at) values ('h:weekly3@example.org', 'complained', 1)`, "skipped", "suppressed: complained"},
		"weekly4": {`delete from subscribers where address like 'weekly4@%'`, "cancelled", "erased"},
		"weekly5": {`update subscribers set state = 'paused' where address like 'weekly5@%'`, "cancelled", "paused"},
		"weekly6": {`update deliveries set state = 'cancelled', cause = 'operator', owner = '' where state = 'leased' and subscriber = (select id from subscribers where address like 'weekly6@%')`, "cancelled", "operator"},
		"weekly7": {`update subscribers set address = 'new@example.net' where address like 'weekly7@%'`, "sent", ""},
	}
	var once sync.Once
	srv := smtptest.Start(t, smtptest.Script{Dot: func(l smtptest.Letter) string {
		once.Do(func() { // all are claimed, one is inflight: whichever was risked
			first, _, _ := strings.Cut(l.To, "@")
			delete(changes, first)
			for _, c := range changes {
				r.exec(t, c[0])
			}
		})
		return ""
	}})
	r.issue(t, "weekly", 8)
	ids := r.readers(t)
	c := r.config(over(t, srv))
	c.Connections = 1
	if err := mailer.NewDispatcher(c).Drain(t.Context()); err != nil {
		t.Fatal(err)
	}
	for name, c := range changes {
		if got := r.one(t, `select state || ': ' || cause from deliveries where subscriber = ?`, ids[name]); got != c[1]+": "+c[2] {
			t.Errorf("letter of %s is %s, want %s: %s", name, got, c[1], c[2])
		}
	}
	for _, l := range srv.Letters()[1:] {
		if l.To != "weekly0@example.org" && l.To != "new@example.net" {
			t.Errorf("a letter went to %s", l.To)
		}
	}
}

// readers maps the local parts of the addresses to ids.
func (r *rig) readers(t testing.TB) map[string]int {
	t.Helper()
	return r.count(t, `select substr(address, 1, instr(address, '@') - 1), id from subscribers`)
}

func TestUnpublishedWaveIsInvisible(t *testing.T) {
	t.Parallel()
	r := newRig(t, t.TempDir())
	srv := smtptest.Start(t, smtptest.Script{})
	r.issue(t, "weekly", 5)
	r.exec(t, `update waves set published_at = null`)
	d := mailer.NewDispatcher(r.config(over(t, srv)))
	if err := d.Drain(t.Context()); err != nil {
		t.Fatal(err)
	}
	r.want(t, "queued", 5)
	r.exec(t, `update waves set published_at = 1`)
	if err := d.Drain(t.Context()); err != nil {
		t.Fatal(err)
	}
	r.want(t, "sent", 5)
}

func TestNoticesComeFirstAndObeyTheirOwnSuppressions(t *testing.T) {
	t.Parallel()
	r := newRig(t, t.TempDir())
	srv := smtptest.Start(t, smtptest.Script{})
	r.issue(t, "weekly", 30)
	ids := r.readers(t)
	states := map[string]string{}
	n := 0
	add := func(kind mailer.NoticeKind, reason string, ageDays int, want string) {
		name := fmt.Sprintf("weekly%d", n)
		n++
		if reason != "" {
			r.exec(t, `insert into suppressions (hash, reason, at) values (?, ?, ?)`, "h:"+name+"@example.org", reason, time.Now().AddDate(0, 0, -ageDays).UnixMilli())
		}
		r.notice(t, kind, int64(ids[name]), name+"@example.org")
		states[name+"@example.org"] = want
	}
	add(mailer.Confirmation, "", 0, "sent")
	add(mailer.Confirmation, "unsubscribed", 0, "sent")
	add(mailer.Confirmation, "erased", 0, "sent")
	add(mailer.Confirmation, "bounced", 2, "skipped")
	add(mailer.Confirmation, "bounced", 40, "sent")
	add(mailer.Confirmation, "complained", 40, "skipped")
	add(mailer.Confirmation, "operator", 40, "skipped")
	add(mailer.Goodbye, "unsubscribed", 0, "sent")
	add(mailer.Welcome, "bounced", 40, "skipped")
	r.notice(t, mailer.Alert, 0, "owner@blog.example")
	states["owner@blog.example"] = "sent"
	c := r.config(over(t, srv))
	c.Connections = 1
	if err := mailer.NewDispatcher(c).Drain(t.Context()); err != nil {
		t.Fatal(err)
	}
	for to, want := range states {
		if got := r.one(t, `select state from notices where recipient = ?`, to); got != want {
			t.Errorf("notice to %s is %s, want %s", to, got, want)
		}
	}
	for i, l := range srv.Letters() {
		if notice := l.Header("Subject") == "notice"; notice != (i < 6) {
			t.Fatalf("letter %d is %s to %s: notices come first", i, l.Header("Subject"), l.To)
		}
	}
}

func TestIssuesShareTheConnectionsFairly(t *testing.T) {
	t.Parallel()
	r := newRig(t, t.TempDir())
	srv := smtptest.Start(t, smtptest.Script{})
	r.issue(t, "big", 300)
	r.issue(t, "small", 10)
	c := r.config(over(t, srv))
	c.Connections = 1
	if err := mailer.NewDispatcher(c).Drain(t.Context()); err != nil {
		t.Fatal(err)
	}
	last := 0
	for i, l := range srv.Letters() {
		if l.Header("Subject") == "small" {
			last = i
		}
	}
	if last > 60 {
		t.Errorf("the small issue's last letter was number %d of 310", last+1)
	}
}
