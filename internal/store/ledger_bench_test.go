package store

import (
	"context"
	"fmt"
	"iter"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"tidings.example/posts"
)

// many is a source of n posts that costs next to nothing to read.
type many struct {
	site
	n       int
	changed int // index of a post that changed, or -1
}

func (m *many) path(i int) string { return fmt.Sprintf("content/posts/post-%06d.md", i) }

func (m *many) Scan(_ context.Context, known iter.Seq2[posts.Known, error], _ bool) iter.Seq2[posts.Entry, error] {
	return func(yield func(posts.Entry, error) bool) {
		next, stop := iter.Pull2(known)
		defer stop()
		for i := range m.n {
			k, err, ok := next()
			if err != nil {
				yield(posts.Entry{}, err)
				return
			}
			e := posts.Entry{Unchanged: true, Path: k.Path, Stamp: k.Stamp}
			if !ok || i == m.changed {
				e = m.entry(i)
			}
			if !yield(e, nil) {
				return
			}
		}
	}
}

func (m *many) entry(i int) posts.Entry {
	path := m.path(i)
	text := "text"
	if i == m.changed {
		text = "new text"
	}
	tags := []string{"git", "llm", "linux", "go"}
	p := &posts.Post{Path: path, Title: fmt.Sprintf("的一是在不了有和人这 %d", i), Date: ago(0).Add(time.Duration(i-200_000) * time.Hour),
		Tags: []string{tags[i%4], "note"}, Categories: []string{"tech"}, Language: "zh-CN", Slug: fmt.Sprintf("post-%d", i),
		Authors: []posts.Author{{Name: "Somebody"}}, URL: fmt.Sprintf("https://blog.example/2020/post-%06d/", i), Declared: posts.Published,
		Hash: digest(path, text), Fingerprint: digest(text, path), Stamp: posts.Stamp{Size: 5000, ModTime: int64(1700000000000000000 + i)}}
	return posts.Entry{Path: path, Stamp: p.Stamp, Post: p}
}

// cpu is the processor time of the whole process so far.
func cpu() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// measure reports the processor time of each round.
func measure(b *testing.B, round func()) {
	b.Helper()
	start := cpu()
	for b.Loop() {
		round()
	}
	b.ReportMetric(float64((cpu()-start).Microseconds())/1000/float64(b.N), "cpu-ms/op")
}

func benchScan(b *testing.B, db *DB, n int) (*posts.Scanner, *many) {
	b.Helper()
	m := &many{n: n, changed: -1}
	s := &posts.Scanner{Name: "blog", Source: m, Ledger: db, Bodies: db}
	if r, err := s.Scan(b.Context(), noon, posts.ScanOptions{}); err != nil || r.New != n {
		b.Fatalf("%d new posts, %v", r.New, err)
	}
	return s, m
}

func BenchmarkFirstScan10000(b *testing.B) {
	measure(b, func() {
		db, err := Open(b.Context(), filepath.Join(b.TempDir(), "tidings.db"), true)
		if err != nil {
			b.Fatal(err)
		}
		benchScan(b, db, 10_000)
		if err := db.Close(); err != nil {
			b.Fatal(err)
		}
	})
}

func BenchmarkScanUnchanged10000(b *testing.B) {
	s, _ := benchScan(b, openTest(b), 10_000)
	measure(b, func() {
		if r, err := s.Scan(b.Context(), noon, posts.ScanOptions{}); err != nil || r.Unchanged != 10_000 {
			b.Fatalf("%d unchanged posts, %v", r.Unchanged, err)
		}
	})
}

func BenchmarkScanOneChanged10000(b *testing.B) {
	s, m := benchScan(b, openTest(b), 10_000)
	round := 0
	measure(b, func() {
		round++
		m.changed = round % m.n
		if r, err := s.Scan(b.Context(), noon, posts.ScanOptions{}); err != nil || r.Unchanged < 9_999 {
			b.Fatalf("%d unchanged posts, %v", r.Unchanged, err)
		}
	})
}

func BenchmarkNewest20(b *testing.B) {
	for _, n := range []int{1_000, 100_000} {
		db := openTest(b)
		benchScan(b, db, n)
		for name, sel := range map[string]posts.Selection{"all": {}, "tag": {Tags: []string{"LLM"}}, "tag+language": {Tags: []string{"git", "go"}, Languages: []string{"zh-cn"}}} {
			b.Run(fmt.Sprintf("%s/%d", name, n), func(b *testing.B) {
				for b.Loop() {
					if r, err := db.Newest(b.Context(), sel, 20); err != nil || len(r) != 20 {
						b.Fatalf("%d posts, %v", len(r), err)
					}
				}
			})
		}
	}
}
