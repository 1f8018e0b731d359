package mailbox

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"time"
)

const (
	// popLimit is how long one answer may take.
	popLimit = time.Minute
	// popLine is how long a line of an answer may be.
	popLine = 4096
	// maxListed is how many messages of a mailbox are looked at, the newest: those
	// that were read may stay there for ever.
	maxListed = 10_000
)

// pop3Conn is one conversation.
type pop3Conn struct {
	conn net.Conn
	r    *bufio.Reader
	stop func() bool
}

func newPOP3Conn(ctx context.Context, conn net.Conn) *pop3Conn {
	c := &pop3Conn{conn: conn, r: bufio.NewReaderSize(conn, popLine)}
	// Whoever ends the work ends the conversation.
	c.stop = context.AfterFunc(ctx, func() { _ = conn.Close() })
	return c
}

// command sends a line and returns what the server says behind +OK.
func (c *pop3Conn) command(format string, args ...any) (string, error) {
	if err := c.conn.SetDeadline(time.Now().Add(popLimit)); err != nil {
		return "", err
	}
	if format != "" {
		if _, err := fmt.Fprintf(c.conn, format+"\r\n", args...); err != nil {
			return "", err
		}
	}
	line, err := c.line()
	if err != nil {
		return "", err
	}
	if rest, ok := strings.CutPrefix(line, "+"); ok {
		return strings.TrimSpace(strings.TrimPrefix(rest, "OK")), nil
	}
	word, _, _ := strings.Cut(format, " ")
	return "", fmt.Errorf("%s: the server says %q", or(word, "greeting"), strings.TrimSpace(line))
}

func or(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

func (c *pop3Conn) line() (string, error) {
	line, err := c.r.ReadSlice('\n')
	if errors.Is(err, bufio.ErrBufferFull) {
		return "", errors.New("the server's answer has no end")
	}
	return strings.TrimRight(string(line), "\r\n"), err
}

func (c *pop3Conn) greeting() error {
	_, err := c.command("")
	return err
}

func (c *pop3Conn) startTLS(config *tls.Config) error {
	if _, err := c.command("STLS"); err != nil {
		return err
	}
	if c.r.Buffered() > 0 {
		return errors.New("STLS: the server speaks before the handshake") // as an attacker would
	}
	c.conn = tls.Client(c.conn, config)
	c.r.Reset(c.conn)
	return nil
}

// login uses USER and PASS, which every server has, or AUTH PLAIN (RFC 5034)
// where a server says that it does without.
func (c *pop3Conn) login(user, password string) error {
	if strings.ContainsAny(user+password, "\r\n\x00") {
		return errors.New("name or password hold a line break")
	}
	if has, err := c.capabilities(); err != nil {
		return err
	} else if has != nil && !has["USER"] && has["SASL PLAIN"] {
		if _, err := c.command("AUTH PLAIN %s", base64.StdEncoding.EncodeToString([]byte("\x00"+user+"\x00"+password))); err != nil {
			return errors.New("AUTH: the server refuses name and password")
		}
		return nil
	}
	if _, err := c.command("USER %s", user); err != nil {
		return err
	}
	_, err := c.command("PASS %s", password)
	return err
}

// capabilities asks what the server can (RFC 2449); nil where it does not tell.
func (c *pop3Conn) capabilities() (map[string]bool, error) {
	if _, err := c.command("CAPA"); err != nil {
		var fault net.Error
		if errors.As(err, &fault) || errors.Is(err, io.EOF) {
			return nil, err
		}
		return nil, nil
	}
	has := map[string]bool{}
	err := c.lines(func(line string) {
		if len(has) > 100 {
			return
		}
		word, rest, _ := strings.Cut(strings.ToUpper(line), " ")
		has[word] = true
		for method := range strings.FieldsSeq(rest) {
			has[word+" "+method] = true
		}
	})
	return has, err
}

// lines reads lines until the one that is a dot.
func (c *pop3Conn) lines(each func(string)) error {
	for range 100 * maxListed {
		line, err := c.line()
		if err != nil || line == "." {
			return err
		}
		each(strings.TrimPrefix(line, "."))
	}
	return errors.New("the server's list has no end")
}

// list returns the newest messages; those of a server without UIDL have no ids.
func (c *pop3Conn) list() (list []popMessage, err error) {
	newest := func(most int) {
		if len(list) > most {
			list = append(list[:0], list[len(list)-maxListed:]...)
		}
	}
	withID := true
	if _, err := c.command("UIDL"); err != nil {
		withID = false
		if _, err := c.command("LIST"); err != nil {
			return nil, err
		}
	}
	err = c.lines(func(line string) {
		if m, ok := parseUIDL(line); ok {
			if !withID {
				m.id = ""
			}
			list = append(list, m)
			newest(2 * maxListed)
		}
	})
	newest(maxListed)
	return list, err
}

// retrieve returns a message, or its first MaxRaw bytes.
func (c *pop3Conn) retrieve(number int) ([]byte, error) {
	if _, err := c.command("RETR %d", number); err != nil {
		return nil, err
	}
	var raw []byte
	for start := true; ; {
		part, err := c.r.ReadSlice('\n')
		if err != nil && !errors.Is(err, bufio.ErrBufferFull) {
			return nil, err
		}
		if start && bytes.HasPrefix(part, []byte(".")) {
			if part = part[1:]; len(bytes.TrimRight(part, "\r\n")) == 0 {
				return raw, nil
			}
		}
		if start = err == nil; start {
			// A large message takes longer than one answer may.
			if err := c.conn.SetDeadline(time.Now().Add(popLimit)); err != nil {
				return nil, err
			}
		}
		if room := MaxRaw - len(raw); room > 0 {
			raw = append(raw, part[:min(len(part), room)]...)
		}
	}
}

func (c *pop3Conn) delete(number int) error {
	_, err := c.command("DELE %d", number)
	return err
}

// close ends the conversation: only now the server deletes.
func (c *pop3Conn) close() error {
	_, err := c.command("QUIT")
	return errors.Join(err, c.drop())
}

// drop hangs up.
func (c *pop3Conn) drop() error {
	c.stop()
	return c.conn.Close()
}
