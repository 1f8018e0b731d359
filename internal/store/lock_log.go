package store

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// errLogLost: somebody took the log of a database away while a process works on
// it. That one goes on in the file without a name; for all others the database
// is old, and what they wrote to it would break it.
var errLogLost = errors.New("its log (the file that ends in -wal) was taken away")

// changePatience: the holder of the lock is about to end, or to begin.
const changePatience = 100 * time.Millisecond

// ownersLog refuses a database whose log is not the one that the holder of the
// lock writes.
func (db *DB) ownersLog(ctx context.Context) error {
	return patiently(ctx, changePatience, func(err error) bool { return errors.Is(err, errLogLost) }, func() error {
		if !fileHeld(db.real) { // to ask for the name takes the lock for an instant
			return nil
		}
		h, on := db.signed()
		if !on || h.Log == "" {
			return nil
		}
		if log, err := placeOf(db.real + "-wal"); err == nil && log == h.Log {
			return nil
		}
		return fmt.Errorf("%w while tidings %s works on it, process %d: end that by kill %d, which puts all of it into the database, and start it again", errLogLost, h.Command, h.PID, h.PID)
	})
}
