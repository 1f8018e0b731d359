package feed

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"sync"
)

// manyFiles is how many files of a [Batch] are made durable by one look at the
// whole file system rather than one by one.
const manyFiles = 16

// Batch replaces many files as [WriteFile] does, each at once or not at all,
// and waits for the disk once for all of them. Add may be called by several
// goroutines at once.
type Batch struct {
	// Dir is where the files wait, on the file system of their places:
	// [RemoveLeftovers] finds there what a crash left.
	Dir string

	mu    sync.Mutex
	ready []pending
}

// pending is a file that waits under another name.
type pending struct{ temporary, path string }

// Add writes down what [Batch.Commit] will make the content of the file at path.
// A file that holds these bytes already is left alone; changed tells whether
// it will be replaced. Missing folders are made.
func (b *Batch) Add(path string, data []byte) (changed bool, err error) {
	same, err := holds(path, data)
	if same || err != nil {
		return false, err
	}
	for _, dir := range []string{b.Dir, filepath.Dir(path)} {
		if err := os.MkdirAll(dir, 0o755); err != nil {
			return false, fmt.Errorf("feed file %s: %w", path, err)
		}
	}
	name, err := writeTemporary(path, b.Dir, data, false)
	if err != nil {
		return false, fmt.Errorf("feed file %s: %w", path, err)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.ready = append(b.ready, pending{name, path})
	return true, nil
}

// Commit puts the files in their places, in no order. After an error some are
// there and the others as they were.
func (b *Batch) Commit() error {
	if len(b.ready) == 0 {
		return nil
	}
	names := make([]string, len(b.ready))
	for i, p := range b.ready {
		names[i] = p.temporary
	}
	if err := syncAll(names); err != nil {
		return fmt.Errorf("feed files: %w", err)
	}
	var dirs []string
	for len(b.ready) > 0 {
		p := b.ready[0]
		if err := os.Rename(p.temporary, p.path); err != nil {
			return fmt.Errorf("feed file %s: %w", p.path, err)
		}
		b.ready = b.ready[1:]
		// The folder may be new, too.
		dirs = append(dirs, filepath.Dir(p.path), filepath.Dir(filepath.Dir(p.path)))
	}
	slices.Sort(dirs)
	if err := syncAll(slices.Compact(dirs)); err != nil {
		return fmt.Errorf("feed files: %w", err)
	}
	return nil
}

// Abandon removes what was added and is not in its place.
func (b *Batch) Abandon() error {
	var failed error
	for _, p := range b.ready {
		failed = errors.Join(failed, ignoreMissing(os.Remove(p.temporary)))
	}
	b.ready = nil
	if failed != nil {
		return fmt.Errorf("feed files: %w", failed)
	}
	return nil
}

// holds tells whether the file has these bytes already.
func holds(path string, data []byte) (bool, error) {
	// Most files that differ have another size, and need not be read.
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) || err == nil && info.Size() != int64(len(data)) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("feed file: %w", err)
	}
	old, err := os.ReadFile(path)
	if err != nil {
		return false, fmt.Errorf("feed file: %w", err)
	}
	return bytes.Equal(old, data), nil
}

// syncAll makes files or folders durable.
func syncAll(paths []string) error {
	if len(paths) >= manyFiles {
		if done, err := syncFileSystem(paths[0]); done {
			return err
		}
	}
	for _, path := range paths {
		if err := syncDir(path); err != nil {
			return err
		}
	}
	return nil
}
