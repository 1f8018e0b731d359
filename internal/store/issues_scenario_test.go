package store

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"tidings.example/mailer"
)

func TestARestartMakesTheNewestMissedSlotAndRecordsTheOthers(t *testing.T) {
	t.Parallel()
	w := newMailWorld(t, "2026-11-16T10:00:00Z", aDigest())
	w.reader("ann")
	w.at("2026-11-17T07:00:00Z")
	w.tick()
	w.post("one")
	w.at("2026-11-21T12:00:00Z")
	r := w.tick()
	w.expect("ann", "news #1 en Europe/Berlin: one")
	want := []string{"2026-11-17 taken", "2026-11-18 skipped", "2026-11-19 skipped", "2026-11-20 skipped", "2026-11-21 taken"}
	if got := w.slots(mailer.Daily); !slices.Equal(got, want) {
		t.Errorf("slots %q, want %q", got, want)
	}
	if len(r.Skipped) != 3 || r.Skipped[0].Label != "2026-11-18" || r.Skipped[0].Cause == "" {
		t.Errorf("reported %+v", r.Skipped)
	}
	if again := w.tick(); len(again.Opened)+len(again.Skipped) != 0 {
		t.Errorf("a second tick made %+v", again)
	}
}

func TestASlotOlderThanMaxLatenessIsSkippedAndItsPostsComeNext(t *testing.T) {
	t.Parallel()
	d := aDigest(mailer.Weekly)
	d.MaxLateness = 24 * time.Hour
	w := newMailWorld(t, "2026-11-08T10:00:00Z", d)
	w.reader("ann")
	w.at("2026-11-09T07:00:00Z")
	w.tick()
	w.post("one")
	w.at("2026-11-17T07:00:01Z") // due a day and a second ago
	w.tick()
	w.expect("ann")
	if got := w.slots(mailer.Weekly); !slices.Equal(got, []string{"2026-W46 taken", "2026-W47 skipped"}) {
		t.Errorf("slots %q", got)
	}
	w.at("2026-11-23T07:00:00Z")
	w.tick()
	w.expect("ann", "news #1 en Europe/Berlin: one")
}

func TestNobodyGetsASlotFromBeforeTheyJoined(t *testing.T) {
	t.Parallel()
	w := newMailWorld(t, "2026-11-23T10:00:00Z", aDigest())
	w.reader("ann")
	w.post("one")
	w.at("2026-11-23T11:00:00Z")
	w.tick()
	w.expect("ann")
	if got := w.slots(mailer.Daily); len(got) != 0 {
		t.Errorf("slots %q", got)
	}
	w.at("2026-11-24T07:00:00Z")
	w.tick()
	w.expect("ann", "news #1 en Europe/Berlin: one")
}

func TestEveryZoneIsAWaveOfTheSameIssueWithTheSameCut(t *testing.T) {
	t.Parallel()
	w := newMailWorld(t, "2026-11-22T01:00:00Z", aDigest())
	for name, zone := range map[string]string{"kiri": "Pacific/Kiritimati", "bern": "", "york": "America/New_York"} {
		w.reader(name)
		w.wants(name, "zone", zone)
	}
	w.post("one")
	w.at("2026-11-22T18:00:00Z") // eight o'clock of the 23rd on Kiritimati
	w.tick()
	w.expect("kiri", "news #1 en Pacific/Kiritimati: one")
	w.at("2026-11-22T18:30:00Z")
	w.post("two")
	w.at("2026-11-23T07:00:00Z")
	w.tick()
	// Berlin: the slot of the 22nd was due, too, and nobody had one.
	w.at("2026-11-23T13:00:00Z")
	w.tick()
	w.expect("york", "news #1 en America/New_York: one")
	w.expect("bern", "news #1 en Europe/Berlin: one")
	w.sendAll()
	w.at("2026-11-23T18:00:00Z")
	w.tick()
	w.expect("kiri", "news #1 en Pacific/Kiritimati: one", "news #2 en Pacific/Kiritimati: two")
	w.at("2026-11-24T13:00:00Z")
	w.tick()
	w.expect("york", "news #1 en America/New_York: one", "news #2 en America/New_York: two")
	w.expect("bern", "news #1 en Europe/Berlin: one", "news #2 en Europe/Berlin: two")
}

