package web_test

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"tidings.example/internal/web"
	"tidings.example/internal/web/webtest"
	"tidings.example/mailer"
)

const feedsAt = "https://news.example.org/"

func listing(name, folder string) web.Listing {
	return web.Listing{Name: name, Atom: feedsAt + folder + "atom.xml", RSS: feedsAt + folder + "rss.xml", JSON: feedsAt + folder + "feed.json"}
}

// directory has feeds of every kind, and of so many tags.
func directory(tags int) *web.Directory {
	d := &web.Directory{Author: "李雷", Main: listing("示例博客", ""), OPML: feedsAt + "feeds.opml"}
	own := listing("Long reads", "long-reads/")
	own.Description, own.Language = "What takes an <hour>.", "en"
	d.Groups = append(d.Groups, web.Group{Kind: "own", Feeds: []web.Listing{own}}, web.Group{Kind: "tag"})
	for n := range tags {
		d.Groups[1].Feeds = append(d.Groups[1].Feeds, listing(fmt.Sprintf("tag & %d", n), fmt.Sprintf("tags/%d/", n)))
	}
	for _, kind := range []string{"category", "language", "author", "digest"} {
		d.Groups = append(d.Groups, web.Group{Kind: kind, Feeds: []web.Listing{listing("سطر من اليمين", kind+"/x/")}})
	}
	return d
}

func TestThePageOfFeedsOffersEveryFeedInEveryFormat(t *testing.T) {
	t.Parallel()
	s := newServer(t, &webtest.Readers{}, true)
	res, body := ask(t, "GET", s.URL+"/feeds", map[string]string{"Accept-Language": "en"}, nil)
	d := parse(t, body)
	if res.StatusCode != 200 || d.text("h1") != "Feeds of 示例博客" || d.text("main .meta") != "By 李雷" || !strings.Contains(d.text("main"), "A feed is a list of what is new on this blog") {
		t.Fatalf("%s\n%s", res.Status, body)
	}
	want := []string{feedsAt + "atom.xml", feedsAt + "rss.xml", feedsAt + "feed.json"}
	if got := d.values("main ul.addresses a", "href"); !slices.Equal(got, want) {
		t.Errorf("the feed of everything is at %q, want %q", got, want)
	}
	if got := d.text("main ul.addresses a"); got != want[0] {
		t.Errorf("the address is written as %q", got)
	}
	if n := len(d.all("details.feeds")); n != 6 {
		t.Errorf("%d groups", n)
	}
	tags := d.values("details.feeds a", "href")
	for _, format := range []string{"atom.xml", "rss.xml", "feed.json"} {
		if !slices.Contains(tags, feedsAt+"tags/29/"+format) {
			t.Errorf("the last tag has no %s", format)
		}
	}
	if d.text(`details [lang="en"].meta`) != "What takes an <hour>." || len(d.all(`details .name[dir="auto"]`)) != 35 {
		t.Errorf("\n%s", body)
	}
	if got := d.values("main p a", "href"); !slices.Equal(got, []string{feedsAt + "feeds.opml"}) {
		t.Errorf("the list of all feeds is at %q", got)
	}
}

func TestManyTagsAreFoldedAndFewAreShown(t *testing.T) {
	t.Parallel()
	s := newServer(t, &webtest.Readers{}, true)
	_, body := ask(t, "GET", s.URL+"/feeds", map[string]string{"Accept-Language": "en"}, nil)
	d := parse(t, body)
	if open := len(d.all("details[open]")); open != 5 {
		t.Errorf("%d of 6 groups are open", open)
	}
	for _, n := range d.all("details") {
		one := document{n}
		if _, open := attribute(n, "open"); open == strings.HasPrefix(one.text("summary"), "By tag") {
			t.Errorf("%q is open: %t", one.text("summary"), open)
		}
	}
}

func TestThePageOfFeedsRunsOneScriptOfItsOwn(t *testing.T) {
	t.Parallel()
	s := newServer(t, &webtest.Readers{}, true)
	res, body := ask(t, "GET", s.URL+"/feeds", nil, nil)
	d := parse(t, body)
	scripts := d.values("script[src]", "src")
	if policy := res.Header.Get("Content-Security-Policy"); len(scripts) != 1 || len(d.all("script")) != 1 || len(d.all("style")) != 0 || !strings.Contains(policy, "script-src 'self'") || strings.Contains(policy, "unsafe") {
		t.Fatalf("%q by %q\n%s", scripts, policy, body)
	}
	for _, path := range append(scripts, d.values(`link[rel="stylesheet"]`, "href")...) {
		res, text := ask(t, "GET", s.URL+path, nil, nil)
		if res.StatusCode != 200 || text == "" || !strings.Contains(res.Header.Get("Cache-Control"), "immutable") {
			t.Errorf("%s: %s %v", path, res.Status, res.Header)
		}
	}
	for _, path := range []string{"/", "/issues", "/c/good"} {
		if res, body := ask(t, "GET", s.URL+path, nil, nil); strings.Contains(body, "<script") || strings.Contains(res.Header.Get("Content-Security-Policy"), "script-src") {
			t.Errorf("%s may run scripts", path)
		}
	}
}

