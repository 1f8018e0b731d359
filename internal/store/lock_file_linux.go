package store

import (
	"errors"
	"io"
	"os"

	"golang.org/x/sys/unix"
)

// beyond is a byte that no database has and SQLite does not lock.
const beyond = 1 << 62

// lockFile locks the database file itself, besides the lock file: a second
// process may come by a link or a mount, under another name. The lock lasts
// until the file is closed.
func lockFile(path string) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return nil, err
	}
	// Of the open file, not of the process, like SQLite's own: who closes another
	// one of the same database does not lose it.
	l := unix.Flock_t{Type: unix.F_WRLCK, Whence: io.SeekStart, Start: beyond, Len: 1}
	err = unix.FcntlFlock(f.Fd(), unix.F_OFD_SETLK, &l)
	if errors.Is(err, unix.EAGAIN) || errors.Is(err, unix.EACCES) {
		err = errHeld
	}
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}

// fileHeld tells whether somebody else has that lock. It asks only: who took the
// lock to know would be in the way of another who asks, or who starts to mail.
func fileHeld(path string) bool {
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return false // who wants to write hears of it
	}
	defer f.Close()
	l := unix.Flock_t{Type: unix.F_WRLCK, Whence: io.SeekStart, Start: beyond, Len: 1}
	err = unix.FcntlFlock(f.Fd(), unix.F_OFD_GETLK, &l)
	return err == nil && l.Type != unix.F_UNLCK
}
