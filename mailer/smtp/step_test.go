//go:build unix

package smtp_test

import (
	"bytes"
	"context"
	"errors"
	"net"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"tidings.example/mailer"
	"tidings.example/mailer/smtp"
	"tidings.example/mailer/smtp/smtptest"
)

// halting stops inside of a letter until the server has said something.
type halting struct {
	*net.TCPConn
	written int
}

func dialHalting(ctx context.Context, network, address string) (net.Conn, error) {
	c, err := (&net.Dialer{}).DialContext(ctx, network, address)
	if err != nil {
		return nil, err
	}
	return &halting{TCPConn: c.(*net.TCPConn)}, nil
}

func (c *halting) Write(p []byte) (int, error) {
	n, err := c.TCPConn.Write(p)
	before := c.written
	c.written += n
	if enough := 32 << 10; err != nil || before >= enough || c.written < enough {
		return n, err
	}
	raw, err := c.SyscallConn()
	if err != nil {
		return n, err
	}
	return n, raw.Read(func(fd uintptr) bool {
		_, _, err := unix.Recvfrom(int(fd), make([]byte, 1), unix.MSG_PEEK|unix.MSG_DONTWAIT)
		return !errors.Is(err, unix.EAGAIN)
	})
}

// TestAnswerOutOfStepIsNeverTakenForTheOneToTheLetter has servers that speak
// before the letter has ended, or twice after it.
func TestAnswerOutOfStepIsNeverTakenForTheOneToTheLetter(t *testing.T) {
	t.Parallel()
	dot := func(reply string) func(smtptest.Letter) string {
		return func(smtptest.Letter) string { return reply }
	}
	said := func(reply string) func() string { return func() string { return reply } }
	long := append(bytes.Clone(letter), bytes.Repeat([]byte("0123456789abcdef0123456789abcdef\r\n"), 3000)...)
	for name, c := range map[string]struct {
		script smtptest.Script
		letter []byte
		phase  mailer.Phase
		class  mailer.Class
		taken  bool // by the server
	}{
		"250 with the 354": {smtptest.Script{Data: said("354 go\r\n250 2.0.0 early"), Dot: dot("451 4.3.0 not taken")}, letter, mailer.PhaseData, mailer.NotSent, false},
		"250 inside":       {smtptest.Script{Early: said("250 2.0.0 early"), Dot: dot("451 4.3.0 not taken")}, long, mailer.PhaseData, mailer.NotSent, false},
		"354 inside":       {smtptest.Script{Early: said("354 go on")}, long, mailer.PhaseData, mailer.NotSent, false},
		"garbage inside":   {smtptest.Script{Early: said("hello there")}, long, mailer.PhaseData, mailer.NotSent, false},
		"451 with the 354": {smtptest.Script{Data: said("354 go\r\n451 4.3.0 full")}, letter, mailer.PhaseData, mailer.Postponed, false},
		"451 inside":       {smtptest.Script{Early: said("451 4.3.0 full")}, long, mailer.PhaseData, mailer.Postponed, false},
		"552 inside":       {smtptest.Script{Early: said("552 5.2.2 full")}, long, mailer.PhaseData, mailer.SoftBounce, false},
		"421 inside":       {smtptest.Script{Early: said("421 4.3.2 bye")}, long, mailer.PhaseData, mailer.Throttled, false},
		"451 after a 250":  {smtptest.Script{Dot: dot("250 2.0.0 early\r\n451 4.3.0 not taken")}, letter, mailer.PhaseDot, mailer.Postponed, true},
		"250 after a 250":  {smtptest.Script{Dot: dot("250 2.0.0 ok\r\n250 2.0.0 ok")}, letter, mailer.PhaseDot, mailer.Accepted, true},
		"421 after a 250":  {smtptest.Script{Dot: dot("250 2.0.0 ok\r\n421 4.3.2 bye")}, letter, mailer.PhaseDot, mailer.Accepted, true},
		"354 at the dot":   {smtptest.Script{Dot: dot("354 more")}, letter, mailer.PhaseDot, mailer.Ambiguous, false},
	} {
		for way, extensions := range map[string][]string{"pipelined": nil, "step by step": {"SIZE"}} {
			for _, security := range []smtp.Security{smtp.None, smtp.TLS} {
				t.Run(name+" "+way+" "+string(security), func(t *testing.T) {
					t.Parallel()
					script := c.script
					script.Extensions = extensions
					now := time.Now()
					var ca string
					if security == smtp.TLS {
						script.TLS, ca = smtptest.Certificate(t, now, now.Add(time.Hour))
						script.Implicit = true
					}
					srv := smtptest.Start(t, script)
					conf := config(srv)
					conf.Security, conf.CAFile = security, ca
					if script.Early != nil {
						conf.Dial = dialHalting
					}
					conn := mustConnect(t, conf)
					r := conn.Send(t.Context(), envelope, c.letter)
					if r.Phase != c.phase || r.Class() != c.class {
						t.Fatalf("%v at %v is %v, want %v at %v", r, r.Phase, r.Class(), c.class, c.phase)
					}
					if conn.Ready() {
						t.Error("the connection is used on")
					}
					if taken := len(srv.Letters()) > 0; taken != c.taken {
						t.Errorf("the server took the letter: %v", taken)
					}
				})
			}
		}
	}
}
