package posts

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"
)

// siteNow is the clock of all tests of sites.
var siteNow = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// openSite opens a site that must open.
func openSite(t testing.TB, o SiteOptions) *Directory {
	t.Helper()
	d, err := OpenSite(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { d.Close() })
	return d
}

// writeSite writes files into a new folder and returns it.
func writeSite(t testing.TB, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		writeSiteFile(t, dir, name, text)
	}
	return dir
}

func writeSiteFile(t testing.TB, dir, name, text string) {
	t.Helper()
	full := filepath.Join(dir, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(full), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(full, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// scanAll collects a scan that must not fail.
func scanAll(t testing.TB, d *Directory, known []Known, verify bool) []Entry {
	t.Helper()
	var entries []Entry
	for e, err := range d.Scan(context.Background(), knownSeq(known), verify) {
		if err != nil {
			t.Fatal(err)
		}
		entries = append(entries, e)
	}
	return entries
}

func knownSeq(known []Known) func(func(Known, error) bool) {
	return func(yield func(Known, error) bool) {
		for _, k := range known {
			if !yield(k, nil) {
				return
			}
		}
	}
}

// knownOf is what a ledger would hold after a scan.
func knownOf(d *Directory, entries []Entry) (known []Known) {
	for _, e := range entries {
		if e.Post != nil {
			known = append(known, Known{Path: e.Path, Stamp: e.Stamp, Hash: e.Post.Hash, Config: d.Config()})
		}
	}
	return known
}

// entryAt returns the entry of a path.
func entryAt(t testing.TB, entries []Entry, path string) Entry {
	t.Helper()
	i := slices.IndexFunc(entries, func(e Entry) bool { return e.Path == path })
	if i < 0 {
		t.Fatalf("no entry for %s", path)
	}
	return entries[i]
}

// sharedFolder finds the shared test material beside the repository.
func sharedFolder(t testing.TB, below string) string {
	t.Helper()
	dir := os.Getenv("TIDINGS_SHARED")
	if dir == "" {
		dir = filepath.Join("..", "..", "shared")
	}
	dir = filepath.Join(dir, below)
	if _, err := os.Stat(dir); err != nil {
		t.Skipf("the shared test material is not here (%s): set TIDINGS_SHARED", dir)
	}
	return dir
}
