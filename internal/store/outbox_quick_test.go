package store

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"tidings.example/mailer"
)

// TestEveryChangeOfAStateIsExplained reads our SQL: the triggers of deliveries
// wake on a change of cause, so a statement that changes a state and names no
// cause would leave posts unreturned. Only what each letter goes through is free.
func TestEveryChangeOfAStateIsExplained(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("*.go")
	if err != nil || len(files) < 20 {
		t.Fatal(files, err)
	}
	update := regexp.MustCompile("(?s)update (?:deliveries|`\\+(?:table|t)\\b[^`]*`)\\s+set\\s[^`]*")
	changes := regexp.MustCompile(`\bstate = (\?|'\w+')`)
	seen := 0
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, statement := range update.FindAllString(string(text), -1) {
			set, _, _ := strings.Cut(statement, "where")
			m := changes.FindStringSubmatch(set)
			if m == nil {
				continue
			}
			seen++
			free := m[1] == "'leased'" || m[1] == "'inflight'" || m[1] == "'sent'"
			if !free && !strings.Contains(set, "cause = ") {
				t.Errorf("%s changes the state without a cause:\n%s", name, statement)
			}
		}
	}
	if seen < 10 {
		t.Errorf("saw %d statements that change a state", seen)
	}
}

// steps runs chain steps in one group with other writes.
func steps(t *testing.T, db *DB, others []func(*Tx) error, all ...mailer.Step) (grants []mailer.Grant, errs []error) {
	t.Helper()
	grants = make([]mailer.Grant, len(all))
	var jobs []*write
	for i := range all {
		all[i].Now = at
		jobs = append(jobs, chainWrite(t.Context(), all[i], &grants[i]))
	}
	for _, fn := range others {
		jobs = append(jobs, &write{fn: fn})
	}
	return grants, queued(t, db, jobs)[:len(all)]
}

func sentResult(l mailer.Letter) mailer.Result {
	return mailer.Result{LetterRef: l.LetterRef, State: mailer.Sent, Reply: "dot: 250 2.0.0 queued", Cause: "accepted", Address: l.To}
}

func TestStepsOfAGroupStandWhateverBecomesOfTheOthers(t *testing.T) {
	t.Parallel()
	db := outboxed(t, 8)
	letters := claimed(t, db, "me", 8)
	for i := range 4 {
		if g := chained(t, db, mailer.Step{Next: &letters[i]}); !g.Send {
			t.Fatal("no grant")
		}
	}
	bad := letters[5]
	bad.Fence = 99 // of a claim that is no more
	grants, errs := steps(t, db, []func(*Tx) error{
		func(tx *Tx) error {
			_, err := tx.Exec("update deliveries set reply = 'undone'")
			return errors.Join(err, errors.New("mine"))
		},
		func(tx *Tx) error { panic("oh") },
	},
		mailer.Step{Results: []mailer.Result{sentResult(letters[0])}, Next: &letters[4]},
		mailer.Step{Results: []mailer.Result{sentResult(letters[1])}, Next: &bad},
		mailer.Step{Results: []mailer.Result{sentResult(letters[2]), {LetterRef: letters[3].LetterRef, State: mailer.Deferred, Cause: "postponed", Due: at}}, Next: &letters[6]},
	)
	for i, want := range []bool{true, false, true} {
		if errs[i] != nil || grants[i].Send != want {
			t.Errorf("step %d: %+v, %v", i, grants[i], errs[i])
		}
	}
	got := text(t, db, `select group_concat(state || reply, ' ') from (select state, iif(reply = '', '', '!') reply from deliveries order by id)`)
	if got != "sent! sent! sent! deferred inflight leased inflight leased" {
		t.Errorf("rows are %s", got)
	}
}

