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

// TestABackupIsOneInstantOfADatabaseThatIsWrittenTo writes pairs that belong
// together while backups are made: each has whole pairs only, and the writer
// goes on meanwhile.
func TestABackupIsOneInstantOfADatabaseThatIsWrittenTo(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, "t.db")
	for range 4 {
		instance{t, path}.use(1)
	}
	db, err := Open(t.Context(), path, false)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	pair := func(n int) error {
		return db.Write(context.Background(), func(tx *Tx) error {
			_, err := tx.Exec(`insert into meta (key, value) values ('left ' || ?1, ?2)`, n, strings.Repeat("x", 2000))
			if err == nil {
				_, err = tx.Exec(`insert into meta (key, value) values ('right ' || ?1, '')`, n)
			}
			return err
		})
	}
	for n := range 2000 {
		if err := pair(n); err != nil {
			t.Fatal(err)
		}
	}
	stop, written := make(chan struct{}), make(chan int)
	go func() {
		n := 2000
		for more := true; more; {
			select {
			case <-stop:
				more = false
			default:
				if err := pair(n); err != nil {
					t.Error(err)
					more = false
				}
				n++
			}
		}
		written <- n - 2000
	}()
	for i := range 3 {
		to := filepath.Join(dir, "backup.db")
		b, err := db.Backup(t.Context(), to, "test", time.Now())
		if err != nil {
			t.Fatal(err)
		}
		if b.Epoch != 4 || b.Letters != 4 || b.Size == 0 || b.Schema == 0 {
			t.Errorf("the backup says %+v", b)
		}
		copied, err := Open(t.Context(), to, false)
		if err != nil {
			t.Fatal(err)
		}
		var left, right int
		err = copied.read.QueryRow(`select count(*) filter (where key like 'left %'), count(*) filter (where key like 'right %') from meta`).Scan(&left, &right)
		if err != nil || left != right || left < 2000 {
			t.Errorf("backup %d has %d and %d halves of pairs: %v", i, left, right, err)
		}
		if said, is, err := copied.AsBackup(t.Context()); err != nil || !is || said.Letters != b.Letters || !said.At.Equal(b.At) {
			t.Errorf("the backup says of itself %+v, %t, %v", said, is, err)
		}
		if err := copied.Close(); err != nil {
			t.Error(err)
		}
	}
	close(stop)
	if n := <-written; n == 0 {
		t.Error("nothing was written while backups were made")
	}
	if names, err := filepath.Glob(filepath.Join(dir, ".*")); err != nil || len(names) > 0 {
		t.Errorf("left over: %q %v", names, err)
	}
}

func TestABackupThatIsGivenUpLeavesNothing(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path, to := filepath.Join(dir, "t.db"), filepath.Join(dir, "backup.db")
	instance{t, path}.use(1)
	db, err := Open(t.Context(), path, false)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := db.Backup(ctx, to, "test", time.Now()); !errors.Is(err, context.Canceled) {
		t.Errorf("a backup that was given up: %v", err)
	}
	// One that was killed left its file; the next one is not stopped by it.
	if err := os.WriteFile(filepath.Join(dir, ".backup.db.partial"), []byte("half"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := db.Backup(t.Context(), to, "test", time.Now()); err != nil {
		t.Error(err)
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), ".") {
			t.Errorf("left over: %s", e.Name())
		}
	}
}

// A ledger that breaks its rules is when a backup is needed: it is kept, and
// says so, and so does who restores it.
func TestABackupOfABrokenLedgerIsKeptAndSaysSo(t *testing.T) {
	t.Parallel()
	w, _ := closedIssue(t)
	w.exec(`delete from deliveries where subscriber = 1`)
	w.broke = true
	to, dir := filepath.Join(t.TempDir(), "backup.db"), t.TempDir()
	b, err := w.db.Backup(t.Context(), to, "test", w.now)
	if err != nil {
		t.Fatal(err)
	}
	want := func(who string, got []string) {
		t.Helper()
		if len(got) != 1 || !strings.HasPrefix(got[0], "I4: issue 1, wave 1: 5 letters, but 4 with a row") {
			t.Errorf("%s says %q", who, got)
		}
	}
	want("the backup", b.Breaches)
	copied, err := Open(t.Context(), to, false)
	if err != nil {
		t.Fatal(err)
	}
	said, is, err := copied.AsBackup(t.Context())
	if err = errors.Join(err, copied.Close()); err != nil || !is {
		t.Fatal(is, err)
	}
	want("the file", said.Breaches)
	r, err := Restore(t.Context(), to, filepath.Join(dir, "t.db"), "test", false, w.now)
	if err != nil {
		t.Fatal(err)
	}
	want("the restore", r.Backup.Breaches)
}

func TestARestoreWaitsForNobodyWhoMails(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path, to := filepath.Join(dir, "t.db"), filepath.Join(dir, "backup.db")
	db, l := held(t, path)
	db.handOutFor(t, 3)
	if _, err := db.Backup(t.Context(), to, "test", time.Now()); err != nil {
		t.Fatal(err)
	}
	var locked *LockedError
	for _, replace := range []bool{true, false} {
		_, err := Restore(t.Context(), to, path, "test", replace, time.Now())
		if !errors.As(err, &locked) || locked.Holder.Command != "serve" || !strings.HasSuffix(err.Error(), ": stop it first") {
			t.Errorf("under a daemon, replace %t: %v", replace, err)
		}
	}
	if _, err := Restore(t.Context(), path, filepath.Join(dir, "other.db"), "test", true, time.Now()); err == nil || !strings.Contains(err.Error(), "in use: tidings backup makes a copy of it") {
		t.Errorf("from a database in use: %v", err)
	}
	db.handOutFor(t, 39)
	if err := errors.Join(l.Close(), db.Close()); err != nil {
		t.Fatal(err)
	}
	r, err := Restore(t.Context(), to, path, "test", true, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	if r.Fence.Kind != FenceBackup || r.Fence.Letters != 39 || r.Backup.Letters != 3 {
		t.Errorf("the restore says %+v", r)
	}
	if f := (instance{t, path}).use(0); f == nil || f.Kind != FenceBackup || f.Letters != 0 && f.Letters != 39 {
		t.Errorf("after it the fence is %v", f)
	}
	if _, err := os.Stat(r.Aside); err != nil {
		t.Error(err)
	}
}
