package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-smtp"

	"tidings.example/internal/store"
	"tidings.example/internal/store/storetest"
)

// world is one blog with its configuration in a folder, and a clock.
type world struct {
	t   *testing.T
	dir string
	mu  sync.Mutex
	now time.Time // at begun
	// The clock runs: what is put off for a moment comes due.
	begun time.Time
	still bool // unless it is to stand still
}

// newWorld writes a Hexo blog with one post, and the configuration's extra lines.
func newWorld(t *testing.T, extra string) *world {
	t.Helper()
	w := &world{t: t, dir: t.TempDir(), now: time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC), begun: time.Now()}
	w.write("blog/_config.yml", "title: Blog\nurl: https://blog.example.org\ntimezone: UTC\npermalink: :title/\n")
	w.post("first", "2026-11-20", "The first post.")
	w.write("tidings.toml", `[site]
url = "https://blog.example.org/"
[[source]]
dir = "blog"
[publish]
release = "now"
[web]
listen = "127.0.0.1:0"
url = "https://news.example.org/"
[mail]
from = "Blog <news@blog.example.org>"
`+extra+`
[[digest]]
name = "weekly"
cadences = ["weekly", "immediate"]
`)
	return w
}

func (w *world) write(name, text string) {
	w.t.Helper()
	writeFile(w.t, filepath.Join(w.dir, name), text)
}

func writeFile(t testing.TB, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func (w *world) post(name, date, body string) {
	w.t.Helper()
	w.write("blog/source/_posts/"+name+".md", fmt.Sprintf("---\ntitle: The %s post\ndate: %s 08:00:00\ntags: [%s]\n---\n%s\n", name, date, name, body))
}

// clock is the world's time; tests move it.
func (w *world) clock() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.still {
		return w.now
	}
	return w.now.Add(time.Since(w.begun))
}

func (w *world) pass(d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.now = w.now.Add(d)
}

// run executes a command line and returns what it printed and its exit code.
func (w *world) run(ctx context.Context, args ...string) (stdout, stderr string, code int) {
	w.t.Helper()
	var out, errs bytes.Buffer
	sh := &shell{in: strings.NewReader(""), out: &out, err: &errs, getenv: func(string) string { return "" }, now: w.clock}
	code = execute(ctx, append([]string{"--config", filepath.Join(w.dir, "tidings.toml")}, args...), sh)
	return out.String(), errs.String(), code
}

// ok executes a command line that must succeed.
func (w *world) ok(args ...string) string {
	w.t.Helper()
	out, errs, code := w.run(w.t.Context(), args...)
	if code != 0 {
		w.t.Fatalf("tidings %s: exit code %d\n%s%s", strings.Join(args, " "), code, out, errs)
	}
	return out
}

// database makes the database, as init does.
func (w *world) database() {
	w.t.Helper()
	storetest.Lay(w.t, filepath.Join(w.dir, "tidings.db"), store.Open)
	w.ok("build")
}

// letter is one that the mail server took.
type letter struct{ from, to, text string }

// mailServer is a real SMTP server that does what its script says.
type mailServer struct {
	mu      sync.Mutex
	letters []letter
	// rcpt answers a recipient; nil takes everybody. arrived is called for each
	// letter before the server answers.
	rcpt    func(to string) error
	arrived func(l letter)
	port    int
}

// newLetter is a world with a post for a reader who may be mailed, and the server
// that takes the letter.
func newLetter(t *testing.T) (*mailServer, *world) {
	t.Helper()
	m := newMailServer(t)
	w := newWorld(t, m.config())
	w.database()
	w.ok("subscribers", "add", "a@example.com", "--consent", "yes")
	w.post("second", "2026-11-23", "News.")
	w.ok("build")
	return m, w
}

func newMailServer(t *testing.T) *mailServer {
	t.Helper()
	m := &mailServer{}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	m.port = l.Addr().(*net.TCPAddr).Port
	server := smtp.NewServer(m)
	server.Domain = "mx.example.org"
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(l) }()
	t.Cleanup(func() {
		if err := server.Close(); err != nil {
			t.Error(err)
		}
		<-ended
	})
	return m
}

// config is the part of a configuration that sends to the server.
func (m *mailServer) config() string {
	return fmt.Sprintf("transport = \"smtp\"\n[mail.smtp]\nhost = \"127.0.0.1\"\nport = %d\ntls = \"none\"\n", m.port)
}

func (m *mailServer) got() []letter {
	m.mu.Lock()
	defer m.mu.Unlock()
	return append([]letter{}, m.letters...)
}

// NewSession implements smtp.Backend.
func (m *mailServer) NewSession(*smtp.Conn) (smtp.Session, error) { return &session{m: m}, nil }

type session struct {
	m *mailServer
	l letter
}

func (s *session) Mail(from string, _ *smtp.MailOptions) error { s.l.from = from; return nil }

func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	s.m.mu.Lock()
	rcpt := s.m.rcpt
	s.m.mu.Unlock()
	s.l.to = to
	if rcpt != nil {
		return rcpt(to)
	}
	return nil
}

func (s *session) Data(r io.Reader) error {
	text, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	s.l.text = string(text)
	if s.m.arrived != nil {
		s.m.arrived(s.l)
	}
	s.m.mu.Lock()
	defer s.m.mu.Unlock()
	s.m.letters = append(s.m.letters, s.l)
	return nil
}

func (s *session) Reset()        { s.l = letter{} }
func (s *session) Logout() error { return nil }
