package faults

import (
	"fmt"
	"maps"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"tidings.example/mailer/smtp/smtptest"
)

// front is a mail server with a fault, until it is mended.
type front struct {
	t      *testing.T
	port   int
	broken atomic.Bool
	// bare serves connections while the fault lasts, in the place of SMTP.
	bare   func(net.Conn)
	server *smtptest.Server

	mu     sync.Mutex
	listen net.Listener
	open   map[net.Conn]bool
}

// newFront listens, with the fault.
func newFront(t *testing.T, script func(*front) smtptest.Script, bare func(net.Conn)) *front {
	t.Helper()
	f := &front{t: t, bare: bare, open: map[net.Conn]bool{}}
	f.broken.Store(true)
	var s smtptest.Script
	if script != nil {
		s = script(f)
	}
	f.server = smtptest.New(s)
	f.reopen()
	t.Cleanup(func() {
		f.close()
		f.hangUp()
	})
	return f
}

// during gives an answer while the fault lasts.
func (f *front) during(said string) func() string {
	return func() string {
		if f.broken.Load() {
			return said
		}
		return ""
	}
}

// reopen listens, on the same port where there was one.
func (f *front) reopen() {
	f.t.Helper()
	l, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", f.port))
	if err != nil {
		f.t.Fatal(err)
	}
	f.mu.Lock()
	f.listen, f.port = l, l.Addr().(*net.TCPAddr).Port
	f.mu.Unlock()
	go f.accept(l)
}

func (f *front) close() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.listen.Close()
}

func (f *front) accept(l net.Listener) {
	for {
		c, err := l.Accept()
		if err != nil {
			return
		}
		f.mu.Lock()
		f.open[c] = true
		f.mu.Unlock()
		go func() {
			if f.bare != nil && f.broken.Load() {
				f.bare(c)
			} else {
				f.server.Serve(c)
			}
			c.Close()
			f.mu.Lock()
			delete(f.open, c)
			f.mu.Unlock()
		}()
	}
}

// hangUp cuts every connection.
func (f *front) hangUp() {
	f.mu.Lock()
	defer f.mu.Unlock()
	for c := range f.open {
		c.Close()
	}
}

// hole listens on a port whose queue is full: who connects hears nothing.
func hole(t *testing.T) (port int) {
	t.Helper()
	fd, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { syscall.Close(fd) })
	if err := syscall.Bind(fd, &syscall.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Listen(fd, 0); err != nil {
		t.Fatal(err)
	}
	name, err := syscall.Getsockname(fd)
	if err != nil {
		t.Fatal(err)
	}
	port = name.(*syscall.SockaddrInet4).Port
	for range 16 {
		c, err := net.DialTimeout("tcp", fmt.Sprintf("127.0.0.1:%d", port), 200*time.Millisecond)
		if err != nil {
			return port
		}
		t.Cleanup(func() { c.Close() })
	}
	t.Skip("the queue of a listening socket has no end here")
	return 0
}

// ordeal is a blog that mails through servers with a fault.
type ordeal struct {
	*Blog
	fronts []*front
	clock  time.Duration
	rows   []string
}

// readers of each ordeal.
const audience = 40

// patient time limits: what a fault needs to be over soon, and a busy machine
// does not need.
const hasty = `timeouts = { connect = "2s", greeting = "2s", command = "2s", data = "2s", block = "2s", dot = "2s" }` + "\n"

func newOrdeal(t *testing.T, port int, smtp string, fronts ...*front) *ordeal {
	t.Helper()
	o := &ordeal{fronts: fronts}
	o.Blog = NewBlog(t, Options{Readers: audience, Port: port, SMTP: smtp, Connections: 3})
	o.Env = append(o.Env, "TIDINGS_CLOCK="+o.Path("clock"))
	o.Write("clock", "0s")
	o.Post()
	return o
}

// pass moves the ledger's time.
func (o *ordeal) pass(d time.Duration) {
	o.T.Helper()
	o.clock += d
	o.Write("clock", o.clock.String())
}

