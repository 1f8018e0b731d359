package store

import (
	"path/filepath"
	"testing"
	"time"

	"tidings.example/internal/store/storetest"
)

func TestATroubleIsOpenFromWhenItIsFoundUntilItIsNot(t *testing.T) {
	t.Parallel()
	db := storetest.Open(t, filepath.Join(t.TempDir(), "t.db"), Open)
	defer db.Close()
	wire, err := Open(t.Context(), db.Path(), false)
	if err != nil {
		t.Fatal(err)
	}
	defer wire.Close()
	other, err := wire.Tripwire(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	a, b := Trouble{Key: "a", Kind: "kind a", What: "what a"}, Trouble{Key: "b", Kind: "kind b", What: "what b"}
	worded := Trouble{Key: "a", Kind: "kind a", What: "in other words"}
	now := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	for i, c := range []struct {
		scope                       string
		found                       []Trouble
		tell                        bool
		opened, ended, open, untold int
		written                     bool
	}{
		{"x", nil, false, 0, 0, 0, 0, false},
		{"x", []Trouble{a, b, a}, true, 2, 0, 2, 2, true},
		{"x", []Trouble{b, a}, false, 0, 0, 2, 0, false},
		{"x", []Trouble{b, worded}, false, 0, 0, 2, 0, true},
		{"y", nil, false, 0, 0, 2, 0, false},
		{"x", []Trouble{worded}, false, 0, 1, 1, 0, true},
		{"x", []Trouble{worded, b}, false, 1, 0, 2, 1, true},
		{"x", nil, false, 0, 2, 0, 0, true},
	} {
		if _, err := other.Tripped(t.Context()); err != nil {
			t.Fatal(err)
		}
		at := now.Add(time.Duration(i) * time.Hour)
		opened, ended, err := db.KeepTroubles(t.Context(), c.scope, c.found, at)
		if err != nil {
			t.Fatal(err)
		}
		written, err := other.Tripped(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		open, err := db.Troubles(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		untold, err := db.UntoldTroubles(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if len(opened) != c.opened || len(ended) != c.ended || len(open) != c.open || len(untold) != c.untold || written != c.written {
			t.Errorf("%d: opened %v, ended %v, open %v, untold %v, written %v", i, opened, ended, open, untold, written)
		}
		for _, o := range opened {
			if !o.Since.Equal(at) {
				t.Errorf("%d: %v", i, o)
			}
		}
		if c.tell {
			// What ended and opened again since is not told by an old letter.
			old := untold[0]
			old.Since = old.Since.Add(-time.Hour)
			if err := db.ToldTroubles(t.Context(), []Trouble{old}); err != nil {
				t.Fatal(err)
			}
			if again, err := db.UntoldTroubles(t.Context()); err != nil || len(again) != len(untold) {
				t.Errorf("%d: %v %v", i, again, err)
			}
			if err := db.ToldTroubles(t.Context(), untold); err != nil {
				t.Fatal(err)
			}
		}
	}
}
