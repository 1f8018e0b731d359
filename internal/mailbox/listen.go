package mailbox

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log"
	"net"
	"os"
	"strings"
	"time"

	"github.com/emersion/go-smtp"
	"golang.org/x/net/netutil"
)

// Listener takes mail that a server hands over, by LMTP (RFC 2033) or SMTP. It
// takes recipients of its own alone, and answers 250 only after Take returned.
type Listener struct {
	// Address is "host:port", or "unix:" and the path of a socket.
	Address string
	// SMTP speaks SMTP instead of LMTP.
	SMTP bool
	// Domain is what it calls itself.
	Domain string
	// Takes tells whether mail to an address is for us; an error makes the
	// server try again later.
	Takes func(ctx context.Context, address string) (bool, error)
	Take  Take
	// Log gets what go-smtp has to say; nil is nothing.
	Log io.Writer
}

// Its limits: what hands over mail is one server nearby, and reports are small.
const (
	maxMessage     = 20 << 20
	maxConnections = 32
	maxRecipients  = 20
	timeLimit      = time.Minute
)

// Open listens. The returned function serves until ctx ends, and gives what is
// under way a moment to end.
func (l *Listener) Open() (net.Addr, func(context.Context) error, error) {
	listener, err := l.listen()
	if err != nil {
		return nil, nil, fmt.Errorf("listen at %s: %w", l.Address, err)
	}
	return listener.Addr(), func(ctx context.Context) error { return l.serve(ctx, netutil.LimitListener(listener, maxConnections)) }, nil
}

func (l *Listener) listen() (net.Listener, error) {
	path, socket := strings.CutPrefix(l.Address, "unix:")
	if !socket {
		return net.Listen("tcp", l.Address)
	}
	// A process that was killed leaves its socket behind. One that answers is
	// in use.
	if info, err := os.Lstat(path); err == nil && info.Mode().Type() == fs.ModeSocket {
		if c, err := net.DialTimeout("unix", path, time.Second); err == nil {
			return nil, errors.Join(errors.New("another process listens there"), c.Close())
		}
		if err := os.Remove(path); err != nil {
			return nil, err
		}
	}
	listener, err := net.Listen("unix", path)
	if err != nil {
		return nil, err
	}
	// The mail server is in our group, or it could not reach us.
	if err := os.Chmod(path, 0o660); err != nil {
		return nil, errors.Join(err, listener.Close())
	}
	return listener, nil
}

func (l *Listener) serve(ctx context.Context, listener net.Listener) error {
	s := smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) { return &session{l: l, ctx: ctx}, nil }))
	s.LMTP, s.Domain, s.AllowInsecureAuth = !l.SMTP, l.Domain, false
	s.ReadTimeout, s.WriteTimeout = timeLimit, timeLimit
	s.MaxMessageBytes, s.MaxRecipients, s.MaxLineLength = maxMessage, maxRecipients, 4096
	s.EnableSMTPUTF8 = true
	out := l.Log
	if out == nil {
		out = io.Discard
	}
	s.ErrorLog = log.New(out, "", 0)
	ended := make(chan error, 1)
	go func() { ended <- s.Serve(listener) }()
	select {
	case err := <-ended:
		return fmt.Errorf("listen at %s: %w", l.Address, err)
	case <-ctx.Done():
	}
	late, cancel := context.WithTimeout(context.WithoutCancel(ctx), 3*time.Second)
	defer cancel()
	if err := s.Shutdown(late); err != nil {
		_ = s.Close() // who asks nothing keeps nobody waiting
	}
	_ = listener.Close() // Shutdown did not know it where Serve had not begun
	<-ended
	return nil
}

// session is one connection.
type session struct {
	l   *Listener
	ctx context.Context
	to  []string
}

// Mail takes any sender: reports have none.
func (s *session) Mail(string, *smtp.MailOptions) error { return nil }

// Rcpt takes our own addresses.
func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	ours, err := s.l.Takes(s.ctx, to)
	switch {
	case err != nil:
		return &smtp.SMTPError{Code: 451, EnhancedCode: smtp.EnhancedCode{4, 3, 0}, Message: "try again later"}
	case !ours:
		return &smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 1, 1}, Message: "no such address here"}
	}
	s.to = append(s.to, to)
	return nil
}

// Data takes a message by SMTP: one answer for all recipients.
func (s *session) Data(r io.Reader) error {
	raw, err := whole(r)
	for _, to := range s.to {
		if err == nil {
			err = s.take("smtp", to, raw)
		}
	}
	return err
}

// LMTPData takes a message by LMTP: an answer for each recipient.
func (s *session) LMTPData(r io.Reader, status smtp.StatusCollector) error {
	raw, err := whole(r)
	if err != nil {
		return err
	}
	for _, to := range s.to {
		status.SetStatus(to, s.take("lmtp", to, raw))
	}
	return nil
}

func (s *session) take(source, to string, raw []byte) error {
	if _, err := s.l.Take(s.ctx, Message{Source: source, To: []string{to}, Raw: raw}); err != nil {
		return &smtp.SMTPError{Code: 451, EnhancedCode: smtp.EnhancedCode{4, 3, 0}, Message: "not kept, try again later"}
	}
	return nil
}

// whole reads a message to its end, and keeps its beginning.
func whole(r io.Reader) ([]byte, error) {
	raw, err := readLimited(r)
	if err == nil {
		_, err = io.Copy(io.Discard, r)
	}
	return raw, err
}

// Reset forgets the recipients.
func (s *session) Reset() { s.to = nil }

// Logout has nothing to end.
func (s *session) Logout() error { return nil }
