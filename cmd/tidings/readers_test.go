package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"tidings.example/posts"
)

// shown is an entry as a reader shows it.
type shown struct {
	id, title, link, content string
	date                     time.Time
}

// feedReader is a program that people read feeds with. It lives as long as a
// story: what it once fetched it keeps.
type feedReader interface {
	// fetch asks for the feed once, as the reader itself does, and returns all
	// entries that it shows from now on, those of earlier answers among them.
	fetch(t *testing.T) []shown
}

// paper is a blog whose feeds are read, and everything that was asked of its server.
type paper struct {
	*world
	program *program
	work    *generation
	site    *httptest.Server

	mu       sync.Mutex
	handler  http.Handler
	answered map[string][]int // statuses by path
	blind    map[string]int   // requests without a condition by path
}

func newPaper(t *testing.T, extra string) *paper {
	t.Helper()
	p := &paper{world: newWorld(t, extra), answered: map[string][]int{}, blind: map[string]int{}}
	// The daemon's own handler behind an address that outlives a restart.
	p.site = httptest.NewServer(p)
	t.Cleanup(p.site.Close)
	text, err := os.ReadFile(filepath.Join(p.dir, "tidings.toml"))
	if err != nil {
		t.Fatal(err)
	}
	p.write("tidings.toml", strings.Replace(string(text), "https://news.example.org", p.site.URL, 1))
	return p
}

// ServeHTTP answers and remembers what.
func (p *paper) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	handler := p.handler
	p.mu.Unlock()
	s := &statusWriter{ResponseWriter: w, status: http.StatusOK}
	handler.ServeHTTP(s, r)
	p.mu.Lock()
	defer p.mu.Unlock()
	p.answered[r.URL.Path] = append(p.answered[r.URL.Path], s.status)
	if r.Header.Get("If-None-Match") == "" && r.Header.Get("If-Modified-Since") == "" {
		p.blind[r.URL.Path]++
	}
}

type statusWriter struct {
	http.ResponseWriter
	status int
}

func (s *statusWriter) WriteHeader(status int) {
	s.status = status
	s.ResponseWriter.WriteHeader(status)
}

// start opens the program as the daemon does; stop ends it. In between lies a
// restart, or an upgrade.
func (p *paper) start() {
	p.t.Helper()
	sh := &shell{in: strings.NewReader(""), out: io.Discard, err: io.Discard, getenv: func(string) string { return "" }, now: p.clock,
		args: &grammar{Config: filepath.Join(p.dir, "tidings.toml")}}
	var err error
	if p.program, err = sh.open(p.t.Context(), true); err != nil {
		p.t.Fatal(err)
	}
	if p.work, err = newGeneration(p.program); err != nil {
		p.t.Fatal(err)
	}
	p.work.begin(p.t.Context())
	p.mu.Lock()
	p.handler = p.work.pages
	p.mu.Unlock()
	p.round()
}

func (p *paper) stop() {
	p.t.Helper()
	if err := p.program.Close(); err != nil {
		p.t.Fatal(err)
	}
}

// round is one of the daemon's, some minutes after the last.
func (p *paper) round() {
	p.t.Helper()
	p.pass(10 * time.Minute)
	r, err := p.work.publisher.Round(context.Background(), p.clock(), posts.ScanOptions{})
	if err != nil || r.Held {
		p.t.Fatalf("round: held %v, %v", r.Held, err)
	}
}

// last is the newest status that the server gave for a path.
func (p *paper) last(path string) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	all := p.answered[path]
	if len(all) == 0 {
		return 0
	}
	return all[len(all)-1]
}

// article is a post of the story, as it is to be shown.
type article struct {
	title, link, content string
	date                 time.Time
}

// chapter is one thing that happens to a blog.
type chapter struct {
	name string
	// happens changes the blog and what readers are to show.
	happens func(p *paper, want map[string]article)
	status  int
}

