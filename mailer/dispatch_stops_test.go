package mailer_test

import (
	"context"
	"fmt"
	"net"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"tidings.example/mailer"
	"tidings.example/mailer/smtp"
	"tidings.example/mailer/smtp/smtptest"
)

func TestEveryCauseOfAStopIsOverByItself(t *testing.T) {
	t.Parallel()
	bubble := time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC) // when bubbles begin
	cert, ca := smtptest.Certificate(t, bubble, bubble.Add(24*time.Hour))
	until := func(fault *atomic.Bool, said string) func() string {
		return func() string {
			if fault.Load() {
				return said
			}
			return ""
		}
	}
	for name, one := range map[string]func(fault *atomic.Bool) (smtptest.Script, func(*smtp.Config)){
		"AUTH": func(f *atomic.Bool) (smtptest.Script, func(*smtp.Config)) {
			return smtptest.Script{Username: "ann", Password: "x", Auth: until(f, "535 5.7.8 no")}, func(c *smtp.Config) { c.Username, c.Password = "ann", "x" }
		},
		"greeting": func(f *atomic.Bool) (smtptest.Script, func(*smtp.Config)) {
			return smtptest.Script{Greeting: until(f, "554 5.7.1 no")}, nil
		},
		"MAIL": func(f *atomic.Bool) (smtptest.Script, func(*smtp.Config)) {
			return smtptest.Script{Mail: func(string) string { return until(f, "550 5.7.515 not signed")() }}, nil
		},
		"policy": func(f *atomic.Bool) (smtptest.Script, func(*smtp.Config)) {
			return smtptest.Script{Dot: func(smtptest.Letter) string { return until(f, "554 5.7.1 spam")() }}, nil
		},
		"RCPT": func(f *atomic.Bool) (smtptest.Script, func(*smtp.Config)) {
			return smtptest.Script{Rcpt: func(string) string { return until(f, "554 5.7.1 relaying denied")() }}, nil
		},
		"nobody": func(f *atomic.Bool) (smtptest.Script, func(*smtp.Config)) {
			return smtptest.Script{Rcpt: func(string) string { return until(f, "550 5.1.1 who")() }}, nil
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var fault atomic.Bool
				fault.Store(true)
				script, change := one(&fault)
				stopsAndGoesOn(t, &fault, smtptest.New(script), change)
			})
		})
	}
	// A server that offers no STARTTLS is another one once it is mended. (A bad
	// certificate wants sockets: both ends of a handshake write at once.)
	t.Run("STARTTLS", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			var fault atomic.Bool
			fault.Store(true)
			good, ill := smtptest.New(smtptest.Script{TLS: cert}), smtptest.New(smtptest.Script{})
			stopsAndGoesOn(t, &fault, good, func(c *smtp.Config) {
				dial := c.Dial
				c.Security, c.CAFile = smtp.StartTLS, ca
				c.Dial = func(ctx context.Context, network, address string) (net.Conn, error) {
					if !fault.Load() {
						return dial(ctx, network, address)
					}
					ours, theirs := net.Pipe()
					go ill.Serve(theirs)
					return ours, nil
				}
			})
		})
	})
}

// stopsAndGoesOn runs a dispatcher while the fault lasts, and after.
func stopsAndGoesOn(t *testing.T, fault *atomic.Bool, srv *smtptest.Server, change func(*smtp.Config)) {
	t.Helper()
	r := newRig(t, t.TempDir())
	r.issue(t, "weekly", 40)
	var changes []func(*smtp.Config)
	if change != nil {
		changes = append(changes, change)
	}
	c := r.config(piped(t, srv, nil, changes...))
	var ck clock
	c.Clock = ck.now
	var alarms []string
	c.Alarm = func(_ context.Context, a mailer.Alarm) { alarms = append(alarms, fmt.Sprint(a.Stopped)) }
	d, end := running(t, c)
	for range 20 { // one try of each probe
		ck.pass(time.Minute)
	}
	if s := d.Status(); !s.Stopped || s.Reason == "" || s.Next.Before(ck.now()) {
		t.Errorf("while it lasts the status is %+v", s)
	}
	if got := r.states(t); got["queued"]+got["leased"] != 40 {
		t.Errorf("while it lasts the letters are %v", got)
	}
	fault.Store(false)
	for range 16 {
		ck.pass(time.Minute)
	}
	end()
	r.want(t, "sent", 40)
	if got := strings.Join(alarms, " "); got != "true false" {
		t.Errorf("the owner was told: %s", got)
	}
	if got := r.one(t, `select (select count(*) from suppressions) || (select sum(attempts) from deliveries) || (select count(*) from owed)`); got != "000" {
		t.Errorf("suppressions, attempts and debts are %s", got)
	}
}
