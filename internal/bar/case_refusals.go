package main

import (
	"crypto/tls"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"time"
)

// refusal is a way in which a server refuses us, and not the reader.
type refusal struct {
	name string
	at   phase
	// reply is what it says there; "" with a certificate that is bad.
	reply string
	cert  *tls.Certificate
	// word must be in what tidings says.
	word string
}

// refusals lets the server refuse us in many ways in the middle of one issue.
// Each time the run has to say why it waits, charge nobody, and go on by itself.
func refusals(t *trial) error {
	readers, connections := t.pick(100_000, 3_000), 8
	good, kinds, ca, err := kindsOfRefusal()
	if err != nil {
		return err
	}
	var shown atomic.Pointer[tls.Certificate]
	shown.Store(good)
	w, err := t.guarded(readers, connections, ca, &shown)
	if err != nil {
		return err
	}
	defer w.close()
	if err := w.post(); err != nil {
		return err
	}
	each := int64(readers / (len(kinds) + 1))
	begun := w.refuseAfter(each, kinds[0], &shown)
	p, err := w.start("serve")
	if err != nil {
		return err
	}
	for n, k := range kinds {
		if err := w.meets(p, k, begun); err != nil {
			return err
		}
		t.refused(w, p, k)
		shown.Store(good)
		if n+1 < len(kinds) {
			begun = w.refuseAfter(each, kinds[n+1], &shown)
		}
	}
	w.sink.play(nil)
	if err := w.sent(p, readers); err != nil {
		return err
	}
	if _, err := w.stop(p); err != nil {
		return err
	}
	if err := w.settle(); err != nil {
		return err
	}
	return t.afterRefusals(w, kinds)
}

// guarded is a world whose server wants a name and shows a certificate.
func (t *trial) guarded(readers, connections int, ca *authority, shown *atomic.Pointer[tls.Certificate]) (*world, error) {
	w, err := t.world("world", setup{readers: readers, connections: connections, smtp: "tls = \"starttls\"\nca_file = \"ca.pem\"\nusername = \"bar\"\npassword_env = \"BAR_PASSWORD\"\n"})
	if err != nil {
		return nil, err
	}
	if err := ca.write(filepath.Join(w.dir, "ca.pem")); err != nil {
		w.close()
		return nil, err
	}
	w.sink.auth = true
	w.sink.tls = &tls.Config{GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return shown.Load(), nil }}
	return w, nil
}

// kindsOfRefusal lists them, with the certificate that is good and its authority.
func kindsOfRefusal() (*tls.Certificate, []refusal, *authority, error) {
	ca, err1 := newAuthority()
	other, err2 := newAuthority()
	if err := errors.Join(err1, err2); err != nil {
		return nil, nil, nil, err
	}
	soon := time.Now().Add(200 * time.Hour)
	good, err1 := ca.issue(soon)
	foreign, err2 := other.issue(soon)
	old, err3 := ca.issue(time.Now().Add(-2 * time.Hour))
	bare := "250-sink.test\r\n250-8BITMIME\r\n250 ENHANCEDSTATUSCODES"
	return good, []refusal{
		{name: "AUTH 535", at: phaseAuth, reply: "535 5.7.8 bad credentials", word: "535"},
		{name: "STARTTLS is gone", at: phaseHello, reply: bare, word: "STARTTLS"},
		{name: "MAIL 550 5.7.1", at: phaseMail, reply: "550 5.7.1 sender refused", word: "550"},
		{name: "certificate of a foreign authority", at: phaseTLS, cert: foreign, word: "certificate"},
		{name: "dot 554 5.7.1", at: phaseDot, reply: "554 5.7.1 looks like spam", word: "554"},
		{name: "certificate that expired", at: phaseTLS, cert: old, word: "certificate"},
		{name: "greeting 554", at: phaseGreeting, reply: "554 5.7.1 go away", word: "554"},
		{name: "RCPT 550 5.7.1", at: phaseRcpt, reply: "550 5.7.1 blocked by policy", word: "550"},
		{name: "AUTH 530 is required", at: phaseMail, reply: "530 5.7.0 authentication required", word: "530"},
		{name: "RCPT 550 5.1.1 for everybody", at: phaseRcpt, reply: "550 5.1.1 no such user", word: "bounced"},
		{name: "STARTTLS 502", at: phaseTLS, reply: "502 5.5.1 not here", word: "502"},
	}, ca, errors.Join(err1, err2, err3)
}

