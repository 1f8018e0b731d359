package store

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"time"
)

// backupName is the name of a backup in a folder of them, and nothing else's.
var backupName = regexp.MustCompile(`^tidings-\d{8}-\d{6}\.db$`)

// BackupPath is where a backup goes: into a folder under a name of its own, or
// to the file that was named.
func BackupPath(dest string, now time.Time) (path string, folder bool) {
	if info, err := os.Stat(dest); err == nil && info.IsDir() {
		return filepath.Join(dest, "tidings-"+now.UTC().Format("20060102-150405")+".db"), true
	}
	return dest, false
}

// PruneBackups removes the oldest backups of a folder but for the newest keep,
// and returns the paths of those that are gone. Other files stay.
func PruneBackups(dir string, keep int) (gone []string, err error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, e := range entries {
		if backupName.MatchString(e.Name()) && e.Type().IsRegular() {
			names = append(names, e.Name())
		}
	}
	slices.Sort(names)
	for _, name := range names[:max(0, len(names)-keep)] {
		path := filepath.Join(dir, name)
		if err := os.Remove(path); err != nil {
			return gone, err
		}
		gone = append(gone, path)
	}
	return gone, nil
}
