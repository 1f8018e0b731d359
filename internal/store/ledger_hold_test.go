package store

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"strings"
	"testing"

	"tidings.example/posts"
)

// crowd is a site with n posts, one a day.
func crowd(n int) map[string]file {
	files := map[string]file{}
	for i := range n {
		name := fmt.Sprintf("p%02d", i)
		files[name+".md"] = article(name, ago(100-i))
	}
	return files
}

func TestScanIsHeldWhenManyPostsVanish(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		posts, gone int
		held        bool
	}{{20, 4, false}, {19, 4, true}, {20, 5, true}, {4, 3, false}, {5, 4, true}, {100, 20, false}, {100, 21, true}} {
		w := newWorld(t, crowd(c.posts))
		w.scan()
		before := w.all()
		for i := range c.gone {
			delete(w.site.files, fmt.Sprintf("p%02d.md", i))
		}
		r := w.scan()
		if held := r.Hold != ""; held != c.held {
			t.Fatalf("%d of %d gone: held %q", c.gone, c.posts, r.Hold)
		}
		if c.held {
			same(t, before, w.all())
		}
	}
}

// A site on a new generator is held; that its posts' old files are gone is said
// once by that, not again for each post.
func TestAHeldScanIsNotToldPostByPost(t *testing.T) {
	t.Parallel()
	w := newWorld(t, crowd(40))
	w.scan()
	w.render(posts.Want{All: true})
	w.site.files, w.site.config = three(), "v2"
	if r := w.scan(); r.Hold == "" {
		t.Fatal("not held")
	}
	for range 2 {
		if n, problems := w.render(posts.Want{All: true}); n != 0 || len(problems) != 0 || len(w.state().Rendering) != 0 {
			t.Errorf("%d bodies, %d problems, stored %+v", n, len(problems), w.state().Rendering)
		}
	}
	if got := w.at("p07.md").Body.Summary; got == "" {
		t.Error("the body is gone")
	}
}

func TestHoldStaysUntilAcceptedOrOver(t *testing.T) {
	t.Parallel()
	for _, accept := range []bool{true, false} {
		w := newWorld(t, crowd(10))
		w.scan()
		before, files := w.all(), w.site.files
		w.site.files = three()
		w.site.files["fresh.md"] = article("fresh", ago(0))
		w.scan()
		since := w.now
		w.scan()
		s := w.state()
		if !strings.Contains(s.Hold, "10 of 10 posts vanished") || !strings.Contains(s.Hold, "--accept") || !s.Held.Equal(since) {
			t.Fatalf("held since %s, want %s: %q", s.Held, since, s.Hold)
		}
		same(t, before, w.all())
		if got := w.release(); len(got) != 0 {
			t.Fatalf("released while held: %v", titles(got))
		}
		if accept {
			r, err := w.try(posts.ScanOptions{Accept: true})
			if err != nil {
				t.Fatal(err)
			}
			want(t, r, 4, 0, 0, 0, 0, 10)
		} else {
			w.site.files = files
			want(t, w.scan())
			same(t, before, w.all())
		}
		if s := w.state(); s.Hold != "" || !s.Held.IsZero() {
			t.Errorf("still held: %+v", s)
		}
	}
}

func TestScanIsHeldWhenOldPostsAppear(t *testing.T) {
	t.Parallel()
	for n, held := range map[int]bool{4: false, 5: true} {
		w := newWorld(t, three())
		w.scan()
		for i := range n {
			w.site.files[fmt.Sprintf("old%d.md", i)] = article(fmt.Sprintf("old%d", i), ago(15+i))
			w.site.files[fmt.Sprintf("new%d.md", i)] = article(fmt.Sprintf("new%d", i), ago(i))
		}
		if r := w.scan(); (r.Hold != "") != held {
			t.Fatalf("%d old posts: held %q", n, r.Hold)
		}
		if !held {
			continue
		}
		if len(w.all()) != 3 {
			t.Error("a held scan was recorded")
		}
		if _, err := w.try(posts.ScanOptions{Accept: true}); err != nil {
			t.Fatal(err)
		}
		mailable := 0
		for _, p := range w.release() {
			if p.Mailable {
				mailable++
			}
		}
		if mailable != 5 {
			t.Errorf("%d posts are mailable, want the 5 that are new", mailable)
		}
	}
}