// script is the server that refuses; connections from before end between two
// letters, so that they meet it.
func (k refusal) script() script {
	early := slices.Contains([]phase{phaseGreeting, phaseHello, phaseTLS, phaseAuth}, k.at)
	return func(at phase, _ *conn) answer {
		switch {
		case at == phaseReplied && early:
			return answer{hangup: true}
		case at == k.at && k.reply != "":
			return answer{reply: k.reply, hangup: at == phaseGreeting}
		}
		return answer{}
	}
}

// refuseAfter makes the server refuse us once it took so many letters, and
// tells when it does.
func (w *world) refuseAfter(letters int64, k refusal, shown *atomic.Pointer[tls.Certificate]) <-chan struct{} {
	begun := make(chan struct{})
	var taken atomic.Int64
	w.sink.play(func(at phase, _ *conn) answer {
		if at == phaseTaken && taken.Add(1) == letters {
			if k.cert != nil {
				shown.Store(k.cert)
			}
			w.sink.play(k.script())
			close(begun)
		}
		return answer{}
	})
	return begun
}

// meets waits until the server refuses us, and helps the clock to the next probe.
func (w *world) meets(p *process, k refusal, begun <-chan struct{}) error {
	return w.patiently(p, "letters before "+k.name, func() bool {
		select {
		case <-begun:
			return true
		default:
			return false
		}
	})
}

// sent waits until so many readers have their letter.
func (w *world) sent(p *process, many int) error {
	return w.patiently(p, fmt.Sprintf("%d readers have the letter", many), func() bool {
		_, distinct := w.sink.counts()
		return distinct >= many
	})
}

// patiently waits until something is so, and moves the clock past what the
// process waits for whenever no letter came for two seconds.
func (w *world) patiently(p *process, what string, so func() bool) error {
	last, since := 0, time.Now()
	return w.until(p, what, func() (bool, error) {
		if letters, _ := w.sink.counts(); letters != last {
			last, since = letters, time.Now()
		} else if time.Since(since) > 2*time.Second {
			since = time.Now()
			return false, w.setClock(w.ahead + 10*time.Minute)
		}
		return so(), nil
	})
}

// refused waits until tidings says why it waits, and looks whom it charged.
func (t *trial) refused(w *world, p *process, k refusal) {
	t.doing("%s", k.name)
	var said string
	err := w.until(p, k.name, func() (bool, error) {
		s, err := w.standing()
		for _, line := range s.Trouble {
			if strings.Contains(line, k.word) {
				said = line
			}
		}
		return said != "", err
	})
	bound := "one line with " + k.word + ", everybody active, no letter taken, letters that wait"
	if err != nil {
		t.check(false, k.name, err, bound)
		return
	}
	before, _ := w.sink.counts()
	s, err := w.standing()
	after, _ := w.sink.counts()
	if err != nil {
		t.check(false, k.name, err, bound)
		return
	}
	value := fmt.Sprintf("%s; %d active, %d taken, %d wait", said, s.Subscribers["active"], after-before, s.open())
	t.check(!strings.Contains(said, "\n") && s.Subscribers["active"] == w.readers && before == after && s.open() > 0, k.name, value, bound)
}

// afterRefusals judges the end.
func (t *trial) afterRefusals(w *world, kinds []refusal) error {
	i, err := w.newest()
	if err != nil {
		return err
	}
	s, err := w.standing()
	if err != nil {
		return err
	}
	got := w.sink.tally(i.ID, w.audience(), w.ended)
	t.check(len(t.figures) == len(kinds), "refusals that happened", len(t.figures), fmt.Sprint(len(kinds)))
	t.none("readers who got no letter", got.missing)
	t.check(got.extras == 0, "extra copies", got.extras, "0")
	t.none("copies with other bytes or another Message-ID", got.unlike)
	t.check(i.Recipients == w.readers && i.States["sent"] == w.readers && i.State == "finished", "what the issue says", i.states()+": "+i.State, fmt.Sprintf("%d sent: finished", w.readers))
	t.check(s.Subscribers["active"] == w.readers && len(s.Trouble) == 0, "what status says in the end", fmt.Sprintf("%v %v", s.Subscribers, s.Trouble), fmt.Sprintf("%d active, no trouble", w.readers))
	t.intact(w)
	return nil
}
