package posts_test

import (
	"bytes"
	"compress/flate"
	"compress/gzip"
	"compress/zlib"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"tidings.example/posts"
)

func TestTheFeedIsAskedByItsVersionAndWithoutSecrets(t *testing.T) {
	t.Parallel()
	w := newRemoteWorld(t)
	text := feedOf(entry("a", 1))
	w.says(func(rw http.ResponseWriter, r *http.Request) {
		rw.Header().Set("ETag", `W/"v1"`)
		rw.Header().Set("Last-Modified", "Mon, 09 Mar 2026 00:00:00 GMT")
		http.SetCookie(rw, &http.Cookie{Name: "id", Value: "7"})
		if r.Header.Get("If-None-Match") == `W/"v1"` {
			rw.WriteHeader(http.StatusNotModified)
			return
		}
		fmt.Fprint(rw, text)
	})
	w.scan()
	w.scan()
	if _, err := w.try(posts.ScanOptions{Verify: true}); err != nil {
		t.Fatal(err)
	}
	got := w.requests()
	if len(got) != 3 {
		t.Fatalf("%d requests", len(got))
	}
	for n, r := range got {
		if r.UserAgent() != "tidings/test (+https://news.example/)" || r.Header.Get("Cookie") != "" || r.Header.Get("Accept-Encoding") != "gzip, deflate" || !strings.Contains(r.Header.Get("Accept"), "application/atom+xml") {
			t.Errorf("request %d: %v", n, r.Header)
		}
		conditional := r.Header.Get("If-None-Match") == `W/"v1"` && r.Header.Get("If-Modified-Since") == "Mon, 09 Mar 2026 00:00:00 GMT"
		if conditional != (n == 1) {
			t.Errorf("request %d: conditional is %t", n, conditional)
		}
	}
}

