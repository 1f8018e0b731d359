package store

import (
	"io/fs"
	"slices"
	"testing"
	"testing/fstest"
	"time"

	"tidings.example/posts"
)

// graves are the paths of the posts that have a tombstone.
func (w *world) graves(n int) []string {
	w.t.Helper()
	return w.gravesOf(posts.Selection{}, n)
}

func (w *world) gravesOf(sel posts.Selection, n int) []string {
	w.t.Helper()
	out, err := w.db.Tombstones(w.t.Context(), sel, n)
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

// What a feed tells must not hang on how much is withdrawn elsewhere.
func TestTombstonesAreThoseOfTheSelection(t *testing.T) {
	t.Parallel()
	w := newWorld(t, library())
	w.scan()
	for _, path := range []string{"p03.md", "p04.md", "p07.md", "p01.md"} { // git life; go tech; go, Ärger, life; go life
		w.scanAfter(func() { delete(w.site.files, path) })
	}
	for _, c := range []struct {
		sel  posts.Selection
		n    int
		want []string
	}{
		{posts.Selection{Tags: []string{"git"}}, 1, []string{"p03.md"}},
		{posts.Selection{Tags: []string{"GO"}}, 2, []string{"p01.md", "p07.md"}},
		{posts.Selection{Tags: []string{"go", "git", "ärger"}}, 9, []string{"p01.md", "p07.md", "p04.md", "p03.md"}},
		{posts.Selection{Tags: []string{"note"}, Categories: []string{"tech"}}, 9, []string{"p04.md"}},
		{posts.Selection{Tags: []string{"go"}, Without: posts.Terms{Tags: []string{"ärger"}}}, 9, []string{"p01.md", "p04.md"}},
		{posts.Selection{Without: posts.Terms{Categories: []string{"life"}}}, 9, []string{"p04.md"}},
		{posts.Selection{Tags: []string{"llm"}}, 9, nil},
		{posts.Selection{Tags: []string{"nothing"}}, 9, nil},
	} {
		if got := w.gravesOf(c.sel, c.n); !slices.Equal(got, c.want) {
			t.Errorf("%+v: tombstones %v, want %v", c.sel, got, c.want)
		}
	}
}

// The feeds that showed a post are told, whatever becomes of its words when it
// goes and while it is gone.
func TestATombstoneLiesInTheFeedsThatShowedThePost(t *testing.T) {
	t.Parallel()
	w := newWorld(t, library())
	w.scan()
	w.scanAfter(func() {
		w.edit("p03.md", func(f *file) { f.post.Declared, f.post.Tags = posts.Draft, []string{"LLM"} })
	})
	git, llm := posts.Selection{Tags: []string{"git"}}, posts.Selection{Tags: []string{"llm"}}
	if got := w.gravesOf(git, 9); !slices.Equal(got, []string{"p03.md"}) {
		t.Errorf("the feed that showed the post has the tombstones %v", got)
	}
	if got := w.gravesOf(llm, 9); len(got) > 0 {
		t.Errorf("a feed that never showed it has the tombstones %v", got)
	}
	before := w.version(git)
	w.scanAfter(func() { w.edit("p03.md", func(f *file) { f.post.Declared = posts.Published }) })
	if got := w.gravesOf(git, 9); len(got) > 0 || w.version(git) <= before {
		t.Errorf("after its return the feed has the tombstones %v at version %d, before %d", got, w.version(git), before)
	}
}

func TestADatabaseOfBeforeKeepsItsTombstones(t *testing.T) {
	t.Parallel()
	files, err := fs.Glob(migrations, "migrations/*.sql")
	if err != nil {
		t.Fatal(err)
	}
	old := fstest.MapFS{}
	for _, name := range files[:12] {
		text, err := migrations.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		old[name] = &fstest.MapFile{Data: text}
	}
	conn := bare(t)
	if err := migrate(t.Context(), conn, old); err != nil {
		t.Fatal(err)
	}
	insert := `insert into posts (key, id, source, path, explicit_id, title, date, updated, not_before, expires, declared, tags, categories, authors, language, slug, url, aliases, summary, image, fingerprint, seen_at, terms)
		select value, 'id' || value, 1, '', '', '', 0, 0, 0, 0, '', '', '', '', '', '', '', '', '', '', '', 0, '[7,8]' from json_each('[1,2,3]');
		insert into releases (post, released_at, mailable, withdrawn_at, buried) values (1, 5, 0, 0, 0), (2, 5, 0, 9, 1), (3, 5, 0, 9, 0)`
	if _, err := conn.ExecContext(t.Context(), "insert into sources (key, name) values (1, 'blog'); "+insert); err != nil {
		t.Fatal(err)
	}
	if err := migrate(t.Context(), conn, migrations); err != nil {
		t.Fatal(err)
	}
	var got string
	if err := conn.QueryRowContext(t.Context(), "select group_concat(term || ' ' || seq, ', ') from (select term, seq from graves order by term)").Scan(&got); err != nil || got != "7 3, 8 3" {
		t.Errorf("graves %q, %v", got, err)
	}
}