func TestAChangeOfZoneMakesNoSecondCopy(t *testing.T) {
	t.Parallel()
	w := newMailWorld(t, "2026-11-22T10:00:00Z", aDigest())
	w.reader("ann")
	w.reader("york")
	w.wants("york", "zone", "America/New_York")
	w.post("one")
	w.at("2026-11-23T07:00:00Z")
	w.tick()
	w.wants("ann", "zone", "America/New_York")
	w.at("2026-11-23T13:00:00Z")
	w.tick()
	w.expect("ann", "news #1 en Europe/Berlin: one")
	w.expect("york", "news #1 en America/New_York: one")
}

func TestAReaderWhoseInstantHasPassedJoinsTheNextWave(t *testing.T) {
	t.Parallel()
	w := newMailWorld(t, "2026-11-22T10:00:00Z", aDigest())
	w.reader("ann")
	w.wants("ann", "zone", "America/New_York")
	w.reader("york")
	w.wants("york", "zone", "America/New_York")
	w.reader("bern")
	w.post("one")
	w.at("2026-11-23T07:00:00Z")
	w.tick()
	w.wants("ann", "zone", "Asia/Shanghai") // where eight has passed
	w.at("2026-11-23T13:00:00Z")
	w.tick()
	w.expect("ann", "news #1 en Asia/Shanghai: one")
}

func TestTopicsChooseAndNewTopicsBringNoOldPosts(t *testing.T) {
	t.Parallel()
	w := newMailWorld(t, "2026-11-22T10:00:00Z", aDigest())
	w.reader("ann")
	w.wants("ann", "topics", `{"tags":["git"]}`)
	w.reader("bob")
	w.post("one", "Git")
	w.post("two", "llm")
	w.at("2026-11-23T07:00:00Z")
	w.tick()
	w.wants("ann", "topics", `{"tags":["git","llm"]}`)
	w.post("three", "llm")
	w.at("2026-11-24T07:00:00Z")
	w.tick()
	w.expect("ann", "news #1 en Europe/Berlin: one", "news #2 en Europe/Berlin: three")
	w.expect("bob", "news #1 en Europe/Berlin: two one", "news #2 en Europe/Berlin: three")
}

func TestTheDigestsFilterHoldsForEverybody(t *testing.T) {
	t.Parallel()
	d := aDigest()
	d.Select.Tags = []string{"git"}
	w := newMailWorld(t, "2026-11-22T10:00:00Z", d)
	w.reader("ann")
	w.post("one", "git")
	w.post("two", "llm")
	w.at("2026-11-23T07:00:00Z")
	w.tick()
	w.expect("ann", "news #1 en Europe/Berlin: one")
}

func TestAPauseAndAChangeOfCadenceKeepTheCursor(t *testing.T) {
	t.Parallel()
	w := newMailWorld(t, "2026-11-22T10:00:00Z", aDigest(mailer.Daily, mailer.Weekly))
	w.reader("ann")
	w.reader("bob")
	w.exec(`update subscribers set state = 'paused' where id = ?`, w.id("ann"))
	w.post("one")
	w.at("2026-11-23T07:00:00Z")
	w.tick()
	w.wants("bob", "cadence", "weekly")
	w.exec(`update subscribers set state = 'active' where id = ?`, w.id("ann"))
	w.post("two")
	w.at("2026-11-24T07:00:00Z")
	w.tick()
	w.expect("ann", "news #2 en Europe/Berlin: two one")
	w.at("2026-11-30T07:00:00Z")
	w.tick()
	w.expect("bob", "news #1 en Europe/Berlin: one", "news #3 en Europe/Berlin: two")
}

func TestReadersOfACadenceThatIsOfferedNoMoreAreServedAtTheFirst(t *testing.T) {
	t.Parallel()
	w := newMailWorld(t, "2026-11-22T10:00:00Z", aDigest(mailer.Daily))
	w.reader("ann")
	w.wants("ann", "cadence", "monthly")
	w.post("one")
	w.at("2026-11-23T07:00:00Z")
	w.tick()
	w.expect("ann", "news #1 en Europe/Berlin: one")
}

