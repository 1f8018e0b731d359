package main

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"tidings.example/feed"
	"tidings.example/feed/feedtest"
	"tidings.example/posts"
)

// hubs writes a table [feeds] that names the hub, and more lines.
func (w *world) hubs(h *feedtest.Hub, more string) {
	w.t.Helper()
	text, err := os.ReadFile(filepath.Join(w.dir, "tidings.toml"))
	if err != nil {
		w.t.Fatal(err)
	}
	w.write("tidings.toml", string(text)+fmt.Sprintf("[feeds]\nhubs = [%q]\n%s", h.URL+"/", more))
}

// serveTo starts a daemon whose feeds the hub finds at its public address.
func (w *world) serveTo(h *feedtest.Hub) *running {
	w.t.Helper()
	ready := make(chan struct{})
	var r *running
	h.Fetch = func(topic string) ([]byte, error) {
		<-ready
		res, err := http.Get(r.base + "/" + strings.TrimPrefix(topic, "https://news.example.org/"))
		if err != nil {
			return nil, err
		}
		defer res.Body.Close()
		return io.ReadAll(res.Body)
	}
	r = w.serve()
	close(ready)
	return r
}

// news waits until the hub was told of all three formats of the feed of
// everything again, wants it to have found the bytes that are there now, and
// returns how often it was told by then.
func (r *running) news(h *feedtest.Hub, before int) int {
	r.w.t.Helper()
	var topics []string
	for len(topics) < 3 {
		one := h.Await(before + 1)[before]
		before++
		path := strings.TrimPrefix(one.Topic, "https://news.example.org")
		if strings.HasPrefix(path, "/digests/") {
			continue
		}
		if _, body := r.get(path); one.Tag != feed.Tag([]byte(body)) {
			r.w.t.Errorf("the hub found other bytes at %s when it was told", path)
		}
		topics = append(topics, path)
	}
	slices.Sort(topics)
	if want := []string{"/atom.xml", "/feed.json", "/rss.xml"}; !slices.Equal(topics, want) {
		r.w.t.Errorf("told of %v", topics)
	}
	return before
}

// posted is what a hub was told of the feeds of posts.
func posted(told []feedtest.Told) (out []feedtest.Told) {
	for _, one := range told {
		if !strings.Contains(one.Topic, "/digests/") {
			out = append(out, one)
		}
	}
	return out
}

func TestAHubIsToldOfANewPostAnEditAndADeletionOnceTheyAreLive(t *testing.T) {
	t.Parallel()
	h := feedtest.NewHub(t)
	w := newWorld(t, "")
	w.database()
	w.hubs(h, "")
	r := w.serveTo(h)
	n := r.news(h, 0) // the first publication
	if res, err := http.Get(r.base + "/atom.xml"); err != nil || !strings.Contains(res.Header.Get("Link"), "<"+h.URL+`/>; rel="hub"`) {
		t.Errorf("%v %v", res, err)
	}
	w.post("second", "2026-11-23", "News.")
	n = r.news(h, n)
	w.post("second", "2026-11-23", "Better news.")
	n = r.news(h, n)
	if err := os.Remove(filepath.Join(w.dir, "blog/source/_posts/second.md")); err != nil {
		t.Fatal(err)
	}
	n = r.news(h, n)
	r.await("told a hub")
	// Nothing changed, whoever looks: a restart and a build beside the daemon are no news.
	r.stop()
	err := <-r.ended
	r.ended <- err
	if err != nil {
		t.Fatal(err)
	}
	r = w.serveTo(h)
	w.ok("build")
	w.post("third", "2026-11-23", "More.")
	n = r.news(h, n)
	if told := posted(h.Told()[n:]); len(told) > 0 {
		t.Errorf("the hub was told of old news: %v", told)
	}
	r.await("told a hub") // the last answer is in the ledger, too
	if out := w.ok("status"); !strings.Contains(out, "hub "+h.URL+"/: knows all feeds\n") {
		t.Errorf("status:\n%s", out)
	}
}

func TestAHubThatIsNotWellIsToldLater(t *testing.T) {
	t.Parallel()
	h := feedtest.NewHub(t)
	h.Behave(func(w http.ResponseWriter, _ *http.Request, n int) {
		if n < 3 {
			http.Error(w, "the queue is full", 500+n)
		}
	})
	w := newWorld(t, "")
	w.database()
	w.hubs(h, "")
	r := w.serveTo(h)
	r.await("502 Bad Gateway: the queue is full")
	out, _, code := w.run(t.Context(), "status")
	if code != 0 || !strings.Contains(out, "hub "+h.URL+"/: 6 feeds to tell, next try ") || !strings.Contains(out, "the queue is full") {
		t.Errorf("exit code %d\n%s", code, out)
	}
	w.pass(6 * time.Minute)
	r.hup <- syscall.SIGHUP // the next minute begins at once
	r.news(h, 3)
}

func TestAHubThatRefusesIsATroubleUntilItTakesTheNews(t *testing.T) {
	t.Parallel()
	h := feedtest.NewHub(t)
	h.Behave(func(w http.ResponseWriter, r *http.Request, _ int) { http.NotFound(w, r) })
	m, letters := arriving(t)
	w := newWorld(t, m.config())
	w.database()
	w.hubs(h, "")
	r := w.serveTo(h)
	if _, text := header(t, (<-letters).text); !strings.Contains(text, "it was not told of 6 feeds: 404 Not Found: 404 page not found") {
		t.Errorf("the owner reads\n%s", text)
	}
	if troubles, code := w.trouble(); code != exitFindings || len(troubles) != 1 {
		t.Errorf("exit code %d, %v", code, troubles)
	}
	if status, problems := r.healthy(); status != 503 || len(problems) != 1 || strings.Contains(problems[0], "http") {
		t.Errorf("%d %v", status, problems)
	}
	h.Behave(nil)
	w.pass(2 * time.Hour)
	w.post("second", "2026-11-23", "News.")
	r.await("trouble is over") // of the feeds without news, too
	if troubles, code := w.trouble(); code != 0 {
		t.Errorf("exit code %d, %v", code, troubles)
	}
}

