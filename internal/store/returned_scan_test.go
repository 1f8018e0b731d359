package store

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"tidings.example/mailer"
)

// scans lists the steps of a plan that walk through a whole table that grows
// with the list, or with what comes back.
func scans(t *testing.T, db *DB, text string) []string {
	t.Helper()
	return slices.DeleteFunc(plan(t, db, text), func(step string) bool {
		f := strings.Fields(step)
		// There are few issues (i), and fewer keys and waves that wait.
		return f[0] != "SCAN" || slices.Contains([]string{"j", "json_each", "CONSTANT", "i", "issues", "issue_ids", "keys"}, f[1]) || strings.HasSuffix(step, " waves_waiting")
	})
}

// plan lists the steps of the plan of a text.
func plan(t *testing.T, db *DB, text string) (steps []string) {
	t.Helper()
	rows, err := db.read.QueryContext(t.Context(), "explain query plan "+text, slices.Repeat([]any{nil}, strings.Count(text, "?"))...)
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	defer rows.Close()
	for rows.Next() {
		var id, parent, unused int
		var step string
		if err := rows.Scan(&id, &parent, &unused, &step); err != nil {
			t.Fatal(err)
		}
		steps = append(steps, step)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return steps
}

// writerTexts lists the texts that ran in the writer and begin with one of these.
func writerTexts(t *testing.T, db *DB, owners ...string) (texts []string) {
	t.Helper()
	err := db.Write(t.Context(), func(tx *Tx) error {
		texts = slices.Sorted(maps.Keys(tx.stmts))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return slices.DeleteFunc(texts, func(text string) bool {
		return !slices.ContainsFunc(owners, func(o string) bool { return strings.HasPrefix(text, "/* "+o) })
	})
}

// A bounce costs the same after a million others.
func TestWhatComesBackWalksThroughNoTable(t *testing.T) {
	t.Parallel()
	d := newDesk(t, 20)
	for n := int64(1000); n < 1006; n++ {
		effect := mailer.EffectSuppressed
		if n > 1003 {
			effect = mailer.EffectHeld
		}
		d.gets(undelivered(d.verp(n), "x@y.example", "5.1.1", noUser), mailer.ReturnedHard, effect)
	}
	d.gets(undelivered(d.verp(1006), "x@y.example", "5.0.0", "550 go away"), mailer.ReturnedBare, mailer.EffectCounted)
	d.gets(undelivered(d.verp(1007), "x@y.example", "4.2.2", "452 4.2.2 full"), mailer.ReturnedSoft, mailer.EffectCounted)
	d.gets(complaint("abuse", d.verp(1008)), mailer.ReturnedComplaint, mailer.EffectSuppressed)
	if _, err := d.db.SettleReturned(t.Context(), 1, true, d.now); err != nil {
		t.Fatal(err)
	}
	texts := writerTexts(t, d.db, "returned.")
	if len(texts) < 12 {
		t.Errorf("%d texts ran", len(texts))
	}
	for _, text := range texts {
		for _, step := range scans(t, d.db, text) {
			t.Errorf("%s: %s", text, step)
		}
	}
}

// The count of an issue's bounces is what tells a flood: it is right however
// they came, and whoever is erased since.
func TestAFloodCountsLettersOfReadersWhoAreErased(t *testing.T) {
	t.Parallel()
	d := newDesk(t, 20)
	for n := int64(1000); n < 1004; n++ {
		report := undelivered(d.verp(n), "x@y.example", "5.1.1", noUser)
		d.gets(report, mailer.ReturnedHard, mailer.EffectSuppressed)
		d.gets(report, mailer.ReturnedHard, mailer.EffectKnown) // the same once more
	}
	if _, err := d.db.Erase(t.Context(), mailed(t, fmt.Sprintf("r%d@d1.example", 0)), d.now); err != nil {
		t.Fatal(err)
	}
	d.gets(undelivered(d.verp(1004), "x@y.example", "5.1.1", noUser), mailer.ReturnedHard, mailer.EffectHeld)
}
