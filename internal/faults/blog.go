package faults

import (
	"cmp"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// Options say what a [Blog] is like.
type Options struct {
	// Readers are r00001@example.org and so on.
	Readers int
	// Connections to the server at once; 0 is 4.
	Connections int
	// User runs the binary, where it is not 0, and owns the blog's folder.
	User uint32
	// Port of the server; 0 is that of Sink.
	Port int
	Sink *Sink
	// Mail, SMTP and Extra are lines of the configuration: in [mail], in
	// [mail.smtp], and at the end.
	Mail, SMTP, Extra string
}

// Blog is a folder with a blog, its configuration and its database.
type Blog struct {
	T    testing.TB
	Dir  string
	Sink *Sink
	o    Options
	n    int // posts so far
	// Env is added to the environment of what is run.
	Env []string
}

// NewBlog makes a blog whose readers want each post at once, and scans it.
func NewBlog(t testing.TB, o Options) *Blog {
	t.Helper()
	if o.Sink == nil {
		o.Sink = NewSink(t)
	}
	b := &Blog{T: t, Dir: t.TempDir(), Sink: o.Sink, o: o}
	if o.User != 0 {
		b.give(filepath.Dir(b.Dir))
		b.give(b.Dir)
		if err := os.Chmod(filepath.Dir(Binary(t)), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	b.Write("blog/_config.yml", "title: Blog\nurl: https://blog.example.org\ntimezone: UTC\npermalink: :title/\n")
	b.Write("blog/source/_posts/old.md", "---\ntitle: Old\ndate: 2020-01-01 00:00:00\n---\nKnown before the first reader.\n")
	b.Write("tidings.toml", b.Config())
	b.OK("build")
	var list strings.Builder
	list.WriteString("email\n")
	for i := range o.Readers {
		list.WriteString(Reader(i+1) + "\n")
	}
	b.Write("list.csv", list.String())
	b.OK("subscribers", "import", b.Path("list.csv"), "--consent", "paper list")
	return b
}

// Reader is the address of a reader, counted from 1.
func Reader(n int) string { return fmt.Sprintf("r%05d@example.org", n) }

// Config is the configuration that NewBlog wrote.
func (b *Blog) Config() string {
	return fmt.Sprintf(`[site]
url = "https://blog.example.org/"
time_zone = "UTC"
[[source]]
dir = "blog"
[publish]
release = "now"
[web]
listen = "127.0.0.1:0"
url = "https://news.example.org/"
[mail]
from = "Blog <news@blog.example.org>"
transport = "smtp"
%s
[mail.smtp]
host = "127.0.0.1"
port = %d
tls = "none"
connections = %d
%s
[[digest]]
name = "news"
cadences = ["immediate"]
%s
`, b.o.Mail, cmp.Or(b.o.Port, b.Sink.Port()), cmp.Or(b.o.Connections, 4), b.o.SMTP, b.o.Extra)
}

// Path is that of a file in the folder.
func (b *Blog) Path(name string) string { return filepath.Join(b.Dir, name) }

// Database is the path of the database.
func (b *Blog) Database() string { return b.Path("tidings.db") }

// Write writes a file of the folder.
func (b *Blog) Write(name, text string) {
	b.T.Helper()
	if err := os.MkdirAll(filepath.Dir(b.Path(name)), 0o700); err != nil {
		b.T.Fatal(err)
	}
	if err := os.WriteFile(b.Path(name), []byte(text), 0o600); err != nil {
		b.T.Fatal(err)
	}
	for path := b.Path(name); b.o.User != 0 && path != b.Dir; path = filepath.Dir(path) {
		b.give(path)
	}
}

// Post adds a post of today: the next round makes an issue of it.
func (b *Blog) Post() {
	b.T.Helper()
	b.n++
	b.Write(fmt.Sprintf("blog/source/_posts/p%03d.md", b.n), fmt.Sprintf("---\ntitle: Post %d\ndate: %s 00:00:00\n---\nText of post %d.\n", b.n, time.Now().UTC().Format("2006-01-02"), b.n))
}

// Command is a command line of the binary on this blog.
func (b *Blog) Command(args ...string) *exec.Cmd {
	b.T.Helper()
	cmd := exec.Command(Binary(b.T), append([]string{"--config", b.Path("tidings.toml")}, args...)...)
	cmd.Dir = b.Dir
	cmd.Env = append(os.Environ(), b.Env...)
	if b.o.User != 0 {
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: b.o.User, Gid: b.o.User}}
	}
	return cmd
}

// give gives a file or folder to the user who runs the binary.
func (b *Blog) give(path string) {
	b.T.Helper()
	if err := os.Chown(path, int(b.o.User), int(b.o.User)); err != nil {
		b.T.Fatal(err)
	}
}

// Start starts the binary.
func (b *Blog) Start(args ...string) *Process {
	b.T.Helper()
	return start(b.T, b.Command(args...))
}

// StartUnder starts the binary under another program, such as strace.
func (b *Blog) StartUnder(program []string, args ...string) *Process {
	b.T.Helper()
	inner := b.Command(args...)
	cmd := exec.Command(program[0], append(append([]string{}, program[1:]...), inner.Args...)...)
	cmd.Dir, cmd.Env = inner.Dir, inner.Env
	return start(b.T, cmd)
}

// Run runs a command to its end.
func (b *Blog) Run(args ...string) (said string, code int) {
	b.T.Helper()
	p := b.Start(args...)
	code = p.Wait()
	return p.Said(), code
}

// OK runs a command that must succeed.
func (b *Blog) OK(args ...string) string {
	b.T.Helper()
	said, code := b.Run(args...)
	if code != 0 {
		b.T.Fatalf("tidings %s: exit code %d: %s", strings.Join(args, " "), code, said)
	}
	return said
}

// JSON reads what a command prints with --json; its exit code may be any.
func (b *Blog) JSON(v any, args ...string) {
	b.T.Helper()
	cmd := b.Command(append([]string{"--json"}, args...)...)
	var errs strings.Builder
	cmd.Stderr = &errs
	out, _ := cmd.Output()
	if err := json.Unmarshal(out, v); err != nil {
		b.T.Fatalf("tidings --json %s: %v\n%s%s", strings.Join(args, " "), err, out, errs.String())
	}
}
