package main

import (
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io"
	"maps"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"tidings.example/feed"
	"tidings.example/internal/store"
	"tidings.example/posts"
)

// paged is what a reader of any format sees of one document.
type paged struct {
	entries          map[string]string // title by id
	current          string
	prev, next, self string
	archive          bool
}

// atomLinks are the links of a feed, in either XML format.
type atomLinks []struct {
	Rel  string `xml:"rel,attr"`
	Href string `xml:"href,attr"`
}

func (p *paged) follow(links atomLinks) {
	for _, l := range links {
		for rel, to := range map[string]*string{"self": &p.self, "current": &p.current, "prev-archive": &p.prev, "next-archive": &p.next} {
			if l.Rel == rel {
				*to = l.Href
			}
		}
	}
}

// decode reads a document as any reader would.
func decode(t *testing.T, f feed.Format, data []byte) *paged {
	t.Helper()
	p := &paged{entries: map[string]string{}}
	add := func(id, title string) {
		if p.entries[id] != "" || id == "" {
			t.Fatalf("the id %q stands twice in\n%s", id, data)
		}
		p.entries[id] = title
	}
	var err error
	switch f {
	case feed.RSS:
		var d struct {
			Channel struct {
				Links   atomLinks `xml:"http://www.w3.org/2005/Atom link"`
				Archive *struct{} `xml:"http://purl.org/syndication/history/1.0 archive"`
				Items   []struct {
					GUID  string `xml:"guid"`
					Title string `xml:"title"`
				} `xml:"item"`
			} `xml:"channel"`
		}
		err = xml.Unmarshal(data, &d)
		p.follow(d.Channel.Links)
		p.archive = d.Channel.Archive != nil
		for _, i := range d.Channel.Items {
			add(i.GUID, i.Title)
		}
	case feed.Atom:
		var d struct {
			Links   atomLinks `xml:"http://www.w3.org/2005/Atom link"`
			Archive *struct{} `xml:"http://purl.org/syndication/history/1.0 archive"`
			Entries []struct {
				ID    string `xml:"id"`
				Title string `xml:"http://www.w3.org/2005/Atom title"`
			} `xml:"entry"`
		}
		err = xml.Unmarshal(data, &d)
		p.follow(d.Links)
		p.archive = d.Archive != nil
		for _, e := range d.Entries {
			add(e.ID, e.Title)
		}
	case feed.JSON:
		var d struct {
			Next  string `json:"next_url"`
			Self  string `json:"feed_url"`
			Items []struct{ ID, Title string }
		}
		err = json.Unmarshal(data, &d)
		p.prev, p.self = d.Next, d.Self
		for _, i := range d.Items {
			add(i.ID, i.Title)
		}
	}
	if err != nil {
		t.Fatal(err)
	}
	return p
}

const newsURL = "https://news.example.org/"

// document reads the document at an address from the files.
func (w *world) document(f feed.Format, address string) *paged {
	w.t.Helper()
	path, ours := strings.CutPrefix(address, newsURL)
	if !ours {
		w.t.Fatalf("%q is not ours", address)
	}
	data, err := os.ReadFile(filepath.Join(w.dir, "feeds", filepath.FromSlash(path)))
	if err != nil {
		w.t.Fatal(err)
	}
	p := decode(w.t, f, data)
	if p.self != address {
		w.t.Fatalf("%s says it is %s", address, p.self)
	}
	return p
}

