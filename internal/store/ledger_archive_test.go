package store

import (
	"fmt"
	"math"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"tidings.example/internal/raced"
	"tidings.example/posts"
)

// closed closes what must be closed and returns where the pages end.
func (w *world) closed(feed string, sel posts.Selection, live int) []int64 {
	w.t.Helper()
	n, err := w.db.CloseArchive(w.t.Context(), feed, sel, live, 20)
	if err != nil {
		w.t.Fatal(err)
	}
	pages := w.pages(feed)
	if len(pages) != n {
		w.t.Fatalf("%d pages, %d were told", len(pages), n)
	}
	var ends []int64
	for i, p := range pages {
		if p.Page != i || p.Newest != (i == n-1) || i == 0 && p.First != 0 || i > 0 && p.First != ends[i-1]+1 || p.Last < p.First {
			w.t.Fatalf("page %d: %+v after %v", i, p, ends)
		}
		ends = append(ends, p.Last)
	}
	return ends
}

// pages returns all pages of a feed, the oldest first.
func (w *world) pages(feed string) []posts.ArchivePage {
	w.t.Helper()
	if err := w.db.ForgetPages(w.t.Context(), feed, nil); err != nil {
		w.t.Fatal(err)
	}
	pages := w.unmade(feed, 0)
	slices.Reverse(pages)
	return pages
}

// unmade returns the pages that must be made, newest first, read two at a time.
func (w *world) unmade(feed string, version int64) (out []posts.ArchivePage) {
	w.t.Helper()
	for below := math.MaxInt; ; below = out[len(out)-1].Page {
		some, err := w.db.UnmadePages(w.t.Context(), feed, version, below, 2)
		if err != nil {
			w.t.Fatal(err)
		}
		if out = append(out, some...); len(some) == 0 {
			return out
		}
	}
}

// tagged is a site of n posts; each tenth has the tag rare.
func tagged(from, to int) map[string]file {
	files := map[string]file{}
	for i := from; i < to; i++ {
		f := article(fmt.Sprintf("p%04d", i), ago(2000-i))
		f.post.Tags = []string{"common"}
		if i%10 == 0 {
			f.post.Tags = append(f.post.Tags, "rare")
		}
		files[fmt.Sprintf("p%04d.md", i)] = f
	}
	return files
}

// add brings n more posts and releases them.
func (w *world) add(from, to int) {
	w.t.Helper()
	for path, f := range tagged(from, to) {
		w.site.files[path] = f
	}
	w.now = w.now.Add(time.Hour)
	if _, err := w.try(posts.ScanOptions{Accept: true}); err != nil {
		w.t.Fatal(err)
	}
	w.release()
}

func TestPagesOfTheFeedOfEverythingAreBlocksOfTwenty(t *testing.T) {
	t.Parallel()
	w := newWorld(t, tagged(0, 3))
	w.scan()
	at := 3
	for _, c := range []struct {
		posts, live int
		want        []int64
	}{
		{20, 20, nil}, {21, 20, []int64{19}}, {39, 20, []int64{19}}, {40, 20, []int64{19, 39}}, {41, 100, []int64{19, 39}}, {101, 20, []int64{19, 39, 59, 79, 99}},
		// A feed of five cannot wait until a page is full.
		{106, 5, []int64{19, 39, 59, 79, 99, 106}}, {111, 5, []int64{19, 39, 59, 79, 99, 106}}, {112, 5, []int64{19, 39, 59, 79, 99, 106, 112}},
		{119, 20, []int64{19, 39, 59, 79, 99, 106, 112}}, {145, 20, []int64{19, 39, 59, 79, 99, 106, 112, 119, 139}},
	} {
		w.add(at, c.posts)
		at = c.posts
		if got := w.closed("", posts.Selection{}, c.live); !slices.Equal(got, c.want) {
			t.Fatalf("%d posts, %d live: pages end with %v, want %v", c.posts, c.live, got, c.want)
		}
	}
}

