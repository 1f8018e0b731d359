//go:build unix

package store

import (
	"os"
	"syscall"
)

// likeOwner gives a file the owner of another one: root may restore for a
// daemon that is not root. Anybody else owns both.
func likeOwner(path string, model os.FileInfo) {
	if st, ok := model.Sys().(*syscall.Stat_t); ok && os.Geteuid() == 0 {
		_ = os.Chown(path, int(st.Uid), int(st.Gid))
	}
}