// walk reads a feed back to its beginning and returns all that it finds. What
// lies in seen is not read again, as RFC 5005 allows.
func (w *world) walk(f feed.Format, folder string, seen map[string]*paged) map[string]string {
	w.t.Helper()
	live := newsURL + folder + f.FileName()
	at := w.document(f, live)
	if at.archive || at.next != "" {
		w.t.Fatalf("%s looks like an archive page: %+v", live, at)
	}
	found, after, visited := maps.Clone(at.entries), "", map[string]bool{live: true}
	for address := at.prev; address != ""; {
		if visited[address] {
			w.t.Fatalf("%s: the archive leads round to %s", live, address)
		}
		visited[address] = true
		page := seen[address]
		if page == nil {
			page = w.document(f, address)
			lone := page.prev == "" && after == ""
			if f != feed.JSON && (page.archive == lone || page.current != live || page.next != after) {
				w.t.Fatalf("%s: archive %v, current %q, next %q, want %q", address, page.archive, page.current, page.next, after)
			}
			seen[address] = page
		}
		for id, title := range page.entries {
			if _, newer := found[id]; !newer {
				found[id] = title
			}
		}
		after, address = address, page.prev
	}
	return found
}

// ledger returns the titles of the posts that a reader must find.
func (w *world) ledger(sel posts.Selection) map[string]string {
	w.t.Helper()
	db, err := store.Open(w.t.Context(), filepath.Join(w.dir, "tidings.db"), false)
	if err != nil {
		w.t.Fatal(err)
	}
	defer db.Close()
	out := map[string]string{}
	for r, err := range db.PostsBetween(w.t.Context(), sel, 0, math.MaxInt64) {
		if err != nil {
			w.t.Fatal(err)
		}
		e := feed.FromRecord(&r)
		out[e.ID] = e.Title
	}
	return out
}

// tagged writes post n, which has the tag some for each third n.
func (w *world) tagged(n int, more string) {
	w.t.Helper()
	tags := "other"
	if n%3 == 0 {
		tags = "some"
	}
	day := 1 + n%20
	if n >= 90 {
		day = 22 // posts that come later are news
	}
	w.write(fmt.Sprintf("blog/source/_posts/p%03d.md", n), fmt.Sprintf("---\ntitle: Post %d%s\ndate: 2026-11-%02d 08:00:00\ntags: [%s]\n---\nText %d %s\n", n, more, day, tags, n, more))
}

// archiveWorld is a blog of so many posts, whose feeds hold items posts.
func archiveWorld(t *testing.T, count, items int, more string) *world {
	t.Helper()
	w := archiveBlog(t, count, items, more)
	w.ok("build")
	return w
}

// archiveBlog is such a blog before its feeds are made.
func archiveBlog(t *testing.T, count, items int, more string) *world {
	t.Helper()
	w := newWorld(t, fmt.Sprintf("[feeds]\ntags = [\"*\"]\nitems = %d\n%s", items, more))
	for n := range count {
		w.tagged(n, "")
	}
	return w
}

// A reader who walks back finds every post, whatever happened before; one who
// has walked before, and keeps the pages that it knows, misses none.
func TestReadersReachEveryPostThroughTheArchive(t *testing.T) {
	t.Parallel()
	for _, items := range []int{5, 20, 50} {
		t.Run(fmt.Sprint(items), func(t *testing.T) {
			t.Parallel()
			w, dice := archiveWorld(t, 90, items, ""), rand.New(rand.NewPCG(uint64(items), 5))
			feeds := map[string]posts.Selection{"": {}, "tags/some/": {Tags: []string{"some"}}, "tags/first/": {Tags: []string{"first"}}}
			kept := map[string]map[string]*paged{}
			back := map[string]map[string]bool{}
			next := 90
			for round := range 6 {
				for folder, sel := range feeds {
					want := w.ledger(sel)
					for _, f := range feed.Formats() {
						if got := w.walk(f, folder, map[string]*paged{}); !maps.Equal(got, want) {
							t.Fatalf("round %d: %s of %q finds %d posts, want %d", round, f, folder, len(got), len(want))
						}
						key := folder + f.String()
						if kept[key] == nil {
							kept[key], back[key] = map[string]*paged{}, map[string]bool{}
						}
						for id := range w.walk(f, folder, kept[key]) {
							back[key][id] = true
						}
						for id := range want {
							if !back[key][id] {
								t.Fatalf("round %d: a reader of %s of %q who comes back misses %s", round, f, folder, id)
							}
						}
					}
				}
				for range 1 + dice.IntN(30) {
					w.tagged(next, "")
					next++
				}
				for n := range 2 {
					w.tagged(dice.IntN(next), fmt.Sprintf(" edited %d", round))
					path := filepath.Join(w.dir, fmt.Sprintf("blog/source/_posts/p%03d.md", dice.IntN(next)))
					if err := os.Remove(path); err != nil && n == 0 {
						t.Log(err) // gone already
					}
				}
				w.pass(time.Hour)
				w.ok("build")
			}
		})
	}
}

