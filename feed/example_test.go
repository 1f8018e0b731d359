package feed_test

import (
	"fmt"
	"os"
	"path/filepath"
	"time"

	"tidings.example/feed"
	"tidings.example/posts"
)

// A record of the ledger becomes a feed in three formats, each a file and a
// page of the server.
func Example() {
	record := &posts.Record{
		ID: "tag:blog.example.org,2026-03-01:/posts/git",
		Post: posts.Post{
			Title: "Git in <ten> lines", URL: "https://blog.example.org/git/",
			Date: time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC), Tags: []string{"git"},
		},
		Body: posts.Body{HTML: "<p>First, <code>git init</code>.</p>", Summary: "First, git init."},
	}
	doc := &feed.Document{
		ID: "tag:blog.example.org,2020:feed", Title: "A blog", Home: "https://blog.example.org/",
		Self: feed.Addresses{JSON: "https://blog.example.org/feed.json"}, Language: "en",
		Entries: []feed.Entry{feed.FromRecord(record)},
	}

	dir, err := os.MkdirTemp("", "feeds")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	pages := map[string]feed.Page{}
	for _, format := range feed.Formats() {
		out, err := feed.Encode(doc, format)
		if err != nil {
			fmt.Println(err)
			return
		}
		changed, err := feed.WriteFile(filepath.Join(dir, format.FileName()), out.Bytes)
		fmt.Println(format.FileName(), changed, err)
		pages["/"+format.FileName()] = feed.NewPage(doc, out)
		if format == feed.JSON {
			fmt.Printf("%s", out.Bytes)
		}
	}
	var server feed.Server // an http.Handler
	fmt.Println(server.Update(pages, time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)))

	// Output:
	// rss.xml true <nil>
	// atom.xml true <nil>
	// feed.json true <nil>
	// {"version":"https://jsonfeed.org/version/1.1","title":"A blog","language":"en","home_page_url":"https://blog.example.org/","feed_url":"https://blog.example.org/feed.json","items":[{"id":"tag:blog.example.org,2026-03-01:/posts/git","url":"https://blog.example.org/git/","title":"Git in <ten> lines","content_html":"<p>First, <code>git init</code>.</p>","summary":"First, git init.","date_published":"2026-03-01T08:00:00Z","date_modified":"2026-03-01T08:00:00Z","tags":["git"]}]}
	// <nil>
}
