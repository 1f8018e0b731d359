package main

import (
	"crypto/tls"
	"errors"
	"hash/maphash"
	"net"
	"strconv"
	"sync"
	"time"
)

// phase is a step of a conversation at which the sink may be asked to misbehave.
type phase string

// The phases of a conversation.
const (
	phaseGreeting phase = "greeting"
	phaseHello    phase = "EHLO"
	phaseTLS      phase = "STARTTLS"
	phaseAuth     phase = "AUTH"
	phaseMail     phase = "MAIL"
	phaseRcpt     phase = "RCPT"
	phaseData     phase = "DATA"
	phaseDot      phase = "dot"     // the letter is here, and not taken yet
	phaseTaken    phase = "taken"   // it is noted down; the answer is not written
	phaseReplied  phase = "replied" // the answer is in the client's socket
)

// answer is what a script wants instead of a good server's answer; the zero
// value is that one.
type answer struct {
	reply  string // without the end of its line
	hangup bool   // closes the connection; after the reply, where there is one
	lose   bool   // at phaseDot: takes the letter, and closes without a word
	wait   time.Duration
}

// script decides what the sink answers. It is called from many connections.
type script func(at phase, c *conn) answer

// taken is one letter that the sink took: noted before its answer was written.
type taken struct {
	seq   int64 // place in the order of events
	conn  *conn
	prior int64 // when the letter before it on this connection was taken, or the connection opened
	hash  uint64
	id    string // Message-ID without angle brackets
	to    string
	lost  bool // the sink never answered
}

// sink is an SMTP server that counts who got what. It writes a letter down
// before it answers, so a letter that it does not know of was never promised.
type sink struct {
	port  int
	seed  maphash.Seed
	tls   *tls.Config // nil offers no STARTTLS
	auth  bool
	plain bool // offers no PIPELINING

	mu       sync.Mutex
	listener net.Listener
	script   script
	seq      int64
	process  int // number of the process that connects now
	conns    map[*conn]struct{}
	letters  map[string][]*taken // by Message-ID
	links    map[string]string   // address to the unsubscribe link of the last letter
	count    int                 // letters taken
	distinct int                 // Message-IDs
	signed   int                 // letters with a signature
	changed  chan struct{}       // closed and replaced when a letter was taken
	waited   bool                // somebody waits for changed
	// For the test of the bar: a letter that is answered and not noted, and
	// scripts that are not asked.
	forget func(*taken) bool
	deaf   bool
}

// newSink returns a sink that does not listen yet; its port is its own.
func newSink() (*sink, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	s := &sink{port: l.Addr().(*net.TCPAddr).Port, seed: maphash.MakeSeed(), conns: map[*conn]struct{}{},
		letters: map[string][]*taken{}, links: map[string]string{}, changed: make(chan struct{})}
	s.serve(l)
	return s, nil
}

// up listens again after down.
func (s *sink) up() error {
	l, err := net.Listen("tcp", "127.0.0.1:"+strconv.Itoa(s.port))
	if err == nil {
		s.serve(l)
	}
	return err
}

// down closes the listener and all connections: the server is gone.
func (s *sink) down() {
	s.mu.Lock()
	l := s.listener
	s.listener = nil
	s.mu.Unlock()
	if l != nil {
		_ = l.Close()
	}
	s.cut()
}

// cut closes all connections. A letter whose answer may not have arrived is as
// good as one whose answer was lost.
func (s *sink) cut() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for c := range s.conns {
		c.gone = true
		if c.last != nil && !c.answered {
			c.last.lost = true
		}
		_ = c.socket.Close()
	}
}

// settled notes that the answer to a letter is in the client's socket.
func (s *sink) settled(c *conn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c.answered = true
}

func (s *sink) serve(l net.Listener) {
	s.mu.Lock()
	s.listener = l
	s.mu.Unlock()
	go func() {
		for {
			socket, err := l.Accept()
			if errors.Is(err, net.ErrClosed) {
				return
			}
			if err != nil {
				continue
			}
			c := s.opened(socket)
			go func() {
				c.serve()
				s.closed(c)
			}()
		}
	}()
}

func (s *sink) opened(socket net.Conn) *conn {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.seq++
	c := &conn{sink: s, socket: socket, process: s.process, prior: s.seq}
	s.conns[c] = struct{}{}
	return c
}

func (s *sink) closed(c *conn) {
	_ = c.socket.Close()
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.conns, c)
}

// ask asks the script; without one all is well.
func (s *sink) ask(at phase, c *conn) answer {
	s.mu.Lock()
	do, deaf := s.script, s.deaf
	s.mu.Unlock()
	if do == nil || deaf {
		return answer{}
	}
	return do(at, c)
}

// play makes the sink follow a script from now on.
func (s *sink) play(do script) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.script = do
}

// begin says that another process is about to connect.
func (s *sink) begin() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.process++
	return s.process
}

// open is the number of connections.
func (s *sink) open() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.conns)
}

// event returns the next number in the order of events.
func (s *sink) event() int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.seq++
	return s.seq
}

// note writes a letter down.
func (s *sink) note(c *conn, l letter, lost bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.seq++
	t := &taken{seq: s.seq, conn: c, prior: c.prior, hash: l.hash, id: l.id, to: c.to, lost: lost || c.gone}
	c.prior, c.last, c.answered = s.seq, t, false
	if s.forget != nil && s.forget(t) {
		return
	}
	if len(s.letters[l.id]) == 0 {
		s.distinct++
	}
	s.letters[l.id] = append(s.letters[l.id], t)
	if l.leave != "" {
		s.links[t.to] = l.leave
	}
	s.count++
	if l.signed {
		s.signed++
	}
	if s.waited {
		s.waited = false
		close(s.changed)
		s.changed = make(chan struct{})
	}
}

// counts tells how many letters and how many different ones were taken.
func (s *sink) counts() (letters, distinct int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.count, s.distinct
}

// next is closed when another letter is taken.
func (s *sink) next() <-chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.waited = true
	return s.changed
}

// link is the unsubscribe link of an address, "" where it got no letter.
func (s *sink) link(to string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.links[to]
}
