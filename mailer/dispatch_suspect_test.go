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
	"tidings.example/mailer/smtp/smtptest"
)

// ill is a server that has something against the readers whose addresses begin
// so, and takes the letters of all others.
func ill(prefix, phase, said string) *smtptest.Server {
	to := func(address string) string {
		if strings.HasPrefix(address, prefix) {
			return said
		}
		return ""
	}
	if phase == "RCPT" {
		return smtptest.New(smtptest.Script{Rcpt: to})
	}
	return smtptest.New(smtptest.Script{Dot: func(l smtptest.Letter) string { return to(l.To) }})
}

// mark gives the first readers of a list other addresses.
func (r *rig) mark(t *testing.T, prefix string, n int) {
	t.Helper()
	r.exec(t, `update subscribers set address = ? || address where id in (select id from subscribers order by id limit ?)`, prefix, n)
}

var ills = []struct{ name, phase, said string }{
	{"policy at RCPT", "RCPT", "550 5.7.1 policy"},
	{"policy at the dot", "dot", "554 5.7.1 spam"},
	{"the connection ends", "RCPT", smtptest.Hangup},
	{"421", "RCPT", "421 4.7.0 busy" + smtptest.Goodbye},
}

// Runs by cron are new to the server each time, and these readers are the first
// in the list.
func TestReadersWhoAreRefusedDoNotHoldOthersUp(t *testing.T) {
	t.Parallel()
	for _, one := range ills {
		t.Run(one.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				r := newRig(t, t.TempDir())
				r.issue(t, "weekly", 212)
				r.mark(t, "ill-", 12)
				srv := ill("ill-", one.phase, one.said)
				for range 8 {
					err := mailer.NewDispatcher(r.config(piped(t, srv, nil))).Drain(t.Context())
					if err != nil && !errors.Is(err, mailer.ErrStopped) {
						t.Fatal(err)
					}
					got := r.states(t)
					// The last ones may be all that is left: nothing is proven of them.
					if got["sent"] == 200 && got["failed"]+got["queued"]+got["deferred"] == 12 {
						return
					}
					<-time.After(5 * time.Minute)
				}
				t.Errorf("after eight runs %v", r.states(t))
			})
		})
	}
}

func TestALetterThatEndsItsConnectionLapsesAfterThreeDays(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, t.TempDir())
		r.issue(t, "weekly", 20)
		r.mark(t, "ill-", 1)
		srv := ill("ill-", "RCPT", smtptest.Hangup)
		began := time.Now()
		for r.states(t)["expired"] == 0 && time.Since(began) < 100*time.Hour {
			_ = mailer.NewDispatcher(r.config(piped(t, srv, nil))).Drain(t.Context())
			<-time.After(30 * time.Minute)
		}
		r.want(t, "sent", 19, "expired", 1)
		if took := time.Since(began); took < 72*time.Hour || took > 80*time.Hour {
			t.Errorf("it lapsed after %v", took)
		}
		if got := r.one(t, `select (select count(*) from suppressions) || ' ' || (select count(*) from owed)`); got != "0 2" {
			t.Errorf("suppressions and debts: %s", got)
		}
	})
}

// A letter of an earlier issue that the server cannot bear costs the next issue
// nothing.
func TestALetterThatEndsItsConnectionDoesNotSlowTheNextIssue(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, t.TempDir())
		r.issue(t, "first", 60)
		r.mark(t, "ill-", 1)
		_, end := running(t, r.config(piped(t, ill("ill-", "RCPT", smtptest.Hangup), nil)))
		<-time.After(3 * time.Minute)
		for k := range 4 {
			name := fmt.Sprintf("issue%d", k)
			r.issue(t, name, 60)
			<-time.After(5 * time.Second)
			if left := r.one(t, `select count(*) from deliveries where state <> 'sent' and address not like 'ill-%'`); left != "0" {
				t.Errorf("%s: %s letters wait", name, left)
			}
			<-time.After(20 * time.Minute)
		}
		end()
	})
}

// While a server refuses everybody no letter is to blame, however long it takes.
func TestAServerThatRefusesEverybodyIsToBlame(t *testing.T) {
	t.Parallel()
	for _, said := range []string{"550 5.7.1 policy", smtptest.Hangup} {
		t.Run(said, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				r := newRig(t, t.TempDir())
				r.issue(t, "weekly", 40)
				var fault atomic.Bool
				srv := smtptest.New(smtptest.Script{Rcpt: func(string) string {
					if fault.Load() {
						return said
					}
					return ""
				}, Dot: func(smtptest.Letter) string { <-time.After(time.Second); return "" }})
				_, end := running(t, r.config(piped(t, srv, nil)))
				for range 3 { // it takes some letters in between
					<-time.After(4 * time.Second)
					fault.Store(true)
					<-time.After(45 * time.Minute)
					fault.Store(false)
					<-time.After(time.Minute)
				}
				<-time.After(time.Hour)
				end()
				r.want(t, "sent", 40)
			})
		})
	}
}
