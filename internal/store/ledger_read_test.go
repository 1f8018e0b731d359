package store

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"tidings.example/posts"
)

// library is a site whose posts differ in tags, categories and languages.
func library() map[string]file {
	files := map[string]file{}
	for i := range 30 {
		f := article(fmt.Sprintf("p%02d", i), ago(60-i))
		f.post.Tags = []string{[]string{"Git", "Go", "LLM"}[i%3], "Note"}
		f.post.Categories = []string{[]string{"Tech", "Life"}[i%2]}
		f.post.Language = []string{"zh-CN", "en", ""}[i%3]
		if i == 7 {
			f.post.Tags = append(f.post.Tags, "Ärger", "go", "GO")
		}
		files[fmt.Sprintf("p%02d.md", i)] = f
	}
	return files
}

func TestSelectionsReadTheSameByIndexAndByMatch(t *testing.T) {
	t.Parallel()
	w := newWorld(t, library())
	w.scan()
	w.scanAfter(func() {
		delete(w.site.files, "p29.md")
		w.edit("p27.md", func(f *file) { f.post.Tags = []string{"go"} })
	})
	for _, sel := range []posts.Selection{
		{}, {Tags: []string{"git"}}, {Tags: []string{"GO", "llm"}}, {Tags: []string{"note"}, Categories: []string{"LIFE"}},
		{Tags: []string{"note", "nothing"}, Categories: []string{"tech"}, Languages: []string{"zh-cn"}, Sources: []string{"blog"}},
		{Tags: []string{"nothing"}}, {Tags: []string{"a\u0308rger"}}, {Tags: []string{"ÄRGER"}}, {Languages: []string{"en"}},
		{Sources: []string{"blog"}}, {Sources: []string{"Blog"}}, {Tags: []string{"git"}, Languages: []string{"en"}},
	} {
		var matched []string
		for r, err := range w.db.PostsBetween(t.Context(), posts.Selection{}, 0, math.MaxInt64) {
			if err != nil {
				t.Fatal(err)
			}
			if sel.Match(&r) {
				matched = append(matched, r.Path)
			}
		}
		slices.Reverse(matched)
		if n := w.count(sel); n != len(matched) {
			t.Errorf("%+v: counted %d, want %d", sel, n, len(matched))
		}
		for _, n := range []int{1, 4, 100} {
			newest, err := w.db.Newest(t.Context(), sel, n)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, r := range newest {
				got = append(got, r.Path)
			}
			if want := matched[:min(n, len(matched))]; !slices.Equal(got, want) {
				t.Errorf("%+v: newest %d: %v, want %v", sel, n, got, want)
			}
		}
	}
}

// scanAfter makes a change and scans.
func (w *world) scanAfter(change func()) posts.Report {
	w.t.Helper()
	change()
	return w.scan()
}

func TestRecordsComeBackAsTheyWereRead(t *testing.T) {
	t.Parallel()
	f := article("full", ago(5))
	f.post.Updated, f.post.Expires, f.post.NotBefore = ago(4), noon.AddDate(1, 0, 0), ago(6)
	f.post.Tags, f.post.Categories, f.post.Aliases = []string{"一", "\"quoted\""}, []string{"a/b"}, []string{"https://old.example/x"}
	f.post.Authors = []posts.Author{{Name: "Ann", Email: "ann@example.org", URL: "https://ann.example/"}, {Name: "李"}}
	f.post.Language, f.post.Slug, f.post.Summary, f.post.Image, f.post.ExplicitID = "zh-CN", "full", "a summary", "https://blog.example/i.png", "id 1"
	f.post.Thumbnail = "https://blog.example/s.png"
	f.post.Enclosures = []posts.Enclosure{{URL: "https://blog.example/a.mp3", Type: "audio/mpeg", Title: "听", Length: 5 << 30, Duration: 90 * time.Second}, {URL: "https://blog.example/b.pdf"}}
	w := newWorld(t, map[string]file{"full.md": f})
	w.scan()
	got := w.at("full.md")
	want := f.post
	want.Path, want.Hash, want.Fingerprint, want.Stamp = "full.md", f.hash(), digest(f.text), f.stamp()
	if diff := cmpDiff(want, got.Post); diff != "" {
		t.Errorf("post (-want +got):\n%s", diff)
	}
	byID, err := w.db.PostsByID(t.Context(), "tag:none", got.ID)
	if err != nil || len(byID) != 1 || cmpDiff(byID[0], got) != "" {
		t.Errorf("by id: %+v, %v", byID, err)
	}
}