func TestAnAnswerThatIsNoGoodChangesNothing(t *testing.T) {
	t.Parallel()
	good := feedOf(entry("a", 1), entry("b", 2))
	pack := func(newWriter func(io.Writer) io.WriteCloser, text string) string {
		var b bytes.Buffer
		z := newWriter(&b)
		if _, err := io.WriteString(z, text); err != nil {
			t.Fatal(err)
		}
		if err := z.Close(); err != nil {
			t.Fatal(err)
		}
		return b.String()
	}
	zip := func(text string) string {
		return pack(func(w io.Writer) io.WriteCloser { return gzip.NewWriter(w) }, text)
	}
	coded := func(coding, text string) http.HandlerFunc {
		return func(rw http.ResponseWriter, _ *http.Request) {
			rw.Header().Set("Content-Encoding", coding)
			io.WriteString(rw, text)
		}
	}
	bomb := zip(strings.Repeat(" ", 20<<20))
	w := newRemoteWorld(t)
	w.o.Size = 1 << 20
	w.says(body(good))
	w.scan()
	for _, c := range []struct {
		name   string
		answer http.HandlerFunc
		want   string
	}{
		{"404", status(404), "it answers 404 Not Found: is the address right?"},
		{"410", status(410), "gone for good"},
		{"500", status(500), "it answers 500 Internal Server Error"},
		{"503", status(503), "503"},
		{"429", status(429), "asked too often"},
		{"204", status(204), "it answers 204 No Content"},
		{"an unusual status", status(299), "it answers 299"},
		{"401", status(401), "it answers 401 Unauthorized"},
		{"nothing", body(""), "its answer is empty"},
		{"blanks", body("  \n"), "its answer is empty"},
		{"a page", body("<!doctype html><link rel=alternate type=application/rss+xml href=/f>"), "it is a web page, not a feed: it names its feed, write feed = \"http://127.0.0.1"},
		{"another feed's page of errors", body("<html><body><h1>502 Bad Gateway</h1>"), "it is a web page, not a feed"},
		{"an empty channel", body(feedOf()), "a feed without any items"},
		{"half a document", body(good[:len(good)/2]), "it breaks off"},
		{"half of what was announced", func(rw http.ResponseWriter, _ *http.Request) {
			rw.Header().Set("Content-Length", fmt.Sprint(len(good)))
			io.WriteString(rw, good[:len(good)-5])
		}, "its answer broke off"},
		{"half a gzip", coded("gzip", zip(good)[:40]), "its answer broke off"},
		{"no gzip", coded("gzip", good), "its gzip is broken"},
		{"gzip in gzip", coded("gzip, gzip", zip(zip(good))), "packed as"},
		{"gzip in gzip, told once", coded("gzip", zip(zip(good))), "neither XML nor JSON"},
		{"another packing", coded("br", good), "packed as \"br\""},
		{"a gzip bomb", coded("gzip", bomb), "more than 1 MB: raise feed_size"},
		{"too much", body(strings.Repeat("x", 2<<20)), "more than 1 MB"},
		{"an XML bomb", body(`<!DOCTYPE x [<!ENTITY a "b">]>` + good), "declares entities"},
		{"a hang-up", func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, "it does not answer"},
		{"a loop", func(rw http.ResponseWriter, r *http.Request) { http.Redirect(rw, r, "/again", http.StatusFound) }, "stopped after 5 redirects"},
		{"another kind of address", func(rw http.ResponseWriter, r *http.Request) {
			http.Redirect(rw, r, "ftp://x.example/", http.StatusFound)
		}, "address of the kind \"ftp\""},
		{"a private address", func(rw http.ResponseWriter, r *http.Request) {
			http.Redirect(rw, r, "http://127.0.0.1:1/", http.StatusFound)
		}, "127.0.0.1 is no public address: set allow_private"},
		{"a machine's own service", func(rw http.ResponseWriter, r *http.Request) {
			http.Redirect(rw, r, "http://169.254.169.254/latest/", http.StatusFound)
		}, "no public address"},
	} {
		t.Log(c.name)
		w.says(c.answer)
		w.now = w.now.Add(25 * time.Hour)
		w.fails(c.want)
	}
	for name, answer := range map[string]http.HandlerFunc{
		"gzip": coded("x-gzip", zip(good)), "plain": coded("identity", good),
		"zlib":    coded("deflate", pack(func(w io.Writer) io.WriteCloser { return zlib.NewWriter(w) }, good)),
		"deflate": coded("deflate", pack(func(w io.Writer) io.WriteCloser { z, _ := flate.NewWriter(w, 6); return z }, good)),
	} {
		w.now = w.now.Add(25 * time.Hour)
		w.says(answer)
		if r, err := w.try(posts.ScanOptions{}); err != nil || r.Changed() || r.Posts != 2 {
			t.Errorf("%s: %+v, %v", name, r, err)
		}
	}
}

func TestAFeedThatIsSlowIsGivenUp(t *testing.T) {
	t.Parallel()
	w := newRemoteWorld(t)
	w.o.Timeout = 50 * time.Millisecond
	w.says(func(rw http.ResponseWriter, r *http.Request) {
		fmt.Fprint(rw, "<rss>")
		rw.(http.Flusher).Flush()
		<-r.Context().Done()
	})
	w.fails("it was not done within 50ms")
}

func TestPrivateAddressesAreForTheFeedsOwnHostAlone(t *testing.T) {
	t.Parallel()
	w := newRemoteWorld(t)
	w.shows(entry("a", 1))
	w.o.Private = false
	w.fails("127.0.0.1 is no public address")
	if n := len(w.requests()); n != 0 {
		t.Errorf("%d requests arrived", n)
	}
	w.o.Own = []string{w.server.URL}
	w.now = w.now.Add(25 * time.Hour)
	w.scan()
}

