package store

import (
	"context"
	"errors"
	"iter"
	"slices"
	"strings"
	"testing"
	"time"

	"tidings.example/posts"
)

func TestFirstScanReleasesBacklogInOrderOfDates(t *testing.T) {
	t.Parallel()
	for _, backlog := range []posts.Backlog{"", posts.BacklogKnown, posts.BacklogSend} {
		w := newWorld(t, map[string]file{"z.md": article("oldest", ago(400)), "a.md": article("newest", ago(1)), "m.md": article("middle", ago(20))})
		w.scanner.Backlog = backlog
		r := w.scan()
		want(t, r, 3)
		if !r.First {
			t.Error("the first scan does not say that it is")
		}
		newest, err := w.db.Newest(t.Context(), posts.Selection{}, 10)
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.Join(titles(newest), ","); got != "Title newest,Title middle,Title oldest" {
			t.Errorf("newest first: %s", got)
		}
		for _, p := range newest {
			if p.Mailable != (backlog == posts.BacklogSend) {
				t.Errorf("backlog %q: %s is mailable: %t", backlog, p.Title, p.Mailable)
			}
			if !p.Released.Equal(w.now) {
				t.Errorf("%s was released at %s, want %s", p.Title, p.Released, w.now)
			}
		}
	}
}

func TestScanOfUnchangedSiteReadsNoFileAndChangesNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t, three())
	w.scan()
	before, version, revision := w.all(), w.version(posts.Selection{}), w.state().Revision
	w.site.parsed = 0
	r := w.scan()
	want(t, r)
	if r.Unchanged != 3 || w.site.parsed != 0 {
		t.Errorf("%d unchanged, %d files read", r.Unchanged, w.site.parsed)
	}
	same(t, before, w.all())
	if w.version(posts.Selection{}) != version || w.state().Revision != revision {
		t.Error("nothing changed, and the ledger counted a change")
	}
	if !w.state().Scanned.Equal(w.now) {
		t.Errorf("last scan %s, want %s", w.state().Scanned, w.now)
	}
}

func TestFreshTimesOfFilesMeanNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t, three())
	w.scan()
	before := w.all()
	for path := range w.site.files {
		w.edit(path, func(f *file) { f.mtime += 1000 })
	}
	want(t, w.scan())
	w.site.parsed = 0
	want(t, w.scan())
	if w.site.parsed != 0 {
		t.Errorf("%d files were read though their new times are known", w.site.parsed)
	}
	after := w.all()
	for id, p := range after {
		p.Stamp = before[id].Stamp
		after[id] = p
	}
	same(t, before, after)
}

func TestAChangedFileBesideAPostAmendsItAndTouchesItsFeeds(t *testing.T) {
	t.Parallel()
	w := newWorld(t, three())
	w.scan()
	for _, change := range []func(*posts.Post){
		func(p *posts.Post) { p.Enclosures = []posts.Enclosure{{URL: "https://blog.example/a.mp3"}} },
		func(p *posts.Post) { p.Enclosures = []posts.Enclosure{{URL: "https://blog.example/a.mp3", Length: 7}} },
		func(p *posts.Post) { p.Enclosures = nil },
		func(p *posts.Post) { p.Thumbnail = "https://blog.example/s.png" },
	} {
		version := w.version(posts.Selection{})
		var wanted posts.Post
		w.edit("a.md", func(f *file) { change(&f.post); wanted = f.post })
		want(t, w.scan(), 0, 0, 1)
		got := w.at("a.md")
		if !slices.Equal(got.Enclosures, wanted.Enclosures) || got.Thumbnail != wanted.Thumbnail || !got.Edited.IsZero() {
			t.Errorf("want %+v, have %+v", wanted, got)
		}
		if w.version(posts.Selection{}) <= version {
			t.Error("the feeds were not touched")
		}
	}
}