func TestWithdrawnAndUnmailablePostsStayOutAndEditsAreTheNewest(t *testing.T) {
	t.Parallel()
	w := newMailWorld(t, "2026-11-22T10:00:00Z", aDigest())
	w.reader("ann")
	w.post("one")
	w.post("two")
	w.dated("old", w.now.AddDate(-1, 0, 0), false)
	w.withdraw("one")
	w.at("2026-11-23T07:00:00Z")
	w.tick()
	w.expect("ann", "news #1 en Europe/Berlin: two")
	w.exec(`update releases set withdrawn_at = 0`)
	w.at("2026-11-24T07:00:00Z")
	w.tick()
	w.expect("ann", "news #1 en Europe/Berlin: two")
}

func TestImmediateMakesAnIssueOfEveryPost(t *testing.T) {
	t.Parallel()
	w := newMailWorld(t, "2026-11-22T10:00:00Z", aDigest(mailer.Immediate))
	w.post("zero")
	w.tick()
	w.reader("ann")
	w.post("one")
	w.post("two")
	w.tick()
	w.tick()
	w.expect("ann", "news #1 en Europe/Berlin: one", "news #2 en Europe/Berlin: two")
	w.at("2026-11-22T11:00:00Z")
	w.post("late")
	w.at("2026-11-26T11:00:00Z")
	w.tick()
	w.post("three")
	w.tick()
	w.expect("ann", "news #1 en Europe/Berlin: one", "news #2 en Europe/Berlin: two", "news #3 en Europe/Berlin: three late")
	if got := w.slots(mailer.Immediate); !slices.Equal(got, []string{"late skipped", "one taken", "three taken", "two taken"}) {
		t.Errorf("slots %q", got)
	}
}

func TestLettersThatDidNotArriveReturnTheirPosts(t *testing.T) {
	t.Parallel()
	for _, state := range []mailer.DeliveryState{mailer.Failed, mailer.Lapsed, mailer.Cancelled} {
		w := newMailWorld(t, "2026-11-22T10:00:00Z", aDigest())
		w.reader("ann")
		w.reader("bob")
		w.post("one")
		w.at("2026-11-23T07:00:00Z")
		w.tick()
		w.exec(`update deliveries set cause = 'by hand', state = ? where subscriber = ?`, state, w.id("ann"))
		w.sendAll()
		w.post("two")
		w.at("2026-11-24T07:00:00Z")
		w.tick()
		w.expect("ann", "news #1 en Europe/Berlin: one", "news #2 en Europe/Berlin: two one")
		w.expect("bob", "news #1 en Europe/Berlin: one", "news #2 en Europe/Berlin: two")
		w.sendAll()
		w.at("2026-11-25T07:00:00Z")
		w.tick()
		if n := len(w.letters("ann")); n != 2 {
			t.Errorf("%s: %d letters: the debt was paid twice", state, n)
		}
	}
}

func TestALetterThatIsQueuedAgainTakesItsPostsBack(t *testing.T) {
	t.Parallel()
	w := newMailWorld(t, "2026-11-22T10:00:00Z", aDigest())
	w.reader("ann")
	w.post("one")
	w.at("2026-11-23T07:00:00Z")
	w.tick()
	w.exec(`update deliveries set cause = 'by hand', state = 'failed'`)
	w.exec(`update deliveries set cause = 'by hand', state = 'queued'`)
	w.at("2026-11-24T07:00:00Z")
	w.tick()
	w.expect("ann", "news #1 en Europe/Berlin: one")
	// Once the next issue has taken the posts up it is too late.
	w.exec(`update deliveries set cause = 'by hand', state = 'failed'`)
	w.at("2026-11-25T07:00:00Z")
	w.tick()
	w.exec(`update deliveries set cause = 'by hand', state = 'queued' where state = 'failed'`)
	var failed int
	if err := w.db.read.QueryRow(`select count(*) from deliveries where state = 'failed'`).Scan(&failed); err != nil || failed != 1 {
		t.Errorf("%d letters are still failed, %v; want 1", failed, err)
	}
	w.expect("ann", "news #1 en Europe/Berlin: one", "news #2 en Europe/Berlin: one")
}

