package store

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"tidings.example/posts"
)

// web says which URLs answer.
type web struct {
	mu    sync.Mutex
	dead  map[string]bool
	asked []string
}

func (w *web) live(_ context.Context, url string) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.asked = append(w.asked, url)
	if w.dead[url] {
		return errors.New("404 Not Found")
	}
	return nil
}

func (w *world) releaseBy(r posts.Releaser) []string {
	w.t.Helper()
	r.Source, r.Queue = "blog", w.db
	out, err := r.Release(w.t.Context(), w.now)
	if err != nil {
		w.t.Fatal(err)
	}
	return titles(out)
}

func TestReleasesOfOneTickAreInOrderOfDateThenPath(t *testing.T) {
	t.Parallel()
	w := newWorld(t, three())
	w.scan()
	for word, date := range map[string]time.Time{"y": ago(1), "x": ago(1), "z": ago(3), "w": ago(0)} {
		w.site.files[word+".md"] = article(word, date)
	}
	want(t, w.scan(), 4)
	if got := w.release(); !slices.Equal(titles(got), []string{"Title z", "Title x", "Title y", "Title w"}) || got[0].Seq != 4 || got[3].Seq != 7 {
		t.Errorf("released %v", titles(got))
	}
	if got := w.release(); len(got) != 0 {
		t.Errorf("released twice: %v", titles(got))
	}
}

func TestPostWaitsUntilItsURLAnswers(t *testing.T) {
	t.Parallel()
	w := newWorld(t, three())
	w.scan()
	w.site.files["d.md"], w.site.files["e.md"] = article("d", ago(0)), article("e", ago(0))
	w.scan()
	net := &web{dead: map[string]bool{"https://blog.example/d/": true}}
	r := posts.Releaser{Live: net.live}
	if got := w.releaseBy(r); !slices.Equal(got, []string{"Title e"}) {
		t.Fatalf("released %v", got)
	}
	waiting, err := w.db.Waiting(t.Context(), "blog", w.now)
	if err != nil || len(waiting) != 1 || waiting[0].Reason != "404 Not Found" || waiting[0].Tries != 1 || !waiting[0].Next.Equal(w.now.Add(time.Minute)) {
		t.Fatalf("waiting %+v, %v", waiting, err)
	}
	var looks []int
	for minute := 1; minute <= 200; minute++ {
		w.now = w.now.Add(time.Minute)
		before := len(net.asked)
		w.releaseBy(r)
		if len(net.asked) > before {
			looks = append(looks, minute)
		}
	}
	if want := []int{1, 3, 7, 15, 31, 63, 123, 183}; !slices.Equal(looks, want) {
		t.Errorf("looked after minutes %v, want %v", looks, want)
	}
	w.edit("d.md", func(f *file) { f.post.URL = "https://blog.example/d2/" })
	w.scan()
	if got := w.releaseBy(r); !slices.Equal(got, []string{"Title d"}) {
		t.Errorf("released %v", got)
	}
}

func TestReleaseDelayCountsFromTheFirstSight(t *testing.T) {
	t.Parallel()
	w := newWorld(t, three())
	w.scan()
	draft := article("draft", ago(0))
	draft.post.Declared = posts.Draft
	w.site.files["d.md"], w.site.files["draft.md"] = article("d", ago(0)), draft
	w.scan()
	seen := w.now
	r := posts.Releaser{Delay: 90 * time.Minute}
	w.edit("draft.md", func(f *file) { f.post.Declared = posts.Published })
	w.edit("d.md", func(f *file) { f.text = "mended" })
	w.scan() // an hour later
	w.now = seen.Add(89 * time.Minute)
	if got := w.releaseBy(r); len(got) != 0 {
		t.Fatalf("released too early: %v", got)
	}
	w.now = seen.Add(90 * time.Minute)
	if got := w.releaseBy(r); !slices.Equal(got, []string{"Title d"}) {
		t.Fatalf("released %v", got)
	}
	w.now = seen.Add(150 * time.Minute)
	if got := w.releaseBy(r); !slices.Equal(got, []string{"Title draft"}) {
		t.Fatalf("released %v", got)
	}
}

func TestPostWithoutURLWaitsAndSaysWhy(t *testing.T) {
	t.Parallel()
	w := newWorld(t, three())
	w.scan()
	f := article("d", ago(0))
	f.post.URL = ""
	w.site.files["d.md"] = f
	w.scan()
	for range 2 {
		if got := w.releaseBy(posts.Releaser{}); len(got) != 0 {
			t.Fatalf("released %v", got)
		}
	}
	waiting, err := w.db.Waiting(t.Context(), "blog", w.now)
	if err != nil || len(waiting) != 1 || waiting[0].Reason != posts.NoURL {
		t.Fatalf("waiting %+v, %v", waiting, err)
	}
	w.edit("d.md", func(f *file) { f.post.URL = "https://blog.example/d/" })
	w.scan()
	if got := w.releaseBy(posts.Releaser{}); len(got) != 1 {
		t.Errorf("released %v", got)
	}
}

func TestLooksAreFewAtOnceAndNoneStarves(t *testing.T) {
	t.Parallel()
	w := newWorld(t, three())
	w.scan()
	for word, f := range crowd(100) {
		f.post.Date = ago(1)
		w.site.files[word] = f
	}
	w.scan()
	var running, most atomic.Int32
	gate := make(chan struct{}, 4)
	r := posts.Releaser{Live: func(context.Context, string) error {
		if n := running.Add(1); n > most.Load() {
			most.Store(n)
		}
		gate <- struct{}{}
		<-gate
		running.Add(-1)
		return errors.New("not there")
	}}
	asked := map[int]int{}
	for range 3 {
		w.releaseBy(r)
	}
	waiting, err := w.db.Waiting(t.Context(), "blog", w.now)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range waiting {
		asked[p.Tries]++
	}
	if asked[1] != 100 {
		t.Errorf("looks after three ticks: %v", asked)
	}
	if most.Load() > 4 {
		t.Errorf("%d looks at once", most.Load())
	}
}

func TestReleaseOfAPostThatChangedMeanwhileIsPassedOver(t *testing.T) {
	t.Parallel()
	w := newWorld(t, three())
	w.scan()
	w.site.files["d.md"] = article("d", ago(0))
	w.scan()
	r := posts.Releaser{Live: func(context.Context, string) error {
		w.edit("d.md", func(f *file) { f.post.Declared = posts.Draft })
		w.scan()
		return nil
	}}
	if got := w.releaseBy(r); len(got) != 0 {
		t.Errorf("a draft was released: %v", got)
	}
	if seq, err := w.db.HighestSeq(t.Context()); seq != 3 || err != nil {
		t.Errorf("highest %d, %v", seq, err)
	}
}

func TestBrokenOffLooksRecordNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t, three())
	w.scan()
	w.site.files["d.md"] = article("d", ago(0))
	w.scan()
	ctx, cancel := context.WithCancel(t.Context())
	r := posts.Releaser{Source: "blog", Queue: w.db, Live: func(ctx context.Context, _ string) error { cancel(); return ctx.Err() }}
	if out, err := r.Release(ctx, w.now); len(out) != 0 || !errors.Is(err, context.Canceled) {
		t.Fatalf("%v, %v", out, err)
	}
	waiting, err := w.db.Waiting(t.Context(), "blog", w.now)
	if err != nil || len(waiting) != 1 || waiting[0].Tries != 0 || strings.Contains(waiting[0].Reason, "cancel") {
		t.Errorf("waiting %+v, %v", waiting, err)
	}
}
