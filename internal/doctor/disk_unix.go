//go:build linux || darwin || freebsd

package doctor

import "golang.org/x/sys/unix"

// Disk looks how much room is left for the database.
func Disk(dir string) Finding {
	var s unix.Statfs_t
	if err := unix.Statfs(dir, &s); err != nil {
		return skip("disk", "how much is free at %s is not known: %v", dir, err)
	}
	return Room(dir, uint64(s.Bavail)*uint64(s.Bsize))
}