func TestACrashBeforeThePublicationLeavesNothing(t *testing.T) {
	t.Parallel()
	w := newMailWorld(t, "2026-11-22T10:00:00Z", aDigest())
	for i := range 7 {
		w.reader(fmt.Sprintf("r%d", i))
	}
	w.post("one")
	w.at("2026-11-23T07:00:00Z")
	w.engine.Press = &crashingPress{DB: w.db}
	if _, err := w.engine.Tick(w.ctx, w.now); !errors.Is(err, errPower) {
		t.Fatal(err)
	}
	var frozen int
	if err := w.db.read.QueryRow(`select coalesce(sum(letters), 0) from members`).Scan(&frozen); err != nil || frozen != 7 {
		t.Fatalf("%d letters were frozen before the crash, %v", frozen, err)
	}
	w.expect("r0")
	if n, err := w.db.DropUnpublished(w.ctx); n != 1 || err != nil {
		t.Fatal(n, err)
	}
	w.engine.Press = w.db
	w.at("2026-11-23T07:05:00Z")
	w.tick()
	for i := range 7 {
		w.expect(fmt.Sprintf("r%d", i), "news #1 en Europe/Berlin: one")
	}
}

var errPower = errors.New("crash")

// crashingPress ends at the last step of a wave and tidies nothing up.
type crashingPress struct{ *DB }

func (p *crashingPress) Wave(id int64, g mailer.Group) mailer.Wave {
	return crashingWave{newWave(p.DB, id, g)}
}

type crashingWave struct{ *wave }

func (crashingWave) Publish(context.Context, mailer.Frozen, int64, time.Time) error { return errPower }
func (crashingWave) Drop(context.Context) error                                     { return nil }

func TestSuppressedAndLeftReadersAreNotInAnyWave(t *testing.T) {
	t.Parallel()
	w := newMailWorld(t, "2026-11-22T10:00:00Z", aDigest())
	w.reader("ann")
	w.reader("bob")
	w.reader("cid")
	w.exec(`insert into suppressions (hash, reason, at) select hash, 'operator', 0 from subscribers where id = ?`, w.id("ann"))
	w.exec(`update subscriptions set left_at = 1 where subscriber = ?`, w.id("bob"))
	w.post("one")
	w.at("2026-11-23T07:00:00Z")
	if r := w.tick(); r.Letters != 1 {
		t.Errorf("%d letters", r.Letters)
	}
}

func TestSendServesEverybodyNowAndNothingTwice(t *testing.T) {
	t.Parallel()
	w := newMailWorld(t, "2026-11-22T10:00:00Z", aDigest(mailer.Daily, mailer.Monthly))
	w.reader("ann")
	w.reader("bob")
	w.wants("bob", "cadence", "monthly")
	w.wants("bob", "topics", `{"tags":["git"]}`)
	w.dated("old", w.now.AddDate(0, -2, 0), false, "git")
	w.dated("older", w.now.AddDate(-1, 0, 0), false, "git")
	w.post("one", "git")
	w.at("2026-11-23T07:00:00Z")
	w.tick()
	w.at("2026-11-23T09:00:00Z")
	w.post("two")
	since := mailer.SendOptions{Since: w.now.AddDate(0, -3, 0)}
	rehearsal := since
	rehearsal.DryRun = true
	s, err := w.engine.Send(w.ctx, "news", rehearsal, w.now)
	if err != nil || s.Letters != 2 || s.Readers != 2 || len(s.Variety) != 2 {
		t.Fatalf("rehearsal %+v, %v", s, err)
	}
	w.expect("ann", "news #1 en Europe/Berlin: one")
	s, err = w.engine.Send(w.ctx, "news", since, w.now)
	if err != nil || s.Letters != 2 {
		t.Fatalf("%+v, %v", s, err)
	}
	w.expect("ann", "news #1 en Europe/Berlin: one", "news #2 en Europe/Berlin: two old")
	w.expect("bob", "news #2 en Europe/Berlin: one old")
	w.sendAll()
	w.at("2026-11-23T10:00:00Z")
	if s, err = w.engine.Send(w.ctx, "news", since, w.now); err != nil || s.Letters != 0 {
		t.Errorf("a second send made %+v, %v", s, err)
	}
	w.at("2026-12-01T07:00:00Z")
	w.tick()
	if n := len(w.letters("ann")) + len(w.letters("bob")); n != 3 {
		t.Errorf("%d letters: the schedule repeated what was sent by hand", n)
	}
	if _, err := w.engine.Send(w.ctx, "olds", since, w.now); !errors.Is(err, mailer.ErrNoDigest) {
		t.Error(err)
	}
}

