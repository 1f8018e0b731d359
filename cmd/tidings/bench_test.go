package main

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// BenchmarkBuildUnchanged is tidings build on a blog of 10,000 posts of which
// none changed, without the start of the process.
func BenchmarkBuildUnchanged(b *testing.B) {
	w := benchWorld(b, 10_000)
	w.build(b)
	b.ResetTimer()
	for range b.N {
		w.build(b)
	}
}

// BenchmarkBuildOneChanged changes one post before each build.
func BenchmarkBuildOneChanged(b *testing.B) {
	w := benchWorld(b, 10_000)
	w.build(b)
	n := 0
	for b.Loop() {
		b.StopTimer()
		n++
		w.post(b, n%10_000, fmt.Sprintf("Edition %d.", n))
		b.StartTimer()
		w.build(b)
	}
}

// bench is a folder with a large blog.
type bench struct{ dir string }

func benchWorld(b *testing.B, posts int) *bench {
	w := &bench{dir: b.TempDir()}
	write := func(name, text string) { writeFile(b, filepath.Join(w.dir, name), text) }
	write("blog/_config.yml", "title: Blog\nurl: https://blog.example.org\ntimezone: UTC\n")
	write("tidings.toml", "[site]\nurl = \"https://blog.example.org/\"\n[[source]]\ndir = \"blog\"\n[publish]\nrelease = \"now\"\n")
	for n := range posts {
		w.post(b, n, "")
	}
	return w
}

func (w *bench) post(b *testing.B, n int, more string) {
	date := time.Date(2010, 1, 1, 0, 0, 0, 0, time.UTC).Add(time.Duration(n) * 13 * time.Hour)
	text := fmt.Sprintf("---\ntitle: \"Post %d\"\ndate: %s\ntags: [go, note]\ncategories: [tech]\n---\n%s\n\n%s\n", n, date.Format("2006-01-02 15:04:05"), strings.Repeat(fmt.Sprintf("Words of post %d. ", n), 200), more)
	writeFile(b, filepath.Join(w.dir, "blog/source/_posts", fmt.Sprintf("post-%05d.md", n)), text)
}

func (w *bench) build(b *testing.B) {
	var out, errs strings.Builder
	sh := &shell{in: strings.NewReader(""), out: &out, err: &errs, getenv: func(string) string { return "" }, now: time.Now}
	if code := execute(b.Context(), []string{"--config", filepath.Join(w.dir, "tidings.toml"), "build"}, sh); code != exitDone {
		b.Fatalf("exit code %d\n%s", code, errs.String())
	}
}
