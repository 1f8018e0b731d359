package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"tidings.example/internal/config"
	"tidings.example/posts"
)

// checkFeedsDir judges the folder of the feeds, and where there is none yet, the
// place where it would be made. It makes nothing. What stands in the way is a
// mistake; that this user must not write there a warning, since the feeds may be
// another user's to write.
func (p *program) checkFeedsDir() ([]posts.Problem, error) {
	none := []posts.Problem{}
	for dir := p.config.Feeds.Dir; ; dir = filepath.Dir(dir) {
		info, err := os.Stat(dir)
		if (errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR)) && dir != filepath.Dir(dir) {
			if _, err := os.Lstat(dir); err == nil {
				return nil, p.noFeedsDir("%s leads to nothing: make the folder that it names, or name another one", dir)
			}
			continue // made with the first feed
		}
		switch {
		case err != nil:
			return nil, p.noFeedsDir("%v", err)
		case !info.IsDir():
			return nil, p.noFeedsDir("%s is a file, and feeds need a folder: name another one", dir)
		}
		if err := writable(dir); err != nil {
			m := p.config.Mistake("feeds.dir", "no feed can be written: %s: %v for the user who runs this check", dir, err)
			return []posts.Problem{{Path: m.File, Line: m.Line, Message: m.Key + ": " + m.Message, Warning: true}}, nil
		}
		return none, nil
	}
}

func (p *program) noFeedsDir(format string, args ...any) error {
	return config.Mistakes{p.config.Mistake("feeds.dir", "%s", fmt.Sprintf(format, args...))}
}
