package store

import (
	"errors"
	"strconv"
	"strings"
	"testing"

	"tidings.example/internal/raced"
	"tidings.example/mailer"
)

// TestEveryCellOfTheSuppressions is the table of what each reason blocks and
// what lifts it, with what becomes of letters and people at that moment.
func TestEveryCellOfTheSuppressions(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		reason mailer.Reason
		// imported and added are what a list and the owner get for an answer.
		imported, added mailer.Outcome
		// letter is what becomes of an open letter.
		letter string
		// asked tells whether a sign-up brings the letter that asks to confirm, at
		// once and after a month; confirming it lifts the suppression.
		atOnce, later bool
		// operator tells whether the owner may lift it.
		operator bool
		// kept tells whether the address is kept with the suppression.
		kept bool
	}{
		{mailer.SuppressedUnsubscribed, mailer.Left, mailer.Left, "skipped: suppressed: unsubscribed", true, true, false, true},
		{mailer.SuppressedBounced, mailer.Blocked, mailer.Blocked, "skipped: suppressed: bounced", false, true, false, true},
		{mailer.SuppressedComplained, mailer.Blocked, mailer.Blocked, "skipped: suppressed: complained", false, false, true, true},
		{mailer.SuppressedErased, mailer.Blocked, mailer.Blocked, "cancelled: erased", true, true, false, false},
		{mailer.SuppressedOperator, mailer.Blocked, mailer.Blocked, "skipped: suppressed: operator", false, false, true, true},
	} {
		t.Run(string(c.reason), func(t *testing.T) {
			t.Parallel()
			d := newDoor(t)
			d.reader("ann")
			d.post("one")
			d.at("2026-11-23T07:00:00Z")
			d.tick()
			a, _ := mailer.ParseAddress("ann@example.com")
			d.suppressAs(a, c.reason)

			d.check("the open letter", d.text(`select state || ': ' || cause from deliveries`), c.letter)
			_, _, err := d.importList(strings.NewReader("email\nann@example.com\n"), mailer.ImportOptions{Consent: "x"})
			if err != nil {
				t.Fatal(err)
			}
			d.check("a list", string(d.imported("email\nann@example.com\n")), string(c.imported))
			outcome, reason, err := d.db.AddSubscriber(d.ctx, mailer.NewSubscriber{Address: a, Digest: "news", Consent: "x"}, d.now)
			if err != nil || outcome != c.added || reason != c.reason {
				t.Errorf("the owner adds: %s, %s, %v", outcome, reason, err)
			}
			d.post("two")
			d.at("2026-11-24T07:00:00Z")
			if r := d.tick(); r.Letters != 0 {
				t.Errorf("the next issue has %d letters", r.Letters)
			}
			if got := d.number(`select count(*) from suppressions where address <> ''`) == 1; got != c.kept {
				t.Errorf("the address is kept: %t", got)
			}
			lifted, err := d.db.Unsuppress(d.ctx, a, c.reason)
			if lifted != c.operator || errors.Is(err, ErrOwnWill) == c.operator {
				t.Errorf("the owner lifts it: %t, %v", lifted, err)
			}
			if c.operator {
				d.check("suppressions", d.text(`select count(*) from suppressions`), "0")
				d.suppressAs(a, c.reason)
			}
			d.ask("ann@example.com")
			d.signsUp("at once", c.atOnce)
			d.at("2026-12-30T07:00:00Z")
			d.ask("ann@example.com")
			d.signsUp("after a month", c.later)
		})
	}
}

// suppressAs suppresses an address, or erases the person.
func (d *door) suppressAs(a mailer.Address, reason mailer.Reason) {
	d.t.Helper()
	var err error
	if reason == mailer.SuppressedErased {
		_, err = d.db.Erase(d.ctx, a, d.now)
	} else {
		err = d.db.Suppress(d.ctx, a, reason, "", d.now)
	}
	if err != nil {
		d.t.Fatal(err)
	}
}

func (d *door) check(what, got, want string) {
	d.t.Helper()
	if got != want {
		d.t.Errorf("%s: %q, want %q", what, got, want)
	}
}

// imported is what becomes of the one row of a list.
func (d *door) imported(list string) (outcome mailer.Outcome) {
	d.t.Helper()
	for _, dry := range []bool{true, false} {
		err := d.db.Import(d.ctx, mailer.ReadList(strings.NewReader(list)), mailer.ImportOptions{Digest: "news", Consent: "x", DryRun: dry}, d.now, func(i mailer.Imported) error {
			if !dry && i.Outcome != outcome {
				d.t.Errorf("the dry run said %s, and it is %s", outcome, i.Outcome)
			}
			outcome = i.Outcome
			return nil
		})
		if err != nil {
			d.t.Fatal(err)
		}
	}
	return outcome
}