func TestEditIsSeenInTextAndTitleOnly(t *testing.T) {
	t.Parallel()
	w := newWorld(t, three())
	w.scan()
	id, seq := w.at("a.md").ID, w.at("a.md").Seq
	w.edit("a.md", func(f *file) { f.header = "# a comment" })
	want(t, w.scan())
	if p := w.at("a.md"); !p.Edited.IsZero() {
		t.Errorf("a comment in the header made an edit at %s", p.Edited)
	}
	w.edit("a.md", func(f *file) { f.post.Tags = []string{"new"} })
	want(t, w.scan(), 0, 0, 1)
	if p := w.at("a.md"); !p.Edited.IsZero() || !slices.Equal(p.Tags, []string{"new"}) {
		t.Errorf("after new tags: edited %s, tags %v", p.Edited, p.Tags)
	}
	for _, change := range []func(*file){func(f *file) { f.text = "mended" }, func(f *file) { f.post.Title = "Mended" }} {
		w.edit("a.md", change)
		want(t, w.scan(), 0, 1)
		if p := w.at("a.md"); !p.Edited.Equal(w.now) || p.ID != id || p.Seq != seq {
			t.Errorf("edited %s, want %s; id %s, seq %d", p.Edited, w.now, p.ID, p.Seq)
		}
	}
}

func TestEditBeforeReleaseIsNone(t *testing.T) {
	t.Parallel()
	w := newWorld(t, three())
	w.scan()
	w.site.files["d.md"] = article("d", ago(0))
	want(t, w.scan(), 1)
	w.edit("d.md", func(f *file) { f.text = "mended" })
	want(t, w.scan(), 0, 1)
	w.release()
	if p := w.at("d.md"); p.Seq != 4 || !p.Edited.IsZero() || !p.Mailable {
		t.Errorf("seq %d, edited %s, mailable %t", p.Seq, p.Edited, p.Mailable)
	}
}

func TestDeletedPostIsWithdrawnAndReturnsAsItself(t *testing.T) {
	t.Parallel()
	w := newWorld(t, three())
	w.scan()
	was, f := w.at("b.md"), w.site.files["b.md"]
	delete(w.site.files, "b.md")
	want(t, w.scan(), 0, 0, 0, 0, 0, 1)
	gone := w.at("b.md")
	if !gone.Withdrawn.Equal(w.now) || gone.Present || gone.ID != was.ID || gone.Seq != was.Seq {
		t.Fatalf("gone: %+v", gone)
	}
	if n := w.count(posts.Selection{}); n != 2 {
		t.Errorf("%d posts are left", n)
	}
	want(t, w.scan())
	for _, path := range []string{"b.md", "archive/b.md"} {
		w.site.files[path] = f
		want(t, w.scan(), 0, 0, 0, 0, 1)
		back := w.at(path)
		if back.ID != was.ID || back.Seq != was.Seq || !back.Withdrawn.IsZero() || !back.Present || !back.Edited.IsZero() {
			t.Fatalf("returned at %s: %+v", path, back)
		}
		delete(w.site.files, path)
		want(t, w.scan(), 0, 0, 0, 0, 0, 1)
	}
}

func TestPostThatMayNotBeSeenIsWithdrawnThoughItsFileStays(t *testing.T) {
	t.Parallel()
	for name, hide := range map[string]func(*file){
		"draft":     func(f *file) { f.post.Declared = posts.Draft },
		"hidden":    func(f *file) { f.post.Declared = posts.Hidden },
		"protected": func(f *file) { f.post.Declared = posts.Protected },
		"future":    func(f *file) { f.post.NotBefore = noon.AddDate(1, 0, 0) },
		"expired":   func(f *file) { f.post.Expires = ago(1) },
	} {
		w := newWorld(t, three())
		w.scan()
		was, shown := w.at("c.md"), w.site.files["c.md"]
		w.edit("c.md", hide)
		want(t, w.scan(), 0, 0, 0, 0, 0, 1)
		if p := w.at("c.md"); p.Withdrawn.IsZero() || p.ID != was.ID || !p.Present {
			t.Errorf("%s: %+v", name, p)
		}
		w.edit("c.md", func(f *file) { f.post = shown.post })
		want(t, w.scan(), 0, 0, 0, 0, 1)
		if p := w.at("c.md"); !p.Withdrawn.IsZero() || p.Seq != was.Seq {
			t.Errorf("%s, back: %+v", name, p)
		}
	}
}

func TestHiddenPostOfBacklogIsNeverReleased(t *testing.T) {
	t.Parallel()
	files := three()
	for _, s := range []posts.State{posts.Draft, posts.Hidden, posts.Protected} {
		f := article(string(s), ago(1))
		f.post.Declared = s
		files[string(s)+".md"] = f
	}
	nowhere := article("nowhere", ago(1))
	nowhere.post.URL = ""
	files["nowhere.md"] = nowhere
	w := newWorld(t, files)
	want(t, w.scan(), 7)
	w.release()
	if n := w.count(posts.Selection{}); n != 3 {
		t.Errorf("%d posts were released, want 3", n)
	}
	if p := w.at("nowhere.md"); p.Seq != 0 {
		t.Error("a post without a URL was released")
	}
}

