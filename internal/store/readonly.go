package store

import (
	"errors"
	"fmt"

	sqlite "modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// ifReadOnly names the file of a database that may not be written; SQLite says
// "attempt to write a readonly database (8)". The log of a database that could
// only be read for a while is like it, for good.
func (db *DB) ifReadOnly(err error) error {
	var e *sqlite.Error
	if !errors.As(err, &e) || e.Code()&0xff != sqlite3.SQLITE_READONLY {
		return err
	}
	for _, path := range []string{db.path, db.path + "-wal", db.path + "-shm"} {
		if mayNotWrite(path) {
			return fmt.Errorf("%s may not be written by this user: chown or chmod u+w it: %w", path, err)
		}
	}
	return err
}
