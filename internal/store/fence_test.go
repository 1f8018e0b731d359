package store

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// instance is a database with a lock, for a test.
type instance struct {
	t    *testing.T
	path string
}

// use opens the database, locks it, hands letters out, and ends.
func (i instance) use(letters int) *Fence {
	i.t.Helper()
	db, err := Open(i.t.Context(), i.path, true)
	if err != nil {
		i.t.Fatal(err)
	}
	defer db.Close()
	l, err := db.Lock(i.t.Context(), "run", time.Now())
	if err != nil {
		i.t.Fatal(err)
	}
	defer l.Close()
	f, err := l.Fence(i.t.Context())
	if err != nil {
		i.t.Fatal(err)
	}
	if f == nil && letters > 0 {
		db.handOutFor(i.t, letters)
	}
	return f
}

// handOutFor claims letters as Claim does.
func (db *DB) handOutFor(t *testing.T, n int) {
	t.Helper()
	if err := db.mayHandOut(); err != nil {
		t.Fatal(err)
	}
	var out int64
	err := db.Write(t.Context(), func(tx *Tx) (err error) {
		out, err = handOut(tx, n)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	db.handedOut(out)
}

func (i instance) resume() {
	i.t.Helper()
	db, err := Open(i.t.Context(), i.path, false)
	if err != nil {
		i.t.Fatal(err)
	}
	defer db.Close()
	f, err := db.Fence(i.t.Context())
	if err != nil || f == nil {
		i.t.Fatalf("no fence to lift: %v", err)
	}
	if err := db.Lift(i.t.Context(), *f); err != nil {
		i.t.Fatal(err)
	}
}

// copyFile copies into a file that may be there, as cp does.
func copyFile(t *testing.T, from, to string) {
	t.Helper()
	data, err := os.ReadFile(from)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(to, data, 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestAFenceStandsWhereverTheDatabaseMayNotBeTheOneThatMails(t *testing.T) {
	t.Parallel()
	backdate := func(t *testing.T, path string) {
		s, err := readMark(path)
		if err != nil {
			t.Fatal(err)
		}
		s.At = s.At.Add(-time.Hour) // as if it was written then, and put back now
		text, err := s.bytes()
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct {
		name  string
		spoil func(t *testing.T, i instance, old string) instance
		want  FenceKind
	}{
		{"nothing happened", func(_ *testing.T, i instance, _ string) instance { return i }, ""},
		{"copied without its mark", func(t *testing.T, i instance, _ string) instance {
			to := filepath.Join(t.TempDir(), "t.db")
			copyFile(t, i.path, to)
			return instance{t, to}
		}, FenceLost},
		{"copied with its mark", func(t *testing.T, i instance, _ string) instance {
			to := filepath.Join(t.TempDir(), "t.db")
			copyFile(t, i.path, to)
			copyFile(t, i.path+".mark", to+".mark")
			return instance{t, to}
		}, FenceCopied},
		{"moved within the disk", func(t *testing.T, i instance, _ string) instance {
			to := filepath.Join(filepath.Dir(i.path), "folder")
			if err := os.Mkdir(to, 0o700); err != nil {
				t.Fatal(err)
			}
			for _, end := range []string{"", ".mark"} {
				if err := os.Rename(i.path+end, filepath.Join(to, "t.db"+end)); err != nil {
					t.Fatal(err)
				}
			}
			return instance{t, filepath.Join(to, "t.db")}
		}, ""},
		{"an old copy put back", func(t *testing.T, i instance, old string) instance {
			copyFile(t, old, i.path)
			return i
		}, FenceOlder},
		{"an old copy moved over it", func(t *testing.T, i instance, old string) instance {
			if err := os.Rename(old, i.path); err != nil {
				t.Fatal(err)
			}
			return i
		}, FenceOlder},
		{"an old copy and its mark put back", func(t *testing.T, i instance, old string) instance {
			copyFile(t, old, i.path)
			copyFile(t, old+".mark", i.path+".mark")
			backdate(t, i.path+".mark")
			return i
		}, FenceTouched},
		{"the mark of another", func(t *testing.T, i instance, _ string) instance {
			other := instance{t, filepath.Join(t.TempDir(), "t.db")}
			other.use(5)
			copyFile(t, other.path+".mark", i.path+".mark")
			return i
		}, FenceForeign},
		{"the mark removed", func(t *testing.T, i instance, _ string) instance {
			if err := os.Remove(i.path + ".mark"); err != nil {
				t.Fatal(err)
			}
			return i
		}, FenceLost},
		{"the mark empty", func(t *testing.T, i instance, _ string) instance {
			if err := os.Truncate(i.path+".mark", 0); err != nil {
				t.Fatal(err)
			}
			return i
		}, FenceLost},
		{"a database of nothing beside an old mark", func(t *testing.T, i instance, _ string) instance {
			if err := os.Remove(i.path); err != nil {
				t.Fatal(err)
			}
			return i
		}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			i := instance{t, filepath.Join(t.TempDir(), "t.db")}
			i.use(10)
			old := filepath.Join(t.TempDir(), "old.db")
			copyFile(t, i.path, old)
			copyFile(t, i.path+".mark", old+".mark")
			i.use(20)
			i = c.spoil(t, i, old)
			for range 3 { // starting it again changes nothing
				f := i.use(0)
				if f == nil && c.want != "" || f != nil && f.Kind != c.want {
					t.Fatalf("the fence is %v, want %q", f, c.want)
				}
				if f != nil && f.Kind == FenceOlder && f.Letters != 20 {
					t.Errorf("%d letters went out since, want 20", f.Letters)
				}
			}
			if c.want != "" {
				i.resume()
			}
			for range 2 { // nobody is asked twice
				if f := i.use(3); f != nil {
					t.Errorf("after it was lifted the fence is %v", f)
				}
			}
		})
	}
}

func TestAMarkThatSomethingTouchesAtEveryStartIsAskedAboutOnce(t *testing.T) {
	t.Parallel()
	i := instance{t, filepath.Join(t.TempDir(), "t.db")}
	i.use(10)
	asked := 0
	for range 4 {
		s, err := readMark(i.path + ".mark")
		if err != nil {
			t.Fatal(err)
		}
		s.At = s.At.Add(-time.Minute) // its time no longer is what it says
		text, err := s.bytes()
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(i.path+".mark", text, 0o600); err != nil {
			t.Fatal(err)
		}
		if f := i.use(0); f != nil {
			asked++
			i.resume()
			i.use(1)
		}
	}
	if asked != 1 {
		t.Errorf("the owner was asked %d times", asked)
	}
}

// A crash between a write of the database and that of the mark, in either
// order, is no reason to ask.
func TestACrashBetweenDatabaseAndMarkRaisesNoFence(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "t.db")
	instance{t, path}.use(10)
	older := filepath.Join(t.TempDir(), "mark")
	copyFile(t, path+".mark", older)
	before, err := readMark(path + ".mark")
	if err != nil {
		t.Fatal(err)
	}
	instance{t, path}.use(20)
	for _, m := range []tideMark{
		before.tideMark, // counted in the database, not in the mark
		{Instance: before.Instance, Epoch: before.Epoch + 1, Letters: before.Letters + 20, Place: before.Place, At: before.At},
	} {
		w, err := writeMark(path+".mark", m, time.Now)
		if err != nil {
			t.Fatal(err)
		}
		if err := w.close(); err != nil {
			t.Fatal(err)
		}
		if f := (instance{t, path}).use(0); f != nil {
			t.Errorf("the fence is %v", f)
		}
	}
	// Killed before the first mark was there at all.
	db, err := Open(t.Context(), path, false)
	if err != nil {
		t.Fatal(err)
	}
	err = db.Write(t.Context(), func(tx *Tx) error {
		_, err := tx.Exec(`delete from meta where key = 'mark'`)
		return err
	})
	if err := errors.Join(err, db.Close(), os.Remove(path+".mark")); err != nil {
		t.Fatal(err)
	}
	if f := (instance{t, path}).use(0); f != nil {
		t.Errorf("the fence is %v", f)
	}
}

func TestADatabaseWithoutAMarkFromAnOldReleaseGetsOne(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "t.db")
	instance{t, path}.use(10)
	db, err := Open(t.Context(), path, false)
	if err != nil {
		t.Fatal(err)
	}
	err = db.Write(t.Context(), func(tx *Tx) error {
		if _, err := tx.Exec(`delete from meta where key in ('mark', 'instance', 'letters')`); err != nil {
			return err
		}
		_, err := tx.Exec(`insert into issues (digest, cadence, label, cut, due_at, opened_at) values ('a', 'weekly', '1', 1, 1, 1)`)
		return err
	})
	if err := errors.Join(err, db.Close()); err != nil {
		t.Fatal(err)
	}
	// One of its copies put back beside the mark of a later release is old.
	if f := (instance{t, path}).use(0); f == nil || f.Kind != FenceOlder {
		t.Errorf("the fence is %v, want %s", f, FenceOlder)
	}
	instance{t, path}.resume()
	db, err = Open(t.Context(), path, false)
	if err != nil {
		t.Fatal(err)
	}
	err = db.Write(t.Context(), func(tx *Tx) error {
		_, err := tx.Exec(`delete from meta where key in ('mark', 'instance', 'letters')`)
		return err
	})
	if err := errors.Join(err, db.Close(), os.Remove(path+".mark")); err != nil {
		t.Fatal(err)
	}
	if f := (instance{t, path}).use(5); f != nil {
		t.Errorf("the fence of an upgrade is %v", f)
	}
	if s, err := readMark(path + ".mark"); err != nil || s.Letters != 5 {
		t.Errorf("the mark is %+v %v", s, err)
	}
}
