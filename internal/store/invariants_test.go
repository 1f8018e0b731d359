package store

import (
	"fmt"
	"strings"
	"testing"

	"tidings.example/mailer"
)

// TestEveryInvariantCanBeSeenBroken breaks a sound ledger by hand.
func TestEveryInvariantCanBeSeenBroken(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		does []string
		want string
	}{
		"a state that there is not":    {[]string{`update deliveries set state = 'lost' where subscriber = 1`}, "I1: issue 1, subscriber 1: there is no state 'lost'"},
		"a letter ended without cause": {[]string{`/* */ update deliveries set state = 'skipped', cause = '', reply = '' where subscriber = 1`}, "I1: issue 1, subscriber 1 is skipped and nothing says why"},
		"a letter sent without reply":  {[]string{`/* */ update deliveries set reply = '', cause = '' where subscriber = 1`}, "I1: issue 1, subscriber 1 is sent and nothing says why"},
		"a lease that nobody holds":    {[]string{`/* */ update deliveries set state = 'leased' where subscriber = 1`}, "I1: issue 1, subscriber 1 is leased by nobody"},
		"a sent letter that is held":   {[]string{`/* */ update deliveries set owner = 'me' where subscriber = 1`}, "I1: issue 1, subscriber 1 is sent and held by me"},
		"a notice without cause": {[]string{`insert into notices (subscriber, kind, request, recipient, subject, letter, state, created_at) values (1, 'welcome', 'r', 'a@x.org', 's', x'00', 'failed', 1)`},
			"I1: notice 1 is failed and nothing says why"},
		"a letter under way without intent": {[]string{`/* */ update deliveries set state = 'inflight', owner = 'me', intent_at = 0 where subscriber = 1`}, "I2: issue 1, subscriber 1 is inflight without an intent"},
		"a key that is gone":                {[]string{`/* */ update deliveries set state = 'inflight', owner = 'me', intent_at = 5 where subscriber = 1`, `delete from issue_ids`}, "I3: issue 1 has letters under way and no key"},
		"a notice without Message-ID": {[]string{`insert into notices (subscriber, kind, request, recipient, subject, letter, state, owner, intent_at, created_at) values (1, 'welcome', 'r', 'a@x.org', 's', x'00', 'inflight', 'me', 4, 1)`},
			"I3: notice 1 is inflight without its Message-ID"},
		"a letter that is gone":          {[]string{`/* */ update deliveries set state = 'queued' where subscriber = 1`, `delete from variants`}, "I3: issue 1, subscriber 1 is queued and its letter"},
		"a lost row":                     {[]string{`delete from deliveries where subscriber = 1`}, "I4: issue 1, wave 1: 5 letters, but 4 with a row, 0 that wait and 0 that are folded"},
		"a lost list":                    {[]string{`update waves set waiting = 1 where id = 1`, `delete from deliveries where subscriber = 1`, `delete from members`}, "I4: wave 1: 1 letters have no row and stand in no list"},
		"a list of other readers":        {[]string{`update members set letters = 3 where wave = 1`}, "readers from 4 to 5 with 2 letters, and should hold 2 with 3"},
		"a list that is damaged":         {[]string{`update members set list = x'ff' where wave = 1`}, "a list of members is damaged"},
		"a list that is short":           {[]string{`update waves set letters = 6, folded = 1 where id = 1`}, "I4: wave 1: 6 letters to 5 readers, but its lists hold 5 to 5"},
		"rows of a hidden wave":          {[]string{`update waves set published_at = null where id = 2`}, "I4: issue 1, subscriber 6 is sent in wave 2, which is not published"},
		"rows of no wave":                {[]string{`delete from waves where id = 2`}, "I4: issue 1, subscriber 6 is sent in wave 2, which does not exist"},
		"an open letter of a closed one": {[]string{`drop trigger deliveries_unclosed`, `update deliveries set state = 'deferred', cause = 'later' where subscriber = 1`}, "I4: issue 1 is closed, and a letter of it is open"},
		"a letter after the goodbye":     {[]string{`update subscriptions set left_at = 5 where subscriber = 1`, `/* */ update deliveries set intent_at = 700000 where subscriber = 1`}, "I5: issue 1, subscriber 1 was begun after the reader had left news"},
		"a letter after a complaint": {[]string{`insert into suppressions (hash, reason, at) select hash, 'complained', 5 from subscribers where id = 1`, `/* */ update deliveries set intent_at = 700000 where subscriber = 1`},
			"I5: issue 1, subscriber 1 was begun after the reader was suppressed as complained"},
		"a reader of two waves":    {[]string{`insert into members (wave, first, last, readers, letters, list) select 2, first, last, readers, letters, list from members where wave = 1`}, "I6: issue 1 has subscriber 1 twice"},
		"a wave of another issue":  {[]string{`insert into issues (id, digest, cadence, label, cut, due_at, opened_at) values (9, 'news', 'manual', 'x', 1, 1, 1)`, `update waves set issue = 9 where id = 2`}, "I6: issue 1, subscriber 6 is in wave 2 of issue 9"},
		"letters without a number": {[]string{`update issues set number = null`}, "I6: issue 1 has letters and no number"},
		"a counter below zero":     {[]string{`update waves set waiting = -1, folded = 1 where id = 1`}, "I4: issue 1, wave 1: 5 letters, but 5 with a row, -1 that wait"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w, _ := closedIssue(t)
			if got := w.breaches(); len(got) != 0 {
				t.Fatalf("sound: %q", got)
			}
			for _, text := range c.does {
				w.exec(text)
			}
			got := w.breaches()
			w.broke = true
			for _, line := range got {
				if strings.Contains(line, c.want) && !strings.Contains(line, "\n") {
					return
				}
			}
			t.Errorf("told %q, want %q", got, c.want)
		})
	}
}

