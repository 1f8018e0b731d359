package store

import (
	"testing"

	"tidings.example/mailer"
)

func TestAnIssueIsFinishedWithTheLastLetterOfItsLastWave(t *testing.T) {
	t.Parallel()
	w := newMailWorld(t, "2026-11-16T10:00:00Z", aDigest())
	w.reader("ann")
	w.reader("bob")
	w.wants("bob", "zone", "America/New_York")
	w.at("2026-11-17T07:00:00Z")
	w.tick()
	w.post("one")
	finish := func() (closed []mailer.Issue) {
		t.Helper()
		closed, err := w.engine.Finish(w.ctx, w.now)
		if err != nil {
			t.Fatal(err)
		}
		return closed
	}
	finish() // of the slot that nobody had a letter of
	w.at("2026-11-18T07:00:00Z")
	w.tick()
	w.takeAll()
	if got := finish(); len(got) != 0 {
		t.Errorf("closed with a letter open: %+v", got)
	}
	w.sendAll()
	if got := finish(); len(got) != 0 {
		t.Errorf("closed with a wave to come: %+v", got)
	}
	w.at("2026-11-18T13:00:00Z")
	if got := finish(); len(got) != 0 {
		t.Errorf("closed with a wave that is due: %+v", got)
	}
	w.tick()
	w.takeAll()
	w.sendAll()
	if got := finish(); len(got) != 1 || got[0].Number != 1 || !got[0].Closed.Equal(w.now) {
		t.Errorf("closed %+v, want issue 1 now", got)
	}
	if got := finish(); len(got) != 0 {
		t.Errorf("closed twice: %+v", got)
	}
	w.explain()
}
