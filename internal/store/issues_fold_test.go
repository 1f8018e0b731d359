package store

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"tidings.example/mailer"
)

// closedIssue makes an issue for five readers in Berlin and one in New York,
// with letters in several states, and closes it.
func closedIssue(t *testing.T) (w *mailWorld, issue int64) {
	t.Helper()
	w = newMailWorld(t, "2026-11-22T10:00:00Z", aDigest())
	for _, name := range []string{"ann", "bob", "cid", "dan", "eve", "york"} {
		w.reader(name)
	}
	w.wants("york", "zone", "America/New_York")
	w.post("one")
	w.at("2026-11-23T07:00:00Z")
	issue = w.tick().Opened[0].ID
	w.at("2026-11-23T13:00:00Z")
	w.tick()
	w.exec(`update deliveries set cause = '', state = 'sent', reply = '250 ok', updated_at = 77`)
	w.exec(`update deliveries set cause = 'refused', state = 'failed' where subscriber = ?`, w.id("bob"))
	w.exec(`update deliveries set cause = 'no such user', state = 'bounced' where subscriber = ?`, w.id("cid"))
	w.tick()
	return w, issue
}

func (w *mailWorld) tally(issue int64) mailer.Tally {
	w.t.Helper()
	t, err := w.db.Tally(w.ctx, issue)
	if err != nil {
		w.t.Fatal(err)
	}
	return t
}

// receipts lists who got an issue.
func (w *mailWorld) receipts(issue int64) (out []string) {
	w.t.Helper()
	for r, err := range w.db.WhoGot(w.ctx, issue) {
		if err != nil {
			w.t.Fatal(err)
		}
		out = append(out, strings.TrimSpace(fmt.Sprintf("%s %s %s", strings.TrimSuffix(r.Address, "@example.com"), r.State, r.Cause)))
	}
	return out
}

func TestSentLettersAreFoldedTwoWeeksAfterTheClose(t *testing.T) {
	t.Parallel()
	w, issue := closedIssue(t)
	before, who := w.tally(issue), w.receipts(issue)
	w.at("2026-12-07T12:59:59Z")
	if n := w.tidy(); n != 0 {
		t.Errorf("%d rows folded within two weeks", n)
	}
	w.at("2026-12-07T13:00:00Z")
	if n := w.tidy(); n != 4 {
		t.Errorf("%d rows folded, want four", n)
	}
	if got := w.text(`select group_concat(state, ' ') from deliveries`); got != "failed bounced" {
		t.Errorf("rows left: %s", got)
	}
	if after := w.tally(issue); !maps.Equal(before, after) || after.Recipients() != 6 {
		t.Errorf("the sums were %v and are %v", before, after)
	}
	if got := w.receipts(issue); !slices.Equal(got, who) || len(got) != 6 {
		t.Errorf("who got it was %q and is %q", who, got)
	}
	if n := w.tidy(); n != 0 {
		t.Errorf("folded again: %d", n)
	}
}

func TestAFoldThatEndsAnywhereKeepsTheSums(t *testing.T) {
	t.Parallel()
	w, issue := closedIssue(t)
	before := w.tally(issue)
	w.at("2027-01-01T00:00:00Z")
	for after := int64(0); ; {
		var upto int64
		if err := w.db.Write(w.ctx, func(tx *Tx) (err error) {
			upto, _, err = foldSome(tx, issue, after, 1)
			return err
		}); err != nil {
			t.Fatal(err)
		}
		// Here the process could be killed.
		if got := w.tally(issue); !maps.Equal(before, got) {
			t.Fatalf("behind subscriber %d the sums are %v, want %v", upto, got, before)
		}
		if upto == 0 {
			break
		}
		after = upto
	}
	w.tidy()
	if got := w.tally(issue); !maps.Equal(before, got) {
		t.Errorf("the sums are %v, want %v", got, before)
	}
}

func TestAFoldedLetterIsNotDeliveredAgain(t *testing.T) {
	t.Parallel()
	w, issue := closedIssue(t)
	w.at("2027-01-01T00:00:00Z")
	w.tidy()
	// The same issue once more, for whoever has no letter of it.
	id, number, err := w.db.BeginWave(w.ctx, issue, w.now)
	if err != nil {
		t.Fatal(err)
	}
	i, err := w.db.Issue(w.ctx, issue)
	if err != nil {
		t.Fatal(err)
	}
	w.reader("late")
	wave := w.db.Wave(id, mailer.Group{Issue: i})
	var n mailer.Frozen
	for _, zone := range []string{"", "America/New_York"} {
		_, some, err := wave.Freeze(w.ctx, mailer.Rhythm{Zone: zone, Hour: -1, Minute: -1}, 0, 100, func(mailer.Interest) (int64, error) { return 1, nil })
		if err != nil {
			t.Fatal(err)
		}
		n.Readers, n.Letters = n.Readers+some.Readers, n.Letters+some.Letters
	}
	if err := wave.Publish(w.ctx, n, number, w.now); err != nil {
		t.Fatal(err)
	}
	if n.Letters != 1 {
		t.Errorf("%d letters, want the newcomer's", n.Letters)
	}
	// Nor do its posts come by another issue.
	since := mailer.SendOptions{Since: w.now.AddDate(-1, 0, 0), DryRun: true}
	s, err := w.engine.Send(w.ctx, "news", since, w.now)
	if err != nil || s.Letters != 1 {
		t.Errorf("a send since last year has %d letters, %v; want bob's, whose letter failed", s.Letters, err)
	}
}

