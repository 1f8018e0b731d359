package faults

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"errors"
	"io"
	"net"
	"net/mail"
	"strings"
	"sync"
	"testing"
	"time"
)

// Letter is one that a [Sink] took: from then on it is the server's.
type Letter struct {
	From, To, ID string
	Sum          [sha256.Size]byte
	Text         []byte // nil unless the sink keeps texts
	At           time.Time
	Conn         int // number of the connection, from 1
}

// Sink is an SMTP server that does what its script says and remembers every
// letter that it took.
type Sink struct {
	// Script answers in a phase: "connect", "ehlo", "mail", "rcpt", "data",
	// "dot", "rset", "quit". "" is the usual answer; see [Talk] for what else it
	// may do. It is called by many goroutines at once.
	Script func(phase string, t *Talk) string
	// Taken is called for each letter before the client hears of it.
	Taken func(l Letter)
	// Texts says that letters are kept whole.
	Texts bool
	// Extensions are offered after EHLO; nil is PIPELINING and 8BITMIME.
	Extensions []string

	t        testing.TB
	listener net.Listener
	mu       sync.Mutex
	letters  []Letter
	open     map[net.Conn]bool
	conns    int
	most     int
	grown    chan struct{} // closed and replaced at each letter
	wait     sync.WaitGroup
}

// Talk is one connection in a phase.
type Talk struct {
	From, To string
	// Arg is the line of the client.
	Arg  string
	Conn int // number of the connection, from 1
	// Letters were taken on this connection before.
	Letters int
	// Lose closes the connection after the answer, which may be "-" for none.
	Lose bool
	// Forget says that a letter was not taken, whatever the answer to the dot.
	Forget bool
	net    net.Conn
}

// Net is the connection itself, for a script that speaks on its own.
func (t *Talk) Net() net.Conn { return t.net }

// NewSink listens on this machine until the test ends. What it is to do is set
// before anybody can connect.
func NewSink(t testing.TB, set ...func(*Sink)) *Sink {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &Sink{t: t, listener: l, open: map[net.Conn]bool{}, grown: make(chan struct{})}
	for _, f := range set {
		f(s)
	}
	s.wait.Go(s.accept)
	t.Cleanup(func() {
		l.Close()
		s.HangUp()
		s.wait.Wait()
	})
	return s
}

// Port is where it listens.
func (s *Sink) Port() int { return s.listener.Addr().(*net.TCPAddr).Port }

// HangUp closes every connection.
func (s *Sink) HangUp() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for c := range s.open {
		c.Close()
	}
}

// Letters are those taken so far.
func (s *Sink) Letters() []Letter {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Letter(nil), s.letters...)
}

// Count is how many letters were taken so far.
func (s *Sink) Count() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.letters)
}

// MostConnections is how many were open at once.
func (s *Sink) MostConnections() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.most
}

// Await waits until so many letters were taken in all.
func (s *Sink) Await(n int) {
	s.t.Helper()
	if !s.Reaches(n, nil) {
		s.t.Fatalf("only %d of %d letters came", s.Count(), n)
	}
}

// Reaches waits for so many letters, and tells whether they came before the end
// of what over says.
func (s *Sink) Reaches(n int, over <-chan struct{}) bool {
	deadline := time.After(patience)
	for {
		s.mu.Lock()
		have, grown := len(s.letters), s.grown
		s.mu.Unlock()
		if have >= n {
			return true
		}
		select {
		case <-grown:
		case <-over:
			return s.Count() >= n
		case <-deadline:
			return false
		}
	}
}

func (s *Sink) accept() {
	for {
		c, err := s.listener.Accept()
		if err != nil {
			return
		}
		s.mu.Lock()
		s.open[c] = true
		s.conns++
		n := s.conns
		s.most = max(s.most, len(s.open))
		s.mu.Unlock()
		s.wait.Go(func() {
			defer func() {
				c.Close()
				s.mu.Lock()
				delete(s.open, c)
				s.mu.Unlock()
			}()
			s.talk(&Talk{Conn: n, net: c})
		})
	}
}

// talk serves one connection until one side has had enough.
func (s *Sink) talk(t *Talk) {
	r, w := bufio.NewReader(t.net), bufio.NewWriter(t.net)
	if !s.answer(w, "connect", t, "220 mx.example.org ESMTP") || w.Flush() != nil {
		return
	}
	for {
		if r.Buffered() == 0 && w.Flush() != nil {
			return
		}
		line, err := r.ReadString('\n')
		if err != nil {
			return
		}
		t.Arg = strings.TrimRight(line, "\r\n")
		if !s.command(r, w, t) {
			w.Flush()
			return
		}
	}
}

