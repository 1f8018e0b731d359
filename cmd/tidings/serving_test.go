package main

import (
	"cmp"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"tidings.example/feed"
	"tidings.example/feed/feedtest"
)

// reconfigure returns what writes the configuration anew, with other lines after
// those that it had.
func (w *world) reconfigure() func(lines string) {
	w.t.Helper()
	text, err := os.ReadFile(filepath.Join(w.dir, "tidings.toml"))
	if err != nil {
		w.t.Fatal(err)
	}
	return func(lines string) {
		w.t.Helper()
		w.write("tidings.toml", string(text)+lines)
	}
}

// restart ends the daemon and starts another one.
func (r *running) restart() *running {
	r.w.t.Helper()
	r.end()
	return r.w.serve()
}

// end ends the daemon.
func (r *running) end() {
	r.w.t.Helper()
	r.stop()
	err := <-r.ended
	r.ended <- nil
	if err != nil {
		r.w.t.Fatalf("the daemon ended with %v\n%s", err, r.log)
	}
}

// answers is what a path answers, redirects not followed.
func (r *running) answers(path string, header ...string) *http.Response {
	r.w.t.Helper()
	req, err := http.NewRequestWithContext(r.w.t.Context(), http.MethodGet, r.base+path, nil)
	if err != nil {
		r.w.t.Fatal(err)
	}
	for i := 0; i < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	res, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		r.w.t.Fatal(err)
	}
	if err := res.Body.Close(); err != nil {
		r.w.t.Fatal(err)
	}
	return res
}

func TestAFeedThatIsNoMoreSaysSoAlsoAfterARestart(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "")
	write := w.reconfigure()
	write("[feeds]\ntags = [\"first\"]\n")
	w.database()
	r := w.serve()
	const path = "/tags/first/atom.xml"
	if res := r.answers(path); res.StatusCode != http.StatusOK {
		t.Fatal(res.Status)
	}
	write("")
	r = r.restart()
	for range 2 {
		res := r.answers(path, "If-None-Match", "*")
		if res.StatusCode != http.StatusGone || res.Header.Get("Cache-Control") != "public, max-age=3600" {
			t.Errorf("%s %v", res.Status, res.Header)
		}
		r = r.restart()
	}
	if res := r.answers("/tags/never/atom.xml"); res.StatusCode != http.StatusNotFound {
		t.Errorf("a feed that never was: %s", res.Status)
	}
	write("[feeds]\ntags = [\"first\"]\n")
	if res := r.restart().answers(path); res.StatusCode != http.StatusOK {
		t.Errorf("a feed that is back: %s", res.Status)
	}
}

func TestAFeedThatMovedLeadsToItsNewAddress(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "")
	write := w.reconfigure()
	write("[feeds]\ntags = [\"first\"]\n")
	w.database()
	write(`[feeds]
tags = ["second"]
[feeds.moved]
"/index.xml" = "/rss.xml"
"/feed/" = "/atom.xml"
"/tags/first/" = "/tags/second/"
"/tags/%E5%AE%9E%E9%AA%8C/" = "https://other.example.org/f/实验/"
"/old.json" = "https://other.example.org/feed?format=json"
`)
	r := w.serve()
	for path, want := range map[string]string{
		"/index.xml":                                 "https://news.example.org/rss.xml",
		"/index.xml?utm_source=x":                    "https://news.example.org/rss.xml",
		"/feed/":                                     "https://news.example.org/atom.xml",
		"/tags/first/atom.xml":                       "https://news.example.org/tags/second/atom.xml",
		"/tags/first/archive/3/feed.json":            "https://news.example.org/tags/second/archive/3/feed.json",
		"/tags/%E5%AE%9E%E9%AA%8C/rss.xml":           "https://other.example.org/f/%E5%AE%9E%E9%AA%8C/rss.xml",
		"/tags/%E5%AE%9E%E9%AA%8C/archive/0/rss.xml": "https://other.example.org/f/%E5%AE%9E%E9%AA%8C/archive/0/rss.xml",
		"/old.json":                                  "https://other.example.org/feed?format=json",
	} {
		res := r.answers(path, "If-None-Match", "*")
		if got := res.Header.Get("Location"); res.StatusCode != http.StatusMovedPermanently || got != want {
			t.Errorf("%s: %s to %q, want %q", path, res.Status, got, want)
		}
	}
	for path, want := range map[string]int{"/rss.xml": http.StatusOK, "/tags/first/other": http.StatusNotFound, "/tags/first/archive/x/rss.xml": http.StatusNotFound} {
		if res := r.answers(path); res.StatusCode != want {
			t.Errorf("%s: %s, want %d", path, res.Status, want)
		}
	}
}

func TestTheDaemonTellsAMadReaderToWait(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "")
	w.database()
	r := w.serve()
	var last *http.Response
	for range feedStore + 60 {
		if last = r.answers("/rss.xml", "X-Forwarded-For", "198.51.100.7"); last.StatusCode != http.StatusOK {
			break
		}
	}
	if last.StatusCode != http.StatusTooManyRequests || last.Header.Get("Retry-After") != "1" {
		t.Errorf("%s, Retry-After %q", last.Status, last.Header.Get("Retry-After"))
	}
	if res := r.answers("/rss.xml", "X-Forwarded-For", "198.51.100.8"); res.StatusCode != http.StatusOK {
		t.Errorf("another reader: %s", res.Status)
	}
	if res := r.answers("/healthz", "X-Forwarded-For", "198.51.100.7"); res.StatusCode == http.StatusTooManyRequests {
		t.Errorf("what is no feed: %s", res.Status)
	}
	w.pass(time.Hour)
	if res := r.answers("/rss.xml", "X-Forwarded-For", "198.51.100.7"); res.StatusCode != http.StatusOK {
		t.Errorf("an hour later: %s", res.Status)
	}
}