// The rows of an issue are counted once, not once for each of its waves.
func TestSumsReadTheRowsOfAnIssueOnce(t *testing.T) {
	t.Parallel()
	db := openTest(t)
	for _, text := range invariantTexts {
		if strings.HasPrefix(text, "/* invariants.sums */") {
			if steps := strings.Join(plan(t, db, text), "; "); strings.Contains(steps, "CORRELATED") || strings.Count(steps, "deliveries") != 1 {
				t.Error(steps)
			}
			return
		}
	}
	t.Error("no sums")
}

func TestInvariantsHoldAtEveryStepOfAnIssue(t *testing.T) {
	t.Parallel()
	w := newMailWorld(t, "2026-11-22T10:00:00Z", aDigest())
	for i := range 20 {
		w.reader(fmt.Sprintf("r%02d", i))
	}
	w.post("one")
	w.at("2026-11-23T07:00:00Z")
	issue := w.tick().Opened[0].ID
	sound := func(step string) {
		t.Helper()
		for _, line := range w.breaches() {
			t.Errorf("%s: %s", step, line)
		}
		if n := w.tally(issue).Recipients(); n != 20 {
			t.Errorf("%s: %d recipients", step, n)
		}
	}
	sound("published")
	letters, err := w.db.Claim(w.ctx, mailer.ClaimRequest{Owner: "me", Now: w.now, Lease: 1, Deliveries: 7, Domain: "x.org"})
	if err != nil || len(letters) != 7 {
		t.Fatal(len(letters), err)
	}
	sound("claimed")
	for i, l := range letters {
		if _, err := w.db.Chain(w.ctx, mailer.Step{Now: w.now, Next: &l}); err != nil {
			t.Fatal(err)
		}
		sound("begun")
		result := mailer.Result{LetterRef: l.LetterRef, State: mailer.Sent, Reply: "250 ok"}
		if i == 3 {
			result.State, result.Cause = mailer.Failed, "refused"
		}
		if _, err := w.db.Chain(w.ctx, mailer.Step{Now: w.now, Results: []mailer.Result{result}}); err != nil {
			t.Fatal(err)
		}
		sound("answered")
	}
	a, _ := mailer.ParseAddress("r10@example.com")
	if _, err := w.db.Erase(w.ctx, a, w.now); err != nil {
		t.Fatal(err)
	}
	sound("erased")
	if _, err := w.db.Pause(w.ctx, w.id("r11"), true, w.now); err != nil {
		t.Fatal(err)
	}
	sound("paused")
	if n, err := w.db.CancelIssue(w.ctx, issue, w.now); err != nil || n.Letters != 11 {
		t.Errorf("%d cancelled, %v", n, err)
	}
	sound("cancelled")
	w.tick()
	w.at("2027-01-01T00:00:00Z")
	if n := w.tidy(); n != 6 {
		t.Errorf("%d folded", n)
	}
	sound("folded")
}

// A clock that ran ahead for a day makes letters look as if they had gone out
// after a goodbye. No copy can mend that.
func TestWhatCannotBeMendedKeepsNobodyFromABackup(t *testing.T) {
	t.Parallel()
	w, _ := closedIssue(t)
	w.exec(`update subscriptions set left_at = 5 where subscriber = 1`)
	w.exec(`/* */ update deliveries set intent_at = 90000000 where subscriber = 1`)
	if got := w.breaches(); len(got) != 1 || !strings.HasPrefix(got[0], "I5:") {
		t.Fatalf("told %q", got)
	}
	w.broke = true
	if got, err := w.db.Verify(w.ctx, w.now); err != nil || len(got) != 0 {
		t.Errorf("told %q, %v", got, err)
	}
	w.exec(`update waves set folded = 1 where id = 1`)
	if got, err := w.db.Verify(w.ctx, w.now); err != nil || len(got) == 0 || !strings.HasPrefix(got[0], "I4:") {
		t.Errorf("told %q, %v", got, err)
	}
}
