package publish

import (
	"cmp"
	"maps"
	"net/url"
	"slices"
	"strings"

	"tidings.example/feed"
)

// move leads from the paths that have moved to where their feeds are now, also
// where something is: who says that a feed has moved wants nobody at its old
// address. Of two folders the longer one counts, and a path before both.
func (f *Feeds) move(pages map[string]feed.Page, archives map[string]feed.ArchiveFeed) {
	shorter := func(a, b string) int { return cmp.Compare(len(a), len(b)) }
	for _, from := range slices.SortedFunc(maps.Keys(f.Moved), shorter) {
		if to := f.Moved[from]; strings.HasSuffix(to, "/") {
			moveFolder(from, to, f.Base, pages, archives)
		}
	}
	for from, to := range f.Moved {
		if !strings.HasSuffix(to, "/") {
			pages[from] = feed.Page{MovedTo: to, MaxAge: f.Base.TTL}
		}
	}
}

// moveFolder moves the feed of a folder, whether we know it or not, and all that
// we know below it.
func moveFolder(from, to string, base feed.Document, pages map[string]feed.Page, archives map[string]feed.ArchiveFeed) {
	for _, format := range feed.Formats() {
		pages[from+format.FileName()] = feed.Page{MovedTo: to + format.FileName(), MaxAge: base.TTL}
	}
	archives[strings.Trim(from, "/")] = feed.ArchiveFeed{MovedTo: to}
	for path := range pages {
		if below, ok := strings.CutPrefix(path, from); ok {
			pages[path] = feed.Page{MovedTo: to + escaped(below), MaxAge: base.TTL}
		}
	}
	for folder := range archives {
		if below, ok := strings.CutPrefix("/"+folder+"/", from); ok && folder != "" {
			archives[folder] = feed.ArchiveFeed{MovedTo: to + escaped(below)}
		}
	}
}

func escaped(path string) string { return (&url.URL{Path: path}).EscapedPath() }
