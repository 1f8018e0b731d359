package store

import (
	"errors"
	"syscall"

	sqlite "modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// fullError says in one sentence that a disk is full, and what to do; SQLite says
// "database or disk is full: not an error (13)".
type fullError struct {
	what  string
	cause error
}

func (e *fullError) Error() string { return e.what }

func (e *fullError) Unwrap() error { return e.cause }

// ifFull says what in the place of an error that means a full disk, and leaves
// any other as it is.
func ifFull(err error, what string) error {
	var e *sqlite.Error
	switch {
	case err == nil:
		return nil
	case errors.Is(err, syscall.ENOSPC):
	// Where there is no room for the index of its log, SQLite speaks of I/O.
	case errors.As(err, &e) && (e.Code()&0xff == sqlite3.SQLITE_FULL || e.Code() == sqlite3.SQLITE_IOERR_SHMSIZE):
	default:
		return err
	}
	return &fullError{what, err}
}
