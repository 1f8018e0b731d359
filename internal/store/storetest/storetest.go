// Package storetest gives tests new databases. All migrations cost a second of
// the processor where the race detector is on, and most tests want no more than
// what they end in: it is made once for all tests of a process, and copied.
//
// A database that is new has no identity and no mark yet, so that its copies are
// as good as it. Tests of how a database is made, migrated or refused make it by
// store.Open alone.
package storetest

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"testing"
)

// Opener is store.Open, which the tests of package store itself hand in, too.
type Opener[DB io.Closer] func(ctx context.Context, path string, create bool) (DB, error)

// Open opens a new database at the path, where none may be.
func Open[DB io.Closer](t testing.TB, path string, open Opener[DB]) DB {
	t.Helper()
	Lay(t, path, open)
	db, err := open(t.Context(), path, false)
	if err != nil {
		t.Fatal(err)
	}
	return db
}

// Lay puts a new database at the path, where none may be, and leaves it closed.
func Lay[DB io.Closer](t testing.TB, path string, open Opener[DB]) {
	t.Helper()
	file, err := fresh(open)
	if err == nil {
		err = write(path, file)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// once holds the new database of this process.
var once struct {
	sync.Once
	file []byte
	err  error
}

// fresh returns the bytes of a new database.
func fresh[DB io.Closer](open Opener[DB]) ([]byte, error) {
	once.Do(func() { once.file, once.err = create(open) })
	return once.file, once.err
}

func create[DB io.Closer](open Opener[DB]) (file []byte, err error) {
	dir, err := os.MkdirTemp("", "tidings-storetest-")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	path := filepath.Join(dir, "tidings.db")
	// Not for the test that happens to be first: for all of them.
	db, err := open(context.Background(), path, true)
	if err != nil {
		return nil, err
	}
	if err := db.Close(); err != nil {
		return nil, err
	}
	// What a log would hold, the copies would lack.
	if _, err := os.Stat(path + "-wal"); !errors.Is(err, fs.ErrNotExist) {
		return nil, errors.Join(errors.New("the new database kept a log after it was closed"), err)
	}
	return os.ReadFile(path)
}

func write(path string, file []byte) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(file)
	return errors.Join(err, f.Close())
}
