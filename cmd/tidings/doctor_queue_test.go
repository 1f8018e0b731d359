package main

import (
	"path/filepath"
	"strings"
	"testing"
	"time"

	"tidings.example/internal/doctor"
	"tidings.example/internal/store"
	"tidings.example/mailer"
)

// TestTheDoctorSaysWhyOpenLettersDoNotGo goes through who may send them, and
// how the server stands.
func TestTheDoctorSaysWhyOpenLettersDoNotGo(t *testing.T) {
	t.Parallel()
	m := newMailServer(t)
	w := newWorld(t, m.config())
	w.database()
	w.ok("subscribers", "add", "reader@example.com")
	sh := &shell{out: &strings.Builder{}, err: &strings.Builder{}, getenv: func(string) string { return "" }, now: w.clock,
		args: &grammar{Config: filepath.Join(w.dir, "tidings.toml")}}
	p, err := sh.open(t.Context(), false)
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	e := &examiner{p: p}
	says := func(level doctor.Level, words string) {
		t.Helper()
		found := e.queue(t.Context())
		if len(found) == 0 || found[0].Level != level || !strings.Contains(found[0].What, words) {
			t.Errorf("the queue: %+v, want %v and %q", found, level, words)
		}
	}
	const nobody = "1 letter open, some of them due, and nothing sends"
	says(doctor.Warn, nobody)

	lock, err := p.db.Lock(t.Context(), "run", w.clock())
	if err != nil {
		t.Fatal(err)
	}
	says(doctor.OK, "1 letter open")
	now := w.clock()
	for _, c := range []struct {
		level doctor.Level
		words string
		s     mailer.ServerStatus
	}{
		{doctor.OK, "1 letter open; server 127.0.0.1: waits since ", mailer.ServerStatus{Reason: "RCPT: EOF", Since: now}},
		{doctor.Warn, ": RCPT: EOF", mailer.ServerStatus{Reason: "RCPT: EOF", Since: now.Add(-lull)}},
		{doctor.Warn, "1 letter open, and none goes out: server 127.0.0.1: paused since ", mailer.ServerStatus{Reason: "RCPT: 550 5.7.1 policy", Since: now, Stopped: true}},
		{doctor.Warn, "answers, but puts letters off", mailer.ServerStatus{Reason: "answers, but puts letters off", Since: now, PutsOff: true, Tried: true}},
		{doctor.OK, "goes on in ", mailer.ServerStatus{Reason: "100 letters in this hour", Since: now.Add(-lull), Next: now.Add(time.Minute), Limited: true}},
		{doctor.OK, "1 letter open", mailer.ServerStatus{Tried: true}},
	} {
		c.s.Name = "127.0.0.1"
		if err := p.db.Stand(t.Context(), []mailer.ServerStatus{c.s}); err != nil {
			t.Fatal(err)
		}
		says(c.level, c.words)
	}

	if err := lock.Close(); err != nil {
		t.Fatal(err)
	}
	says(doctor.OK, "the next tidings run sends what is due")
	w.pass(cronRests)
	says(doctor.Warn, nobody)
	serveAndEnd(t, p.db, w.clock())
	says(doctor.Warn, nobody)
}

// serveAndEnd is a daemon that came and went.
func serveAndEnd(t *testing.T, db *store.DB, now time.Time) {
	t.Helper()
	lock, err := db.Lock(t.Context(), "serve", now)
	if err != nil {
		t.Fatal(err)
	}
	if err := lock.Close(); err != nil {
		t.Fatal(err)
	}
}
