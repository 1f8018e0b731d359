package mailer

import (
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
)

// bodyEncoding is a Content-Transfer-Encoding.
type bodyEncoding string

const (
	quotedPrintable bodyEncoding = "quoted-printable"
	base64Encoding  bodyEncoding = "base64"
)

// token is how an encoded part shows a token of letters and digits.
func (e bodyEncoding) token(token string) string {
	if e == base64Encoding {
		return base64.StdEncoding.EncodeToString([]byte(token))
	}
	return token
}

// encodedBody is the body of a part, with marks.
type encodedBody struct {
	encoding bodyEncoding
	bytes    []byte
}

// encodeBody encodes a part in the shorter of the two ways, and turns the
// tokens in it into marks.
func encodeBody(body string, m marks, html bool) (encodedBody, error) {
	body = strings.ReplaceAll(body, "\r\n", "\n")
	if i := strings.IndexFunc(body, func(r rune) bool { return r != '\n' && r != '\t' && forbidden(r) }); i >= 0 {
		return encodedBody{}, fmt.Errorf("control character %q in line %d", body[i], 1+strings.Count(body[:i], "\n"))
	}
	segments := split(body, m)
	for _, s := range segments {
		if strings.Contains(s.text, m.nonce) {
			return encodedBody{}, errors.New("a reader's address is changed by the text around it (want it alone, as in href=\"{{.Unsubscribe}}\")")
		}
	}
	if quoted := encodeQuoted(segments, html); len(quoted) <= len(body)*4/3+len(body)/57*2 {
		// The last line break belongs to the boundary (RFC 2046 5.1.1).
		return encodedBody{quotedPrintable, append(quoted, '\r', '\n')}, nil
	}
	return encodedBody{base64Encoding, encodeBase64(segments, html)}, nil
}

// segment is text and the mark after it; 0 is no mark.
type segment struct {
	text string
	mark byte
}

func split(body string, m marks) (segments []segment) {
	for {
		at, kind := -1, byte(0)
		for _, k := range []byte{markUnsubscribe, markPreferences} {
			if i := strings.Index(body, m.url(k)); i >= 0 && (at < 0 || i < at) {
				at, kind = i, k
			}
		}
		if at < 0 {
			return append(segments, segment{body, 0})
		}
		segments = append(segments, segment{body[:at], kind})
		body = body[at+len(m.url(kind)):]
	}
}

// encodeQuoted encodes segments as quoted-printable (RFC 2045 6.7). A mark
// stands at the start of a line, behind a soft line break.
func encodeQuoted(segments []segment, html bool) (out []byte) {
	for i, s := range segments {
		out = appendQuoted(out, s.text)
		if s.mark == 0 {
			continue
		}
		if s.text != "" && !strings.HasSuffix(s.text, "\n") {
			out = append(out, "=\r\n"...)
		}
		how := byte(asQuotedText)
		if html {
			how = asQuotedHTML
		}
		if strings.HasPrefix(segments[i+1].text, "\n") {
			how -= 'a' - 'A'
		}
		out = append(out, markStart, s.mark, how)
	}
	return out
}

// appendQuoted appends text, of which a line starts here, as quoted-printable.
// It also hides what relays mistake: a dot or "From " at the start of a line.
func appendQuoted(out []byte, text string) []byte {
	column := 0
	for i := 0; i < len(text); i++ {
		b := text[i]
		if b == '\n' {
			out, column = append(out, '\r', '\n'), 0
			continue
		}
		atEnd := i+1 == len(text) || text[i+1] == '\n'
		plain := b > 0x20 && b < 0x7f && b != '=' || (b == ' ' || b == '\t') && !atEnd
		size := 1
		if plain && !startsLine(column, text[i:]) {
			if column+1 > 75 {
				out, column = append(out, "=\r\n"...), 0
				plain = !startsLine(0, text[i:])
			}
		} else {
			plain = false
		}
		if !plain {
			if size = 3; column+size > 75 {
				out, column = append(out, "=\r\n"...), 0
			}
			out = append(out, '=', upperHex[b>>4], upperHex[b&15])
		} else {
			out = append(out, b)
		}
		column += size
	}
	return out
}

func startsLine(column int, rest string) bool {
	return column == 0 && (rest[0] == '.' || strings.HasPrefix(rest, "From "))
}

// encodeBase64 encodes whole lines up to the first mark, and leaves the rest
// as a region that is encoded for each reader.
func encodeBase64(segments []segment, html bool) []byte {
	how := byte(asText)
	if html {
		how = asHTML
	}
	first := crlf(segments[0].text)
	if len(segments) == 1 {
		return appendBase64(nil, []byte(first))
	}
	whole := len(first) - len(first)%bytesPerLine
	out := appendBase64(nil, []byte(first[:whole]))
	out = append(out, markStart, markBase64, 0x20)
	out = append(out, first[whole:]...)
	for i, s := range segments {
		if i > 0 {
			out = append(out, crlf(s.text)...)
		}
		if s.mark != 0 {
			out = append(out, markStart, s.mark, how)
		}
	}
	return append(out, regionEnd)
}

// bytesPerLine is what a line of 76 characters of base64 holds.
const bytesPerLine = 57

func appendBase64(out, data []byte) []byte {
	for len(data) > 0 {
		n := min(len(data), bytesPerLine)
		out = base64.StdEncoding.AppendEncode(out, data[:n])
		out = append(out, '\r', '\n')
		data = data[n:]
	}
	return out
}

func crlf(s string) string { return strings.ReplaceAll(s, "\n", "\r\n") }

// escapeHTML escapes what a checked address can contain, for an attribute in
// either kind of quotes.
func escapeHTML(s string) string {
	if !strings.ContainsAny(s, "&'<>\"") {
		return s
	}
	return htmlEscaper.Replace(s)
}

var htmlEscaper = strings.NewReplacer("&", "&amp;", "'", "&#39;", "<", "&lt;", ">", "&gt;", `"`, "&#34;")
