// Package mailbox reads mail where servers leave it: a Maildir, an mbox, a pipe,
// a mailbox at a provider (POP3); and takes it from servers that hand it over
// (LMTP, SMTP). What a message means is for its reader.
//
// Each place has a Round, which yields every message that was not read before.
// A message is deleted or marked only after [Take] has returned without an
// error: after a crash in between it is yielded once more.
package mailbox

import (
	"context"
	"io"
	"time"
)

// MaxRaw is how much of a message is read.
const MaxRaw = 1 << 20

// Message is one message.
type Message struct {
	// Source is the kind of place: maildir, mbox, pop3, lmtp, smtp, stdin, file.
	Source string
	// To are the recipients of the envelope, where they are known.
	To []string
	// Raw is the beginning of the message, or all of it.
	Raw []byte
}

// Take reads one message. It returns after everything is durable, and tells
// whether the message is done with: another one stays for a person. An error
// means that the message must be yielded again later.
type Take func(ctx context.Context, m Message) (done bool, err error)

// Marks remembers what was read, for places that cannot. internal/store
// implements it.
type Marks interface {
	Mark(ctx context.Context, source, mark string) (value string, ok bool, err error)
	SetMark(ctx context.Context, source, mark, value string, now time.Time) error
	// DropMarks forgets what is gone.
	DropMarks(ctx context.Context, source string, gone func(mark string) bool) error
}

// readLimited reads at most MaxRaw bytes.
func readLimited(r io.Reader) ([]byte, error) { return io.ReadAll(io.LimitReader(r, MaxRaw)) }
