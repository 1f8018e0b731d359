package mailer_test

import (
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"tidings.example/mailer"
	"tidings.example/mailer/smtp/smtptest"
)

func TestServerThatPutsOffEverybodySaysSo(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, t.TempDir())
		var ck clock
		began := ck.now()
		full := func() bool { return ck.now().Sub(began) < 40*time.Minute }
		srv := smtptest.New(smtptest.Script{Rcpt: func(string) string {
			if full() {
				return "452 4.3.1 the disk is full"
			}
			return ""
		}})
		r.issue(t, "weekly", 20)
		c := r.config(nil)
		c.Clock = ck.now
		config := r.through(c, mailer.Server{Name: "mx", Transport: piped(t, srv, nil), Connections: 2})
		d := mailer.NewDispatcher(config)
		if s := d.Status().Servers[0]; s.Tried || s.PutsOff {
			t.Errorf("before it began it is %+v", s)
		}
		for range 2 { // each a process of its own: the second one has retries alone
			if err := d.Drain(t.Context()); err != nil {
				t.Fatal(err)
			}
			r.want(t, "deferred", 20)
			s := d.Status()
			one := s.Servers[0]
			if !one.Tried || !one.PutsOff || one.Stopped || one.Reason != "answers, but puts letters off: RCPT: 452 4.3.1 the disk is full" || one.Since.Sub(began) > time.Minute || s.Reason == "" {
				t.Errorf("the server is %+v", one)
			}
			kept, err := r.db.Servers(t.Context())
			if err != nil || len(kept) != 1 || !kept[0].PutsOff || !kept[0].Tried || kept[0].Reason != one.Reason {
				t.Errorf("other processes read %+v, %v", kept, err)
			}
			ck.advance(6 * time.Minute)
			d = mailer.NewDispatcher(config)
		}
		ck.advance(time.Hour)
		if err := d.Drain(t.Context()); err != nil {
			t.Fatal(err)
		}
		r.want(t, "sent", 20)
		if s := d.Status().Servers[0]; s.PutsOff || s.Reason != "" {
			t.Errorf("after it took letters it is %+v", s)
		}
	})
}

func TestFewLettersThatArePutOffAreNoTroubleOfTheServer(t *testing.T) {
	t.Parallel()
	for name, one := range map[string]struct {
		answer string
		whom   func(to string) bool
	}{
		"every fifth is greylisted": {"450 4.7.1 Greylisted, come back", func(to string) bool { return strings.Contains(to, "5@") || strings.Contains(to, "0@") }},
		"mailboxes that are full":   {"452 4.2.2 over quota", func(to string) bool { return strings.HasPrefix(to, "weekly1") }},
		"the last two":              {"451 4.3.0 later", func(to string) bool { return to == "weekly18@example.org" || to == "weekly19@example.org" }},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				r := newRig(t, t.TempDir())
				srv := smtptest.New(smtptest.Script{Rcpt: func(to string) string {
					if one.whom(to) {
						return one.answer
					}
					return ""
				}})
				r.issue(t, "weekly", 20)
				c := r.config(piped(t, srv, nil))
				c.Connections = 1
				d, end := running(t, c)
				for range 30 { // as many minutes: what is left is tried again and again
					<-time.After(time.Minute)
					if s := d.Status().Servers[0]; s.PutsOff || s.Reason != "" {
						t.Fatalf("the server is %+v", s)
					}
				}
				end()
				if got := r.states(t); got["deferred"] == 0 || got["sent"] == 0 {
					t.Errorf("the letters are %v", got)
				}
			})
		})
	}
}

func TestNoticesThatArePutOffAreNoTroubleOfTheServer(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, t.TempDir())
		var asked atomic.Int32
		srv := smtptest.New(smtptest.Script{Rcpt: func(string) string { asked.Add(1); return "451 4.3.0 later" }})
		for k := range 5 {
			r.notice(t, mailer.Confirmation, 0, fmt.Sprintf("x%d@example.net", k))
		}
		d := mailer.NewDispatcher(r.config(piped(t, srv, nil)))
		if err := d.Drain(t.Context()); err != nil {
			t.Fatal(err)
		}
		if s := d.Status().Servers[0]; s.PutsOff || asked.Load() != 5 {
			t.Errorf("after %d notices the server is %+v", asked.Load(), s)
		}
	})
}
