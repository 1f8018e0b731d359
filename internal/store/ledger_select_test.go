package store

import (
	"context"
	"fmt"
	"io/fs"
	"math"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"pgregory.net/rapid"

	"tidings.example/posts"
)

// contributors is a site whose posts differ in everything that a selection may name.
func contributors() map[string]file {
	files := map[string]file{}
	for i := range 24 {
		f := article(fmt.Sprintf("c%02d", i), ago(60-i))
		f.post.Tags = [][]string{{"go"}, {"git", "go"}, {"llm"}, nil}[i%4]
		f.post.Categories = [][]string{{"Tech"}, {"Life"}, nil}[i%3]
		f.post.Language = []string{"zh-CN", "en", ""}[i%3]
		f.post.Authors = [][]posts.Author{{{Name: "Ann"}}, {{Name: "Émile"}, {Name: "ann"}}, {{Name: "李"}}, nil, {{Name: "go"}}}[i%5]
		files[fmt.Sprintf("c%02d.md", i)] = f
	}
	return files
}

func TestSelectionsWithAuthorsAndExceptionsReadTheSameByIndexAndByMatch(t *testing.T) {
	t.Parallel()
	w := newWorld(t, contributors())
	w.scan()
	w.scanAfter(func() {
		delete(w.site.files, "c23.md")
		w.edit("c20.md", func(f *file) { f.post.Authors = []posts.Author{{Name: "ÉMILE"}} })
	})
	var all []posts.Record
	for r, err := range w.db.PostsBetween(t.Context(), posts.Selection{}, 0, math.MaxInt64) {
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, r)
	}
	slices.Reverse(all)
	some := func(rt *rapid.T, label string, words ...string) []string {
		return rapid.SliceOfN(rapid.SampledFrom(words), 0, 2).Draw(rt, label)
	}
	terms := func(rt *rapid.T, label string) posts.Terms {
		if rapid.Bool().Draw(rt, label) {
			return posts.Terms{}
		}
		return posts.Terms{
			Tags: some(rt, label+" tags", "go", "GIT", "llm", "none"), Categories: some(rt, label+" categories", "tech", "LIFE", "none"),
			Languages: some(rt, label+" languages", "zh-cn", "en", "de", ""), Authors: some(rt, label+" authors", "ann", "e\u0301mile", "李", "Nobody", "go"),
			Sources: some(rt, label+" sources", "blog", "Blog"),
		}
	}
	rapid.Check(t, func(rt *rapid.T) {
		with := terms(rt, "with")
		sel := posts.Selection{Tags: with.Tags, Categories: with.Categories, Languages: with.Languages, Authors: with.Authors,
			Sources: with.Sources, Without: terms(rt, "without")}
		var want []string
		for i := range all {
			if sel.Match(&all[i]) {
				want = append(want, all[i].Path)
			}
		}
		n := rapid.IntRange(1, 30).Draw(rt, "n")
		newest, err := w.db.Newest(t.Context(), sel, n)
		if err != nil {
			rt.Fatal(err)
		}
		var got []string
		for i := range newest {
			got = append(got, newest[i].Path)
		}
		if !slices.Equal(got, want[:min(n, len(want))]) {
			rt.Fatalf("%+v: newest %d: %v, want of %v", sel, n, got, want)
		}
		between, err := w.db.VersionsBetween(t.Context(), sel, 3, 20)
		if err != nil {
			rt.Fatal(err)
		}
		got = nil
		for _, v := range slices.Backward(between) {
			got = append(got, all[len(all)-int(v.Seq)].Path)
		}
		if part := slices.DeleteFunc(slices.Clone(want), func(path string) bool { return path < "c02.md" || path > "c19.md" }); !slices.Equal(got, part) {
			rt.Fatalf("%+v: from 3 to 20: %v, want %v", sel, got, part)
		}
		if c, err := w.db.CountPosts(t.Context(), sel); err != nil || c != len(want) {
			rt.Fatalf("%+v: counted %d, want %d, %v", sel, c, len(want), err)
		}
	})
}

// Equal versions promise equal feeds, whatever became of a post.
func TestLedgerVersionMovesWheneverASelectionReadsDifferently(t *testing.T) {
	t.Parallel()
	sels := []posts.Selection{
		{Authors: []string{"ann"}}, {Tags: []string{"go"}, Without: posts.Terms{Tags: []string{"git"}}},
		{Without: posts.Terms{Authors: []string{"李"}}}, {Languages: []string{"en"}, Without: posts.Terms{Categories: []string{"tech"}, Authors: []string{"émile"}}},
	}
	w := newWorld(t, contributors())
	w.scan()
	read := func() (versions []int64, texts []string) {
		for _, sel := range sels {
			records, err := w.db.Newest(t.Context(), sel, 100)
			if err != nil {
				t.Fatal(err)
			}
			for i := range records {
				records[i].Stamp = posts.Stamp{} // the file's, and in no feed
			}
			versions, texts = append(versions, w.version(sel)), append(texts, fmt.Sprintf("%+v", records))
		}
		return versions, texts
	}
	dice, moved := rand.New(rand.NewPCG(9, 9)), 0
	versions, texts := read()
	for range 120 {
		path, pick := fmt.Sprintf("c%02d.md", dice.IntN(24)), contributors()[fmt.Sprintf("c%02d.md", dice.IntN(24))]
		if _, there := w.site.files[path]; !there {
			w.site.files[path] = pick
		}
		w.edit(path, func(f *file) {
			switch dice.IntN(4) {
			case 0:
				f.post.Authors = pick.post.Authors
			case 1:
				f.post.Tags = pick.post.Tags
			case 2:
				f.post.Categories, f.post.Language = pick.post.Categories, pick.post.Language
			case 3:
				f.text = fmt.Sprint("edit ", f.mtime)
			}
		})
		if dice.IntN(8) == 0 {
			delete(w.site.files, path)
		}
		w.scan()
		w.release()
		after, now := read()
		for i := range sels {
			if texts[i] != now[i] {
				moved++
			}
			if after[i] < versions[i] || after[i] == versions[i] && texts[i] != now[i] {
				t.Fatalf("%+v: version %d to %d, posts changed: %t", sels[i], versions[i], after[i], texts[i] != now[i])
			}
		}
		versions, texts = after, now
	}
	if moved < 50 {
		t.Errorf("only %d changes showed", moved)
	}
}

