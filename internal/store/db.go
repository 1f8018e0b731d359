// Package store keeps everything that tidings remembers in one SQLite
// database: posts, subscribers, issues, deliveries and the schedule's memory.
//
// Start with [Open]. All writes of a process go through [DB.Write], one writer
// that commits in groups; reads use a pool of their own.
package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"sync/atomic"

	sqlite "modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// ErrNoDatabase says that there is no database at the path.
var ErrNoDatabase = errors.New("no database")

// minSQLite is the first version without the WAL-reset bug.
const minSQLite = 3051003

// DB is an open database. It is safe for concurrent use.
type DB struct {
	path   string
	real   string      // the path without links: what lies beside the file is found by it
	opened os.FileInfo // the file itself
	read   *sql.DB
	write  *sql.DB
	writer *writer
	reads  prepared
	// lock is the right to mail, where this process has it.
	lock atomic.Pointer[Lock]
	// replaced: another file has taken the name of this one.
	replaced atomic.Bool
}

// Open opens the database at path and brings its schema up to date, creating
// the file only where create is set (else the error is [ErrNoDatabase]). A file
// that is not a whole database is refused, never recreated.
func Open(ctx context.Context, path string, create bool) (*DB, error) {
	if sqlite3.SQLITE_VERSION_NUMBER < minSQLite {
		return nil, fmt.Errorf("database %s: SQLite %s is too old", path, sqlite3.SQLITE_VERSION)
	}
	byOpenFile()
	if err := made(path, create); err != nil {
		return nil, err
	}
	// A pragma of the name that holds two statements is refused; for the whole
	// process, which names its databases in dsn alone.
	sqlite.StrictPragmas(true)
	db := &DB{path: path}
	if err := db.locate(); err != nil {
		return nil, fmt.Errorf("database %s: %w", path, err)
	}
	if db.heldByAnotherName() {
		return nil, &LockedError{Path: path}
	}
	if err := db.ownersLog(ctx); err != nil {
		return nil, fmt.Errorf("database %s: %w", path, err)
	}
	if err := patiently(ctx, fillPatience, empty, func() error { return whole(path, create) }); err != nil {
		return nil, fmt.Errorf("database %s %w", path, err)
	}
	if err := db.ownLog(); err != nil {
		return nil, fmt.Errorf("database %s: %w", path, err)
	}
	var err error
	if db.write, err = sql.Open("sqlite", dsn(path, false)); err != nil {
		return nil, fmt.Errorf("database %s: %w", path, err)
	}
	db.write.SetMaxOpenConns(1)
	if db.read, err = sql.Open("sqlite", dsn(path, true)); err != nil {
		return nil, errors.Join(fmt.Errorf("database %s: %w", path, err), db.write.Close())
	}
	db.read.SetMaxOpenConns(max(4, runtime.GOMAXPROCS(0)))
	if err := db.start(ctx); err != nil {
		err = ifFull(err, "its disk is full: make room")
		return nil, errors.Join(fmt.Errorf("database %s: %w", path, err), db.read.Close(), db.write.Close())
	}
	return db, nil
}

// made sees to it that there is a file, where one may be made.
func made(path string, create bool) error {
	_, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist) && !create:
		return fmt.Errorf("%w at %s: run tidings init first", ErrNoDatabase, path)
	case errors.Is(err, fs.ErrNotExist):
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			return fmt.Errorf("database %s: %w", path, err)
		}
		if f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600); err == nil {
			f.Close()
		}
	case err != nil:
		return fmt.Errorf("database %s: %w", path, err)
	}
	return nil
}

// locate finds the file behind the path.
func (db *DB) locate() (err error) {
	if db.real, err = filepath.EvalSymlinks(db.path); err != nil {
		return err
	}
	if db.real, err = filepath.Abs(db.real); err != nil {
		return err
	}
	db.opened, err = os.Stat(db.real)
	return err
}

// start migrates the schema and starts the writer.
func (db *DB) start(ctx context.Context) error {
	var conn *sql.Conn
	err := unlocked(ctx, logPatience, func() (err error) {
		conn, err = db.write.Conn(ctx)
		return err
	})
	if err != nil {
		return err
	}
	if err := migrate(ctx, conn, migrations); err != nil {
		return errors.Join(err, conn.Close())
	}
	db.writer = newWriter(conn)
	return nil
}

// dsn names the file with its pragmas: they hold for every connection only
// when they are part of the name.
func dsn(path string, readOnly bool) string {
	q := url.Values{}
	// secure_delete from the first row on: pages that were split before keep
	// copies of rows, and an erased address must be gone.
	pragmas := []string{"secure_delete(1)", "foreign_keys(1)", "busy_timeout(5000)", "journal_mode(WAL)", "synchronous(FULL)", "journal_size_limit(16777216)", "temp_store(MEMORY)"}
	if readOnly {
		pragmas = append(pragmas, "query_only(1)", "cache_size(-4000)")
	} else {
		pragmas = append(pragmas, "cache_size(-8000)")
	}
	for _, p := range pragmas {
		q.Add("_pragma", p)
	}
	q.Set("_txlock", "immediate")
	q.Set("_defensive", "1")
	q.Set("_dqs", "0")
	abs, err := filepath.Abs(path)
	if err != nil {
		abs = path
	}
	return "file:" + (&url.URL{Path: filepath.ToSlash(abs)}).EscapedPath() + "?" + q.Encode()
}

// Close ends the writer after what was handed to it, and closes the database.
func (db *DB) Close() error {
	err := errors.Join(db.writer.close(), db.read.Close())
	if db.replaced.Load() {
		// SQLite leaves the log of a file that lost its name, and would read it
		// into the one that has the name now.
		_, folded := db.write.Exec("pragma wal_checkpoint(truncate)")
		err = errors.Join(err, folded)
	}
	return errors.Join(err, db.write.Close())
}

// Path returns the path that the database was opened at.
func (db *DB) Path() string { return db.path }

// constraint tells whether the error is a violated UNIQUE or PRIMARY KEY.
func constraint(err error) bool {
	var e *sqlite.Error
	return errors.As(err, &e) && (e.Code() == sqlite3.SQLITE_CONSTRAINT_UNIQUE || e.Code() == sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY)
}
