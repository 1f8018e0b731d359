package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// running is a daemon of a test.
type running struct {
	w     *world
	base  string // address of the pages
	hup   chan os.Signal
	stop  context.CancelFunc
	ended chan error
	log   *buffer
	// program is the first generation's.
	program *program
}

// buffer is a log that is read while it is written. Each write rings the bell.
type buffer struct {
	mu   sync.Mutex
	b    bytes.Buffer
	bell chan struct{}
}

func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	n, err := b.b.Write(p)
	select {
	case b.bell <- struct{}{}:
	default:
	}
	return n, err
}

func (b *buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

// await waits for words in the log.
func (r *running) await(words string) {
	r.w.t.Helper()
	for !strings.Contains(r.log.String(), words) {
		select {
		case <-r.log.bell:
		case <-r.w.t.Context().Done():
			r.w.t.Fatalf("the log never said %q:\n%s", words, r.log)
		}
	}
}

// serve starts the daemon of a world.
func (w *world) serve() *running {
	w.t.Helper()
	r := &running{w: w, hup: make(chan os.Signal, 1), ended: make(chan error, 1), log: &buffer{bell: make(chan struct{}, 1)}}
	ctx, stop := context.WithCancel(context.Background())
	r.stop = stop
	sh := &shell{in: strings.NewReader(""), out: io.Discard, err: r.log, getenv: func(string) string { return "" }, now: w.clock,
		args: &grammar{Config: filepath.Join(w.dir, "tidings.toml")}}
	p, err := sh.open(ctx, false)
	if err != nil {
		w.t.Fatal(err)
	}
	r.program = p
	lock, err := p.db.Lock(ctx, "serve", sh.now())
	p.lock = lock
	if err != nil {
		w.t.Fatal(err)
	}
	address := make(chan net.Addr, 1)
	d := &daemon{sh: sh, db: p.db, hup: r.hup, started: func(_ *program, a net.Addr) { address <- a }}
	go func() { r.ended <- errors.Join(d.run(ctx, p), lock.Close(), p.db.Close()) }()
	select {
	case a := <-address:
		r.base = "http://" + a.String()
	case err := <-r.ended:
		w.t.Fatalf("the daemon ended: %v\n%s", err, r.log)
	}
	w.t.Cleanup(func() {
		stop()
		if err := <-r.ended; err != nil {
			w.t.Errorf("the daemon ended with %v\n%s", err, r.log)
		}
	})
	return r
}

// get asks for a page, post presses its button.
func (r *running) get(path string) (int, string) { return r.ask("GET", path, nil) }
func (r *running) post(path string, form url.Values) (int, string) {
	return r.ask("POST", path, strings.NewReader(form.Encode()))
}

func (r *running) ask(method, path string, body io.Reader) (int, string) {
	r.w.t.Helper()
	req, err := http.NewRequestWithContext(r.w.t.Context(), method, r.base+path, body)
	if err != nil {
		r.w.t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		r.w.t.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		r.w.t.Fatal(err)
	}
	return res.StatusCode, string(text)
}

// arriving is a mail server that hands out what arrives.
func arriving(t *testing.T) (*mailServer, <-chan letter) {
	letters := make(chan letter, 100)
	m := newMailServer(t)
	m.arrived = func(l letter) { letters <- l }
	return m, letters
}

// path finds the path of a link of ours in a letter.
func path(t *testing.T, l letter, kind string) string {
	t.Helper()
	_, body := header(t, l.text)
	found := regexp.MustCompile(`https://news\.example\.org(/` + kind + `/[A-Za-z0-9_-]+)`).FindStringSubmatch(body)
	if found == nil {
		t.Fatalf("no /%s/ link in\n%s", kind, body)
	}
	return found[1]
}

func TestAReaderAddedBesideTheDaemonConfirmsReadsAndLeaves(t *testing.T) {
	t.Parallel()
	m, letters := arriving(t)
	w := newWorld(t, m.config())
	w.database()
	r := w.serve()
	// The list is written by another process; the daemon notices.
	if out := w.ok("subscribers", "add", "reader@example.com", "--cadence", "immediate"); !strings.Contains(out, "asked to confirm") {
		t.Fatal(out)
	}
	ask := <-letters
	link := path(t, ask, "c")
	if status, page := r.get(link); status != 200 || !strings.Contains(page, "<button>") {
		t.Fatalf("%d\n%s", status, page)
	}
	if out := w.ok("subscribers", "list"); !strings.Contains(out, "pending") {
		t.Fatalf("a GET confirmed:\n%s", out)
	}
	if status, page := r.post(link, nil); status != 200 || strings.Contains(page, "<button>") {
		t.Fatalf("%d\n%s", status, page)
	}
	// A new post wakes the watcher, is released, and goes out at once.
	w.post("second", "2026-11-23", "The second post.")
	news := <-letters
	if _, body := header(t, news.text); !strings.Contains(body, "The second post.") || strings.Contains(body, "The first post.") {
		t.Errorf("the letter says\n%s", body)
	}
	if status, page := r.get("/i/1"); status != 200 || !strings.Contains(page, "The second post") {
		t.Errorf("the archive: %d\n%s", status, page)
	}
	if status, feed := r.get("/rss.xml"); status != 200 || !strings.Contains(feed, "The second post") {
		t.Errorf("the feed: %d\n%s", status, feed)
	}
	// One click, as a mail program makes it.
	if status, _ := r.post(path(t, news, "u"), url.Values{"List-Unsubscribe": {"One-Click"}}); status != 200 {
		t.Errorf("unsubscribe: %d", status)
	}
	if out := w.ok("subscribers", "list"); !strings.Contains(out, "unsubscribed") {
		t.Errorf("after the click:\n%s", out)
	}
}

func TestABrokenNewConfigurationKeepsTheOldOneAndAGoodOneReplacesIt(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "")
	w.database()
	r := w.serve()
	file := filepath.Join(w.dir, "tidings.toml")
	good, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	w.write("tidings.toml", string(good)+"\n[[digest]]\nname = \"Two Words\"\n")
	r.hup <- syscall.SIGHUP
	r.await("the old one stays")
	if status, _ := r.get("/rss.xml"); status != 200 {
		t.Errorf("after a broken configuration: %d", status)
	}
	w.write("tidings.toml", strings.Replace(string(good), "[site]", "[site]\ntitle = \"A new name\"", 1))
	r.hup <- syscall.SIGHUP
	r.await("is in force")
	if _, feed := r.get("/rss.xml"); !strings.Contains(feed, "A new name") {
		t.Errorf("the feed after a reload:\n%s", feed)
	}
}

