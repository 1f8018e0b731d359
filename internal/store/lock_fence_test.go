package store

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// held opens a database and takes its lock.
func held(t *testing.T, path string) (*DB, *Lock) {
	t.Helper()
	db, err := Open(t.Context(), path, true)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	l, err := db.Lock(t.Context(), "serve", time.Now())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return db, l
}

func TestASecondHolderIsRefusedByWhateverNameItComes(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, "t.db")
	held(t, path)
	other := t.TempDir()
	soft, hard, folder := filepath.Join(other, "soft.db"), filepath.Join(other, "hard.db"), filepath.Join(other, "folder")
	if err := errors.Join(os.Symlink(path, soft), os.Link(path, hard), os.Symlink(dir, folder)); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{path, soft, hard, filepath.Join(folder, "t.db"), dir + "/./../" + filepath.Base(dir) + "/t.db"} {
		db, err := Open(context.Background(), name, false)
		if err == nil {
			_, err = db.Lock(context.Background(), "run", time.Now())
			db.Close()
		}
		var locked *LockedError
		named := name != hard // whose log lies elsewhere: nothing of it can be read
		if !errors.As(err, &locked) || named && (locked.Holder.PID != os.Getpid() || locked.Holder.Command != "serve") {
			t.Errorf("by the name %s: %v", name, err)
		}
	}
}

func TestADatabaseThatWasReplacedUnderItsHolderHandsNothingOut(t *testing.T) {
	t.Parallel()
	for name, replace := range map[string]func(path, old string) error{
		"moved over": func(path, old string) error { return os.Rename(old, path) },
		"removed":    func(path, _ string) error { return os.Remove(path) },
		"cut off":    func(path, _ string) error { return os.Truncate(path, 0) },
		"copied into": func(path, old string) error {
			data, err := os.ReadFile(old)
			if err != nil {
				return err
			}
			return os.WriteFile(path, data, 0o600)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path, old := filepath.Join(t.TempDir(), "t.db"), filepath.Join(t.TempDir(), "old.db")
			instance{t, path}.use(1)
			copyFile(t, path, old)
			grow(t, path)
			db, l := held(t, path)
			if err := l.Intact(); err != nil {
				t.Fatal(err)
			}
			db.handOutFor(t, 1)
			if err := replace(path, old); err != nil {
				t.Fatal(err)
			}
			if err := db.mayHandOut(); err == nil || !strings.Contains(err.Error(), "replaced") {
				t.Errorf("the next claim: %v", err)
			}
			if _, err := db.Lock(context.Background(), "run", time.Now()); err == nil {
				t.Error("the old file can be locked")
			}
		})
	}
}

// grow makes the database larger than it was, as weeks of work do.
func grow(t *testing.T, path string) {
	t.Helper()
	db, err := Open(t.Context(), path, false)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	err = db.Write(t.Context(), func(tx *Tx) error {
		_, err := tx.Exec(`insert into meta (key, value) values ('large', ?)`, strings.Repeat("x", 1<<20))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestAFolderThatCannotBeWrittenToHasNoMailer(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "t.db")
	instance{t, path}.use(1)
	// Root may write anywhere: a folder in the place of the mark refuses everybody.
	if err := errors.Join(os.Remove(path+".mark"), os.MkdirAll(path+".mark.new/x", 0o700)); err != nil {
		t.Fatal(err)
	}
	i := instance{t, path}
	i.use(0)
	i.resume()
	db, err := Open(t.Context(), path, false)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Lock(t.Context(), "run", time.Now()); err == nil || !strings.Contains(err.Error(), "write the mark, without which nothing is mailed") {
		t.Errorf("without a mark: %v", err)
	}
}
