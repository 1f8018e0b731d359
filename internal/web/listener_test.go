package web_test

import (
	"bufio"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"tidings.example/internal/web"
)

// pipes is a listener whose connections are pipes: they live in a bubble's time.
type pipes struct {
	connections chan net.Conn
	closed      chan struct{}
	deadlines   *atomic.Int64
}

func (p pipes) Accept() (net.Conn, error) {
	select {
	case c := <-p.connections:
		return counted{c, p.deadlines}, nil
	case <-p.closed:
		return nil, net.ErrClosed
	}
}
func (p pipes) Close() error   { close(p.closed); return nil }
func (p pipes) Addr() net.Addr { return &net.TCPAddr{} }

// dial returns the reader's end of a new connection.
func (p pipes) dial() net.Conn {
	ours, theirs := net.Pipe()
	p.connections <- theirs
	return ours
}

// counted counts how often a deadline really moves.
type counted struct {
	net.Conn
	n *atomic.Int64
}

func (c counted) SetReadDeadline(t time.Time) error { c.n.Add(1); return c.Conn.SetReadDeadline(t) }
func (c counted) SetWriteDeadline(t time.Time) error {
	c.n.Add(1)
	return c.Conn.SetWriteDeadline(t)
}

// listening runs the daemon's web server in a bubble.
func listening(t *testing.T, h http.HandlerFunc) pipes {
	t.Helper()
	p := pipes{make(chan net.Conn), make(chan struct{}), &atomic.Int64{}}
	s := web.HTTPServer(h)
	ended := make(chan error, 1)
	go func() { ended <- s.Serve(web.Listener(p)) }()
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
		if err := <-ended; !errors.Is(err, http.ErrServerClosed) {
			t.Error(err)
		}
	})
	return p
}

const (
	longest = 81 * time.Second // limit and slack, and a second
	request = "GET /rss.xml HTTP/1.1\r\nHost: x\r\n\r\n"
)

// until reads what still comes and tells how long the connection lived.
func until(t *testing.T, c net.Conn, begun time.Time) (string, time.Duration) {
	t.Helper()
	text, err := io.ReadAll(c)
	if err != nil {
		t.Error(err)
	}
	return string(text), time.Since(begun)
}

func TestNobodyHoldsAConnectionForNothing(t *testing.T) {
	t.Parallel()
	for name, said := range map[string]string{
		"silence": "", "half a head": "GET / HTTP/1.1\r\nHost:", "half a body": "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nabc", "one request": request,
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := listening(t, func(w http.ResponseWriter, r *http.Request) {
					if _, err := io.ReadAll(r.Body); err != nil {
						w.WriteHeader(http.StatusRequestTimeout)
					}
				})
				c, begun := p.dial(), time.Now()
				if _, err := io.WriteString(c, said); err != nil {
					t.Fatal(err)
				}
				if text, lived := until(t, c, begun); lived < 75*time.Second || lived > longest {
					t.Errorf("closed after %v: %s", lived, text)
				}
			})
		})
	}
}

func TestAReaderThatTakesNothingIsLeft(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		failed := make(chan time.Duration, 1)
		p := listening(t, func(w http.ResponseWriter, _ *http.Request) {
			begun := time.Now()
			if _, err := io.WriteString(w, strings.Repeat("x", 1<<16)); err != nil {
				failed <- time.Since(begun)
			}
		})
		if _, err := io.WriteString(p.dial(), request); err != nil {
			t.Fatal(err)
		}
		if after := <-failed; after > longest {
			t.Errorf("the answer was given up after %v", after)
		}
	})
}

func TestAReaderThatComesBackKeepsItsConnection(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := listening(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNotModified) })
		c := p.dial()
		r := bufio.NewReader(c)
		// The last wait is longer than what is left of any deadline set before.
		for _, wait := range []time.Duration{0, time.Second, 74 * time.Second, 3 * time.Second, 60 * time.Second, 74 * time.Second} {
			<-time.After(wait)
			if _, err := io.WriteString(c, request); err != nil {
				t.Fatalf("after %v: %v", wait, err)
			}
			res, err := http.ReadResponse(r, nil)
			if err != nil || res.StatusCode != http.StatusNotModified {
				t.Fatalf("after %v: %v", wait, err)
			}
		}
		before := p.deadlines.Load()
		for range 100 {
			if _, err := io.WriteString(c, request); err != nil {
				t.Fatal(err)
			}
			if _, err := http.ReadResponse(r, nil); err != nil {
				t.Fatal(err)
			}
		}
		// Two for each request: the end of the server's own read, and what undoes it.
		if n := p.deadlines.Load() - before; n > 210 {
			t.Errorf("100 requests moved deadlines %d times", n)
		}
		if err := c.Close(); err != nil {
			t.Fatal(err)
		}
	})
}