func TestBacklogReachesAReaderWhoWasThereBeforeTheFirstScan(t *testing.T) {
	t.Parallel()
	w := newMailWorld(t, "2026-11-22T10:00:00Z", aDigest())
	w.reader("ann")
	w.dated("a", w.now.AddDate(-3, 0, 0), true)
	w.dated("b", w.now.AddDate(-2, 0, 0), true)
	if s, err := w.engine.Send(w.ctx, "news", mailer.SendOptions{}, w.now); err != nil || s.Letters != 1 {
		t.Fatalf("%+v, %v", s, err)
	}
	w.expect("ann", "news #1 en Europe/Berlin: b a")
}

func TestAReaderWhoChangesTopicsWhileTheWaveIsFrozenIsServedByTheNewOnes(t *testing.T) {
	t.Parallel()
	w := newMailWorld(t, "2026-11-22T10:00:00Z", aDigest())
	w.reader("ann")
	w.reader("bob")
	w.post("one", "git")
	w.post("two", "llm")
	w.at("2026-11-23T07:00:00Z")
	w.engine.Press = &meddlingPress{DB: w.db, meddle: func() { w.wants("bob", "topics", `{"tags":["llm"]}`) }}
	w.tick()
	w.expect("ann", "news #1 en Europe/Berlin: two one")
	w.expect("bob", "news #1 en Europe/Berlin: two")
}

// meddlingPress does something between rendering and freezing, once.
type meddlingPress struct {
	*DB
	meddle func()
}

func (p *meddlingPress) Wave(id int64, g mailer.Group) mailer.Wave {
	return &meddlingWave{newWave(p.DB, id, g), p}
}

type meddlingWave struct {
	*wave
	press *meddlingPress
}

func (m *meddlingWave) Freeze(ctx context.Context, r mailer.Rhythm, after int64, limit int, letter func(mailer.Interest) (int64, error)) (int64, mailer.Frozen, error) {
	if m.press.meddle != nil {
		m.press.meddle()
		m.press.meddle = nil
	}
	return m.wave.Freeze(ctx, r, after, limit, letter)
}

func TestTheNextSlotsAreListed(t *testing.T) {
	t.Parallel()
	w := newMailWorld(t, "2026-11-22T10:00:00Z", aDigest(mailer.Weekly, "0 12 * * *"))
	w.reader("ann")
	w.reader("bob")
	w.wants("bob", "cadence", "0 12 * * *")
	next, err := w.engine.Next(w.ctx, w.now)
	if err != nil || len(next) != 2 || next[0].Label != "2026-11-22T12:00" || next[1].Label != "2026-W48" {
		t.Errorf("%+v, %v", next, err)
	}
}

func TestAPreviewShowsWhatIsDueOrTheNewest(t *testing.T) {
	t.Parallel()
	w := newMailWorld(t, "2026-11-22T10:00:00Z", aDigest())
	w.post("one")
	w.post("two")
	for served, want := range map[int64]string{0: "two one", 1: "two", 2: "two one"} {
		e, err := w.engine.Preview(w.ctx, "news", served, w.now)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, p := range e.Posts {
			got = append(got, p.ID)
		}
		if strings.Join(got, " ") != want {
			t.Errorf("served up to %d: %q, want %q", served, got, want)
		}
	}
}

