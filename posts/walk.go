package posts

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"unicode/utf8"
)

// maxDepth limits how deep folders are followed.
const maxDepth = 48

// visit is one file that can be a post, or a place that could not be looked at.
type visit struct {
	path  string
	stamp Stamp
	// problem, when not nil, says why the file or folder cannot be read; folder
	// tells which of the two it is.
	problem *Problem
	folder  bool
}

// walker goes through the folders of a site in ascending byte order of the
// whole path: a folder is sorted as its name with a slash.
type walker struct {
	d     *Directory
	ctx   context.Context
	enter func(dir string) bool
	wants func(name string) bool
	stat  bool // whether stamps are wanted
	each  func(visit) bool
}

// errStop ends a walk whose receiver has had enough.
var errStop = errors.New("stop")

// walk visits every file that the rules and the owner's globs admit. It ends
// with an error only when the root cannot be read or ctx ends.
func (d *Directory) walk(ctx context.Context, each func(visit) bool) error {
	wants := func(name string) bool { return d.rules.admit(name) && d.chosen(name) }
	w := walker{d: d, ctx: ctx, enter: d.rules.enter, wants: wants, stat: true, each: each}
	return w.run()
}

// survey visits the names of the files that wants admits, whatever the owner's
// globs say, without looking at the files: stamps stay zero.
func (d *Directory) survey(enter, wants func(string) bool, each func(name string)) error {
	w := walker{d: d, ctx: context.Background(), enter: enter, wants: wants, each: func(v visit) bool {
		if v.problem == nil {
			each(v.path)
		}
		return true
	}}
	return w.run()
}

func (w *walker) run() error {
	d := w.d
	dir, entries, err := openDir(d.path)
	if err != nil {
		return fmt.Errorf("source %s: %w", d.o.Root, bareError(err))
	}
	defer dir.Close()
	if err := w.entries(dir, entries, "", d.path, 0); !errors.Is(err, errStop) {
		return err
	}
	return nil
}

// readDir lists a folder in the order of whole paths.
func readDir(abs string) ([]fs.DirEntry, error) {
	f, entries, err := openDir(abs)
	if err != nil {
		return nil, err
	}
	return entries, f.Close()
}

// openDir opens a folder and lists it in the order of whole paths.
func openDir(abs string) (*os.File, []fs.DirEntry, error) {
	f, err := os.Open(abs)
	if err != nil {
		return nil, nil, err
	}
	entries, err := f.ReadDir(-1)
	if err != nil {
		f.Close()
		return nil, nil, err
	}
	slices.SortFunc(entries, func(a, b fs.DirEntry) int {
		if a.IsDir() || b.IsDir() || a.Type()&fs.ModeSymlink != 0 || b.Type()&fs.ModeSymlink != 0 {
			return strings.Compare(sortName(abs, a), sortName(abs, b))
		}
		return strings.Compare(a.Name(), b.Name())
	})
	return f, entries, nil
}

// siblings lists the files in the folder of a file, in order.
func (d *Directory) siblings(name string) []string {
	entries, err := readDir(filepath.Join(d.path, filepath.FromSlash(path.Dir(name))))
	if err != nil {
		return nil
	}
	var names []string
	for _, e := range entries {
		if e.Type().IsRegular() && e.Name() != path.Base(name) {
			names = append(names, e.Name())
		}
	}
	return names
}

// sortName is the name of an entry as it stands in whole paths.
func sortName(abs string, e fs.DirEntry) string {
	if e.IsDir() {
		return e.Name() + "/"
	}
	if e.Type()&fs.ModeSymlink != 0 {
		if info, err := os.Stat(filepath.Join(abs, e.Name())); err == nil && info.IsDir() {
			return e.Name() + "/"
		}
	}
	return e.Name()
}

