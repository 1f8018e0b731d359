package main

import (
	"bufio"
	"fmt"
	"net"
	"strings"
	"testing"
)

// talk sends lines to the sink and returns the last line of its answers.
type talk struct {
	t  *testing.T
	c  net.Conn
	in *bufio.Reader
}

func dial(t *testing.T, s *sink) *talk {
	t.Helper()
	c, err := net.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", s.port))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	k := &talk{t: t, c: c, in: bufio.NewReader(c)}
	k.hears("220")
	return k
}

func (k *talk) says(lines ...string) {
	k.t.Helper()
	if _, err := k.c.Write([]byte(strings.Join(lines, "\r\n") + "\r\n")); err != nil {
		k.t.Fatal(err)
	}
}

// hears reads answers, each of which must begin so; "" is the end.
func (k *talk) hears(codes ...string) {
	k.t.Helper()
	for _, code := range codes {
		line := ""
		for line == "" || len(line) > 3 && line[3] == '-' {
			text, err := k.in.ReadString('\n')
			if err != nil {
				if code != "" {
					k.t.Fatalf("no answer, want %s: %v", code, err)
				}
				return
			}
			line = text
		}
		if code == "" || !strings.HasPrefix(line, code) {
			k.t.Fatalf("the answer is %q, want %q", line, code)
		}
	}
}

// letter sends one letter in one write, as PIPELINING allows.
func (k *talk) letter(to, id, body string) {
	k.says("MAIL FROM:<a@b>", "RCPT TO:<"+to+">", "DATA")
	k.hears("250", "250", "354")
	k.says("Message-ID:", " <"+id+">", "List-Unsubscribe: <https://x/u/"+to+">,", " <mailto:y>", "", body, "..dot", ".")
}

func newTestSink(t *testing.T) *sink {
	t.Helper()
	s, err := newSink()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.down)
	return s
}

func TestSinkKnowsWhoGotWhat(t *testing.T) {
	t.Parallel()
	s := newTestSink(t)
	k := dial(t, s)
	k.says("EHLO x")
	k.hears("250")
	for range 2 {
		k.letter("r@x", "7.abc@y", "text")
		k.hears("250")
	}
	k.letter("q@x", "7.def@y", "other text")
	k.hears("250")
	got := s.tally(7, []string{"r@x", "q@x", "z@x"}, func(int) ending { return byForce })
	if got.copies["r@x"] != 2 || got.copies["q@x"] != 1 || got.extras != 1 || len(got.stray) != 1 || len(got.unlike) != 0 || len(got.missing) != 1 {
		t.Errorf("%+v", got)
	}
	if s.link("r@x") != "https://x/u/r@x" {
		t.Errorf("the link is %q", s.link("r@x"))
	}
	letters, distinct := s.counts()
	if letters != 3 || distinct != 2 {
		t.Errorf("%d letters, %d distinct", letters, distinct)
	}
}

func TestSinkExplainsACopyByTheLastLetterOfAKilledConnection(t *testing.T) {
	t.Parallel()
	s := newTestSink(t)
	first := dial(t, s)
	first.letter("r@x", "7.abc@y", "text")
	first.hears("250")
	second := dial(t, s)
	second.letter("r@x", "7.abc@y", "text, but not the same")
	second.hears("250")
	for end, want := range map[ending]int{byItself: 1, byForce: 0, byFault: 0} {
		if got := s.tally(7, nil, func(int) ending { return end }); len(got.stray) != want || len(got.unlike) != 1 || len(got.strangers) != 1 {
			t.Errorf("ending %d: %+v", end, got)
		}
	}
	first.says("QUIT")
	first.hears("221")
	if got := s.tally(7, nil, func(int) ending { return byForce }); len(got.stray) != 1 {
		t.Errorf("who said goodbye knows what became of the letter: %+v", got)
	}
}

func TestSinkFollowsItsScript(t *testing.T) {
	t.Parallel()
	s := newTestSink(t)
	lose := false
	s.play(func(at phase, c *conn) answer {
		switch {
		case at == phaseRcpt && c.to == "no@x":
			return answer{reply: "550 5.1.1 nobody"}
		case at == phaseDot && lose:
			return answer{lose: true}
		case at == phaseDot && c.to == "later@x":
			return answer{reply: "451 4.3.0 later"}
		}
		return answer{}
	})
	k := dial(t, s)
	k.says("MAIL FROM:<a@b>", "RCPT TO:<no@x>", "DATA", "RSET")
	k.hears("250", "550", "503", "250")
	k.letter("later@x", "7.a@y", "text")
	k.hears("451")
	lose = true
	k.letter("lost@x", "7.b@y", "text")
	k.hears("")
	got := s.tally(7, []string{"later@x", "lost@x", "no@x"}, nil)
	if len(got.missing) != 2 || got.copies["lost@x"] != 1 {
		t.Errorf("%+v", got)
	}
}
