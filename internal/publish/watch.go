package publish

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"path/filepath"
	"strings"
	"time"

	"github.com/fsnotify/fsnotify"
)

const (
	// settle is how long files must rest before a wake-up: editors and
	// git pull write many of them.
	settle = 500 * time.Millisecond
	// folders is how many folders are watched at most; the schedule finds
	// what happens in the others.
	folders = 4096
)

// Watch calls wake soon after something below the folders changed, until ctx
// ends. It is a hint: what it misses, the schedule finds.
func Watch(ctx context.Context, dirs []string, log *slog.Logger, wake func()) error {
	w, err := fsnotify.NewWatcher()
	if err != nil {
		return fmt.Errorf("watch: %w", err)
	}
	defer w.Close()
	for _, dir := range dirs {
		if err := watchBelow(w, dir); err != nil {
			log.Warn("a folder is not watched; the schedule finds its changes", "dir", dir, "error", err)
		}
	}
	rest := time.NewTimer(settle)
	rest.Stop()
	defer rest.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case e, ok := <-w.Events:
			if !ok {
				return nil
			}
			if skipped(filepath.Base(e.Name)) {
				continue
			}
			if e.Has(fsnotify.Create) {
				if err := watchBelow(w, e.Name); err != nil {
					log.Warn("a new folder is not watched; the schedule finds its changes", "dir", e.Name, "error", err)
				}
			}
			rest.Reset(settle)
		case err, ok := <-w.Errors:
			if !ok {
				return nil
			}
			log.Warn("watch", "error", err)
			rest.Reset(settle) // events may have been lost
		case <-rest.C:
			wake()
		}
	}
}

// errMany says that there are more folders than are watched.
var errMany = errors.New("too many folders to watch")

// watchBelow watches a folder and those in it; a file is no folder and no error.
func watchBelow(w *fsnotify.Watcher, dir string) error {
	return filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		switch {
		case errors.Is(err, fs.ErrNotExist):
			return nil // gone again
		case err != nil:
			return err
		case !d.IsDir():
			return nil
		case path != dir && skipped(d.Name()):
			return fs.SkipDir
		case len(w.WatchList()) >= folders:
			return errMany
		}
		return w.Add(path)
	})
}

// skipped names what holds no posts and changes often.
func skipped(name string) bool {
	switch name {
	case "node_modules", "public", "_site", "resources", "output", "__pycache__":
		return true
	}
	return strings.HasPrefix(name, ".") || strings.HasSuffix(name, "~")
}
