//go:build !linux && !darwin && !freebsd

package doctor

// Disk looks how much room is left for the database.
func Disk(dir string) Finding {
	return skip("disk", "how much is free at %s is not known on this system", dir)
}
