package feed

import (
	"bytes"
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
	old, err := os.ReadFile(path)
	switch {
	case err == nil && bytes.Equal(old, data):
		return false, nil
	case err != nil && !errors.Is(err, fs.ErrNotExist):
		return false, fmt.Errorf("feed file: %w", err)
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

func replace(path, dir string, data []byte) (err error) {
	f, err := os.CreateTemp(dir, "."+filepath.Base(path)+".*"+temporary)
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, ignoreMissing(os.Remove(f.Name())))
		}
	}()
	if err := fill(f, data); err != nil {
		return errors.Join(err, f.Close())
	}
	if err := f.Close(); err != nil {
		return err
	}
	if err := os.Rename(f.Name(), path); err != nil {
		return err
	}
	return syncDir(dir)
}

func fill(f *os.File, data []byte) error {
	if _, err := f.Write(data); err != nil {
		return err
	}
	if err := f.Chmod(0o644); err != nil { // a web server is another user
		return err
	}
	return f.Sync()
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
