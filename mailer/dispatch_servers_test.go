package mailer_test

import (
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"tidings.example/mailer"
	"tidings.example/mailer/smtp"
	"tidings.example/mailer/smtp/smtptest"
)

// through makes the servers of a configuration.
func (r *rig) through(c mailer.DispatcherConfig, servers ...mailer.Server) mailer.DispatcherConfig {
	c.Servers, c.Book = servers, r.db
	return c
}

// pass lets time go by in a bubble at once: the clock jumps, and whoever waits
// has two seconds to notice.
func (c *clock) pass(d time.Duration) {
	c.advance(d - 2*time.Second)
	<-time.After(2 * time.Second)
}

// domains spreads the readers of an issue over recipients' domains.
func (r *rig) domains(t *testing.T, of func(k int) string, readers int) {
	t.Helper()
	for k := range readers {
		r.exec(t, `update subscribers set address = ? where id = ?`, fmt.Sprintf("r%d@%s", k, of(k)), k+1)
	}
}

func TestLettersOfAServerThatIsOutGoByTheOthers(t *testing.T) {
	t.Parallel()
	refused := func() error { return errors.New("connection refused") }
	for name, out := range map[string]struct {
		script smtptest.Script
		dial   func() error
		change func(*smtp.Config)
		reason string
	}{
		"down":         {smtptest.Script{}, refused, nil, "connection refused"},
		"login":        {smtptest.Script{Username: "ann", Password: "x"}, nil, func(c *smtp.Config) { c.Username, c.Password = "ann", "y" }, "535"},
		"no TLS":       {smtptest.Script{}, nil, func(c *smtp.Config) { c.Security = smtp.StartTLS }, "STARTTLS"},
		"MAIL refused": {smtptest.Script{Mail: func(string) string { return "550 5.7.1 not you" }}, nil, nil, "MAIL: 550"},
		"knows nobody": {smtptest.Script{Rcpt: func(string) string { return "550 5.1.1 no such user" }}, nil, nil, "bounced for good"},
		"policy":       {smtptest.Script{Dot: func(smtptest.Letter) string { return "554 5.7.1 spam" }}, nil, nil, "554"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				r := newRig(t, t.TempDir())
				r.issue(t, "weekly", 200)
				var change []func(*smtp.Config)
				if out.change != nil {
					change = append(change, out.change)
				}
				bad, good := smtptest.New(out.script), smtptest.New(smtptest.Script{})
				c := r.through(r.config(nil), mailer.Server{Name: "bad", Transport: piped(t, bad, out.dial, change...), Connections: 3},
					mailer.Server{Name: "good", Transport: piped(t, good, nil), Connections: 3})
				d := mailer.NewDispatcher(c)
				if err := d.Drain(t.Context()); err != nil {
					t.Fatal(err)
				}
				r.want(t, "sent", 200)
				if n := len(good.Letters()); n != 200 {
					t.Errorf("the good server took %d letters", n)
				}
				if got := r.one(t, `select (select count(*) from suppressions) || (select coalesce(sum(attempts), 0) from deliveries)`); got != "00" {
					t.Errorf("suppressions and attempts are %s", got)
				}
				s := d.Status()
				if s.Stopped || s.Reason != "" || !strings.Contains(s.Servers[0].Reason, out.reason) || s.Servers[1].Reason != "" {
					t.Errorf("status is %+v", s)
				}
			})
		})
	}
}

func TestRunWaitsWithAReasonWhenAllServersAreOut(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, t.TempDir())
		r.issue(t, "weekly", 30)
		var ck clock
		began := ck.now()
		away := func() error {
			if ck.now().Sub(began) < 20*time.Minute {
				return errors.New("connection refused")
			}
			return nil
		}
		srv := smtptest.New(smtptest.Script{})
		locked := smtptest.New(smtptest.Script{Username: "ann", Password: "x"})
		c := r.config(nil)
		c.Clock = ck.now
		d, end := running(t, r.through(c, mailer.Server{Name: "one", Transport: piped(t, srv, away), Connections: 2},
			mailer.Server{Name: "two", Transport: piped(t, locked, nil, func(c *smtp.Config) { c.Username, c.Password = "ann", "y" }), Connections: 2}))
		for range 10 {
			ck.pass(time.Minute)
		}
		s := d.Status()
		if !s.Stopped || !strings.Contains(s.Reason, "one: connect: connection refused; two: AUTH: 535") || s.Next.IsZero() {
			t.Errorf("status is %+v", s)
		}
		kept, err := r.db.Servers(t.Context())
		if err != nil || len(kept) != 2 || !strings.Contains(kept[0].Reason, "refused") || !kept[1].Stopped || kept[1].Since.IsZero() || kept[1].Next.Before(ck.now()) {
			t.Errorf("other processes read %+v, %v", kept, err)
		}
		for range 20 {
			ck.pass(time.Minute)
		}
		end()
		r.want(t, "sent", 30)
		if n := len(srv.Letters()); n != 30 {
			t.Errorf("the server that came back took %d letters", n)
		}
	})
}