// entries visits what a folder holds. prefix is its path with a slash, or "".
func (w *walker) entries(dir *os.File, entries []fs.DirEntry, prefix, abs string, depth int) error {
	if err := w.ctx.Err(); err != nil {
		return err
	}
	for _, e := range entries {
		name := e.Name()
		if ignoredName(name) {
			continue
		}
		rel := prefix + name
		var err error
		switch mode := e.Type(); {
		case mode.IsDir():
			err = w.folder(rel, abs+string(filepath.Separator)+name, depth)
		case mode.IsRegular():
			err = w.file(dir, rel, e)
		case mode&fs.ModeSymlink != 0:
			err = w.link(rel, filepath.Join(abs, name), depth)
		case w.wants(rel):
			err = w.trouble(rel, false, "is "+modeName(mode)+", not a file: move it out of the posts")
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (w *walker) folder(rel, abs string, depth int) error {
	if !w.enter(rel) {
		return nil
	}
	if depth >= maxDepth {
		return w.trouble(rel, true, fmt.Sprintf("lies more than %d folders deep: it is not read", maxDepth))
	}
	dir, entries, err := openDir(abs)
	if err != nil {
		return w.trouble(rel, true, fmt.Sprintf("folder cannot be read (%v): its posts stay as they were", bareError(err)))
	}
	defer dir.Close()
	return w.entries(dir, entries, rel+"/", abs, depth+1)
}

func (w *walker) file(dir *os.File, rel string, e fs.DirEntry) error {
	if !w.wants(rel) {
		return nil
	}
	if !utf8.ValidString(rel) {
		// Databases and feeds hold text: the name could not come back from them.
		shown := strings.ToValidUTF8(rel, "\ufffd")
		return w.give(visit{path: rel, problem: &Problem{Path: shown, Message: "its name is not UTF-8: rename the file or its folder"}})
	}
	v := visit{path: rel}
	if w.stat {
		var err error
		v.stamp, err = statIn(dir, e)
		if errors.Is(err, fs.ErrNotExist) {
			return nil // gone since the folder was listed
		} else if err != nil {
			return w.trouble(rel, false, fmt.Sprintf("cannot be looked at: %v", bareError(err)))
		}
	}
	return w.give(v)
}

// link follows a symbolic link that stays inside of the root.
func (w *walker) link(rel, abs string, depth int) error {
	if !w.wants(rel) && !w.enter(rel) {
		return nil
	}
	folder := !w.wants(rel) // then known posts below it did not vanish either
	real, err := filepath.EvalSymlinks(abs)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return w.trouble(rel, folder, "is a symbolic link to nothing: remove it or mend its target")
	case err != nil && (errors.Is(err, syscall.ELOOP) || strings.Contains(err.Error(), "too many links")):
		return w.trouble(rel, folder, "is a symbolic link that leads back to itself: remove it")
	case err != nil:
		return w.trouble(rel, folder, fmt.Sprintf("is a symbolic link that cannot be followed: %v", bareError(err)))
	}
	top, err := filepath.EvalSymlinks(w.d.path)
	if err != nil {
		return fmt.Errorf("source %s: %w", w.d.o.Root, bareError(err))
	}
	if real != top && !strings.HasPrefix(real, top+string(filepath.Separator)) {
		return w.trouble(rel, folder, "is a symbolic link that leaves the site's folder: it is not followed; copy the file or name its folder as a source of its own")
	}
	info, err := os.Stat(real)
	switch {
	case err != nil:
		return w.trouble(rel, folder, fmt.Sprintf("cannot be looked at: %v", bareError(err)))
	case info.IsDir():
		if here, err := filepath.EvalSymlinks(filepath.Dir(abs)); err != nil || here == real || strings.HasPrefix(here, real+string(filepath.Separator)) {
			return w.trouble(rel, folder, "is a symbolic link to a folder that it lies in: it is not followed")
		}
		return w.folder(rel, real, depth)
	case !w.wants(rel):
		return nil
	case !info.Mode().IsRegular():
		return w.trouble(rel, folder, "leads to "+modeName(info.Mode())+", not to a file: remove the link")
	}
	return w.give(visit{path: rel, stamp: stampOf(info)})
}

// Holds tells whether a scan would find a file at the path. In doubt it would.
func (d *Directory) Holds(name string) bool {
	if !d.rules.admit(name) || !d.chosen(name) {
		return false
	}
	for i := range len(name) {
		if name[i] == '/' && (!d.rules.enter(name[:i]) || ignoredName(path.Base(name[:i]))) {
			return false
		}
	}
	_, err := d.root.Stat(name)
	return !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, syscall.ENOTDIR)
}

// chosen tells whether the owner's globs let a path through.
func (d *Directory) chosen(rel string) bool {
	return (len(d.o.Include) == 0 || matchAny(d.o.Include, rel)) && !matchAny(d.o.Exclude, rel)
}

func (w *walker) trouble(rel string, folder bool, message string) error {
	return w.give(visit{path: rel, folder: folder, problem: &Problem{Path: rel, Message: message}})
}

func (w *walker) give(v visit) error {
	if !w.each(v) {
		return errStop
	}
	return nil
}

func stampOf(info fs.FileInfo) Stamp {
	return Stamp{Size: info.Size(), ModTime: info.ModTime().UnixNano()}
}

func modeName(mode fs.FileMode) string {
	switch {
	case mode&fs.ModeNamedPipe != 0:
		return "a named pipe"
	case mode&fs.ModeSocket != 0:
		return "a socket"
	case mode&fs.ModeDevice != 0:
		return "a device"
	case mode.IsDir():
		return "a folder"
	}
	return "something special"
}

// ignoredName tells names that are no posts in any site: hidden files, the
// leftovers of editors and of macOS, folders of packages.
func ignoredName(name string) bool {
	if name == "" || name[0] == '.' || name == "node_modules" || name == "bower_components" {
		return true
	}
	switch name[len(name)-1] {
	case '~', '%':
		return true
	case '#':
		return name[0] == '#'
	}
	ext := strings.ToLower(filepath.Ext(name))
	return ext == ".swp" || ext == ".swo" || ext == ".bak" || ext == ".orig" || ext == ".tmp"
}
