package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// incumbent is a real blog with what its own generator published of it.
type incumbent struct {
	folder, site, zone string
	sources            string
	feeds              []string
}

// incumbents are blogs whose sources and whose feeds we have. The generator of
// rust-2023 publishes two folders as two blogs; so does who moves it here.
var incumbents = []incumbent{
	{"hexo-icarus", "http://ppoffice.github.io/hexo-theme-icarus/", "UTC", "[[source]]\ndir = \"site\"\n", []string{"built/atom.xml", "built-here/atom.xml"}},
	{"hexo-xovel", "https://xovel.cn/", "Asia/Shanghai", "[[source]]\ndir = \"site\"\n", []string{"built/atom.xml", "built-here/atom.xml"}},
	{"rust-2023", "https://blog.rust-lang.org/", "UTC", `[[source]]
name = "inside"
dir = "site/posts/inside-rust"
url = "https://blog.rust-lang.org/inside-rust/"
kind = "jekyll"
[[source]]
name = "main"
dir = "site"
exclude = ["posts/inside-rust/**"]
kind = "jekyll"
`, []string{"built/feed.xml", "built/inside-rust-feed.xml"}},
}

// TestSideBySideWithTheIncumbents prints our feed beside those that the blogs'
// own generators made, entry by entry, and holds ours to having all of it.
func TestSideBySideWithTheIncumbents(t *testing.T) {
	t.Parallel()
	shared := os.Getenv("TIDINGS_SHARED")
	if shared == "" {
		shared = filepath.Join("..", "..", "..", "shared")
	}
	if !exists(filepath.Join(shared, "corpora")) {
		t.Skip("no shared test material: TIDINGS_SHARED names its folder")
	}
	var held atomic.Int32
	t.Cleanup(func() {
		if held.Load() == int32(len(incumbents)) { // not when -run chose some
			everyExplanationExplains(t)
		}
	})
	for _, c := range incumbents {
		t.Run(c.folder, func(t *testing.T) {
			t.Parallel()
			c.compare(t, filepath.Join(shared, "corpora", c.folder))
			held.Add(1)
		})
	}
}

func (c incumbent) compare(t *testing.T, corpus string) {
	w := newWorld(t, "")
	for _, part := range []string{"source", "posts", "_config.yml"} {
		if from := filepath.Join(corpus, part); exists(from) {
			copyWritable(t, from, filepath.Join(w.dir, "site", part))
		}
	}
	w.write("tidings.toml", fmt.Sprintf("[site]\nurl = %q\nauthor = \"The authors\"\nlanguage = \"en\"\ntime_zone = %q\n%s[publish]\nrelease = \"now\"\n[feeds]\nhubs = [\"http://127.0.0.1:9/\"]\n[web]\nlisten = \"127.0.0.1:0\"\nurl = \"https://news.example.org/\"\n", c.site, c.zone, c.sources))
	w.partly("build")
	ours := w.published()
	first := w.files()
	w.pass(24 * time.Hour)
	w.partly("build")
	sources := w.sourcesByLink()
	for _, name := range c.feeds {
		theirs := readPublished(t, corpus, name)
		s := &sideBySide{t: t, name: c.folder + "/" + name, ours: ours, theirs: theirs}
		for _, their := range theirs.Entries {
			our := ours.entry(their.link())
			if our == nil {
				t.Errorf("%s: we have no entry for %s", s.name, their.link())
				continue
			}
			s.add(our, &their, sourceBlocks(sources[foldLink(our.link())]))
		}
		s.feeds(len(differing(first, w.files())) == 0, w.conditional())
		s.show()
	}
	w.withdrawsOne(sources[foldLink(ours.Entries[0].link())])
}

// partly executes a command line; posts may have been mended on the way.
func (w *world) partly(args ...string) string {
	w.t.Helper()
	out, errs, code := w.run(w.t.Context(), args...)
	if code != 0 && code != exitPartly {
		w.t.Fatalf("tidings %s: exit code %d\n%s%s", strings.Join(args, " "), code, out, errs)
	}
	return out
}

