package mailer_test

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"tidings.example/mailer/smtp/smtptest"
)

// takes is a server that needs so long for the letter of a reader, and no time
// for a notice.
func takes(d time.Duration) smtptest.Script {
	return smtptest.Script{Dot: func(l smtptest.Letter) string {
		if strings.HasPrefix(l.To, "weekly") {
			<-time.After(d)
		}
		return ""
	}}
}

func TestEveryConnectionOfAQuickServerTakesLettersOfAnIssue(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, t.TempDir())
		r.issue(t, "weekly", 400)
		srv := smtptest.New(takes(40 * time.Millisecond))
		_, end := running(t, r.config(piped(t, srv, nil)))
		began := time.Now()
		for r.states(t)["sent"] < 400 && time.Since(began) < time.Minute {
			<-time.After(100 * time.Millisecond)
		}
		took := time.Since(began)
		end()
		// Three connections alone would need 5.4 s.
		if _, most := srv.Conns(); most != 4 || took > 5*time.Second {
			t.Errorf("400 letters of 40 ms over %d connections took %v", most, took)
		}
	})
}

func TestANoticeDoesNotWaitBehindLettersOfASlowServer(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, t.TempDir())
		r.issue(t, "weekly", 12)
		srv := smtptest.New(takes(5 * time.Minute))
		d, end := running(t, r.config(piped(t, srv, nil)))
		for range 4 { // the last times beside letters that were answered
			<-time.After(5*time.Minute + 2*time.Second)
			r.notice(t, "confirmation", 0, "ann@example.org")
			began := time.Now()
			d.Wake()
			for r.one(t, `select count(*) from notices where state <> 'sent'`) != "0" && time.Since(began) < time.Minute {
				<-time.After(100 * time.Millisecond)
			}
			if took := time.Since(began); took > 2*time.Second {
				t.Errorf("a notice waited %v", took)
			}
			r.exec(t, `delete from notices`)
		}
		end()
		r.want(t, "sent", 12)
	})
}
