package smtp

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"net/textproto"
	"strings"

	"tidings.example/mailer"
)

// replyLines bounds the lines of one reply.
const replyLines = 128

// errGarbage is an answer that is no SMTP.
var errGarbage = errors.New("the answer is not SMTP")

// heard is the last answer in a phase. Servers say the same again and again;
// what was read before is not taken apart again.
type heard struct {
	line  []byte
	reply mailer.Reply
}

// read reads one reply.
func (h *heard) read(r *bufio.Reader, phase mailer.Phase) mailer.Reply {
	line, err := r.ReadSlice('\n')
	if err == nil && bytes.Equal(line, h.line) {
		return h.reply
	}
	reply, more := readRest(r, phase, line, err)
	if !more && reply.Code != 0 {
		h.line, h.reply = append(h.line[:0], line...), reply
	}
	return reply
}

// readReply reads one reply of any number of lines. Text joins the lines.
func readReply(r *bufio.Reader, phase mailer.Phase) mailer.Reply {
	line, err := r.ReadSlice('\n')
	reply, _ := readRest(r, phase, line, err)
	return reply
}

// readRest reads a reply whose first line is there. more tells that it had
// others, so that the first one is no more.
func readRest(r *bufio.Reader, phase mailer.Phase, line []byte, err error) (reply mailer.Reply, more bool) {
	reply.Phase = phase
	for n := range replyLines {
		if n > 0 {
			line, err = r.ReadSlice('\n')
		}
		if err != nil {
			if errors.Is(err, bufio.ErrBufferFull) {
				err = errFlood
			}
			return mailer.Reply{Phase: phase, Err: err}, true
		}
		code, text, goesOn, ok := parseLine(line)
		if !ok || reply.Code != 0 && code != reply.Code {
			return mailer.Reply{Phase: phase, Err: fmt.Errorf("%w: %q", errGarbage, clip(line))}, true
		}
		status, rest := splitStatus(code, text)
		if reply.Code == 0 {
			reply.Code, reply.Enhanced, reply.Text = code, status, rest
		} else if reply.Text += " " + rest; reply.Enhanced == "" {
			reply.Enhanced = status
		}
		if !goesOn {
			return reply, n > 0
		}
	}
	return mailer.Reply{Phase: phase, Err: errFlood}, true
}

// parseLine cuts a line of a reply: three digits, a hyphen where more follows,
// text (RFC 5321 section 4.2).
func parseLine(line []byte) (code int, text string, more, ok bool) {
	line = bytes.TrimRight(line, "\r\n")
	if len(line) < 3 {
		return 0, "", false, false
	}
	for _, c := range line[:3] {
		if c < '0' || c > '9' {
			return 0, "", false, false
		}
		code = 10*code + int(c-'0')
	}
	if code < 200 || code > 599 {
		return 0, "", false, false
	}
	if len(line) == 3 {
		return code, "", false, true
	}
	if line[3] != ' ' && line[3] != '-' {
		return 0, "", false, false
	}
	return code, printable(line[4:]), line[3] == '-', true
}

// splitStatus cuts a status of RFC 3463 off the text: class, subject and detail.
func splitStatus(code int, text string) (status, rest string) {
	word, rest, _ := strings.Cut(text, " ")
	parts := strings.Split(word, ".")
	if len(parts) != 3 || parts[0] != string(rune('0'+code/100)) {
		return "", text
	}
	for _, p := range parts[1:] {
		if len(p) < 1 || len(p) > 3 || strings.Trim(p, "0123456789") != "" || len(p) > 1 && p[0] == '0' {
			return "", text
		}
	}
	return word, strings.TrimSpace(rest)
}

// printable keeps a server's words from writing over a terminal or a log.
func printable(text []byte) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || r == '�' {
			return '?'
		}
		return r
	}, string(text))
}

func clip(line []byte) string {
	if len(line) > 80 {
		line = line[:80]
	}
	return printable(line)
}

// fault turns an error of go-mail's client into a reply: it holds the server's
// answer, if there was one.
func fault(phase mailer.Phase, err error) mailer.Reply {
	var said *textproto.Error
	if errors.As(err, &said) && said.Code >= 200 && said.Code <= 599 {
		status, text := splitStatus(said.Code, printable([]byte(strings.ReplaceAll(said.Msg, "\n", " "))))
		return mailer.Reply{Phase: phase, Code: said.Code, Enhanced: status, Text: text}
	}
	return mailer.Reply{Phase: phase, Err: err}
}
