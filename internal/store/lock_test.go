package store

import (
	"context"
	"errors"
	"os"
	"path/filepath"
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
