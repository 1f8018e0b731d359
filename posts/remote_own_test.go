package posts_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"tidings.example/feed"
	"tidings.example/posts"
)

// rendered is the body of a post of the feed as it is now.
func (w *remoteWorld) rendered(path string) posts.Rendered {
	w.t.Helper()
	opt := w.o
	opt.Now = w.now
	remote, err := posts.OpenRemote(w.t.Context(), opt)
	if err != nil {
		w.t.Fatal(err)
	}
	defer remote.Close()
	r, err := remote.Render(w.t.Context(), path)
	if err != nil {
		w.t.Fatal(err)
	}
	return r
}

func TestFeedInJSONMayBeginWithAnyElement(t *testing.T) {
	t.Parallel()
	w := newRemoteWorld(t)
	for i, lead := range []string{"<p>", "<div>", "<h1>", "<center>", "<!doctype html><title>x</title>", "<link rel=alternate type=application/rss+xml href=/f>", "<script>1</script>"} {
		text, err := json.Marshal(map[string]any{"version": "https://jsonfeed.org/version/1.1", "title": "Min", "home_page_url": "https://min.example.org/",
			"items": []any{map[string]any{"id": "1", "url": "https://min.example.org/1", "content_html": lead + fmt.Sprint("hello ", i)}}})
		if err != nil {
			t.Fatal(err)
		}
		// JSON is written plainly by most, and with \u003c by what escapes for HTML.
		plain := strings.NewReplacer(`\u003c`, "<", `\u003e`, ">").Replace(string(text))
		w.says(body([]string{"", "\ufeff", "\n\t "}[i%3] + plain))
		w.scan()
		if got := w.rendered("1").HTML; !strings.Contains(got, fmt.Sprint("hello ", i)) {
			t.Errorf("%s: %q", lead, got)
		}
	}
}

// ownDocument is a feed of ours with all that the formats have words for in common.
func ownDocument() *feed.Document {
	date := time.Date(2026, 3, 1, 8, 30, 0, 0, time.UTC)
	entry := func(n int, title, html string) feed.Entry {
		return feed.Entry{ID: fmt.Sprintf("tag:blog.example,2026:post/%d", n), Seq: int64(n), URL: fmt.Sprintf("https://blog.example/%d/", n), Title: title, HTML: html,
			Summary: "Summary of " + title + " & more.", Published: date.AddDate(0, 0, n), Updated: date.AddDate(0, 0, n+1),
			Authors: []posts.Author{{Name: "Ann Äöü"}, {Name: "Bob"}}, Tags: []string{"go", "C & C++"}, Categories: []string{"Notes"}}
	}
	first := entry(1, "A <b> & “c”", "<p>One &amp; <a href=\"https://blog.example/x?a=1&amp;b=2\">two</a>.</p>\n<pre><code>if a &lt; b {\n}\n</code></pre>")
	second := entry(2, "日本語", "<div>本文です。</div>")
	second.Image = feed.Picture{URL: "https://blog.example/p.jpg"}
	second.Enclosures = []posts.Enclosure{{URL: "https://blog.example/a.mp3", Type: "audio/mpeg", Length: 1234}}
	third := entry(3, "Words only", "")
	return &feed.Document{ID: "tag:blog.example,2026:feed", Title: "Blog & co", Home: "https://blog.example/", Language: "en", Entries: []feed.Entry{first, second, third},
		Self: feed.Addresses{RSS: "https://blog.example/rss.xml", Atom: "https://blog.example/atom.xml", JSON: "https://blog.example/feed.json"}}
}

// told is what a post says, in one text.
func (w *remoteWorld) told(r *posts.Record) string {
	names := make([]string, len(r.Authors))
	for i, a := range r.Authors {
		names[i] = a.Name
	}
	terms := slices.Concat(r.Tags, r.Categories)
	slices.Sort(terms)
	body := w.rendered(r.Path)
	// What RSS has for a summary may be HTML or not: it is no paragraph yet.
	html := strings.TrimSuffix(strings.TrimPrefix(strings.TrimSpace(body.HTML), "<p>"), "</p>")
	return fmt.Sprintf("%s\n%s\n%s\n%s\n%s\n%s\n%q\n%q\n%v\n%s", r.Title, r.URL, r.Date.UTC().Format(time.RFC3339), names, terms, r.Language, html, body.Summary, r.Enclosures, r.Image)
}

func TestOwnFeedsReadBackAsSourcesGiveTheSamePosts(t *testing.T) {
	t.Parallel()
	doc := ownDocument()
	read := map[feed.Format][]string{}
	for _, format := range feed.Formats() {
		out, err := feed.Encode(doc, format)
		if err != nil {
			t.Fatal(err)
		}
		w := newRemoteWorld(t)
		w.says(body(string(out.Bytes)))
		if r := w.scan(); r.New != len(doc.Entries) || len(r.Problems) != 0 {
			t.Errorf("%s: %+v", format, r)
		}
		for _, r := range w.records() {
			read[format] = append(read[format], w.told(&r))
		}
		slices.Sort(read[format])
		for _, e := range doc.Entries {
			if !slices.ContainsFunc(read[format], func(post string) bool {
				return strings.HasPrefix(post, e.Title+"\n"+e.URL+"\n"+e.Published.Format(time.RFC3339)+"\n[Ann Äöü Bob]\n[C & C++ Notes go]\nen\n")
			}) {
				t.Errorf("%s: %q is not among %q", format, e.Title, read[format])
			}
		}
	}
	for _, format := range []feed.Format{feed.RSS, feed.JSON} {
		for i, post := range read[format] {
			if post != read[feed.Atom][i] {
				t.Errorf("%s:\n%s\nAtom:\n%s", format, post, read[feed.Atom][i])
			}
		}
	}
}
