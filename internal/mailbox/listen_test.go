package mailbox

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/textproto"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/emersion/go-smtp"
)

// listening serves a listener until the test ends, or stop.
func listening(t *testing.T, l *Listener) (address net.Addr, stop func()) {
	t.Helper()
	address, serve, err := l.Open()
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- serve(ctx) }()
	stop = func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
		ended <- nil
	}
	t.Cleanup(stop)
	return address, stop
}

// ours are the addresses that a test's listener takes.
func ours(_ context.Context, address string) (bool, error) {
	if strings.HasPrefix(address, "busy") {
		return false, errors.New("the database is away")
	}
	return strings.HasPrefix(address, "bounces"), nil
}

func TestAServerHandsMailOverByLMTP(t *testing.T) {
	t.Parallel()
	k := &taker{}
	path := filepath.Join(t.TempDir(), "s")
	address, stop := listening(t, &Listener{Address: "unix:" + path, Takes: ours, Take: k.take})
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o660 {
		t.Errorf("%v, %v", info, err)
	}
	c, err := textproto.Dial("unix", address.String())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	say := func(format string, args ...any) string {
		t.Helper()
		if format != "" {
			if err := c.PrintfLine(format, args...); err != nil {
				t.Fatal(err)
			}
		}
		code, _, err := c.ReadResponse(0)
		if code == 0 {
			t.Fatal(err)
		}
		return fmt.Sprint(code)
	}
	send := func(text string, to ...string) (answers []string) {
		t.Helper()
		say("MAIL FROM:<>")
		taken := 0
		for _, a := range to {
			if got := say("RCPT TO:<%s>", a); got != "250" {
				answers = append(answers, got)
			} else {
				taken++
			}
		}
		say("DATA")
		w := c.DotWriter()
		if _, err := fmt.Fprint(w, text); err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		for range taken {
			answers = append(answers, say(""))
		}
		return answers
	}
	say("")
	say("LHLO mx.a.example")
	if got := fmt.Sprint(send("A: 1\r\n\r\n.dot\r\n", "bounces+1@a.example", "news@a.example", "busy@a.example", "bounces@a.example")); got != "[550 451 250 250]" {
		t.Errorf("answers are %s", got)
	}
	k.wants(t, "A: 1\n\n.dot", "A: 1\n\n.dot")
	if fmt.Sprint(k.to) != "[bounces+1@a.example bounces@a.example]" {
		t.Errorf("came to %v", k.to)
	}
	if got := fmt.Sprint(send("fail\r\n", "bounces@a.example")); got != "[451]" {
		t.Errorf("answers are %s", got)
	}
	if got := fmt.Sprint(send(strings.Repeat("x\r\n", MaxRaw), "bounces@a.example")); got != "[250]" {
		t.Errorf("answers are %s", got)
	}
	if len(k.got) != 1 || len(k.got[0]) > MaxRaw {
		t.Errorf("%d messages are taken", len(k.got))
	}
	stop()
	if _, err := os.Stat(path); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the socket is left: %v", err)
	}
}

// handOver sends a message by SMTP.
func handOver(address net.Addr, to []string, r io.Reader) error {
	c, err := smtp.Dial(address.String())
	if err != nil {
		return err
	}
	defer c.Close()
	return c.SendMail("", to, r)
}

func TestAServerHandsMailOverBySMTP(t *testing.T) {
	t.Parallel()
	k := &taker{}
	address, _ := listening(t, &Listener{Address: "127.0.0.1:0", SMTP: true, Takes: ours, Take: k.take})
	if err := handOver(address, []string{"bounces@a.example"}, strings.NewReader("A: 1\r\n")); err != nil {
		t.Error(err)
	}
	k.wants(t, "A: 1")
	for to, code := range map[string]int{"news@a.example": 550, "busy@a.example": 451} {
		var answer *smtp.SMTPError
		if err := handOver(address, []string{to}, strings.NewReader("A: 1\r\n")); !errors.As(err, &answer) || answer.Code != code {
			t.Errorf("mail to %s: %v", to, err)
		}
	}
	var answer *smtp.SMTPError
	if err := handOver(address, []string{"bounces@a.example"}, strings.NewReader("fail\r\n")); !errors.As(err, &answer) || answer.Code != 451 {
		t.Errorf("a message that was not kept: %v", err)
	}
	k.wants(t)
}

func TestAnAddressThatIsInUseIsAMistakeAndALeftSocketIsNot(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "s")
	left, err := net.ListenUnix("unix", &net.UnixAddr{Name: path, Net: "unix"})
	if err != nil {
		t.Fatal(err)
	}
	left.SetUnlinkOnClose(false)
	l := &Listener{Address: "unix:" + path, Takes: ours, Take: (&taker{}).take}
	if _, _, err := l.Open(); err == nil || !strings.Contains(err.Error(), "another process listens there") {
		t.Error(err)
	}
	if err := left.Close(); err != nil {
		t.Fatal(err)
	}
	listening(t, l)
	put(t, path+"2", "a file")
	if _, _, err := (&Listener{Address: "unix:" + path + "2"}).Open(); err == nil {
		t.Error("a file was removed for a socket")
	}
}
