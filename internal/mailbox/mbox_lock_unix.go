//go:build unix

package mailbox

import (
	"errors"
	"fmt"
	"io"
	"os"

	"golang.org/x/sys/unix"
)

// settledSize is the size of a file that nobody is writing to: servers hold
// fcntl's lock while they append, and it is taken for the moment of looking.
func settledSize(f *os.File) (int64, error) {
	lock := unix.Flock_t{Type: unix.F_RDLCK, Whence: io.SeekStart}
	err := unix.FcntlFlock(f.Fd(), unix.F_SETLK, &lock)
	switch {
	case errors.Is(err, unix.EAGAIN), errors.Is(err, unix.EACCES):
		return 0, fmt.Errorf("it is being written to: %w", err)
	case errors.Is(err, unix.ENOLCK), errors.Is(err, unix.EINVAL), errors.Is(err, unix.ENOTSUP):
		// A file system without locks: a message that is cut off is read again
		// with the rest of it.
	case err != nil:
		return 0, err
	}
	info, err := f.Stat()
	if err != nil {
		return 0, err
	}
	lock.Type = unix.F_UNLCK
	_ = unix.FcntlFlock(f.Fd(), unix.F_SETLK, &lock) // closing the file unlocks it, too
	return info.Size(), nil
}
