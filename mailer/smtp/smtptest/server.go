// Package smtptest is an SMTP server for tests: it listens on 127.0.0.1, keeps
// the letters it took, and misbehaves as its [Script] says.
package smtptest

import (
	"bufio"
	"crypto/tls"
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
	// Goodbye at the end of a reply hangs up after it.
	Goodbye = "\x00goodbye"
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
	// Careless takes recipients after a refused MAIL, as some servers do.
	Careless bool
	// Farewell is after how many letters a connection hears 421 at MAIL; 0 never.
	Farewell int

	Hello func() string
	Auth  func() string
	Mail  func(from string) string
	Rcpt  func(to string) string
	Data  func() string
	Early func() string         // said when the first byte of the body is there
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
