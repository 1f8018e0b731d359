package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// planet is a web server with a page and a feed that a test fills.
type planet struct {
	*httptest.Server
	mu     sync.Mutex
	items  []string
	status int // where it is not 0, the answer to everything
	full   int // answers 200 to the feed
	same   int // answers 304
}

func newPlanet(t *testing.T) *planet {
	t.Helper()
	p := &planet{}
	p.Server = httptest.NewServer(p)
	t.Cleanup(p.Close)
	return p
}

// shows puts items before those that are there.
func (p *planet) shows(items ...string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.items = append(items, p.items...)
}

func (p *planet) fails(status int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.status = status
}

// ServeHTTP implements http.Handler.
func (p *planet) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.status != 0 {
		w.WriteHeader(p.status)
		return
	}
	if r.URL.Path != "/atom.xml" {
		fmt.Fprint(w, `<!doctype html><link rel="alternate" type="application/atom+xml" href="/atom.xml">`)
		return
	}
	version := fmt.Sprintf(`"%d"`, len(p.items))
	w.Header().Set("ETag", version)
	if r.Header.Get("If-None-Match") == version {
		p.same++
		w.WriteHeader(http.StatusNotModified)
		return
	}
	p.full++
	fmt.Fprintf(w, `<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="de"><title>Planet</title><link href="https://planet.example.org/"/>%s</feed>`, strings.Join(p.items, ""))
}

func atomItem(word, date string) string {
	return fmt.Sprintf(`<entry><id>urn:%s</id><title>The %s item</title><link href="https://planet.example.org/%s/"/><published>%sT08:00:00Z</published><updated>%sT08:00:00Z</updated>
		<content type="html">&lt;p&gt;About &lt;a href="x"&gt;%s&lt;/a&gt;.&lt;/p&gt;</content></entry>`, word, word, word, date, date, word)
}

func TestANewsletterForAFeedInThreeCommands(t *testing.T) {
	t.Parallel()
	server := newPlanet(t)
	server.shows(atomItem("second", "2026-11-21"), atomItem("first", "2026-11-20"))
	w := &world{t: t, dir: t.TempDir(), now: time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC), begun: time.Now()}
	out, errs, code := w.run(t.Context(), "init", "--feed", server.URL+"/", "--allow-private", "--from", "Me <me@news.example>", w.dir)
	if code != 0 || !strings.Contains(out, "for a feed on the web, “Planet”") || !strings.Contains(errs, "is a web page: its feed is "+server.URL+"/atom.xml") {
		t.Fatalf("init: %d\n%s%s", code, out, errs)
	}
	if out := w.ok("check"); !strings.Contains(out, "a feed on the web, which check does not ask") {
		t.Errorf("check:\n%s", out)
	}
	if out := w.ok("run"); !strings.Contains(out, "blog: 2 posts, first scan") {
		t.Errorf("run:\n%s", out)
	}
	w.ok("subscribers", "add", "ann@example.com", "--consent", "yes")
	server.shows(atomItem("third", "2026-11-23"))
	w.pass(8 * 24 * time.Hour)
	if out := w.ok("run"); !strings.Contains(out, "1 new") || !strings.Contains(out, "released 1") {
		t.Errorf("run:\n%s", out)
	}
	letters, err := filepath.Glob(filepath.Join(w.dir, "mail", "ann@example.com", "new", "*"))
	if err != nil || len(letters) != 1 {
		t.Fatalf("letters: %v, %v", letters, err)
	}
	text, err := os.ReadFile(letters[0])
	if err != nil {
		t.Fatal(err)
	}
	if _, body := header(t, string(text)); !strings.Contains(body, "The third item") || strings.Contains(body, "The first item") {
		t.Errorf("the letter says\n%s", body)
	}
	rss, err := os.ReadFile(filepath.Join(w.dir, "feeds", "rss.xml"))
	if err != nil || !strings.Contains(string(rss), `<p>About <a href="https://planet.example.org/third/x">third</a>.</p>`) || !strings.Contains(string(rss), "<language>de</language>") {
		t.Errorf("%v\n%s", err, rss)
	}
	w.pass(time.Hour)
	w.ok("run")
	// init looked once, and each round that found something new got it.
	if server.full != 3 || server.same != 1 {
		t.Errorf("%d whole answers, %d times 304", server.full, server.same)
	}
}

