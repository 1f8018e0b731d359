package store

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

func TestASecondHolderIsToldWhoHasTheLock(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "t.db")
	open := func() *DB {
		db, err := Open(t.Context(), path, true)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { db.Close() })
		return db
	}
	a, b := open(), open()
	since := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	first, err := a.Lock(context.Background(), "serve", since)
	if err != nil {
		t.Fatal(err)
	}
	var held *LockedError
	if _, err := b.Lock(context.Background(), "run", since); !errors.As(err, &held) {
		t.Fatalf("a second lock: %v", err)
	}
	if held.Holder.PID != os.Getpid() || held.Holder.Command != "serve" || !held.Holder.Since.Equal(since) {
		t.Errorf("the holder is %+v", held.Holder)
	}
	if h, on := b.Holder(); !on || h.Command != "serve" {
		t.Errorf("Holder: %+v %v", h, on)
	}
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	if _, on := b.Holder(); on {
		t.Error("a lock that was given back is still held")
	}
	second, err := b.Lock(context.Background(), "run", since)
	if err != nil {
		t.Fatal(err)
	}
	defer second.Close()
	if second.Epoch != first.Epoch+1 {
		t.Errorf("epochs %d and %d", first.Epoch, second.Epoch)
	}
}

// Whoever opens a database asks whether another one mails from it: that neither
// makes others who ask believe so, nor keeps one from beginning.
func TestToAskWhoMailsIsInNobodysWay(t *testing.T) {
	t.Parallel()
	db := openTest(t)
	var askers sync.WaitGroup
	for range 4 {
		askers.Go(func() {
			for range 500 {
				if db.heldByAnotherName() {
					t.Error("who only asks is taken for one who mails")
					return
				}
			}
		})
	}
	l, err := db.Lock(t.Context(), "serve", time.Now())
	askers.Wait()
	if err != nil {
		t.Fatal(err)
	}
	if err := l.Close(); err != nil {
		t.Error(err)
	}
}

// TestALogThatWasTakenAwayIsMissed by all but the process that goes on in it,
// whose end brings everything into the database.
func TestALogThatWasTakenAwayIsMissed(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "t.db")
	a, err := Open(t.Context(), path, true)
	if err != nil {
		t.Fatal(err)
	}
	lock, err := a.Lock(t.Context(), "serve", time.Now())
	if err != nil {
		t.Fatal(err)
	}
	for _, end := range []string{"-wal", "-shm"} {
		if err := os.Remove(path + end); err != nil {
			t.Fatal(err)
		}
	}
	if err := a.Write(t.Context(), func(tx *Tx) error { return setMeta(tx, "late", "kept") }); err != nil {
		t.Fatal(err)
	}
	if b, err := Open(t.Context(), path, false); err == nil {
		b.Close()
		t.Error("a database opens without its log")
	} else if !strings.Contains(err.Error(), fmt.Sprintf("was taken away while tidings serve works on it, process %d: end that by kill", os.Getpid())) {
		t.Error(err)
	}
	if err := errors.Join(lock.Close(), a.Close()); err != nil {
		t.Fatal(err)
	}
	b, err := Open(t.Context(), path, false)
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	if kept, err := b.Recall(t.Context(), "late"); err != nil || kept != "kept" {
		t.Errorf("what was written last is %q, %v", kept, err)
	}
}