// static is a host to which somebody carries the files.
func (w *world) static() (address string, deploy func()) {
	w.t.Helper()
	www := filepath.Join(w.t.TempDir(), "www")
	s := httptest.NewServer(http.FileServer(http.Dir(www)))
	w.t.Cleanup(s.Close)
	return s.URL + "/", func() {
		w.t.Helper()
		if err := errors.Join(os.RemoveAll(www), os.CopyFS(www, os.DirFS(filepath.Join(w.dir, "feeds")))); err != nil {
			w.t.Fatal(err)
		}
	}
}

func TestARunTellsAHubOnceTheStaticHostHasTheFiles(t *testing.T) {
	t.Parallel()
	h := feedtest.NewHub(t)
	w := newWorld(t, "")
	address, deploy := w.static()
	w.hubs(h, fmt.Sprintf("url = %q\n", address))
	for _, command := range []string{"build", "run"} {
		w.ok(command)
	}
	if out := w.ok("status"); len(h.Told()) > 0 || !strings.Contains(out, "waits until the feed is live: it answers 404 Not Found") {
		t.Errorf("told %v of feeds that nobody has deployed\n%s", h.Told(), out)
	}
	deploy()
	w.pass(time.Minute)
	w.ok("run")
	w.post("second", "2026-11-23", "News.")
	w.ok("build")
	if told := posted(h.Told()); len(told) != 3 {
		t.Errorf("told %d times, want 3 of the first and none of the second", len(told))
	}
	deploy()
	w.pass(time.Minute)
	w.ok("build")
	told := posted(h.Told())
	if len(told) != 6 {
		t.Fatalf("%+v", told)
	}
	for _, one := range told[3:] {
		text, err := os.ReadFile(filepath.Join(w.dir, "feeds", filepath.Base(one.Topic)))
		if err != nil || one.Tag != feed.Tag(text) || one.Status != 204 {
			t.Errorf("%+v, %v", one, err)
		}
	}
}

func TestAProcessThatDiesBeforeItAnnouncesLosesNoNews(t *testing.T) {
	t.Parallel()
	h := feedtest.NewHub(t)
	w := newWorld(t, "")
	address, deploy := w.static()
	w.hubs(h, fmt.Sprintf("url = %q\n", address))
	w.ok("build")
	deploy()
	w.pass(time.Minute)
	w.ok("run")
	// The process writes the feed and dies before it comes to the news.
	w.post("second", "2026-11-23", "News.")
	sh := &shell{in: strings.NewReader(""), out: io.Discard, err: io.Discard, getenv: func(string) string { return "" }, now: w.clock,
		args: &grammar{Config: filepath.Join(w.dir, "tidings.toml")}}
	p, err := sh.open(t.Context(), false)
	if err != nil {
		t.Fatal(err)
	}
	p.feeds.News = nil
	if r, err := p.round(t.Context(), p.publisher(true), w.clock(), posts.ScanOptions{}); err != nil || len(r.Files) != 3 {
		t.Fatalf("%v %v", r.Files, err)
	}
	if err := p.Close(); err != nil {
		t.Fatal(err)
	}
	deploy()
	w.ok("run")
	if told := posted(h.Told()); len(told) != 6 {
		t.Errorf("told %d times: %+v", len(told), told)
	}
}

func TestAHubThatIsConfiguredNoMoreIsForgotten(t *testing.T) {
	t.Parallel()
	h := feedtest.NewHub(t)
	h.Behave(func(w http.ResponseWriter, r *http.Request, _ int) { http.NotFound(w, r) })
	w := newWorld(t, "")
	address, deploy := w.static()
	text, err := os.ReadFile(filepath.Join(w.dir, "tidings.toml"))
	if err != nil {
		t.Fatal(err)
	}
	w.hubs(h, fmt.Sprintf("url = %q\n", address))
	w.ok("build")
	deploy()
	w.pass(time.Minute)
	w.ok("run")
	if troubles, code := w.trouble(); code != exitFindings {
		t.Errorf("exit code %d, %v", code, troubles)
	}
	w.write("tidings.toml", string(text))
	w.ok("run")
	if out := w.ok("status"); strings.Contains(out, "hub ") {
		t.Errorf("status:\n%s", out)
	}
}

func TestNoHubLeadsIntoAPrivateNetwork(t *testing.T) {
	t.Parallel()
	h := feedtest.NewHub(t)
	h.Behave(func(w http.ResponseWriter, r *http.Request, _ int) {
		http.Redirect(w, r, "http://10.0.0.1/", http.StatusTemporaryRedirect)
	})
	w := newWorld(t, "")
	address, deploy := w.static()
	w.reconfigure()(fmt.Sprintf("[feeds]\nurl = %q\nhubs = [%q, \"http://169.254.169.254/\"]\n", address, h.URL+"/"))
	w.ok("build")
	deploy()
	w.pass(time.Minute)
	w.ok("run")
	out := w.ok("status")
	for _, want := range []string{"hub http://169.254.169.254/: 6 feeds to tell", "169.254.169.254 is no public address, and a hub must have one",
		"hub " + h.URL + "/: 6 feeds to tell", "10.0.0.1 is no public address, and a hub must have one"} {
		if !strings.Contains(out, want) {
			t.Errorf("status does not say %q:\n%s", want, out)
		}
	}
}
