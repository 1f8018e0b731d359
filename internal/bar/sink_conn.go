package main

import (
	"bufio"
	"bytes"
	"crypto/tls"
	"hash/maphash"
	"net"
	"strings"
	"sync/atomic"
	"time"
)

// conn is one connection to the sink.
type conn struct {
	sink    *sink
	socket  net.Conn
	in      *bufio.Reader
	out     *bufio.Writer
	process int // of the sender
	to      string
	secure  bool
	prior   int64  // event of its last letter, or of its opening
	last    *taken // the last letter that was noted
	// answered tells that its answer was written, gone that the sink hung up.
	answered, gone bool
	// quit tells that the client said goodbye: it knows what became of all.
	quit atomic.Bool
}

// letter is what the sink keeps of one.
type letter struct {
	hash      uint64
	id, leave string
	signed    bool
}

// serve leads the conversation until one side ends it.
func (c *conn) serve() {
	c.in, c.out = bufio.NewReaderSize(c.socket, 64<<10), bufio.NewWriterSize(c.socket, 4<<10)
	if !c.say(phaseGreeting, "220 sink.test ESMTP") {
		return
	}
	for {
		line, err := c.in.ReadSlice('\n')
		if err != nil || !c.command(string(bytes.TrimRight(line, "\r\n"))) {
			_ = c.out.Flush()
			return
		}
		// Pipelined commands are answered together (RFC 2920).
		if c.in.Buffered() == 0 && c.out.Flush() != nil {
			return
		}
	}
}

// say asks the script, and answers good unless it wants something else. false
// ends the connection.
func (c *conn) say(at phase, good string) bool {
	_, ok := c.replied(at, good)
	return ok
}

// replied is say, and tells whether the answer was the good one.
func (c *conn) replied(at phase, good string) (well, ok bool) {
	a := c.sink.ask(at, c)
	if a.wait > 0 {
		_ = c.out.Flush()
		time.Sleep(a.wait)
	}
	reply := good
	if a.reply != "" {
		reply = a.reply
	}
	if !a.hangup || a.reply != "" {
		_, _ = c.out.WriteString(reply + "\r\n")
	}
	if at == phaseGreeting && c.out.Flush() != nil {
		return false, false
	}
	return a.reply == "", !a.hangup
}

// command carries one out; false ends the connection.
func (c *conn) command(line string) bool {
	verb, _, _ := strings.Cut(line, " ")
	switch strings.ToUpper(verb) {
	case "EHLO":
		return c.say(phaseHello, c.hello())
	case "HELO":
		return c.say(phaseHello, "250 sink.test")
	case "STARTTLS":
		return c.startTLS()
	case "AUTH":
		return c.login(line)
	case "MAIL":
		return c.say(phaseMail, "250 2.1.0 sender ok")
	case "RCPT":
		return c.recipient(line)
	case "DATA":
		return c.data()
	case "RSET", "NOOP":
		_, err := c.out.WriteString("250 2.0.0 ok\r\n")
		return err == nil
	case "QUIT":
		c.quit.Store(true)
		_, _ = c.out.WriteString("221 2.0.0 bye\r\n")
		return false
	}
	_, err := c.out.WriteString("502 5.5.2 what?\r\n")
	return err == nil
}

func (c *conn) hello() string {
	lines := []string{"sink.test", "8BITMIME", "SMTPUTF8", "ENHANCEDSTATUSCODES"}
	if !c.sink.plain {
		lines = append(lines, "PIPELINING")
	}
	if c.sink.tls != nil && !c.secure {
		lines = append(lines, "STARTTLS")
	}
	if c.sink.auth {
		lines = append(lines, "AUTH PLAIN LOGIN")
	}
	for i, l := range lines[:len(lines)-1] {
		lines[i] = "250-" + l
	}
	return strings.Join(lines[:len(lines)-1], "\r\n") + "\r\n250 " + lines[len(lines)-1]
}

