package faults

import (
	"crypto/tls"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"tidings.example/mailer/smtp/smtptest"
)

// certificates are good and bad ones for 127.0.0.1.
type certificates struct {
	file                    string // to trust the valid one by
	password                string // a file with "secret"
	valid, expired, unknown *tls.Config
}

func newCertificates(t *testing.T) certificates {
	t.Helper()
	now := time.Now()
	var c certificates
	c.valid, c.file = smtptest.Certificate(t, now, now.AddDate(1, 0, 0))
	c.expired, _ = smtptest.Certificate(t, now, now.Add(-time.Minute))
	c.password = filepath.Join(t.TempDir(), "password")
	if err := os.WriteFile(c.password, []byte("secret\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	c.unknown, _ = smtptest.Certificate(t, now, now.AddDate(1, 0, 0))
	return c
}

func (c certificates) good(*front) smtptest.Script { return smtptest.Script{TLS: c.valid} }

// swap shows a bad certificate while the fault lasts.
func (c certificates) swap(bad **tls.Config) func(f *front) smtptest.Script {
	return func(f *front) smtptest.Script {
		return smtptest.Script{TLS: &tls.Config{GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) {
			if f.broken.Load() {
				return &(*bad).Certificates[0], nil
			}
			return &c.valid.Certificates[0], nil
		}}}
	}
}

// TestServerFaults breaks the server in every way of the list, and compares
// what the program says and what the servers got with the golden table.
func TestServerFaults(t *testing.T) {
	t.Parallel()
	faults := append(append(setUp(newCertificates(t)), envelope()...), content()...)
	table := &golden{rows: map[string]string{}}
	var names []string
	for _, f := range faults {
		names = append(names, f.name)
	}
	t.Run("faults", func(t *testing.T) {
		for _, f := range faults {
			t.Run(f.name, func(t *testing.T) {
				t.Parallel()
				table.add(f.name, f.suffer(t))
			})
		}
	})
	table.check(t, names)
}

// suffer runs the program through a fault, and after it.
func (s serverFault) suffer(t *testing.T) []string {
	f := newFront(t, s.script, s.bare)
	port := f.port
	if s.port != nil {
		port = s.port(t, f)
	}
	o := newOrdeal(t, port, s.smtp, f)
	if strings.Contains(s.smtp, "ca_file") {
		o.Write("tidings.toml", strings.Replace(o.Config(), `tls = "none"`, `tls = "starttls"`, 1))
	}
	code := o.runs("with the fault")
	if !s.stays {
		f.broken.Store(false)
		if s.name == "refused" {
			f.reopen()
		}
	}
	waits := s.waits
	if waits == nil {
		waits = []time.Duration{6 * time.Minute}
	}
	runs := 1
	for ; code == 75 && runs <= len(waits); runs++ {
		o.pass(waits[runs-1])
		_, code = o.Run("run")
	}
	if runs > 1 {
		o.note("  after %d runs: exit code %d; %s\n%s", runs, code, o.outcome(), o.status())
	}
	if got, copies := o.taken(); copies > s.copies {
		t.Errorf("%d readers got the issue with %d copies, more than %d", got, copies, s.copies)
	}
	return o.rows
}

// TestServerIsRestartedInTheMiddle drops every connection after the tenth
// letter, refuses the next ones, and is there again.
func TestServerIsRestartedInTheMiddle(t *testing.T) {
	t.Parallel()
	var letters, refusals atomic.Int32
	var f *front
	f = newFront(t, func(*front) smtptest.Script {
		return smtptest.Script{Dot: func(smtptest.Letter) string {
			if letters.Add(1) == 10 {
				f.broken.Store(true)
				f.hangUp()
			}
			return ""
		}}
	}, func(net.Conn) {
		if refusals.Add(1) == 3 {
			f.broken.Store(false)
		}
	})
	f.broken.Store(false)
	o := newOrdeal(t, f.port, hasty, f)
	if said, code := o.Run("run"); code != 0 {
		t.Fatalf("exit code %d: %s", code, said)
	}
	if got := o.outcome(); !strings.HasPrefix(got, "40 sent; 40 got it, ") {
		t.Error(got)
	}
	if _, copies := o.taken(); copies > 3 || refusals.Load() < 3 {
		t.Errorf("%d copies with 3 connections, %d connections refused", copies, refusals.Load())
	}
}

// TestLettersGoByTheServerThatTakesThem has two servers, one with a fault.
func TestLettersGoByTheServerThatTakesThem(t *testing.T) {
	t.Parallel()
	for name, one := range map[string]struct {
		bare   func(net.Conn)
		script func(*front) smtptest.Script
		says   string
	}{
		"no greeting": {bare: func(net.Conn) {}, says: "greeting: EOF"},
		"MAIL": {script: func(*front) smtptest.Script {
			return smtptest.Script{Mail: func(string) string { return "550 5.7.1 not you" }}
		}, says: "MAIL: 550 5.7.1 not you"},
		"dot": {script: func(*front) smtptest.Script {
			return smtptest.Script{Dot: func(smtptest.Letter) string { return "554 5.7.1 spam" }}
		}, says: "final dot: 554 5.7.1 spam"},
		"in the middle": {script: func(*front) smtptest.Script {
			var n atomic.Int32
			return smtptest.Script{Mail: func(string) string {
				if n.Add(1) > 5 {
					return "550 5.7.1 enough"
				}
				return ""
			}}
		}, says: "MAIL: 550 5.7.1 enough"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			bad, good := newFront(t, one.script, one.bare), newFront(t, nil, nil)
			o := newOrdeal(t, bad.port, "", bad, good)
			two := fmt.Sprintf("[[mail.server]]\nname = \"two\"\nhost = \"127.0.0.1\"\nport = %d\ntls = \"none\"\n[[mail.server]]\nname = \"one\"", good.port)
			o.Write("tidings.toml", strings.Replace(o.Config(), "[mail.smtp]", two, 1))
			if said, code := o.Run("run"); code != 0 {
				t.Fatalf("exit code %d: %s", code, said)
			}
			if got := o.outcome(); got != "40 sent; 40 got it, 0 copies, 0 suppressed" {
				t.Error(got)
			}
			if s := o.status(); !strings.Contains(s, "server one: ") || !strings.Contains(s, one.says) || !strings.Contains(s, "server two: takes letters") {
				t.Errorf("status says\n%s", s)
			}
		})
	}
}

