package publish_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"iter"
	"log/slog"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"tidings.example/feed"
	"tidings.example/internal/publish"
	"tidings.example/internal/store"
	"tidings.example/internal/store/storetest"
	"tidings.example/posts"
	"tidings.example/posts/markdown"
)

// shelfful is a source of n posts of some 5 KB that costs next to nothing to read.
type shelfful struct {
	n    int
	text map[int]string // what was edited, by the post's number
}

const long = "<p>数学与代码：a paragraph of a post, with <code>git rebase</code> and <a href=\"https://blog.example/x/\">a link</a>.</p>\n"

func (s *shelfful) hash(i int) string {
	sum := sha256.Sum256(fmt.Append(nil, i, s.text[i]))
	return hex.EncodeToString(sum[:16])
}

func (s *shelfful) Scan(_ context.Context, known iter.Seq2[posts.Known, error], _ bool) iter.Seq2[posts.Entry, error] {
	return func(yield func(posts.Entry, error) bool) {
		next, stop := iter.Pull2(known)
		defer stop()
		for i := range s.n {
			k, err, ok := next()
			if err != nil {
				yield(posts.Entry{}, err)
				return
			}
			e := posts.Entry{Unchanged: true, Path: k.Path, Stamp: k.Stamp}
			if !ok || k.Hash != s.hash(i) {
				e = s.entry(i)
			}
			if !yield(e, nil) {
				return
			}
		}
	}
}

func (s *shelfful) entry(i int) posts.Entry {
	tags := []string{"git", "llm", "linux", "go"}
	p := &posts.Post{Path: fmt.Sprintf("%06d.md", i), Title: fmt.Sprintf("A post of a blog, %d", i), Tags: []string{tags[i%4], "note"}, Categories: []string{"tech"},
		Date: time.Date(2000, 1, 1, i, 0, 0, 0, time.UTC), Language: "zh-CN", URL: fmt.Sprintf("https://blog.example/%06d/", i), Declared: posts.Published,
		Hash: s.hash(i), Fingerprint: s.hash(i), Stamp: posts.Stamp{Size: 5000, ModTime: int64(i + len(s.text[i]))}}
	return posts.Entry{Path: p.Path, Stamp: p.Stamp, Post: p}
}

func (*shelfful) Config() string   { return "" }
func (*shelfful) Site() posts.Site { return posts.Site{URL: "https://blog.example/"} }
func (*shelfful) Close() error     { return nil }

func (s *shelfful) Render(_ context.Context, path string) (posts.Rendered, error) {
	var i int
	if _, err := fmt.Sscanf(path, "%d.md", &i); err != nil {
		return posts.Rendered{}, err
	}
	return posts.Rendered{Hash: s.hash(i), Result: markdown.Result{HTML: "<p>" + s.text[i] + "</p>\n" + strings.Repeat(long, 36), Summary: "A summary of the post.", Columns: 4000}}, nil
}

// bench is a publication of n posts whose feeds are made already.
type bench struct {
	*testing.B
	source *shelfful
	work   *publish.Publisher
	now    time.Time
}

func newBench(b *testing.B, n int, archive bool, more ...publish.Feed) *bench {
	b.Helper()
	x := &bench{B: b, now: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)}
	x.source, x.work = publication(b, n, archive, more...)
	x.round()
	return x
}

// publication is a blog of n posts that is not scanned yet.
func publication(tb testing.TB, n int, archive bool, more ...publish.Feed) (*shelfful, *publish.Publisher) {
	tb.Helper()
	db := storetest.Open(tb, filepath.Join(tb.TempDir(), "tidings.db"), store.Open)
	tb.Cleanup(func() {
		if err := db.Close(); err != nil {
			tb.Error(err)
		}
	})
	s := &shelfful{n: n, text: map[int]string{}}
	log := slog.New(slog.DiscardHandler)
	list := append([]publish.Feed{{}}, more...)
	return s, &publish.Publisher{
		Sources: []publish.Source{{Name: "blog", Public: true, Open: func(context.Context) (publish.OpenSource, error) { return s, nil }}}, Ledger: db, Renderer: "r", Log: log,
		Want: func(context.Context) (posts.Want, error) {
			return posts.Want{All: archive, Feeds: []posts.Recent{{N: 20}}}, nil
		},
		Feeds: &publish.Feeds{Shelf: db, Base: feed.Document{Title: "Bench", Home: "https://blog.example/", Language: "zh-CN", TTL: time.Hour, Zone: time.UTC}, Dir: tb.TempDir(), URL: "https://blog.example/feeds/",
			Items: 20, Archive: archive, Log: log, List: func(context.Context) ([]publish.Feed, error) { return list, nil }},
	}
}

func (x *bench) round() publish.Round {
	x.Helper()
	x.now = x.now.Add(time.Hour)
	r, err := x.work.Round(x.Context(), x.now, posts.ScanOptions{})
	if err != nil {
		x.Fatal(err)
	}
	return r
}

// spent is the processor time of the whole process so far.
func spent(b *testing.B) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// keep measures what the feeds cost in a round, once everything is scanned and
// rendered.
func (x *bench) keep(before func(round int)) {
	feeds, files := x.work.Feeds, 0
	x.work.Feeds = nil
	var cost time.Duration
	round := 0
	for x.Loop() {
		round++
		x.StopTimer()
		before(round)
		x.round()
		x.StartTimer()
		start := spent(x.B)
		wrote, err := feeds.Keep(x.Context(), x.now)
		if err != nil {
			x.Fatal(err)
		}
		cost += spent(x.B) - start
		files += len(wrote) + feeds.Archived
	}
	x.ReportMetric(float64(cost.Microseconds())/1000/float64(x.N), "cpu-ms/op")
	x.ReportMetric(float64(files)/float64(x.N), "files/op")
}

// edit changes one post, another one each time.
func (x *bench) edit(round int) {
	i := round * 7919 % (x.source.n - 40)
	x.source.text[i] += "!"
}

func BenchmarkFeedsAfterOneEditAmong10000(b *testing.B) {
	b.Run("all", func(b *testing.B) { x := newBench(b, 10_000, true); x.keep(x.edit) })
	b.Run("all,tags,category,language", func(b *testing.B) {
		more := []publish.Feed{{Folder: "categories/tech", Select: posts.Selection{Categories: []string{"tech"}}}, {Folder: "languages/zh-cn", Select: posts.Selection{Languages: []string{"zh-cn"}}}}
		for _, tag := range []string{"git", "llm", "linux", "go", "note"} {
			more = append(more, publish.Feed{Folder: "tags/" + tag, Select: posts.Selection{Tags: []string{tag}}})
		}
		x := newBench(b, 10_000, true, more...)
		x.keep(x.edit)
	})
}

func BenchmarkFeedsNothingChangedAmong10000(b *testing.B) {
	x := newBench(b, 10_000, true)
	x.keep(func(int) {})
}

// BenchmarkNewest20 edits the newest post, in a feed without archive pages.
func BenchmarkNewest20(b *testing.B) {
	for _, n := range []int{1_000, 100_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			x := newBench(b, n, false)
			x.keep(func(int) { x.source.text[n-1] += "!" })
		})
	}
}
