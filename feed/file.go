package feed

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// temporary ends the names of files that are not finished.
const temporary = ".tidings-tmp"

// WriteFile makes data the content of the file at path, at once or not at all:
// whoever opens the file finds the old bytes or the new ones, after a crash
// too. A file that holds these bytes already is left alone, with its time of
// modification; changed tells whether it was replaced. Missing folders are made.
func WriteFile(path string, data []byte) (changed bool, err error) {
	same, err := holds(path, data)
	if same || err != nil {
		return false, err
	}
	dir := filepath.Dir(path)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return false, fmt.Errorf("feed file %s: %w", path, err)
	}
	if err := replace(path, dir, data); err != nil {
		return false, fmt.Errorf("feed file %s: %w", path, err)
	}
	return true, nil
}

func replace(path, dir string, data []byte) error {
	name, err := writeTemporary(path, dir, data, true)
	if err != nil {
		return err
	}
	if err := os.Rename(name, path); err != nil {
		return errors.Join(err, ignoreMissing(os.Remove(name)))
	}
	return syncDir(dir)
}

// writeTemporary writes data into a file in dir that will replace the one at
// path, and returns its name. An error leaves no file.
func writeTemporary(path, dir string, data []byte, durable bool) (name string, err error) {
	f, err := os.CreateTemp(dir, "."+filepath.Base(path)+".*"+temporary)
	if err != nil {
		return "", err
	}
	_, err = f.Write(data)
	if err == nil {
		err = f.Chmod(0o644) // a web server is another user
	}
	if err == nil && durable {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return "", errors.Join(err, ignoreMissing(os.Remove(f.Name())))
	}
	return f.Name(), nil
}

// syncDir makes the new name durable.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// RemoveLeftovers deletes the unfinished files that a crash left in a folder
// and returns how many there were: those that nobody has touched since before,
// since another process may be writing one right now. A folder that does not
// exist has none.
func RemoveLeftovers(dir string, before time.Time) (int, error) {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return 0, nil
	}
	if err != nil {
		return 0, fmt.Errorf("feed files: %w", err)
	}
	n := 0
	var failed error
	for _, e := range entries {
		if name := e.Name(); !strings.HasPrefix(name, ".") || !strings.HasSuffix(name, temporary) || !e.Type().IsRegular() {
			continue
		}
		if info, err := e.Info(); err != nil || !info.ModTime().Before(before) {
			continue // gone, or somebody's work
		}
		err := os.Remove(filepath.Join(dir, e.Name()))
		if err == nil {
			n++
		}
		failed = errors.Join(failed, ignoreMissing(err))
	}
	if failed != nil {
		return n, fmt.Errorf("feed files: %w", failed)
	}
	return n, nil
}

func ignoreMissing(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}
