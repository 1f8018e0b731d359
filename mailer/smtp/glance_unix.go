//go:build unix

package smtp

import (
	"io"
	"syscall"

	"golang.org/x/sys/unix"
)

// glance reads what has come in by now. TLS reads on after its error.
type glance struct {
	raw  syscall.RawConn
	read func(fd uintptr) bool
	into []byte
	n    int
	err  error
}

// newGlance returns nil where the connection is no socket.
func newGlance(conn any) *glance {
	socket, ok := conn.(syscall.Conn)
	if !ok {
		return nil
	}
	raw, err := socket.SyscallConn()
	if err != nil {
		return nil
	}
	g := &glance{raw: raw}
	// Made once: a letter costs no memory.
	g.read = func(fd uintptr) bool {
		g.n, g.err = unix.Read(int(fd), g.into)
		return true // nobody waits
	}
	return g
}

func (g *glance) Read(p []byte) (int, error) {
	g.into = p
	err := g.raw.Read(g.read)
	g.into = nil
	switch {
	case err != nil:
		return 0, err
	case g.err == unix.EAGAIN || g.err == unix.EINTR:
		return 0, errNothing
	case g.err != nil:
		return 0, g.err
	case g.n == 0:
		return 0, io.EOF
	}
	return g.n, nil
}
