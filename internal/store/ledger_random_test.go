package store

import (
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"tidings.example/internal/raced"
	"tidings.example/posts"
)

// history plays random changes of a site against the ledger, and checks after
// each scan what must hold whatever happened.
type history struct {
	rt   *rapid.T
	w    *world
	ids  map[string]int64 // every id ever seen, with its number
	top  int64            // highest number ever given
	word int
	gone []lostFile
}

// lostFile is a file that was deleted, and may come back.
type lostFile struct {
	path string
	file file
}

func TestLedgerKeepsItsPromisesThroughRandomHistories(t *testing.T) {
	t.Parallel()
	if raced.On {
		t.Skip("takes minutes, and finds no races")
	}
	var db *DB
	n := 0
	rapid.Check(t, func(rt *rapid.T) {
		if n%10 == 0 { // each history is a source of its own, ten in a database
			db = openTest(t)
		}
		n++
		w := &world{t: t, db: db, now: noon, site: &site{files: map[string]file{}, config: "v1"}}
		w.scanner = &posts.Scanner{Name: fmt.Sprint("blog", n), Source: w.site, Ledger: db, Bodies: db}
		top, err := db.HighestSeq(t.Context())
		if err != nil {
			rt.Fatal(err)
		}
		h := &history{rt: rt, w: w, ids: map[string]int64{}, top: top, word: n * 1000} // words of its own: no source claims posts of another
		for range rapid.IntRange(1, 8).Draw(rt, "posts") {
			h.write()
		}
		for range rapid.IntRange(2, 7).Draw(rt, "scans") {
			for range rapid.IntRange(0, 5).Draw(rt, "changes") {
				h.change()
			}
			h.scan()
			h.check()
		}
	})
}

func (h *history) path(label string) string {
	return rapid.SampledFrom([]string{"a.md", "b.md", "c.md", "d/a.md", "d/b.md", "e.md", "f.md", "g.md", "h.md"}).Draw(h.rt, label)
}

// existing returns the path of a file, or "".
func (h *history) existing(label string) string {
	paths := slices.Sorted(maps.Keys(h.w.site.files))
	if len(paths) == 0 {
		return ""
	}
	return rapid.SampledFrom(paths).Draw(h.rt, label)
}

// write makes or replaces a file.
func (h *history) write() {
	h.word++
	f := article(fmt.Sprint("w", h.word), ago(rapid.IntRange(0, 30).Draw(h.rt, "age")))
	f.mtime = int64(h.word)
	h.w.site.files[h.path("new")] = f
}

func (h *history) change() {
	path := h.existing("at")
	if path == "" {
		h.write()
		return
	}
	files := h.w.site.files
	f := files[path]
	h.word++
	f.mtime = int64(h.word)
	switch rapid.IntRange(0, 15).Draw(h.rt, "change") {
	case 0, 1:
		h.write()
		return
	case 2, 12:
		delete(files, path)
		h.gone = append(h.gone, lostFile{path, f})
		return
	case 13, 14: // back from a backup, where it was or elsewhere
		if len(h.gone) == 0 {
			return
		}
		back := rapid.SampledFrom(h.gone).Draw(h.rt, "back")
		if path, f = back.path, back.file; rapid.Bool().Draw(h.rt, "elsewhere") {
			path = h.path("back to")
		}
	case 3: // move
		delete(files, path)
		path = h.path("to")
	case 4: // change places
		to := h.existing("with")
		files[path], files[to] = files[to], f
		return
	case 5: // copy
		path = h.path("copy")
	case 6:
		f.text = fmt.Sprint("edit ", h.word)
	case 7:
		f.post.Title = fmt.Sprint("Edit ", h.word)
	case 8:
		f.post.Declared = rapid.SampledFrom([]posts.State{posts.Published, posts.Draft, posts.Hidden}).Draw(h.rt, "state")
	case 9:
		f.post.NotBefore = h.w.now.Add(time.Duration(rapid.IntRange(-5, 5).Draw(h.rt, "from")) * time.Hour)
	case 10, 15:
		f.post.ExplicitID = rapid.SampledFrom([]string{"", "x", "y"}).Draw(h.rt, "id")
	case 11:
		f.bad = rapid.SampledFrom([]string{"", "broken"}).Draw(h.rt, "bad")
	}
	files[path] = f
}

