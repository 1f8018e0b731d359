package store

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	sqlite "modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// byOpenFile makes SQLite's locks belong to the open file, for the whole process
// and before its first one. With POSIX locks, any file of the database that this
// process closes (whole does) drops them. Where the kernel has no others, open
// it once.
//
// Once: two goroutines that choose at the same time can leave SQLite with locks
// of both kinds, and those are in each other's way.
var byOpenFile = sync.OnceFunc(func() { _, _ = sqlite.OFDLocking(true) })

// Several processes may open a new database, or one of an older release, at the
// same instant: one of them prepares it, the others wait so long for it.
const (
	// fillPatience: the file is made, and nothing is in it.
	fillPatience = time.Second
	// logPatience: it gets its write-ahead log. Who finds that under way is told
	// at once that the database is busy, whatever its busy_timeout.
	logPatience = 30 * time.Second
	// stepPatience: a step of the schema is under way, which may rewrite a big table.
	stepPatience = 10 * time.Minute
)

// patiently does what another process may be in the way of, again and again
// until it is not, or for so long.
func patiently(ctx context.Context, limit time.Duration, inTheWay func(error) bool, do func() error) error {
	wait, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	for {
		err := do()
		if !inTheWay(err) {
			return err
		}
		select {
		case <-wait.Done():
			if ctx.Err() != nil {
				return ctx.Err()
			}
			return err
		case <-time.After(10 * time.Millisecond):
		}
	}
}

// unlocked waits until no other process has the lock that do needs.
func unlocked(ctx context.Context, limit time.Duration, do func() error) error {
	err := patiently(ctx, limit, busy, do)
	if busy(err) {
		return fmt.Errorf("another process has kept the database busy for %s: %w", limit, err)
	}
	return err
}

// busy tells that another connection has the lock.
func busy(err error) bool {
	var e *sqlite.Error
	return errors.As(err, &e) && e.Code()&0xff == sqlite3.SQLITE_BUSY
}

// empty tells that nothing is in the file (yet).
func empty(err error) bool { return errors.Is(err, errEmpty) }
