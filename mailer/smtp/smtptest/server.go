// Package smtptest is an SMTP server for tests: it listens on 127.0.0.1, keeps
// the letters it took, and misbehaves as its [Script] says.
package smtptest

import (
	"bufio"
	"bytes"
	"crypto/tls"
	"encoding/base64"
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
	"testing"
)

// Answers that are no replies.
const (
	// Hangup closes the connection instead of answering.
	Hangup = "\x00hangup"
	// Lost keeps the letter and closes the connection: the lost 250.
	Lost = "\x00lost"
	// Silence answers nothing, and waits for the client to go.
	Silence = "\x00silence"
)

// Script is how the server behaves. The zero value takes every letter. Hooks
// return the reply line without CRLF, one of the answers above, or "" for the
// usual reply; they are called from several goroutines.
type Script struct {
	Greeting   func() string
	Extensions []string // nil is PIPELINING, 8BITMIME, SMTPUTF8, ENHANCEDSTATUSCODES, SIZE
	// TLS offers STARTTLS; Implicit wants TLS from the first byte.
	TLS      *tls.Config
	Implicit bool
	// Username and Password are asked for by AUTH PLAIN before MAIL.
	Username, Password string

	Hello func() string
	Auth  func() string
	Mail  func(from string) string
	Rcpt  func(to string) string
	Data  func() string
	Body  func(read int) string // called before the body is read
	Dot   func(l Letter) string
	Reset func() string
}

// Letter is one that the server took.
type Letter struct {
	From, To string
	Text     string // with CRLF, dots unstuffed
	Conn     int    // number of the connection, from 1
	Nth      int    // on its connection, from 1
	Params   string // of MAIL
}

// Header returns a header field of the letter, unfolded by no means.
func (l Letter) Header(name string) string {
	for line := range strings.SplitSeq(l.Text, "\r\n") {
		if line == "" {
			break
		}
		if k, v, ok := strings.Cut(line, ":"); ok && strings.EqualFold(k, name) {
			return strings.TrimSpace(v)
		}
	}
	return ""
}

// Server is a running server.
type Server struct {
	script   Script
	listener net.Listener

	mu      sync.Mutex
	letters []Letter
	conns   int
	open    map[net.Conn]bool
	most    int
	serving sync.WaitGroup
}

// Start runs a server until the test ends.
func Start(t testing.TB, s Script) *Server {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	srv := New(s)
	srv.listener = l
	go srv.accept()
	t.Cleanup(srv.close)
	return srv
}

// New returns a server without a socket: hand it connections by [Server.Serve].
func New(s Script) *Server {
	if s.Extensions == nil {
		s.Extensions = []string{"PIPELINING", "8BITMIME", "SMTPUTF8", "ENHANCEDSTATUSCODES", "SIZE 10000000"}
	}
	return &Server{script: s, open: map[net.Conn]bool{}}
}

// Port is the port that the server listens on.
func (s *Server) Port() int { return s.listener.Addr().(*net.TCPAddr).Port }

// Letters returns what the server took so far.
func (s *Server) Letters() []Letter {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Letter(nil), s.letters...)
}

// Conns returns how many connections there were, and how many at once.
func (s *Server) Conns() (all, most int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.conns, s.most
}

func (s *Server) accept() {
	for {
		c, err := s.listener.Accept()
		if err != nil {
			return
		}
		s.serving.Go(func() { s.Serve(c) })
	}
}

func (s *Server) close() {
	s.listener.Close()
	s.mu.Lock()
	for c := range s.open {
		c.Close()
	}
	s.mu.Unlock()
	s.serving.Wait()
}

// Serve talks to one client until it goes.
func (s *Server) Serve(c net.Conn) {
	s.mu.Lock()
	s.conns++
	s.open[c] = true
	s.most = max(s.most, len(s.open))
	id := s.conns
	s.mu.Unlock()
	defer func() {
		c.Close()
		s.mu.Lock()
		delete(s.open, c)
		s.mu.Unlock()
	}()
	t := &talk{s: s, c: c, id: id}
	if s.script.Implicit {
		t.c = tls.Server(c, s.script.TLS)
	}
	t.r = bufio.NewReaderSize(t.c, 32<<10)
	t.run()
}

// talk is one conversation.
type talk struct {
	s      *Server
	c      net.Conn
	r      *bufio.Reader
	id     int
	nth    int
	secure bool
	authed bool
	from   string
	params string
	to     string
	out    bytes.Buffer
}

// say answers; false ends the conversation. Answers to commands that came
// together go out together.
func (t *talk) say(hooked, usual string) bool {
	switch hooked {
	case "":
		hooked = usual
	case Hangup, Lost:
		t.flush()
		return false
	case Silence:
		t.flush()
		io.Copy(io.Discard, t.r)
		return false
	}
	t.out.WriteString(hooked + "\r\n")
	return t.r.Buffered() > 0 || t.flush()
}

func (t *talk) flush() bool {
	_, err := t.out.WriteTo(t.c)
	return err == nil
}

func hook(f func() string) string {
	if f == nil {
		return ""
	}
	return f()
}