func TestWhereAFeedHasMovedForGoodIsRemembered(t *testing.T) {
	t.Parallel()
	w := newRemoteWorld(t)
	moved := func() string {
		opt := w.o
		opt.Now = w.now
		r, err := posts.OpenRemote(t.Context(), opt)
		if err != nil {
			t.Fatal(err)
		}
		defer r.Close()
		return r.Moved()
	}
	to := func(code int, from, address string) http.HandlerFunc {
		return func(rw http.ResponseWriter, r *http.Request) {
			if r.URL.Path == from {
				http.Redirect(rw, r, address, code)
				return
			}
			fmt.Fprint(rw, feedOf(entry("a", 1)))
		}
	}
	w.says(to(302, "/feed", "/elsewhere"))
	w.scan()
	if got := moved(); got != "" {
		t.Errorf("moved for now: %s", got)
	}
	w.says(to(308, "/feed", "/new"))
	r := w.scan()
	if got := moved(); got != w.server.URL+"/new" {
		t.Fatalf("moved for good: %q", got)
	}
	w.requests()
	r = w.scan()
	if got := w.requests(); len(got) != 1 || got[0].URL.Path != "/new" {
		t.Errorf("asked %v", got)
	}
	if len(r.Problems) != 1 || !strings.Contains(r.Problems[0].Message, `write feed = "`+w.server.URL+`/new"`) {
		t.Errorf("%+v", r.Problems)
	}
	// The new address fails: the old one is asked in turn, and is right again.
	w.says(func(rw http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/new" {
			rw.WriteHeader(404)
			return
		}
		fmt.Fprint(rw, feedOf(entry("a", 1)))
	})
	w.fails("404")
	w.now = w.now.Add(25 * time.Hour)
	w.scan()
	if got := moved(); got != "" {
		t.Errorf("moved back: %s", got)
	}
	// The owner writes another address: nothing of the old one is asked.
	w.o.Feed = w.server.URL + "/third"
	w.requests()
	w.scan()
	if got := w.requests(); len(got) != 1 || got[0].URL.Path != "/third" {
		t.Errorf("asked %v", got)
	}
}

func TestNoRedirectLearnsASecretAddress(t *testing.T) {
	t.Parallel()
	var referers []string
	other := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		referers = append(referers, r.Referer()+r.Header.Get("Authorization")+r.Header.Get("If-None-Match"))
		fmt.Fprint(rw, feedOf(entry("a", 1)))
	}))
	t.Cleanup(other.Close)
	w := newRemoteWorld(t)
	w.o.Feed, w.o.Own = w.server.URL+"/feed?token=hunter2", []string{other.URL}
	w.says(func(rw http.ResponseWriter, r *http.Request) { http.Redirect(rw, r, other.URL+"/x", http.StatusFound) })
	w.scan()
	if len(referers) != 1 || referers[0] != "" {
		t.Errorf("%q", referers)
	}
	if o := w.record("Title a").Origin; strings.Contains(o.Feed, "hunter2") {
		t.Errorf("%+v", o)
	}
	w.says(func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) })
	_, err := w.try(posts.ScanOptions{})
	if err == nil || strings.Contains(err.Error(), "hunter2") || !strings.Contains(err.Error(), "/feed: it does not answer") {
		t.Errorf("%v", err)
	}
}

// after is how long a feed is left alone that answers so.
func after(t *testing.T, answer http.HandlerFunc) time.Duration {
	t.Helper()
	w := newRemoteWorld(t)
	w.says(answer)
	_, _ = w.try(posts.ScanOptions{}) // a failure is part of the play
	a, err := w.db.Answer(t.Context(), w.o.Name)
	if err != nil {
		t.Fatal(err)
	}
	return a.Next.Sub(w.now)
}

