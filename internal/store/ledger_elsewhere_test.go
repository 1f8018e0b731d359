package store

import (
	"io/fs"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"tidings.example/posts"
)

// beside is the world of another source in the same ledger.
func (w *world) beside(name string, files map[string]file) *world {
	o := &world{t: w.t, db: w.db, now: w.now, site: &site{files: files, config: "v1"}}
	o.scanner = &posts.Scanner{Name: name, Source: o.site, Ledger: w.db, Bodies: w.db}
	return o
}

func TestPostsOfOtherSourcesAreFoundByAddressAndText(t *testing.T) {
	t.Parallel()
	w := newWorld(t, three())
	w.scan()
	w.edit("c.md", func(f *file) { f.post.Aliases = []string{"https://blog.example/old-c"} })
	w.scan()
	a, b, c := w.at("a.md"), w.at("b.md"), w.at("c.md")
	o := w.beside("other", map[string]file{"x.md": article("x", ago(3))})
	find := func(keys ...posts.Key) string {
		t.Helper()
		found, err := w.db.Elsewhere(t.Context(), "other", posts.Query{Keys: keys})
		if err != nil {
			t.Fatal(err)
		}
		var ids []string
		for _, r := range found {
			ids = append(ids, r.ID)
		}
		slices.Sort(ids)
		return strings.Join(ids, " ")
	}
	page := func(url string) posts.Key { return posts.Key{Kind: posts.URLKey, Text: posts.FoldURL(url)} }
	text := posts.Key{Kind: posts.FingerprintKey, Text: b.Fingerprint}
	if got := find(page("http://www.blog.example/a")); got != a.ID {
		t.Errorf("by address: %s", got)
	}
	if got := find(text, page(b.URL), page(a.URL), page("https://blog.example/none")); got != a.ID+" "+b.ID {
		t.Errorf("by both: %s", got)
	}
	// What is the source's own is not elsewhere, and a path is no trace there.
	if got, err := w.db.Elsewhere(t.Context(), w.scanner.Name, posts.Query{Keys: []posts.Key{text}}); len(got) != 0 || err != nil {
		t.Errorf("in the source itself: %v, %v", got, err)
	}
	o.scan()
	if got := find(posts.Key{Kind: posts.PathKey, Text: "a.md"}); got != "" {
		t.Errorf("by path: %s", got)
	}
	// A post whose file is gone is found by its aliases too.
	delete(w.site.files, "c.md")
	w.scan()
	if got := find(page("https://blog.example/old-c/")); got != c.ID {
		t.Errorf("by alias: %s", got)
	}
}

// The step folds addresses in SQL; the program does it by FoldURL.
func TestOldLedgersFindTheirPostsByAddressToo(t *testing.T) {
	t.Parallel()
	conn := bare(t)
	steps := fstest.MapFS{}
	files, err := fs.Glob(migrations, "migrations/*.sql")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range files {
		if name >= "migrations/0010" {
			break
		}
		text, err := migrations.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		steps[name] = &fstest.MapFile{Data: text}
	}
	if err := migrate(t.Context(), conn, steps); err != nil {
		t.Fatal(err)
	}
	if _, err := conn.ExecContext(t.Context(), "insert into sources (name) values ('blog')"); err != nil {
		t.Fatal(err)
	}
	urls := []string{"https://blog.example.org/2026/a/", "http://www.example.org/a.html", "https://blog.example.org/b/index.html", "https://example.org", "", "https://www.example/x?p=7"}
	for i, url := range urls {
		if _, err := conn.ExecContext(t.Context(), `insert into posts (id, source, path, explicit_id, title, date, updated, not_before, expires, declared, tags, categories,
			authors, language, slug, url, aliases, summary, image, fingerprint, seen_at, terms)
			values (?1, 1, ?1, '', '', 0, 0, 0, 0, 'published', '[]', '[]', '[]', '', '', ?2, '[]', '', '', 'f', 0, '[]')`, string(rune('a'+i)), url); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := conn.ExecContext(t.Context(), "insert into lost values (1, 'url', 'www.example.org/a', 1), (1, 'url', 'example.org/a', 1), (1, 'url', 'www.example.org/b/index.html', 2), (1, 'path', 'www.a.b', 1)"); err != nil {
		t.Fatal(err)
	}
	if err := migrate(t.Context(), conn, migrations); err != nil {
		t.Fatal(err)
	}
	pages, err := collect[string](t.Context(), conn, "select page from posts order by key")
	if err != nil {
		t.Fatal(err)
	}
	for i, url := range urls {
		if pages[i] != posts.FoldURL(url) {
			t.Errorf("%s is found by %q, want %q", url, pages[i], posts.FoldURL(url))
		}
	}
	lost, err := collect[string](t.Context(), conn, "select key from lost where kind <> 'path' order by post, key")
	if want := []string{"example.org/a", "www.example.org/a", "example.org/b"}; err != nil || !slices.Equal(lost, want) {
		t.Errorf("lost %v, want %v, %v", lost, want, err)
	}
}