func TestAFeedThatIsDownStopsNothingElseAndIsToldOnce(t *testing.T) {
	t.Parallel()
	m, server := newMailServer(t), newPlanet(t)
	server.shows(atomItem("first", "2026-11-20"))
	w := newWorld(t, m.config())
	text, err := os.ReadFile(filepath.Join(w.dir, "tidings.toml"))
	if err != nil {
		t.Fatal(err)
	}
	w.write("tidings.toml", strings.Replace(string(text), "dir = \"blog\"\n", "name = \"blog\"\ndir = \"blog\"\n[[source]]\nname = \"planet\"\nfeed = \""+server.URL+"/atom.xml\"\nallow_private = true\n", 1))
	w.database()
	server.fails(503)
	w.post("second", "2026-11-23", "News.")
	for range 3 {
		w.pass(25 * time.Hour)
		out, errs, code := w.run(t.Context(), "run")
		if code != 1 || strings.Count(errs, "source planet") > 1 || !strings.Contains(errs, server.URL+"/atom.xml: it answers 503 Service Unavailable") {
			t.Errorf("run: %d\n%s%s", code, out, errs)
		}
	}
	rss, err := os.ReadFile(filepath.Join(w.dir, "feeds", "rss.xml"))
	if err != nil || !strings.Contains(string(rss), "The second post") || !strings.Contains(string(rss), "The first item") {
		t.Errorf("%v\n%s", err, rss)
	}
	if trouble, code := w.trouble(); code != exitFindings || len(trouble) != 1 || !strings.Contains(trouble[0], "source planet: ") || !strings.Contains(trouble[0], "503") {
		t.Errorf("status: %d %q", code, trouble)
	}
	server.fails(0)
	w.pass(25 * time.Hour)
	w.ok("run")
	if trouble, code := w.trouble(); code != 0 || len(trouble) != 0 {
		t.Errorf("status after it: %d %q", code, trouble)
	}
	if got := m.alerts(t); len(got) != 1 || !strings.Contains(got[0], "503") {
		t.Errorf("letters: %q", got)
	}
}

func TestAFirstStartWithoutANetworkSaysWhatIsMissing(t *testing.T) {
	t.Parallel()
	server := newPlanet(t)
	server.fails(500)
	w := &world{t: t, dir: t.TempDir(), now: time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC), begun: time.Now()}
	source := "[[source]]\nfeed = \"" + server.URL + "/atom.xml\"\nallow_private = true\n"
	w.write("tidings.toml", source)
	if _, errs, code := w.run(t.Context(), "build"); code != 1 || !strings.Contains(errs, "source blog: nothing is known of its feed yet") || !strings.Contains(errs, "it answers 500") || !strings.Contains(errs, "set site.url") {
		t.Errorf("build: %d\n%s", code, errs)
	}
	if _, errs, code := w.run(t.Context(), "status"); code != 0 && code != exitFindings {
		t.Errorf("status: %d\n%s", code, errs)
	}
	w.write("tidings.toml", "[site]\nurl = \"https://me.example/\"\n"+source)
	if _, errs, code := w.run(t.Context(), "build"); code != 1 || !strings.Contains(errs, "it answers 500") {
		t.Errorf("build: %d\n%s", code, errs)
	}
	server.fails(0)
	server.shows(atomItem("first", "2026-11-20"))
	w.pass(time.Hour)
	w.write("tidings.toml", source)
	w.ok("build")
	if out := w.ok("build"); strings.Contains(out, "wrote") {
		t.Errorf("the first build did not know the feed's own words:\n%s", out)
	}
	out := w.ok("--json", "posts", "list")
	var list []struct{ Title, URL, Language string }
	if err := json.Unmarshal([]byte(out), &list); err != nil || len(list) != 1 || list[0].Language != "de" {
		t.Errorf("%v: %s", err, out)
	}
}

