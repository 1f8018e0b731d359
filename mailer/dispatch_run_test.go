package mailer_test

import (
	"context"
	"errors"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"tidings.example/mailer"
	"tidings.example/mailer/smtp"
	"tidings.example/mailer/smtp/smtptest"
)

// piped is a transport to a server without sockets: in a bubble only those
// stop the clock. dial may refuse.
func piped(t *testing.T, srv *smtptest.Server, dial func() error, change ...func(*smtp.Config)) mailer.Transport {
	t.Helper()
	c := smtp.Config{Host: "127.0.0.1", Security: smtp.None, Clock: time.Now,
		Dial: func(context.Context, string, string) (net.Conn, error) {
			if dial != nil {
				if err := dial(); err != nil {
					return nil, err
				}
			}
			ours, theirs := net.Pipe()
			go srv.Serve(theirs)
			return ours, nil
		}}
	for _, f := range change {
		f(&c)
	}
	tr, err := smtp.New(c)
	if err != nil {
		t.Fatal(err)
	}
	return tr
}

// running runs a dispatcher until the returned function ends it.
func running(t *testing.T, c mailer.DispatcherConfig) (d *mailer.Dispatcher, end func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	d = mailer.NewDispatcher(c)
	done := make(chan error, 1)
	go func() { done <- d.Run(ctx) }()
	return d, func() {
		t.Helper()
		cancel()
		if err := <-done; err != nil {
			t.Errorf("the run ended with %v", err)
		}
	}
}

func TestStoppedRunProbesAndGoesOnByItself(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, t.TempDir())
		began := time.Now()
		var logins atomic.Int32
		srv := smtptest.New(smtptest.Script{Username: "ann", Password: "x", Auth: func() string {
			logins.Add(1)
			if time.Since(began) < 5*time.Minute {
				return "535 5.7.8 wrong password"
			}
			return ""
		}})
		r.issue(t, "weekly", 30)
		c := r.config(piped(t, srv, nil, func(c *smtp.Config) { c.Username, c.Password = "ann", "x" }))
		var alarms []string
		c.Alarm = func(_ context.Context, a mailer.Alarm) {
			alarms = append(alarms, map[bool]string{true: "stopped", false: "goes on"}[a.Stopped])
		}
		d, end := running(t, c)
		<-time.After(4 * time.Minute)
		r.want(t, "leased", 30)
		if s := d.Status(); !s.Stopped || !strings.Contains(s.Reason, "535") || !s.Next.After(time.Now()) {
			t.Errorf("status is %+v", s)
		}
		if n := logins.Load(); n > 4 {
			t.Errorf("%d logins in 4 minutes look like an attack", n)
		}
		<-time.After(5 * time.Minute)
		end()
		r.want(t, "sent", 30)
		if got := strings.Join(alarms, ", "); got != "stopped, goes on" {
			t.Errorf("the owner was told: %s", got)
		}
		if got := r.one(t, `select sum(attempts) from deliveries`); got != "0" {
			t.Errorf("%s attempts are charged to readers", got)
		}
	})
}

func TestServerThatIsAwayIsTriedLessAndLess(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, t.TempDir())
		began := time.Now()
		var dials atomic.Int32
		srv := smtptest.New(smtptest.Script{})
		r.issue(t, "weekly", 10)
		d, end := running(t, r.config(piped(t, srv, func() error {
			if dials.Add(1); time.Since(began) < 10*time.Minute {
				return errors.New("connection refused")
			}
			return nil
		})))
		<-time.After(9 * time.Minute)
		if s := d.Status(); s.Stopped || !strings.Contains(s.Reason, "refused") || dials.Load() < 8 || dials.Load() > 11 {
			t.Errorf("%d connections tried in nine minutes, status %+v", dials.Load(), s)
		}
		<-time.After(6 * time.Minute)
		end()
		r.want(t, "sent", 10)
	})
}

