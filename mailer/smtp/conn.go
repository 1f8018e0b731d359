package smtp

import (
	"bufio"
	"context"
	"errors"
	"strconv"

	client "github.com/wneessen/go-mail/smtp"

	"tidings.example/mailer"
)

// conn is one open connection.
type conn struct {
	t      *Transport
	wire   *wire
	client *client.Client
	dead   bool
	served int

	// The commands of a letter, one behind the other in text, and a letter with
	// its dots stuffed: used again for the next one.
	text, mail, rcpt, data []byte
	stuffed                []byte
	heard                  [mailer.PhaseDot + 1]heard

	watched context.Context // ends what is under way; the same for most letters
	unwatch func() bool

	pipelining, eightBit, utf8 bool
	size                       int // 0 is no limit
}

// learn notes what the server offers.
func (c *conn) learn() {
	c.pipelining, _ = c.client.Extension("PIPELINING")
	c.eightBit, _ = c.client.Extension("8BITMIME")
	c.utf8, _ = c.client.Extension("SMTPUTF8")
	if _, size := c.client.Extension("SIZE"); size != "" {
		if n, err := strconv.Atoi(size); err == nil && n > 0 {
			c.size = n
		}
	}
}

// Ready implements [mailer.Conn].
func (c *conn) Ready() bool {
	return !c.dead && (c.t.c.PerConnection == 0 || c.served < c.t.c.PerConnection)
}

// watch lets the end of ctx end what is under way, from now on.
func (c *conn) watch(ctx context.Context) {
	if c.watched == ctx {
		return
	}
	if c.unwatch != nil {
		c.unwatch()
	}
	c.watched, c.unwatch = ctx, context.AfterFunc(ctx, c.wire.abort)
}

// answer reads the answer in a phase.
func (c *conn) answer(phase mailer.Phase) mailer.Reply {
	return c.heard[phase].read(c.reader(), phase)
}

// hears tells, without waiting, that the server said something, or hung up. It
// looks at what was read from the socket; asked, also at what the socket has,
// for a system call.
func (c *conn) hears(asked bool) bool {
	if c.reader().Buffered() > 0 {
		return true
	}
	c.wire.manner = inMemory
	if asked {
		c.wire.manner = glancing
	}
	_, err := c.reader().Peek(1)
	c.wire.manner = waiting
	return !errors.Is(err, errNothing)
}

// hangUp closes the socket without a word. Its error says nothing: what
// matters was answered before.
func (c *conn) hangUp() {
	c.dead = true
	if c.unwatch != nil {
		c.unwatch()
	}
	_ = c.wire.Close()
}

// Close implements [mailer.Conn].
func (c *conn) Close() {
	if !c.dead && c.wire.phase(context.Background(), c.t.c.Timeouts.Quit) == nil && c.write([]byte("QUIT\r\n")) == nil {
		readReply(c.reader(), mailer.PhaseDial)
	}
	c.hangUp()
}

func (c *conn) reader() *bufio.Reader { return c.client.Text.R }

// write sends bytes at once.
func (c *conn) write(p []byte) error {
	if _, err := c.client.Text.W.Write(p); err != nil {
		return err
	}
	return c.client.Text.W.Flush()
}
