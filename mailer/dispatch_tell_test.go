package mailer_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
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

// pages is a log in memory, of lines without their time and level.
type pages struct {
	mu    sync.Mutex
	lines []string
}

func (p *pages) Enabled(context.Context, slog.Level) bool { return true }
func (p *pages) WithAttrs([]slog.Attr) slog.Handler       { return p }
func (p *pages) WithGroup(string) slog.Handler            { return p }
func (p *pages) Handle(_ context.Context, r slog.Record) error {
	line := r.Message
	r.Attrs(func(a slog.Attr) bool { line += fmt.Sprintf(" %s=%v", a.Key, a.Value); return true })
	p.mu.Lock()
	defer p.mu.Unlock()
	p.lines = append(p.lines, line)
	return nil
}

// read returns the lines since it was read last.
func (p *pages) read() (lines []string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	lines, p.lines = p.lines, nil
	return lines
}

// want compares the beginnings of the lines since the last look.
func (p *pages) want(t *testing.T, when string, want ...string) {
	t.Helper()
	got := p.read()
	same := len(got) == len(want)
	for i := 0; same && i < len(got); i++ {
		same = strings.HasPrefix(got[i], want[i])
	}
	if !same {
		t.Errorf("%s the log says\n\t%s\nwant\n\t%s", when, strings.Join(got, "\n\t"), strings.Join(want, "\n\t"))
	}
}

func TestLogSaysOnceThatAServerIsAwayAndBack(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, t.TempDir())
		var away atomic.Bool
		away.Store(true)
		srv := smtptest.New(smtptest.Script{})
		var ck clock
		var log pages
		c := r.through(r.config(nil), mailer.Server{Name: "mx", Connections: 3, Transport: piped(t, srv, func() error {
			if away.Load() {
				return errors.New("connection refused")
			}
			return nil
		})})
		c.Clock, c.Log = ck.now, slog.New(&log)
		_, end := running(t, c)
		<-time.After(3 * time.Second)
		log.want(t, "with nothing to send")
		r.issue(t, "weekly", 40)
		for range 60 { // a try every five minutes, for an hour
			ck.pass(time.Minute)
		}
		log.want(t, "while it is away", "no connection reply=mx: connect: connection refused next=")
		away.Store(false)
		for range 6 {
			ck.pass(time.Minute)
		}
		r.want(t, "sent", 40)
		log.want(t, "when it is back", "the server takes letters again was=mx: connect: connection refused")
		end()
		log.want(t, "at the end")
	})
}

func TestServerThatComesAndGoesDoesNotFloodTheLog(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, t.TempDir())
		var log pages
		began := time.Now()
		goes := 0
		srv := smtptest.New(smtptest.Script{Dot: func(smtptest.Letter) string { <-time.After(3 * time.Second); return "" }})
		r.issue(t, "weekly", 1500)
		c := r.config(piped(t, srv, func() error {
			if since := time.Since(began); since < 90*time.Minute && since%(30*time.Second) < 6*time.Second {
				goes++
				return errors.New("connection refused")
			}
			return nil
		}, func(c *smtp.Config) { c.PerConnection = 1 }))
		c.Connections, c.Log = 1, slog.New(&log)
		_, end := running(t, c)
		<-time.After(3 * time.Hour)
		end()
		r.want(t, "sent", 1500)
		got := log.read()
		if n := len(got); goes < 300 || n < 4 || n > 30 {
			t.Errorf("%d lines of %d refused connections: %s", n, goes, strings.Join(got, "\n"))
		}
		if last := got[len(got)-1]; !strings.HasPrefix(last, "the server takes letters again was=connect: connection refused") {
			t.Errorf("the last one is %s", last)
		}
	})
}

func TestLogSaysThatSendingWaitsForALimit(t *testing.T) {
	t.Parallel()
	for name, one := range map[string]struct {
		limits       mailer.Limits
		waits, after string
	}{
		"rate":    {mailer.Limits{Rate: mailer.Rate{Hour: 10}}, "sending waits for a limit reason=mx: 10 of 10 letters in an hour are sent until=", "sending goes on was=mx: 10 of 10 letters in an hour"},
		"warm-up": {mailer.Limits{WarmUp: []int{10}}, "sending waits for a limit reason=mx: day 1 of 1 of the warm-up: 10 of 10 letters are sent until=", "sending goes on was=mx: day 1"},
		"domain": {mailer.Limits{Domains: []mailer.DomainLimit{{Domain: "example.org", Rate: mailer.Rate{Hour: 10}}}},
			"letters to some domains wait for a limit domains=example.org reason=mx: 10 of 10 letters in an hour are sent until=", "letters to all domains go again"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				r := newRig(t, t.TempDir())
				var ck clock
				var log pages
				c := r.through(r.config(nil), mailer.Server{Name: "mx", Connections: 3, Transport: piped(t, smtptest.New(smtptest.Script{}), nil), Limits: one.limits})
				c.Clock, c.Log = ck.now, slog.New(&log)
				r.issue(t, "weekly", 10)
				_, end := running(t, c)
				ck.pass(30 * time.Second)
				log.want(t, "with nothing left to send")
				r.issue(t, "again", 5)
				for range 50 {
					ck.pass(time.Minute)
				}
				var said []string
				for _, l := range log.read() {
					if !strings.HasPrefix(l, "letters wait for a later time") { // those of a domain are put aside
						said = append(said, l)
					}
				}
				if len(said) != 1 || !strings.HasPrefix(said[0], one.waits) {
					t.Errorf("the log says %q", said)
				}
				for range 24 {
					ck.pass(time.Hour)
				}
				r.want(t, "sent", 15)
				if got := log.read(); len(got) != 1 || !strings.HasPrefix(got[0], one.after) {
					t.Errorf("when it is over the log says %q", got)
				}
				end()
			})
		})
	}
}