func (t *talk) run() {
	if !t.say(hook(t.s.script.Greeting), "220 test ESMTP") {
		return
	}
	for {
		line, err := t.r.ReadString('\n')
		if err != nil {
			return
		}
		verb, rest, _ := strings.Cut(strings.TrimRight(line, "\r\n"), " ")
		if !t.command(strings.ToUpper(verb), rest) {
			t.flush()
			return
		}
	}
}

func (t *talk) command(verb, rest string) bool {
	s := &t.s.script
	switch verb {
	case "EHLO", "HELO":
		return t.say(hook(s.Hello), t.hello(verb))
	case "STARTTLS":
		return t.startTLS()
	case "AUTH":
		return t.auth(rest)
	case "MAIL":
		if s.Username != "" && !t.authed {
			return t.say("", "530 5.7.0 log in first")
		}
		t.from, t.params = address(rest)
		t.to = ""
		return t.say(hookOf(s.Mail, t.from), "250 2.1.0 ok")
	case "RCPT":
		return t.rcpt(rest)
	case "DATA":
		return t.data()
	case "RSET":
		t.to = ""
		return t.say(hook(s.Reset), "250 2.0.0 ok")
	case "NOOP":
		return t.say("", "250 2.0.0 ok")
	case "QUIT":
		t.say("", "221 2.0.0 bye")
		return false
	}
	return t.say("", "500 5.5.1 what")
}

func hookOf(f func(string) string, arg string) string {
	if f == nil {
		return ""
	}
	return f(arg)
}

func (t *talk) hello(verb string) string {
	s := &t.s.script
	if verb == "HELO" {
		return "250 test"
	}
	lines := append([]string{"test"}, s.Extensions...)
	if s.TLS != nil && !s.Implicit && !t.secure {
		lines = append(lines, "STARTTLS")
	}
	if s.Username != "" {
		lines = append(lines, "AUTH PLAIN LOGIN")
	}
	for i := range lines {
		sep := "-"
		if i == len(lines)-1 {
			sep = " "
		}
		lines[i] = "250" + sep + lines[i]
	}
	return strings.Join(lines, "\r\n")
}

func (t *talk) startTLS() bool {
	if t.s.script.TLS == nil {
		return t.say("", "502 5.5.1 no TLS here")
	}
	t.say("", "220 2.0.0 go")
	t.flush()
	secured := tls.Server(t.c, t.s.script.TLS)
	if err := secured.Handshake(); err != nil {
		return false
	}
	t.c, t.r, t.secure = secured, bufio.NewReaderSize(secured, 32<<10), true
	return true
}

func (t *talk) auth(rest string) bool {
	_, word, _ := strings.Cut(rest, " ")
	plain, err := base64.StdEncoding.DecodeString(word)
	s := &t.s.script
	if said := hook(s.Auth); said != "" {
		return t.say(said, "")
	}
	if err != nil || string(plain) != "\x00"+s.Username+"\x00"+s.Password {
		return t.say("", "535 5.7.8 wrong user name or password")
	}
	t.authed = true
	return t.say("", "235 2.7.0 welcome")
}

func (t *talk) rcpt(rest string) bool {
	to, _ := address(rest)
	said := hookOf(t.s.script.Rcpt, to)
	if said == "" || strings.HasPrefix(said, "2") {
		t.to = to
	}
	return t.say(said, "250 2.1.5 ok")
}

func (t *talk) data() bool {
	s := &t.s.script
	said := hook(s.Data)
	if said == "" && t.to == "" {
		said = "503 5.5.1 no recipient"
	}
	if !t.say(said, "354 go") || said != "" && !strings.HasPrefix(said, "354") {
		return said != Hangup && said != Silence && said != Lost
	}
	t.flush()
	if s.Body != nil {
		if said := s.Body(t.nth); said != "" {
			return t.say(said, "")
		}
	}
	text, ok := t.body()
	if !ok {
		return false
	}
	if t.to == "" {
		return t.say("", "554 5.5.1 no recipient")
	}
	t.nth++
	l := Letter{From: t.from, To: t.to, Text: text, Conn: t.id, Nth: t.nth, Params: t.params}
	t.to = ""
	said = ""
	if s.Dot != nil {
		said = s.Dot(l)
	}
	if said == "" || said == Lost || strings.HasPrefix(said, "2") {
		t.s.mu.Lock()
		t.s.letters = append(t.s.letters, l)
		t.s.mu.Unlock()
	}
	return t.say(said, fmt.Sprintf("250 2.0.0 taken as %d", t.nth))
}

// body reads up to the final dot.
func (t *talk) body() (string, bool) {
	var b strings.Builder
	for {
		line, err := t.r.ReadString('\n')
		if err != nil {
			return "", false
		}
		if line == ".\r\n" {
			return b.String(), true
		}
		b.WriteString(strings.TrimPrefix(line, "."))
	}
}

// address cuts <...> and what follows it.
func address(rest string) (inside, params string) {
	_, rest, _ = strings.Cut(rest, "<")
	i := strings.LastIndexByte(rest, '>')
	if i < 0 {
		return rest, ""
	}
	return rest[:i], strings.TrimSpace(rest[i+1:])
}
