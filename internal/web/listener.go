package web

import (
	"net"
	"net/http"
	"sync"
	"time"
)

const (
	// limit is how long a reader may take to send a request, to take its answer,
	// and to come back on the same connection. It is one figure for all three so
	// that a deadline which is set already serves the next step as well, and
	// longer than the minute for which proxies keep connections: the one that
	// closes first should be theirs.
	limit = 75 * time.Second
	// slack is how much later than its limit a connection may be closed.
	slack = 5 * time.Second
	// headerBytes bounds the head of a request.
	headerBytes = 32 << 10
)

// HTTPServer returns the server for the daemon's handler, with limits that let
// nobody hold a connection for nothing. It wants a listener from [Listener].
func HTTPServer(h http.Handler) *http.Server {
	return &http.Server{Handler: h, ReadHeaderTimeout: limit, ReadTimeout: limit, WriteTimeout: limit, IdleTimeout: limit, MaxHeaderBytes: headerBytes}
}

// Listener saves what deadlines cost. net/http moves them eight times for each
// request, which is a tenth of a request that ends with 304; the connections of
// this listener keep a deadline that is at most five seconds too late.
func Listener(l net.Listener) net.Listener { return listener{l} }

type listener struct{ net.Listener }

func (l listener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return &connection{Conn: c}, nil
}

// connection is for a server that sets every limit: where it lifts one, the
// last one stays in force until the next. So a handler that needs longer than a
// limit finds its request cancelled, which no page of ours does.
type connection struct {
	net.Conn
	mu          sync.Mutex
	read, write time.Time // the deadlines in force; zero is none
	// stopped: a deadline in the past is in force, by which the server ends a
	// read of its own.
	stopped bool
}

// SetReadDeadline takes t, or leaves a deadline that is at most slack later.
func (c *connection) SetReadDeadline(t time.Time) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case t.IsZero() && !c.stopped:
		return nil // the next limit follows before the next read
	case t.IsZero():
		c.stopped = false
		return c.Conn.SetReadDeadline(c.read)
	case !t.After(time.Now()):
		c.stopped = true
		return c.Conn.SetReadDeadline(t)
	case !c.stopped && serves(c.read, t):
		return nil
	}
	c.read, c.stopped = t.Add(slack), false
	return c.Conn.SetReadDeadline(c.read)
}

// SetWriteDeadline takes t, or leaves a deadline that is at most slack later.
func (c *connection) SetWriteDeadline(t time.Time) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if t.IsZero() || serves(c.write, t) {
		return nil
	}
	c.write = t.Add(slack)
	return c.Conn.SetWriteDeadline(c.write)
}

// SetDeadline sets both.
func (c *connection) SetDeadline(t time.Time) error {
	if err := c.SetReadDeadline(t); err != nil {
		return err
	}
	return c.SetWriteDeadline(t)
}

// serves tells whether the deadline in force will do for the one that is wanted.
func serves(inForce, wanted time.Time) bool {
	return !inForce.Before(wanted) && inForce.Sub(wanted) <= slack
}
