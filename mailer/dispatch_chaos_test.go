package mailer_test

import (
	"math/rand/v2"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"tidings.example/mailer/smtp/smtptest"
)

// moody is a server that answers a fifth of everything with some trouble that
// is nobody's fault.
func moody(seed uint64) smtptest.Script {
	var mu sync.Mutex
	random := rand.New(rand.NewPCG(seed, 2))
	mood := func(troubles ...string) string {
		mu.Lock()
		defer mu.Unlock()
		if random.IntN(5) > 0 {
			return ""
		}
		return troubles[random.IntN(len(troubles))]
	}
	gone := smtptest.Hangup
	return smtptest.Script{
		Careless: true,
		Greeting: func() string { return mood(gone, "421 4.3.2 busy", "hello") },
		Mail:     func(string) string { return mood(gone, "421 4.3.2 enough", "451 4.3.0 later", "what?") },
		Rcpt: func(string) string {
			return mood(gone, "450 4.2.0 greylisted", "450 4.7.1 rate limit", "452 4.5.3 too many")
		},
		Data: func() string { return mood(gone, "451 4.3.0 later") },
		Dot: func(smtptest.Letter) string {
			return mood(gone, smtptest.Lost, "451 4.3.0 later", "421 4.3.2 bye", "huh")
		},
		Reset: func() string { return mood(gone, "421 4.3.2 bye") },
	}
}

func TestMoodyServerGetsEveryLetterInTheEnd(t *testing.T) {
	t.Parallel()
	seed := rand.Uint64()
	synctest.Test(t, func(t *testing.T) {
		const readers = 12
		r := newRig(t, t.TempDir())
		r.issue(t, "weekly", readers)
		srv := smtptest.New(moody(seed))
		_, end := running(t, r.config(piped(t, srv, nil)))
		began := time.Now()
		for r.states(t)["sent"] < readers && time.Since(began) < 72*time.Hour {
			<-time.After(5 * time.Minute)
		}
		end()
		r.want(t, "sent", readers)
		texts := map[string]string{}
		for _, l := range srv.Letters() {
			if was := texts[l.To]; was != "" && was != l.Text {
				t.Errorf("seed %d: the copies to %s differ:\n%s\n%s", seed, l.To, was, l.Text)
			}
			texts[l.To] = l.Text
		}
		if len(texts) != readers {
			t.Errorf("seed %d: %d readers got a letter, want %d", seed, len(texts), readers)
		}
		if got := r.one(t, `select (select count(*) from suppressions) || (select count(*) from bounces)`); got != "00" {
			t.Errorf("seed %d: suppressions and bounces are %s", seed, got)
		}
	})
}
