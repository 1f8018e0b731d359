package doctor

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
)

// Secrets looks who may read files that hold secrets: keys, passwords, the
// addresses of readers. Files that are not there are passed over.
func Secrets(paths ...string) []Finding {
	if runtime.GOOS == "windows" {
		return []Finding{skip("files", "who may read files is not known on Windows")}
	}
	var out []Finding
	good := 0
	for _, path := range paths {
		info, err := os.Stat(path)
		if err != nil {
			continue
		}
		if open := info.Mode().Perm() & 0o077; open != 0 {
			out = append(out, Finding{"files", Fail, fmt.Sprintf("%s can be read or written by others on this machine (%v), and holds secrets", path, info.Mode().Perm()), "chmod 600 " + path})
			continue
		}
		good++
		dir := filepath.Dir(path)
		if above, err := os.Stat(dir); err == nil && above.Mode().Perm()&0o002 != 0 && above.Mode()&fs.ModeSticky == 0 {
			out = append(out, Finding{"files", Fail, dir + " can be written by everybody: " + filepath.Base(path) + " can be replaced", "chmod o-w " + dir})
		}
	}
	if good > 0 {
		out = append(out, ok("files", "%d files with secrets are for their owner alone", good))
	}
	return out
}

const (
	noRoom  = 100 << 20
	lowRoom = 1 << 30
)

// Room judges how many bytes are free where the database lies.
func Room(dir string, free uint64) Finding {
	what := fmt.Sprintf("%d MB are free at %s", free>>20, dir)
	switch {
	case free < noRoom:
		return Finding{"disk", Fail, "only " + what + ": a full disk stops the sending", "make room"}
	case free < lowRoom:
		return Finding{"disk", Warn, "only " + what, "make room: an issue for 100,000 readers writes some 50 MB"}
	}
	return ok("disk", "%s", what)
}
