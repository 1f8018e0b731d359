package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	sqlite "modernc.org/sqlite"
)

// Backup is what a backup says of itself.
type Backup struct {
	At      time.Time `json:"at"`
	Version string    `json:"version"` // of the program that made it
	Schema  int       `json:"schema"`
	Epoch   int64     `json:"epoch"`
	Letters int64     `json:"letters"` // handed out until then
	// Subscribers, Issues and Open are counts: readers in any state, issues that
	// have a number, letters that were open.
	Subscribers int   `json:"subscribers"`
	Issues      int   `json:"issues"`
	Open        Queue `json:"open"`
	Size        int64 `json:"size"` // in bytes
	// Breaches are the first rules of the ledger that the database breaks: it is
	// kept all the same, for that is when it is needed.
	Breaches []string `json:"breaches,omitempty"`
}

// partial is the end of the name of a backup that is being made.
const partial = ".partial"

// Backup writes a copy of the database, as it is at one instant, to a file that
// appears whole or not at all. Writers do not wait for it. The copy is opened
// and judged first, and mails nothing wherever it is put: it knows what it is,
// and which rules of the ledger it breaks.
func (db *DB) Backup(ctx context.Context, dest, version string, now time.Time) (b Backup, err error) {
	tmp := filepath.Join(filepath.Dir(dest), "."+filepath.Base(dest)+partial)
	defer func() {
		if err != nil {
			err = ifFull(err, "the disk there is full: make room, or name a place on another disk")
			err = errors.Join(fmt.Errorf("backup %s: %w", dest, err), removeDatabase(tmp))
		}
	}()
	if err := db.backupMay(dest); err != nil {
		return b, err
	}
	if err := removeDatabase(tmp); err != nil { // of one that was killed
		return b, err
	}
	f, err := os.OpenFile(tmp, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return b, err
	}
	if err := f.Close(); err != nil {
		return b, err
	}
	if err := db.copyPages(ctx, tmp); err != nil {
		return b, err
	}
	if b, err = seal(ctx, tmp, version, now); err != nil {
		return b, err
	}
	return b, putInPlace(tmp, dest)
}

// backupMay refuses to write over what is no backup.
func (db *DB) backupMay(dest string) error {
	info, err := os.Stat(dest)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	if os.SameFile(info, db.opened) {
		return errors.New("that is the database itself: name another file")
	}
	if _, err := os.Stat(dest + ".mark"); err == nil {
		return errors.New("that is a database that mails, not a backup: name another file")
	}
	if info.Size() == 0 {
		return nil
	}
	f, err := os.Open(dest)
	if err != nil {
		return err
	}
	defer f.Close()
	head := make([]byte, len(magic))
	if n, err := f.ReadAt(head, 0); err != nil || string(head[:n]) != magic {
		return errors.New("that file is no backup: name another one, or remove it")
	}
	return nil
}

// copyStep is how many pages are copied between two looks whether to go on.
const copyStep = 512

// copyPages copies the database within one read transaction: what is written
// meanwhile goes into the log and is not in the copy.
func (db *DB) copyPages(ctx context.Context, to string) (err error) {
	conn, err := db.read.Conn(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, conn.Close()) }()
	if _, err := conn.ExecContext(ctx, "begin"); err != nil {
		return err
	}
	defer func() {
		_, end := conn.ExecContext(context.WithoutCancel(ctx), "rollback")
		err = errors.Join(err, end)
	}()
	var one int
	if err := conn.QueryRowContext(ctx, "/* backup.copyPages */ select count(*) from meta").Scan(&one); err != nil {
		return err // the instant of the copy is that of the first read
	}
	return conn.Raw(func(driver any) error {
		c, ok := driver.(interface {
			NewBackup(uri string) (*sqlite.Backup, error)
		})
		if !ok {
			return errors.New("the driver makes no backups")
		}
		work, err := c.NewBackup("file:" + (&url.URL{Path: filepath.ToSlash(to)}).EscapedPath())
		if err != nil {
			return err
		}
		for more := true; more && err == nil; {
			if more, err = work.Step(copyStep); err == nil {
				err = ctx.Err()
			}
		}
		end := work.Finish()
		if err == nil { // it tells the same twice
			err = end
		}
		return err
	})
}