// files returns what lies below the folder of feeds, with its bytes.
func (w *world) files() map[string]string {
	w.t.Helper()
	out := map[string]string{}
	err := filepath.WalkDir(filepath.Join(w.dir, "feeds"), func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		rest, _ := filepath.Rel(filepath.Join(w.dir, "feeds"), path)
		out[filepath.ToSlash(rest)] = string(data)
		return err
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return out
}

// differing names the documents that differ, without the format.
func differing(before, after map[string]string) []string {
	var out []string
	for path, text := range after {
		if before[path] != text {
			out = append(out, strings.TrimSuffix(path[:strings.LastIndexByte("/"+path, '/')], "/"))
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

func TestAnEditMakesTheDocumentsAnewThatHoldThePost(t *testing.T) {
	t.Parallel()
	w := archiveWorld(t, 130, 20, "")
	at := func(n int) string { return fmt.Sprintf("blog/source/_posts/p%03d.md", n) }
	remove := func(n int) {
		if err := os.Remove(filepath.Join(w.dir, at(n))); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct {
		what   string
		change func()
		want   []string
	}{
		{"nothing", func() {}, nil},
		{"an old post edited", func() { w.tagged(1, " edited") }, []string{"archive/0", "tags/other/archive/0"}},
		{"an old post withdrawn", func() { remove(3) }, []string{"", "archive/0", "tags/some", "tags/some/archive/0"}},
		{"and back", func() { w.tagged(3, "") }, []string{"", "archive/0", "tags/some", "tags/some/archive/0"}},
		{"a new post", func() { w.tagged(200, "") }, []string{"", "tags/other"}},
	} {
		before := w.files()
		c.change()
		w.pass(time.Hour)
		out := w.ok("build")
		if got := differing(before, w.files()); !slices.Equal(got, c.want) {
			t.Errorf("%s: %q are anew, want %q", c.what, got, c.want)
		}
		if pages := len(slices.DeleteFunc(slices.Clone(c.want), func(s string) bool { return !strings.Contains(s, "archive") })); pages > 0 != strings.Contains(out, "of archive pages") {
			t.Errorf("%s:\n%s", c.what, out)
		}
	}
}

func TestAWithdrawnPostIsToldOfForThirtyDays(t *testing.T) {
	t.Parallel()
	w := archiveWorld(t, 45, 20, "")
	gone := filepath.Join(w.dir, "blog/source/_posts/p003.md")
	told := func(folder string) int { return strings.Count(w.files()[folder+"atom.xml"], "<at:deleted-entry ") }
	if err := os.Remove(gone); err != nil {
		t.Fatal(err)
	}
	w.ok("build")
	for folder, want := range map[string]int{"": 1, "tags/some/": 1, "tags/other/": 0, "archive/0/": 0} {
		if got := told(folder); got != want {
			t.Errorf("%s tells of %d deletions, want %d", folder, got, want)
		}
	}
	w.pass(29 * 24 * time.Hour)
	before := w.files()
	w.ok("build")
	if got := differing(before, w.files()); len(got) != 0 {
		t.Errorf("the clock alone changed %q", got)
	}
	w.pass(2 * 24 * time.Hour)
	w.ok("build")
	after := w.files()
	if got := differing(before, after); !slices.Equal(got, []string{"", "tags/some"}) || told("") != 0 {
		t.Errorf("%q changed when the tombstone was dropped, %d are left", got, told(""))
	}
	if date := func(s string) string { return s[strings.Index(s, "<updated>"):strings.Index(s, "</updated>")] }; date(before["atom.xml"]) != date(after["atom.xml"]) {
		t.Error("the feed's date ran back")
	}
	w.tagged(3, "")
	w.ok("build")
	if err := os.Remove(gone); err != nil {
		t.Fatal(err)
	}
	w.ok("build")
	if told("") != 1 {
		t.Error("a post that came back and went again has no tombstone")
	}
}

func TestFilesThatSomebodyRemovedComeBack(t *testing.T) {
	t.Parallel()
	w := archiveWorld(t, 90, 20, "")
	want := w.files()
	for what, c := range map[string]struct {
		path string
		args []string
	}{
		"a page": {"archive/2", []string{"build"}}, "the archive": {"tags/some/archive", []string{"build"}}, "everything": {".", []string{"build"}},
		"a feed": {"rss.xml", []string{"build"}}, "a file of a page": {"archive/1/feed.json", []string{"build", "--verify"}},
	} {
		if err := os.RemoveAll(filepath.Join(w.dir, "feeds", c.path)); err != nil {
			t.Fatal(err)
		}
		w.ok(c.args...)
		if got := w.files(); !maps.Equal(got, want) {
			t.Errorf("%s is not as it was: %q", what, differing(got, want))
		}
	}
	if err := os.WriteFile(filepath.Join(w.dir, "feeds", "atom.xml"), []byte("broken"), 0o600); err != nil {
		t.Fatal(err)
	}
	w.ok("build")
	if got := w.files(); !maps.Equal(got, want) {
		t.Errorf("a feed that somebody wrote over is not as it was: %q", differing(got, want))
	}
}

func TestAChangeOfTheConfigurationMakesEverythingAnew(t *testing.T) {
	t.Parallel()
	w := archiveWorld(t, 50, 20, "")
	config := filepath.Join(w.dir, "tidings.toml")
	text, err := os.ReadFile(config)
	if err != nil {
		t.Fatal(err)
	}
	before := w.files()
	writeFile(t, config, strings.Replace(string(text), "[site]\n", "[site]\ntitle = \"Another title\"\n", 1))
	w.ok("build")
	silent := []string{".htaccess", "_headers", "nginx-feeds.conf"} // they name no blog
	for path, now := range w.files() {
		if !strings.HasPrefix(path, "digests/") && !slices.Contains(silent, path) && (now == before[path] || !strings.Contains(now, "Another title")) {
			t.Errorf("%s has the old title", path)
		}
	}
	writeFile(t, config, string(text))
	w.ok("build")
	if got := w.files(); !maps.Equal(got, before) {
		t.Errorf("the old configuration makes other files: %q", differing(before, got))
	}
	// Without an archive no document leads to one, and its pages are gone.
	writeFile(t, config, strings.Replace(string(text), "[feeds]\n", "[feeds]\narchive = false\n", 1))
	w.ok("build")
	if got := w.files(); strings.Contains(got["atom.xml"], "prev-archive") || strings.Contains(got["feed.json"], "next_url") || got["archive/0/atom.xml"] != "" {
		t.Error("there is a way into an archive that is not kept")
	}
}

// The documents are a pure function of ledger and configuration: another
// process, in another place, zone and language, makes the same bytes.
func TestTwoProcessesMakeTheSameDocumentsOfOneLedger(t *testing.T) {
	if dir := os.Getenv("TIDINGS_TEST_BUILD"); dir != "" {
		w := &world{t: t, dir: dir, now: time.Date(2026, 12, 12, 3, 0, 0, 0, time.UTC), begun: time.Now()}
		w.ok("build")
		return
	}
	t.Parallel()
	w := archiveWorld(t, 90, 20, "")
	w.tagged(5, " edited")
	if err := os.Remove(filepath.Join(w.dir, "blog/source/_posts/p006.md")); err != nil {
		t.Fatal(err)
	}
	w.ok("build")
	other := t.TempDir()
	if err := os.CopyFS(other, os.DirFS(w.dir)); err != nil {
		t.Fatal(err)
	}
	if err := os.RemoveAll(filepath.Join(other, "feeds")); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(os.Args[0], "-test.run=^TestTwoProcessesMakeTheSameDocumentsOfOneLedger$")
	cmd.Env = append(os.Environ(), "TIDINGS_TEST_BUILD="+other, "TZ=America/New_York", "LANG=tr_TR.UTF-8", "GOMAXPROCS=1")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	want := w.files()
	w.dir = other
	got := w.files()
	if len(want) < 30 || !maps.Equal(got, want) {
		t.Errorf("%d documents, these differ: %q", len(want), differing(want, got))
	}
}

func TestTheDaemonServesTheArchive(t *testing.T) {
	t.Parallel()
	w := archiveWorld(t, 90, 20, "")
	config := filepath.Join(w.dir, "tidings.toml")
	text, err := os.ReadFile(config)
	if err != nil {
		t.Fatal(err)
	}
	writeFile(t, config, strings.Replace(string(text), `tags = ["*"]`, `tags = ["other"]`, 1))
	if err := os.RemoveAll(filepath.Join(w.dir, "feeds", "archive", "1")); err != nil {
		t.Fatal(err)
	}
	r := w.serve()
	for path, want := range map[string]int{
		"/atom.xml": 200, "/archive/0/rss.xml": 200, "/archive/3/feed.json": 200, "/tags/other/archive/0/atom.xml": 200,
		"/archive/9/rss.xml": 404, "/archive/0/": 404, "/tags/some/archive/0/atom.xml": 410, "/tags/some/atom.xml": 410, "/tags/none/atom.xml": 404,
	} {
		if status, _ := r.get(path); status != want {
			t.Errorf("%s: %d, want %d", path, status, want)
		}
	}
	files := w.files()
	if _, body := r.get("/archive/0/rss.xml"); body != files["archive/0/rss.xml"] {
		t.Errorf("a page and its file differ:\n%s", body)
	}
	// The page that somebody removed comes back with a round.
	w.tagged(300, "")
	r.await("wrote feeds")
	if status, _ := r.get("/archive/1/rss.xml"); status != 200 {
		t.Errorf("the lost page: %d", status)
	}
}

// A ledger of a program without archives has few bodies. Its daemon must answer
// at once, and make no pages without texts.
func TestADaemonMakesPagesOnceTheirTextsAreThere(t *testing.T) {
	t.Parallel()
	w := archiveWorld(t, 90, 20, "archive = false\n")
	config := filepath.Join(w.dir, "tidings.toml")
	text, err := os.ReadFile(config)
	if err != nil {
		t.Fatal(err)
	}
	writeFile(t, config, strings.Replace(string(text), "archive = false\n", "", 1))
	p, err := (&shell{in: strings.NewReader(""), out: io.Discard, err: io.Discard, getenv: func(string) string { return "" }, now: w.clock, args: &grammar{Config: config}}).open(t.Context(), false)
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	if err := p.feeds.Show(t.Context(), w.clock()); err != nil {
		t.Fatal(err)
	}
	if got := w.files(); got["archive/0/atom.xml"] != "" || strings.Contains(got["atom.xml"], "prev-archive") {
		t.Error("the start made pages")
	}
	w.ok("build")
	for path, text := range w.files() {
		if strings.HasSuffix(path, "feed.json") && strings.Contains(text, "content_text") {
			t.Errorf("%s has a post without its text", path)
		}
	}
	if w.files()["archive/0/atom.xml"] == "" {
		t.Error("there are no pages")
	}
}