// signsUp confirms the newest letter that asks for it, where there should be one,
// and expects that nothing is suppressed any more.
func (d *door) signsUp(when string, should bool) {
	d.t.Helper()
	letters := d.invitations()
	if len(letters) > 0 != should {
		d.t.Errorf("%s: %d letters ask to confirm", when, len(letters))
	}
	if len(letters) == 0 {
		return
	}
	if s := d.confirm(letters[len(letters)-1]); !s.Live || d.state("ann") != "active" {
		d.t.Errorf("%s: %+v", when, s)
	}
	d.check("suppressions "+when, d.text(`select count(*) from suppressions`), "0")
}

func TestAnImportOfPeopleWhoAreKnownComesOutAsOneByOne(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	for _, name := range []string{"ann", "bob", "cid", "dan", "eve", "fay"} {
		d.reader(name)
	}
	address := func(name string) mailer.Address { a, _ := mailer.ParseAddress(name + "@example.com"); return a }
	d.leave("bob", "news")
	d.suppressAs(address("cid"), mailer.SuppressedBounced)
	d.suppressAs(address("dan"), mailer.SuppressedErased)
	d.exec(`update subscriptions set confirmed_at = null where subscriber = ?`, d.id("eve"))
	d.exec(`update subscribers set state = 'pending' where id = ?`, d.id("eve"))
	d.exec(`delete from subscriptions where subscriber = ?`, d.id("fay"))
	for name, want := range map[string]mailer.Outcome{"ann": mailer.Known, "bob": mailer.Left, "cid": mailer.Blocked, "dan": mailer.Blocked,
		"eve": mailer.Confirmed, "fay": mailer.Added, "new": mailer.Added} {
		if got := d.imported("email\n" + name + "@example.com\n"); got != want {
			t.Errorf("%s: %s, want %s", name, got, want)
		}
	}
}

func TestAnImportLongerThanABatchKeepsTheOrderOfItsList(t *testing.T) {
	t.Parallel()
	t.Run("of long rows", func(t *testing.T) {
		t.Parallel()
		keepsItsOrder(t, importBytes/4096+100, strings.Repeat("w", 4096))
	})
	t.Run("of many rows", func(t *testing.T) {
		t.Parallel()
		if raced.On {
			t.Skip("takes half a minute, and has no other goroutines than long rows have")
		}
		keepsItsOrder(t, importBatch+100, "")
	})
}

// keepsItsOrder imports n people, and says of the first one again behind the
// first batch that it left. Each row is made longer by a warning.
func keepsItsOrder(t *testing.T, n int, warning string) {
	t.Helper()
	d := newDoor(t)
	var list strings.Builder
	list.WriteString("email,status\n")
	for i := range n { // backwards
		list.WriteString("r" + strings.Repeat("x", 3) + string(rune('a'+(n-i)%26)) + "." + itoa(n-i) + "@example.com,enabled\n")
	}
	list.WriteString("rxxx" + string(rune('a'+n%26)) + "." + itoa(n) + "@example.com,unsubscribed\n")
	rows := func(yield func(mailer.ImportRow, error) bool) {
		for row, err := range mailer.ReadList(strings.NewReader(list.String())) {
			row.Warning = warning
			if !yield(row, err) {
				return
			}
		}
	}
	for _, dry := range []bool{true, false} {
		line := 1
		var sum mailer.ImportSummary
		err := d.db.Import(d.ctx, rows, mailer.ImportOptions{Digest: "news", Consent: "x", DryRun: dry}, d.now, func(i mailer.Imported) error {
			if line++; i.Row.Line != line {
				t.Fatalf("line %d is told at the place of %d", i.Row.Line, line)
			}
			sum.Count(i)
			return nil
		})
		if err != nil || sum.Added != n || sum.Suppressed != 1 {
			t.Errorf("dry %t: %+v, %v", dry, sum, err)
		}
	}
	if got := d.text(`select count(*) || ' ' || sum(state = 'unsubscribed') from subscribers`); got != itoa(n)+" 1" {
		t.Errorf("subscribers and those who left: %s", got)
	}
	for _, text := range []string{`select count(*) from subscriptions where confirmed_at is not null`, `select count(*) from consents where kind = 'import' and statement = 'x'`} {
		if got := d.number(text); got != int64(n) {
			t.Errorf("%s: %d, want %d", text, got, n)
		}
	}
}

func itoa(n int) string { return strconv.Itoa(n) }