func TestThrottledRunSlowsDownAndRecovers(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, t.TempDir())
		began := time.Now()
		srv := smtptest.New(smtptest.Script{Mail: func(string) string {
			if time.Since(began) < 20*time.Second {
				return "451 4.7.0 you send too fast"
			}
			return ""
		}})
		r.issue(t, "weekly", 200)
		d, end := running(t, r.config(piped(t, srv, nil)))
		<-time.After(15 * time.Second)
		if s := d.Status(); s.Limit != 1 || s.Reason == "" || s.Stopped {
			t.Errorf("while the server asks for less, the status is %+v", s)
		}
		<-time.After(4 * time.Minute)
		if s := d.Status(); s.Limit != 4 || s.Reason != "" {
			t.Errorf("after it took letters again, the status is %+v", s)
		}
		end()
		r.want(t, "sent", 200)
		if got := r.one(t, `select sum(attempts) from deliveries`); got != "0" {
			t.Errorf("%s attempts are charged to readers", got)
		}
	})
}

func TestTooManyBouncesStopDeliveriesButNotNotices(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, t.TempDir())
		began := time.Now()
		srv := smtptest.New(smtptest.Script{Rcpt: func(to string) string {
			if strings.HasPrefix(to, "weekly") && time.Since(began) < 2*time.Minute {
				return "550 5.1.1 no such user"
			}
			return ""
		}})
		r.issue(t, "weekly", 100)
		d, end := running(t, r.config(piped(t, srv, nil)))
		<-time.After(time.Minute / 2)
		if s := d.Status(); !s.Stopped || !strings.Contains(s.Reason, "bounced for good") {
			t.Fatalf("status is %+v", s)
		}
		r.notice(t, mailer.Confirmation, 0, "bob@example.net")
		<-time.After(2 * time.Second)
		if got := r.one(t, `select state from notices`); got != "sent" {
			t.Errorf("the notice is %s", got)
		}
		<-time.After(6 * time.Minute)
		end()
		r.want(t, "sent", 100)
		if got := r.one(t, `select count(*) from suppressions`); got != "0" {
			t.Errorf("%s readers are suppressed", got)
		}
	})
}

func TestResultOfAnIdleConnectionIsDurableWithinTwentyMilliseconds(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, t.TempDir())
		srv := smtptest.New(smtptest.Script{})
		d, end := running(t, r.config(piped(t, srv, nil)))
		defer end()
		<-time.After(10 * time.Second)
		r.issue(t, "weekly", 1)
		d.Wake()
		<-time.After(20 * time.Millisecond)
		r.want(t, "sent", 1)
		// Another process wrote this one: nobody wakes the dispatcher.
		r.notice(t, mailer.Confirmation, 0, "bob@example.net")
		<-time.After(time.Second + 20*time.Millisecond)
		if got := r.one(t, `select state from notices`); got != "sent" {
			t.Errorf("after a second the notice is %s", got)
		}
		if s := d.Status(); s.Connections == 0 {
			t.Error("the connection was not kept for a moment")
		}
		<-time.After(10 * time.Second)
		if s := d.Status(); s.Connections != 0 {
			t.Errorf("%d idle connections are kept", s.Connections)
		}
	})
}

func TestEndOfTheRunFinishesWhatIsUnderWay(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, t.TempDir())
		dots := make(chan bool, 100)
		srv := smtptest.New(smtptest.Script{Dot: func(smtptest.Letter) string {
			dots <- true
			<-time.After(10 * time.Second)
			return ""
		}})
		r.issue(t, "weekly", 40)
		c := r.config(piped(t, srv, nil))
		c.Connections = 2
		_, end := running(t, c)
		<-dots
		began := time.Now()
		end()
		if took := time.Since(began); took > 12*time.Second {
			t.Errorf("the end took %v", took)
		}
		r.want(t, "queued", 39, "sent", 1)
		if n := len(srv.Letters()); n != 1 {
			t.Errorf("%d letters arrived", n)
		}
	})
}

func TestEndOfTheRunDoesNotWaitForASilentServer(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, t.TempDir())
		dots := make(chan bool, 100)
		srv := smtptest.New(smtptest.Script{Dot: func(smtptest.Letter) string {
			dots <- true
			return smtptest.Silence
		}})
		r.issue(t, "weekly", 5)
		_, end := running(t, r.config(piped(t, srv, nil)))
		<-dots
		began := time.Now()
		end()
		if took := time.Since(began); took != 30*time.Second {
			t.Errorf("the end took %v, want the grace time", took)
		}
		if got := r.states(t); got["sent"] != 0 || got["queued"]+got["inflight"] != 5 {
			t.Errorf("states are %v", got)
		}
	})
}

