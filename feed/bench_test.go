package feed_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"tidings.example/feed"
)

// twenty is a feed of 20 posts of about 8 KB each.
func twenty() *feed.Document {
	d := head()
	for i := range 20 {
		r := plainRecord(i + 1)
		r.Body.HTML = strings.Repeat("<p>Ein <em>Absatz</em> &amp; 一段文字，用 <code>git</code> 写成。</p>\n", 100)
		d.Entries = append(d.Entries, feed.FromRecord(r))
	}
	return &d
}

func BenchmarkEncode20(b *testing.B) {
	d := twenty()
	for _, f := range feed.Formats() {
		b.Run(f.String(), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				out, err := feed.Encode(d, f)
				if err != nil {
					b.Fatal(err)
				}
				b.SetBytes(int64(len(out.Bytes)))
			}
		})
	}
}

// nobody takes an answer and keeps nothing of it.
type nobody struct {
	header http.Header
	status int
}

func (n *nobody) Header() http.Header         { return n.header }
func (n *nobody) WriteHeader(status int)      { n.status = status }
func (n *nobody) Write(p []byte) (int, error) { return len(p), nil }

func benchmarkServe(b *testing.B, status int, header, value string) {
	s := serve(b, pages(b, twenty()), noon)
	if value == "" {
		value = ask(s, "GET", "/rss.xml").Header.Get("Etag")
	}
	r := httptest.NewRequest("GET", "/rss.xml", nil)
	r.Header.Set(header, value)
	w := &nobody{header: http.Header{}}
	b.ReportAllocs()
	for b.Loop() {
		clear(w.header)
		s.ServeHTTP(w, r)
	}
	if w.status != status {
		b.Fatalf("status %d, want %d", w.status, status)
	}
}

func BenchmarkServe304(b *testing.B) { benchmarkServe(b, 304, "If-None-Match", "") }

func BenchmarkServeGzip(b *testing.B) {
	benchmarkServe(b, 200, "Accept-Encoding", "gzip, deflate, br")
}