// copyWritable copies a file or a folder whose files may be read-only.
func copyWritable(t *testing.T, from, to string) {
	t.Helper()
	err := filepath.WalkDir(from, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		rest, err := filepath.Rel(from, path)
		writeFile(t, filepath.Join(to, rest), string(data))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// published is all that our Atom documents show, archive pages included.
func (w *world) published() *publishedFeed {
	w.t.Helper()
	feeds := filepath.Join(w.dir, "feeds")
	all := readPublished(w.t, feeds, "atom.xml")
	pages, err := filepath.Glob(filepath.Join(feeds, "archive", "*", "atom.xml"))
	if err != nil || len(pages) == 0 {
		w.t.Fatalf("no archive pages: %v", err)
	}
	for _, page := range pages {
		rest, _ := filepath.Rel(feeds, page)
		for _, e := range readPublished(w.t, feeds, rest).Entries {
			if all.entry(e.link()) == nil {
				all.Entries = append(all.Entries, e)
			}
		}
	}
	return all
}

// sourcesByLink are the texts of the posts' files by the posts' addresses.
func (w *world) sourcesByLink() map[string]string {
	w.t.Helper()
	var list []struct{ Path, Source, URL string }
	if err := json.Unmarshal([]byte(w.ok("--json", "posts", "list")), &list); err != nil {
		w.t.Fatal(err)
	}
	out := map[string]string{}
	for _, p := range list {
		dir := "site"
		if p.Source == "inside" {
			dir = "site/posts/inside-rust"
		}
		out[foldLink(p.URL)] = filepath.Join(w.dir, dir, p.Path)
	}
	return out
}

// conditional asks the daemon's pages for the feed twice, the second time by
// the tag that came with it.
func (w *world) conditional() bool {
	w.t.Helper()
	r := w.serve()
	defer r.stop()
	resp, err := http.Get(r.base + "/atom.xml")
	if err != nil {
		w.t.Fatal(err)
	}
	resp.Body.Close()
	req, err := http.NewRequestWithContext(w.t.Context(), http.MethodGet, r.base+"/atom.xml", nil)
	if err != nil {
		w.t.Fatal(err)
	}
	req.Header.Set("If-None-Match", resp.Header.Get("ETag"))
	again, err := http.DefaultClient.Do(req)
	if err != nil {
		w.t.Fatal(err)
	}
	again.Body.Close()
	return resp.StatusCode == http.StatusOK && again.StatusCode == http.StatusNotModified
}

// withdrawsOne removes a post: its readers are told.
func (w *world) withdrawsOne(path string) {
	w.t.Helper()
	if err := os.Remove(path); err != nil {
		w.t.Fatal(err)
	}
	w.partly("build")
	if told := readPublished(w.t, filepath.Join(w.dir, "feeds"), "atom.xml").Deleted; len(told) != 1 {
		w.t.Errorf("a post is withdrawn, and the feed tells of %d deletions", len(told))
	}
}

// sourceBlocks are the blocks of code of a post's Markdown, as lists of lines.
func sourceBlocks(path string) [][]string {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil
	}
	var blocks [][]string
	var block []string
	end, indent := "", 0
	for line := range strings.Lines(string(data)) {
		line = strings.TrimRight(line, " \r\n")
		bare := strings.TrimLeft(line, " ")
		switch {
		case end == "" && (strings.HasPrefix(bare, "```") || strings.HasPrefix(bare, "~~~")):
			fence := bare[:len(bare)-len(strings.TrimLeft(bare, bare[:1]))]
			if !strings.Contains(bare[len(fence):], "`") {
				end, indent, block = fence, len(line)-len(bare), nil
			}
		case end != "" && strings.HasPrefix(bare, end) && strings.Trim(bare, end[:1]) == "":
			if slices.ContainsFunc(block, func(l string) bool { return l != "" }) {
				blocks = append(blocks, block)
			}
			end = ""
		case end != "":
			block = append(block, strings.TrimPrefix(line, strings.Repeat(" ", min(indent, len(line)-len(bare)))))
		}
	}
	return blocks
}
