package mailer_test

import (
	"errors"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"tidings.example/mailer/smtp/smtptest"
)

// A clock that ran days ahead while a server was away makes nobody wait for days.
func TestAClockThatIsSetBackEndsNoSending(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, t.TempDir())
		r.issue(t, "weekly", 20)
		var away atomic.Bool
		away.Store(true)
		c := r.config(piped(t, smtptest.New(smtptest.Script{}), func() error {
			if away.Load() {
				return errors.New("connection refused")
			}
			return nil
		}))
		var ahead atomic.Int64
		c.Clock = func() time.Time { return time.Now().Add(time.Duration(ahead.Load())) }
		ahead.Store(int64(240 * time.Hour))
		_, end := running(t, c)
		<-time.After(10 * time.Minute)
		ahead.Store(0)
		away.Store(false)
		<-time.After(6 * time.Minute)
		end()
		r.want(t, "sent", 20)
	})
}