func TestAServersWishToBeLeftAloneIsHonoured(t *testing.T) {
	t.Parallel()
	feed := func(inside string, header ...string) http.HandlerFunc {
		return func(rw http.ResponseWriter, _ *http.Request) {
			rw.Header().Set("Date", "Tue, 10 Mar 2026 09:00:00 GMT") // its clock is slow
			for i := 0; i < len(header); i += 2 {
				rw.Header().Set(header[i], header[i+1])
			}
			fmt.Fprint(rw, strings.Replace(feedOf(entry("a", 1)), "<item>", inside+"<item>", 1))
		}
	}
	for name, c := range map[string]struct {
		answer http.HandlerFunc
		want   time.Duration
	}{
		"nothing said":      {feed(""), 10 * time.Minute},
		"ttl":               {feed("<ttl>120</ttl>"), 2 * time.Hour},
		"a ttl of a year":   {feed("<ttl>525600</ttl>"), 24 * time.Hour},
		"update period":     {feed(`<sy:updatePeriod xmlns:sy="http://purl.org/rss/1.0/modules/syndication/">hourly</sy:updatePeriod>`), time.Hour},
		"max-age":           {feed("", "Cache-Control", "public, max-age=3600", "Age", "600"), 50 * time.Minute},
		"a short max-age":   {feed("", "Cache-Control", "max-age=5"), 10 * time.Minute},
		"no-cache":          {feed("", "Cache-Control", "no-cache, max-age=7200"), 10 * time.Minute},
		"Expires":           {feed("", "Expires", "Tue, 10 Mar 2026 10:30:00 GMT"), 90 * time.Minute},
		"nonsense":          {feed("<ttl>soon</ttl>", "Cache-Control", "max-age=x", "Expires", "0"), 10 * time.Minute},
		"Retry-After":       {status(429, "Retry-After", "7200"), 2 * time.Hour},
		"Retry-After, date": {status(503, "Retry-After", "Tue, 10 Mar 2026 12:00:00 GMT", "Date", "Tue, 10 Mar 2026 09:00:00 GMT"), 3 * time.Hour},
		"Retry-After, year": {status(503, "Retry-After", "31536000"), 24 * time.Hour},
		"Retry-After, past": {status(503, "Retry-After", "-5"), 10 * time.Minute},
		"Retry-After, ages": {status(http.StatusServiceUnavailable, "Retry-After", "99999999999999999999"), 24 * time.Hour},
		"Retry-After, 0":    {status(http.StatusServiceUnavailable, "Retry-After", "0"), 10 * time.Minute},
		"max-age of ages":   {feed("", "Cache-Control", "max-age=99999999999999999999"), 24 * time.Hour},
		"max-age, old":      {feed("", "Cache-Control", "max-age=3600", "Age", "99999999999999999999"), 10 * time.Minute},
		"Expires, ages":     {feed("", "Expires", "Fri, 31 Dec 9999 23:59:59 GMT"), 24 * time.Hour},
		"gone":              {status(410), 24 * time.Hour},
		"broken":            {status(500), 10 * time.Minute},
	} {
		if got := after(t, c.answer); got != c.want {
			t.Errorf("%s: left alone for %v, want %v", name, got, c.want)
		}
	}
}

func TestAFeedThatFailsIsAskedLessAndLessAndStaysAFailure(t *testing.T) {
	t.Parallel()
	w := newRemoteWorld(t)
	w.shows(entry("a", 1))
	w.scan()
	w.requests()
	w.says(status(500))
	for range 7 * 24 {
		w.fails("it answers 500 Internal Server Error")
	}
	if n := len(w.requests()); n < 8 || n > 16 {
		t.Errorf("%d requests in a week", n)
	}
	w.shows(entry("a", 1))
	if _, err := w.try(posts.ScanOptions{Verify: true}); err != nil { // the owner need not wait
		t.Error(err)
	}
	w.scan()
}

func TestAHostThatAskedForRestIsLeftAloneByAllItsFeeds(t *testing.T) {
	t.Parallel()
	w := newRemoteWorld(t)
	w.shows(entry("a", 1))
	w.scan()
	first := w.o
	w.o.Name, w.o.Feed = "other", w.server.URL+"/other"
	w.says(status(429, "Retry-After", "7200"))
	w.fails("429")
	w.o = first
	w.requests()
	w.scan()
	if n := len(w.requests()); n != 0 {
		t.Errorf("%d requests", n)
	}
	w.now = w.now.Add(2 * time.Hour)
	w.shows(entry("a", 1), entry("b", 0))
	counts(t, w.scan(), 1)
}
