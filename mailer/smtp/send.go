package smtp

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"tidings.example/mailer"
)

// block is the piece of a letter that has a deadline of its own.
const block = 64 << 10

// Send implements [mailer.Conn].
func (c *conn) Send(ctx context.Context, e mailer.Envelope, letter []byte) mailer.Reply {
	defer context.AfterFunc(ctx, c.wire.abort)()
	mail, rcpt, err := c.commands(e, letter)
	if err != nil {
		return mailer.Reply{Phase: mailer.PhaseMail, Err: err}
	}
	body, err := appendStuffed(c.out[:0], letter)
	c.out = body
	if err != nil {
		return mailer.Reply{Phase: mailer.PhaseMail, Err: err}
	}
	if r := c.envelope(ctx, mail, rcpt); r.Code != 354 {
		return c.refused(ctx, r)
	}
	r := c.letter(ctx, append(body, ".\r\n"...))
	if r.Code == 0 || r.Code == 421 {
		c.hangUp()
	}
	c.served++
	return r
}

// commands writes MAIL and RCPT, with the parameters that the letter needs.
func (c *conn) commands(e mailer.Envelope, letter []byte) (mail, rcpt string, err error) {
	from, err := path(e.From)
	if err != nil {
		return "", "", fmt.Errorf("%w: sender: %w", mailer.ErrUnfit, err)
	}
	to, err := path(e.To)
	if err != nil || to == "" {
		return "", "", fmt.Errorf("%w: recipient: %w", mailer.ErrUnfit, err)
	}
	if c.size > 0 && len(letter) > c.size {
		return "", "", fmt.Errorf("%w: %d bytes of at most %d", mailer.ErrTooLarge, len(letter), c.size)
	}
	mail = "MAIL FROM:<" + from + ">"
	if c.size > 0 {
		mail += " SIZE=" + strconv.Itoa(len(letter))
	}
	header, body := nonASCII(letter)
	wide := header || !ascii(from) || !ascii(to)
	switch {
	case wide && !c.utf8:
		return "", "", mailer.ErrNeedsUTF8
	case (wide || body) && !c.eightBit:
		return "", "", fmt.Errorf("%w: it needs 8BITMIME, which the server does not offer", mailer.ErrUnfit)
	case wide:
		mail += " BODY=8BITMIME SMTPUTF8"
	case body:
		mail += " BODY=8BITMIME"
	}
	return mail + "\r\n", "RCPT TO:<" + to + ">\r\n", nil
}

// envelope leads up to the 354: in one round trip where the server takes it.
func (c *conn) envelope(ctx context.Context, mail, rcpt string) mailer.Reply {
	if c.pipelining {
		return c.pipelined(ctx, mail+rcpt+"DATA\r\n")
	}
	r := c.command(ctx, mailer.PhaseMail, c.t.c.Timeouts.Command, mail)
	if r.Code/100 == 2 {
		r = c.command(ctx, mailer.PhaseRcpt, c.t.c.Timeouts.Command, rcpt)
	}
	if r.Code/100 == 2 {
		r = c.command(ctx, mailer.PhaseData, c.t.c.Timeouts.Data, "DATA\r\n")
	}
	return r
}

// command sends one command and reads its answer.
func (c *conn) command(ctx context.Context, phase mailer.Phase, limit time.Duration, text string) mailer.Reply {
	if err := c.wire.phase(ctx, limit); err != nil {
		return mailer.Reply{Phase: phase, Err: err}
	}
	if err := c.write([]byte(text)); err != nil {
		return mailer.Reply{Phase: phase, Err: err}
	}
	return readReply(c.reader(), phase)
}

// pipelined sends MAIL, RCPT and DATA in one write, and returns the first
// answer that matters. A server that refused the recipient and still wants the
// letter gets a lone dot: RFC 2920 section 3.1. One that took a recipient of a
// refused sender gets none: it would deliver an empty letter.
func (c *conn) pipelined(ctx context.Context, text string) mailer.Reply {
	first := c.command(ctx, mailer.PhaseMail, c.t.c.Timeouts.Command, text)
	if first.Code == 0 || first.Code == 421 {
		return first
	}
	taken := false // the recipient was
	for _, phase := range []mailer.Phase{mailer.PhaseRcpt, mailer.PhaseData} {
		limit := c.t.c.Timeouts.Command
		if phase == mailer.PhaseData {
			limit = c.t.c.Timeouts.Data
		}
		if err := c.wire.phase(ctx, limit); err != nil {
			return mailer.Reply{Phase: phase, Err: err}
		}
		next := readReply(c.reader(), phase)
		taken = taken || phase == mailer.PhaseRcpt && next.Code/100 == 2
		if first.Code/100 == 2 {
			first = next
			if next.Code == 0 || next.Code == 421 {
				return next
			}
			continue
		}
		// The answer is known. What follows only keeps us in step.
		if next.Code == 0 || next.Code == 421 || next.Code == 354 && taken {
			c.hangUp()
			return first
		}
		if next.Code == 354 {
			if c.command(ctx, mailer.PhaseDot, c.t.c.Timeouts.Dot, ".\r\n").Code == 0 {
				c.hangUp()
			}
			return first
		}
	}
	return first
}

// refused clears the way for the next letter after an answer that is no 354.
// What comes of that changes nothing for this one.
func (c *conn) refused(ctx context.Context, r mailer.Reply) mailer.Reply {
	switch {
	case c.dead:
	case r.Code == 0 || r.Code == 421 || r.Code < 400:
		// Silence, goodbye, or an answer out of step.
		c.hangUp()
	case c.command(ctx, mailer.PhaseMail, c.t.c.Timeouts.Command, "RSET\r\n").Code/100 != 2:
		c.hangUp()
	}
	return r
}

// letter writes the body with its final dot, and waits for the answer. The dot
// is in the last bytes: as long as a write failed, it did not go out.
func (c *conn) letter(ctx context.Context, body []byte) mailer.Reply {
	for len(body) > 0 {
		piece := body[:min(block, len(body))]
		body = body[len(piece):]
		if err := c.wire.phase(ctx, c.t.c.Timeouts.Block); err != nil {
			return mailer.Reply{Phase: mailer.PhaseData, Err: err}
		}
		if err := c.write(piece); err != nil {
			return c.lastWords(ctx, mailer.Reply{Phase: mailer.PhaseData, Err: err})
		}
	}
	if err := c.wire.phase(ctx, c.t.c.Timeouts.Dot); err != nil {
		return mailer.Reply{Phase: mailer.PhaseDot, Err: err}
	}
	return readReply(c.reader(), mailer.PhaseDot)
}

// lastWords reads why the server hung up inside of the letter, if it said so.
func (c *conn) lastWords(ctx context.Context, r mailer.Reply) mailer.Reply {
	if c.wire.phase(ctx, c.t.c.Timeouts.Quit) != nil {
		return r
	}
	said := readReply(c.reader(), mailer.PhaseData)
	c.hangUp()
	if said.Code >= 400 {
		return said
	}
	return r
}
