package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	sqlite "modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// Restored is what a restore did.
type Restored struct {
	Backup Backup `json:"backup"`
	// Aside is where the database lies that was there, "" for none.
	Aside string `json:"aside,omitempty"`
	// Fence says why the database mails nothing now.
	Fence Fence `json:"fence"`
}

// errExists says that there is a database.
var errExists = errors.New("there is a database: --replace keeps it aside and takes the backup in its place")

// Restore puts a backup, or a whole copy of a database, in the place of the
// database at path: it is copied, opened, brought up to date and judged first,
// and then takes the place in one step. What was there stays beside it.
func Restore(ctx context.Context, from, path, version string, replace bool, now time.Time) (r Restored, err error) {
	db := &DB{path: path}
	there, err := db.target()
	if err != nil {
		return r, fmt.Errorf("restore %s: %w", path, err)
	}
	lock, err := db.seize(ctx, there)
	if err != nil {
		return r, err
	}
	defer func() { err = errors.Join(err, lock.Close()) }()
	if info, err := os.Stat(from); err == nil && there && os.SameFile(info, db.opened) {
		return r, fmt.Errorf("restore %s: %s is the database itself: name a backup", path, from)
	}
	if there && !replace && db.opened.Size() > 0 {
		return r, fmt.Errorf("restore %s: %w", path, errExists)
	}
	tmp := db.real + ".restoring"
	defer func() {
		if err != nil {
			err = ifFull(err, "the disk is full: make room for the backup beside what is there")
			err = errors.Join(fmt.Errorf("restore %s: %w", path, err), removeDatabase(tmp))
		}
	}()
	if err := copyDatabase(from, tmp); err != nil {
		return r, err
	}
	if r.Backup, r.Fence, err = prepare(ctx, from, tmp, version, now); err != nil {
		return r, err
	}
	if s, err := readMark(db.markPath()); err == nil && s.readable {
		r.Fence.Letters = max(0, s.Letters-r.Backup.Letters)
	}
	if there {
		likeOwner(tmp, db.opened)
		if r.Aside, err = db.keepAside(ctx, now); err != nil {
			return r, err
		}
	}
	return r, putInPlace(tmp, db.real)
}

// target finds the place of the database; it may be empty.
func (db *DB) target() (there bool, err error) {
	err = db.locate()
	switch {
	case errors.Is(err, fs.ErrNotExist):
		if err := os.MkdirAll(filepath.Dir(db.path), 0o700); err != nil {
			return false, err
		}
		db.real, err = filepath.Abs(db.path)
		return false, err
	case err != nil:
		return false, err
	}
	return true, nil
}

// seize locks the place of the database. Whoever must stop a daemon has to know
// it before all else: without it --replace would be the answer, and with it the
// next refusal.
func (db *DB) seize(ctx context.Context, there bool) (*os.File, error) {
	lock, err := db.lockName(ctx)
	if err == nil && there && fileHeld(db.real) {
		err = errors.Join(&LockedError{Path: db.path}, lock.Close())
	}
	var locked *LockedError
	if errors.As(err, &locked) {
		return nil, fmt.Errorf("restore: %w: stop it first", locked)
	}
	return lock, err
}

// copyDatabase copies a file and the log beside it, durable before it returns.
func copyDatabase(from, to string) error {
	if err := whole(from, false); err != nil {
		var place *fs.PathError
		if errors.As(err, &place) {
			return err
		}
		return fmt.Errorf("%s %w", from, err)
	}
	if fileHeld(from) {
		return fmt.Errorf("%s is in use: tidings backup makes a copy of it", from)
	}
	if err := removeDatabase(to); err != nil {
		return err
	}
	if err := copyWhole(from, to); err != nil {
		return err
	}
	if err := copyWhole(from+"-wal", to+"-wal"); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

func copyWhole(from, to string) (err error) {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	return errors.Join(err, out.Sync(), out.Close())
}

// prepare opens the copy, which brings it up to date, judges it, and fences it.
func prepare(ctx context.Context, from, tmp, version string, now time.Time) (b Backup, f Fence, err error) {
	info, err := os.Stat(from)
	if err != nil {
		return b, f, err
	}
	db, err := Open(ctx, tmp, false)
	if err != nil {
		// The path of the copy says nothing to anybody.
		var full *fullError
		if errors.As(err, &full) {
			return b, f, err
		}
		return b, f, fmt.Errorf("%s: %s", from, strings.ReplaceAll(err.Error(), "database "+tmp+": ", ""))
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	breaches, err := db.Verify(ctx, now)
	if err != nil {
		return b, f, fmt.Errorf("%s is damaged: %w", from, err)
	}
	b, is, err := db.AsBackup(ctx)
	if err == nil && !is { // a copy that was made by hand
		b, err = db.describe(ctx, version, info.ModTime())
	}
	if err != nil {
		return b, f, err
	}
	b.Breaches = breaches // by what this program knows
	f = Fence{Kind: FenceBackup, Backup: b.At}
	return b, f, db.Write(ctx, func(tx *Tx) error { return setFence(tx, f) })
}

// keepAside gives the database that is there a second name. It keeps the first
// one until the other takes it: at no instant is there none.
func (db *DB) keepAside(ctx context.Context, now time.Time) (aside string, err error) {
	aside = db.real + ".before-" + now.UTC().Format("20060102-150405")
	if err := db.foldLog(ctx); err != nil && !damaged(err) {
		return "", err
	} else if err != nil {
		// Damaged: what SQLite keeps beside it goes with it, unread.
		for _, end := range []string{"-wal", "-journal"} {
			if err := os.Rename(db.real+end, aside+end); err != nil && !errors.Is(err, fs.ErrNotExist) {
				return "", err
			}
		}
	}
	if err := os.Link(db.real, aside); err != nil {
		if errors.Is(err, fs.ErrExist) {
			return "", err
		}
		if err := copyWhole(db.real, aside); err != nil {
			return "", err
		}
	}
	if err := os.Remove(db.real + "-shm"); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return "", err
	}
	return aside, syncDir(filepath.Dir(db.real))
}

// errLogInUse says that others read the database.
var errLogInUse = errors.New("another process reads the database: end it, and try again")

// damaged tells that a file is no database any more.
func damaged(err error) bool {
	var e *sqlite.Error
	if !errors.As(err, &e) {
		return false
	}
	switch e.Code() & 0xff {
	case sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_IOERR:
		return true
	}
	return false
}

// foldLog moves the write-ahead log into the database, whose file is all there
// is then.
func (db *DB) foldLog(ctx context.Context) (err error) {
	conn, err := sql.Open("sqlite", dsn(db.real, false))
	if err != nil {
		return err
	}
	var busy, log, moved int
	err = conn.QueryRowContext(ctx, "pragma wal_checkpoint(truncate)").Scan(&busy, &log, &moved)
	err = errors.Join(err, conn.Close())
	if err == nil && busy != 0 {
		err = errLogInUse
	}
	return err
}
