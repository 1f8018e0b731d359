package smtp_test

import (
	"context"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"tidings.example/mailer"
	"tidings.example/mailer/smtp"
	"tidings.example/mailer/smtp/smtptest"
)

func TestConnectionsAreEncryptedAndLoggedIn(t *testing.T) {
	t.Parallel()
	for _, security := range []smtp.Security{smtp.StartTLS, smtp.TLS} {
		t.Run(string(security), func(t *testing.T) {
			t.Parallel()
			now := time.Now()
			server, ca := smtptest.Certificate(t, now, now.Add(time.Hour))
			srv := smtptest.Start(t, smtptest.Script{TLS: server, Implicit: security == smtp.TLS, Username: "ann", Password: "pässword"})
			c := config(srv)
			c.Security, c.CAFile, c.Username, c.Password = security, ca, "ann", "pässword"
			conn := mustConnect(t, c)
			if r := conn.Send(t.Context(), envelope, letter); r.Class() != mailer.Accepted {
				t.Fatal(r)
			}
		})
	}
}

func TestSetupFaultsStopTheRunOrDoNot(t *testing.T) {
	t.Parallel()
	now := time.Now()
	valid, ca := smtptest.Certificate(t, now, now.Add(time.Hour))
	expired, oldCA := smtptest.Certificate(t, now, now.Add(-time.Minute))
	for name, c := range map[string]struct {
		script smtptest.Script
		change func(*smtp.Config)
		phase  mailer.Phase
		class  mailer.Class
	}{
		"554 greeting":     {smtptest.Script{Greeting: once("554 5.7.1 go away")}, nil, mailer.PhaseGreeting, mailer.StopRun},
		"421 greeting":     {smtptest.Script{Greeting: once("421 4.3.2 busy")}, nil, mailer.PhaseGreeting, mailer.Throttled},
		"no greeting":      {smtptest.Script{Greeting: once(smtptest.Hangup)}, nil, mailer.PhaseGreeting, mailer.NotSent},
		"garbage greeting": {smtptest.Script{Greeting: once("hello there")}, nil, mailer.PhaseGreeting, mailer.NotSent},
		"endless greeting": {smtptest.Script{Greeting: once("220 " + strings.Repeat("x", 1<<20))}, nil, mailer.PhaseGreeting, mailer.NotSent},
		"EHLO 421":         {smtptest.Script{Hello: func() string { return "421 4.3.2 busy" }}, nil, mailer.PhaseHello, mailer.Throttled},
		"EHLO refused":     {smtptest.Script{Hello: func() string { return "550 5.7.1 not you" }}, nil, mailer.PhaseHello, mailer.StopRun},
		"STARTTLS missing": {smtptest.Script{}, func(c *smtp.Config) { c.Security = smtp.StartTLS }, mailer.PhaseStartTLS, mailer.StopRun},
		"unknown authority": {smtptest.Script{TLS: valid}, func(c *smtp.Config) { c.Security = smtp.StartTLS },
			mailer.PhaseStartTLS, mailer.StopRun},
		"expired certificate": {smtptest.Script{TLS: expired}, func(c *smtp.Config) { c.Security, c.CAFile = smtp.StartTLS, oldCA },
			mailer.PhaseStartTLS, mailer.StopRun},
		"certificate for another name": {smtptest.Script{TLS: valid}, func(c *smtp.Config) {
			port := c.Port
			c.Host, c.Security, c.CAFile = "mail.example.org", smtp.StartTLS, ca
			c.Dial = func(ctx context.Context, network, _ string) (net.Conn, error) {
				return (&net.Dialer{}).DialContext(ctx, network, net.JoinHostPort("127.0.0.1", itoa(port)))
			}
		}, mailer.PhaseStartTLS, mailer.StopRun},
		"plain server asked for TLS": {smtptest.Script{}, func(c *smtp.Config) { c.Security = smtp.TLS }, mailer.PhaseStartTLS, mailer.StopRun},
		"wrong password": {smtptest.Script{Username: "ann", Password: "x"}, func(c *smtp.Config) { c.Username, c.Password = "ann", "y" },
			mailer.PhaseAuth, mailer.StopRun},
		"AUTH later": {smtptest.Script{Username: "ann", Auth: func() string { return "454 4.7.0 later" }}, func(c *smtp.Config) { c.Username = "ann" },
			mailer.PhaseAuth, mailer.Throttled},
		"AUTH not offered": {smtptest.Script{}, func(c *smtp.Config) { c.Username = "ann" }, mailer.PhaseAuth, mailer.StopRun},
		"gone at AUTH": {smtptest.Script{Username: "ann", Auth: func() string { return smtptest.Hangup }}, func(c *smtp.Config) { c.Username = "ann" },
			mailer.PhaseAuth, mailer.NotSent},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			srv := smtptest.Start(t, c.script)
			conf := config(srv)
			if c.change != nil {
				c.change(&conf)
			}
			conn, r := connect(t, conf)
			if conn != nil || r.Phase != c.phase || r.Class() != c.class {
				t.Errorf("%v at %v is %v, want %v at %v", r, r.Phase, r.Class(), c.class, c.phase)
			}
		})
	}
}

