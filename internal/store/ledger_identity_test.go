package store

import (
	"strings"
	"testing"

	"tidings.example/posts"
)

func TestIDIsMintedOnceAndNeverDerivedAgain(t *testing.T) {
	t.Parallel()
	w := newWorld(t, three())
	w.scan()
	id := w.at("a.md").ID
	if want := "tag:blog.example," + ago(30).Format("2006-01-02") + ":/a/"; id != want {
		t.Fatalf("id %s, want %s", id, want)
	}
	w.edit("a.md", func(f *file) { f.post.URL, f.post.Title = "https://elsewhere.example/x/", "Other" })
	want(t, w.scan(), 0, 1)
	w.edit("a.md", func(f *file) { f.post.Date, f.text = ago(1), "all new" })
	want(t, w.scan(), 0, 1)
	if got := w.at("a.md").ID; got != id {
		t.Errorf("id became %s", got)
	}
}

func TestClashingIDsGetASuffix(t *testing.T) {
	t.Parallel()
	files := three()
	for _, path := range []string{"x.md", "y.md"} {
		f := article("a", ago(30))
		f.text, f.post.Title = "another "+path, path
		files[path] = f
	}
	w := newWorld(t, files)
	want(t, w.scan(), 5)
	id := w.at("a.md").ID
	if w.at("x.md").ID != id+"-2" || w.at("y.md").ID != id+"-3" {
		t.Errorf("ids %s, %s, %s", id, w.at("x.md").ID, w.at("y.md").ID)
	}
}

func TestRenameKeepsThePost(t *testing.T) {
	t.Parallel()
	w := newWorld(t, three())
	w.scan()
	was := w.at("a.md")
	w.move("a.md", "2026/a-new-name.md")
	want(t, w.scan(), 0, 0, 0, 1)
	now := w.at("2026/a-new-name.md")
	if now.ID != was.ID || now.Seq != was.Seq || !now.Edited.IsZero() || !now.Live() {
		t.Fatalf("renamed: %+v", now)
	}
	w.move("2026/a-new-name.md", "b-2.md")
	w.edit("b-2.md", func(f *file) { f.post.Title, f.post.URL = "New title", "https://blog.example/b-2/" })
	want(t, w.scan(), 0, 0, 0, 1)
	if now = w.at("b-2.md"); now.ID != was.ID || !now.Edited.Equal(w.now) {
		t.Errorf("renamed with a new title: %+v", now)
	}
}

func TestRenameWithEditIsFoundByURL(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*file){
		"same":    func(*file) {},
		"http":    func(f *file) { f.post.URL = strings.Replace(f.post.URL, "https:", "http:", 1) },
		"slash":   func(f *file) { f.post.URL = strings.TrimSuffix(f.post.URL, "/") },
		"alias":   func(f *file) { f.post.Aliases, f.post.URL = []string{f.post.URL}, "https://blog.example/moved/" },
		"upper":   func(f *file) { f.post.URL = strings.Replace(f.post.URL, "blog.example", "Blog.Example:443", 1) },
		"two new": func(f *file) { f.post.Title, f.post.Date = "Other", ago(3) },
	} {
		w := newWorld(t, three())
		w.scan()
		was := w.at("b.md")
		w.move("b.md", "moved.md")
		w.edit("moved.md", func(f *file) { f.text = "rewritten"; change(f) })
		want(t, w.scan(), 0, 0, 0, 1)
		if now := w.at("moved.md"); now.ID != was.ID || !now.Edited.Equal(w.now) {
			t.Errorf("%s: %+v", name, now)
		}
	}
}

func TestOldAliasFindsThePost(t *testing.T) {
	t.Parallel()
	files := three()
	f := files["b.md"]
	f.post.Aliases = []string{"http://old.example/b"}
	files["b.md"] = f
	w := newWorld(t, files)
	w.scan()
	was := w.at("b.md")
	delete(w.site.files, "b.md")
	moved := article("rewritten", ago(3))
	moved.post.URL = "https://old.example/b/"
	w.site.files["n.md"] = moved
	want(t, w.scan(), 0, 0, 0, 1)
	if w.at("n.md").ID != was.ID {
		t.Error("the alias did not find the post")
	}
}