func TestPagesOfARareTagAreFewAndFull(t *testing.T) {
	t.Parallel()
	w := newWorld(t, tagged(0, 410))
	w.scan()
	rare := posts.Selection{Tags: []string{"rare"}}
	if got := w.closed("tags/rare", rare, 41); len(got) != 0 {
		t.Fatalf("everything is in the feed itself, and there are pages to %v", got)
	}
	if got := w.closed("tags/rare", rare, 20); !slices.Equal(got, []int64{191, 391}) {
		t.Fatalf("pages end with %v", got)
	}
	for _, p := range w.pages("tags/rare") {
		if v, err := w.db.VersionsBetween(t.Context(), rare, p.First, p.Last); err != nil || len(v) != 20 {
			t.Errorf("page %d holds %d posts, %v", p.Page, len(v), err)
		}
	}
	if got := w.closed("tags/none", posts.Selection{Tags: []string{"none"}}, 20); len(got) != 0 {
		t.Errorf("a tag that nobody has got pages to %v", got)
	}
}

// Whatever happens to posts and configuration: every post is in the newest live
// ones or in a page, and a page stays what it is.
func TestNoPostFallsBetweenFeedAndArchive(t *testing.T) {
	t.Parallel()
	if raced.On {
		t.Skip("takes minutes, and finds no races")
	}
	sels := map[string]posts.Selection{"": {}, "tags/rare": {Tags: []string{"rare"}}, "both": {Tags: []string{"rare", "common"}, Sources: []string{"blog"}},
		"but": {Without: posts.Terms{Tags: []string{"rare"}}}, "common": {Tags: []string{"common"}, Without: posts.Terms{Tags: []string{"rare"}}}}
	rapid.Check(t, func(rt *rapid.T) {
		w := newWorld(t, tagged(0, 3))
		w.scan()
		at, before := 3, map[string][]int64{}
		for range rapid.IntRange(1, 4).Draw(rt, "rounds") {
			more := rapid.IntRange(0, 45).Draw(rt, "more")
			for range rapid.IntRange(0, 5).Draw(rt, "changes") {
				path := fmt.Sprintf("p%04d.md", rapid.IntRange(0, at-1).Draw(rt, "which"))
				if f, there := w.site.files[path]; !there {
					w.site.files[path] = tagged(0, at)[path]
				} else if len(w.site.files) > 1 && rapid.Bool().Draw(rt, "delete") { // without any the scan is refused
					delete(w.site.files, path)
				} else {
					f.post.Tags, f.mtime = []string{rapid.SampledFrom([]string{"rare", "common", "other"}).Draw(rt, "tag")}, f.mtime+1
					w.site.files[path] = f
				}
			}
			w.add(at, at+more)
			at += more
			live := rapid.SampledFrom([]int{1, 5, 19, 20, 50}).Draw(rt, "live")
			for feed, sel := range sels {
				ends := w.closed(feed, sel, live)
				if old := before[feed]; len(ends) < len(old) || !slices.Equal(ends[:len(old)], old) {
					rt.Fatalf("feed %q: pages ended with %v and now with %v", feed, old, ends)
				}
				before[feed] = ends
				w.covered(rt, feed, sel, live, ends)
			}
		}
	})
}

// covered fails where a post is in no document, or a page is too full.
func (w *world) covered(rt *rapid.T, feed string, sel posts.Selection, live int, ends []int64) {
	newest, err := w.db.NewestVersions(w.t.Context(), sel, live)
	if err != nil {
		rt.Fatal(err)
	}
	lowest, last := int64(0), int64(-1)
	if len(newest) == live {
		lowest = newest[live-1].Seq
	}
	if len(ends) > 0 {
		last = ends[len(ends)-1]
	}
	all, err := w.db.VersionsBetween(w.t.Context(), sel, 1, math.MaxInt64)
	if err != nil {
		rt.Fatal(err)
	}
	for _, v := range all {
		if v.Seq > last && v.Seq < lowest {
			rt.Fatalf("feed %q: post %d lies between the archive, to %d, and the feed, from %d", feed, v.Seq, last, lowest)
		}
	}
}