func TestANewConfigurationThatCannotWorkKeepsTheOldOne(t *testing.T) {
	t.Parallel()
	m := newMailServer(t)
	w := newWorld(t, m.config())
	w.database()
	r := w.serve()
	file := filepath.Join(w.dir, "tidings.toml")
	good, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	// The file passes check; the certificates are missing only when mail is to go.
	w.write("tidings.toml", strings.Replace(string(good), "tls = \"none\"", "tls = \"none\"\nca_file = \"missing.pem\"", 1))
	r.hup <- syscall.SIGHUP
	r.await("the old one stays")
	if status, _ := r.get("/rss.xml"); status != 200 {
		t.Errorf("after a configuration without certificates: %d", status)
	}
}

func TestAnIdleDaemonMakesOneRoundThoughItsFilesLieInTheBlog(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "")
	w.write("count.sh", "echo round >> \"$1\"\n")
	counted := filepath.Join(t.TempDir(), "rounds")
	file := filepath.Join(w.dir, "tidings.toml")
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	w.write("tidings.toml", strings.Replace(string(text), "dir = \"blog\"", "dir = \"blog\"\nbefore = [\"sh\", \"../count.sh\", \""+counted+"\"]", 1)+
		"[database]\npath = \"blog/tidings.db\"\n[feeds]\ndir = \"blog/feeds\"\n[mail.maildir]\ndir = \"blog/mail\"\n")
	w.database()
	r := w.serve()
	r.await("tidings serves")
	// A change of ours is seen after all that the first round wrote.
	w.post("second", "2026-11-23", "News.")
	r.await("released")
	rounds, err := os.ReadFile(counted)
	if err != nil {
		t.Fatal(err)
	}
	// build, the daemon's first, and the one for the new post, which may fall
	// together with the first.
	if n := strings.Count(string(rounds), "round"); n > 3 {
		t.Errorf("%d rounds", n)
	}
}

func TestAnEditIsSeenAtOnceThoughTheFeedsLieAmongThePosts(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "[feeds]\ndir = \"blog/source\"\n")
	w.database()
	r := w.serve()
	w.post("second", "2026-11-23", "News.")
	r.await("released posts=1") // the round of the start may have found it
	w.post("third", "2026-11-23", "More news.")
	for strings.Count(r.log.String(), "released posts=1") < 2 {
		select {
		case <-r.log.bell:
		case <-time.After(time.Minute):
			t.Fatalf("nobody saw the new post:\n%s", r.log)
		}
	}
}

