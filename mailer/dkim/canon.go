package dkim

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
)

// appendRelaxed appends a header field in its relaxed form (RFC 6376 section
// 3.4.2): the name in lower case, unfolded, white space single and none at the
// ends, with CRLF.
func appendRelaxed(out, field []byte) []byte {
	colon := bytes.IndexByte(field, ':')
	for _, b := range bytes.TrimRight(field[:colon], " \t") {
		if b >= 'A' && b <= 'Z' {
			b += 'a' - 'A'
		}
		out = append(out, b)
	}
	out = append(out, ':')
	start, gap := len(out), false
	for _, b := range field[colon+1:] {
		if isSpace(b) {
			gap = true
			continue
		}
		if gap && len(out) > start {
			out = append(out, ' ')
		}
		out, gap = append(out, b), false
	}
	return append(out, '\r', '\n')
}

func isSpace(b byte) bool { return b == ' ' || b == '\t' || b == '\r' || b == '\n' }

// bodyHash is the hash of a body in its relaxed form (RFC 6376 section 3.4.4):
// white space inside of a line is single, there is none at the end of a line,
// and no empty line at the end. An encoded letter is nearly in this form: what
// lies between the places that are not is hashed as it stands.
func bodyHash(body []byte) [sha256.Size]byte {
	body = bytes.TrimRight(body, " \t\r\n")
	if len(body) == 0 {
		return sha256.Sum256(nil)
	}
	sum := sha256.New()
	for {
		i := firstLoose(body)
		sum.Write(body[:i])
		if i == len(body) {
			break
		}
		end := i
		for body[end] == ' ' || body[end] == '\t' {
			end++ // the body does not end in white space
		}
		if body = body[end:]; body[0] != '\r' {
			sum.Write([]byte{' '})
		}
	}
	sum.Write([]byte("\r\n"))
	return [sha256.Size]byte(sum.Sum(nil))
}

const (
	low   = 0x0101010101010101
	high  = 0x8080808080808080
	ascii = 0x7f7f7f7f7f7f7f7f
)

// firstLoose returns the index of the first white space that the relaxed form
// writes otherwise: a tab, a space before white space or before the end of a
// line. It is the length of a body that has none. It looks at eight bytes at a
// time: a body has thousands of single spaces, and each letter is signed.
func firstLoose(body []byte) int {
	i := 0
	for ; i+9 <= len(body); i += 8 {
		word := binary.LittleEndian.Uint64(body[i:])
		// The top bit of each byte that is at most ' ', and of each that is one.
		small := ^((word & ascii) + (0x7f-' ')*low | word) & high
		space := word ^ ' '*low
		space = ^((space & ascii) + ascii | space) & high
		next := small >> 8
		if body[i+8] <= ' ' {
			next |= 0x80 << 56
		}
		// The others are line ends, mostly: a tab is looked for.
		if space&next == 0 && (small == space || bytes.IndexByte(body[i:i+8], '\t') < 0) {
			continue
		}
		for j := i; j < i+8; j++ {
			if loose(body, j) {
				return j
			}
		}
	}
	for ; i < len(body); i++ {
		if loose(body, i) {
			return i
		}
	}
	return len(body)
}

// loose judges one byte of a body that does not end in white space.
func loose(body []byte, i int) bool {
	return body[i] == '\t' || body[i] == ' ' && isSpace(body[i+1])
}