func TestClockAloneReleasesWithdrawsAndReturns(t *testing.T) {
	t.Parallel()
	files := three()
	soon, brief := article("soon", noon.Add(90*time.Minute)), article("brief", ago(1))
	soon.post.NotBefore = soon.post.Date
	brief.post.Expires = noon.Add(150 * time.Minute)
	files["soon.md"], files["brief.md"] = soon, brief
	w := newWorld(t, files)
	w.scan() // 13:00
	if got := w.release(); len(got) != 0 {
		t.Fatalf("released before their time: %v", titles(got))
	}
	w.site.parsed = 0
	want(t, w.scan()) // 14:00
	if got := titles(w.release()); !slices.Equal(got, []string{"Title soon"}) {
		t.Fatalf("released: %v", got)
	}
	want(t, w.scan(), 0, 0, 0, 0, 0, 1) // 15:00
	if p := w.at("brief.md"); !p.Withdrawn.Equal(w.now) || !p.Present {
		t.Errorf("expired: %+v", p)
	}
	if w.site.parsed != 0 {
		t.Errorf("%d files were read", w.site.parsed)
	}
	want(t, w.scan())
	w.edit("brief.md", func(f *file) { f.post.Expires = time.Time{}; f.post.NotBefore = noon.Add(7 * time.Hour) })
	want(t, w.scan(), 0, 0, 1)          // 17:00, still not to be seen
	w.now = w.now.Add(3 * time.Hour)    // 20:00
	want(t, w.scan(), 0, 0, 0, 0, 1, 0) // 21:00
	if p := w.at("brief.md"); !p.Live() {
		t.Errorf("its time has come, and it did not return: %+v", p)
	}
}

func TestPostThatIsEditedAndExpiresAtOnceIsWithdrawnOnce(t *testing.T) {
	t.Parallel()
	files := three()
	brief := article("brief", ago(1))
	brief.post.Expires = noon.Add(90 * time.Minute)
	files["brief.md"] = brief
	w := newWorld(t, files)
	w.scan()
	w.edit("brief.md", func(f *file) { f.text = "last words" })
	want(t, w.scan(), 0, 0, 0, 0, 0, 1)
	if p := w.at("brief.md"); p.Live() || !p.Edited.Equal(w.now) {
		t.Errorf("%+v", p)
	}
}

func TestOldPostIsFedNotMailed(t *testing.T) {
	t.Parallel()
	w := newWorld(t, three())
	w.scan()
	w.site.files["old.md"] = article("old", ago(15))
	w.site.files["new.md"] = article("new", ago(13))
	undated := article("undated", time.Time{})
	w.site.files["undated.md"] = undated
	want(t, w.scan(), 3)
	if got := titles(w.release()); !slices.Equal(got, []string{"Title undated", "Title old", "Title new"}) {
		t.Errorf("released %v", got)
	}
	for path, mailable := range map[string]bool{"old.md": false, "new.md": true, "undated.md": true} {
		if p := w.at(path); p.Mailable != mailable || p.Seq == 0 {
			t.Errorf("%s: seq %d, mailable %t", path, p.Seq, p.Mailable)
		}
	}
}

func TestFailedAndEmptySourcesChangeNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t, three())
	w.scan()
	before := w.all()
	w.site.err, w.site.after = errors.New("disk is gone"), 1
	w.edit("a.md", func(f *file) { f.text = "half read" })
	w.now = w.now.Add(time.Hour)
	if _, err := w.try(posts.ScanOptions{Accept: true}); err == nil || !strings.Contains(err.Error(), "scan blog: disk is gone") {
		t.Fatalf("error %v", err)
	}
	if s := w.state(); s.Failure != "disk is gone" || !s.Failed.Equal(w.now) || s.Scanned.Equal(w.now) {
		t.Errorf("state %+v", s)
	}
	same(t, before, w.all())
	w.site.err = nil
	files := w.site.files
	w.site.files = nil
	for _, accept := range []bool{false, true} {
		if _, err := w.try(posts.ScanOptions{Accept: accept}); !errors.Is(err, posts.ErrEmpty) {
			t.Fatalf("empty source: %v", err)
		}
	}
	same(t, before, w.all())
	w.site.files = files
	want(t, w.scan(), 0, 1)
	if s := w.state(); s.Failure != "" || !s.Failed.IsZero() {
		t.Errorf("after a good scan: %+v", s)
	}
}

