package main

import (
	"encoding/json"
	"encoding/xml"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// entrySeen is what a reader keeps of an entry.
type entrySeen struct{ id, title string }

// entriesOf reads a feed as a reader does, without our own parser.
func entriesOf(t *testing.T, name string) (out []entrySeen) {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	fold := func(s string) string { return strings.Join(strings.Fields(s), " ") }
	var feed struct {
		Entries []struct {
			ID    string `xml:"id"`
			Title string `xml:"title"`
		} `xml:"entry"`
		Items []struct {
			GUID  string `xml:"guid"`
			Title string `xml:"title"`
			ID    string
		} `xml:"channel>item"`
	}
	if strings.HasSuffix(name, ".json") {
		err = json.Unmarshal(text, &feed)
	} else {
		err = xml.Unmarshal(text, &feed)
	}
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	for _, e := range feed.Entries {
		out = append(out, entrySeen{e.ID, fold(e.Title)})
	}
	for _, e := range feed.Items {
		out = append(out, entrySeen{e.GUID + e.ID, fold(e.Title)})
	}
	return out
}

// moved is a real blog with the feed of its own generator.
type moved struct {
	folder, feed, source string
}

func TestReadersOfTheOldFeedFindNothingUnreadInOurs(t *testing.T) {
	t.Parallel()
	shared := os.Getenv("TIDINGS_SHARED")
	if shared == "" {
		shared = "../../../shared"
	}
	if shared, _ = filepath.Abs(shared); !exists(filepath.Join(shared, "corpora")) {
		t.Skip("no shared test material: TIDINGS_SHARED names its folder")
	}
	const rust = "kind = \"jekyll\"\nurl = \"https://blog.rust-lang.org/\""
	for _, m := range []moved{
		{"hexo-icarus", "built/atom.xml", ""}, {"hexo-icarus", "built-here/atom.xml", ""},
		{"hexo-xovel", "built/atom.xml", ""}, {"hexo-xovel", "built-here/atom.xml", ""},
		{"hexo-official-news", "built-here/atom.xml", ""}, {"hexo-official-news", "built-here/rss2.xml", ""},
		{"hexo-unit-test", "built-here/rss2.xml", ""}, {"hexo-yunyoujun", "built-here/atom.xml", ""},
		{"rust-2023", "built/feed.xml", rust}, {"rust-2023", "built/inside-rust-feed.xml", rust},
		{"zola-rust", "../rust-2023/built/feed.xml", ""}, // the same blog, years and a generator later
	} {
		t.Run(m.folder+"/"+filepath.Base(m.feed), func(t *testing.T) {
			t.Parallel()
			m.check(t, filepath.Join(shared, "corpora", m.folder))
		})
	}
}

func exists(name string) bool {
	_, err := os.Stat(name)
	return err == nil
}

func (m moved) check(t *testing.T, folder string) {
	w := newWorld(t, "")
	w.write("tidings.toml", fmt.Sprintf("[site]\ntime_zone = \"UTC\"\n[[source]]\ndir = %q\n%s\n[publish]\nrelease = \"now\"\n[feeds]\nitems = 500\n", folder, m.source))
	old := filepath.Join(folder, m.feed)
	w.ok("config")
	if _, errs, code := w.run(t.Context(), "scan"); code != 0 && code != exitPartly {
		t.Fatalf("scan: %d, %s", code, errs)
	}
	out, errs, code := w.run(t.Context(), "--json", "adopt", old)
	if code != 0 && code != exitPartly {
		t.Fatalf("adopt: %d, %s", code, errs)
	}
	var told adopted
	if err := json.Unmarshal([]byte(out), &told); err != nil {
		t.Fatal(err)
	}
	if len(told.Missed) > 0 {
		t.Errorf("missed: %+v", told.Missed)
	}
	w.run(t.Context(), "build")
	seen, titles := map[string]bool{}, map[string]int{}
	entries := entriesOf(t, old)
	for _, e := range entries {
		seen[e.id] = true
		titles[e.title]++
	}
	for _, file := range []string{"rss.xml", "atom.xml", "feed.json"} {
		known := 0
		for _, e := range entriesOf(t, filepath.Join(w.dir, "feeds", file)) {
			if seen[e.id] {
				known++
				titles[e.title]--
			} else if titles[e.title] > 0 {
				t.Errorf("%s: %q is unread, as %s", file, e.title, e.id)
			}
		}
		if known != len(entries) {
			t.Errorf("%s: %d of %d old entries are known", file, known, len(entries))
		}
		for _, e := range entries {
			titles[e.title]++
		}
	}
	t.Logf("%d entries, %d found: in rss.xml, atom.xml and feed.json none of them is unread", len(entries), told.Matched)
}
