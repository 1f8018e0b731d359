package posts

import (
	"io/fs"
	"os"

	"golang.org/x/sys/unix"
)

// statIn looks at a file of an open folder. Relative to the folder it costs the
// kernel a third less than by the whole path, and this is most of what a scan
// without changes costs.
func statIn(dir *os.File, e fs.DirEntry) (Stamp, error) {
	var st unix.Stat_t
	for {
		switch err := unix.Fstatat(int(dir.Fd()), e.Name(), &st, unix.AT_SYMLINK_NOFOLLOW); err {
		case nil:
			return Stamp{Size: st.Size, ModTime: st.Mtim.Nano()}, nil
		case unix.EINTR:
		default:
			return Stamp{}, err
		}
	}
}
