package store

import (
	"fmt"
	"slices"
	"testing"

	"tidings.example/posts"
)

func TestNoTwoPostsAreShownUnderOneID(t *testing.T) {
	t.Parallel()
	w := newWorld(t, three())
	w.scan()
	a, b, c := w.at("a.md"), w.at("b.md"), w.at("c.md")
	set := func(id string, guids ...posts.GUID) bool {
		t.Helper()
		version := w.version(posts.Selection{})
		set, err := w.db.SetIDs(t.Context(), "", map[string][]posts.GUID{id: guids})
		if err != nil {
			t.Fatal(err)
		}
		if changed := slices.Equal(set, []string{id}); changed != (w.version(posts.Selection{}) > version) {
			t.Errorf("%v changed: %t; the feeds do not know", guids, changed)
		}
		return len(set) > 0
	}
	for i, step := range []struct {
		id    string
		guid  posts.GUID
		taken bool
	}{
		{a.ID, posts.GUID{Format: "atom", Text: "one"}, true},
		{a.ID, posts.GUID{Format: "atom", Text: "one"}, false}, // as it was
		{b.ID, posts.GUID{Format: "atom", Text: "one"}, false},
		{b.ID, posts.GUID{Format: "", Text: "one"}, false}, // would be so in Atom too
		{b.ID, posts.GUID{Format: "rss", Text: "one"}, true},
		{c.ID, posts.GUID{Format: "json", Text: "one"}, true},
		{a.ID, posts.GUID{Format: "", Text: "one"}, false},
		{c.ID, posts.GUID{Format: "", Text: a.ID}, false}, // the id of another post
		{a.ID, posts.GUID{Format: "", Text: a.ID}, true},  // its own
		{a.ID, posts.GUID{Format: "", Text: "two"}, true},
		{b.ID, posts.GUID{Format: "json", Text: "two"}, false},
	} {
		if got := set(step.id, step.guid); got != step.taken {
			t.Errorf("step %d: %v of %s was taken: %t", i, step.guid, step.id, got)
		}
	}
	want := []posts.GUIDs{{Any: "two", Atom: "one"}, {RSS: "one"}, {JSON: "one"}}
	for i, path := range []string{"a.md", "b.md", "c.md"} {
		if got := w.at(path).GUIDs; got != want[i] {
			t.Errorf("%s: %+v, want %+v", path, got, want[i])
		}
	}
	for r, err := range w.db.Withdrawals(t.Context(), posts.Selection{}, noon) {
		t.Errorf("%v, %v", r, err)
	}
	delete(w.site.files, "a.md")
	w.scan()
	for r, err := range w.db.Withdrawals(t.Context(), posts.Selection{}, noon) {
		if err != nil || r.ShownID("atom") != "one" || r.ShownID("json") != "two" {
			t.Errorf("withdrawn: %+v, %v", r.GUIDs, err)
		}
	}
	if _, err := w.db.SetIDs(t.Context(), "", map[string][]posts.GUID{"tag:none": {{Text: "x"}}}); err == nil {
		t.Error("an id that no post has was accepted")
	}
}

func TestPermalinksOfManyPostsAreSetAtOnce(t *testing.T) {
	t.Parallel()
	files := map[string]file{}
	for i := range 1200 {
		files[fmt.Sprintf("p%04d.md", i)] = article(fmt.Sprint("p", i/2), ago(i%300))
	}
	w := newWorld(t, files)
	w.scanner.Permalinks = true
	w.scan()
	urls, own := 0, 0
	for _, r := range w.all() {
		switch r.ShownID("json") {
		case r.URL:
			urls++
		case r.ID:
			own++
		}
	}
	if urls != 600 || own != 600 {
		t.Errorf("%d posts are shown under their URL, %d under their own id", urls, own)
	}
	twice, err := w.db.SharedPermalinks(t.Context(), w.scanner.Name)
	if err != nil || len(twice) != 600 {
		t.Errorf("%d posts share an address, %v", len(twice), err)
	}
}
