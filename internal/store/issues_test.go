package store

import (
	"slices"
	"strings"
	"testing"

	"tidings.example/mailer"
)

func TestADueSlotMakesOneIssueThatServesEachReaderOnce(t *testing.T) {
	t.Parallel()
	w := newMailWorld(t, "2026-11-22T10:00:00Z", aDigest())
	for _, name := range []string{"ann", "bob", "cid", "dan", "eve"} {
		w.reader(name)
	}
	w.post("one")
	w.tick()
	w.expect("ann")
	w.at("2026-11-23T06:59:00Z")
	w.tick()
	w.expect("ann")
	w.at("2026-11-23T07:00:00Z")
	r := w.tick()
	if r.Letters != 5 || len(r.Opened) != 1 || r.Opened[0].Label != "2026-11-23" {
		t.Errorf("report %+v", r)
	}
	w.tick()
	w.sendAll()
	w.tick()
	for _, name := range []string{"ann", "bob", "cid", "dan", "eve"} {
		w.expect(name, "news #1 en Europe/Berlin: one")
	}
	if got := w.slots(mailer.Daily); !slices.Equal(got, []string{"2026-11-23 taken"}) {
		t.Errorf("slots %q", got)
	}
	var variants, open int
	if err := w.db.read.QueryRow(`select (select count(*) from variants), (select count(*) from issues where closed_at is null)`).Scan(&variants, &open); err != nil || variants != 1 || open != 0 {
		t.Errorf("%d variants, %d open issues, %v; want one letter for all and the issue closed", variants, open, err)
	}
}

func TestAnIssueWithoutLettersTakesItsSlotAndNoNumber(t *testing.T) {
	t.Parallel()
	w := newMailWorld(t, "2026-11-22T10:00:00Z", aDigest())
	w.reader("ann")
	w.at("2026-11-23T07:00:00Z")
	w.tick()
	w.post("one")
	w.tick()
	w.at("2026-11-24T07:00:00Z")
	w.tick()
	w.expect("ann", "news #1 en Europe/Berlin: one")
	if got := w.slots(mailer.Daily); !slices.Equal(got, []string{"2026-11-23 taken", "2026-11-24 taken"}) {
		t.Errorf("slots %q", got)
	}
}

func TestARenderingThatFailsStopsTheIssueBeforeAnythingIsFrozen(t *testing.T) {
	t.Parallel()
	w := newMailWorld(t, "2026-11-22T10:00:00Z", aDigest())
	w.reader("ann")
	w.post("one")
	w.at("2026-11-23T07:00:00Z")
	w.broken = true
	if _, err := w.engine.Tick(w.ctx, w.now); err == nil || !strings.Contains(err.Error(), "digest.html:3") {
		t.Fatalf("error %v", err)
	}
	var rows int
	if err := w.db.read.QueryRow(`select (select count(*) from deliveries) + (select count(*) from variants) + (select count(*) from waves) + (select count(*) from members)`).Scan(&rows); err != nil || rows != 0 {
		t.Errorf("%d rows are left, %v", rows, err)
	}
	w.broken = false
	w.at("2026-11-23T07:01:00Z")
	w.tick()
	w.expect("ann", "news #1 en Europe/Berlin: one")
}