func itoa(n int) string {
	if n < 10 {
		return string(rune('0' + n))
	}
	return itoa(n/10) + itoa(n%10)
}

func TestServerThatIsNotThereIsNobodysFault(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	port := l.Addr().(*net.TCPAddr).Port
	l.Close()
	_, r := connect(t, smtp.Config{Host: "127.0.0.1", Port: port, Security: smtp.None, Clock: time.Now})
	if r.Phase != mailer.PhaseDial || r.Class() != mailer.NotSent {
		t.Errorf("%v is %v", r, r.Class())
	}
}

// TestEveryPhaseHasItsDeadline runs in a bubble, where hours pass at once.
func TestEveryPhaseHasItsDeadline(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		script smtptest.Script
		phase  mailer.Phase
		class  mailer.Class
		after  time.Duration
	}{
		"greeting":  {smtptest.Script{Greeting: once(smtptest.Silence)}, mailer.PhaseGreeting, mailer.NotSent, 5 * time.Minute},
		"RCPT":      {smtptest.Script{Rcpt: onceTo(smtptest.Silence)}, mailer.PhaseRcpt, mailer.NotSent, 5 * time.Minute},
		"DATA":      {smtptest.Script{Data: once(smtptest.Silence)}, mailer.PhaseData, mailer.NotSent, 2 * time.Minute},
		"final dot": {smtptest.Script{Dot: func(smtptest.Letter) string { return smtptest.Silence }}, mailer.PhaseDot, mailer.Ambiguous, 10 * time.Minute},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				srv := smtptest.New(c.script)
				tr, err := smtp.New(smtp.Config{Host: "127.0.0.1", Security: smtp.None, Clock: time.Now,
					Dial: func(context.Context, string, string) (net.Conn, error) {
						ours, theirs := net.Pipe()
						go srv.Serve(theirs)
						return ours, nil
					}})
				if err != nil {
					t.Fatal(err)
				}
				began := time.Now()
				conn, r := tr.Connect(t.Context())
				if conn != nil {
					r = conn.Send(t.Context(), envelope, letter)
					conn.Close()
				}
				if r.Phase != c.phase || r.Class() != c.class {
					t.Errorf("%v at %v is %v, want %v at %v", r, r.Phase, r.Class(), c.class, c.phase)
				}
				if took := time.Since(began); took != c.after {
					t.Errorf("gave up after %v, want %v", took, c.after)
				}
			})
		})
	}
}

func TestConfigurationThatWouldLeakOrCannotWorkIsRefused(t *testing.T) {
	t.Parallel()
	bad := filepath.Join(t.TempDir(), "bad.pem")
	if err := os.WriteFile(bad, []byte("no certificate"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]smtp.Config{
		"no host":             {Clock: time.Now},
		"clear text":          {Host: "mail.example.org", Security: smtp.None, Clock: time.Now},
		"unknown security":    {Host: "mail.example.org", Security: "ssl", Clock: time.Now},
		"port out of range":   {Host: "mail.example.org", Port: 70000, Clock: time.Now},
		"missing CA file":     {Host: "mail.example.org", CAFile: bad + "x", Clock: time.Now},
		"CA file without any": {Host: "mail.example.org", CAFile: bad, Clock: time.Now},
		"no clock":            {Host: "mail.example.org"},
	} {
		if _, err := smtp.New(c); err == nil {
			t.Errorf("%s is taken", name)
		}
	}
	if _, err := smtp.New(smtp.Config{Host: "mail.example.org", Security: smtp.None, AllowNone: true, Clock: time.Now}); err != nil {
		t.Error(err)
	}
}