// story is what readers must take without a duplicate and without a loss.
// Every article has a key by which the test knows it, whatever becomes of it.
func story() []chapter {
	const folder = "blog/source/_posts/"
	at := func(day, hour int) time.Time { return time.Date(2026, 11, day, hour, 0, 0, 0, time.UTC) }
	move := func(p *paper, from, to string) {
		if err := os.Rename(filepath.Join(p.dir, folder, from), filepath.Join(p.dir, folder, to)); err != nil {
			p.t.Fatal(err)
		}
	}
	relink := func(want map[string]article, link func(string) string) {
		for key, a := range want {
			a.link = link(a.link)
			want[key] = a
		}
	}
	edit := func(want map[string]article, key string, change func(*article)) {
		a := want[key]
		change(&a)
		want[key] = a
	}
	return []chapter{
		{"the first fetch", func(p *paper, want map[string]article) {
			p.write(folder+"code.md", "---\ntitle: \"Fish & <b> chips, 1 < 2\"\ndate: 2026-11-21 08:00:00\n---\n```go\nfunc a() {\n\tb()\n}\n```\n\nAs [said](/about) before.\n")
			p.write(folder+"han.md", "---\ntitle: 慢慢算：公式与代码\ndate: 2026-11-22 08:00:00\n---\n中文的一段，\n接着写。\n\n$$E = mc^2$$\n")
			want["first"] = article{"The first post", "http://blog.example.org/first/", "<p>The first post.</p>", at(20, 8)}
			want["code"] = article{"Fish & <b> chips, 1 < 2", "http://blog.example.org/code/", `href="http://blog.example.org/about"`, at(21, 8)}
			want["han"] = article{"慢慢算：公式与代码", "http://blog.example.org/han/", "中文的一段，接着写。", at(22, 8)}
			p.start()
		}, http.StatusOK},
		{"nothing happened", func(p *paper, _ map[string]article) { p.round() }, http.StatusNotModified},
		{"a restart", func(p *paper, _ map[string]article) { p.stop(); p.start() }, http.StatusNotModified},
		{"an edit", func(p *paper, want map[string]article) {
			p.post("first", "2026-11-20", "The first post, mended.")
			edit(want, "first", func(a *article) { a.content = "<p>The first post, mended.</p>" })
			p.round()
		}, http.StatusOK},
		{"a new title", func(p *paper, want map[string]article) {
			p.write(folder+"code.md", "---\ntitle: Only chips\ndate: 2026-11-21 08:00:00\n---\n```go\nfunc a() {\n\tb()\n}\n```\n\nAs [said](/about) before.\n")
			edit(want, "code", func(a *article) { a.title = "Only chips" })
			p.round()
		}, http.StatusOK},
		{"a renamed file", func(p *paper, want map[string]article) {
			move(p, "han.md", "slowly.md")
			edit(want, "han", func(a *article) { a.link = "http://blog.example.org/slowly/" })
			p.round()
		}, http.StatusOK},
		{"a new post", func(p *paper, want map[string]article) {
			p.post("fourth", "2026-11-23", "News.")
			want["fourth"] = article{"The fourth post", "http://blog.example.org/fourth/", "<p>News.</p>", at(23, 8)}
			p.round()
		}, http.StatusOK},
		{"other permalinks", func(p *paper, want map[string]article) {
			p.write("blog/_config.yml", "title: Blog\nurl: http://blog.example.org\ntimezone: UTC\npermalink: posts/:title.html\n")
			relink(want, func(l string) string {
				return strings.Replace(strings.TrimSuffix(l, "/")+".html", ".org/", ".org/posts/", 1)
			})
			p.round()
		}, http.StatusOK},
		{"https", func(p *paper, want map[string]article) {
			p.write("blog/_config.yml", "title: Blog\nurl: https://blog.example.org\ntimezone: UTC\npermalink: posts/:title.html\n")
			p.replace("tidings.toml", "http://blog.example.org", "https://blog.example.org")
			relink(want, func(l string) string { return strings.Replace(l, "http:", "https:", 1) })
			edit(want, "code", func(a *article) { a.content = `href="https://blog.example.org/about"` })
			p.stop()
			p.start()
		}, http.StatusOK},
		{"a deletion", func(p *paper, _ map[string]article) {
			move(p, "slowly.md", "../slowly.md")
			p.round()
			for _, file := range []string{"rss.xml", "atom.xml", "feed.json"} {
				if text := p.file(file); strings.Contains(text, "接着写") {
					p.t.Errorf("%s still has the post:\n%s", file, text)
				}
			}
		}, http.StatusOK},
		{"nothing happened after that", func(p *paper, _ map[string]article) { p.round() }, http.StatusNotModified},
		{"the deleted post comes back", func(p *paper, _ map[string]article) {
			move(p, "../slowly.md", "slowly.md")
			p.round()
		}, http.StatusOK},
	}
}