func TestOfAnErasedReaderTheFoldedLetterStays(t *testing.T) {
	t.Parallel()
	w, issue := closedIssue(t)
	w.at("2027-01-01T00:00:00Z")
	w.tidy()
	for _, name := range []string{"ann", "bob"} {
		a, _ := mailer.ParseAddress(name + "@example.com")
		if _, err := w.db.Erase(w.ctx, a, w.now); err != nil {
			t.Fatal(err)
		}
	}
	var erased []string
	for r, err := range w.db.WhoGot(w.ctx, issue) {
		if err != nil {
			t.Fatal(err)
		}
		if r.Erased {
			erased = append(erased, fmt.Sprintf("%s%s", r.Address, r.State))
		}
	}
	if !slices.Equal(erased, []string{"sent", "failed"}) {
		t.Errorf("erased readers: %q", erased)
	}
	if n := w.tally(issue).Recipients(); n != 6 {
		t.Errorf("%d recipients", n)
	}
}

func TestARetriedLetterOpensItsIssueAgain(t *testing.T) {
	t.Parallel()
	w, issue := closedIssue(t)
	w.at("2027-01-01T00:00:00Z")
	w.tidy()
	w.exec(`delete from owed`)
	if n, err := w.db.RetryIssue(w.ctx, issue, w.now); n.Queued != 1 || err != nil {
		t.Fatal(n, err)
	}
	if i, err := w.db.Issue(w.ctx, issue); err != nil || !i.Closed.IsZero() {
		t.Errorf("closed at %s, %v, with an open letter", i.Closed, err)
	}
	w.sendAll()
	w.tick()
	w.at("2027-02-01T00:00:00Z")
	if n := w.tidy(); n != 1 {
		t.Errorf("%d folded, want bob's", n)
	}
	if got := w.tally(issue); got[mailer.Sent] != 5 || got.Recipients() != 6 {
		t.Errorf("%v", got)
	}
}

func TestRowsOfAnOlderReleaseAreFolded(t *testing.T) {
	t.Parallel()
	w, issue := closedIssue(t)
	w.exec(`delete from members`)
	before := w.receipts(issue)
	w.at("2027-01-01T00:00:00Z")
	if n := w.tidy(); n != 4 {
		t.Errorf("%d rows folded", n)
	}
	if got := w.receipts(issue); !slices.Equal(got, before) {
		t.Errorf("%q, want %q", got, before)
	}
}

func TestOneReaderAsksForOneLetter(t *testing.T) {
	t.Parallel()
	w, issue := closedIssue(t)
	w.reader("late")
	for _, folded := range []bool{false, true} {
		if folded {
			w.at("2027-01-01T00:00:00Z")
			w.tidy()
		}
		for name, want := range map[string]string{"ann": "true sent", "cid": "true bounced", "late": "false "} {
			a, _ := mailer.ParseAddress(name + "@EXAMPLE.com")
			r, member, err := w.db.WhetherGot(w.ctx, issue, a)
			if got := fmt.Sprintf("%t %s", member, r.State); err != nil || got != want {
				t.Errorf("folded %t: %s: %s, %v; want %s", folded, name, got, err, want)
			}
		}
	}
}

// Between two readers of a rare hour lies the whole list: it is read, not kept.
func TestFatesAreThoseOfTheReadersAskedFor(t *testing.T) {
	t.Parallel()
	w, issue := closedIssue(t)
	for _, when := range []string{"2026-11-24T00:00:00Z", "2027-01-01T00:00:00Z"} {
		w.at(when)
		w.tidy()
		found, err := fates(w.db.asks(w.ctx), issue, w.id("ann"), w.id("york"), 0, func(id int64) bool { return id == w.id("ann") || id == w.id("york") })
		if err != nil || len(found) != 2 || found[0].subscriber != w.id("ann") || found[1].subscriber != w.id("york") || found[1].state != mailer.Sent {
			t.Errorf("%s: %+v, %v", when, found, err)
		}
	}
}