func TestAFeedThatHasMovedForGoodIsToldUntilTheConfigurationSaysSo(t *testing.T) {
	t.Parallel()
	m, server := newMailServer(t), newPlanet(t)
	server.shows(atomItem("first", "2026-11-20"))
	old := httptest.NewServer(http.RedirectHandler(server.URL+"/atom.xml", http.StatusMovedPermanently))
	t.Cleanup(old.Close)
	w := newWorld(t, m.config())
	text, err := os.ReadFile(filepath.Join(w.dir, "tidings.toml"))
	if err != nil {
		t.Fatal(err)
	}
	// Both hosts are the owner's own here.
	config := strings.Replace(string(text), "url = \"https://blog.example.org/\"", "url = \""+server.URL+"/\"", 1)
	config = strings.Replace(config, "dir = \"blog\"", "feed = \""+old.URL+"/feed\"\nallow_private = true", 1)
	w.write("tidings.toml", config)
	w.database()
	w.run(t.Context(), "run")
	want := `source blog: its feed has moved for good: write feed = "` + server.URL + `/atom.xml" in the configuration`
	if trouble, code := w.trouble(); code != exitFindings || len(trouble) != 1 || trouble[0] != want {
		t.Errorf("status: %d %q", code, trouble)
	}
	if got := m.alerts(t); len(got) != 1 || !strings.Contains(got[0], "has moved for good") {
		t.Errorf("letters: %q", got)
	}
	w.write("tidings.toml", strings.Replace(config, old.URL+"/feed", server.URL+"/atom.xml", 1))
	w.ok("run")
	if trouble, code := w.trouble(); code != 0 || len(trouble) != 0 {
		t.Errorf("status after it: %d %q", code, trouble)
	}
}

func TestAPostInBlogAndPlanetIsOneEntry(t *testing.T) {
	t.Parallel()
	server := newPlanet(t)
	server.shows(strings.Replace(atomItem("first", "2026-11-20"), "https://planet.example.org/first/", "http://www.blog.example.org/first", 1), atomItem("other", "2026-11-19"))
	w := newWorld(t, "")
	text, err := os.ReadFile(filepath.Join(w.dir, "tidings.toml"))
	if err != nil {
		t.Fatal(err)
	}
	source := "[[source]]\nname = \"planet\"\nfeed = \"" + server.URL + "/atom.xml\"\nallow_private = true\n"
	w.write("tidings.toml", strings.Replace(string(text), "[[source]]\n", source+"[[source]]\nname = \"blog\"\n", 1))
	out := w.ok("build")
	if !strings.Contains(out, "planet: 2 posts, first scan") || !strings.Contains(out, "blog: 1 post, first scan, 1 told by another source") {
		t.Errorf("build:\n%s", out)
	}
	var list []struct{ Title, Source, ID string }
	read := func() {
		t.Helper()
		if err := json.Unmarshal([]byte(w.ok("--json", "posts", "list")), &list); err != nil {
			t.Fatal(err)
		}
	}
	read()
	if len(list) != 2 || list[0].Source != "planet" || list[1].Source != "planet" {
		t.Errorf("%+v", list)
	}
	ids := map[string]string{list[0].ID: "", list[1].ID: ""}
	// The blog alone: its post stays what it is. The other one is the owner's to
	// let go.
	w.write("tidings.toml", strings.Replace(string(text), "[[source]]\n", "[[source]]\nname = \"blog\"\n", 1))
	out, errs, _ := w.run(t.Context(), "build")
	if !strings.Contains(out, "1 moved") || !strings.Contains(errs, "source planet is gone from the configuration and 1 of its posts") {
		t.Errorf("build:\n%s%s", out, errs)
	}
	w.ok("build")
	read()
	for _, p := range list {
		if _, kept := ids[p.ID]; !kept || p.Source == "blog" && p.Title != "The first post" {
			t.Errorf("%+v", p)
		}
	}
}

