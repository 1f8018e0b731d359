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
	// gap is the least time between two wake-ups: whatever writes without end
	// below a source must not make rounds without end.
	gap = 2 * time.Second
	// settle is how long files must rest before a wake-up: editors and
	// git pull write many of them.
	settle = 500 * time.Millisecond
	// folders is how many folders are watched at most; the schedule finds
	// what happens in the others.
	folders = 4096
)

// Watch calls wake soon after something below the folders changed that is not
// tidings' own, until ctx ends. It is a hint: what it misses, the schedule finds.
func Watch(ctx context.Context, dirs []string, own Own, log *slog.Logger, wake func()) error {
	w, err := fsnotify.NewWatcher()
	if err != nil {
		return fmt.Errorf("watch: %w", err)
	}
	defer w.Close()
	for _, dir := range dirs {
		if _, err := watchBelow(w, dir, own); err != nil {
			log.Warn("a folder is not watched; the schedule finds its changes", "dir", dir, "error", err)
		}
	}
	rest, pause := time.NewTimer(settle), time.NewTimer(gap)
	rest.Stop()
	pause.Stop()
	defer rest.Stop()
	defer pause.Stop()
	paused, changed := false, false
	note := func() {
		if changed = true; !paused {
			rest.Reset(settle)
		}
	}
	for {
		select {
		case <-ctx.Done():
			return nil
		case e, ok := <-w.Events:
			if !ok {
				return nil
			}
			if tells(w, e, own, log) {
				note()
			}
		case err, ok := <-w.Errors:
			if !ok {
				return nil
			}
			log.Warn("watch", "error", err)
			note() // events may have been lost
		case <-rest.C:
			paused, changed = true, false
			pause.Reset(gap)
			wake()
		case <-pause.C:
			if paused = false; changed {
				rest.Reset(settle)
			}
		}
	}
}

// tells whether the event is of something that may be a post. A folder that is
// new is watched from now on.
func tells(w *fsnotify.Watcher, e fsnotify.Event, own Own, log *slog.Logger) bool {
	if skipped(filepath.Base(e.Name)) || own.has(e.Name) {
		return false
	}
	if !e.Has(fsnotify.Create) {
		return true
	}
	news, err := watchBelow(w, e.Name, own)
	if err != nil {
		log.Warn("a new folder is not watched; the schedule finds its changes", "dir", e.Name, "error", err)
	}
	return news || err != nil // else it is a folder for a feed
}

// errMany says that there are more folders than are watched.
var errMany = errors.New("too many folders to watch")

// watchBelow watches a folder and those in it; a file is no folder and no error.
// news tells of a file that is not tidings' own.
func watchBelow(w *fsnotify.Watcher, dir string, own Own) (news bool, err error) {
	err = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		switch {
		case errors.Is(err, fs.ErrNotExist):
			return nil // gone again
		case err != nil:
			return err
		case !d.IsDir():
			news = news || !own.has(path) && !skipped(d.Name())
			return nil
		case path != dir && skipped(d.Name()), own.has(path):
			return fs.SkipDir
		case len(w.WatchList()) >= folders:
			return errMany
		}
		return w.Add(path)
	})
	return news, err
}

// skipped names what holds no posts and changes often.
func skipped(name string) bool {
	switch name {
	case "node_modules", "public", "_site", "resources", "output", "__pycache__":
		return true
	}
	return strings.HasPrefix(name, ".") || strings.HasSuffix(name, "~")
}