// before9 makes a database as programs without authors' terms left it.
func before9(t *testing.T, path string, fill string) {
	t.Helper()
	files, err := fs.Glob(migrations, "migrations/*.sql")
	if err != nil {
		t.Fatal(err)
	}
	steps := fstest.MapFS{}
	for _, name := range files {
		if name >= "migrations/0008" {
			break
		}
		text, err := migrations.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		steps[name] = &fstest.MapFile{Data: text}
	}
	conn := plainConn(t, path)
	if err := migrate(t.Context(), conn, steps); err != nil {
		t.Fatal(err)
	}
	if _, err := conn.ExecContext(context.WithoutCancel(t.Context()), fill); err != nil {
		t.Fatal(err)
	}
}

func TestAnUpgradeGivesThePostsOfAnOlderDatabaseTheirAuthors(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "old.db")
	const post = `insert into posts (id, source, path, explicit_id, title, date, updated, not_before, expires, declared, tags, categories, authors, language,
		slug, url, aliases, summary, image, fingerprint, seen_at, terms) values ('tag:%[1]s', 1, '%[1]s.md', '', '%[1]s', 1, 0, 0, 0, 'published', '["go"]', '[]',
		'%[2]s', '', '%[1]s', 'https://blog.example/%[1]s/', '[]', '', '', '%[1]s', 1, '[1,2]');
		insert into files (source, path, size, mtime, hash, config, post) values (1, '%[1]s.md', 1, 1, x'00', 1, last_insert_rowid());`
	fill := `insert into sources (name, revision, baseline_at) values ('blog', 1, 1); insert into configs (text) values ('v1');
		insert into terms (kind, name, version) values ('source', 'blog', 3), ('tag', 'go', 3); update ledger set version = 3;` +
		fmt.Sprintf(post, "a", `[{"name":"Émile"},{"name":"Ann","url":"https://ann.example/"}]`) +
		fmt.Sprintf(post, "b", `[{"name":"ÉMILE"},{"name":"émile"}]`) +
		fmt.Sprintf(post, "c", `[]`) +
		fmt.Sprintf(post, "gone", `[{"name":"Ann"}]`) +
		fmt.Sprintf(post, "waits", `[{"name":"Ann"}]`) +
		`insert into releases (post, released_at, mailable, withdrawn_at) values (1, 5, 0, 0), (2, 6, 0, 0), (3, 7, 0, 0), (4, 8, 0, 9);
		insert into post_terms (term, seq) values (1, 1), (2, 1), (1, 2), (2, 2), (1, 3), (2, 3); insert into waiting (post, since) values (5, 1);`
	before9(t, path, fill)
	db, err := Open(t.Context(), path, false)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	newest := func(sel posts.Selection) string {
		records, err := db.Newest(t.Context(), sel, 10)
		if err != nil {
			t.Fatal(err)
		}
		return strings.Join(titles(records), " ")
	}
	for _, c := range []struct {
		author, want string
	}{{"ÉMILE", "b a"}, {"ann", "a"}, {"nobody", ""}} {
		if got := newest(posts.Selection{Authors: []string{c.author}}); got != c.want {
			t.Errorf("posts of %s: %q, want %q", c.author, got, c.want)
		}
	}
	if got := newest(posts.Selection{Tags: []string{"go"}}); got != "c b a" {
		t.Errorf("posts of the tag: %q", got)
	}
	if words, err := db.Words(t.Context(), "author"); err != nil || !slices.Equal(words, []string{"Ann", "ÉMILE"}) {
		t.Errorf("authors %q, %v", words, err)
	}
	// What waits, and what comes back, has its author, too.
	settled, err := db.Settle(t.Context(), "blog", noon, []posts.Verdict{{ID: "tag:waits", Release: true}})
	if err != nil || len(settled) != 1 || newest(posts.Selection{Authors: []string{"ANN"}}) != "waits a" {
		t.Errorf("%+v, %v: %q", settled, err, newest(posts.Selection{Authors: []string{"ANN"}}))
	}
	gone := posts.Change{Kind: posts.Returned, Return: true}
	records, err := db.PostsByID(t.Context(), "tag:gone")
	if err != nil || len(records) != 1 {
		t.Fatalf("%+v, %v", records, err)
	}
	gone.Before = &records[0]
	if _, err := db.Apply(t.Context(), "blog", posts.Changes{Revision: 2, Now: noon, Config: "v1", Posts: []posts.Change{gone}, Done: true}); err != nil {
		t.Fatal(err)
	}
	if got := newest(posts.Selection{Authors: []string{"ann"}}); got != "waits gone a" {
		t.Errorf("after a return: %q", got)
	}
}
