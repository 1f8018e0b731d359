package feed_test

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"tidings.example/feed"
)

// shelf is a server of archive pages whose files lie in a folder.
func shelf(t *testing.T, feeds map[string]feed.ArchiveFeed) (s *feed.Server, dir string) {
	t.Helper()
	dir = t.TempDir()
	a := &feed.ArchiveServer{Dir: dir, URL: "https://blog.example.org/", MaxAge: time.Hour, Now: func() time.Time { return noon }}
	a.SetFeeds(feeds)
	s = serve(t, page("live", noon), noon)
	s.SetArchive(a)
	return s, dir
}

// put writes a file that was last changed at the time.
func put(t *testing.T, dir, path, text string, at time.Time) {
	t.Helper()
	file := filepath.Join(dir, filepath.FromSlash(path))
	if _, err := feed.WriteFile(file, []byte(text)); err != nil {
		t.Fatal(err)
	}
	if err := os.Chtimes(file, at, at); err != nil {
		t.Fatal(err)
	}
}

func body(t *testing.T, r *http.Response) string {
	t.Helper()
	text, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestArchivePagesAreAnsweredLikeFeeds(t *testing.T) {
	t.Parallel()
	s, dir := shelf(t, map[string]feed.ArchiveFeed{"": {Pages: 3}, "tags/中 文": {Pages: 1}})
	long := strings.Repeat("text ", 1000)
	put(t, dir, "archive/2/atom.xml", long, noon.Add(-time.Hour))
	put(t, dir, "tags/中 文/archive/0/feed.json", "{}", noon)
	full := ask(s, "GET", "/archive/2/atom.xml?utm=1")
	for name, want := range map[string]string{
		"Content-Type": "application/atom+xml; charset=utf-8", "Cache-Control": "public, max-age=3600", "Vary": "Accept-Encoding",
		"Last-Modified": noon.Add(-time.Hour).Format(http.TimeFormat), "Link": `<https://blog.example.org/archive/2/atom.xml>; rel="self"`,
	} {
		if got := full.Header.Get(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	if full.StatusCode != 200 || body(t, full) != long {
		t.Error(full.Status)
	}
	for _, header := range [][]string{{"If-None-Match", full.Header.Get("Etag")}, {"If-Modified-Since", full.Header.Get("Last-Modified")}} {
		if again := ask(s, "GET", "/archive/2/atom.xml", header...); again.StatusCode != 304 {
			t.Errorf("%q: %s", header, again.Status)
		}
	}
	if zipped := ask(s, "GET", "/archive/2/atom.xml", "Accept-Encoding", "gzip"); zipped.Header.Get("Content-Encoding") != "gzip" {
		t.Error("not compressed")
	}
	if head := ask(s, "HEAD", "/archive/2/atom.xml"); head.StatusCode != 200 || body(t, head) != "" {
		t.Error(head.Status)
	}
	if r := ask(s, "POST", "/archive/2/atom.xml"); r.StatusCode != 405 {
		t.Error(r.Status)
	}
	r := ask(s, "GET", "/tags/%E4%B8%AD%20%E6%96%87/archive/0/feed.json")
	if r.StatusCode != 200 || r.Header.Get("Link") != `<https://blog.example.org/tags/%E4%B8%AD%20%E6%96%87/archive/0/feed.json>; rel="self"` {
		t.Error(r.Status, r.Header)
	}
}

func TestNothingButArchivePagesIsReadFromTheDisk(t *testing.T) {
	t.Parallel()
	s, dir := shelf(t, map[string]feed.ArchiveFeed{"": {Pages: 2}, "tags/go": {Pages: 1}, "tags/old": {Pages: 9, Gone: true}})
	for _, path := range []string{"archive/0/rss.xml", "archive/2/rss.xml", "archive/0/secret", "archive/secret", "tags/go/archive/0/rss.xml", "notes/archive/0/rss.xml", "atom.xml", "archive/rss.xml", "tags/old/archive/0/rss.xml", "x/rss.xml"} {
		put(t, dir, path, "text", noon)
	}
	if err := os.MkdirAll(filepath.Join(dir, "tags/go/archive/0/atom.xml"), 0o755); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]int{
		"/archive/0/rss.xml": 200, "/tags/go/archive/0/rss.xml": 200, "/tags/old/archive/8/feed.json": 410, "/tags/old/archive/9/feed.json": 404,
		"/archive/1/rss.xml": 404, "/archive/2/rss.xml": 404, "/archive/-1/rss.xml": 404, "/archive/00/rss.xml": 404, "/archive/+0/rss.xml": 404,
		"/archive/0/secret": 404, "/archive/secret": 404, "/notes/archive/0/rss.xml": 404, "/atom.xml": 404, "/archive/rss.xml": 404, "/archive/0/": 404,
		"/archive/0/../0/rss.xml": 404, "/archive/0/../../x/rss.xml": 404, "/archive/..%2fx/rss.xml": 404, "//archive/0/rss.xml": 404, "/": 404,
		"/tags/go/archive/0/atom.xml": 503, "/archive/99999999999999999999/rss.xml": 404,
	} {
		if r := ask(s, "GET", "http://blog.example.org"+path); r.StatusCode != want {
			t.Errorf("%s: %s, want %d", path, r.Status, want)
		}
	}
}

func TestAnArchivePageIsReadForThoseOnlyWhoMayHaveIt(t *testing.T) {
	t.Parallel()
	s, dir := shelf(t, map[string]feed.ArchiveFeed{"": {Pages: 1}})
	put(t, dir, "archive/0/rss.xml", "text", noon)
	for method, want := range map[string]int{"OPTIONS": 204, "POST": 405, "DELETE": 405} {
		if r := ask(s, method, "/archive/0/rss.xml"); r.StatusCode != want {
			t.Errorf("%s: %s", method, r.Status)
		}
	}
	s.SetThrottle(func(*http.Request) time.Duration { return time.Second })
	if r := ask(s, "GET", "/archive/0/rss.xml"); r.StatusCode != 429 {
		t.Errorf("a reader who is to wait: %s", r.Status)
	}
	if n := s.ArchiveBytes(); n != 0 {
		t.Errorf("%d bytes were read", n)
	}
	s.SetThrottle(nil)
	if r := ask(s, "GET", "/archive/0/rss.xml"); r.StatusCode != 200 || s.ArchiveBytes() == 0 {
		t.Error(r.Status)
	}
}

func TestTheServerKnowsTheArchivePagesThatFeedsHave(t *testing.T) {
	t.Parallel()
	s, _ := shelf(t, map[string]feed.ArchiveFeed{"": {Pages: 2}, "tags/old": {Pages: 9, Gone: true}, "tags/moved": {MovedTo: "https://other.example.org/"}})
	for path, want := range map[string]bool{
		"/archive/1/rss.xml": true, "/tags/old/archive/8/atom.xml": true, "/tags/moved/archive/3/feed.json": true,
		"/archive/2/rss.xml": false, "/archive/1/other.xml": false, "/tags/go/archive/0/rss.xml": false, "/archive/": false,
	} {
		if got := s.Has(path); got != want {
			t.Errorf("%s: %v", path, got)
		}
	}
}

func TestAnArchivePageThatIsReplacedIsServedAnew(t *testing.T) {
	t.Parallel()
	s, dir := shelf(t, map[string]feed.ArchiveFeed{"": {Pages: 1}})
	get := func(header ...string) *http.Response { return ask(s, "GET", "/archive/0/rss.xml", header...) }
	put(t, dir, "archive/0/rss.xml", "one", noon.Add(-time.Hour))
	first := get()
	put(t, dir, "archive/0/rss.xml", "two", noon.Add(-time.Hour+time.Nanosecond))
	second := get("If-None-Match", first.Header.Get("Etag"))
	if second.StatusCode != 200 || body(t, second) != "two" {
		t.Fatal(second.Status)
	}
	if get("If-Modified-Since", first.Header.Get("Last-Modified")).StatusCode != 200 {
		t.Error("the date did not move with the bytes")
	}
	put(t, dir, "archive/0/rss.xml", "six", noon.Add(time.Hour))
	if at, err := http.ParseTime(get().Header.Get("Last-Modified")); err != nil || at.After(noon) {
		t.Errorf("dated in the future: %v, %v", at, err)
	}
	if err := os.Remove(filepath.Join(dir, "archive", "0", "rss.xml")); err != nil {
		t.Fatal(err)
	}
	if r := get(); r.StatusCode != 404 {
		t.Errorf("a page without a file: %s", r.Status)
	}
}

func TestAWalkThroughALongArchiveKeepsLittleInMemory(t *testing.T) {
	t.Parallel()
	const pages = 60
	s, dir := shelf(t, map[string]feed.ArchiveFeed{"": {Pages: pages}})
	for n := range pages {
		put(t, dir, fmt.Sprintf("archive/%d/rss.xml", n), fmt.Sprint(n)+strings.Repeat("x", 400_000), noon)
	}
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for n := range pages {
				r := ask(s, "GET", fmt.Sprintf("/archive/%d/rss.xml", n))
				if got := body(t, r); !strings.HasPrefix(got, fmt.Sprint(n)+"x") || len(got) < 400_000 {
					t.Errorf("page %d: %s, %d bytes", n, r.Status, len(got))
				}
			}
		})
	}
	wg.Wait()
	if kept := s.ArchiveBytes(); kept == 0 || kept > 8<<20 {
		t.Errorf("%d bytes are kept", kept)
	}
}

func TestArchivePagesPassTheJudgeOfServers(t *testing.T) {
	t.Parallel()
	tool := judge(t, "feedhttp")
	s, dir := shelf(t, map[string]feed.ArchiveFeed{"": {Pages: 3}})
	var args []string
	ts := httptest.NewServer(s)
	defer ts.Close()
	for _, f := range feed.Formats() {
		put(t, dir, feed.ArchivePath("", 2, f), string(encode(t, archive(), f).Bytes), noon.Add(-time.Hour))
		args = append(args, ts.URL+"/"+feed.ArchivePath("", 2, f))
	}
	out, err := exec.Command(tool, args...).CombinedOutput()
	if err != nil || bytes.Count(out, []byte("== ")) != 3 {
		t.Errorf("%v\n%s", err, out)
	}
}
