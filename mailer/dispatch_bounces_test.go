package mailer_test

import (
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"

	"tidings.example/mailer"
	"tidings.example/mailer/smtp/smtptest"
)

func TestServerThatBeginsToKnowNobodySuppressesNobody(t *testing.T) {
	t.Parallel()
	for _, good := range []int{30, 48, 49, 50, 51, 99} {
		t.Run(fmt.Sprint(good), func(t *testing.T) {
			t.Parallel()
			r := newRig(t, t.TempDir())
			r.issue(t, "weekly", 250)
			var n atomic.Int32
			srv := smtptest.Start(t, smtptest.Script{Rcpt: func(string) string {
				if n.Add(1) > int32(good) {
					return "550 5.1.1 no such user"
				}
				return ""
			}})
			c := r.config(over(t, srv))
			c.Connections = 3
			if err := mailer.NewDispatcher(c).Drain(t.Context()); !errors.Is(err, mailer.ErrStopped) {
				t.Fatal(err)
			}
			r.want(t, "queued", 250-good, "sent", good)
			if got := r.one(t, `select count(*) from suppressions`); got != "0" {
				t.Errorf("%s readers are suppressed", got)
			}
		})
	}
}

func TestBouncesAmongManyLettersAreBelievedOneWindowLater(t *testing.T) {
	t.Parallel()
	r := newRig(t, t.TempDir())
	r.issue(t, "weekly", 400)
	believed := 0
	srv := smtptest.Start(t, smtptest.Script{Rcpt: func(to string) string {
		if strings.HasSuffix(to, "7@example.org") {
			return "550 5.1.1 no such user"
		}
		if strings.HasSuffix(to, "399@example.org") {
			believed = r.count(t, `select 'n', count(*) from suppressions`)["n"]
		}
		return ""
	}})
	c := r.config(over(t, srv))
	c.Connections = 1
	if err := mailer.NewDispatcher(c).Drain(t.Context()); err != nil {
		t.Fatal(err)
	}
	r.want(t, "bounced", 40, "sent", 360)
	if got := r.one(t, `select count(*) from suppressions`); got != "40" || believed < 25 || believed > 36 {
		t.Errorf("%s readers are suppressed at the end, %d before it", got, believed)
	}
}
