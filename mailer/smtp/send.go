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
	c.watch(ctx)
	if err := c.commands(e, letter); err != nil {
		return mailer.Reply{Phase: mailer.PhaseMail, Err: err}
	}
	if !e.Plain {
		var err error
		if c.stuffed, err = appendStuffed(c.stuffed[:0], letter); err != nil {
			return mailer.Reply{Phase: mailer.PhaseMail, Err: err}
		}
		letter = c.stuffed
	}
	if r := c.envelope(ctx); r.Code != 354 {
		return c.refused(ctx, r)
	}
	r := c.letter(ctx, append(letter, ".\r\n"...))
	if r.Code < 400 && r.Code/100 != 2 || r.Code == 421 {
		// Silence, an answer out of step, or goodbye.
		c.hangUp()
	}
	c.served++
	return r
}

// commands writes MAIL, RCPT and DATA, with the parameters that the letter
// needs, into one piece of memory: they may go in one write.
func (c *conn) commands(e mailer.Envelope, letter []byte) error {
	from, err := path(e.From)
	if err != nil {
		return fmt.Errorf("%w: sender: %w", mailer.ErrUnfit, err)
	}
	to, err := path(e.To)
	if err != nil || to == "" {
		return fmt.Errorf("%w: recipient: %w", mailer.ErrUnfit, err)
	}
	if c.size > 0 && len(letter) > c.size {
		return fmt.Errorf("%w: %d bytes of at most %d", mailer.ErrTooLarge, len(letter), c.size)
	}
	extra, err := c.parameters(e, letter, !ascii(from) || !ascii(to))
	if err != nil {
		return err
	}
	text := append(append(append(c.text[:0], "MAIL FROM:<"...), from...), '>')
	if c.size > 0 {
		text = strconv.AppendInt(append(text, " SIZE="...), int64(len(letter)), 10)
	}
	text = append(append(text, extra...), "\r\n"...)
	mail := len(text)
	text = append(append(append(text, "RCPT TO:<"...), to...), ">\r\n"...)
	rcpt := len(text)
	c.text = append(text, "DATA\r\n"...)
	c.mail, c.rcpt, c.data = c.text[:mail], c.text[mail:rcpt], c.text[rcpt:]
	return nil
}

// parameters are those of MAIL for a letter that is not all ASCII. wide tells
// that an address is not.
func (c *conn) parameters(e mailer.Envelope, letter []byte, wide bool) (string, error) {
	body := false
	if !e.Plain {
		var header bool
		header, body = nonASCII(letter)
		wide = wide || header
	}
	switch {
	case wide && !c.utf8:
		return "", mailer.ErrNeedsUTF8
	case (wide || body) && !c.eightBit:
		return "", fmt.Errorf("%w: it needs 8BITMIME, which the server does not offer", mailer.ErrUnfit)
	case wide:
		return " BODY=8BITMIME SMTPUTF8", nil
	case body:
		return " BODY=8BITMIME", nil
	}
	return "", nil
}

// envelope leads up to the 354: in one round trip where the server takes it.
func (c *conn) envelope(ctx context.Context) mailer.Reply {
	if c.pipelining {
		return c.pipelined(ctx)
	}
	r := c.command(ctx, mailer.PhaseMail, c.t.c.Timeouts.Command, c.mail)
	if r.Code/100 == 2 {
		r = c.command(ctx, mailer.PhaseRcpt, c.t.c.Timeouts.Command, c.rcpt)
	}
	if r.Code/100 == 2 {
		r = c.command(ctx, mailer.PhaseData, c.t.c.Timeouts.Data, c.data)
	}
	return r
}

// command sends one command and reads its answer.
func (c *conn) command(ctx context.Context, phase mailer.Phase, limit time.Duration, text []byte) mailer.Reply {
	if err := c.wire.phase(ctx, limit); err != nil {
		return mailer.Reply{Phase: phase, Err: err}
	}
	if err := c.write(text); err != nil {
		return mailer.Reply{Phase: phase, Err: err}
	}
	return c.answer(phase)
}

// pipelined sends MAIL, RCPT and DATA in one write, and returns the first
// answer that matters. A server that refused the recipient and still wants the
// letter gets a lone dot: RFC 2920 section 3.1. One that took a recipient of a
// refused sender gets none: it would deliver an empty letter.
func (c *conn) pipelined(ctx context.Context) mailer.Reply {
	first := c.command(ctx, mailer.PhaseMail, c.t.c.Timeouts.Command, c.text)
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
		next := c.answer(phase)
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
			if c.command(ctx, mailer.PhaseDot, c.t.c.Timeouts.Dot, []byte(".\r\n")).Code == 0 {
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
	case c.command(ctx, mailer.PhaseMail, c.t.c.Timeouts.Command, []byte("RSET\r\n")).Code/100 != 2:
		c.hangUp()
	}
	return r
}

// letter writes the body with its final dot, and waits for the answer. The dot
// is in the last piece: as long as that was not written, it did not go out. It
// does not where the server has spoken before. A letter of one piece goes out
// behind the 354, with which everything was read that was there.
func (c *conn) letter(ctx context.Context, body []byte) mailer.Reply {
	pieces := len(body) > block
	for len(body) > 0 {
		piece := body[:min(block, len(body))]
		body = body[len(piece):]
		if err := c.wire.phase(ctx, c.t.c.Timeouts.Block); err != nil {
			return mailer.Reply{Phase: mailer.PhaseData, Err: err}
		}
		if len(body) == 0 && c.hears(pieces) {
			return c.lastWords(ctx, mailer.Reply{Phase: mailer.PhaseData, Err: errEarly})
		}
		if err := c.write(piece); err != nil {
			return c.lastWords(ctx, mailer.Reply{Phase: mailer.PhaseData, Err: err})
		}
	}
	if err := c.wire.phase(ctx, c.t.c.Timeouts.Dot); err != nil {
		return mailer.Reply{Phase: mailer.PhaseDot, Err: err}
	}
	r := c.answer(mailer.PhaseDot)
	if r.Code/100 == 2 && c.reader().Buffered() > 0 {
		return c.lastWords(ctx, r)
	}
	return r
}

// lastWords reads what the server says when it is not its turn, and hangs up:
// no answer that follows could be told from an earlier one. Inside of the letter
// it may say why it refuses it. After a first answer a refusal is the one to the
// letter, unless the server only says goodbye.
func (c *conn) lastWords(ctx context.Context, r mailer.Reply) mailer.Reply {
	defer c.hangUp()
	if c.wire.phase(ctx, c.t.c.Timeouts.Quit) != nil {
		return r
	}
	said := readReply(c.reader(), r.Phase)
	switch {
	case said.Code == 421 && r.Code != 0:
	case said.Code >= 400:
		return said
	case said.Code != 0 && r.Err != nil:
		r.Err = fmt.Errorf("%w: %d %s", r.Err, said.Code, said.Text)
	}
	return r
}
