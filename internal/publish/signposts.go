package publish

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"tidings.example/feed"
)

// Signpost is a file that leads to the feeds: a list of them for programs, a
// page of them for people, a word to a web server. It lies beside the feed of
// everything, where somebody may have a file of that name already.
type Signpost struct {
	Name string
	Text []byte
	// Type is its Content-Type; "" is not served.
	Type string
	// Unwritten is served, and is no file.
	Unwritten bool
	// Mark is a part of the beginning of Text by which a file is known as ours.
	Mark string
}

// markWithin is how much of a file is searched for the mark.
const markWithin = 4096

// signposts are those of the last round.
type signposts struct {
	of    []Feed
	made  bool
	files map[string]string // the stamp of each file, "" where there is none
	pages map[string]feed.Page
}

// point brings the signposts up to date and returns the files that changed.
// They are made of the list of feeds alone, so a round that lists the same
// feeds and finds the files as they were makes none. fresh tells that the
// server does not know one as it is now.
func (f *Feeds) point(list []Feed, now time.Time) (fresh bool, changed []string, err error) {
	if f.Signposts == nil || f.posted.made && slices.EqualFunc(f.posted.of, list, alike) && f.posted.standing() {
		return false, nil, nil
	}
	posts, err := f.Signposts(list)
	if err != nil {
		return false, nil, err
	}
	next := signposts{of: list, made: true, files: map[string]string{}, pages: map[string]feed.Page{}}
	f.Kept = nil
	for _, s := range posts {
		changedAt := now
		if !s.Unwritten {
			file := filepath.Join(f.Dir, s.Name)
			ours, wrote, failed := put(file, s)
			switch {
			case failed != nil: // the next round tries again
				err, next.made = errors.Join(err, failed), false
			case !ours:
				f.Kept = append(f.Kept, file)
			case wrote:
				changed = append(changed, file)
			}
			if info, failed := os.Stat(file); ours && failed == nil {
				changedAt = info.ModTime()
			}
			next.files[file] = stamp(file)
		}
		if s.Type == "" {
			continue
		}
		next.pages["/"+s.Name] = feed.Page{Body: s.Text, Type: s.Type, MaxAge: f.Base.TTL, Self: f.URL + s.Name, Changed: changedAt}
		fresh = fresh || !bytes.Equal(f.posted.pages["/"+s.Name].Body, s.Text)
	}
	f.posted = next
	return fresh, changed, err
}

// alike tells whether two feeds look the same from outside.
func alike(a, b Feed) bool {
	return a.Folder == b.Folder && a.Kind == b.Kind && a.About == b.About && a.Title == b.Title &&
		a.Description == b.Description && a.Language == b.Language && a.Home == b.Home
}

// standing tells whether all files are as the last round left them.
func (s *signposts) standing() bool {
	for file, was := range s.files {
		if stamp(file) != was {
			return false
		}
	}
	return true
}

// stamp is the size and time of a file, "" where there is none.
func stamp(file string) string {
	info, err := os.Lstat(file)
	if err != nil {
		return ""
	}
	return fmt.Sprintf("%d %d", info.Size(), info.ModTime().UnixNano())
}

// put writes the file, unless somebody else's lies there.
func put(file string, s Signpost) (ours, wrote bool, err error) {
	foreign, err := foreign(file, s.Mark)
	if err != nil || foreign {
		return false, false, err
	}
	wrote, err = feed.WriteFile(file, s.Text)
	return true, wrote, err
}

// foreign tells whether there is a file without the mark: it is somebody else's.
func foreign(file, mark string) (bool, error) {
	// What is no file, such as a folder or a pipe, is not opened.
	info, err := os.Lstat(file)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil || !info.Mode().IsRegular() {
		return true, err
	}
	in, err := os.Open(file)
	if errors.Is(err, fs.ErrPermission) {
		return true, nil
	}
	if err != nil {
		return false, err
	}
	defer in.Close()
	head, err := io.ReadAll(io.LimitReader(in, markWithin))
	return !bytes.Contains(head, []byte(mark)), err
}
