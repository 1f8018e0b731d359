package feed_test

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"tidings.example/feed"
)

var noon = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)

func pages(t testing.TB, d *feed.Document) map[string]feed.Page {
	t.Helper()
	out := map[string]feed.Page{}
	for _, f := range feed.Formats() {
		out["/"+f.FileName()] = feed.NewPage(d, encode(t, d, f))
	}
	return out
}

func page(body string, changed time.Time) map[string]feed.Page {
	return map[string]feed.Page{"/rss.xml": {Body: []byte(body), Type: feed.RSS.ContentType(), Changed: changed, MaxAge: time.Hour}}
}

func serve(t testing.TB, p map[string]feed.Page, now time.Time) *feed.Server {
	t.Helper()
	s := &feed.Server{}
	if err := s.Update(p, now); err != nil {
		t.Fatal(err)
	}
	return s
}

func ask(s *feed.Server, method, target string, header ...string) *http.Response {
	r := httptest.NewRequest(method, target, nil)
	for i := 0; i < len(header); i += 2 {
		r.Header.Add(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	return w.Result()
}

func TestServerPassesTheJudge(t *testing.T) {
	t.Parallel()
	tool := judge(t, "feedhttp")
	ts := httptest.NewServer(serve(t, pages(t, everything()), noon))
	defer ts.Close()
	args := []string{"--hub"}
	for _, f := range feed.Formats() {
		args = append(args, ts.URL+"/"+f.FileName())
	}
	out, err := exec.Command(tool, args...).CombinedOutput()
	if err != nil || bytes.Count(out, []byte("== ")) != 3 {
		t.Errorf("%v\n%s", err, out)
	}
}

func TestAnswerCarriesTheSameHeadersWhenNothingChanged(t *testing.T) {
	t.Parallel()
	d := head()
	d.Entries = []feed.Entry{richEntry()}
	s := serve(t, pages(t, &d), noon)
	full := ask(s, "GET", "/atom.xml?utm_source=x")
	want := map[string]string{
		"Content-Type": "application/atom+xml; charset=utf-8", "Cache-Control": "public, max-age=3600",
		"Vary": "Accept-Encoding", "Last-Modified": "Mon, 02 Mar 2026 02:00:00 GMT",
		"Access-Control-Allow-Origin": "*", "X-Content-Type-Options": "nosniff",
		"Link": `<https://blog.example.org/atom.xml>; rel="self", <https://hub.example.org/>; rel="hub"`,
	}
	for name, value := range want {
		if got := full.Header.Get(name); got != value {
			t.Errorf("%s: %q, want %q", name, got, value)
		}
	}
	tag := full.Header.Get("Etag")
	again := ask(s, "GET", "/atom.xml", "If-None-Match", tag)
	if again.StatusCode != 304 {
		t.Fatal(again.Status)
	}
	// RFC 9110 section 15.4.5 names what a cache needs; scripts need the leave to read it.
	for _, name := range []string{"Cache-Control", "Etag", "Last-Modified", "Vary", "Access-Control-Allow-Origin"} {
		if got := again.Header.Get(name); got != full.Header.Get(name) || got == "" {
			t.Errorf("304 has %s: %q, 200 has %q", name, got, full.Header.Get(name))
		}
	}
	if len(again.Header) != 5 {
		t.Errorf("304 says more than a cache has to know: %v", again.Header)
	}
	if full.Header.Get("Set-Cookie") != "" || full.StatusCode != 200 {
		t.Error(full.Status, full.Header)
	}
	head := ask(s, "HEAD", "/atom.xml")
	if body, _ := io.ReadAll(head.Body); len(body) != 0 || head.Header.Get("Content-Length") != full.Header.Get("Content-Length") {
		t.Errorf("HEAD has %d bytes and the length %s", len(body), head.Header.Get("Content-Length"))
	}
}

func TestIfNoneMatchDecides(t *testing.T) {
	t.Parallel()
	s := serve(t, page("one", noon), noon)
	tag := strings.TrimPrefix(ask(s, "GET", "/rss.xml").Header.Get("Etag"), "W/")
	bare := strings.Trim(tag, `"`)
	date := noon.Format(http.TimeFormat)
	for value, status := range map[string]int{
		tag:                              304,
		"W/" + tag:                       304,
		bare:                             304,
		` "x" , W/"y, z",` + tag:         304,
		`"a",,W/` + tag + `, "b`:         304,
		`*`:                              304,
		`"` + bare + `-gzip"`:            304,
		`W/"` + bare + `-gzip"`:          304,
		`"*"`:                            200,
		`"other"`:                        200,
		``:                               200,
		`"` + bare + `x"`:                200,
		`"` + bare[:len(bare)-1] + `"`:   200,
		`"x` + strings.ToLower(bare):     200,
		`"` + bare + `-gzip-gzip"`:       200,
		`W/W/"x" "" ," `:                 200,
		strings.Repeat(`"other", `, 999): 200,
	} {
		if got := ask(s, "GET", "/rss.xml", "If-None-Match", value, "If-Modified-Since", date); got.StatusCode != status {
			t.Errorf("If-None-Match: %.80s: %d, want %d", value, got.StatusCode, status)
		}
	}
	if got := ask(s, "GET", "/rss.xml", "If-None-Match", `"x"`, "If-None-Match", tag); got.StatusCode != 304 {
		t.Errorf("the second of two header lines: %d, want 304", got.StatusCode)
	}
}

func TestIfModifiedSinceCountsWithoutATag(t *testing.T) {
	t.Parallel()
	s := serve(t, page("one", noon.Add(-500*time.Millisecond)), noon.Add(time.Hour))
	for value, status := range map[string]int{
		noon.Format(http.TimeFormat):                   304,
		noon.Add(time.Hour).Format(http.TimeFormat):    304,
		noon.Format(time.ANSIC):                        304,
		noon.Add(-time.Second).Format(http.TimeFormat): 200,
		"yesterday":               200,
		noon.Format(time.RFC3339): 200,
		noon.AddDate(-9, 0, 0).Format(http.TimeFormat):  200,
		noon.Add(1999 * time.Hour).Format(time.RFC1123): 200, // UTC is not GMT
	} {
		if got := ask(s, "GET", "/rss.xml", "If-Modified-Since", value); got.StatusCode != status {
			t.Errorf("If-Modified-Since: %s: %d, want %d", value, got.StatusCode, status)
		}
	}
}

func TestGzipIsSentToThoseWhoWantIt(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("tidings ", 1000)
	s := serve(t, page(long, noon), noon)
	for value, want := range map[string]bool{
		"gzip": true, "GZIP": true, "x-gzip": true, "deflate, gzip;q=1.0, *;q=0.5": true, "gzip, deflate, br, zstd": true,
		"*": true, "br;q=1, gzip;q=0.1": true, "gzip;q=0.5, identity;q=0.5": true, "gzip ; q=0.001": true,
		"": false, "identity": false, "br": false, "gzip;q=0": false, "gzip;q=0.000, *": false, "*;q=0": false,
		"gzip;q=0.5, identity": false, "gzip;q=x": false, "gzip;q=NaN": false, "gzipped": false,
	} {
		got := ask(s, "GET", "/rss.xml", "Accept-Encoding", value)
		body, err := io.ReadAll(got.Body)
		if zipped := got.Header.Get("Content-Encoding") == "gzip"; err != nil || zipped != want {
			t.Errorf("Accept-Encoding: %s: gzip %v, want %v", value, zipped, want)
		} else if zipped {
			r, err := gzip.NewReader(bytes.NewReader(body))
			if err != nil {
				t.Fatal(err)
			}
			if body, err = io.ReadAll(r); err != nil {
				t.Fatal(err)
			}
		}
		if string(body) != long {
			t.Errorf("Accept-Encoding: %s: %d bytes, want %d", value, len(body), len(long))
		}
	}
	if got := ask(serve(t, page("x", noon), noon), "GET", "/rss.xml", "Accept-Encoding", "gzip"); got.Header.Get("Content-Encoding") != "" {
		t.Error("gzip makes a byte longer and is sent all the same")
	}
}

func TestOtherMethodsAndPathsAreRefused(t *testing.T) {
	t.Parallel()
	s := serve(t, page("one", noon), noon)
	for _, method := range []string{"POST", "PUT", "DELETE", "PATCH"} {
		got := ask(s, method, "/rss.xml")
		if got.StatusCode != 405 || got.Header.Get("Allow") != "GET, HEAD, OPTIONS" {
			t.Errorf("%s: %s, Allow: %s", method, got.Status, got.Header.Get("Allow"))
		}
	}
	if got := ask(s, "OPTIONS", "/rss.xml"); got.StatusCode != 204 || got.Header.Get("Access-Control-Allow-Headers") != "*" {
		t.Errorf("OPTIONS: %s, %v", got.Status, got.Header)
	}
	if got := ask(s, "GET", "/none"); got.StatusCode != 404 || s.Has("/none") {
		t.Error(got.Status)
	}
	if got := ask(s, "GET", "/rss.xml", "Range", "bytes=0-0"); got.StatusCode != 200 {
		t.Errorf("a range: %s", got.Status)
	}
	if got := ask(&feed.Server{}, "GET", "/rss.xml"); got.StatusCode != 404 {
		t.Errorf("the zero server: %s", got.Status)
	}
}

func TestThrottledReaderIsToldWhenToComeBack(t *testing.T) {
	t.Parallel()
	s := serve(t, page("one", noon), noon)
	s.SetThrottle(func(*http.Request) time.Duration { return 1500 * time.Millisecond })
	if got := ask(s, "GET", "/rss.xml"); got.StatusCode != 429 || got.Header.Get("Retry-After") != "2" {
		t.Errorf("%s, Retry-After: %s", got.Status, got.Header.Get("Retry-After"))
	}
	s.SetThrottle(func(*http.Request) time.Duration { return 0 })
	if got := ask(s, "GET", "/rss.xml"); got.StatusCode != 200 {
		t.Error(got.Status)
	}
}

func TestFeedThatLeftIsGoneOrMoved(t *testing.T) {
	t.Parallel()
	s := serve(t, page("one", noon), noon)
	if err := s.Update(map[string]feed.Page{"/old.xml": {MovedTo: "https://blog.example.org/rss.xml"}}, noon); err != nil {
		t.Fatal(err)
	}
	if got := ask(s, "GET", "/rss.xml"); got.StatusCode != 410 || !s.Has("/rss.xml") {
		t.Errorf("a feed that was: %s", got.Status)
	}
	got := ask(s, "GET", "/old.xml?x=1", "If-None-Match", "*")
	if got.StatusCode != 301 || got.Header.Get("Location") != "https://blog.example.org/rss.xml" {
		t.Errorf("a feed that moved: %s to %q", got.Status, got.Header.Get("Location"))
	}
	if err := s.Update(page("one", noon), noon.Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	if got := ask(s, "GET", "/rss.xml"); got.StatusCode != 200 || got.Header.Get("Last-Modified") != noon.Add(time.Second).Format(http.TimeFormat) {
		t.Errorf("a feed that came back: %s, Last-Modified: %s", got.Status, got.Header.Get("Last-Modified"))
	}
}

func TestLastModifiedMovesWithTheBytesOnly(t *testing.T) {
	t.Parallel()
	clock := noon
	s := &feed.Server{Now: func() time.Time { return clock }}
	last := func(body string, changed time.Time) string {
		t.Helper()
		if err := s.Update(page(body, changed), clock); err != nil {
			t.Fatal(err)
		}
		return ask(s, "GET", "/rss.xml").Header.Get("Last-Modified")
	}
	expect := func(got string, want time.Time) {
		t.Helper()
		if got != want.Format(http.TimeFormat) {
			t.Errorf("Last-Modified: %s, want %s", got, want.Format(http.TimeFormat))
		}
	}
	expect(last("one", noon.Add(time.Hour)), noon) // never in the future
	clock = noon.Add(time.Minute)
	expect(last("one", clock), noon)                             // the same bytes
	expect(last("two", noon.Add(-time.Hour)), noon.Add(1e9))     // a deletion: the newest date is older now
	expect(last("three", time.Time{}), clock)                    // no date: the moment of the update
	expect(last("four", clock.Add(500*time.Millisecond)), clock) // the same second
	since := func(at time.Time) int {
		return ask(s, "GET", "/rss.xml", "If-Modified-Since", at.Format(http.TimeFormat)).StatusCode
	}
	if got := since(clock); got != 200 {
		t.Errorf("a reader that has the bytes of a moment before: %d, want 200", got)
	}
	told := clock
	clock = clock.Add(time.Second) // the second is over
	if got, next := since(told), since(clock); got != 200 || next != 304 {
		t.Errorf("a reader of the bytes before: %d, want 200; one of these bytes: %d, want 304", got, next)
	}
	expect(last("four", noon), clock)
	clock = clock.Add(-time.Hour) // the clock was set back
	expect(last("five", clock), told.Add(time.Second))
	clock = clock.Add(9 * time.Hour)
	expect(last("six", clock), clock)
	if got := ask(s, "GET", "/rss.xml", "If-Modified-Since", clock.Format(http.TimeFormat)); got.StatusCode != 304 {
		t.Errorf("a new date: %s, want 304", got.Status)
	}
}

// Files are all that a server has of the time before its start.
func TestBytesThatChangedTwiceWithinASecondAreToldApartAfterARestart(t *testing.T) {
	t.Parallel()
	clock := noon.Add(200 * time.Millisecond)
	start := func(body string, written time.Time) *feed.Server {
		s := &feed.Server{Now: func() time.Time { return clock }}
		if err := s.Update(page(body, written), clock); err != nil {
			t.Fatal(err)
		}
		return s
	}
	dated := func(s *feed.Server, since string) (int, string) {
		got := ask(s, "GET", "/rss.xml", "If-Modified-Since", since)
		return got.StatusCode, got.Header.Get("Last-Modified")
	}
	_, first := dated(start("one", clock), "")
	clock = clock.Add(500 * time.Millisecond)
	second := start("two", clock)
	if status, now := dated(second, first); status != 200 || now != noon.Format(http.TimeFormat) {
		t.Errorf("within the second: %d, Last-Modified: %s", status, now)
	}
	written := clock
	clock = noon.Add(time.Hour)
	for _, s := range []*feed.Server{second, start("two", written)} {
		status, now := dated(s, first)
		if again, _ := dated(s, now); status != 200 || again != 304 || now != noon.Add(time.Second).Format(http.TimeFormat) {
			t.Errorf("a reader of the first bytes: %d, of the second: %d, Last-Modified: %s", status, again, now)
		}
	}
}

func TestNewHeadersServeTheSameBytes(t *testing.T) {
	t.Parallel()
	p := page(strings.Repeat("tidings ", 1000), noon)
	s := serve(t, p, noon)
	before := ask(s, "GET", "/rss.xml", "Accept-Encoding", "gzip")
	slower := p["/rss.xml"]
	slower.MaxAge, slower.Changed = 2*time.Hour, noon.Add(time.Hour)
	if err := s.Update(map[string]feed.Page{"/rss.xml": slower}, noon.Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	after := ask(s, "GET", "/rss.xml", "Accept-Encoding", "gzip")
	for _, name := range []string{"Etag", "Last-Modified", "Content-Encoding", "Content-Length"} {
		if b, a := before.Header.Get(name), after.Header.Get(name); a != b || a == "" {
			t.Errorf("%s was %q and is %q", name, b, a)
		}
	}
	if got := after.Header.Get("Cache-Control"); got != "public, max-age=7200" {
		t.Errorf("Cache-Control: %s", got)
	}
}

func TestReadersNeverSeeHalfAnUpdate(t *testing.T) {
	t.Parallel()
	long := []string{strings.Repeat("a", 1<<16), strings.Repeat("b", 1<<15)}
	s := serve(t, page(long[0], noon), noon)
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for range 50 {
				got := ask(s, "GET", "/rss.xml")
				if body, err := io.ReadAll(got.Body); err != nil || string(body) != long[0] && string(body) != long[1] {
					t.Errorf("%d bytes, %v", len(body), err)
				}
			}
		})
	}
	for i := range 20 {
		if err := s.Update(page(long[i%2], noon), noon); err != nil {
			t.Fatal(err)
		}
	}
	wg.Wait()
}

func TestAnAnswerAllocatesNothing(t *testing.T) {
	s := serve(t, pages(t, twenty()), noon)
	tag := ask(s, "GET", "/rss.xml").Header.Get("Etag")
	date := ask(s, "GET", "/rss.xml").Header.Get("Last-Modified")
	for name, header := range map[string][2]string{
		"304 by tag": {"If-None-Match", `"other", ` + tag}, "304 by date": {"If-Modified-Since", date},
		"gzip": {"Accept-Encoding", "gzip, deflate, br;q=0.8"}, "plain": {"Accept-Encoding", "identity"},
	} {
		r := httptest.NewRequest("GET", "/rss.xml", nil)
		r.Header.Set(header[0], header[1])
		w := &nobody{header: http.Header{}}
		s.ServeHTTP(w, r) // the map gets its size
		if n := testing.AllocsPerRun(100, func() {
			clear(w.header)
			s.ServeHTTP(w, r)
		}); n != 0 {
			t.Errorf("%s: %v allocations", name, n)
		}
	}
}