func TestBriefsAreThePostsWithoutTheirHTML(t *testing.T) {
	t.Parallel()
	w := newWorld(t, map[string]file{"a.md": article("a", ago(5)), "b.md": article("b", ago(4))})
	w.scan()
	a, b := w.at("a.md"), w.at("b.md")
	body := posts.Body{HTML: "<p>x</p>", Summary: "x", Code: strings.Repeat("世\n", 20_000), CodeLanguage: "go", Image: "https://blog.example/i.png", Columns: 7}
	drawn := []posts.Drawn{{Stale: posts.Stale{ID: a.ID, Path: a.Path, Hash: a.Hash}, OK: true, Body: body}}
	if err := w.db.SaveBodies(t.Context(), a.Source, "r", drawn); err != nil {
		t.Fatal(err)
	}
	whole, err := w.db.PostsByID(t.Context(), b.ID, a.ID)
	if err != nil || len(whole) != 2 || whole[1].Body != body {
		t.Fatalf("%+v, %v", whole, err)
	}
	briefs, err := w.db.Briefs(t.Context(), b.ID, "tag:none", a.ID)
	whole[1].Body.HTML, whole[1].Body.Code = "", strings.Repeat("世\n", 8_000)
	if err != nil || cmpDiff(whole, briefs) != "" {
		t.Errorf("%v: %s", err, cmpDiff(whole, briefs))
	}
}

func TestPostsSinceAreByDateInOrderOfRelease(t *testing.T) {
	t.Parallel()
	w := newWorld(t, three())
	w.scan()
	w.site.files["d.md"] = article("d", ago(25))
	w.scan()
	w.release()
	var got []posts.Record
	for r, err := range w.db.PostsSince(t.Context(), posts.Selection{}, ago(25)) {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, r)
	}
	if want := []string{"Title b", "Title c", "Title d"}; !slices.Equal(titles(got), want) {
		t.Errorf("%v, want %v", titles(got), want)
	}
}

func TestLedgerVersionMovesForTheSelectionsConcerned(t *testing.T) {
	t.Parallel()
	w := newWorld(t, library())
	w.scan()
	all, git, llm, both := posts.Selection{}, posts.Selection{Tags: []string{"git"}}, posts.Selection{Tags: []string{"llm"}}, posts.Selection{Tags: []string{"git"}, Languages: []string{"zh-CN"}}
	sels := []posts.Selection{all, git, llm, both}
	moved := func(what string, change func(), want ...bool) {
		t.Helper()
		before := make([]int64, len(sels))
		for i, sel := range sels {
			before[i] = w.version(sel)
		}
		change()
		for i, sel := range sels {
			if after := w.version(sel); after < before[i] || (after > before[i]) != want[i] {
				t.Errorf("%s: version of %+v went from %d to %d", what, sel, before[i], after)
			}
		}
	}
	// p00, p03, ... are of git and zh-CN; p02 of llm and no language.
	moved("nothing", func() { w.scan() }, false, false, false, false)
	moved("edit", func() { w.scanAfter(func() { w.edit("p03.md", func(f *file) { f.text = "x" }) }) }, true, true, false, true)
	moved("tag taken", func() { w.scanAfter(func() { w.edit("p03.md", func(f *file) { f.post.Tags = []string{"llm"} }) }) }, true, true, true, true)
	moved("withdrawn", func() { w.scanAfter(func() { delete(w.site.files, "p02.md") }) }, true, false, true, false)
	moved("edit of a withdrawn post's kin", func() { w.scanAfter(func() { w.site.files["p02.md"] = library()["p02.md"] }) }, true, false, true, false)
	fresh := article("fresh", ago(0))
	fresh.post.Tags = []string{"git"}
	moved("new, not released", func() { w.scanAfter(func() { w.site.files["n.md"] = fresh }) }, false, false, false, false)
	moved("released", func() { w.release() }, true, true, false, false)
	moved("body", func() { w.render(posts.Want{Feeds: []posts.Recent{{Selection: llm, N: 1}}}) }, true, false, true, false)
	moved("touched", func() { w.scanAfter(func() { w.edit("p02.md", func(*file) {}) }) }, false, false, false, false)
}

func TestWithdrawalsAreToldWithTheirTime(t *testing.T) {
	t.Parallel()
	w := newWorld(t, library())
	w.scan()
	w.scanAfter(func() { delete(w.site.files, "p00.md"); delete(w.site.files, "p01.md") })
	first := w.now
	w.scanAfter(func() { delete(w.site.files, "p03.md") })
	list := func(sel posts.Selection, since time.Time) (out []string) {
		for r, err := range w.db.Withdrawals(t.Context(), sel, since) {
			if err != nil {
				t.Fatal(err)
			}
			out = append(out, r.Path)
		}
		return out
	}
	if got := list(posts.Selection{}, first); !slices.Equal(got, []string{"p03.md", "p01.md", "p00.md"}) {
		t.Errorf("all: %v", got)
	}
	if got := list(posts.Selection{}, first.Add(time.Minute)); !slices.Equal(got, []string{"p03.md"}) {
		t.Errorf("later ones: %v", got)
	}
	if got := list(posts.Selection{Tags: []string{"git"}}, first); !slices.Equal(got, []string{"p03.md", "p00.md"}) {
		t.Errorf("git: %v", got)
	}
}