// TestDaemonGoesOnByItselfOnceTheCertificateIsMended moves the ledger's time to
// each probe.
func TestDaemonGoesOnByItselfOnceTheCertificateIsMended(t *testing.T) {
	t.Parallel()
	c := newCertificates(t)
	all, taken, owner := make(chan bool), atomic.Int32{}, atomic.Int32{}
	f := newFront(t, func(f *front) smtptest.Script {
		s := c.swap(&c.expired)(f)
		s.Dot = func(l smtptest.Letter) string {
			if !strings.HasSuffix(l.To, "@example.org") {
				owner.Add(1)
			} else if taken.Add(1) == audience {
				close(all)
			}
			return ""
		}
		return s
	}, nil)
	o := newOrdeal(t, f.port, "ca_file = "+fmt.Sprintf("%q", c.file)+"\n", f)
	o.Write("tidings.toml", strings.Replace(o.Config(), `tls = "none"`, `tls = "starttls"`, 1))
	for range 2 { // who restarts it is not told once more
		p := o.Start("serve")
		p.Await("sending stopped")
		p.Term()
		p.Wait()
	}
	p := o.Start("serve")
	p.Await("sending stopped")
	if s := o.status(); !strings.Contains(s, "paused since DATE: STARTTLS: ") || !strings.Contains(s, "next try DATE") {
		t.Errorf("status says\n%s", s)
	}
	f.broken.Store(false)
	o.pass(2 * time.Minute)
	p.Await("sending goes on")
	select {
	case <-all:
	case <-time.After(patience):
		t.Error("the letters do not come")
	}
	p.Term()
	if code := p.Wait(); code != 0 {
		t.Errorf("exit code %d: %s", code, p.Said())
	}
	if got := o.outcome(); got != "40 sent; 40 got it, 0 copies, 0 suppressed" || owner.Load() != 1 {
		t.Errorf("%s, and %d letters to the owner", got, owner.Load())
	}
}