// counted is a connection that tells when it closes.
type counted struct {
	net.Conn
	closed func()
}

func (c *counted) Close() error {
	c.closed()
	return c.Conn.Close()
}

// dialed counts connections as the client sees them: the server hears of an end
// after the client may have dialed anew.
type dialed struct{ all, open, most atomic.Int32 }

// config makes a transport dial, and count.
func (d *dialed) config(c *smtp.Config) {
	c.Dial = func(ctx context.Context, network, address string) (net.Conn, error) {
		conn, err := new(net.Dialer).DialContext(ctx, network, address)
		if err != nil {
			return nil, err
		}
		d.all.Add(1)
		now := d.open.Add(1)
		for most := d.most.Load(); now > most && !d.most.CompareAndSwap(most, now); most = d.most.Load() {
		}
		return &counted{Conn: conn, closed: sync.OnceFunc(func() { d.open.Add(-1) })}, nil
	}
}

// atMost makes connections beyond so many meet a server that refuses them.
func atMost(most int32, take, refuse *smtptest.Server) func(*smtp.Config) {
	var open atomic.Int32
	return func(c *smtp.Config) {
		c.Dial = func(context.Context, string, string) (net.Conn, error) {
			ours, theirs := net.Pipe()
			srv := take
			if open.Add(1) > most {
				srv = refuse
			}
			go srv.Serve(theirs)
			return &counted{Conn: ours, closed: sync.OnceFunc(func() { open.Add(-1) })}, nil
		}
	}
}

func TestConnectionThatIsOneTooManyGivesItsLetterToTheOthers(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, t.TempDir())
		r.issue(t, "weekly", 12)
		slow := smtptest.New(smtptest.Script{Dot: func(smtptest.Letter) string { <-time.After(time.Second); return "" }})
		full := smtptest.New(smtptest.Script{Greeting: func() string { return "554 5.7.1 too many connections" }})
		c := r.config(piped(t, slow, nil, atMost(2, slow, full)))
		c.Connections = 8
		d, end := running(t, c)
		<-time.After(time.Minute)
		if s := d.Status(); s.Stopped || s.Connections > 2 {
			t.Errorf("status is %+v", s)
		}
		end()
		r.want(t, "sent", 12)
	})
}

func TestLettersOfParkedConnectionsAreNotForgotten(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, t.TempDir())
		r.issue(t, "weekly", 6)
		var n atomic.Int32
		srv := smtptest.New(smtptest.Script{Mail: func(string) string {
			if n.Add(1) <= 3 {
				return "451 4.7.0 too many messages at once"
			}
			return ""
		}})
		c := r.config(piped(t, srv, nil))
		c.Connections = 8
		if err := mailer.NewDispatcher(c).Drain(t.Context()); err != nil {
			t.Fatal(err)
		}
		r.want(t, "sent", 6)
	})
}

// Some servers tell the limit of a connection at the next MAIL, without a goodbye.
func TestAServerThatTakesOneLetterForEachConnectionIsNotSlow(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, t.TempDir())
		r.issue(t, "weekly", 60)
		c := r.config(piped(t, nil, nil, func(c *smtp.Config) {
			c.Dial = func(context.Context, string, string) (net.Conn, error) {
				var mails atomic.Int32
				ours, theirs := net.Pipe()
				go smtptest.New(smtptest.Script{Mail: func(string) string {
					if mails.Add(1) > 1 {
						return "452 4.5.3 too many mails on this connection"
					}
					return ""
				}}).Serve(theirs)
				return ours, nil
			}
		}))
		c.Connections = 1
		began := time.Now()
		if err := mailer.NewDispatcher(c).Drain(t.Context()); err != nil {
			t.Fatal(err)
		}
		r.want(t, "sent", 60)
		if took := time.Since(began); took > 5*time.Second {
			t.Errorf("it took %v", took)
		}
	})
}
