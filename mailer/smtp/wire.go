package smtp

import (
	"context"
	"errors"
	"net"
	"os"
	"time"
)

// replyLimit bounds what a server may say in one phase.
const replyLimit = 256 << 10

// errFlood is a server that does not stop talking.
var errFlood = errors.New("the server's answer does not end")

// errEarly is a server that speaks, or is gone, before the letter has ended.
var errEarly = errors.New("the server did not wait for the end of the letter")

// errNothing: the server has said nothing so far. TLS goes on after an error of
// this kind.
var errNothing = os.ErrDeadlineExceeded

// past ends a read or write at once.
var past = time.Unix(1, 0)

// wire is the socket below everything: it bounds the time and the length of
// each phase, also while go-mail's client does the talking.
type wire struct {
	net.Conn
	clock func() time.Time
	left  int

	manner manner
	glance *glance // nil where the socket cannot be asked without waiting
}

// manner is how a read gets its bytes.
type manner int

const (
	waiting  manner = iota
	glancing        // what the socket has by now
	inMemory        // nothing: what TLS holds already must do
)

func newWire(socket net.Conn, clock func() time.Time) *wire {
	return &wire{Conn: socket, clock: clock, glance: newGlance(socket)}
}

// phase begins a phase that ends after d, or when ctx does.
func (w *wire) phase(ctx context.Context, d time.Duration) error {
	w.left = replyLimit
	if err := w.SetDeadline(w.clock().Add(d)); err != nil {
		return err
	}
	if ctx.Err() != nil {
		// It ended before the deadline was set, which undid its own.
		w.abort()
	}
	return ctx.Err()
}

// abort ends what is under way. An error here means that it ended already.
func (w *wire) abort() { _ = w.SetDeadline(past) }

// Read implements [net.Conn].
func (w *wire) Read(p []byte) (int, error) {
	if w.left <= 0 {
		return 0, errFlood
	}
	p = p[:min(len(p), w.left)]
	var n int
	var err error
	switch {
	case w.manner == waiting:
		n, err = w.Conn.Read(p)
	case w.manner == glancing && w.glance != nil:
		n, err = w.glance.Read(p)
	default:
		err = errNothing
	}
	w.left -= n
	return n, err
}
