package store

import (
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"tidings.example/mailer"
)

// commits counts how often the writer is held while f runs.
func commits(t *testing.T, db *DB, f func()) int64 {
	t.Helper()
	var n atomic.Int64
	// It is the writer's own: it may still be looking at it after a commit.
	if err := db.Write(t.Context(), func(*Tx) error { db.writer.held = func(time.Duration) { n.Add(1) }; return nil }); err != nil {
		t.Fatal(err)
	}
	f()
	return n.Load()
}

// A long job is many commits, of a size that follows from how long they take.
func TestLongJobsHoldTheWriterAgainAndAgain(t *testing.T) {
	t.Parallel()
	w := newMailWorld(t, "2026-11-22T10:00:00Z", aDigest())
	w.engine.Chunk = 0
	w.crowdOf(4000)
	w.exec(`delete from subscriptions where subscriber between 2500 and 2600`) // so that lists have a gap
	w.post("one")
	w.at("2026-11-23T07:00:00Z")
	issue := w.tick().Opened[0].ID
	few := func(what string, rows, most int, f func() error) {
		t.Helper()
		n := commits(t, w.db, func() {
			if err := f(); err != nil {
				t.Fatalf("%s: %v", what, err)
			}
		})
		if want := int64((rows + most - 1) / most); n < want {
			t.Errorf("%s of %d is %d commits, want %d", what, rows, n, want)
		}
	}
	// Each size may double a few times, as long as commits are quick.
	few("serving", 3899, 2000, func() error { return w.db.serve(w.ctx) })
	if n := w.number(`select count(*) from subscriptions where cursor = 0`); n != 0 {
		t.Errorf("%d cursors are not written", n)
	}
	few("cancelling", 3899, 2000, func() error {
		_, err := w.db.CancelIssue(w.ctx, issue, w.now)
		return err
	})
	w.exec(`insert into waves (id, issue, instant) values (99, ?, 5)`, issue)
	w.exec(`with recursive n (i) as (select 1 union all select i + 1 from n where i < 1000)
		insert into variants (wave, subject, letter, sender, posts) select 99, 's', zeroblob(40000), '', '[]' from n`)
	few("dropping", 1000, 4*droppedTogether, func() error {
		n, err := w.db.DropUnpublished(w.ctx)
		if err == nil && n != 1 {
			err = fmt.Errorf("%d waves", n)
		}
		return err
	})
	if n := w.number(`select count(*) from variants where wave = 99`); n != 0 {
		t.Errorf("%d letters are left", n)
	}
	w.exec(`with recursive n (i) as (select 1 union all select i + 1 from n where i < 2000)
		insert into bounces (subscriber, address, notice, letter, kind, reply, at, message) select 0, '', 0, 0, 'other', '', 1, cast(iif(i % 2, 'by R1@example.com', 'by somebody') as blob) from n`)
	a, err := mailer.ParseAddress("r1@example.com")
	if err != nil {
		t.Fatal(err)
	}
	few("erasing", 1000, 4*erasedTogether, func() error {
		_, err := w.db.Erase(w.ctx, a, w.now)
		return err
	})
	if n := w.number(`select count(*) from bounces`); n != 1000 {
		t.Errorf("%d messages are left, want the other 1000", n)
	}
}

// Whoever is erased holds the writer as long among a million as among ten.
func TestErasingWalksThroughNoTable(t *testing.T) {
	t.Parallel()
	d := newDesk(t, 9)
	d.gets("From: Lin <R1@d1.example>\r\nSubject: hello\r\n\r\nA question.\r\n", mailer.ReturnedForAPerson, mailer.EffectKept)
	if _, err := d.db.Erase(t.Context(), mailed(t, "r1@d1.example"), d.now); err != nil {
		t.Fatal(err)
	}
	texts := writerTexts(t, d.db, "subscribers.", "returned.deleteBounces", "outbox.take")
	if len(texts) < 12 {
		t.Errorf("%d texts ran", len(texts))
	}
	for _, text := range texts {
		if strings.Contains(text, "instr(") {
			t.Errorf("messages are searched in the writer: %s", text)
		}
		for _, step := range scans(t, d.db, text) {
			t.Errorf("%s: %s", text, step)
		}
	}
}

func TestMailThatComesWhileItsWriterIsErasedGoesToo(t *testing.T) {
	t.Parallel()
	d := newDesk(t, 3)
	d.exec(`create trigger late after delete on subscribers begin
		insert into bounces (subscriber, address, notice, letter, kind, reply, at, author) values (0, '', 0, 0, 'other', '', 1, 'R1@d1.example'); end`)
	if found, err := d.db.Erase(t.Context(), mailed(t, "r1@d1.example"), d.now); err != nil || !found {
		t.Fatal(found, err)
	}
	if n := text(t, d.db, `select count(*) from bounces`); n != "0" {
		t.Errorf("%s messages name them", n)
	}
}