func TestADebtIsNotPaidByAnIssueThatTheReaderHadBefore(t *testing.T) {
	t.Parallel()
	w := newMailWorld(t, "2026-11-22T10:00:00Z", aDigest())
	w.reader("ann")
	w.reader("york")
	w.wants("york", "zone", "America/New_York")
	w.post("one")
	w.at("2026-11-23T07:00:00Z")
	w.tick() // the issue serves ann in Berlin
	w.sendAll()
	w.post("two")
	w.at("2026-11-23T08:00:00Z")
	if _, err := w.engine.Send(w.ctx, "news", mailer.SendOptions{}, w.now); err != nil {
		t.Fatal(err)
	}
	w.exec(`update deliveries set cause = 'by hand', state = 'failed' where state = 'queued'`)
	w.at("2026-11-23T13:00:00Z")
	w.tick() // and goes on in New York
	w.at("2026-11-24T07:00:00Z")
	w.tick()
	w.expect("ann", "news #1 en Europe/Berlin: one", "news #2 en Europe/Berlin: two", "news #3 en Europe/Berlin: two")
}

func TestACancelledIssueStopsAndItsPostsComeAgain(t *testing.T) {
	t.Parallel()
	w := newMailWorld(t, "2026-11-22T10:00:00Z", aDigest())
	w.reader("ann")
	w.reader("bob")
	w.reader("york")
	w.wants("york", "zone", "America/New_York")
	w.post("one")
	w.at("2026-11-23T07:00:00Z")
	issue := w.tick().Opened[0]
	w.exec(`update deliveries set cause = '', state = 'sent' where subscriber = ?`, w.id("bob"))
	if n, err := w.db.CancelIssue(w.ctx, issue.ID, w.now); n != (Cancelled{Letters: 1}) || err != nil {
		t.Errorf("%+v cancelled, %v; want ann's", n, err)
	}
	w.at("2026-11-23T13:00:00Z")
	w.tick()
	w.expect("york")
	w.at("2026-11-24T13:00:00Z")
	w.tick()
	w.expect("ann", "news #1 en Europe/Berlin: one", "news #2 en Europe/Berlin: one")
	w.expect("bob", "news #1 en Europe/Berlin: one")
	w.expect("york", "news #2 en America/New_York: one")
	var got []string
	for r, err := range w.db.WhoGot(w.ctx, issue.ID) {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, fmt.Sprintf("%s %s %s", r.Address, r.State, r.Cause))
	}
	if want := []string{"ann@example.com cancelled cancelled by the operator", "bob@example.com sent "}; !slices.Equal(got, want) {
		t.Errorf("who got it: %q, want %q", got, want)
	}
}

func TestACancelledLetterThatMayHaveArrivedIsNotMailedAgain(t *testing.T) {
	t.Parallel()
	w := newMailWorld(t, "2026-11-22T10:00:00Z", aDigest())
	for _, name := range []string{"ann", "bob", "cat", "dan"} {
		w.reader(name)
	}
	w.post("one")
	w.at("2026-11-23T07:00:00Z")
	issue := w.tick().Opened[0]
	w.exec(`update deliveries set state = 'unknown', cause = 'no answer', doubt = 1 where subscriber = ?`, w.id("ann"))
	w.exec(`update deliveries set state = 'deferred', cause = 'postponed', doubt = 1 where subscriber = ?`, w.id("bob"))
	w.exec(`update deliveries set state = 'inflight', owner = 'gone', intent_at = 1, address = 'cat@example.com' where subscriber = ?`, w.id("cat"))
	if n, err := w.db.CancelIssue(w.ctx, issue.ID, w.now); n != (Cancelled{Letters: 3, InDoubt: 2}) || err != nil {
		t.Errorf("%+v cancelled, %v; want three, two of them in doubt", n, err)
	}
	if _, err := w.db.Recover(w.ctx, "another", false, w.now); err != nil {
		t.Fatal(err)
	}
	w.at("2026-11-24T07:00:00Z")
	w.tick()
	w.expect("dan", "news #1 en Europe/Berlin: one", "news #2 en Europe/Berlin: one")
	for _, name := range []string{"ann", "bob", "cat"} {
		w.expect(name, "news #1 en Europe/Berlin: one")
		if got := w.fate(name); got != "cancelled: cancelled by the operator; it may have arrived" {
			t.Errorf("the letter of %s is %s", name, got)
		}
	}
}

