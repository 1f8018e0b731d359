package web_test

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"tidings.example/internal/web"
	"tidings.example/internal/web/webtest"
	"tidings.example/mailer"
	"tidings.example/posts"
)

func newServer(t *testing.T, readers *webtest.Readers, healthy bool) *httptest.Server {
	t.Helper()
	return newServerAt(t, readers, healthy, "https://news.example.org/")
}

func newServerAt(t *testing.T, readers *webtest.Readers, healthy bool, webURL string) *httptest.Server {
	t.Helper()
	record := posts.Record{ID: "tag:x,2026-01-01:a"}
	record.Title, record.URL, record.Tags = "<script>alert(1)</script> & more", "https://blog.example.org/a/", []string{"go", "git"}
	record.Date = time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	record.Body.Summary = "{{ .Secret }} stays text"
	issues := []web.Issue{}
	for n := int64(60); n > 0; n-- {
		issues = append(issues, web.Issue{Number: n, Title: "Weekly", Language: "en", Date: record.Date, Posts: []posts.Record{record}})
	}
	feeds := directory(30)
	s, err := web.New(web.Options{
		Publication: mailer.Publication{Title: "示例博客", URL: "https://blog.example.org/", WebURL: webURL},
		Language:    "zh-CN", Zone: time.UTC, Readers: readers, Archive: webtest.Archive(issues),
		Feeds: oneFeed{},
		FeedLinks: func() []web.FeedLink {
			return []web.FeedLink{{"RSS", "https://news.example.org/rss.xml", "application/rss+xml"}}
		},
		Directory: func() *web.Directory { return feeds },
		Health: func(context.Context) web.Health {
			if healthy {
				return web.Health{OK: true, Problems: []string{}}
			}
			return web.Health{Problems: []string{"sending is paused: 535"}}
		},
		Log: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	return server
}

// oneFeed is a feed at /rss.xml.
type oneFeed struct{}

func (oneFeed) Has(path string) bool { return path == "/rss.xml" }

func (f oneFeed) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !f.Has(r.URL.Path) {
		http.NotFound(w, r)
		return
	}
	_, _ = io.WriteString(w, "<rss/>")
}

// ask makes a request and returns the answer with its body.
func ask(t *testing.T, method, url string, head map[string]string, form url.Values) (*http.Response, string) {
	t.Helper()
	var body io.Reader
	if form != nil {
		body = strings.NewReader(form.Encode())
	}
	r, err := http.NewRequestWithContext(t.Context(), method, url, body)
	if err != nil {
		t.Fatal(err)
	}
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for k, v := range head {
		r.Header.Set(k, v)
	}
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res, string(text)
}

func TestGetNeverConfirmsOrUnsubscribes(t *testing.T) {
	t.Parallel()
	readers := &webtest.Readers{}
	s := newServer(t, readers, true)
	for _, path := range []string{"/c/good", "/u/good"} {
		for _, method := range []string{"GET", "HEAD"} {
			if res, _ := ask(t, method, s.URL+path, nil, nil); res.StatusCode != 200 {
				t.Errorf("%s %s: %s", method, path, res.Status)
			}
		}
	}
	if readers.Confirmed || readers.Left {
		t.Error("a GET changed something")
	}
}

func TestTheButtonPostsToItsOwnAddressAndConfirms(t *testing.T) {
	t.Parallel()
	readers := &webtest.Readers{}
	s := newServer(t, readers, true)
	_, body := ask(t, "GET", s.URL+"/c/good", nil, nil)
	if !strings.Contains(body, `<form method="post" action="/c/good">`) || !strings.Contains(body, "A &amp; B weekly") {
		t.Errorf("no button in\n%s", body)
	}
	res, body := ask(t, "POST", s.URL+"/c/good", map[string]string{"Sec-Fetch-Site": "same-origin"}, url.Values{})
	if res.StatusCode != 200 || !readers.Confirmed || !strings.Contains(body, "You are subscribed") {
		t.Errorf("%s %v\n%s", res.Status, readers.Confirmed, body)
	}
}

func TestAnotherSiteCannotMakeABrowserConfirm(t *testing.T) {
	t.Parallel()
	readers := &webtest.Readers{}
	s := newServer(t, readers, true)
	res, _ := ask(t, "POST", s.URL+"/c/good", map[string]string{"Sec-Fetch-Site": "cross-site"}, url.Values{})
	if res.StatusCode != http.StatusForbidden || readers.Confirmed {
		t.Errorf("%s, confirmed %v", res.Status, readers.Confirmed)
	}
}

func TestOneClickUnsubscribesWithoutCookieOrRedirect(t *testing.T) {
	t.Parallel()
	readers := &webtest.Readers{}
	s := newServer(t, readers, true)
	head := map[string]string{"Sec-Fetch-Site": "cross-site", "Origin": "https://mail.example.com"}
	res, body := ask(t, "POST", s.URL+"/u/good", head, url.Values{"List-Unsubscribe": {"One-Click"}})
	if res.StatusCode != 200 || !readers.Left || len(res.Cookies()) > 0 || !strings.Contains(body, "您已退订") {
		t.Errorf("%s %v\n%s", res.Status, readers.Left, body)
	}
	if res, _ := ask(t, "POST", s.URL+"/u/good", nil, url.Values{"List-Unsubscribe": {"One-Click"}}); res.StatusCode != 200 {
		t.Errorf("a second click: %s", res.Status)
	}
}

func TestAWishThatCannotBeKeptNowIsToBeMadeAgain(t *testing.T) {
	t.Parallel()
	s := newServer(t, &webtest.Readers{Full: true}, true)
	for _, path := range []string{"/u/good", "/c/good"} {
		res, body := ask(t, "POST", s.URL+path, nil, url.Values{"List-Unsubscribe": {"One-Click"}})
		if res.StatusCode != http.StatusServiceUnavailable || res.Header.Get("Retry-After") != "300" || strings.Contains(body, "disk") {
			t.Errorf("%s: %s, Retry-After %q\n%s", path, res.Status, res.Header.Get("Retry-After"), body)
		}
	}
}

func TestAnUnknownTokenIsNotFoundAndALinkTooOldSaysSo(t *testing.T) {
	t.Parallel()
	readers := &webtest.Readers{Expired: true}
	s := newServer(t, readers, true)
	if res, _ := ask(t, "POST", s.URL+"/u/forged", nil, url.Values{}); res.StatusCode != 404 {
		t.Errorf("forged: %s", res.Status)
	}
	_, body := ask(t, "POST", s.URL+"/c/good", nil, url.Values{})
	if readers.Confirmed || !strings.Contains(body, "too old") {
		t.Errorf("an expired link confirmed: %s", body)
	}
}

func TestEveryPageHasItsHeadersAndOneHeading(t *testing.T) {
	t.Parallel()
	s := newServer(t, &webtest.Readers{}, true)
	for _, path := range []string{"/", "/feeds", "/c/good", "/u/good", "/issues", "/i/7", "/i/999", "/i/007"} {
		res, body := ask(t, "GET", s.URL+path, map[string]string{"Accept-Language": "en-GB,en;q=0.8"}, nil)
		for name, want := range map[string]string{"Content-Security-Policy": "default-src 'none'", "X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer"} {
			if !strings.Contains(res.Header.Get(name), want) {
				t.Errorf("%s: %s is %q", path, name, res.Header.Get(name))
			}
		}
		if n := strings.Count(body, "<h1>"); n != 1 || strings.Contains(body, "⟦") || len(body) > 15_000 {
			t.Errorf("%s: %d headings, %d bytes\n%s", path, n, len(body), body)
		}
		if _, err := html.Parse(strings.NewReader(body)); err != nil {
			t.Errorf("%s: %v", path, err)
		}
	}
}

func TestTextOfAPostIsDataOnTheArchivePage(t *testing.T) {
	t.Parallel()
	s := newServer(t, &webtest.Readers{}, true)
	_, body := ask(t, "GET", s.URL+"/i/7", nil, nil)
	if strings.Contains(body, "<script") || !strings.Contains(body, "{{ .Secret }} stays text") || !strings.Contains(body, "https://blog.example.org/a/") {
		t.Errorf("\n%s", body)
	}
}

func TestTheArchiveIsPaged(t *testing.T) {
	t.Parallel()
	s := newServer(t, &webtest.Readers{}, true)
	_, first := ask(t, "GET", s.URL+"/issues", nil, nil)
	_, second := ask(t, "GET", s.URL+"/issues?before=11", nil, nil)
	if !strings.Contains(first, "/issues?before=11") || strings.Contains(second, "before=") || !strings.Contains(second, `href="/i/1"`) {
		t.Errorf("\n%s\n%s", first, second)
	}
}

func TestHealthTellsTroubleByStatusAndWords(t *testing.T) {
	t.Parallel()
	for _, healthy := range []bool{true, false} {
		res, body := ask(t, "GET", newServer(t, &webtest.Readers{}, healthy).URL+"/healthz", nil, nil)
		var h web.Health
		if err := json.Unmarshal([]byte(body), &h); err != nil || h.OK != healthy || (res.StatusCode == 200) != healthy {
			t.Errorf("%s %q %v", res.Status, body, err)
		}
	}
}

func TestFeedsAreServedBesideThePages(t *testing.T) {
	t.Parallel()
	s := newServer(t, &webtest.Readers{}, true)
	if res, body := ask(t, "GET", s.URL+"/rss.xml", nil, nil); res.StatusCode != 200 || body != "<rss/>" || res.Header.Get("Content-Security-Policy") != "" {
		t.Errorf("%s %q", res.Status, body)
	}
	res, body := ask(t, "GET", s.URL+"/", nil, nil)
	if !strings.Contains(body, "https://news.example.org/rss.xml") || res.Header.Get("Content-Language") != "zh-CN" {
		t.Errorf("%v\n%s", res.Header, body)
	}
}

func TestTheFakesKeepTheContract(t *testing.T) {
	t.Parallel()
	webtest.KeepsReadersContract(t, &webtest.Readers{}, "good", "good")
	record := posts.Record{ID: "tag:x,2026:a"}
	date := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	webtest.KeepsArchiveContract(t, webtest.Archive{{Number: 7, Title: "W", Date: date, Posts: []posts.Record{record}}, {Number: 2, Title: "W", Date: date, Posts: []posts.Record{record}}}, []int64{7, 2})
}
