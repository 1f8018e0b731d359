package smtptest

import (
	"bufio"
	"bytes"
	"crypto/tls"
	"encoding/base64"
	"fmt"
	"io"
	"net"
	"strings"
)

// talk is one conversation.
type talk struct {
	s      *Server
	c      net.Conn
	r      *bufio.Reader
	id     int
	nth    int
	secure bool
	authed bool
	mailed bool
	from   string
	params string
	to     string
	out    bytes.Buffer
}

// say answers; false ends the conversation. Answers to commands that came
// together go out together.
func (t *talk) say(hooked, usual string) bool {
	switch hooked {
	case "":
		hooked = usual
	case Hangup, Lost:
		t.flush()
		return false
	case Silence:
		t.flush()
		io.Copy(io.Discard, t.r)
		return false
	}
	if last, bye := strings.CutSuffix(hooked, Goodbye); bye {
		t.out.WriteString(last + "\r\n")
		t.flush()
		return false
	}
	t.out.WriteString(hooked + "\r\n")
	return t.r.Buffered() > 0 || t.flush()
}

func (t *talk) flush() bool {
	_, err := t.out.WriteTo(t.c)
	return err == nil
}

func hook(f func() string) string {
	if f == nil {
		return ""
	}
	return f()
}

func (t *talk) run() {
	if !t.say(hook(t.s.script.Greeting), "220 test ESMTP") {
		return
	}
	for {
		line, err := t.r.ReadString('\n')
		if err != nil {
			return
		}
		verb, rest, _ := strings.Cut(strings.TrimRight(line, "\r\n"), " ")
		if !t.command(strings.ToUpper(verb), rest) {
			t.flush()
			return
		}
	}
}

func (t *talk) command(verb, rest string) bool {
	s := &t.s.script
	switch verb {
	case "EHLO", "HELO":
		return t.say(hook(s.Hello), t.hello(verb))
	case "STARTTLS":
		return t.startTLS()
	case "AUTH":
		return t.auth(rest)
	case "MAIL":
		if s.Username != "" && !t.authed {
			return t.say("", "530 5.7.0 log in first")
		}
		if s.Farewell > 0 && t.nth >= s.Farewell {
			return t.say("421 4.7.0 that was enough for one connection"+Goodbye, "")
		}
		t.from, t.params = address(rest)
		t.to = ""
		said := hookOf(s.Mail, t.from)
		t.mailed = said == "" || strings.HasPrefix(said, "2")
		return t.say(said, "250 2.1.0 ok")
	case "RCPT":
		return t.rcpt(rest)
	case "DATA":
		return t.data()
	case "RSET":
		t.to = ""
		return t.say(hook(s.Reset), "250 2.0.0 ok")
	case "NOOP":
		return t.say("", "250 2.0.0 ok")
	case "QUIT":
		t.say("", "221 2.0.0 bye")
		return false
	}
	return t.say("", "500 5.5.1 what")
}

func hookOf(f func(string) string, arg string) string {
	if f == nil {
		return ""
	}
	return f(arg)
}

func (t *talk) hello(verb string) string {
	s := &t.s.script
	if verb == "HELO" {
		return "250 test"
	}
	lines := append([]string{"test"}, s.Extensions...)
	if s.TLS != nil && !s.Implicit && !t.secure {
		lines = append(lines, "STARTTLS")
	}
	if s.Username != "" {
		lines = append(lines, "AUTH PLAIN LOGIN")
	}
	for i := range lines {
		sep := "-"
		if i == len(lines)-1 {
			sep = " "
		}
		lines[i] = "250" + sep + lines[i]
	}
	return strings.Join(lines, "\r\n")
}

func (t *talk) startTLS() bool {
	if t.s.script.TLS == nil {
		return t.say("", "502 5.5.1 no TLS here")
	}
	t.say("", "220 2.0.0 go")
	t.flush()
	secured := tls.Server(t.c, t.s.script.TLS)
	if err := secured.Handshake(); err != nil {
		return false
	}
	t.c, t.r, t.secure = secured, bufio.NewReaderSize(secured, 32<<10), true
	return true
}

func (t *talk) auth(rest string) bool {
	_, word, _ := strings.Cut(rest, " ")
	plain, err := base64.StdEncoding.DecodeString(word)
	s := &t.s.script
	if said := hook(s.Auth); said != "" {
		return t.say(said, "")
	}
	if err != nil || string(plain) != "\x00"+s.Username+"\x00"+s.Password {
		return t.say("", "535 5.7.8 wrong user name or password")
	}
	t.authed = true
	return t.say("", "235 2.7.0 welcome")
}

func (t *talk) rcpt(rest string) bool {
	if !t.mailed && !t.s.script.Careless {
		return t.say("", "503 5.5.1 no sender")
	}
	to, _ := address(rest)
	said := hookOf(t.s.script.Rcpt, to)
	if said == "" || strings.HasPrefix(said, "2") {
		t.to = to
	}
	return t.say(said, "250 2.1.5 ok")
}

func (t *talk) data() bool {
	s := &t.s.script
	said := hook(s.Data)
	if said == "" && t.to == "" {
		said = "503 5.5.1 no recipient"
	}
	if !t.say(said, "354 go") || said != "" && !strings.HasPrefix(said, "354") {
		return said != Hangup && said != Silence && said != Lost
	}
	t.flush()
	if said := hook(s.Early); said != "" {
		if _, err := t.r.Peek(1); err != nil {
			return false
		}
		t.say(said, "")
		t.flush()
	}
	if s.Body != nil {
		if said := s.Body(t.nth); said != "" {
			return t.say(said, "")
		}
	}
	text, ok := t.body()
	if !ok {
		return false
	}
	if t.to == "" {
		return t.say("", "554 5.5.1 no recipient")
	}
	t.nth++
	l := Letter{From: t.from, To: t.to, Text: text, Conn: t.id, Nth: t.nth, Params: t.params}
	t.to = ""
	said = ""
	if s.Dot != nil {
		said = s.Dot(l)
	}
	if said == "" || said == Lost || strings.HasPrefix(said, "2") {
		t.s.mu.Lock()
		t.s.letters = append(t.s.letters, l)
		t.s.mu.Unlock()
	}
	return t.say(said, fmt.Sprintf("250 2.0.0 taken as %d", t.nth))
}

// body reads up to the final dot.
func (t *talk) body() (string, bool) {
	var b strings.Builder
	for {
		line, err := t.r.ReadString('\n')
		if err != nil {
			return "", false
		}
		if line == ".\r\n" {
			return b.String(), true
		}
		b.WriteString(strings.TrimPrefix(line, "."))
	}
}

// address cuts <...> and what follows it.
func address(rest string) (inside, params string) {
	_, rest, _ = strings.Cut(rest, "<")
	i := strings.LastIndexByte(rest, '>')
	if i < 0 {
		return rest, ""
	}
	return rest[:i], strings.TrimSpace(rest[i+1:])
}