func TestEmptyFirstScanIsNoBaseline(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	if _, err := w.try(posts.ScanOptions{}); !errors.Is(err, posts.ErrEmpty) {
		t.Fatalf("error %v", err)
	}
	w.site.files = three()
	if r := w.scan(); !r.First || w.count(posts.Selection{}) != 3 {
		t.Errorf("first: %t", r.First)
	}
}

func TestBrokenFileKeepsItsPost(t *testing.T) {
	t.Parallel()
	files := three()
	bad := article("bad", ago(1))
	bad.bad = "title is missing a quote"
	files["bad.md"] = bad
	w := newWorld(t, files)
	r := w.scan()
	want(t, r, 3)
	if len(r.Problems) != 1 || r.Problems[0].Path != "bad.md" || r.Problems[0].Line != 2 {
		t.Fatalf("problems %+v", r.Problems)
	}
	w.edit("c.md", func(f *file) { f.bad = "broken later" })
	was := w.at("c.md")
	for range 2 {
		r = w.scan()
		want(t, r)
		if len(r.Problems) != 2 || len(w.state().Problems) != 2 {
			t.Fatalf("problems %+v, stored %+v", r.Problems, w.state().Problems)
		}
		if p := w.at("c.md"); !p.Live() || p.ID != was.ID {
			t.Fatalf("broken file's post: %+v", p)
		}
	}
	revision := w.state().Revision
	w.scan()
	if w.state().Revision != revision {
		t.Error("a file that stays broken is recorded at each scan")
	}
	w.edit("c.md", func(f *file) { f.bad = "" })
	w.edit("bad.md", func(f *file) { f.bad = "" })
	want(t, w.scan(), 1)
	if n := len(w.state().Problems); n != 0 {
		t.Errorf("%d problems are left after mending", n)
	}
}

func TestUnreadableFolderKeepsItsPosts(t *testing.T) {
	t.Parallel()
	files := map[string]file{}
	for _, name := range []string{"a", "b", "c", "d", "e"} {
		files["x/"+name+".md"] = article(name, ago(3))
	}
	files["xy.md"] = article("xy", ago(3))
	w := newWorld(t, files)
	w.scan()
	w.site.files = map[string]file{"z.md": article("z", ago(1))}
	w.site.told = []posts.Problem{{Path: "x", Message: "permission denied"}}
	r := w.scan()
	want(t, r, 1, 0, 0, 0, 0, 1)
	if p := w.at("x/a.md"); !p.Live() {
		t.Errorf("%+v", p)
	}
	if p := w.at("xy.md"); p.Live() {
		t.Error("a file beside the unreadable folder is gone, and its post is not withdrawn")
	}
}

func TestWarningsOfUnchangedFilesStay(t *testing.T) {
	t.Parallel()
	files := three()
	f := files["b.md"]
	f.warn = "title is given twice"
	files["b.md"] = f
	w := newWorld(t, files)
	w.scan()
	for range 2 {
		if r := w.scan(); len(r.Problems) != 1 || len(w.state().Problems) != 1 {
			t.Fatalf("problems %+v", r.Problems)
		}
	}
	w.edit("b.md", func(f *file) { f.warn, f.header = "", "mended" })
	if r := w.scan(); len(r.Problems) != 0 || len(w.state().Problems) != 0 {
		t.Errorf("problems %+v", r.Problems)
	}
}

func TestFileWithoutPostIsReadOnce(t *testing.T) {
	t.Parallel()
	files := three()
	files["about.md"] = file{none: true, mtime: 1}
	w := newWorld(t, files)
	want(t, w.scan(), 3)
	w.site.parsed = 0
	want(t, w.scan())
	if w.site.parsed != 0 {
		t.Errorf("%d files were read again", w.site.parsed)
	}
	w.edit("c.md", func(f *file) { f.none = true })
	want(t, w.scan(), 0, 0, 0, 0, 0, 1)
	w.edit("c.md", func(f *file) { f.none = false })
	want(t, w.scan(), 0, 0, 0, 0, 1)
	delete(w.site.files, "about.md")
	want(t, w.scan())
	w.site.files = map[string]file{"about.md": {none: true, mtime: 1}}
	if _, err := w.try(posts.ScanOptions{}); !errors.Is(err, posts.ErrEmpty) {
		t.Errorf("a source without a post: %v", err)
	}
}

