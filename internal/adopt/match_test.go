package adopt

import (
	"fmt"
	"iter"
	"strings"
	"testing"

	"tidings.example/posts"
)

func ledger(list []posts.Record) iter.Seq2[posts.Record, error] {
	return func(yield func(posts.Record, error) bool) {
		for i := range list {
			r := list[i]
			if r.ID == "" {
				r.ID = "tag:" + r.Path
			}
			r.Seq, r.Present = int64(i+1), true
			if !yield(r, nil) {
				return
			}
		}
	}
}

func post(path, title, date, url string, aliases ...string) posts.Record {
	p := posts.Post{Path: path, Title: title, URL: url, Aliases: aliases}
	if date != "" {
		p.Date = day(date + "T00:00:00Z")
	}
	return posts.Record{Post: p}
}

func entry(id, url, title, date string) Entry {
	e := Entry{ID: id, URL: url, Title: title}
	if date != "" {
		e.Date = day(date + "T22:00:00Z")
	}
	return e
}

func TestEntriesAreMatchedByTheSurestTraceAndNeverGuessed(t *testing.T) {
	t.Parallel()
	const old, home = "http://www.blog.example.org", "https://blog.example.org"
	for name, c := range map[string]struct {
		posts   []posts.Record
		entries []Entry
		want    string // path by way, or ? and a word of why
	}{
		"address":                        {[]posts.Record{post("a.md", "A", "", home+"/a/")}, []Entry{entry("1", old+"/a", "Other", "")}, "a.md by address"},
		"alias":                          {[]posts.Record{post("a.md", "A", "", home+"/a/", home+"/old/a.html")}, []Entry{entry("1", old+"/old/a.html", "", "")}, "a.md by address"},
		"an id that is an address":       {[]posts.Record{post("a.md", "A", "", home+"/a/")}, []Entry{entry(old+"/a/", "https://tracker.example/r?u=1", "", "")}, "a.md by address"},
		"title and day":                  {[]posts.Record{post("a.md", "A  title", "2026-01-02", home+"/a/")}, []Entry{entry("1", old+"/x", "a Title", "2026-01-01")}, "a.md by title and day"},
		"title on another day":           {[]posts.Record{post("a.md", "A", "2026-01-02", home+"/a/")}, []Entry{entry("1", old+"/x", "A", "2026-02-02")}, "? no post has"},
		"title without a day":            {[]posts.Record{post("a.md", "A", "2026-01-02", home+"/a/")}, []Entry{entry("1", old+"/x", "A", "")}, "? no post has"},
		"similar address":                {[]posts.Record{post("a.md", "A", "", home+"/2026/My-Post/")}, []Entry{entry("1", "https://old.example/2026/my-post.html", "", "")}, "a.md by similar address"},
		"the root is no trace":           {[]posts.Record{post("a.md", "A", "", home+"/")}, []Entry{entry("1", "https://old.example/", "", "")}, "? no post has"},
		"an id of ours":                  {[]posts.Record{{ID: "tag:x", Post: posts.Post{Path: "a.md", URL: home + "/new"}}}, []Entry{entry("tag:x", old+"/gone", "", "")}, "a.md by id"},
		"taken over before":              {[]posts.Record{{ID: "tag:x", GUIDs: posts.GUIDs{RSS: "77"}, Post: posts.Post{Path: "a.md"}}}, []Entry{entry("77", "", "", "")}, "a.md by id"},
		"two posts, one address":         {[]posts.Record{post("a.md", "A", "", home+"/a/"), post("b.md", "B", "", home+"/a/")}, []Entry{entry("1", old+"/a", "C", "")}, "? 2 posts by its address (a.md, b.md)"},
		"two posts, one of the title":    {[]posts.Record{post("a.md", "A", "2026-01-02", home+"/a/"), post("b.md", "B", "2026-01-02", home+"/a/")}, []Entry{entry("1", old+"/a", "B", "2026-01-02")}, "b.md by address"},
		"two posts of one title and day": {[]posts.Record{post("a.md", "A", "2026-01-02", home+"/a/"), post("b.md", "A", "2026-01-02", home+"/b/")}, []Entry{entry("1", old+"/x", "A", "2026-01-02")}, "? any of 2 posts"},
		"of one title, one by address":   {[]posts.Record{post("a.md", "A", "2026-01-02", home+"/a/"), post("b.md", "A", "2026-01-02", home+"/b/")}, []Entry{entry("1", old+"/b", "A", "2026-01-02"), entry("2", old+"/x", "A", "2026-01-02")}, "b.md by address\na.md by title and day"},
		"two entries, one post":          {[]posts.Record{post("a.md", "A", "", home+"/a/")}, []Entry{entry("1", old+"/a", "B", ""), entry("2", old+"/a/", "C", "")}, "? just as well\n? just as well"},
		"two entries, one of the title":  {[]posts.Record{post("a.md", "A", "2026-01-02", home+"/a/")}, []Entry{entry("1", old+"/a", "B", ""), entry("2", old+"/a/", "A", "2026-01-02")}, "? already, by a surer trace\na.md by address"},
		"no id":                          {[]posts.Record{post("a.md", "A", "2026-01-02", home+"/a/")}, []Entry{entry("", "", "A", "2026-01-02")}, "? neither"},
		"no title":                       {[]posts.Record{post("a.md", "", "2026-01-02", home+"/a/")}, []Entry{entry("1", old+"/x", "", "2026-01-02")}, "? no post has"},
		"WordPress":                      {[]posts.Record{post("a.md", "A", "2026-01-02", home+"/a/")}, []Entry{entry(old+"/?p=12", old+"/2026/01/a/", "A", "2026-01-01")}, "a.md by title and day"},
	} {
		got, err := Match(&Feed{Format: "rss", Entries: c.entries}, ledger(c.posts))
		if err != nil {
			t.Fatal(err)
		}
		by := map[string]string{}
		for _, m := range got.Matched {
			by[m.Entry.ID] = m.Post.Path + " by " + m.By
		}
		for _, m := range got.Missed {
			by[m.Entry.ID] = "? " + m.Why
		}
		for i, want := range strings.Split(c.want, "\n") {
			have := by[c.entries[i].ID]
			if word, why := strings.CutPrefix(want, "? "); have != want && !(why && strings.HasPrefix(have, "? ") && strings.Contains(have, word)) {
				t.Errorf("%s: entry %d is %s, want %s", name, i, have, want)
			}
		}
		if len(got.Matched)+got.Others != len(c.posts) {
			t.Errorf("%s: %d matched, %d others of %d posts", name, len(got.Matched), got.Others, len(c.posts))
		}
	}
}

func TestManyPostsOfOneTitleAreADoubtThatCostsNothing(t *testing.T) {
	t.Parallel()
	var many []posts.Record
	for i := range 2000 {
		many = append(many, post(fmt.Sprintf("p%d.md", i), "Untitled", "2026-01-02", fmt.Sprintf("https://blog.example.org/%d/", i)))
	}
	f := &Feed{Format: "atom"}
	for i := range 50 {
		f.Entries = append(f.Entries, entry(fmt.Sprint(i), "", "Untitled", "2026-01-02"))
	}
	got, err := Match(f, ledger(many))
	if err != nil || len(got.Matched) != 0 || len(got.Missed) != 50 || got.Others != 2000 {
		t.Errorf("%d matched, %d missed, %v", len(got.Matched), len(got.Missed), err)
	}
	if _, err := Match(f, func(yield func(posts.Record, error) bool) { yield(posts.Record{}, fmt.Errorf("damaged")) }); err == nil {
		t.Error("an error of the ledger was swallowed")
	}
}
