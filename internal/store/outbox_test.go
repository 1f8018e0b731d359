package store

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"tidings.example/internal/store/storetest"
	"tidings.example/mailer"
)

// at is the time of the outbox tests.
var at = time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC)

// outboxed is a database with one published issue of readers.
func outboxed(t *testing.T, readers int) *DB {
	t.Helper()
	db := storetest.Open(t, filepath.Join(t.TempDir(), "o.db"), Open)
	t.Cleanup(func() { db.Close() })
	fill(t, db, 1, readers)
	return db
}

// fill makes an issue with its wave, variant, readers and deliveries.
func fill(t *testing.T, db *DB, issue, readers int) {
	t.Helper()
	digest := fmt.Sprint("d", issue)
	err := db.Write(t.Context(), func(tx *Tx) error {
		steps := []func() error{
			run(tx, `insert into issues (id, digest, cadence, label, cut, due_at, opened_at) values (?, ?, 'weekly', 'W1', 1, 1, 1)`, issue, digest),
			run(tx, `insert into waves (id, issue, instant, published_at) values (?, ?, 1, 1)`, issue, issue),
			run(tx, `insert into variants (id, wave, subject, letter, posts, sender) values (?, ?, 's', x'01', '["tag:1"]', 'digest@blog.example')`, issue, issue),
		}
		for k := range readers {
			a, id := fmt.Sprintf("r%d@d%d.example", k, issue), 1000*issue+k
			steps = append(steps,
				run(tx, `insert into subscribers (id, address, address_key, hash, state, created_at, changed_at) values (?, ?, ?, ?, 'active', 1, 1)`, id, a, a, "h"+a),
				run(tx, `insert into subscriptions (subscriber, digest, cursor, created_at, confirmed_at) values (?, ?, 0, 1, 1)`, id, digest),
				run(tx, `insert into deliveries (id, issue, subscriber, wave, variant, state) values (?1 << 36 | ?2, ?1, ?2, ?3, ?4, 'queued')`, issue, id, issue, issue))
		}
		for _, step := range steps {
			if err := step(); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func run(tx *Tx, text string, args ...any) func() error {
	return func() error { _, err := tx.Exec(text, args...); return err }
}

func claimed(t *testing.T, db *DB, owner string, n int) []mailer.Letter {
	t.Helper()
	got, err := db.Claim(t.Context(), mailer.ClaimRequest{Owner: owner, Now: at, Lease: time.Minute, Notices: n, Deliveries: n, Domain: "blog.example"})
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func chained(t *testing.T, db *DB, s mailer.Step) mailer.Grant {
	t.Helper()
	if s.Now.IsZero() {
		s.Now = at
	}
	g, err := db.Chain(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

// intended claims one letter and writes its intent.
func intended(t *testing.T, db *DB, now time.Time) mailer.Letter {
	t.Helper()
	got, err := db.Claim(t.Context(), mailer.ClaimRequest{Owner: "me", Now: now, Lease: time.Minute, Deliveries: 1, Domain: "blog.example"})
	if err != nil || len(got) != 1 {
		t.Fatalf("claimed %v, %v", got, err)
	}
	if g := chained(t, db, mailer.Step{Now: now, Next: &got[0]}); !g.Send || g.To != got[0].To {
		t.Fatalf("grant is %+v", g)
	}
	return got[0]
}

func text(t *testing.T, db *DB, query string, args ...any) (s string) {
	t.Helper()
	if err := db.read.QueryRowContext(t.Context(), query, args...).Scan(&s); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return s
}

func TestOutboxClaimTellsAllThatALetterNeedsAndHoldsIt(t *testing.T) {
	t.Parallel()
	db := outboxed(t, 3)
	first := claimed(t, db, "me", 2)
	if len(first) != 2 {
		t.Fatalf("claimed %d letters, want 2", len(first))
	}
	l := first[0]
	if l.Issue != 1 || l.Subscriber != 1000 || l.Digest != "d1" || l.Variant != 1 || l.From != "digest@blog.example" || l.To != "r0@d1.example" ||
		l.Fence != 1 || !l.Intent.IsZero() || !strings.HasPrefix(l.MessageID, "1.") || !strings.HasSuffix(l.MessageID, "@blog.example") {
		t.Errorf("letter is %+v", l)
	}
	if more := claimed(t, db, "other", 5); len(more) != 1 || more[0].ID == l.ID || more[0].ID == first[1].ID {
		t.Errorf("another sender claimed %+v", more)
	}
	if due, err := db.NextDue(t.Context()); err != nil || !due.IsZero() {
		t.Errorf("next due is %v, %v; all are claimed", due, err)
	}
}

func TestOutboxClaimIsFairBetweenIssues(t *testing.T) {
	t.Parallel()
	db := outboxed(t, 50)
	fill(t, db, 2, 50)
	fill(t, db, 3, 2)
	count := map[int64]int{}
	for _, l := range claimed(t, db, "me", 30) {
		count[l.Issue]++
	}
	if count[3] != 2 || count[1]+count[2] != 28 || count[1] < 10 || count[2] < 10 {
		t.Errorf("claimed %v of 50, 50 and 2", count)
	}
}

func TestOutboxResentLetterKeepsIdAndDateWhateverChanged(t *testing.T) {
	t.Parallel()
	db := outboxed(t, 1)
	first := intended(t, db, at)
	later := at.Add(5 * time.Hour)
	if r, err := db.Recover(t.Context(), "you", false, later); err != nil || r.InDoubt != 1 || r.Leased != 0 {
		t.Fatalf("recovered %+v, %v", r, err)
	}
	err := db.Write(t.Context(), func(tx *Tx) error {
		if _, err := tx.Exec(`update keys set retired_at = 5 where purpose = 'message_id'`); err != nil {
			return err
		}
		_, err := tx.Exec(`insert into keys (purpose, secret, created_at) values ('message_id', x'ff', 9)`)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	got, err := db.Claim(t.Context(), mailer.ClaimRequest{Owner: "you", Now: later, Deliveries: 1, Domain: "moved.example"})
	if err != nil || len(got) != 1 {
		t.Fatal(got, err)
	}
	g := chained(t, db, mailer.Step{Now: later, Next: &got[0]})
	if got[0].MessageID != first.MessageID || !g.Date.Equal(at) || !got[0].Intent.Equal(at) || got[0].Fence != first.Fence+1 {
		t.Errorf("sent again as %+v dated %v, first was %+v", got[0], g.Date, first)
	}
}

func TestOutboxRecoverLeavesTheLivingAndKeepsDoubtsOnHold(t *testing.T) {
	t.Parallel()
	db := outboxed(t, 3)
	claimed(t, db, "dead", 1)
	mine := claimed(t, db, "me", 1)
	inflight := claimed(t, db, "dead", 1)
	chained(t, db, mailer.Step{Next: &inflight[0]})
	r, err := db.Recover(t.Context(), "me", true, at)
	if err != nil || r.Leased != 1 || r.InDoubt != 1 {
		t.Fatalf("recovered %+v, %v", r, err)
	}
	tally, err := db.Tally(t.Context(), 1)
	if err != nil || tally[mailer.Queued] != 1 || tally[mailer.Leased] != 1 || tally[mailer.Unknown] != 1 || tally.Open() != 3 {
		t.Errorf("tally is %v, %v", tally, err)
	}
	if g := chained(t, db, mailer.Step{Next: &mine[0]}); !g.Send {
		t.Error("the living lost its claim")
	}
	// The operator changed his mind.
	if r, err := db.Recover(t.Context(), "me", false, at); err != nil || r.InDoubt != 1 {
		t.Errorf("recovered %+v, %v", r, err)
	}
}

func TestOutboxResultOfAnOldClaimIsVoid(t *testing.T) {
	t.Parallel()
	db := outboxed(t, 1)
	old := intended(t, db, at)
	if _, err := db.Recover(t.Context(), "you", false, at); err != nil {
		t.Fatal(err)
	}
	now := claimed(t, db, "you", 1)
	chained(t, db, mailer.Step{Results: []mailer.Result{{LetterRef: old.LetterRef, State: mailer.Refused, Bounce: mailer.BounceHard, Address: old.To}}, Window: mailer.WindowSane})
	if got := text(t, db, `select state || ' ' || owner from deliveries`); got != "leased you" {
		t.Errorf("the letter is %s", got)
	}
	if got := text(t, db, `select (select count(*) from bounces) || (select count(*) from suppressions)`); got != "00" {
		t.Errorf("bounces and suppressions are %s", got)
	}
	if g := chained(t, db, mailer.Step{Next: &old}); g.Send {
		t.Error("the old claim may send")
	}
	if g := chained(t, db, mailer.Step{Next: &now[0]}); !g.Send {
		t.Error("the new claim may not send")
	}
}

func TestOutboxStepWrittenTwiceIsWrittenOnce(t *testing.T) {
	t.Parallel()
	db := outboxed(t, 2)
	letters := claimed(t, db, "me", 2)
	chained(t, db, mailer.Step{Next: &letters[0]})
	step := mailer.Step{Next: &letters[1], Results: []mailer.Result{{LetterRef: letters[0].LetterRef, State: mailer.Deferred, Counted: true, Due: at.Add(time.Minute), Bounce: mailer.BounceSoft, Address: letters[0].To}}}
	for range 2 { // the answer to the first was lost
		if g := chained(t, db, step); !g.Send {
			t.Fatalf("grant is %+v", g)
		}
	}
	if got := text(t, db, `select group_concat(state || attempts, ' ') || (select count(*) from bounces) from deliveries`); got != "deferred1 inflight01" {
		t.Errorf("rows are %s", got)
	}
}

func TestOutboxSoftBouncesOnFiveDaysAreAHardOne(t *testing.T) {
	t.Parallel()
	db := outboxed(t, 1)
	for n := range 5 {
		now := at.AddDate(0, 0, n)
		for range 2 { // twice a day counts once
			l := intended(t, db, now)
			g := chained(t, db, mailer.Step{Now: now, Results: []mailer.Result{{LetterRef: l.LetterRef, State: mailer.Deferred, Due: now, Bounce: mailer.BounceSoft, Address: l.To}}})
			if want := n == 4; (g.Hardened == 1) != want {
				t.Fatalf("on day %d hardened is %d", n+1, g.Hardened)
			}
			if g.Hardened == 1 {
				break
			}
		}
	}
	chained(t, db, mailer.Step{Now: at.AddDate(0, 0, 5), Window: mailer.WindowSane})
	if got := text(t, db, `select d.state || ' ' || s.state || ' ' || p.reason from deliveries d join subscribers s on s.id = d.subscriber join suppressions p on p.hash = s.hash`); got != "bounced bounced bounced" {
		t.Errorf("letter, reader and suppression are %s", got)
	}
}

func TestOutboxRottenWindowReturnsItsBouncesAndSuppressesNobody(t *testing.T) {
	t.Parallel()
	db := outboxed(t, 3)
	var results []mailer.Result
	for range 3 {
		l := intended(t, db, at)
		results = append(results, mailer.Result{LetterRef: l.LetterRef, State: mailer.Refused, Bounce: mailer.BounceHard, Address: l.To})
	}
	chained(t, db, mailer.Step{Results: results, Window: mailer.WindowRotten})
	chained(t, db, mailer.Step{Window: mailer.WindowSane})
	if got := text(t, db, `select group_concat(state, ' ') || (select count(*) from suppressions) from deliveries`); got != "queued queued queued0" {
		t.Errorf("letters and suppressions are %s", got)
	}
}

func TestOutboxBounceOfAnAddressThatWasChangedSuppressesNobody(t *testing.T) {
	t.Parallel()
	db := outboxed(t, 1)
	l := intended(t, db, at)
	if err := db.Write(t.Context(), func(tx *Tx) error {
		return run(tx, `update subscribers set address = 'new@d1.example', hash = 'new'`)()
	}); err != nil {
		t.Fatal(err)
	}
	chained(t, db, mailer.Step{Results: []mailer.Result{{LetterRef: l.LetterRef, State: mailer.Refused, Bounce: mailer.BounceHard, Address: l.To}}, Window: mailer.WindowSane})
	if got := text(t, db, `select state || (select count(*) from suppressions) from subscribers`); got != "active0" {
		t.Errorf("reader and suppressions are %s", got)
	}
}

func TestOutboxLeavesTableScansToNobody(t *testing.T) {
	t.Parallel()
	db := outboxed(t, 1)
	for name, query := range map[string]string{
		"due":     `select id from deliveries where state = 'queued' and wave = 1 and due_at <= 5 order by due_at limit 5`,
		"waves":   queuedWaves,
		"late":    deferredWaves,
		"owned":   `update deliveries set state = 'queued' where owner <> '' and owner <> 'x' and state = 'leased'`,
		"doubts":  `update deliveries set state = 'queued' where state = 'unknown'`,
		"notices": `select id from notices where state = 'queued' and due_at <= 5 order by due_at limit 5`,
		"bounces": `select id from bounces where verdict = ''`,
	} {
		rows, err := db.read.QueryContext(t.Context(), "explain query plan "+query)
		if err != nil {
			t.Fatal(err)
		}
		for rows.Next() {
			var id, parent, unused int
			var detail string
			if err := rows.Scan(&id, &parent, &unused, &detail); err != nil {
				t.Fatal(err)
			}
			// Scanning a partial index is what it is for: it holds the open rows alone.
			partial := strings.Contains(detail, "_owned") || strings.Contains(detail, "_due") || strings.Contains(detail, "_open")
			for _, table := range []string{"deliveries", "notices", "bounces"} {
				if strings.HasPrefix(detail, "SCAN "+table) && !partial {
					t.Errorf("%s: %s", name, detail)
				}
			}
		}
		rows.Close()
	}
}
