package store

import (
	"path/filepath"
	"testing"

	"tidings.example/internal/store/storetest"
)

func TestWhatIsRememberedFirstIsKept(t *testing.T) {
	t.Parallel()
	db := storetest.Open(t, filepath.Join(t.TempDir(), "t.db"), Open)
	defer db.Close()
	for _, value := range []string{"tag:a,2026-01-01:feed", "tag:b,2027-01-01:feed"} {
		if got, err := db.Remember(t.Context(), "feed", value); err != nil || got != "tag:a,2026-01-01:feed" {
			t.Errorf("got %q, %v", got, err)
		}
	}
}

func TestATripwireSeesTheCommitOfAnotherProcess(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "t.db")
	a := storetest.Open(t, path, Open)
	defer a.Close()
	b, err := Open(t.Context(), path, false)
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	wire, err := a.Tripwire(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer wire.Close()
	if tripped, err := wire.Tripped(t.Context()); err != nil || tripped {
		t.Errorf("nothing happened: %v %v", tripped, err)
	}
	if _, err := b.Remember(t.Context(), "k", "v"); err != nil {
		t.Fatal(err)
	}
	if tripped, err := wire.Tripped(t.Context()); err != nil || !tripped {
		t.Errorf("a commit went unseen: %v %v", tripped, err)
	}
	if tripped, err := wire.Tripped(t.Context()); err != nil || tripped {
		t.Errorf("a commit was seen twice: %v %v", tripped, err)
	}
}