// Whatever is written for the address of a feed, init says what is there and
// leaves no configuration behind.
func TestInitSaysWhatIsWrongWithTheAddressOfAFeed(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		text, known := map[string]string{
			"/page":   "<!doctype html><title>x</title><p>No feed here.",
			"/two":    `<!doctype html><link rel="alternate" type="application/rss+xml" href="/page"><link rel="alternate" type="application/atom+xml" href="/map">`,
			"/third":  `<!doctype html><link rel="alternate" type="application/rss+xml" href="/gone"><link rel="alternate" type="application/atom+xml" href="/good">`,
			"/good":   `<rss version="2.0"><channel><title>Good</title><link>https://good.example/</link><item><title>a</title></item></channel></rss>`,
			"/api":    `{"error": "no such feed"}`,
			"/map":    `<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"><url/></urlset>`,
			"/half":   `<rss version="2.0"><channel><title>x</title><item><title>a</ti`,
			"/hollow": `<rss version="2.0"><channel><title>x</title></channel></rss>`,
			"/text":   "hello",
		}[r.URL.Path]
		if !known {
			w.WriteHeader(http.StatusNotFound)
		}
		fmt.Fprint(w, text)
	}))
	t.Cleanup(server.Close)
	for address, want := range map[string]string{
		server.URL + "/page":     "it is a web page, not a feed, and names no feed",
		server.URL + "/two":      "/map: it is XML, but no feed",
		server.URL + "/api":      "it is JSON, but no JSON Feed",
		server.URL + "/map":      "it is XML, but no feed: it begins with <urlset>",
		server.URL + "/half":     "it breaks off in line 1: it is not whole",
		server.URL + "/hollow":   "it is a feed without any items",
		server.URL + "/text":     "it is neither XML nor JSON",
		server.URL + "/nothing":  "it answers 404 Not Found: is the address right?",
		"http://127.0.0.1:1/":    "it does not answer",
		"ftp://blog.example.org": "want https://",
		"blog.example.org":       "want https://",
		"https://":               "want https://",
	} {
		w := &world{t: t, dir: t.TempDir(), now: time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC), begun: time.Now()}
		_, errs, code := w.run(t.Context(), "init", "--feed", address, "--allow-private", w.dir)
		if code == 0 || !strings.Contains(errs, want) {
			t.Errorf("%s: %d, want %q:\n%s", address, code, want, errs)
		}
		if _, err := os.Stat(filepath.Join(w.dir, "tidings.toml")); err == nil {
			t.Errorf("%s: a configuration was written", address)
		}
	}
	w := &world{t: t, dir: t.TempDir(), now: time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC), begun: time.Now()}
	if out, errs, code := w.run(t.Context(), "init", "--feed", server.URL+"/third", "--allow-private", filepath.Join(w.dir, "third")); code != 0 || !strings.Contains(out, "“Good”") || !strings.Contains(errs, "is a web page: its feed is "+server.URL+"/good") {
		t.Errorf("a page whose second feed is one: %d\n%s%s", code, out, errs)
	}
	if _, errs, code := w.run(t.Context(), "init", "--feed", server.URL+"/page", w.dir); code == 0 || !strings.Contains(errs, "127.0.0.1 is no public address") || !strings.Contains(errs, "allow_private = true") {
		t.Errorf("a private address: %d\n%s", code, errs)
	}
}

func TestAdoptShowsBeforehandWhichItemsOfAFeedItWouldFind(t *testing.T) {
	t.Parallel()
	server := newPlanet(t)
	server.shows(atomItem("second", "2026-11-21"), atomItem("first", "2026-11-20"))
	w := &world{t: t, dir: t.TempDir(), now: time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC), begun: time.Now()}
	w.ok("init", "--feed", server.URL+"/atom.xml", "--allow-private", "--from", "Me <me@news.example>", w.dir)
	w.write("old.xml", `<rss version="2.0"><channel><title>Old</title><link>https://news.example.org/</link><description/>
		<item><title>The first item</title><link>https://planet.example.org/first/</link><guid isPermaLink="false">old-1</guid></item></channel></rss>`)
	old := filepath.Join(w.dir, "old.xml")
	out := w.ok("adopt", old, "--dry-run")
	if !strings.Contains(out, "rss: 1 of 1 entries found, 1 id would be taken over") || !strings.Contains(out, "not in it: 1 post") {
		t.Errorf("a dry run:\n%s", out)
	}
	if out := w.ok("posts"); strings.Contains(out, "first") {
		t.Errorf("a dry run wrote posts down:\n%s", out)
	}
	server.fails(http.StatusServiceUnavailable)
	w.pass(time.Hour)
	if _, errs, code := w.run(t.Context(), "adopt", old, "--dry-run"); code != exitUsage || !strings.Contains(errs, "source blog: ") || !strings.Contains(errs, "503") {
		t.Errorf("a source that does not answer: %d\n%s", code, errs)
	}
	server.fails(0)
	w.pass(24 * time.Hour)
	if out := w.ok("adopt", old); !strings.Contains(out, "1 id taken over") {
		t.Errorf("after that:\n%s", out)
	}
}