func TestNewConfigurationReadsAgainAndEqualPostsAreNoEdits(t *testing.T) {
	t.Parallel()
	w := newWorld(t, three())
	w.scan()
	before := w.all()
	w.site.config, w.site.parsed = "v2", 0
	want(t, w.scan())
	if w.site.parsed != 3 {
		t.Errorf("%d files were read", w.site.parsed)
	}
	same(t, before, w.all())
	w.site.parsed = 0
	w.scan()
	if w.site.parsed != 0 {
		t.Errorf("%d files were read again", w.site.parsed)
	}
	w.site.config = "v3"
	for path, f := range w.site.files {
		f.post.URL = "https://new.example/" + path
		w.site.files[path] = f
	}
	want(t, w.scan(), 0, 0, 3)
	for id, p := range w.all() {
		if old := before[id]; old.Seq != p.Seq || !p.Edited.IsZero() {
			t.Errorf("%s: seq %d, edited %s", p.Path, p.Seq, p.Edited)
		}
	}
}

func TestDryRunRecordsNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t, three())
	r, err := w.try(posts.ScanOptions{DryRun: true})
	if err != nil {
		t.Fatal(err)
	}
	want(t, r, 3)
	if len(w.all()) != 0 || !w.state().Baseline.IsZero() {
		t.Fatal("a dry first scan was recorded")
	}
	w.scan()
	before := w.all()
	w.edit("a.md", func(f *file) { f.text = "new" })
	if r, err = w.try(posts.ScanOptions{DryRun: true}); err != nil {
		t.Fatal(err)
	}
	want(t, r, 0, 1)
	same(t, before, w.all())
	want(t, w.scan(), 0, 1)
}

// script is a source that yields what it is told, in its order.
type script struct {
	site
	entries []posts.Entry
}

func (s *script) Scan(context.Context, iter.Seq2[posts.Known, error], bool) iter.Seq2[posts.Entry, error] {
	return func(yield func(posts.Entry, error) bool) {
		for _, e := range s.entries {
			if !yield(e, nil) {
				return
			}
		}
	}
}

func TestSourceOutOfOrderIsRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t, three())
	w.scan()
	before := w.all()
	entry := func(path string) posts.Entry { return posts.Entry{Path: path, Post: &posts.Post{Title: path}} }
	for _, paths := range [][]string{{"b", "a"}, {"a", "a"}} {
		w.scanner.Source = &script{entries: []posts.Entry{entry(paths[0]), entry(paths[1])}}
		if _, err := w.try(posts.ScanOptions{}); err == nil || !strings.Contains(err.Error(), "order of paths") {
			t.Errorf("%v: error %v", paths, err)
		}
	}
	same(t, before, w.all())
}

func TestSourceThatIgnoresWhatIsKnownIsComparedAllTheSame(t *testing.T) {
	t.Parallel()
	w := newWorld(t, three())
	w.scan()
	s := &script{site: site{config: "v1"}}
	for _, path := range []string{"a.md", "c.md"} {
		f := w.site.files[path]
		s.entries = append(s.entries, f.entry(path, "v1", posts.Known{}, false, true))
	}
	w.scanner.Source = s
	r := w.scan()
	want(t, r, 0, 0, 0, 0, 0, 1)
	if r.Unchanged != 2 {
		t.Errorf("%d unchanged", r.Unchanged)
	}
}

func TestCancelledScanChangesNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t, three())
	w.scan()
	before, state := w.all(), w.state()
	w.edit("a.md", func(f *file) { f.text = "new" })
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := w.scanner.Scan(ctx, w.now, posts.ScanOptions{}); !errors.Is(err, context.Canceled) {
		t.Fatalf("error %v", err)
	}
	same(t, before, w.all())
	if s := w.state(); s.Failure != state.Failure || !s.Scanned.Equal(state.Scanned) {
		t.Errorf("state %+v", s)
	}
}