func TestStepOfALetterThatIsNotAsItWasClaimedIsRunWithCare(t *testing.T) {
	t.Parallel()
	db := outboxed(t, 5)
	l := claimed(t, db, "me", 5)
	for i, change := range []string{
		`update subscribers set address = 'new@d1.example' where id = 1000`,
		`insert into suppressions (hash, reason, at) values ('hr1@d1.example', 'operator', 1)`,
		`update subscriptions set left_at = 5 where subscriber = 1002`,
		`update subscribers set state = 'paused' where id = 1003`,
		`update issues set cancelled_at = 5`,
	} {
		if err := db.Write(t.Context(), func(tx *Tx) error { return run(tx, change)() }); err != nil {
			t.Fatal(err)
		}
		g := chained(t, db, mailer.Step{Next: &l[i]})
		if g.Send != (i == 0) || i == 0 && (g.To != "new@d1.example" || !g.Date.Equal(at)) {
			t.Errorf("%s: %+v", change, g)
		}
	}
	got := text(t, db, `select group_concat(state || ':' || cause, ' | ') from (select state, cause from deliveries order by id)`)
	if got != "inflight: | skipped:suppressed: operator | skipped:unsubscribed | cancelled:paused | cancelled:cancelled by the operator" {
		t.Errorf("rows are %s", got)
	}
	if got := text(t, db, `select count(*) from owed`); got != "2" {
		t.Errorf("%s posts are owed, want those of the paused and the cancelled one", got)
	}
}

func TestAcceptedLetterForgetsWhyItWaited(t *testing.T) {
	t.Parallel()
	db := outboxed(t, 1)
	l := claimed(t, db, "me", 1)
	chained(t, db, mailer.Step{Next: &l[0]})
	chained(t, db, mailer.Step{Results: []mailer.Result{{LetterRef: l[0].LetterRef, State: mailer.Deferred, Cause: "postponed", Reply: "450 later", Due: at, Counted: true}}})
	l = claimed(t, db, "me", 1)
	if g := chained(t, db, mailer.Step{Next: &l[0]}); !g.Send || !g.Date.Equal(at) {
		t.Fatalf("grant is %+v", g)
	}
	chained(t, db, mailer.Step{Results: []mailer.Result{sentResult(l[0])}})
	if got := text(t, db, `select state || '|' || cause || '|' || reply || '|' || attempts || '|' || owner from deliveries`); got != "sent||dot: 250 2.0.0 queued|1|" {
		t.Errorf("the row is %s", got)
	}
}

func TestQuickWriteThatMeetsAFullDiskFailsItsGroup(t *testing.T) {
	t.Parallel()
	db := openNumbers(t)
	var pages, limit int
	if err := db.Write(t.Context(), func(tx *Tx) error {
		if err := tx.QueryRow("pragma page_count").Scan(&pages); err != nil {
			return err
		}
		return tx.QueryRow(fmt.Sprintf("pragma max_page_count = %d", pages+4)).Scan(&limit)
	}); err != nil {
		t.Fatal(err)
	}
	const insert = "insert into numbers (n, text) values (?, ?)"
	small := func(q *quick) (bool, error) {
		n, err := q.exec(insert, int64(7), "")
		return n == 1, err
	}
	full := func(q *quick) (bool, error) {
		_, _ = q.exec(insert, int64(8), strings.Repeat("x", 200_000))
		_, _ = q.exec(insert, int64(9), "") // would be committed on its own
		return true, nil
	}
	jobs := []*write{{fn: addNumber(1), quick: small}, {fn: addNumber(2), quick: full}, {fn: addNumber(3), quick: small}, {fn: addNumber(4)}}
	for i, err := range queued(t, db, jobs) {
		if err == nil || !strings.Contains(err.Error(), "full") {
			t.Errorf("write %d: %v", i, err)
		}
	}
	if got := storedNumbers(t, db); len(got) != 0 {
		t.Errorf("numbers %v", got)
	}
	if errs := queued(t, db, []*write{{fn: addNumber(5), quick: small}}); errs[0] != nil {
		t.Errorf("a small write after it: %v", errs[0])
	}
	if got := fmt.Sprint(storedNumbers(t, db)); got != "[7]" {
		t.Errorf("numbers %s", got)
	}
}

func TestQuickWriteThatPanicsIsRunTheOtherWay(t *testing.T) {
	t.Parallel()
	db := openNumbers(t)
	errs := queued(t, db, []*write{
		{fn: addNumber(1), quick: func(*quick) (bool, error) { panic("oh") }},
		{fn: addNumber(2), quick: func(*quick) (bool, error) { return false, nil }},
		{fn: addNumber(3), quick: func(q *quick) (bool, error) { _, err := q.exec("no SQL"); return true, err }},
	})
	if got := fmt.Sprint(errors.Join(errs...), storedNumbers(t, db)); got != "<nil> [1 2 3]" {
		t.Error(got)
	}
}