func TestMovingAllFilesIsNoReasonToHold(t *testing.T) {
	t.Parallel()
	w := newWorld(t, crowd(10))
	w.scan()
	for path := range w.site.files {
		if !strings.Contains(path, "/") {
			w.move(path, "content/"+path)
		}
	}
	want(t, w.scan(), 0, 0, 0, 10)
}

func TestReadersThatVanishAndReturnWithinAHoldKeepWaitingPosts(t *testing.T) {
	t.Parallel()
	w := newWorld(t, crowd(10))
	w.scan()
	w.site.files["fresh.md"] = article("fresh", ago(0))
	want(t, w.scan(), 1)
	files := w.site.files
	w.site.files = map[string]file{"fresh.md": files["fresh.md"]}
	w.scan()
	if got := w.release(); len(got) != 0 {
		t.Fatalf("released while held: %v", titles(got))
	}
	w.site.files = files
	w.scan()
	if got := titles(w.release()); len(got) != 1 {
		t.Errorf("released after the hold: %v", got)
	}
}

// crash is a ledger that fails after so many writes.
type crash struct {
	posts.Ledger
	writes int
}

var errCrash = errors.New("crashed")

func (c *crash) Apply(ctx context.Context, source string, ch posts.Changes) (int64, error) {
	if c.writes--; c.writes < 0 {
		return 0, errCrash
	}
	return c.Ledger.Apply(ctx, source, ch)
}

func TestFirstScanContinuesAfterACrash(t *testing.T) {
	t.Parallel()
	db := openTest(t)
	m := &many{n: 2100, changed: -1}
	s := &posts.Scanner{Name: "blog", Source: m, Ledger: &crash{db, 1}, Bodies: db}
	if _, err := s.Scan(t.Context(), noon, posts.ScanOptions{}); !errors.Is(err, errCrash) {
		t.Fatalf("error %v", err)
	}
	ids := map[string]string{}
	for r, err := range db.AllPosts(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		if ids[r.Path] = r.ID; r.Seq != 0 {
			t.Fatalf("%s was released by half a scan", r.Path)
		}
	}
	if len(ids) != 1000 {
		t.Fatalf("%d posts after the crash", len(ids))
	}
	if n := countOf(t, db.Known(t.Context(), "blog")); n != 1000 {
		t.Fatalf("%d files after the crash", n)
	}
	s.Ledger = db
	m.changed, m.n = 7, 2000
	r, err := s.Scan(t.Context(), noon, posts.ScanOptions{})
	if err != nil || !r.First || r.New != 2000 {
		t.Fatalf("%+v, %v", r, err)
	}
	seq := int64(0)
	for r, err := range db.PostsBetween(t.Context(), posts.Selection{}, 0, 1<<40) {
		if err != nil {
			t.Fatal(err)
		}
		if seq++; r.Seq != seq || r.Path != m.path(int(seq-1)) || ids[r.Path] != "" && ids[r.Path] != r.ID {
			t.Fatalf("seq %d: %s %s", r.Seq, r.Path, r.ID)
		}
	}
	if seq != 2000 {
		t.Errorf("%d posts were released", seq)
	}
}

func countOf(t *testing.T, known iter.Seq2[posts.Known, error]) (n int) {
	t.Helper()
	for _, err := range known {
		if err != nil {
			t.Fatal(err)
		}
		n++
	}
	return n
}

// rival is a ledger in which another process is faster, once.
type rival struct {
	posts.Ledger
	once func()
}

func (r *rival) Apply(ctx context.Context, source string, ch posts.Changes) (int64, error) {
	if once := r.once; once != nil {
		r.once = nil
		once()
	}
	return r.Ledger.Apply(ctx, source, ch)
}

func TestTwoScansAtOnceRecordEachPostOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t, three())
	w.scan()
	w.site.files["d.md"] = article("d", ago(0))
	other := &posts.Scanner{Name: "blog", Source: w.site, Ledger: w.db}
	w.scanner.Ledger = &rival{w.db, func() {
		r, err := other.Scan(t.Context(), w.now, posts.ScanOptions{})
		if err != nil {
			t.Error(err)
		}
		want(t, r, 1)
	}}
	want(t, w.scan())
	if n := len(w.all()); n != 4 {
		t.Errorf("%d posts", n)
	}
}
