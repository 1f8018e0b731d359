package publish_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"tidings.example/posts"
)

// move is a site before and after its owner rebuilt it.
type move struct {
	from, to       site
	fromURL, toURL string            // over the site's own
	renamed        map[string]string // titles that were edited
	fresh          string            // what is really new
}

// edited are the articles as a move edits them: shortcodes and paths of
// pictures in every body.
func edited(i int, a *article) {
	a.body = strings.ReplaceAll(a.body, ".\n", fmt.Sprintf(" (%d).\n", i))
}

func moves() map[string]move {
	list := library()
	const dated, pretty = ":year/:month/:day/:title/", "/:categories/:year/:month/:day/:title.html"
	titled := with(list, func(i int, a *article) {
		if i%2 == 0 {
			a.title += " (new)"
		}
		a.slug = "moved-" + a.slug
	})
	names := map[string]string{}
	for i, a := range list {
		names[a.title] = titled[i].title
	}
	alias := func(format string) func(int, *article) {
		return func(i int, a *article) {
			edited(i, a)
			a.extra = fmt.Sprintf(format, strings.ReplaceAll(a.day, "-", "/")+"/"+a.slug)
			a.slug, a.title, a.day = fmt.Sprintf("x%d", i), "New "+a.title, "2025-01-02" // nothing but the alias is left
		}
	}
	renamed := map[string]string{}
	for _, a := range list {
		renamed[a.title] = "New " + a.title
	}
	same := with(list, func(_ int, a *article) { a.body = "Coming soon.\n" })
	empty := with(list, func(i int, a *article) {
		if a.body = ""; i > 5 {
			a.body = "\n \n"
		}
	})
	young := append(with(list, edited), article{slug: "fresh", title: "Fresh", day: "2026-11-22", body: "New.\n"}, article{slug: "old", title: "An old one", day: "2020-01-01", body: "Found in a drawer.\n"})
	drafts := append(with(list, edited), article{slug: "later", title: "Later", day: "2026-11-20", body: "Not yet.\n", draft: true})
	return map[string]move{
		"hexo to hugo":                        {from: hexo(list, dated), to: hugo(list)},
		"hexo to hugo with edited bodies":     {from: hexo(list, dated), to: hugo(with(list, edited))},
		"hexo to hugo by aliases alone":       {from: hexo(list, dated), to: hugo(with(list, alias("aliases: [\"/%s/\"]\n"))), renamed: renamed},
		"jekyll to hugo by redirects":         {from: jekyll(list, pretty), to: hugo(with(list, alias("aliases: [\"/%s.html\"]\n"))), renamed: renamed},
		"hugo to jekyll by redirect_from":     {from: hugo(list), to: jekyll(with(list, redirects), pretty), renamed: renamed},
		"jekyll to zola in another zone":      {from: jekyll(list, pretty), to: zola(with(list, edited))},
		"jekyll to zola":                      {from: jekyll(list, pretty), to: zola(list)},
		"zola to hexo":                        {from: zola(list), to: hexo(with(list, edited), dated)},
		"all files renamed":                   {from: hexo(list, dated), to: hexo(with(list, func(_ int, a *article) { a.slug = "n-" + a.slug }), dated)},
		"all files renamed and titles edited": {from: hexo(list, dated), to: hexo(titled, dated), renamed: names},
		"all permalinks":                      {from: hexo(list, dated), to: hexo(list, ":title.html")},
		"all permalinks and all bodies":       {from: hexo(list, dated), to: hexo(with(list, edited), "archives/:title.html")},
		"http to https":                       {from: hexo(list, dated), to: hexo(list, dated), fromURL: "http://blog.example.org/"},
		"http to https with a move":           {from: hexo(list, ":title/"), to: zola(with(list, edited)), fromURL: "http://blog.example.org/"},
		"www added":                           {from: hexo(list, dated), to: hugo(list), toURL: "https://www.blog.example.org/"},
		"another host":                        {from: hexo(list, dated), to: hugo(with(list, edited)), toURL: "https://elsewhere.example/blog/"},
		"no slash at the end":                 {from: hexo(list, ":title/"), to: hexo(with(list, edited), ":title")},
		"dates dropped from the files":        {from: jekyll(list, "/:title/"), to: hugo(list)},
		"posts with one body":                 {from: hexo(same, dated), to: hugo(same)},
		"posts with one body, in jekyll":      {from: jekyll(same, pretty), to: zola(same)},
		"posts without a body":                {from: hexo(empty, dated), to: hugo(empty)},
		"posts that get a body":               {from: hexo(empty, dated), to: hugo(list)},
		"new posts among the old":             {from: hexo(list, dated), to: hugo(young), fresh: "new content/posts/fresh/index.md\nnew content/posts/old/index.md"},
		"drafts":                              {from: hexo(drafts, dated), to: zola(drafts)},
	}
}

// redirects are the articles with nothing left but redirect_from.
func redirects(i int, a *article) {
	edited(i, a)
	a.extra = "redirect_from: /posts/" + a.slug + "/\n"
	a.slug, a.title, a.day = fmt.Sprintf("x%d", i), "New "+a.title, "2025-01-02"
}

