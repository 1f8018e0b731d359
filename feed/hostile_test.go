package feed_test

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"tidings.example/feed"
	"tidings.example/internal/hostile"
	"tidings.example/internal/raced"
	"tidings.example/posts"
)

// hostileEntries writes a site of the first n hostile posts of a seed, scans and
// renders it, and returns an entry for each post that can be read. What is lost
// of a post must be told with its path.
func hostileEntries(t *testing.T, seed uint64, n int, samples [][]byte) []feed.Entry {
	t.Helper()
	dir := t.TempDir()
	if err := hostile.Write(dir, seed, n, samples); err != nil {
		t.Fatal(err)
	}
	site, err := posts.OpenSite(posts.SiteOptions{Root: dir, Kind: posts.Hexo})
	if err != nil {
		t.Fatal(err)
	}
	defer site.Close()
	var entries []feed.Entry
	none := func(func(posts.Known, error) bool) {}
	for e, err := range site.Scan(t.Context(), none, false) {
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range e.Problems {
			if p.Path != e.Path || p.Message == "" {
				t.Errorf("%s: a problem without its path: %+v", e.Path, p)
			}
		}
		if e.Post == nil {
			if len(e.Problems) == 0 {
				t.Errorf("%s vanished without a word", e.Path)
			}
			continue
		}
		began := time.Now()
		r, err := site.Render(t.Context(), e.Path)
		if err != nil {
			t.Fatalf("%s: %v", e.Path, err)
		}
		if took := time.Since(began); took > time.Minute {
			t.Errorf("%s took %v", e.Path, took)
		}
		seq := int64(len(entries) + 1)
		entries = append(entries, feed.FromRecord(&posts.Record{
			Post: *e.Post, ID: fmt.Sprintf("tag:hostile.example.org,2026:%d", seq), Seq: seq, Released: time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC),
			Body: posts.Body{HTML: r.HTML, Summary: r.Summary, Image: r.Image},
		}))
	}
	if len(entries) < n*9/10 {
		t.Errorf("%d of %d posts can be read", len(entries), n)
	}
	return entries
}

// documentsOf makes documents of some entries each.
func documentsOf(entries []feed.Entry, limit int) []*feed.Document {
	var out []*feed.Document
	for part := range slices.Chunk(entries, 20) {
		d := head()
		d.Entries, d.Limit = part, limit
		out = append(out, &d)
	}
	return out
}

func TestHostilePostsBreakNoFeed(t *testing.T) {
	t.Parallel()
	n := 400
	if testing.Short() || raced.On {
		n = 60
	}
	for _, d := range documentsOf(hostileEntries(t, 1, n, nil), -1) {
		for _, format := range feed.Formats() {
			e, err := feed.Encode(d, format)
			if err != nil {
				t.Fatal(err)
			}
			for i, content := range fullTexts(t, e) {
				checkInert(t, fmt.Sprintf("%s of %s", format, d.Entries[0].ID), i, content)
			}
			again, err := feed.Encode(d, format)
			if err != nil || !bytes.Equal(again.Bytes, e.Bytes) {
				t.Errorf("%s: other bytes the second time, %v", format, err)
			}
		}
	}
}

// fullTexts reads a document as a strict parser does and returns the full texts.
func fullTexts(t *testing.T, e feed.Encoded) []string {
	t.Helper()
	var out []string
	if e.Format == feed.JSON {
		var doc struct {
			Items []struct {
				HTML string `json:"content_html"`
			} `json:"items"`
		}
		if err := json.Unmarshal(e.Bytes, &doc); err != nil {
			t.Fatal(err)
		}
		for _, item := range doc.Items {
			out = append(out, item.HTML)
		}
		return out
	}
	d := xml.NewDecoder(bytes.NewReader(e.Bytes))
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return out
		}
		if err != nil {
			t.Fatalf("%s is not well-formed: %v", e.Format, err)
		}
		start, ok := token.(xml.StartElement)
		if !ok || start.Name.Local != "encoded" && start.Name.Local != "content" || strings.Contains(start.Name.Space, "mrss") {
			continue
		}
		var text string
		if err := d.DecodeElement(&text, &start); err != nil {
			t.Fatal(err)
		}
		out = append(out, text)
	}
}

// checkInert reads a full text as a browser does: nothing in it may act, and no
// address may hang on where it is shown.
func checkInert(t *testing.T, where string, i int, content string) {
	t.Helper()
	nodes, err := html.ParseFragment(strings.NewReader(content), &html.Node{Type: html.ElementNode, Data: "body", DataAtom: atom.Body})
	if err != nil {
		t.Fatal(err)
	}
	var look func(*html.Node)
	look = func(n *html.Node) {
		switch n.Data {
		case "script", "style", "iframe", "object", "embed", "form", "input", "svg", "link", "meta", "base", "template", "noscript", "foreignobject":
			if n.Type == html.ElementNode {
				t.Errorf("%s, entry %d: <%s>", where, i, n.Data)
			}
		}
		for _, a := range n.Attr {
			switch {
			case strings.HasPrefix(a.Key, "on"):
				t.Errorf("%s, entry %d: %s", where, i, a.Key)
			case a.Key == "href" || a.Key == "src" || a.Key == "poster":
				if !strings.HasPrefix(a.Val, "https://") && !strings.HasPrefix(a.Val, "http://") && !strings.HasPrefix(a.Val, "mailto:") {
					t.Errorf("%s, entry %d: %s=%q", where, i, a.Key, a.Val)
				}
			}
		}
		for c := n.FirstChild; c != nil; c = c.NextSibling {
			look(c)
		}
	}
	for _, n := range nodes {
		look(n)
	}
}

func TestHostilePostsPassTheJudge(t *testing.T) {
	t.Parallel()
	tool := judge(t, "feedcheck")
	if testing.Short() || raced.On {
		t.Skip("the judge takes minutes of hostile posts")
	}
	samples, err := hostile.Read(filepath.Join(filepath.Dir(tool), "..", "..", "corpora"))
	if err != nil {
		t.Fatal(err)
	}
	docs := &documents{t: t, dir: t.TempDir()}
	for i, d := range documentsOf(hostileEntries(t, 2, 200, samples), 0) {
		docs.add(fmt.Sprintf("hostile-%d", i), d)
	}
	report, _ := docs.judged(tool)
	for _, l := range strings.Split(string(report), "\n") {
		// Inline code is literal in a summary, braces and all.
		if strings.HasPrefix(l, "   E ") || strings.HasPrefix(l, "   W ") && !strings.Contains(l, "TemplateResidue") {
			t.Error(l)
		}
	}
}