func (c *conn) startTLS() bool {
	well, ok := c.replied(phaseTLS, "220 2.0.0 go ahead")
	if !well || !ok {
		return ok
	}
	if c.sink.tls == nil || c.out.Flush() != nil {
		return false
	}
	t := tls.Server(c.socket, c.sink.tls)
	if t.Handshake() != nil {
		return false
	}
	c.secure = true
	c.in.Reset(t)
	c.out.Reset(t)
	return true
}

// login takes any password, as AUTH PLAIN with or without an initial response
// and as AUTH LOGIN.
func (c *conn) login(line string) bool {
	fields := strings.Fields(line)
	questions := 0
	if len(fields) == 2 {
		questions = 1
		if strings.EqualFold(fields[1], "LOGIN") {
			questions = 2
		}
	} else if len(fields) > 2 && strings.EqualFold(fields[1], "LOGIN") {
		questions = 1
	}
	for range questions {
		_, _ = c.out.WriteString("334 VXNlcm5hbWU6\r\n")
		if c.out.Flush() != nil {
			return false
		}
		if _, err := c.in.ReadSlice('\n'); err != nil {
			return false
		}
	}
	return c.say(phaseAuth, "235 2.7.0 ok")
}

func (c *conn) recipient(line string) bool {
	_, rest, _ := strings.Cut(line, "<")
	to, _, _ := strings.Cut(rest, ">")
	c.to = to
	well, ok := c.replied(phaseRcpt, "250 2.1.5 recipient ok")
	if !well {
		c.to = ""
	}
	return ok
}

// data reads a letter. It is noted down before it is answered.
func (c *conn) data() bool {
	if c.to == "" {
		_, err := c.out.WriteString("503 5.5.1 no recipient\r\n")
		return err == nil
	}
	well, ok := c.replied(phaseData, "354 go on")
	if !well || !ok {
		return ok
	}
	if c.out.Flush() != nil {
		return false
	}
	l, err := c.read()
	if err != nil {
		return false
	}
	a := c.sink.ask(phaseDot, c)
	if a.wait > 0 {
		time.Sleep(a.wait)
	}
	switch {
	case a.reply != "":
		_, err = c.out.WriteString(a.reply + "\r\n")
		return err == nil && !a.hangup
	case a.hangup:
		return false
	}
	c.sink.note(c, l, a.lose)
	c.sink.ask(phaseTaken, c)
	if a.lose {
		return false
	}
	_, err = c.out.WriteString("250 2.0.0 taken\r\n")
	if err != nil || c.out.Flush() != nil {
		return false
	}
	c.sink.settled(c)
	c.to = ""
	return !c.sink.ask(phaseReplied, c).hangup
}

var (
	headID    = []byte("message-id:")
	headLeave = []byte("list-unsubscribe:")
	headSign  = []byte("dkim-signature:")
)

// read reads a letter up to its lone dot.
func (c *conn) read() (letter, error) {
	var l letter
	var sum maphash.Hash
	sum.SetSeed(c.sink.seed)
	header, field := true, []byte(nil)
	for {
		line, err := c.in.ReadSlice('\n')
		if err != nil {
			return l, err
		}
		if len(line) <= 3 && line[0] == '.' {
			l.hash = sum.Sum64()
			return l, nil
		}
		_, _ = sum.Write(line)
		if !header {
			continue
		}
		if line[0] == ' ' || line[0] == '\t' {
			field = append(field, line...)
			continue
		}
		l.field(field)
		field = append(field[:0], line...)
		header = len(line) > 2
	}
}

// field looks at one field of a header, unfolded or not.
func (l *letter) field(f []byte) {
	has := func(name []byte) bool { return len(f) > len(name) && bytes.EqualFold(f[:len(name)], name) }
	l.signed = l.signed || has(headSign)
	if !has(headID) && !has(headLeave) {
		return
	}
	_, rest, _ := bytes.Cut(f, []byte("<"))
	value, _, _ := bytes.Cut(rest, []byte(">"))
	if has(headID) {
		l.id = string(value)
	} else {
		l.leave = string(value)
	}
}
