package mailbox

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"strconv"
	"strings"
	"time"
)

// POP3 is a mailbox at a provider (RFC 1939).
type POP3 struct {
	Host string
	Port int
	// Security is "tls", "starttls" (RFC 2595) or "none".
	Security           string
	TLS                *tls.Config
	Username, Password string
	// Delete removes messages that are done with; else their ids are remembered.
	Delete bool
	Marks  Marks
	Now    func() time.Time
}

// perRound is how many messages a round reads; the others come in the next one.
const perRound = 1000

func (p POP3) source() string { return "pop3 " + p.Username + "@" + p.Host }

// Round yields the messages that were not read before.
func (p POP3) Round(ctx context.Context, take Take) error {
	c, err := p.connect(ctx)
	if err == nil {
		err = errors.Join(p.round(ctx, c, take), c.close())
	}
	if err != nil {
		return fmt.Errorf("pop3 %s: %w", p.Host, err)
	}
	return nil
}

func (p POP3) connect(ctx context.Context) (*pop3Conn, error) {
	dialer := net.Dialer{Timeout: popLimit}
	config := p.TLS.Clone()
	if config == nil {
		config = &tls.Config{}
	}
	config.ServerName = p.Host
	conn, err := dialer.DialContext(ctx, "tcp", net.JoinHostPort(p.Host, strconv.Itoa(p.Port)))
	if err != nil {
		return nil, err
	}
	if p.Security == "tls" {
		conn = tls.Client(conn, config)
	}
	c := newPOP3Conn(ctx, conn)
	err = c.greeting()
	if err == nil && p.Security == "starttls" {
		err = c.startTLS(config)
	}
	if err == nil {
		err = c.login(p.Username, p.Password)
	}
	if err != nil {
		return nil, errors.Join(err, c.drop())
	}
	return c, nil
}

func (p POP3) round(ctx context.Context, c *pop3Conn, take Take) error {
	list, err := c.list()
	if err != nil {
		return err
	}
	here := map[string]bool{}
	for _, m := range list {
		here[m.id] = true
	}
	var first error
	read := 0
	for _, m := range list {
		if read == perRound {
			break
		}
		fresh, failed, err := p.one(ctx, c, m, take)
		if err != nil {
			return err // the conversation is out of step
		}
		if fresh {
			read++
		}
		if first == nil {
			first = failed
		}
	}
	if first == nil && len(list) < maxListed {
		first = p.Marks.DropMarks(ctx, p.source(), func(mark string) bool { return !here[mark] })
	}
	return first
}

// one yields a message that was not read before. failed says that it must be
// yielded again; err ends the round.
func (p POP3) one(ctx context.Context, c *pop3Conn, m popMessage, take Take) (fresh bool, failed, err error) {
	if m.id != "" {
		if _, known, err := p.Marks.Mark(ctx, p.source(), m.id); err != nil || known {
			return false, nil, err
		}
	}
	raw, err := c.retrieve(m.number)
	if err != nil {
		return true, nil, err
	}
	done, failed := take(ctx, Message{Source: "pop3", Raw: raw})
	switch {
	case ctx.Err() != nil:
		return true, nil, ctx.Err()
	case failed != nil:
		return true, failed, nil
	case done && p.Delete:
		return true, nil, c.delete(m.number)
	case m.id != "":
		return true, nil, p.Marks.SetMark(ctx, p.source(), m.id, "", p.Now())
	}
	return true, nil, nil
}

// popMessage is a message at the server: its number in this conversation, and
// its id for ever, "" where the server has none.
type popMessage struct {
	number int
	id     string
}

// parseUIDL reads "1 whqtswO00WBw418f9t5JxYwZ".
func parseUIDL(line string) (m popMessage, ok bool) {
	number, id, _ := strings.Cut(line, " ")
	n, err := strconv.Atoi(number)
	return popMessage{n, strings.TrimSpace(id)}, err == nil && n > 0 && len(id) <= 70
}