var (
	dates = regexp.MustCompile(`\d{4}-\d\d-\d\d \d\d:\d\d UTC|\bin (\d+m)?\d+s`)
	local = regexp.MustCompile(`127\.0\.0\.1:\d+`)
	sizes = regexp.MustCompile(`\d+ bytes of at most`) // whose letter was the last is chance
	aside = regexp.MustCompile(`\b\d+ put aside`)      // how many connections had tried one is, too
	twos  = regexp.MustCompile(`"22+"`)
	now   = regexp.MustCompile(`: current time \S+ is after [^\s,;]+`)
)

// status is what tidings status says of the sending, without its dates.
func (o *ordeal) status() string {
	o.T.Helper()
	said, _ := o.Run("status")
	var lines []string
	for line := range strings.Lines(said) {
		line = strings.TrimSpace(line)
		if strings.HasPrefix(line, "server ") || strings.HasPrefix(line, "issue ") || strings.HasPrefix(line, "! ") {
			line = aside.ReplaceAllString(line, "some put aside")
			line = sizes.ReplaceAllString(twos.ReplaceAllString(line, `"2..."`), "SIZE of at most")
			line = now.ReplaceAllString(local.ReplaceAllString(dates.ReplaceAllString(line, "DATE"), "HOST"), "")
			lines = append(lines, "    "+line)
		}
	}
	return strings.Join(lines, "\n")
}

// outcome is what became of the issue, and what the servers got.
func (o *ordeal) outcome() string {
	o.T.Helper()
	var show struct {
		Recipients int            `json:"recipients"`
		States     map[string]int `json:"states"`
	}
	o.JSON(&show, "issues", "show", "1")
	var states []string
	sum := 0
	for _, s := range slices.Sorted(maps.Keys(show.States)) {
		if n := show.States[s]; n > 0 {
			states = append(states, fmt.Sprintf("%d %s", n, s))
			sum += n
		}
	}
	if sum != show.Recipients || sum != audience {
		o.T.Errorf("%d letters in all states, %d recipients, %d readers", sum, show.Recipients, audience)
	}
	var ledger struct {
		Readers map[string]int `json:"subscribers"`
	}
	o.JSON(&ledger, "status")
	got, copies := o.taken()
	return fmt.Sprintf("%s; %d got it, %d copies, %d suppressed", strings.Join(states, ", "), got, copies, ledger.Readers["bounced"])
}

// taken counts the readers who got the issue, and the copies; copies that
// differ are an error.
func (o *ordeal) taken() (got, copies int) {
	o.T.Helper()
	first := map[string]string{}
	for _, f := range o.fronts {
		for _, l := range f.server.Letters() {
			if !strings.HasPrefix(l.Header("Message-ID"), "<1.") {
				continue
			}
			before, known := first[l.To]
			if !known {
				first[l.To] = l.Text
				continue
			}
			if copies++; before != l.Text {
				o.T.Errorf("the copies to %s differ:\n%s\n%s", l.To, before, l.Text)
			}
		}
	}
	return len(first), copies
}

// note adds a row of the golden table.
func (o *ordeal) note(format string, args ...any) {
	o.rows = append(o.rows, fmt.Sprintf(format, args...))
}

// runs notes what a run comes to.
func (o *ordeal) runs(when string) (code int) {
	o.T.Helper()
	_, code = o.Run("run")
	o.note("  %s: exit code %d; %s\n%s", when, code, o.outcome(), o.status())
	return code
}

// golden compares the rows of all ordeals with the table.
type golden struct {
	mu   sync.Mutex
	rows map[string]string
}

func (g *golden) add(name string, rows []string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.rows[name] = name + "\n" + strings.Join(rows, "\n") + "\n"
}

// check compares row by row; TIDINGS_GOLDEN=write writes the table anew.
func (g *golden) check(t *testing.T, names []string) {
	t.Helper()
	path := filepath.Join("testdata", "servers.golden")
	if os.Getenv("TIDINGS_GOLDEN") == "write" {
		var all strings.Builder
		for _, name := range names {
			all.WriteString(g.rows[name])
		}
		if err := os.WriteFile(path, []byte(all.String()), 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		row, ran := g.rows[name]
		if ran && !strings.Contains("\n"+string(text), "\n"+row) {
			t.Errorf("the table has no such row:\n%s", row)
		}
	}
}
