package mailer

import (
	"encoding/base64"
	"strings"
	"unicode/utf8"
)

// maxWord is the length of an encoded word. RFC 2047 allows 75, but then the
// first one does not fit on the line that "Subject:" begins, and some clients
// show the fold as a space.
const maxWord = 60

// encodeWords encodes a header's text by RFC 2047 where it has to be, and also
// where plain text would be taken for an encoded word.
func encodeWords(s string) string {
	if isASCII(s) && !strings.Contains(s, "=?") {
		return s
	}
	q, b := inWords(s, qWord), inWords(s, bWord)
	if len(b) < len(q) {
		return b
	}
	return q
}

// inWords cuts s between characters into pieces that encode short enough.
func inWords(s string, encode func(string) string) string {
	var words []string
	for s != "" {
		_, n := utf8.DecodeRuneInString(s)
		for n < len(s) {
			_, size := utf8.DecodeRuneInString(s[n:])
			if len(encode(s[:n+size])) > maxWord {
				break
			}
			n += size
		}
		words = append(words, encode(s[:n]))
		s = s[n:]
	}
	return strings.Join(words, " ")
}

func bWord(s string) string {
	return "=?utf-8?b?" + base64.StdEncoding.EncodeToString([]byte(s)) + "?="
}

func qWord(s string) string {
	var b strings.Builder
	b.WriteString("=?utf-8?q?")
	for i := range len(s) {
		switch c := s[i]; {
		case c >= '0' && c <= '9', c >= 'A' && c <= 'Z', c >= 'a' && c <= 'z':
			b.WriteByte(c)
		case c == ' ':
			b.WriteByte('_')
		default:
			b.Write([]byte{'=', upperHex[c>>4], upperHex[c&15]})
		}
	}
	return b.String() + "?="
}

const upperHex = "0123456789ABCDEF"
