package publish

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"tidings.example/feed"
	"tidings.example/posts"
)

// clear removes the files that we wrote of what is no feed any more, and of
// archives that nobody wants: a host of files would show withdrawn posts for
// ever. What is remembered of them stays, for the server's 410.
func (k *keeping) clear() (err error) {
	removed := 0
	for folder, s := range k.states {
		_, is := k.made[folder]
		if is && k.Archive {
			continue
		}
		n, failed := k.clearArchive(s)
		removed += n
		if !is && s.Files != "" && failed == nil {
			n, failed = k.clearFeed(s)
			removed += n
		}
		if failed == nil && !is {
			failed = k.clearFolders(folder)
		}
		if failed != nil { // the next round tries again
			err = errors.Join(err, fmt.Errorf("files of what was feed %s: %w", Feed{Folder: folder}.name(), failed))
		}
	}
	if removed > 0 {
		k.Log.Info("removed the files of feeds that are no more", "files", removed)
	}
	return err
}

// clearFeed removes a feed's own files but for those that somebody changed.
// Without its base the feed is made anew, with its archive, should it come back.
func (k *keeping) clearFeed(s posts.FeedState) (removed int, err error) {
	was := strings.Split(s.Files, ", ")
	for i, format := range feed.Formats() {
		file := filepath.Join(k.Dir, filepath.FromSlash(Feed{Folder: s.Feed}.path(format)))
		now := stamp(file)
		switch {
		case now == "":
		case i >= len(was) || now != was[i]:
			k.Log.Warn("the file of a feed that is no more stays: somebody changed it since tidings wrote it", "file", file)
		default:
			if err := os.Remove(file); err != nil && !errors.Is(err, fs.ErrNotExist) {
				return removed, err
			}
			removed++
		}
	}
	s.Base, s.Files, s.Tags = "", "", ""
	k.saved = append(k.saved, s)
	return removed, nil
}

// clearArchive removes the archive pages that the ledger knows of a feed.
func (k *keeping) clearArchive(s posts.FeedState) (removed int, err error) {
	if s.Pages == 0 {
		return 0, nil
	}
	dir := filepath.Join(k.Dir, filepath.FromSlash(path.Join(s.Feed, "archive")))
	d, err := os.Open(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	names, err := d.Readdirnames(-1)
	if err = errors.Join(err, d.Close()); err != nil {
		return 0, err
	}
	for _, name := range names {
		n, err := strconv.Atoi(name)
		if err != nil || n < 0 || n >= s.Pages || strconv.Itoa(n) != name {
			continue
		}
		for _, format := range feed.Formats() {
			err := os.Remove(filepath.Join(k.Dir, filepath.FromSlash(feed.ArchivePath(s.Feed, n, format))))
			if err == nil {
				removed++
			} else if !errors.Is(err, fs.ErrNotExist) {
				return removed, err
			}
		}
		if err := k.clearFolders(path.Join(s.Feed, "archive", name)); err != nil {
			return removed, err
		}
	}
	return removed, nil
}

// clearFolders removes a folder below the root of all feeds, and those above it,
// as long as they are empty.
func (k *keeping) clearFolders(folder string) error {
	for ; folder != "" && folder != "."; folder = path.Dir(folder) {
		dir := filepath.Join(k.Dir, filepath.FromSlash(folder))
		if _, err := feed.RemoveLeftovers(dir, k.now.Add(-time.Hour)); err != nil {
			return err
		}
		if left, err := os.ReadDir(dir); err == nil && len(left) > 0 {
			return nil
		} else if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		if err := os.Remove(dir); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}
