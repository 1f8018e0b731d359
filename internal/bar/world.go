package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// world is one blog with its newsletter, its readers, the binary and the sink.
type world struct {
	ctx     context.Context
	bin     string
	dir     string
	sink    *sink
	web     int // port of the daemon's pages
	readers int
	ahead   time.Duration // of the ledger's clock
	posts   int
	more    []string       // readers that came later
	ends    map[int]ending // of processes that did not end by themselves
	procs   []*process
}

// setup says how a world is made.
type setup struct {
	readers     int
	connections int
	mail        string // more lines of [mail]
	smtp        string // more lines of [mail.smtp], tls among them
	more        string // more tables
	signed      bool   // every letter has its signatures (DKIM)
}

const configuration = `[site]
title = "The bar"
url = "https://blog.example.org/"
time_zone = "UTC"
[[source]]
dir = "blog"
[publish]
release = "now"
[web]
listen = "127.0.0.1:%d"
url = "http://127.0.0.1:%d/"
[mail]
from = "The bar <news@blog.example.org>"
transport = "smtp"
%s
[mail.smtp]
host = "127.0.0.1"
port = %d
connections = %d
%s
[[digest]]
name = "news"
title = "News"
cadences = ["immediate"]
%s
`

// newWorld makes a world by the binary itself: first scan, import, no letter.
func newWorld(ctx context.Context, bin, dir string, o setup) (*world, error) {
	s, err := newSink()
	if err != nil {
		return nil, err
	}
	w := &world{ctx: ctx, bin: bin, dir: dir, sink: s, readers: o.readers, ends: map[int]ending{}}
	if w.web, err = freePort(); err != nil {
		return nil, err
	}
	if o.smtp == "" {
		o.smtp = `tls = "none"`
	}
	text := fmt.Sprintf(configuration, w.web, w.web, o.mail, s.port, o.connections, o.smtp, o.more)
	if err := os.MkdirAll(filepath.Join(dir, "blog"), 0o755); err != nil {
		return nil, err
	}
	if err := os.WriteFile(filepath.Join(dir, "tidings.toml"), []byte(text), 0o644); err != nil {
		return nil, err
	}
	if err := w.setClock(0); err != nil {
		return nil, err
	}
	if err := w.post(); err != nil {
		return nil, err
	}
	if _, err := w.ok("build"); err != nil {
		return nil, err
	}
	if o.signed {
		if _, err := w.ok("keys", "new"); err != nil {
			return nil, err
		}
	}
	return w, w.enrolAll()
}

// enrolAll imports the audience.
func (w *world) enrolAll() error {
	list := bytes.NewBufferString("email\n")
	for _, a := range w.audience() {
		fmt.Fprintln(list, a)
	}
	csv := filepath.Join(w.dir, "readers.csv")
	if err := os.WriteFile(csv, list.Bytes(), 0o644); err != nil {
		return err
	}
	_, err := w.ok("subscribers", "import", csv, "--digest", "news", "--consent", "the bar")
	return err
}

func freePort() (int, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port, nil
}

// close ends what still runs.
func (w *world) close() {
	for _, p := range w.procs {
		if p.running() {
			w.kill(p)
		}
	}
	w.sink.down()
}

// reader is the address of the reader n, from 0.
func reader(n int) string { return "reader" + strconv.Itoa(n) + "@readers.example" }

// audience are all addresses that were imported.
func (w *world) audience() []string {
	out := make([]string, w.readers)
	for n := range out {
		out[n] = reader(n)
	}
	return append(out, w.more...)
}

// post writes an article: the next round makes an issue of it.
func (w *world) post() error {
	w.posts++
	day := time.Now().Add(w.ahead).UTC().Format(time.DateOnly)
	text := fmt.Sprintf("---\ntitle: Article %d\ndate: %s\n---\nThis is article %d. %s\n", w.posts, day, w.posts, strings.Repeat("It says a few words. ", 20))
	return os.WriteFile(filepath.Join(w.dir, "blog", fmt.Sprintf("article-%d.md", w.posts)), []byte(text), 0o644)
}

// setClock moves the ledger's clock to be so far ahead of the machine's.
func (w *world) setClock(ahead time.Duration) error {
	w.ahead = ahead
	file := filepath.Join(w.dir, "clock")
	if err := os.WriteFile(file+".new", []byte(ahead.String()), 0o644); err != nil {
		return err
	}
	return os.Rename(file+".new", file)
}

// command is the binary with arguments, in this world.
func (w *world) command(args ...string) *exec.Cmd {
	cmd := exec.CommandContext(w.ctx, w.bin, append([]string{"-c", filepath.Join(w.dir, "tidings.toml")}, args...)...)
	cmd.Env = append(os.Environ(), "TIDINGS_CLOCK="+filepath.Join(w.dir, "clock"), "BAR_PASSWORD=secret")
	cmd.Dir = w.dir
	return cmd
}

// outcome is what a command came to.
type outcome struct {
	code     int
	out, err string
}

// do runs a command to its end.
func (w *world) do(args ...string) (outcome, error) { return finished(w.command(args...)) }

func finished(cmd *exec.Cmd) (outcome, error) {
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	err := cmd.Run()
	o := outcome{out: out.String(), err: errs.String()}
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		o.code, err = exit.ExitCode(), nil
	}
	return o, err
}

// ok runs a command that must succeed, and returns what it printed.
func (w *world) ok(args ...string) (string, error) {
	o, err := w.do(args...)
	if err == nil && o.code != 0 {
		err = fmt.Errorf("tidings %s: exit code %d: %s", strings.Join(args, " "), o.code, lastLine(o.err+o.out))
	}
	return o.out, err
}

// read runs a command with --json and reads what it prints.
func (w *world) read(into any, args ...string) error {
	out, err := w.ok(append([]string{"--json"}, args...)...)
	if err != nil {
		return err
	}
	if err := json.Unmarshal([]byte(out), into); err != nil {
		return fmt.Errorf("tidings %s: %w", strings.Join(args, " "), err)
	}
	return nil
}

// lastLine is the last line of a text that says something.
func lastLine(text string) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	return lines[len(lines)-1]
}