func TestRateOfAnHourHoldsOverARestart(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, t.TempDir())
		r.issue(t, "weekly", 250)
		srv := smtptest.New(smtptest.Script{})
		var ck clock
		c := r.config(nil)
		c.Clock = ck.now
		config := r.through(c, mailer.Server{Name: "mx", Transport: piped(t, srv, nil), Connections: 4, Limits: mailer.Limits{Rate: mailer.Rate{Hour: 100}}})
		for range 3 { // each a new process
			err := mailer.NewDispatcher(config).Drain(t.Context())
			if !errors.Is(err, mailer.ErrStopped) || !strings.Contains(err.Error(), "100 of 100 letters in an hour are sent, it goes on ") {
				t.Fatalf("ended with %v", err)
			}
			r.want(t, "queued", 150, "sent", 100)
		}
		d, end := running(t, config)
		ck.pass(59 * time.Minute)
		if got := r.states(t); got["sent"] != 100 || got["leased"]+got["queued"] != 150 { // however many are claimed ahead
			t.Errorf("states are %v", got)
		}
		if s := d.Status(); s.Stopped || !s.Servers[0].Limited || s.Next.Before(ck.now()) {
			t.Errorf("status is %+v", s)
		}
		ck.pass(3 * time.Minute)
		if got := r.states(t)["sent"]; got != 200 {
			t.Errorf("%d letters sent after an hour, want 200", got)
		}
		ck.pass(62 * time.Minute)
		end()
		r.want(t, "sent", 250)
	})
}

func TestRatesOfASecondAndAMinuteHoldOverAReload(t *testing.T) {
	t.Parallel()
	for name, limits := range map[string]mailer.Limits{
		"of a server": {Rate: mailer.Rate{Second: 15, Minute: 20}},
		"of a domain": {Domains: []mailer.DomainLimit{{Domain: "*", Rate: mailer.Rate{Second: 15, Minute: 20}}}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				r := newRig(t, t.TempDir())
				r.issue(t, "weekly", 100)
				r.domains(t, func(int) string { return "one.example" }, 100)
				srv := smtptest.New(smtptest.Script{})
				var ck clock
				c := r.config(nil)
				c.Clock, c.Recent = ck.now, &mailer.Recent{}
				config := r.through(c, mailer.Server{Name: "mx", Transport: piped(t, srv, nil), Connections: 4, Limits: limits})
				for range 4 { // each follows the one before at once
					_, end := running(t, config)
					<-time.After(5 * time.Second)
					end()
					if n := r.states(t)["sent"]; n < 15 || n > 20 {
						t.Errorf("%d letters are sent, want no more than 20", n)
					}
					r.exec(t, `update deliveries set due_at = 0 where state = 'queued'`) // a domain's wait in a line of dates
				}
				_, end := running(t, config)
				ck.pass(time.Minute)
				end()
				if n := r.states(t)["sent"]; n <= 20 || n > 40 {
					t.Errorf("%d letters are sent a minute later", n)
				}
			})
		})
	}
}

func TestWarmUpGoesOnByItselfAtMidnight(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, t.TempDir())
		r.issue(t, "weekly", 100)
		srv := smtptest.New(smtptest.Script{})
		var ck clock
		c := r.config(nil)
		c.Clock = ck.now
		d, end := running(t, r.through(c, mailer.Server{Name: "mx", Transport: piped(t, srv, nil), Connections: 2, Limits: mailer.Limits{WarmUp: []int{10, 20}}}))
		for _, want := range []int{10, 30, 100} { // bubbles begin at midnight UTC
			ck.pass(time.Hour)
			if got := r.states(t)["sent"]; got != want {
				t.Errorf("%d letters sent, want %d", got, want)
			}
			r.notice(t, mailer.Confirmation, 0, fmt.Sprintf("bob%d@example.net", want))
			d.Wake()
			<-time.After(time.Second)
			if got := r.one(t, `select state from notices order by id desc`); got != "sent" {
				t.Errorf("the notice is %s", got)
			}
			ck.pass(23*time.Hour - time.Second)
		}
		end()
	})
}