func TestWhoHasThePageOfFeedsGetsA304(t *testing.T) {
	t.Parallel()
	s := newServer(t, &webtest.Readers{}, true)
	tags := map[string]string{}
	for _, language := range []string{"en", "zh-CN"} {
		res, _ := ask(t, "GET", s.URL+"/feeds", map[string]string{"Accept-Language": language}, nil)
		tags[language] = res.Header.Get("ETag")
		if !strings.Contains(strings.Join(res.Header.Values("Vary"), ","), "Accept-Language") {
			t.Errorf("%s: Vary is %q", language, res.Header.Values("Vary"))
		}
		res, body := ask(t, "GET", s.URL+"/feeds", map[string]string{"Accept-Language": language, "If-None-Match": tags[language]}, nil)
		if res.StatusCode != http.StatusNotModified || body != "" {
			t.Errorf("%s: %s", language, res.Status)
		}
	}
	if tags["en"] == tags["zh-CN"] || tags["en"] == "" {
		t.Errorf("tags %q", tags)
	}
	res, _ := ask(t, "GET", s.URL+"/feeds", map[string]string{"Accept-Language": "en", "If-None-Match": tags["zh-CN"]}, nil)
	if res.StatusCode != 200 {
		t.Errorf("with the tag of another language: %s", res.Status)
	}
}

func TestOtherNamesOfThePageOfFeedsLeadToIt(t *testing.T) {
	t.Parallel()
	s := newServerAt(t, &webtest.Readers{}, true, "https://example.org/news/")
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	for _, path := range []string{"/feeds.html", "/feeds/"} {
		res, err := client.Get(s.URL + path)
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		if res.StatusCode != http.StatusMovedPermanently || res.Header.Get("Location") != "/news/feeds" {
			t.Errorf("%s: %s to %q", path, res.Status, res.Header.Get("Location"))
		}
	}
}

func TestEveryPageNamesTheFeedOfEverythingAndLeadsToTheOthers(t *testing.T) {
	t.Parallel()
	s := newServer(t, &webtest.Readers{}, true)
	for _, path := range []string{"/", "/feeds", "/issues", "/i/7", "/c/good", "/u/good", "/i/999"} {
		_, body := ask(t, "GET", s.URL+path, nil, nil)
		d := parse(t, body)
		if got := d.values(`link[rel="alternate"][type="application/rss+xml"]`, "href"); !slices.Equal(got, []string{feedsAt + "rss.xml"}) {
			t.Errorf("%s: %q", path, got)
		}
		if got := d.values(`link[rel="alternate"]`, "title"); !slices.Equal(got, []string{"示例博客 · RSS"}) {
			t.Errorf("%s: %q", path, got)
		}
		if got := d.values("footer nav a", "href"); !slices.Contains(got, "/feeds") {
			t.Errorf("%s leads to %q", path, got)
		}
	}
	_, body := ask(t, "GET", s.URL+"/", nil, nil)
	if got := parse(t, body).values("main a", "href"); !slices.Contains(got, "/feeds") {
		t.Errorf("the first page leads to %q", got)
	}
}

func TestTheFileOfThePageNeedsNoOther(t *testing.T) {
	t.Parallel()
	f := web.File{Publication: mailer.Publication{Title: "示例博客", URL: "https://blog.example.org/"}, Language: "zh-CN", Directory: directory(3), Mark: "ours"}
	text, err := web.FeedsFile(f)
	if err != nil {
		t.Fatal(err)
	}
	d := parse(t, string(text))
	if len(d.all("script[src]")) != 0 || len(d.all(`link[rel="stylesheet"]`)) != 0 || len(d.all("style")) != 1 || len(d.all("script")) != 1 {
		t.Errorf("\n%s", text)
	}
	if !strings.Contains(d.text("style"), "prefers-color-scheme: dark") || !strings.Contains(d.text("script"), "navigator.clipboard") || strings.Contains(string(text), "ZgotmplZ") {
		t.Errorf("\n%s", text)
	}
	if got := d.values("footer nav a", "href"); !slices.Equal(got, []string{"https://blog.example.org/"}) {
		t.Errorf("the file leads to %q", got)
	}
	if !strings.HasPrefix(string(text), "<!doctype html>\n<!-- ours -->\n") {
		t.Errorf("it is not marked:\n%s", text)
	}
	policy := d.values("meta[http-equiv]", "content")[0]
	for _, element := range []string{"style", "script"} {
		sum := sha256.Sum256([]byte(d.all(element)[0].FirstChild.Data))
		if want := element + "-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"; !strings.Contains(policy, want) {
			t.Errorf("its policy %q refuses its own %s: want %s", policy, element, want)
		}
	}
	f.Root = feedsAt
	again, err := web.FeedsFile(f)
	if err != nil {
		t.Fatal(err)
	}
	if got := parse(t, string(again)).values("footer nav a", "href"); !slices.Contains(got, feedsAt+"issues") {
		t.Errorf("with a server beside it, it leads to %q", got)
	}
}

func TestPagesLeadBelowThePathOfTheirPublicAddress(t *testing.T) {
	t.Parallel()
	s := newServerAt(t, &webtest.Readers{}, true, "https://example.org/news")
	for _, path := range []string{"/", "/feeds", "/issues", "/i/7", "/c/good", "/u/good", "/i/999"} {
		_, body := ask(t, "GET", s.URL+path, nil, nil)
		d := parse(t, body)
		links := append(d.values("a", "href"), d.values("link", "href")...)
		links = append(append(links, d.values("script", "src")...), d.values("form", "action")...)
		for _, to := range links {
			if strings.HasPrefix(to, "/") && !strings.HasPrefix(to, "/news/") {
				t.Errorf("%s leads to %s", path, to)
			}
			// The web server in front takes /news off.
			if at, ours := strings.CutPrefix(to, "/news/"); ours {
				if res, _ := ask(t, "GET", s.URL+"/"+at, nil, nil); res.StatusCode != 200 {
					t.Errorf("%s leads to %s: %s", path, to, res.Status)
				}
			}
		}
	}
}