func TestNewPermalinkKeepsThePost(t *testing.T) {
	t.Parallel()
	w := newWorld(t, three())
	w.scan()
	before := w.all()
	for path := range w.site.files {
		w.edit(path, func(f *file) { f.post.URL = "https://blog.example/posts/" + path })
	}
	want(t, w.scan(), 0, 0, 3)
	for id := range w.all() {
		if _, ok := before[id]; !ok {
			t.Errorf("new id %s", id)
		}
	}
}

func TestNewArticleInOldFileIsANewPost(t *testing.T) {
	t.Parallel()
	w := newWorld(t, three())
	w.scan()
	old := w.at("a.md")
	w.site.files["a.md"] = func() file { f := article("a", ago(1)); f.text, f.post.Title, f.mtime = "other", "Other", 9; return f }()
	want(t, w.scan(), 1, 0, 0, 0, 0, 1)
	now := w.at("a.md")
	if now.ID == old.ID || now.Seq != 0 {
		t.Fatalf("the new article: %+v", now)
	}
	if gone := w.all()[old.ID]; gone.Withdrawn.IsZero() || gone.Present {
		t.Errorf("the old article: %+v", gone)
	}
	w.site.files["attic/a.md"] = article("a", ago(30))
	want(t, w.scan(), 0, 0, 0, 0, 1)
	if w.at("attic/a.md").ID != old.ID {
		t.Error("the old article did not return")
	}
}

func TestTwoFilesThatChangePlacesKeepTheirPosts(t *testing.T) {
	t.Parallel()
	w := newWorld(t, three())
	w.scan()
	a, b := w.at("a.md"), w.at("b.md")
	files := w.site.files
	files["a.md"], files["b.md"] = files["b.md"], files["a.md"]
	w.edit("a.md", func(*file) {})
	w.edit("b.md", func(*file) {})
	want(t, w.scan(), 0, 0, 0, 2)
	if w.at("a.md").ID != b.ID || w.at("b.md").ID != a.ID {
		t.Error("the posts stayed with the paths")
	}
	want(t, w.scan())
}

func TestRenamesInARow(t *testing.T) {
	t.Parallel()
	w := newWorld(t, three())
	w.scan()
	a, b, c := w.at("a.md"), w.at("b.md"), w.at("c.md")
	w.site.files = map[string]file{"b.md": w.site.files["a.md"], "c.md": w.site.files["b.md"], "d.md": w.site.files["c.md"]}
	for path := range w.site.files {
		w.edit(path, func(*file) {})
	}
	want(t, w.scan(), 0, 0, 0, 3)
	if w.at("b.md").ID != a.ID || w.at("c.md").ID != b.ID || w.at("d.md").ID != c.ID {
		t.Error("posts were mixed up")
	}
}

func TestCopyOfAFileIsANewPost(t *testing.T) {
	t.Parallel()
	w := newWorld(t, three())
	w.scan()
	w.site.files["copy.md"] = w.site.files["a.md"]
	want(t, w.scan(), 1)
	if w.at("copy.md").ID == w.at("a.md").ID {
		t.Error("copy and original are one post")
	}
	delete(w.site.files, "a.md")
	want(t, w.scan(), 0, 0, 0, 0, 0, 1)
}

func TestExplicitIDWinsOverPathAndText(t *testing.T) {
	t.Parallel()
	files := three()
	for path, f := range files {
		f.post.ExplicitID = "id of " + path
		files[path] = f
	}
	w := newWorld(t, files)
	w.scan()
	a, b := w.at("a.md"), w.at("b.md")
	w.site.files = map[string]file{"a.md": w.site.files["b.md"], "b.md": w.site.files["a.md"], "c.md": w.site.files["c.md"]}
	for _, path := range []string{"a.md", "b.md"} {
		w.edit(path, func(f *file) { f.text, f.post.Title, f.post.Date = "new "+path, "new "+path, ago(1) })
	}
	want(t, w.scan(), 0, 0, 0, 2)
	if w.at("a.md").ID != b.ID || w.at("b.md").ID != a.ID {
		t.Fatal("posts stayed with their paths")
	}
	delete(w.site.files, "a.md")
	w.scan()
	back := article("unlike", ago(1))
	back.post.ExplicitID = "id of b.md"
	w.site.files["far/away.md"] = back
	want(t, w.scan(), 0, 0, 0, 0, 1)
	if w.at("far/away.md").ID != b.ID {
		t.Error("the id did not find the post whose file was gone")
	}
}