// seal opens a copy as a program would that it was restored for, judges it, and
// writes into it what it is.
func seal(ctx context.Context, path, version string, now time.Time) (b Backup, err error) {
	db, err := Open(ctx, path, false)
	if err != nil {
		return b, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	breaches, err := db.Verify(ctx, now)
	if err != nil {
		return b, fmt.Errorf("the database is damaged: %w: stop tidings, copy the file and the one that ends in -wal by hand, and restore an older backup", err)
	}
	if b, err = db.describe(ctx, version, now); err != nil {
		return b, err
	}
	b.Breaches = breaches
	text, err := json.Marshal(b)
	if err != nil {
		return b, err
	}
	return b, db.Write(ctx, func(tx *Tx) error {
		if err := setMeta(tx, "backup", string(text)); err != nil {
			return err
		}
		return setFence(tx, Fence{Kind: FenceBackup, Backup: now})
	})
}

// describe counts what is in a database.
func (db *DB) describe(ctx context.Context, version string, now time.Time) (Backup, error) {
	b := Backup{At: now.UTC(), Version: version}
	f, err := scanFacts(db.read.QueryRowContext(ctx, factsText))
	if err != nil {
		return b, err
	}
	b.Epoch, b.Letters = f.epoch, f.letters
	var pages, size int64
	if err := db.read.QueryRowContext(ctx, `/* backup.describe */ select (select user_version from pragma_user_version), (select count(*) from subscribers),
		(select count(*) from issues where number is not null), (select page_count from pragma_page_count), (select page_size from pragma_page_size)`).
		Scan(&b.Schema, &b.Subscribers, &b.Issues, &pages, &size); err != nil {
		return b, err
	}
	b.Size = pages * size
	b.Open, err = db.Queue(ctx)
	return b, err
}

// AsBackup returns what the database says of itself where it is a backup; false
// where it is none.
func (db *DB) AsBackup(ctx context.Context) (b Backup, is bool, err error) {
	text, err := db.Recall(ctx, "backup")
	if err != nil || text == "" {
		return b, false, err
	}
	return b, true, json.Unmarshal([]byte(text), &b)
}

// breachesTold is how many breaches are told: one broken rule has many.
const breachesTold = 5

// Verify reads the whole database. An error says that SQLite cannot vouch for
// what it reads; the first breaches of the ledger's rules are a finding. Whom a
// letter should not have gone to (I5) is for doctor: that is past, and an owner
// whose clock ran ahead for a day needs backups, too.
func (db *DB) Verify(ctx context.Context, now time.Time) (breaches []string, err error) {
	lines, err := collect[string](ctx, db.read, "pragma quick_check(5)")
	if err != nil {
		return nil, err
	}
	if len(lines) != 1 || lines[0] != "ok" {
		return nil, fmt.Errorf("SQLite finds: %s", strconv.Quote(lines[0]))
	}
	breaches, err = collect[string](ctx, db.read, `/* backup.Verify */ select distinct "table" || ' names a row of ' || parent || ' that is not there' from pragma_foreign_key_check limit 5`)
	if err != nil {
		return nil, err
	}
	for broken, err := range db.Invariants(ctx, now) {
		if err != nil {
			return breaches, err
		}
		if len(breaches) >= breachesTold {
			break
		}
		if !strings.HasPrefix(broken, "I5:") {
			breaches = append(breaches, broken)
		}
	}
	return breaches, nil
}

// putInPlace gives a finished file its name.
func putInPlace(tmp, dest string) error {
	f, err := os.OpenFile(tmp, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	if err := errors.Join(f.Sync(), f.Close()); err != nil {
		return err
	}
	if err := os.Rename(tmp, dest); err != nil {
		return err
	}
	return syncDir(filepath.Dir(dest))
}

// removeDatabase removes a database that nobody uses, with what SQLite keeps
// beside it.
func removeDatabase(path string) error {
	var errs []error
	for _, end := range []string{"", "-wal", "-shm", "-journal"} {
		if err := os.Remove(path + end); err != nil && !errors.Is(err, fs.ErrNotExist) {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}