// fate is the state of a reader's only letter, and why.
func (w *mailWorld) fate(name string) (s string) {
	w.t.Helper()
	err := w.db.read.QueryRow(`select state || ': ' || cause from deliveries where subscriber = ?`, w.id(name)).Scan(&s)
	if err != nil {
		w.t.Fatal(err)
	}
	return s
}

func TestAnIssueTakenAsMailedIsNotMailedAgain(t *testing.T) {
	t.Parallel()
	w := newMailWorld(t, "2026-11-22T10:00:00Z", aDigest())
	w.reader("ann")
	w.reader("bob")
	w.post("one")
	w.at("2026-11-23T07:00:00Z")
	issue := w.tick().Opened[0]
	w.exec(`update deliveries set state = 'inflight', owner = 'gone' where subscriber = ?`, w.id("ann"))
	if err := w.db.EndIssue(w.ctx, issue.ID, w.now); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{"ann": "taken as mailed by the operator; it may have arrived", "bob": "taken as mailed by the operator"} {
		if got := w.fate(name); got != "cancelled: "+want {
			t.Errorf("the letter of %s is %s", name, got)
		}
	}
	w.at("2026-11-24T07:00:00Z")
	if r := w.tick(); r.Letters != 0 {
		t.Errorf("%d letters are mailed again", r.Letters)
	}
}

func TestLettersInDoubtAndFailedOnesAreQueuedAgainByTheOperator(t *testing.T) {
	t.Parallel()
	w := newMailWorld(t, "2026-11-22T10:00:00Z", aDigest())
	for _, name := range []string{"ann", "bob", "cat"} {
		w.reader(name)
	}
	w.post("one")
	w.at("2026-11-23T07:00:00Z")
	issue := w.tick().Opened[0]
	w.exec(`update deliveries set state = 'unknown', cause = 'no answer' where subscriber = ?`, w.id("ann"))
	w.exec(`update deliveries set state = 'failed', cause = 'refused' where subscriber = ?`, w.id("bob"))
	w.exec(`update deliveries set cause = '', state = 'sent' where subscriber = ?`, w.id("cat"))
	for _, want := range []int{2, 0} {
		if n, err := w.db.RetryIssue(w.ctx, issue.ID, w.now); n.Queued != want || err != nil {
			t.Errorf("%d queued again, %v; want %d", n.Queued, err, want)
		}
	}
	tally, err := w.db.Tally(w.ctx, issue.ID)
	if err != nil || tally[mailer.Queued] != 2 || tally[mailer.Sent] != 1 {
		t.Errorf("%v %v", tally, err)
	}
	// What bob was owed came back with his letter: the next issue has nothing for him.
	w.exec(`update deliveries set cause = '', state = 'sent' where issue = ?`, issue.ID)
	w.at("2026-11-24T07:00:00Z")
	if r := w.tick(); r.Letters != 0 {
		t.Errorf("%d letters repeat what was retried", r.Letters)
	}
}

func TestAnIssueCancelledWhileItIsFrozenIsNotPublished(t *testing.T) {
	t.Parallel()
	w := newMailWorld(t, "2026-11-22T10:00:00Z", aDigest())
	w.reader("ann")
	w.post("one")
	w.at("2026-11-23T07:00:00Z")
	w.engine.Press = &meddlingPress{DB: w.db, meddle: func() {
		if _, err := w.db.CancelIssue(w.ctx, 1, w.now); err != nil {
			t.Error(err)
		}
	}}
	if _, err := w.engine.Tick(w.ctx, w.now); err == nil || !strings.Contains(err.Error(), "cancelled") {
		t.Error(err)
	}
	w.tick()
	w.expect("ann")
	w.at("2026-11-24T07:00:00Z")
	w.tick()
	w.expect("ann", "news #1 en Europe/Berlin: one")
}
