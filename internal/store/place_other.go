//go:build !linux

package store

import (
	"os"
	"path/filepath"
	"time"
)

// placeOf names the place of a file by its path: what more there is differs
// from system to system.
func placeOf(path string) (string, error) {
	abs, err := filepath.Abs(path)
	return "path " + abs, err
}

// changedAt is when the file was last written; a copy may keep that.
func changedAt(f *os.File) (time.Time, error) {
	info, err := f.Stat()
	if err != nil {
		return time.Time{}, err
	}
	return info.ModTime(), nil
}