func TestCopiedExplicitIDIsReportedAndIgnored(t *testing.T) {
	t.Parallel()
	for _, first := range []bool{true, false} {
		files := three()
		b := files["b.md"]
		b.post.ExplicitID = "one"
		files["b.md"] = b
		w := newWorld(t, files)
		copied := article("copied", ago(1))
		copied.post.ExplicitID = "one"
		if !first {
			w.scan()
			w.site.files["a-copy.md"] = copied
		} else {
			w.site.files["z-copy.md"] = copied
		}
		for range 2 {
			r := w.scan()
			if len(r.Problems) != 1 || !strings.Contains(r.Problems[0].Message, "b.md") || !strings.Contains(r.Problems[0].Path, "copy") {
				t.Fatalf("problems %+v", r.Problems)
			}
		}
		if n := len(w.all()); n != 4 {
			t.Errorf("%d posts", n)
		}
		revision := w.state().Revision
		w.scan()
		if w.state().Revision != revision {
			t.Error("a copied id is recorded at each scan")
		}
		delete(w.site.files, "b.md")
		want(t, w.scan(), 0, 0, 1, 0, 0, 1)
		if n := len(w.state().Problems); n != 0 {
			t.Errorf("%d problems are left though the id is free", n)
		}
	}
}

func TestIDThatMovesToAnotherFileTakesThePostAlong(t *testing.T) {
	t.Parallel()
	files := three()
	a := files["a.md"]
	a.post.ExplicitID = "one"
	files["a.md"] = a
	w := newWorld(t, files)
	w.scan()
	was := w.at("a.md")
	w.site.files["0.md"] = w.site.files["a.md"]
	w.edit("a.md", func(f *file) { f.post.ExplicitID = "" })
	want(t, w.scan(), 1, 0, 0, 1)
	if w.at("0.md").ID != was.ID || w.at("a.md").ID == was.ID || w.at("a.md").Seq != 0 {
		t.Errorf("0.md is %s, a.md is %s, want %s for the first alone", w.at("0.md").ID, w.at("a.md").ID, was.ID)
	}
}

func TestTwoSourcesKeepTheirPostsApart(t *testing.T) {
	t.Parallel()
	w := newWorld(t, three())
	w.scan()
	notes := map[string]file{"a.md": article("na", ago(30)), "b.md": article("nb", ago(20)), "c.md": article("nc", ago(2))}
	other := &posts.Scanner{Name: "notes", Source: &site{files: notes, config: "n1"}, Ledger: w.db, Bodies: w.db}
	r, err := other.Scan(t.Context(), w.now, posts.ScanOptions{})
	if err != nil {
		t.Fatal(err)
	}
	want(t, r, 3)
	if n := len(w.all()); n != 6 {
		t.Fatalf("%d posts", n)
	}
	if n := w.count(posts.Selection{Sources: []string{"notes"}}); n != 3 {
		t.Errorf("%d posts of notes", n)
	}
	delete(w.site.files, "a.md")
	want(t, w.scan(), 0, 0, 0, 0, 0, 1)
	if n := w.count(posts.Selection{Sources: []string{"notes"}}); n != 3 {
		t.Errorf("%d posts of notes are left", n)
	}
	if out, err := w.db.PostsByPath(t.Context(), "a.md"); err != nil || len(out) != 2 || out[0].Source != "notes" || out[1].Source != "blog" {
		t.Errorf("posts at a.md: %+v, %v", out, err)
	}
}