func TestTheLimitOfARefusedConfigurationIsNotInForce(t *testing.T) {
	t.Parallel()
	w := newWorld(t, newMailServer(t).config())
	w.database()
	r := w.serve()
	ask := func() int { return r.answers("/rss.xml", "X-Forwarded-For", "198.51.100.7").StatusCode }
	for range feedStore + 60 {
		if ask() != http.StatusOK {
			break
		}
	}
	file := filepath.Join(w.dir, "tidings.toml")
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	free := strings.Replace(string(text), "[web]", "[web]\nfeed_requests = 0", 1)
	w.write("tidings.toml", strings.Replace(free, "tls = \"none\"", "tls = \"none\"\nca_file = \"missing.pem\"", 1))
	r.hup <- syscall.SIGHUP
	r.await("the old one stays")
	if status := ask(); status != http.StatusTooManyRequests {
		t.Errorf("after a refused configuration without a limit: %d", status)
	}
	w.write("tidings.toml", free)
	r.hup <- syscall.SIGHUP
	r.await("is in force")
	if status := ask(); status != http.StatusOK {
		t.Errorf("without a limit: %d", status)
	}
}

func TestLastModifiedMovesOnAnEditAndADeletionAndNeverBack(t *testing.T) {
	t.Parallel()
	h := feedtest.NewHub(t)
	w := newWorld(t, "")
	w.post("second", "2026-11-23", "News.")
	w.database()
	w.hubs(h, "ttl = \"90m\"\n")
	r := w.serveTo(h)
	n := r.news(h, 0)
	dated := func(r *running) (tag string, at time.Time) {
		t.Helper()
		res := r.answers("/rss.xml")
		at, err := http.ParseTime(res.Header.Get("Last-Modified"))
		if err != nil || at.After(w.clock()) || res.Header.Get("Cache-Control") != "public, max-age=5400" {
			t.Errorf("%v, %v", err, res.Header)
		}
		return res.Header.Get("Etag"), at
	}
	if _, body := r.get("/rss.xml"); !strings.Contains(body, "<ttl>90</ttl>") {
		t.Error("the document names another time than its header")
	}
	tag, at := dated(r)
	file := filepath.Join(w.dir, "blog/source/_posts/second.md")
	for what, change := range []func(){func() { w.post("second", "2026-11-23", "Better news.") }, func() {
		if err := os.Remove(file); err != nil {
			t.Fatal(err)
		}
	}} {
		w.pass(time.Minute)
		change()
		n = r.news(h, n)
		newTag, newAt := dated(r)
		if newTag == tag || !newAt.After(at) {
			t.Errorf("change %d: from %s of %v to %s of %v", what, tag, at, newTag, newAt)
		}
		tag, at = newTag, newAt
	}
	if again, after := dated(r.restart()); again != tag || after.Before(at) {
		t.Errorf("a restart: from %s of %v to %s of %v", tag, at, again, after)
	}
}

func TestAPingThatAKilledDaemonOwesGoesOutAfterItsRestart(t *testing.T) {
	t.Parallel()
	h := feedtest.NewHub(t)
	asked, hold := make(chan struct{}, 1), make(chan struct{})
	h.Behave(func(_ http.ResponseWriter, r *http.Request, _ int) {
		asked <- struct{}{}
		select { // the daemon ends amid the conversation
		case <-hold:
		case <-r.Context().Done():
		}
	})
	w := newWorld(t, "")
	w.database()
	w.hubs(h, "")
	r := w.serveTo(h)
	<-asked
	r.end()
	close(hold)
	h.Behave(nil)
	n := len(h.Await(1))
	w.pass(3 * time.Minute) // the claim of the dead one has run out
	r = w.serveTo(h)
	r.news(h, n)
}

func TestTheDaemonServesEveryFeedAsTheJudgeWantsIt(t *testing.T) {
	t.Parallel()
	tool, err := filepath.Abs(filepath.Join(cmp.Or(os.Getenv("TIDINGS_SHARED"), filepath.Join("..", "..", "..", "shared")), "tools", "feedcheck", "feedhttp"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(tool); err != nil {
		t.Skip("the judge feedhttp is not here: set TIDINGS_SHARED to the folder that holds tools/feedcheck")
	}
	h := feedtest.NewHub(t)
	w := newWorld(t, "")
	w.database()
	w.hubs(h, "tags = [\"*\"]\n")
	r := w.serveTo(h)
	w.pass(time.Minute) // a date is no proof within its second
	args := []string{"--hub"}
	for _, folder := range []string{"", "tags/first/", "digests/weekly/"} {
		for _, f := range feed.Formats() {
			args = append(args, fmt.Sprintf("%s/%s%s", r.base, folder, f.FileName()))
		}
	}
	if out, err := exec.CommandContext(t.Context(), tool, args...).CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}
