package store

import (
	"fmt"
	"testing"

	"tidings.example/mailer"
)

func TestPackedRowComesOutAsItWentIn(t *testing.T) {
	t.Parallel()
	plain, err := mailer.ParseAddress("ann@example.com")
	if err != nil {
		t.Fatal(err)
	}
	folded, err := mailer.ParseAddress("Jörg@Example.com")
	if err != nil {
		t.Fatal(err)
	}
	rows := []mailer.ImportRow{
		{Line: 2, Address: plain, Name: "Ann", Language: "en"},
		{Line: 300, Address: folded, Pending: true, Warning: "the language was left out"},
		{Line: 1 << 21, Problem: `address "nobody": has no @`},
		{Line: 1<<21 + 1, Address: plain, Suppress: mailer.SuppressedComplained, Note: "in May"},
	}
	var b batch
	for i := range rows {
		b.add(&rows[i])
	}
	b.sort()
	if fmt.Sprint(b.sorted) != "[0 3 1]" {
		t.Errorf("sorted %v", b.sorted)
	}
	for i, want := range rows {
		in := b.row(int32(i))
		if in.Row != want {
			t.Errorf("row %d: %+v, want %+v", i, in.Row, want)
		}
		in.Outcome, in.Reason, in.Active = mailer.Blocked, mailer.SuppressedErased, true
		b.note(&in)
		if got := b.row(int32(i)); got.Imported != in.Imported {
			t.Errorf("row %d: %+v, want %+v", i, got.Imported, in.Imported)
		}
	}
}

// A lazy write shares the promise of a write beside it, and none outlives it.
func TestLazyWriteLeavesOthersDurable(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	level := func() (n int) {
		t.Helper()
		if err := d.db.writer.conn.QueryRowContext(d.ctx, "pragma synchronous").Scan(&n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	if err := d.db.writeLazily(d.ctx, newPace(1), func(*Tx) error { return nil }); err != nil {
		t.Fatal(err)
	}
	if n := level(); n != 1 {
		t.Errorf("after a lazy write synchronous = %d", n)
	}
	for want := 1; want < 3; want++ {
		if err := d.db.settle(d.ctx); err != nil {
			t.Fatal(err)
		}
		if n := level(); n != 2 {
			t.Errorf("after a write synchronous = %d", n)
		}
		if got, err := d.db.Recall(d.ctx, "settled"); err != nil || got != fmt.Sprint(want) {
			t.Errorf("settled %q times, %v; want %d: a commit that changes nothing makes nothing durable", got, err, want)
		}
	}
}
