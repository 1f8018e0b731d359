package publish_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"tidings.example/posts"
)

func TestASourceUnderAnotherNameKeepsItsPosts(t *testing.T) {
	t.Parallel()
	for name, to := range map[string]site{
		"the same folder": hexo(library(), ":title/"), "another generator": hugo(with(library(), func(i int, a *article) { a.extra = "aliases: [\"/" + a.slug + "/\"]\n" })),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBlog(t)
			b.round(posts.ScanOptions{}, source("blog", posts.SiteOptions{Root: folder(t, hexo(library(), ":title/"))}))
			before := b.live()
			to.files["content/posts/fresh/index.md"] = yaml(article{title: "Fresh", body: "New.\n"}, "date: 2026-11-22T00:00:00Z\n")
			to.files["source/_posts/fresh.md"] = to.files["content/posts/fresh/index.md"]
			moved := source("journal", posts.SiteOptions{Root: folder(t, to)})
			r := b.round(posts.ScanOptions{}, moved)
			if s := r.Scans[0]; len(r.Scans) != 1 || s.Moved != 10 || s.New != 1 || s.Hold != "" || len(r.Leftovers) != 0 {
				t.Errorf("%+v, left %v", s, r.Leftovers)
			}
			b.kept(before, nil)
			if n := len(b.live()); n != 11 {
				t.Errorf("%d posts are live", n)
			}
			// All is calm from then on, in feeds of the source too.
			if r := b.round(posts.ScanOptions{}, moved); r.Scans[0].Changed() {
				t.Errorf("scanned again: %+v", r.Scans[0])
			}
			for source, want := range map[string]int{"journal": 11, "blog": 0} {
				if n, err := b.db.CountPosts(t.Context(), posts.Selection{Sources: []string{source}}); n != want || err != nil {
					t.Errorf("%d posts of %s, %v", n, source, err)
				}
			}
		})
	}
}

func TestASourceSplitInTwoKeepsItsPosts(t *testing.T) {
	t.Parallel()
	for name, order := range map[string][]int{"old first": {0, 1}, "new first": {1, 0}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBlog(t)
			root := folder(t, hexo(library(), ":title/"))
			b.round(posts.ScanOptions{}, source("blog", posts.SiteOptions{Root: root}))
			before := b.live()
			split := []posts.SiteOptions{{Root: root, Exclude: []string{"**/note-*.md"}}, {Root: root, Include: []string{"**/note-*.md"}}}
			names := []string{"blog", "notes"}
			r := b.round(posts.ScanOptions{}, source(names[order[0]], split[order[0]]), source(names[order[1]], split[order[1]]))
			if got := told(r, posts.New, posts.Withdrawn, posts.Returned); got != "" {
				t.Errorf("the split was told as\n%s", got)
			}
			b.kept(before, nil)
			// And joined again: what is in no source but the old one goes to it.
			r = b.round(posts.ScanOptions{}, source("blog", posts.SiteOptions{Root: root}))
			if got := told(r, posts.New, posts.Withdrawn, posts.Returned); got != "" || len(r.Leftovers) != 0 {
				t.Errorf("the join was told as\n%s, left %v", got, r.Leftovers)
			}
			b.kept(before, nil)
		})
	}
}

func TestAFileMovedFromOneSourceToAnotherKeepsItsPost(t *testing.T) {
	t.Parallel()
	for name, order := range map[string][]string{"left first": {"blog", "notes"}, "reached first": {"notes", "blog"}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBlog(t)
			roots := map[string]string{"blog": folder(t, hexo(library(), ":title/")), "notes": folder(t, hexo([]article{{slug: "own", title: "Own", day: "2026-01-01", body: "Its own.\n"}}, ":title/"))}
			scan := func() string {
				return told(b.round(posts.ScanOptions{}, source(order[0], posts.SiteOptions{Root: roots[order[0]]}), source(order[1], posts.SiteOptions{Root: roots[order[1]]})), posts.New, posts.Moved)
			}
			scan()
			before := b.live()
			for _, slug := range []string{"tea", "note-3"} {
				if err := os.Rename(filepath.Join(roots["blog"], "source/_posts", slug+".md"), filepath.Join(roots["notes"], "source/_posts", slug+".md")); err != nil {
					t.Fatal(err)
				}
			}
			if got := scan(); got != "moved source/_posts/note-3.md\nmoved source/_posts/tea.md" {
				t.Errorf("told: %s", got)
			}
			b.kept(before, nil)
		})
	}
}

// A copy in a second source is no move: the first one still has its file.
func TestACopyInAnotherSourceTakesNothingAway(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	first := source("blog", posts.SiteOptions{Root: folder(t, hexo(library(), ":title/"))})
	b.round(posts.ScanOptions{}, first)
	before := b.live()
	r := b.round(posts.ScanOptions{}, first, source("mirror", posts.SiteOptions{Root: folder(t, hexo(library(), ":title/"))}))
	for _, s := range r.Scans {
		if s.Moved != 0 {
			t.Errorf("%+v", s)
		}
	}
	for title, was := range before {
		is, err := b.db.PostsByID(t.Context(), was.ID)
		if err != nil || len(is) != 1 || is[0].Source != "blog" || !is[0].Present {
			t.Errorf("%s: %+v, %v", title, is, err)
		}
	}
}

func TestPostsOfASourceThatIsGoneStayUntilTheOwnerSaysSo(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	keep := source("blog", posts.SiteOptions{Root: folder(t, hexo(library()[:3], ":title/"))})
	notes := source("notes", posts.SiteOptions{Root: folder(t, hexo(library()[3:], "notes/:title/"))})
	b.round(posts.ScanOptions{}, keep, notes)
	before := b.live()
	r := b.round(posts.ScanOptions{}, keep)
	if len(r.Leftovers) != 1 || r.Leftovers[0].Name != "notes" || r.Leftovers[0].Posts != 7 || !strings.Contains(r.Leftovers[0].String(), "tidings scan --accept") {
		t.Errorf("left: %v", r.Leftovers)
	}
	b.kept(before, nil)
	if r := b.round(posts.ScanOptions{Accept: true, DryRun: true}, keep); len(r.Leftovers) != 1 {
		t.Errorf("a dry run withdrew: %+v", r)
	}
	r = b.round(posts.ScanOptions{Accept: true}, keep)
	if n := len(b.live()); n != 3 || len(r.Leftovers) != 0 || r.Scans[1].Withdrawn != 7 {
		t.Errorf("%d posts are live: %+v", n, r)
	}
	if r := b.round(posts.ScanOptions{}, keep); len(r.Leftovers) != 0 || len(r.Scans) != 1 {
		t.Errorf("after it: %+v", r)
	}
	// A name that comes back has its posts again.
	r = b.round(posts.ScanOptions{Accept: true}, keep, notes)
	if got := told(r, posts.New); got != "" {
		t.Errorf("the source came back with\n%s", got)
	}
	b.kept(before, nil)
}
