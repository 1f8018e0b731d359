package main

import (
	"database/sql"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/mmcdole/gofeed"
	"golang.org/x/net/html"
	_ "modernc.org/sqlite" // newsboat's cache is an SQLite database
)

// newsboat is the reader of that name, with a home of its own.
type newsboat struct {
	home  string
	cache string
	begun bool
}

func newNewsboat(t *testing.T, address string) feedReader {
	t.Helper()
	if _, err := exec.LookPath("newsboat"); err != nil {
		t.Skipf("the judge newsboat is not here: %v", err)
	}
	n := &newsboat{home: t.TempDir()}
	n.cache = filepath.Join(n.home, "cache.db")
	writeFile(t, filepath.Join(n.home, "urls"), address+"\n")
	writeFile(t, filepath.Join(n.home, "config"), "")
	return n
}

func (n *newsboat) fetch(t *testing.T) []shown {
	t.Helper()
	// It writes the ETag of the first answer to a row that is not there yet, and
	// asks without one the second time.
	if !n.begun {
		n.begun = true
		n.fetch(t)
	}
	cmd := exec.CommandContext(t.Context(), "newsboat", "-u", filepath.Join(n.home, "urls"), "-C", filepath.Join(n.home, "config"), "-c", n.cache, "-x", "reload", "print-unread")
	cmd.Env = append(os.Environ(), "HOME="+n.home, "XDG_CONFIG_HOME=", "XDG_DATA_HOME=", "LANG=C.UTF-8", "LC_ALL=C.UTF-8")
	said, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("newsboat: %v\n%s", err, said)
	}
	got := n.read(t)
	// Nobody has read anything: what it calls unread is all that it has.
	if want := fmt.Sprintf("%d unread", len(got)); !strings.Contains(string(said), want) {
		t.Errorf("newsboat says %q, its cache has %d entries", said, len(got))
	}
	return got
}

// read reads newsboat's cache.
func (n *newsboat) read(t *testing.T) []shown {
	t.Helper()
	db, err := sql.Open("sqlite", n.cache)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	rows, err := db.QueryContext(t.Context(), "select guid, title, url, content, pubDate from rss_item where deleted = 0")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var got []shown
	for rows.Next() {
		var s shown
		var unix int64
		if err := rows.Scan(&s.id, &s.title, &s.link, &s.content, &unix); err != nil {
			t.Fatal(err)
		}
		s.date = time.Unix(unix, 0)
		s.title = html.UnescapeString(s.title) // newsboat keeps titles as HTML
		got = append(got, s)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return got
}

// kept is what readers that are built on a parsing library do with what it
// returns: an entry is known by its id, and its newest content counts.
type kept struct{ entries []shown }

func (k *kept) take(t *testing.T, fetched []shown) []shown {
	t.Helper()
	seen := map[string]bool{}
	for _, s := range fetched {
		if s.id == "" || seen[s.id] {
			t.Errorf("an entry with the id %q that another one has", s.id)
		}
		seen[s.id] = true
		known := false
		for i := range k.entries {
			if k.entries[i].id == s.id {
				k.entries[i], known = s, true
			}
		}
		if !known {
			k.entries = append(k.entries, s)
		}
	}
	return k.entries
}

// python reads with Debian's feedparser.
type python struct {
	kept
	address, etag, modified string
}

func newFeedparser(t *testing.T, address string) feedReader {
	t.Helper()
	if err := exec.Command("/usr/bin/python3", "-c", "import feedparser").Run(); err != nil {
		t.Skipf("the judge feedparser (Debian's python3-feedparser) is not here: %v", err)
	}
	return &python{address: address}
}

func (p *python) fetch(t *testing.T) []shown {
	t.Helper()
	var said strings.Builder
	cmd := exec.CommandContext(t.Context(), "/usr/bin/python3", filepath.Join("testdata", "readfeed.py"), p.address, p.etag, p.modified)
	cmd.Stderr = &said
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("feedparser: %v\n%s", err, said.String())
	}
	var d struct {
		Status               int
		Etag, Modified, Bozo string
		Title, Language      string
		Entries              []struct {
			ID, Title, Link, Content string
			Published                int64
		}
	}
	if err := json.Unmarshal(out, &d); err != nil {
		t.Fatalf("feedparser: %v\n%s", err, out)
	}
	if d.Status == http.StatusNotModified {
		return p.entries
	}
	if d.Status != http.StatusOK || d.Bozo != "" || d.Title != "Blog" || d.Language != "en" {
		t.Errorf("feedparser: status %d, %q, title %q, language %q", d.Status, d.Bozo, d.Title, d.Language)
	}
	p.etag, p.modified = d.Etag, d.Modified
	var fetched []shown
	for _, e := range d.Entries {
		fetched = append(fetched, shown{id: e.ID, title: html.UnescapeString(e.Title), link: e.Link, content: e.Content, date: time.Unix(e.Published, 0)})
	}
	return p.take(t, fetched)
}

// gopher reads with gofeed.
type gopher struct {
	kept
	address, etag, modified string
}

func newGofeed(_ *testing.T, address string) feedReader { return &gopher{address: address} }

func (g *gopher) fetch(t *testing.T) []shown {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, g.address, nil)
	if err != nil {
		t.Fatal(err)
	}
	if g.etag != "" {
		req.Header.Set("If-None-Match", g.etag)
		req.Header.Set("If-Modified-Since", g.modified)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if res.StatusCode == http.StatusNotModified {
		if n, err := io.Copy(io.Discard, res.Body); n != 0 || err != nil {
			t.Errorf("a 304 with %d bytes, %v", n, err)
		}
		return g.entries
	}
	g.etag, g.modified = res.Header.Get("ETag"), res.Header.Get("Last-Modified")
	d, err := gofeed.NewParser().Parse(res.Body)
	if err != nil {
		t.Fatalf("gofeed: %v", err)
	}
	if d.Title != "Blog" || d.Language != "en" {
		t.Errorf("gofeed: title %q, language %q", d.Title, d.Language)
	}
	var fetched []shown
	for _, e := range d.Items {
		s := shown{id: e.GUID, title: html.UnescapeString(e.Title), link: e.Link, content: e.Content}
		if e.PublishedParsed != nil {
			s.date = *e.PublishedParsed
		}
		fetched = append(fetched, s)
	}
	return g.take(t, fetched)
}

// tagless is the text of a piece of HTML.
func tagless(text string) string {
	var out strings.Builder
	z := html.NewTokenizer(strings.NewReader(text))
	for {
		switch z.Next() {
		case html.ErrorToken:
			return out.String()
		case html.TextToken:
			out.Write(z.Text())
		}
	}
}
