package mailer

import (
	"context"
	"fmt"
	"strconv"
	"time"
)

// Envelope says who sends a letter to whom: bare addresses.
type Envelope struct {
	From, To string
	// MessageID is that of the letter, without angle brackets: a transport
	// that keeps letters knows by it what it has.
	MessageID string
	// Date is that of the letter: of the first intent to send it.
	Date time.Time
	// Plain promises that the letter has only ASCII, lines of at most 998 bytes
	// that all end in CRLF, and none that begins with a dot: it can be sent as
	// it is.
	Plain bool
}

// Reply is what one attempt to send met last: the server's answer, or a fault.
type Reply struct {
	Phase Phase
	// Code is the three digits of the answer, 0 where there was none.
	Code int
	// Enhanced is the status of RFC 3463 without brackets, as "5.1.1", or "".
	Enhanced string
	// Text is the rest of the answer.
	Text string
	// Err is why there is no answer.
	Err error
}

// Class says what the attempt came to.
func (r Reply) Class() Class { return classify(r.Phase, r.Code, r.Enhanced, r.Text, r.Err) }

// String shows the answer in one line.
func (r Reply) String() string {
	switch {
	case r.Code == 0 && r.Err != nil:
		return fmt.Sprintf("%s: %v", r.Phase, r.Err)
	case r.Code == 0:
		return r.Phase.String() + ": no answer"
	case r.Enhanced != "":
		return r.Phase.String() + ": " + strconv.Itoa(r.Code) + " " + r.Enhanced + " " + r.Text
	}
	return r.Phase.String() + ": " + strconv.Itoa(r.Code) + " " + r.Text
}

// Transport opens connections that letters are sent over.
type Transport interface {
	// Connect returns a connection that is ready for a letter, or nil and the
	// reply that says why not.
	Connect(ctx context.Context) (Conn, Reply)
}

// Conn is one connection. It is used by one goroutine.
type Conn interface {
	// Send sends one letter, whole with its header and lines ending in CRLF.
	// When ctx ends the attempt is given up at once. The memory of the letter is
	// its caller's, what lies between its length and its capacity included, but
	// that may be written to.
	Send(ctx context.Context, e Envelope, letter []byte) Reply
	// Ready tells whether the connection can take another letter.
	Ready() bool
	// Close says goodbye where that is safe.
	Close()
}

// clip keeps an answer short enough for a row.
func clip(s string) string {
	const most = 400
	if len(s) <= most {
		return s
	}
	r := []rune(s)
	if len(r) <= most {
		return s
	}
	return string(r[:most]) + "…"
}
