package store

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"iter"
	"maps"
	"path/filepath"
	"slices"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"tidings.example/internal/store/storetest"
	"tidings.example/posts"
	"tidings.example/posts/markdown"
)

// site is a posts.Source in memory whose files the test changes at will.
type site struct {
	files  map[string]file
	config string
	err    error            // ends the scan
	after  int              // after so many entries, where err is set
	parsed int              // files that a scan had to read
	broken map[string]error // bodies that cannot be rendered
	told   []posts.Problem  // of the site as a whole
}

// file is one file of a site. Its hash is of all but mtime.
type file struct {
	post   posts.Post
	text   string
	header string // bytes of the header that mean nothing
	mtime  int64
	bad    string // why the header is broken
	warn   string
	none   bool // holds no post
}

func digest(parts ...string) string {
	h := sha256.New()
	for _, p := range parts {
		h.Write([]byte(p + "\x00"))
	}
	return hex.EncodeToString(h.Sum(nil))
}

func (f *file) hash() string {
	p := f.post
	return digest(f.text, f.header, f.bad, p.Title, p.Date.String(), string(p.Declared), p.URL, p.ExplicitID, p.Expires.String(), p.NotBefore.String(), digest(p.Tags...), digest(p.Categories...), digest(p.Aliases...), p.Language, p.Thumbnail, fmt.Sprint(p.Enclosures, p.Authors))
}

func (f *file) stamp() posts.Stamp {
	return posts.Stamp{Size: int64(len(f.text) + len(f.header) + len(f.post.Title)), ModTime: f.mtime}
}

// entry is what a scan says of the file, given what is known of it.
func (f *file) entry(path, config string, k posts.Known, known, verify bool) posts.Entry {
	e := posts.Entry{Path: path, Stamp: f.stamp()}
	if known && k.Stamp == f.stamp() && k.Config == config && !verify {
		e.Unchanged = true
		return e
	}
	if f.bad != "" {
		e.Problems = []posts.Problem{{Path: path, Line: 2, Message: f.bad}}
		return e
	}
	if f.none {
		return e
	}
	if known && k.Hash == f.hash() && k.Config == config {
		e.Touched = true
		return e
	}
	if f.warn != "" {
		e.Problems = []posts.Problem{{Path: path, Line: 3, Message: f.warn, Warning: true}}
	}
	p := f.post
	p.Path, p.Hash, p.Stamp = path, f.hash(), f.stamp()
	if p.URL == "" {
		e.Problems = append(e.Problems, posts.Problem{Path: path, Message: "no URL"})
	}
	if f.text != "" {
		p.Fingerprint = digest(f.text)
	}
	e.Post = &p
	return e
}

func (s *site) Scan(_ context.Context, known iter.Seq2[posts.Known, error], verify bool) iter.Seq2[posts.Entry, error] {
	return func(yield func(posts.Entry, error) bool) {
		next, stop := iter.Pull2(known)
		defer stop()
		for _, p := range s.told {
			if !yield(posts.Entry{Path: p.Path, Problems: []posts.Problem{p}}, nil) {
				return
			}
		}
		k, err, ok := next()
		for i, path := range slices.Sorted(maps.Keys(s.files)) {
			if s.err != nil && i == s.after {
				break
			}
			for ok && err == nil && k.Path < path {
				k, err, ok = next()
			}
			if err != nil {
				yield(posts.Entry{}, err)
				return
			}
			f := s.files[path]
			e := f.entry(path, s.config, k, ok && k.Path == path, verify)
			if !e.Unchanged {
				s.parsed++
			}
			if !yield(e, nil) {
				return
			}
		}
		if s.err != nil {
			yield(posts.Entry{}, s.err)
		}
	}
}

func (s *site) Config() string { return s.config }

func (s *site) Site() posts.Site { return posts.Site{URL: "https://blog.example/"} }

func (s *site) Render(_ context.Context, path string) (posts.Rendered, error) {
	f, ok := s.files[path]
	if !ok {
		return posts.Rendered{}, fs.ErrNotExist
	}
	if err := s.broken[path]; err != nil {
		return posts.Rendered{}, err
	}
	return posts.Rendered{Hash: f.hash(), Result: markdown.Result{HTML: "<p>" + f.text + "</p>", Summary: f.text, Columns: len(f.text)}}, nil
}

// noon is an instant around which the tests play.
var noon = time.Date(2026, 3, 10, 12, 0, 0, 0, time.UTC)

// ago is n days before noon.
func ago(n int) time.Time { return noon.AddDate(0, 0, -n) }

// article is a file whose title and text follow from a word.
func article(word string, date time.Time) file {
	return file{text: "text of " + word, mtime: 1, post: posts.Post{Title: "Title " + word, Date: date, URL: "https://blog.example/" + word + "/", Declared: posts.Published}}
}

