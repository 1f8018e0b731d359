package main

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"tidings.example/internal/store"
)

func TestOnlyLettersThatAConnectionHasAreUnderWay(t *testing.T) {
	t.Parallel()
	q := store.Queue{Queued: 5, Leased: 3, Inflight: 2, Deferred: 4, Unknown: 1}
	if got := lettersLine(q, true); got != "letters: 8 queued, 4 deferred, 2 under way, 1 in doubt" {
		t.Errorf("while somebody sends: %s", got)
	}
	if got := lettersLine(q, false); got != "letters: 8 queued, 4 deferred, 0 under way, 3 in doubt" {
		t.Errorf("while nobody sends: %s", got)
	}
}

func TestWhatComesSoonIsToldByTheSecond(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 25, 15, 50, 48, 300e6, time.UTC)
	at := times{now: now, zone: time.UTC, runs: true}
	for left, want := range map[time.Duration]string{
		-time.Hour: "now", 0: "now", 10 * time.Millisecond: "in 1s", 11800 * time.Millisecond: "in 12s", 95 * time.Second: "in 1m35s",
		10 * time.Minute: "2026-11-25 16:00 UTC", 30 * time.Hour: "2026-11-26 21:50 UTC",
	} {
		if got := at.ahead(now.Add(left)); got != want {
			t.Errorf("in %s: %q, want %q", left, got, want)
		}
	}
	soon, since := now.Add(12*time.Second), now.Add(-time.Hour)
	s := serverStanding{Name: "mx", Tried: true, Reason: "connect: refused", Since: &since, Next: &soon}
	if got, want := s.line(at), "server mx: waits since 2026-11-25 14:50 UTC: connect: refused, next try in 12s"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	if got := s.line(times{now: now, zone: time.UTC}); !strings.HasSuffix(got, ", the next run tries again") {
		t.Errorf("while nobody sends: %s", got)
	}
	s.Limited = true
	if got := s.line(at); !strings.HasSuffix(got, ", goes on in 12s") {
		t.Errorf("a limit: %s", got)
	}
}

func TestClaimedLettersOfAServerThatIsAwayWait(t *testing.T) {
	t.Parallel()
	m := newMailServer(t)
	w := newWorld(t, strings.Replace(m.config(), "\nport = ", "\nport = 1 # ", 1))
	w.database()
	for _, c := range "abcde" {
		w.ok("subscribers", "add", string(c)+"@example.com", "--consent", "yes", "--cadence", "immediate")
	}
	r := w.serve()
	w.post("second", "2026-11-23", "News.")
	r.await("no connection")
	out := w.ok("status")
	if !strings.Contains(out, "\nletters: 5 queued, 0 deferred, 0 under way, 0 in doubt\n") || !strings.Contains(out, ", next try ") {
		t.Errorf("status says\n%s", out)
	}
	var s struct{ Queue store.Queue }
	if err := json.Unmarshal([]byte(w.ok("--json", "status")), &s); err != nil || s.Queue.Leased != 5 {
		t.Errorf("the queue is %+v, %v", s.Queue, err)
	}
}