// file is a file of the feeds.
func (w *world) file(name string) string {
	w.t.Helper()
	text, err := os.ReadFile(filepath.Join(w.dir, "feeds", name))
	if err != nil {
		w.t.Fatal(err)
	}
	return string(text)
}

// replace changes words of a file.
func (w *world) replace(name, old, words string) {
	w.t.Helper()
	text, err := os.ReadFile(filepath.Join(w.dir, name))
	if err != nil {
		w.t.Fatal(err)
	}
	if !strings.Contains(string(text), old) {
		w.t.Fatalf("%s has no %q", name, old)
	}
	w.write(name, strings.ReplaceAll(string(text), old, words))
}

// TestReadersKeepEveryEntryOnceWhateverBecomesOfTheBlog tells the story to each
// reader in each format that it knows.
func TestReadersKeepEveryEntryOnceWhateverBecomesOfTheBlog(t *testing.T) {
	t.Parallel()
	for _, r := range []struct {
		name   string
		open   func(t *testing.T, address string) feedReader
		format []string
	}{
		{"newsboat", newNewsboat, []string{"rss.xml", "atom.xml"}},
		{"feedparser", newFeedparser, []string{"rss.xml", "atom.xml"}},
		{"gofeed", newGofeed, []string{"rss.xml", "atom.xml", "feed.json"}},
	} {
		for _, file := range r.format {
			t.Run(r.name+" "+file, func(t *testing.T) {
				t.Parallel()
				p := newPaper(t, "")
				p.write("blog/_config.yml", "title: Blog\nurl: http://blog.example.org\ntimezone: UTC\npermalink: :title/\n")
				p.replace("tidings.toml", "https://blog.example.org", "http://blog.example.org")
				tell(t, p, r.open(t, p.site.URL+"/"+file), "/"+file)
			})
		}
	}
}

func tell(t *testing.T, p *paper, reader feedReader, path string) {
	want, ids := map[string]article{}, map[string]string{}
	first := 0 // requests without a condition: those of the first fetch
	for n, c := range story() {
		c.happens(p, want)
		got := reader.fetch(t)
		if n == 0 {
			first = p.blind[path]
		}
		if status := p.last(path); status != c.status {
			t.Errorf("%s: the server answered %d, want %d", c.name, status, c.status)
		}
		if err := compare(got, want, ids); err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
	}
	p.stop()
	if p.blind[path] != first {
		t.Errorf("%d requests asked without a condition, want %d: %v", p.blind[path], first, p.answered[path])
	}
}

// compare finds every article in what a reader shows, once and under the id
// that it had from the start.
func compare(got []shown, want map[string]article, ids map[string]string) error {
	if len(got) != len(want) {
		return fmt.Errorf("the reader shows %d entries, want %d: %+v", len(got), len(want), got)
	}
	byLink := map[string]shown{}
	for _, s := range got {
		byLink[s.link] = s
	}
	for key, a := range want {
		s, there := byLink[a.link]
		switch {
		case !there:
			return fmt.Errorf("%s: nothing links to %s: %+v", key, a.link, got)
		case s.title != a.title:
			return fmt.Errorf("%s: the title is %q, want %q", key, s.title, a.title)
		case !s.date.Equal(a.date):
			return fmt.Errorf("%s: dated %v, want %v", key, s.date, a.date)
		case !strings.Contains(s.content, a.content):
			return fmt.Errorf("%s: the content lacks %q: %s", key, a.content, s.content)
		case key == "code" && !strings.Contains(tagless(s.content), "func a() {\n\tb()\n}"):
			return fmt.Errorf("%s: the code lost its lines: %q", key, s.content)
		case ids[key] == "":
			ids[key] = s.id
		case ids[key] != s.id:
			return fmt.Errorf("%s: the id was %s and is %s", key, ids[key], s.id)
		}
	}
	return nil
}
