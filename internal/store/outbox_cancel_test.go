package store

import (
	"testing"
	"time"

	"tidings.example/mailer"
)

// stopped cancels the issue of an outbox test.
func stopped(t *testing.T, db *DB) {
	t.Helper()
	if _, err := db.CancelIssue(t.Context(), 1, at); err != nil {
		t.Fatal(err)
	}
}

// returned checks that the one letter is cancelled, that nobody claims it any
// more, and that its post is owed again.
func returned(t *testing.T, db *DB) {
	t.Helper()
	if got, want := text(t, db, `select state || ': ' || cause || ' ' || owner from deliveries`), "cancelled: cancelled by the operator "; got != want {
		t.Errorf("the letter is %q, want %q", got, want)
	}
	if got := text(t, db, `select coalesce(group_concat(subscriber || ' ' || post || ' ' || wave), 'nothing') from owed`); got != "1000 tag:1 0" {
		t.Errorf("owed is %s", got)
	}
	got, err := db.Claim(t.Context(), mailer.ClaimRequest{Owner: "late", Now: at.AddDate(0, 0, 9), Lease: time.Minute, Deliveries: 5, Domain: "blog.example"})
	if err != nil || len(got) != 0 {
		t.Errorf("claimed %+v, %v", got, err)
	}
}

func TestOutboxLetterThatComesBackAfterItsIssueWasCancelledIsCancelled(t *testing.T) {
	t.Parallel()
	for _, state := range []mailer.DeliveryState{mailer.Queued, mailer.Deferred, mailer.Unknown} {
		db := outboxed(t, 1)
		l := intended(t, db, at)
		stopped(t, db)
		chained(t, db, mailer.Step{Results: []mailer.Result{{LetterRef: l.LetterRef, State: state, Due: at, Cause: "put off"}}})
		returned(t, db)
	}
}

func TestOutboxLetterUnderWayOfACancelledIssueMayArrive(t *testing.T) {
	t.Parallel()
	db := outboxed(t, 1)
	l := intended(t, db, at)
	stopped(t, db)
	chained(t, db, mailer.Step{Results: []mailer.Result{{LetterRef: l.LetterRef, State: mailer.Sent}}})
	if got := text(t, db, `select state || (select count(*) from owed) from deliveries`); got != "sent0" {
		t.Errorf("the letter is %s", got)
	}
}

func TestOutboxBounceThatIsTakenBackIsCancelledWithItsIssue(t *testing.T) {
	t.Parallel()
	db := outboxed(t, 1)
	l := intended(t, db, at)
	chained(t, db, mailer.Step{Results: []mailer.Result{{LetterRef: l.LetterRef, State: mailer.Refused, Bounce: mailer.BounceHard, Address: l.To}}})
	stopped(t, db)
	chained(t, db, mailer.Step{Window: mailer.WindowRotten})
	returned(t, db)
}

func TestOutboxFailureThatIsTakenBackIsCancelledWithItsIssue(t *testing.T) {
	t.Parallel()
	db := outboxed(t, 1)
	l := intended(t, db, at)
	chained(t, db, mailer.Step{Results: []mailer.Result{{LetterRef: l.LetterRef, State: mailer.Failed}}})
	stopped(t, db)
	chained(t, db, mailer.Step{Reopen: []mailer.LetterRef{l.LetterRef}})
	returned(t, db)
}

func TestOutboxRecoverDoesNotQueueLettersOfACancelledIssue(t *testing.T) {
	t.Parallel()
	for _, hold := range []bool{false, true} {
		db := outboxed(t, 1)
		intended(t, db, at)
		stopped(t, db)
		if _, err := db.Recover(t.Context(), "you", hold, at); err != nil {
			t.Fatal(err)
		}
		// It may have arrived: its posts do not come again.
		if got, want := text(t, db, `select state || ': ' || cause || (select count(*) from owed) from deliveries`), "cancelled: cancelled by the operator; it may have arrived0"; got != want {
			t.Errorf("the letter is %s, want %s", got, want)
		}
	}
}

// The letter was claimed between the two writes of a cancellation, or before
// an older version forgot it: the commit that would allow it asks again.
func TestOutboxIntentAsksWhetherTheIssueWasCancelled(t *testing.T) {
	t.Parallel()
	for _, written := range []bool{false, true} {
		db := outboxed(t, 1)
		l := claimed(t, db, "me", 1)[0]
		if written { // and its answer was lost
			chained(t, db, mailer.Step{Next: &l})
		}
		if err := db.Write(t.Context(), func(tx *Tx) error { return run(tx, `update issues set cancelled_at = 5`)() }); err != nil {
			t.Fatal(err)
		}
		if g := chained(t, db, mailer.Step{Next: &l}); g.Send {
			t.Error("the letter may go")
		}
		returned(t, db)
	}
}

func TestOutboxFailureThatIsTakenBackBeforeItIsWrittenIsVoid(t *testing.T) {
	t.Parallel()
	db := outboxed(t, 1)
	l := intended(t, db, at)
	chained(t, db, mailer.Step{Reopen: []mailer.LetterRef{l.LetterRef}})
	chained(t, db, mailer.Step{Results: []mailer.Result{{LetterRef: l.LetterRef, State: mailer.Failed, Cause: "policy"}}})
	if got := text(t, db, `select state || ': ' || cause || ' ' || owner from deliveries`); got != "queued: the server was to blame " {
		t.Errorf("the letter is %s", got)
	}
}
