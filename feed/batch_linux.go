package feed

import (
	"errors"
	"os"

	"golang.org/x/sys/unix"
)

// syncFileSystem makes everything durable that lies on the file system of path.
func syncFileSystem(path string) (done bool, err error) {
	f, err := os.Open(path)
	if err != nil {
		return true, err
	}
	err = os.NewSyscallError("syncfs", unix.Syncfs(int(f.Fd())))
	return true, errors.Join(err, f.Close())
}