func (h *history) scan() {
	w := h.w
	w.now = w.now.Add(time.Hour)
	held := w.state().Hold != ""
	r, err := w.scanner.Scan(w.t.Context(), w.now, posts.ScanOptions{Accept: held, Verify: rapid.Bool().Draw(h.rt, "verify")})
	if err != nil {
		return // empty
	}
	if w.state().Hold != r.Hold {
		h.rt.Fatalf("held %q, reported %q", w.state().Hold, r.Hold)
	}
	if rapid.Bool().Draw(h.rt, "release") {
		w.release()
	}
	if r.Hold != "" {
		return
	}
	h.agree()
	again, err := w.scanner.Scan(w.t.Context(), w.now, posts.ScanOptions{})
	if err != nil || again.Changed() {
		h.rt.Fatalf("the same site scanned twice: %+v, %v", again, err)
	}
}

// agree fails where the ledger and the site disagree after a scan.
func (h *history) agree() {
	at := map[string]posts.Record{}
	for _, r := range h.w.all() {
		if r.Source != h.w.scanner.Name || !r.Present {
			continue
		}
		at[r.Path] = r
		visible := r.StateAt(h.w.now) == posts.Published
		if r.Seq > 0 && r.Withdrawn.IsZero() != visible {
			h.rt.Fatalf("%s at %s may be seen: %t; withdrawn %s", r.ID, r.Path, visible, r.Withdrawn)
		}
	}
	for path, f := range h.w.site.files {
		if r, ok := at[path]; f.bad == "" && (!ok || r.Title != f.post.Title || r.Hash != f.hash() || r.Fingerprint != digest(f.text)) {
			h.rt.Fatalf("file %s with %q is known as %q", path, f.post.Title, r.Title)
		}
		delete(at, path)
	}
	for path, r := range at {
		h.rt.Fatalf("%s has a file at %s, where none is", r.ID, path)
	}
}

// check fails where a promise is broken.
func (h *history) check() {
	w := h.w
	all := w.all()
	maps.DeleteFunc(all, func(_ string, r posts.Record) bool { return r.Source != w.scanner.Name })
	paths, numbers := map[string]string{}, map[int64]string{}
	var top int64
	for id, r := range all {
		if r.Present {
			if other := paths[r.Path]; other != "" {
				h.rt.Fatalf("%s and %s are both at %s", id, other, r.Path)
			}
			paths[r.Path] = id
		}
		if r.Live() && !r.Present {
			h.rt.Fatalf("%s is live without a file", id)
		}
		if r.Seq > 0 {
			if other := numbers[r.Seq]; other != "" {
				h.rt.Fatalf("%s and %s are both number %d", id, other, r.Seq)
			}
			numbers[r.Seq], top = id, max(top, r.Seq)
		}
		if was, ok := h.ids[id]; ok && was != 0 && was != r.Seq || !ok && r.Seq != 0 && r.Seq <= h.top {
			h.rt.Fatalf("%s went from number %d to %d, highest before %d", id, was, r.Seq, h.top)
		}
	}
	for id, seq := range h.ids {
		if _, ok := all[id]; !ok {
			h.rt.Fatalf("%s, number %d, is lost", id, seq)
		}
	}
	for id, r := range all {
		h.ids[id] = r.Seq
	}
	h.top = max(h.top, top)
	h.indexes(all)
}

// indexes fails where the tables beside posts disagree with it.
func (h *history) indexes(all map[string]posts.Record) {
	w := h.w
	live := 0
	for _, r := range all {
		if r.Live() {
			live++
		}
	}
	if n := w.count(posts.Selection{Sources: []string{w.scanner.Name}}); n != live {
		h.rt.Fatalf("%d posts are listed, %d are live", n, live)
	}
	for text, want := range map[string]int{
		"select count(*) from lost l join files f on f.post = l.post":                                                                                           0,
		"select count(*) from waiting w join releases r on r.post = w.post":                                                                                     0,
		"select count(*) from waiting w where not exists (select 1 from files f where f.post = w.post)":                                                         0,
		"select count(*) from files f join posts p on p.key = f.post where f.path <> p.path":                                                                    0,
		"select count(*) from posts p where not exists (select 1 from files f where f.post = p.key) and not exists (select 1 from lost l where l.post = p.key)": 0,
	} {
		if n, err := collect[int](w.t.Context(), w.db.read, text); err != nil || n[0] != want {
			h.rt.Fatalf("%s: %v, %v", text, n, err)
		}
	}
}