func TestAChangeOfAPostUnmakesItsPageAndNoOther(t *testing.T) {
	t.Parallel()
	w := newWorld(t, tagged(0, 410))
	w.scan()
	rare := posts.Selection{Tags: []string{"rare"}}
	feeds := map[string]posts.Selection{"": {}, "tags/rare": rare}
	for feed, sel := range feeds {
		w.closed(feed, sel, 20)
		w.make(feed)
	}
	for _, c := range []struct {
		what      string
		change    func()
		all, rare []int
	}{
		{"nothing", func() {}, nil, nil},
		{"an edit", func() { w.edit("p0100.md", func(f *file) { f.text = "new" }) }, []int{5}, []int{0}},
		{"a tag taken away", func() { w.edit("p0100.md", func(f *file) { f.post.Tags = nil }) }, []int{5}, []int{0}},
		{"a withdrawal", func() { delete(w.site.files, "p0019.md") }, []int{1}, []int{0}},
		{"a return", func() { w.site.files["p0019.md"] = tagged(0, 20)["p0019.md"] }, []int{1}, []int{0}},
		{"two edits", func() {
			w.edit("p0001.md", func(f *file) { f.text = "new" })
			w.edit("p0390.md", func(f *file) { f.text = "new" })
		}, []int{19, 0}, []int{1, 0}},
		{"an edit after the archive", func() { w.edit("p0405.md", func(f *file) { f.text = "new" }) }, nil, nil},
		{"a body", func() {
			p := w.at("p0050.md")
			if err := w.db.SaveBodies(t.Context(), "blog", "r2", []posts.Drawn{{Stale: posts.Stale{ID: p.ID, Path: p.Path, Hash: p.Hash}, OK: true}}); err != nil {
				t.Fatal(err)
			}
		}, []int{2}, []int{0}},
	} {
		version := w.version(posts.Selection{})
		c.change()
		w.scan()
		for feed, want := range map[string][]int{"": c.all, "tags/rare": c.rare} {
			var got []int
			for _, p := range w.unmade(feed, version) {
				got = append(got, p.Page)
			}
			if !slices.Equal(got, want) {
				t.Errorf("%s: feed %q: pages %v, want %v", c.what, feed, got, want)
			}
		}
	}
	w.add(410, 430)
	w.closed("", posts.Selection{}, 20)
}

// make remembers all pages of a feed as made.
func (w *world) make(feed string) {
	w.t.Helper()
	pages := w.pages(feed)
	for i := range pages {
		pages[i].Inputs, pages[i].Changed = fmt.Sprint("made of ", i), noon
	}
	if err := w.db.SavePages(w.t.Context(), feed, pages); err != nil {
		w.t.Fatal(err)
	}
}

func TestANewPageUnmakesTheOneBefore(t *testing.T) {
	t.Parallel()
	w := newWorld(t, tagged(0, 100))
	w.scan()
	w.closed("", posts.Selection{}, 20)
	w.make("")
	version := w.version(posts.Selection{})
	w.add(100, 121)
	if _, err := w.db.CloseArchive(t.Context(), "", posts.Selection{}, 20, 20); err != nil {
		t.Fatal(err)
	}
	got := w.unmade("", version)
	if len(got) != 2 || got[0].Page != 5 || !got[0].Newest || got[1].Page != 4 || got[1].Inputs != "" || !got[1].Changed.Equal(noon) {
		t.Errorf("%+v", got)
	}
	if err := w.db.SavePages(t.Context(), "", []posts.ArchivePage{{Page: 5, Last: 7, Inputs: "of another range"}}); err != nil {
		t.Fatal(err)
	}
	if got := w.unmade("", w.version(posts.Selection{})); len(got) != 2 {
		t.Errorf("a page is taken for made whose range was another one: %+v", got)
	}
}

func TestAPageThatHasGrownIsSplit(t *testing.T) {
	t.Parallel()
	w := newWorld(t, tagged(0, 410))
	w.scan()
	rare := posts.Selection{Tags: []string{"rare"}}
	w.closed("tags/rare", rare, 20)
	w.make("tags/rare")
	for path, f := range w.site.files {
		if path < "p0100.md" {
			f.post.Tags, f.mtime = []string{"rare"}, 2
			w.site.files[path] = f
		}
	}
	w.scan()
	p := w.unmade("tags/rare", w.version(posts.Selection{})-1)[0]
	if p.Page != 0 {
		t.Fatalf("%+v", p)
	}
	for range 2 { // the second time another process was faster
		if err := w.db.SplitPage(t.Context(), "tags/rare", rare, p, 20); err != nil {
			t.Fatal(err)
		}
	}
	if got := len(w.unmade("tags/rare", w.version(posts.Selection{}))); got != 7 {
		t.Errorf("%d pages must be made, want all 7", got)
	}
	// 110 posts with numbers up to 191: 1 to 100, then each tenth.
	if got := w.closed("tags/rare", rare, 20); !slices.Equal(got, []int64{20, 40, 60, 80, 100, 191, 391}) {
		t.Errorf("pages end with %v", got)
	}
}
