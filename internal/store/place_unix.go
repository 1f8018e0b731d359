//go:build unix

package store

import (
	"errors"
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

// mayNotWrite tells that this user may not write a file that there is. Nothing
// is opened: a file of the database that is closed drops locks.
func mayNotWrite(path string) bool { return errors.Is(unix.Access(path, unix.W_OK), unix.EACCES) }

// likeOwner gives a file the owner of another one: root may restore for a
// daemon that is not root. Anybody else owns both.
func likeOwner(path string, model os.FileInfo) {
	if st, ok := model.Sys().(*syscall.Stat_t); ok && os.Geteuid() == 0 {
		_ = os.Chown(path, int(st.Uid), int(st.Gid))
	}
}
