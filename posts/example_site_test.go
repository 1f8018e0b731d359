package posts_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"tidings.example/posts"
)

// A site directory is opened, and scanned without a ledger.
func ExampleDryRun() {
	dir, err := os.MkdirTemp("", "site")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	post := "---\ntitle: Hello &amp; welcome\ndate: 2026-01-02 08:00:00\ntags: [news]\n---\nThe first post.\n"
	for name, text := range map[string]string{
		"_config.yml":            "url: https://blog.example.org\ntimezone: Asia/Shanghai\npermalink: :year/:title/\n",
		"source/_posts/hello.md": post,
		"source/_posts/bad.md":   "---\ntitle: \"open\n---\n",
	} {
		name = filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			panic(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			panic(err)
		}
	}
	site, err := posts.OpenSite(posts.SiteOptions{Root: dir})
	if err != nil {
		panic(err)
	}
	defer site.Close()
	report, err := posts.DryRun(context.Background(), site, time.Date(2026, 2, 1, 0, 0, 0, 0, time.UTC), true)
	if err != nil {
		panic(err)
	}
	for _, p := range report.Posts {
		fmt.Println(p.State, p.Date.Format(time.RFC3339), p.URL, p.Title, p.Tags, p.Summary)
	}
	for _, p := range report.Problems {
		fmt.Printf("%s:%d\n", p.Path, p.Line)
	}
	// Output:
	// published 2026-01-02T00:00:00Z https://blog.example.org/2026/hello/ Hello & welcome [news] The first post.
	// source/_posts/bad.md:2
}
