package publish_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"tidings.example/feed"
	"tidings.example/posts"
)

// shown returns the ids under which feeds of every format show the live posts,
// by title; they are one for all formats.
func (b *blog) shown() map[string]string {
	b.t.Helper()
	out := map[string]string{}
	for title, r := range b.live() {
		out[title] = r.ShownID("rss")
		for _, f := range feed.Formats() {
			if r.ShownID(f.String()) != out[title] {
				b.t.Errorf("%s is shown as %q in %s", title, r.ShownID(f.String()), f)
			}
		}
	}
	return out
}

func TestPermalinksAreIDsForEver(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	b.p.Permalinks = true
	list := library()
	b.round(posts.ScanOptions{}, source("blog", posts.SiteOptions{Root: folder(t, hexo(list, ":title/")), BaseURL: "http://blog.example.org"}))
	want := map[string]string{}
	for _, a := range list {
		want[a.title] = "http://blog.example.org/" + a.slug + "/"
	}
	same := func(when string) {
		t.Helper()
		have := b.shown()
		for title, id := range want {
			if have[title] != id {
				t.Errorf("%s: %q is shown as %s, want %s", when, title, have[title], id)
			}
		}
		if len(have) != len(want) {
			t.Errorf("%s: %d posts", when, len(have))
		}
	}
	same("first")
	// A draft is shown under the URL that it has when it is released.
	draft := article{slug: "later", title: "Later", day: "2026-11-23", body: "Not yet.\n", draft: true}
	b.round(posts.ScanOptions{}, source("blog", posts.SiteOptions{Root: folder(t, hexo(append(list, draft), ":title/"))}))
	same("with https and a draft")
	draft.draft = false
	want["Later"] = "https://blog.example.org/2026/11/23/later/"
	changed := source("blog", posts.SiteOptions{Root: folder(t, hexo(append(list, draft), ":year/:month/:day/:title/"))})
	b.round(posts.ScanOptions{}, changed)
	same("with other permalinks")
	b.p.Permalinks = false
	b.round(posts.ScanOptions{}, changed)
	same("with the option back")
	b.round(posts.ScanOptions{}, source("journal", posts.SiteOptions{Root: folder(t, hugo(append(list, draft)))}))
	same("after a move to another generator and another name")
	for title, r := range b.live() {
		if !strings.HasPrefix(r.ID, "tag:") {
			t.Errorf("the ledger knows %q as %s", title, r.ID)
		}
	}
}

func TestTurningPermalinksOnMakesNothingUnread(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	root := folder(t, hexo(append(library(), article{slug: "later", title: "Later", day: "2026-11-22", body: "Not yet.\n", draft: true}), ":title/"))
	blog := source("blog", posts.SiteOptions{Root: root})
	b.round(posts.ScanOptions{}, blog)
	before := b.shown()
	b.p.Permalinks = true
	write := func(a article) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(root, "source/_posts", a.slug+".md"), []byte(yaml(a, "date: "+a.day+"\n")), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	write(article{slug: "fresh", title: "Fresh", day: "2026-11-23", body: "New.\n"})
	write(article{slug: "later", title: "Later", day: "2026-11-22", body: "Now.\n"})
	b.round(posts.ScanOptions{}, blog)
	after := b.shown()
	for title, id := range before {
		if after[title] != id || !strings.HasPrefix(id, "tag:") {
			t.Errorf("%q was shown as %s, is as %s", title, id, after[title])
		}
	}
	for title, want := range map[string]string{"Fresh": "https://blog.example.org/fresh/", "Later": "https://blog.example.org/later/"} {
		if after[title] != want {
			t.Errorf("%q is shown as %s, want %s", title, after[title], want)
		}
	}
}

func TestTwoPostsWithOneURLAreTwoEntries(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	b.p.Permalinks = true
	list := with(library()[:3], func(i int, a *article) { a.extra = "permalink: one/\n" })
	root := folder(t, hexo(list[:2], ":title/"))
	blog := source("blog", posts.SiteOptions{Root: root})
	r := b.round(posts.ScanOptions{}, blog)
	const url = "https://blog.example.org/one/"
	told := func() (lines []string) {
		for _, p := range r.Problems {
			if strings.Contains(p.Message, "Give it an address of its own") {
				lines = append(lines, p.Path+" "+p.Message)
			}
		}
		return lines
	}
	if lines := told(); len(lines) != 1 || !strings.HasPrefix(lines[0], "source/_posts/tea.md has the address of source/_posts/git.md") {
		t.Errorf("told: %q", lines)
	}
	if err := os.WriteFile(filepath.Join(root, "source/_posts/sea.md"), []byte(yaml(list[2], "date: 2026-11-20\n")), 0o644); err != nil {
		t.Fatal(err)
	}
	if r = b.round(posts.ScanOptions{}, blog); len(told()) != 2 {
		t.Errorf("told: %q", told())
	}
	shown := b.shown()
	if shown[list[0].title] != url || !strings.HasPrefix(shown[list[1].title], "tag:") || !strings.HasPrefix(shown[list[2].title], "tag:") {
		t.Errorf("shown: %v", shown)
	}
}
