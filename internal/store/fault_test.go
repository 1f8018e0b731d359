package store_test

import (
	"path/filepath"
	"strings"
	"testing"
	"time"

	"tidings.example/internal/store"
	"tidings.example/internal/store/storetest"
)

// TestAProcessThatCannotWriteIsSeenFromBeside fills the database up to a limit
// that holds for one process alone.
func TestAProcessThatCannotWriteIsSeenFromBeside(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "tidings.db")
	db := storetest.Open(t, path, store.Open)
	defer db.Close()
	lock, err := db.Lock(t.Context(), "serve", time.Now())
	if err != nil {
		t.Fatal(err)
	}
	defer lock.Close()
	beside, err := store.Open(t.Context(), path, false)
	if err != nil {
		t.Fatal(err)
	}
	defer beside.Close()
	holder := func() store.Holder {
		t.Helper()
		h, on := beside.Holder()
		if !on || h.Command != "serve" {
			t.Fatalf("the holder is %+v, %v", h, on)
		}
		return h
	}
	if h := holder(); h.Fault != nil || db.Fault() != nil {
		t.Fatalf("a fault before anything failed: %+v, %+v", h.Fault, db.Fault())
	}
	limit := func(pages string) {
		t.Helper()
		if err := db.Write(t.Context(), func(tx *store.Tx) error {
			var n int
			return tx.QueryRow("pragma max_page_count = " + pages).Scan(&n)
		}); err != nil {
			t.Fatal(err)
		}
	}
	fill := func() error {
		return db.Write(t.Context(), func(tx *store.Tx) error {
			_, err := tx.Exec("insert into meta (key, value) values ('fill', ?)", strings.Repeat("x", 1<<20))
			return err
		})
	}
	limit("1") // as many as there are
	if err := fill(); err == nil {
		t.Fatal("a full database is written")
	}
	if f := db.Fault(); f == nil || !strings.Contains(f.What, "full") {
		t.Errorf("the fault is %+v", f)
	}
	if f := holder().Fault; f == nil || !strings.Contains(f.What, "full") || f.Since.IsZero() {
		t.Errorf("from beside the fault is %+v", f)
	}
	if err := db.Write(t.Context(), func(tx *store.Tx) error {
		_, err := tx.Exec("delete from meta where key = 'nothing'")
		return err
	}); err != nil {
		t.Fatal(err)
	}
	if db.Fault() == nil {
		t.Error("a commit of nothing is taken for one that was written")
	}
	if err := beside.Probe(t.Context()); err != nil {
		t.Errorf("who has room cannot write: %v", err)
	}
	limit("1000000")
	if err := db.Probe(t.Context()); err != nil {
		t.Fatal(err)
	}
	if f := holder().Fault; f != nil || db.Fault() != nil {
		t.Errorf("after it is over the fault is %+v, %+v", f, db.Fault())
	}
}