// render renders what is wanted and returns how many bodies it made.
func (w *world) render(want posts.Want) (int, []posts.Problem) {
	w.t.Helper()
	n, problems, err := w.scanner.Render(w.t.Context(), want)
	if err != nil {
		w.t.Fatal(err)
	}
	return n, problems
}

func TestOnlyWantedBodiesAreRenderedAndOnlyOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t, library())
	w.scan()
	feeds := posts.Want{Feeds: []posts.Recent{{N: 4}, {Selection: posts.Selection{Tags: []string{"git"}}, N: 3}}}
	for i, want := range []int{6, 0} { // p29 to p26, p27 again, p24, p21
		if n, _ := w.render(feeds); n != want {
			t.Errorf("round %d: %d bodies, want %d", i, n, want)
		}
	}
	if b := w.at("p21.md").Body; b.HTML != "<p>text of p21</p>" || b.Summary != "text of p21" || b.Columns != len("text of p21") {
		t.Errorf("body %+v", b)
	}
	if b := w.at("p20.md").Body; b.HTML != "" {
		t.Errorf("p20 was rendered: %+v", b)
	}
	if n, _ := w.render(posts.Want{Mailable: true}); n != 0 {
		t.Errorf("%d bodies of the backlog were rendered for letters", n)
	}
	w.scanAfter(func() { w.site.files["n.md"] = article("n", ago(0)) })
	w.release()
	if n, _ := w.render(posts.Want{Mailable: true, After: 31}); n != 0 {
		t.Errorf("%d bodies, want none after 31", n)
	}
	if n, _ := w.render(posts.Want{Mailable: true}); n != 1 {
		t.Errorf("%d bodies of letters, want 1", n)
	}
	if n, _ := w.render(posts.Want{All: true}); n != 31-7 {
		t.Errorf("%d bodies of all, want %d", n, 31-7)
	}
	w.scanAfter(func() { w.edit("p05.md", func(f *file) { f.header = "# nothing" }); delete(w.site.files, "p06.md") })
	if n, _ := w.render(posts.Want{All: true}); n != 1 {
		t.Errorf("%d bodies after a change, want 1", n)
	}
	w.scanner.Renderer = "r2"
	if n, _ := w.render(posts.Want{All: true}); n != 30 {
		t.Errorf("%d bodies by a new renderer, want 30", n)
	}
}

func TestRenderingFailsForOnePostAlone(t *testing.T) {
	t.Parallel()
	w := newWorld(t, three())
	w.scan()
	w.render(posts.Want{All: true})
	w.scanAfter(func() {
		for path := range w.site.files {
			w.edit(path, func(f *file) { f.text = "new text" })
		}
	})
	w.site.broken["b.md"] = errors.New("template is unclosed")
	w.edit("c.md", func(f *file) { f.text = "newer than the scan" })
	for range 2 {
		version := w.version(posts.Selection{})
		n, problems := w.render(posts.Want{All: true})
		if len(problems) != 1 || problems[0].Path != "b.md" || !strings.Contains(problems[0].Message, "template is unclosed") {
			t.Fatalf("problems %+v", problems)
		}
		if got := w.state().Rendering; !slices.Equal(got, problems) {
			t.Errorf("stored %+v", got)
		}
		if (n > 0) != (w.version(posts.Selection{}) > version) {
			t.Errorf("%d bodies, version %d to %d", n, version, w.version(posts.Selection{}))
		}
	}
	for path, want := range map[string]string{"a.md": "new text", "b.md": "text of b", "c.md": "text of c"} {
		if got := w.at(path).Body.Summary; got != want {
			t.Errorf("%s: %q, want %q", path, got, want)
		}
	}
	delete(w.site.broken, "b.md")
	w.scan()
	if n, problems := w.render(posts.Want{All: true}); n != 2 || len(problems) != 0 || len(w.state().Rendering) != 0 {
		t.Errorf("%d bodies, problems %+v, stored %+v", n, problems, w.state().Rendering)
	}
}

func TestManyBodiesAreRenderedInPages(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	for i := range 700 {
		w.site.files[fmt.Sprintf("%03d.md", i)] = article(fmt.Sprint("n", i), ago(800-i))
	}
	w.scan()
	w.site.broken["444.md"] = errors.New("no")
	if n, problems := w.render(posts.Want{All: true}); n != 699 || len(problems) != 1 {
		t.Errorf("%d bodies, %d problems", n, len(problems))
	}
	w.scanner.Renderer = "r2"
	if n, _ := w.render(posts.Want{Mailable: true, Feeds: []posts.Recent{{N: 600}, {N: 3}}}); n != 599 {
		t.Errorf("%d bodies of feeds, want 599", n)
	}
}