func TestFeedsThatWereKeptBeforeTheDaemonAreServed(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "")
	w.database()
	r := w.serve()
	for _, path := range []string{"/rss.xml", "/atom.xml", "/feed.json"} {
		if status, _ := r.get(path); status != 200 {
			t.Errorf("%s: %d", path, status)
		}
	}
}

func TestAConnectionThatAsksNothingIsNoTroubleAtTheEnd(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "")
	w.database()
	r := w.serve()
	silent, err := net.Dial("tcp", strings.TrimPrefix(r.base, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()
	r.stop()
	err = <-r.ended
	r.ended <- err // the clean-up asks, too
	if err != nil {
		t.Error(err)
	}
}

func TestASecondDaemonEndsAndSaysWhoIsAtWork(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "")
	w.database()
	w.serve()
	for _, command := range []string{"serve", "run"} {
		_, errs, code := w.run(t.Context(), command)
		if code != exitLocked || !strings.Contains(errs, "tidings serve, process") {
			t.Errorf("%s: exit code %d, %s", command, code, errs)
		}
	}
	backup := filepath.Join(t.TempDir(), "backup.db")
	w.ok("backup", backup)
	for _, args := range [][]string{{"restore", backup}, {"restore", backup, "--replace"}} {
		_, errs, code := w.run(t.Context(), args...)
		if code != exitLocked || !strings.Contains(errs, "tidings serve, process") || !strings.Contains(errs, "stop it first") {
			t.Errorf("%v: exit code %d, %s", args, code, errs)
		}
	}
	if out := w.ok("status"); !strings.Contains(out, "running: tidings serve") {
		t.Errorf("status:\n%s", out)
	}
}

func TestHealthSaysThatAScanIsHeldUntilItIsAccepted(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "")
	for _, name := range []string{"a", "b", "c", "d", "e", "f"} {
		w.post(name, "2026-11-01", "Text of "+name+".")
	}
	w.database()
	r := w.serve()
	if status, text := r.get("/healthz"); status != 200 {
		t.Errorf("health: %d %s", status, text)
	}
	for _, name := range []string{"a", "b", "c", "d"} {
		if err := os.Remove(filepath.Join(w.dir, "blog/source/_posts", name+".md")); err != nil {
			t.Fatal(err)
		}
	}
	_, _, code := w.run(t.Context(), "scan")
	if code != exitFindings {
		t.Errorf("scan: exit code %d", code)
	}
	w.pass(healthLasts)
	status, text := r.get("/healthz")
	var h struct {
		OK       bool
		Problems []string
	}
	if err := json.Unmarshal([]byte(text), &h); err != nil || status != 503 || h.OK || !strings.Contains(strings.Join(h.Problems, "\n"), "held") {
		t.Errorf("health: %d %s", status, text)
	}
	w.ok("scan", "--accept")
	w.pass(healthLasts)
	if status, text := r.get("/healthz"); status != 200 {
		t.Errorf("health after --accept: %d %s", status, text)
	}
}

func TestTheEndOfTheDaemonLosesNoLetter(t *testing.T) {
	t.Parallel()
	m := newMailServer(t)
	w := newWorld(t, m.config())
	w.database()
	for _, c := range "abcdefghijklmnopqrst" {
		w.ok("subscribers", "add", string(c)+"@example.com", "--consent", "yes", "--cadence", "immediate")
	}
	r := w.serve()
	first := make(chan struct{})
	var once sync.Once
	m.arrived = func(letter) { once.Do(func() { close(first) }) }
	w.post("second", "2026-11-23", "News.")
	<-first
	r.stop()
	if err := <-r.ended; err != nil {
		t.Fatal(err)
	}
	r.ended <- nil
	w.ok("run")
	to := map[string]int{}
	for _, l := range m.got() {
		to[l.to]++
	}
	if len(to) != 20 || len(m.got()) != 20 {
		t.Errorf("%d letters for %d readers", len(m.got()), len(to))
	}
}

func TestADaemonThatIsStoppedAtOnceEndsInPeace(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "")
	w.database()
	sh := &shell{in: strings.NewReader(""), out: io.Discard, err: io.Discard, getenv: func(string) string { return "" }, now: w.clock,
		args: &grammar{Config: filepath.Join(w.dir, "tidings.toml")}}
	p, err := sh.open(t.Context(), false)
	if err != nil {
		t.Fatal(err)
	}
	defer p.db.Close()
	if p.lock, err = p.db.Lock(t.Context(), "serve", sh.now()); err != nil {
		t.Fatal(err)
	}
	defer p.lock.Close()
	g, err := newGeneration(p)
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	stop()
	if err := g.run(ctx); err != nil {
		t.Errorf("stopped as soon as it was started, the daemon ends with %v", err)
	}
}
