//go:build !unix

package store

import (
	"errors"
	"os"
)

// errHeld says that another open file has the lock.
var errHeld = errors.New("held")

// flock is not to be had here; without it two daemons could mail everybody twice.
func flock(*os.File) error { return errors.ErrUnsupported }

// noLocks tells that the file system has none.
func noLocks(err error) bool { return errors.Is(err, errors.ErrUnsupported) }
