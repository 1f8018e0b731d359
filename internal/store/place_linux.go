package store

import (
	"fmt"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/sys/unix"
)

// fleeting are the file systems whose inode numbers are made up at each mount:
// FAT, exFAT, FUSE (also the folders that Docker Desktop lends), 9p, SMB.
var fleeting = map[int64]bool{0x4d44: true, 0x2011bab0: true, 0x65735546: true, 0x01021997: true, 0x517b: true, 0xff534d42: true, 0xfe534d42: true}

// placeOf names the file itself, whatever path leads to it: a copy has another
// place, a folder that moved within its disk has not. An inode number alone is
// given again to the next file, so the time of birth stands beside it. Devices
// are left out: their numbers change with a restart of the machine.
func placeOf(path string) (string, error) {
	var fs unix.Statfs_t
	if err := unix.Statfs(path, &fs); err != nil {
		return "", &os.PathError{Op: "statfs", Path: path, Err: err}
	}
	if fleeting[int64(fs.Type)] {
		abs, err := filepath.Abs(path)
		return "path " + abs, err
	}
	var st unix.Statx_t
	if err := unix.Statx(unix.AT_FDCWD, path, 0, unix.STATX_INO|unix.STATX_BTIME, &st); err != nil {
		return "", &os.PathError{Op: "statx", Path: path, Err: err}
	}
	return fmt.Sprintf("file %d born %d.%09d", st.Ino, st.Btime.Sec, st.Btime.Nsec), nil
}

// changedAt is when the file was last changed in any way, its owner, mode and
// name included: no program can set it.
func changedAt(f *os.File) (time.Time, error) {
	var st unix.Stat_t
	if err := unix.Fstat(int(f.Fd()), &st); err != nil {
		return time.Time{}, &os.PathError{Op: "fstat", Path: f.Name(), Err: err}
	}
	return time.Unix(st.Ctim.Unix()), nil
}