func TestLogSaysOnceThatLettersWerePutOff(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, t.TempDir())
		began := time.Now()
		srv := smtptest.New(smtptest.Script{Rcpt: func(to string) string {
			if strings.Contains(to, "5@") && time.Since(began) < time.Minute {
				return "450 4.7.1 Greylisted, come back"
			}
			return ""
		}})
		r.issue(t, "weekly", 100)
		var log pages
		c := r.config(piped(t, srv, nil))
		c.Log = slog.New(&log)
		_, end := running(t, c)
		<-time.After(4 * time.Minute)
		r.want(t, "deferred", 10, "sent", 90)
		log.want(t, "while they wait", "letters wait for a later time next="+began.Add(5*time.Minute).Format("2006-01-02 15:04:0"))
		<-time.After(4 * time.Minute)
		end()
		r.want(t, "sent", 100)
		log.want(t, "after they went")
	})
}

func TestLogSaysThatAServerPutsEveryLetterOff(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, t.TempDir())
		began := time.Now()
		srv := smtptest.New(smtptest.Script{Rcpt: func(string) string {
			if time.Since(began) < time.Minute {
				return "452 4.3.1 the disk is full"
			}
			return ""
		}})
		r.issue(t, "weekly", 30)
		var log pages
		c := r.config(piped(t, srv, nil))
		c.Log = slog.New(&log)
		_, end := running(t, c)
		<-time.After(4 * time.Minute)
		got := strings.Join(log.read(), "\n")
		if strings.Count(got, "\n") != 1 || !strings.Contains(got, "the server takes no letter reason=answers, but puts letters off: RCPT: 452") || !strings.Contains(got, "letters wait for a later time") {
			t.Errorf("the log says %s", got)
		}
		<-time.After(4 * time.Minute)
		end()
		r.want(t, "sent", 30)
		log.want(t, "after they went", "the server takes letters again was=answers, but puts letters off: RCPT: 452")
	})
}

func TestOtherProcessesReadWhenAServerIsTriedNext(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, t.TempDir())
		r.issue(t, "weekly", 5)
		srv := smtptest.New(smtptest.Script{})
		c := r.through(r.config(nil), mailer.Server{Name: "mx", Connections: 1, Transport: piped(t, srv, func() error { return errors.New("connection refused") })})
		d, end := running(t, c)
		<-time.After(10 * time.Second)
		for range 50 {
			<-time.After(1500 * time.Millisecond)
			kept, err := r.db.Servers(t.Context())
			if err != nil || len(kept) != 1 {
				t.Fatal(kept, err)
			}
			if now := d.Status().Servers[0].Next; now.Sub(kept[0].Next).Abs() > time.Second && time.Until(now) > 5*time.Second && !kept[0].Next.After(time.Now().Add(-2*time.Second)) {
				t.Errorf("the next try is at %s, others read %s", now.Format("15:04:05"), kept[0].Next.Format("15:04:05"))
			}
		}
		end()
	})
}

func TestLogSaysThatAServerIsBackBeforeItsLimit(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, t.TempDir())
		r.issue(t, "weekly", 20)
		var log pages
		began := time.Now()
		c := r.through(r.config(nil), mailer.Server{Name: "mx", Connections: 2, Limits: mailer.Limits{Rate: mailer.Rate{Hour: 10}},
			Transport: piped(t, smtptest.New(smtptest.Script{}), func() error {
				if time.Since(began) < 20*time.Second {
					return errors.New("connection refused")
				}
				return nil
			})})
		c.Log = slog.New(&log)
		_, end := running(t, c)
		<-time.After(2 * time.Minute)
		log.want(t, "after two minutes", "no connection", "the server takes letters again was=mx: connect: connection refused", "sending waits for a limit")
		end()
	})
}
