//go:build !linux

package store

import "os"

// lockFile opens the database file. Locks of other systems meet SQLite's own,
// or end with whichever open file of the process is closed first: the lock file
// alone must do.
func lockFile(path string) (*os.File, error) { return os.OpenFile(path, os.O_RDWR, 0) }

// fileHeld cannot know.
func fileHeld(string) bool { return false }
