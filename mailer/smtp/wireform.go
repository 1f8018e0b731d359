package smtp

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"

	"golang.org/x/net/idna"

	"tidings.example/mailer"
)

// lineLimit is the longest line of a letter without its CRLF (RFC 5322
// section 2.1.1).
const lineLimit = 998

// path checks an address for its place between < and >, and writes its domain
// in A-labels. "" is the null sender.
func path(address string) (string, error) {
	if address == "" {
		return "", nil
	}
	if i := strings.IndexFunc(address, func(r rune) bool { return r < ' ' || r == 0x7f || r == '<' || r == '>' }); i >= 0 {
		return "", fmt.Errorf("%q may not stand in an address", address[i])
	}
	at := strings.LastIndexByte(address, '@')
	if at <= 0 || at == len(address)-1 {
		return "", errors.New("the address has no domain")
	}
	if ascii(address[at:]) {
		return address, nil
	}
	domain, err := idna.Lookup.ToASCII(address[at+1:])
	return address[:at+1] + domain, err
}

func ascii(s string) bool {
	for i := range len(s) {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}

// nonASCII tells whether there are bytes over 127 in the header and in the body.
func nonASCII(letter []byte) (header, body bool) {
	i := firstWide(letter)
	if i < 0 {
		return false, false
	}
	end := bytes.Index(letter, []byte("\r\n\r\n"))
	if end < 0 {
		return true, false
	}
	return i < end, firstWide(letter[end:]) >= 0
}

// firstWide returns the index of the first byte over 127, or -1.
func firstWide(p []byte) int {
	i := 0
	for ; i+8 <= len(p); i += 8 {
		if binary.LittleEndian.Uint64(p[i:])&0x8080808080808080 != 0 {
			break
		}
	}
	for ; i < len(p); i++ {
		if p[i] >= 0x80 {
			return i
		}
	}
	return -1
}

// appendStuffed appends the letter with a dot before each line that begins
// with one (RFC 5321 section 4.5.2), ending in CRLF. A letter with a bare CR or
// LF is refused: servers disagree on whether a line ends there, and one that
// thinks so could be shown a final dot that is none.
func appendStuffed(out, letter []byte) ([]byte, error) {
	for len(letter) > 0 {
		end := bytes.IndexByte(letter, '\n')
		line := letter
		if end >= 0 {
			line = letter[:end]
			if end == 0 || line[end-1] != '\r' {
				return out, fmt.Errorf("%w: it has a bare LF", mailer.ErrUnfit)
			}
			line = line[:end-1]
		}
		if bytes.IndexByte(line, '\r') >= 0 {
			return out, fmt.Errorf("%w: it has a bare CR", mailer.ErrUnfit)
		}
		if len(line) > lineLimit {
			return out, fmt.Errorf("%w: a line has %d bytes", mailer.ErrUnfit, len(line))
		}
		if len(line) > 0 && line[0] == '.' {
			out = append(out, '.')
		}
		out = append(append(out, line...), "\r\n"...)
		if end < 0 {
			break
		}
		letter = letter[end+1:]
	}
	return out, nil
}