// command answers one command; false ends the connection.
func (s *Sink) command(r *bufio.Reader, w *bufio.Writer, t *Talk) bool {
	verb, rest, _ := strings.Cut(t.Arg, " ")
	switch strings.ToUpper(verb) {
	case "EHLO", "HELO":
		return s.answer(w, "ehlo", t, s.greeting())
	case "MAIL":
		t.From, t.To = path(rest), ""
		return s.answer(w, "mail", t, "250 2.1.0 Ok")
	case "RCPT":
		to := path(rest)
		t.To = to
		text, ok := s.say(w, "rcpt", t, "250 2.1.5 Ok")
		if !strings.HasPrefix(text, "2") {
			t.To = ""
		}
		return ok
	case "DATA":
		if t.To == "" {
			return s.answer(w, "data", t, "503 5.5.1 No recipient")
		}
		text, ok := s.say(w, "data", t, "354 Go on")
		if !ok || !strings.HasPrefix(text, "354") {
			return ok
		}
		if w.Flush() != nil {
			return false
		}
		return s.data(r, w, t)
	case "RSET":
		t.From, t.To = "", ""
		return s.answer(w, "rset", t, "250 2.0.0 Ok")
	case "QUIT":
		s.answer(w, "quit", t, "221 2.0.0 Bye")
		return false
	case "NOOP":
		return s.answer(w, "noop", t, "250 2.0.0 Ok")
	}
	return s.answer(w, "other", t, "502 5.5.2 What?")
}

// data reads a letter, and takes it where the answer to its dot says so.
func (s *Sink) data(r *bufio.Reader, w *bufio.Writer, t *Talk) bool {
	text, err := dotted(r)
	if err != nil {
		return false
	}
	l := Letter{From: t.From, To: t.To, Sum: sha256.Sum256(text), At: time.Now(), Conn: t.Conn}
	if m, err := mail.ReadMessage(bytes.NewReader(text)); err == nil {
		l.ID = m.Header.Get("Message-ID")
	}
	if s.Texts {
		l.Text = text
	}
	t.Forget = false
	answer := ""
	if s.Script != nil {
		answer = s.Script("dot", t)
	}
	if answer == "" {
		answer = "250 2.0.0 Ok"
	}
	if !t.Forget && (strings.HasPrefix(answer, "2") || answer == "-") {
		s.take(l)
		t.Letters++
	}
	t.To = ""
	return s.write(w, t, answer)
}

func (s *Sink) take(l Letter) {
	if s.Taken != nil {
		s.Taken(l)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.letters = append(s.letters, l)
	close(s.grown)
	s.grown = make(chan struct{})
}

// answer says what the script says in a phase, or the usual.
func (s *Sink) answer(w *bufio.Writer, phase string, t *Talk, usual string) bool {
	_, ok := s.say(w, phase, t, usual)
	return ok
}

func (s *Sink) say(w *bufio.Writer, phase string, t *Talk, usual string) (string, bool) {
	text := usual
	if s.Script != nil {
		if own := s.Script(phase, t); own != "" {
			text = own
		}
	}
	return text, s.write(w, t, text)
}

func (s *Sink) write(w *bufio.Writer, t *Talk, text string) bool {
	if text != "-" {
		if _, err := io.WriteString(w, text+"\r\n"); err != nil {
			return false
		}
	}
	return !t.Lose
}

func (s *Sink) greeting() string {
	offers := s.Extensions
	if offers == nil {
		offers = []string{"PIPELINING", "8BITMIME"}
	}
	lines := append([]string{"mx.example.org"}, offers...)
	for i, l := range lines {
		lines[i] = "250-" + l
	}
	lines[len(lines)-1] = "250 " + strings.TrimPrefix(lines[len(lines)-1], "250-")
	return strings.Join(lines, "\r\n")
}

// path is the address of FROM:<a@b> or TO:<a@b>.
func path(rest string) string {
	_, rest, _ = strings.Cut(rest, "<")
	address, _, _ := strings.Cut(rest, ">")
	return address
}

// maxLetter bounds what a letter may come to.
const maxLetter = 16 << 20

// dotted reads up to the lone dot, without the dots that were added.
func dotted(r *bufio.Reader) ([]byte, error) {
	var text []byte
	for len(text) < maxLetter {
		line, err := r.ReadBytes('\n')
		if err != nil {
			return nil, err
		}
		if string(line) == ".\r\n" {
			return text, nil
		}
		if line[0] == '.' {
			line = line[1:]
		}
		text = append(text, line...)
	}
	return nil, errors.New("the letter has no end")
}