func TestASiteThatMovesBringsNoOldPostBackAsNew(t *testing.T) {
	t.Parallel()
	for name, m := range moves() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBlog(t)
			b.round(posts.ScanOptions{}, source("blog", posts.SiteOptions{Root: folder(t, m.from), BaseURL: m.fromURL}))
			before := b.live()
			if len(before) != 10 {
				t.Fatalf("%d posts before the move", len(before))
			}
			r := b.round(posts.ScanOptions{}, source("blog", posts.SiteOptions{Root: folder(t, m.to), BaseURL: m.toURL}))
			if got := told(r, posts.New, posts.Withdrawn, posts.Removed, posts.Returned); got != m.fresh {
				t.Errorf("the move was told as\n%s", got)
			}
			b.kept(before, m.renamed)
			// And back again: a move that failed.
			b.round(posts.ScanOptions{Accept: true}, source("blog", posts.SiteOptions{Root: folder(t, m.from), BaseURL: m.fromURL}))
			b.kept(before, nil)
		})
	}
}

// Nothing tells which is which where posts differ in nothing, or agree in
// nothing but a text that several have.
func TestPostsThatAreAlikeAreNotMixedUp(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	list := with(library(), func(_ int, a *article) { a.body = "Coming soon.\n" })
	b.round(posts.ScanOptions{}, source("blog", posts.SiteOptions{Root: folder(t, hexo(list, ":title/"))}))
	other := with(list, func(i int, a *article) {
		a.slug, a.title = fmt.Sprintf("other-%d", i), fmt.Sprintf("Other %d", i)
		a.day = time.Date(2025, 5, 1+3*i, 0, 0, 0, 0, time.UTC).Format(time.DateOnly)
	})
	r := b.round(posts.ScanOptions{Accept: true}, source("blog", posts.SiteOptions{Root: folder(t, hexo(other, ":title/"))}))
	if r.Scans[0].New != len(other) || r.Scans[0].Withdrawn != len(list) {
		t.Errorf("%+v", r.Scans[0])
	}
}

// corpus is a real blog before and after its move from a generator with files
// like Jekyll's to Zola. Its second section was not taken along.
func corpus(t *testing.T, name string) string {
	t.Helper()
	dir := os.Getenv("TIDINGS_SHARED")
	if dir == "" {
		dir = "../../../shared"
	}
	dir = filepath.Join(dir, "corpora", name)
	if _, err := os.Stat(dir); err != nil {
		t.Skipf("no shared test material: %v (TIDINGS_SHARED names its folder)", err)
	}
	return dir
}

// dropped are the posts that the blog did not take along.
var dropped = []string{"2019-10-03 Announcing the Inside Rust blog", "2022-04-07 Announcing Rust 1.60.0"}

func TestARealBlogThatMovedBringsNoOldPostBackAsNew(t *testing.T) {
	t.Parallel()
	const home = "https://blog.rust-lang.org/"
	old := source("blog", posts.SiteOptions{Root: corpus(t, "rust-2023"), Kind: posts.Jekyll, BaseURL: home, Exclude: []string{"**/inside-rust/**"}, Permalink: "/:year/:month/:day/:title.html"})
	root := corpus(t, "zola-rust")
	b := newBlog(t)
	b.round(posts.ScanOptions{}, old)
	byDay := func(r *posts.Record) string { return r.Date.Format(time.DateOnly) + " " + r.Title }
	before := b.liveBy(byDay)
	// The move alone: without what was written after it.
	moved := t.TempDir()
	if err := os.CopyFS(moved, os.DirFS(root)); err != nil {
		t.Fatal(err)
	}
	later := removeLater(t, moved, time.Date(2023, 7, 18, 0, 0, 0, 0, time.UTC))
	r := b.round(posts.ScanOptions{}, source("blog", posts.SiteOptions{Root: moved, Kind: posts.Zola, BaseURL: home}))
	if s := r.Scans[0]; s.Hold != "" || s.New != 0 || s.Withdrawn != len(dropped) {
		t.Errorf("the move was told as\n%s", told(r, posts.New, posts.Withdrawn, posts.Removed))
	}
	after := b.liveBy(byDay)
	pairs := 0
	for key, was := range before {
		is, ok := after[key]
		if ok == slices.Contains(dropped, key) || ok && is.ID != was.ID {
			t.Errorf("%q was %s, is %s: %t", key, was.ID, is.ID, ok)
		}
		if ok {
			pairs++
		}
	}
	t.Logf("%d posts before, %d after, %d pairs of one title and day, each with one id", len(before), len(after), pairs)
	// And what was written since: new, and no more than that.
	whole := source("blog", posts.SiteOptions{Root: root, Kind: posts.Zola, BaseURL: home})
	if r = b.round(posts.ScanOptions{}, whole); !strings.Contains(r.Scans[0].Hold, fmt.Sprint(later, " posts dated")) {
		t.Errorf("%d old posts at once are news: %q", later, r.Scans[0].Hold)
	}
	r = b.round(posts.ScanOptions{Accept: true}, whole)
	if s := r.Scans[0]; s.New != later || s.Withdrawn != 0 {
		t.Errorf("%d posts were written after the move: %+v", later, told(r, posts.Withdrawn))
	}
}

// removeLater removes the posts of a Zola site that are dated at the instant or
// later, and counts them.
func removeLater(t *testing.T, root string, from time.Time) (n int) {
	t.Helper()
	d, err := posts.OpenSite(posts.SiteOptions{Root: root, Kind: posts.Zola, TimeZone: time.UTC})
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	for e, err := range d.Scan(t.Context(), nil, false) {
		if err != nil {
			t.Fatal(err)
		}
		if e.Post == nil || e.Post.Date.Before(from) {
			continue
		}
		if err := os.Remove(filepath.Join(root, e.Path)); err != nil {
			t.Fatal(err)
		}
		n++
	}
	return n
}
