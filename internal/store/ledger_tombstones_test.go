package store

import (
	"slices"
	"testing"
	"time"

	"tidings.example/posts"
)

// graves are the paths of the posts that have a tombstone.
func (w *world) graves(n int) []string {
	w.t.Helper()
	out, err := w.db.Tombstones(w.t.Context(), n)
	if err != nil {
		w.t.Fatal(err)
	}
	var paths []string
	for i := range out {
		if out[i].Withdrawn.IsZero() {
			w.t.Errorf("%s has a tombstone and is not withdrawn", out[i].Path)
		}
		paths = append(paths, out[i].Path)
	}
	return paths
}

func (w *world) drop(before time.Time) {
	w.t.Helper()
	if err := w.db.DropTombstones(w.t.Context(), before); err != nil {
		w.t.Fatal(err)
	}
}

func TestTombstonesComeAndGoWithThePost(t *testing.T) {
	t.Parallel()
	w := newWorld(t, library())
	w.scan()
	w.scanAfter(func() { delete(w.site.files, "p03.md") })
	w.scanAfter(func() { delete(w.site.files, "p04.md"); delete(w.site.files, "p05.md") })
	if got := w.graves(10); !slices.Equal(got, []string{"p05.md", "p04.md", "p03.md"}) {
		t.Errorf("tombstones %v", got)
	}
	if got := w.graves(2); !slices.Equal(got, []string{"p05.md", "p04.md"}) {
		t.Errorf("the last two tombstones are %v", got)
	}
	w.scanAfter(func() { w.site.files["p04.md"] = library()["p04.md"] })
	if got := w.graves(10); !slices.Equal(got, []string{"p05.md", "p03.md"}) {
		t.Errorf("tombstones %v after a return", got)
	}
}

func TestDroppingATombstoneIsAnEventOfItsFeeds(t *testing.T) {
	t.Parallel()
	w := newWorld(t, library())
	w.scan()
	w.scanAfter(func() { delete(w.site.files, "p03.md") }) // git, life, zh-CN
	first := w.now
	w.scanAfter(func() { delete(w.site.files, "p04.md") }) // go
	all, git, llm := posts.Selection{}, posts.Selection{Tags: []string{"git"}}, posts.Selection{Tags: []string{"llm"}}
	versions := func() []int64 { return []int64{w.version(all), w.version(git), w.version(llm)} }
	before := versions()
	w.drop(first)
	if got := versions(); !slices.Equal(got, before) {
		t.Errorf("versions went from %v to %v though nothing was dropped", before, got)
	}
	w.drop(first.Add(time.Millisecond))
	after := versions()
	if after[0] <= before[0] || after[1] <= before[1] || after[2] != before[2] {
		t.Errorf("versions went from %v to %v", before, after)
	}
	if got := w.graves(10); !slices.Equal(got, []string{"p04.md"}) {
		t.Errorf("tombstones %v", got)
	}
	w.drop(first.Add(time.Millisecond))
	if got := versions(); !slices.Equal(got, after) {
		t.Errorf("dropped twice: versions went from %v to %v", after, got)
	}
	// Back, and gone again: that is news.
	w.scanAfter(func() { w.site.files["p03.md"] = library()["p03.md"] })
	w.scanAfter(func() { delete(w.site.files, "p03.md") })
	if got := w.graves(10); !slices.Equal(got, []string{"p03.md", "p04.md"}) {
		t.Errorf("tombstones %v after the second withdrawal", got)
	}
}

func TestAPostThatLosesItsTagHasNoTombstone(t *testing.T) {
	t.Parallel()
	w := newWorld(t, library())
	w.scan()
	w.scanAfter(func() { w.edit("p03.md", func(f *file) { f.post.Tags = nil }) })
	if got := w.graves(10); len(got) != 0 {
		t.Errorf("tombstones %v", got)
	}
}