func TestDomainThatIsPutOffHoldsNobodyElseUp(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, t.TempDir())
		r.issue(t, "weekly", 300)
		r.domains(t, func(k int) string {
			if k < 200 {
				return "qq.com"
			}
			return fmt.Sprintf("d%d.example", k%7)
		}, 300)
		srv := smtptest.New(smtptest.Script{})
		d, end := running(t, r.through(r.config(nil), mailer.Server{Name: "mx", Transport: piped(t, srv, nil), Connections: 3,
			Limits: mailer.Limits{Domains: []mailer.DomainLimit{{Domain: "qq.com", Rate: mailer.Rate{Minute: 10}}}}}))
		<-time.After(30 * time.Second)
		r.want(t, "queued", 190, "sent", 110)
		s := d.Status()
		if s.Reason != "" || len(s.Servers[0].Domains) != 1 || s.Servers[0].Domains[0].Domain != "qq.com" || !strings.Contains(s.Servers[0].Domains[0].Reason, "10 of 10 letters in a minute") {
			t.Errorf("status is %+v", s)
		}
		kept, err := r.db.Servers(t.Context())
		if err != nil || len(kept) != 1 || len(kept[0].Domains) != 1 {
			t.Errorf("other processes read %+v, %v", kept, err)
		}
		<-time.After(10 * time.Minute)
		if got := r.states(t)["sent"]; got < 190 || got > 210 {
			t.Errorf("after ten minutes %d letters are sent, want ten a minute", got-100)
		}
		<-time.After(12 * time.Minute)
		end()
		r.want(t, "sent", 300)
		if got := r.one(t, `select max(fence) from deliveries`); len(got) > 1 {
			t.Errorf("a letter was claimed %s times", got)
		}
	})
}

func TestDomainWithFewConnectionsIsServedAllTheTime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, t.TempDir())
		r.issue(t, "weekly", 400)
		r.domains(t, func(k int) string { return map[bool]string{true: "gmail.com", false: "example.net"}[k%2 == 0] }, 400)
		var now, most atomic.Int32
		srv := smtptest.New(smtptest.Script{Dot: func(l smtptest.Letter) string {
			if strings.HasSuffix(l.To, "@gmail.com") {
				if n := now.Add(1); n > most.Load() {
					most.Store(n)
				}
				defer now.Add(-1)
			}
			<-time.After(time.Second)
			return ""
		}})
		c := r.through(r.config(nil), mailer.Server{Name: "mx", Transport: piped(t, srv, nil), Connections: 11,
			Limits: mailer.Limits{Domains: []mailer.DomainLimit{{Domain: "*", Connections: 100}, {Domain: "gmail.com", Connections: 2}}}})
		_, end := running(t, c)
		<-time.After(130 * time.Second) // 200 letters of a second over 2 connections
		end()
		r.want(t, "sent", 400)
		if most.Load() != 2 {
			t.Errorf("%d letters at once, want 2", most.Load())
		}
	})
}

func TestServerThatHoldsFewConnectionsGetsNoMore(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, t.TempDir())
		r.issue(t, "weekly", 600)
		slow := smtptest.New(smtptest.Script{Dot: func(smtptest.Letter) string { <-time.After(time.Second); return "" }})
		var refusals atomic.Int32
		full := smtptest.New(smtptest.Script{Greeting: func() string { refusals.Add(1); return "421 4.7.0 too many connections" }})
		c := r.config(piped(t, slow, nil, atMost(4, slow, full)))
		c.Connections = 12
		began := time.Now()
		d := mailer.NewDispatcher(c)
		if err := d.Drain(t.Context()); err != nil {
			t.Fatal(err)
		}
		r.want(t, "sent", 600)
		if took := time.Since(began); took > 4*time.Minute || refusals.Load() > 20 {
			t.Errorf("it took %v with %d connections refused: three of four would do for each second", took, refusals.Load())
		}
	})
}