// world is a database with one site that is scanned into it.
type world struct {
	t       *testing.T
	db      *DB
	site    *site
	scanner *posts.Scanner
	now     time.Time
}

func openTest(t testing.TB) *DB {
	t.Helper()
	db := storetest.Open(t, filepath.Join(t.TempDir(), "tidings.db"), Open)
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return db
}

// newWorld returns a world whose site has files and was not scanned yet.
func newWorld(t *testing.T, files map[string]file) *world {
	t.Helper()
	w := &world{t: t, db: openTest(t), now: noon, site: &site{files: maps.Clone(files), config: "v1", broken: map[string]error{}}}
	if w.site.files == nil {
		w.site.files = map[string]file{}
	}
	w.scanner = &posts.Scanner{Name: "blog", Source: w.site, Ledger: w.db, Bodies: w.db, Renderer: "r1"}
	return w
}

// try scans as it is told.
func (w *world) try(o posts.ScanOptions) (posts.Report, error) {
	w.t.Helper()
	return w.scanner.Scan(w.t.Context(), w.now, o)
}

// scan scans, an hour after the scan before.
func (w *world) scan() posts.Report {
	w.t.Helper()
	w.now = w.now.Add(time.Hour)
	r, err := w.try(posts.ScanOptions{})
	if err != nil {
		w.t.Fatal(err)
	}
	return r
}

// release releases without looking at URLs.
func (w *world) release() []posts.Record {
	w.t.Helper()
	r := posts.Releaser{Source: w.scanner.Name, Queue: w.db}
	out, err := r.Release(w.t.Context(), w.now)
	if err != nil {
		w.t.Fatal(err)
	}
	return out
}

// at returns the post that has or had its file at the path.
func (w *world) at(path string) posts.Record {
	w.t.Helper()
	out, err := w.db.PostsByPath(w.t.Context(), path)
	if err != nil {
		w.t.Fatal(err)
	}
	if len(out) == 0 {
		w.t.Fatalf("no post at %s", path)
	}
	return out[0]
}

// all returns every post by id.
func (w *world) all() map[string]posts.Record {
	w.t.Helper()
	out := map[string]posts.Record{}
	for r, err := range w.db.AllPosts(w.t.Context()) {
		if err != nil {
			w.t.Fatal(err)
		}
		out[r.ID] = r
	}
	return out
}

func (w *world) state() posts.SourceState {
	w.t.Helper()
	s, err := w.db.SourceState(w.t.Context(), w.scanner.Name)
	if err != nil {
		w.t.Fatal(err)
	}
	return s
}

// edit changes the file at the path.
func (w *world) edit(path string, change func(*file)) {
	w.t.Helper()
	f, ok := w.site.files[path]
	if !ok {
		w.t.Fatalf("no file %s", path)
	}
	change(&f)
	f.mtime++
	w.site.files[path] = f
}

// move renames a file.
func (w *world) move(from, to string) {
	w.site.files[to] = w.site.files[from]
	delete(w.site.files, from)
}

// want fails unless the report counts what it should, in the order new, edited,
// amended, renamed, returned, withdrawn, removed.
func want(t *testing.T, r posts.Report, counts ...int) {
	t.Helper()
	have := []int{r.New, r.Edited, r.Amended, r.Renamed, r.Returned, r.Withdrawn, r.Removed}
	counts = append(counts, make([]int, len(have)-len(counts))...)
	if !slices.Equal(have, counts) {
		t.Fatalf("new, edited, amended, renamed, returned, withdrawn, removed = %v, want %v (held %q, changes %+v)", have, counts, r.Hold, r.Changes)
	}
}

// three is a site with three posts, the oldest first.
func three() map[string]file {
	return map[string]file{"a.md": article("a", ago(30)), "b.md": article("b", ago(20)), "c.md": article("c", ago(2))}
}

func titles(records []posts.Record) []string {
	var out []string
	for i := range records {
		out = append(out, cmp.Or(records[i].Title, records[i].Path))
	}
	return out
}

func (w *world) version(sel posts.Selection) int64 {
	w.t.Helper()
	v, err := w.db.LedgerVersion(w.t.Context(), sel)
	if err != nil {
		w.t.Fatal(err)
	}
	return v
}

func (w *world) count(sel posts.Selection) int {
	w.t.Helper()
	n, err := w.db.CountPosts(w.t.Context(), sel)
	if err != nil {
		w.t.Fatal(err)
	}
	return n
}

// same fails unless the ledger holds what it held.
func same(t *testing.T, before, after map[string]posts.Record) {
	t.Helper()
	if diff := cmpDiff(before, after); diff != "" {
		t.Fatalf("the ledger changed (-before +after):\n%s", diff)
	}
}

func cmpDiff(a, b any) string { return gocmp.Diff(a, b) }
