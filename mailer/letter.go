package mailer

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"net/mail"
	"strings"
	"unicode/utf8"
)

// A mark is three bytes: markStart, what goes there, and how it is written.
// No message contains the control character that begins it.
const (
	markStart = 0x01

	markTo          = 't'
	markMessageID   = 'i'
	markDate        = 'd'
	markUnsubscribe = 'u'
	markPreferences = 'p'
	markLeave       = 'l'
	// markBase64 begins the last lines of a base64 part, not yet encoded, in
	// which marks are asText or asHTML; they end at regionEnd.
	markBase64 = 'b'

	regionEnd = 0x02
)

// How a reader's own part is written.
const (
	asHeader = 'h' // as it is
	asText   = 't' // as it is, inside a base64 region
	asHTML   = 'x' // escaped for HTML, inside a base64 region
	// Quoted-printable on lines of its own; the capital ones before a line end.
	asQuotedText    = 'q'
	asQuotedHTML    = 'm'
	asQuotedTextEnd = 'Q'
	asQuotedHTMLEnd = 'M'
)

// Template is a letter composed for many readers: a whole message but for the
// parts that belong to one of them. The zero value is no letter.
type Template struct {
	// Subject is the text of the subject, for logs and pages.
	Subject string
	// Bytes is an RFC 5322 message with marks. Only [Template.Letter] reads it.
	Bytes []byte
}

// Letter fills in one reader's parts. It is a pure function: equal input gives
// equal bytes. The result has CRLF line ends, lines of at most 998 bytes and
// only ASCII, but for an address that is not; dots are not stuffed. A value
// that could break out of its place is refused.
func (t Template) Letter(p Personal) ([]byte, error) {
	plate, err := newPlate(t)
	if err != nil {
		return nil, err
	}
	return plate.Letter(p)
}

// fill appends the part that a mark stands for.
func (p *Personal) fill(out []byte, kind, how byte, date string) ([]byte, error) {
	var value string
	switch kind {
	case markTo:
		value = p.To
	case markMessageID:
		value = p.MessageID
	case markDate:
		value = date
	case markUnsubscribe:
		value = p.Unsubscribe
	case markPreferences:
		value = p.Preferences
	case markLeave:
		value = p.Leave
	default:
		return nil, fmt.Errorf("unknown mark %q", kind)
	}
	if value == "" {
		return nil, fmt.Errorf("nothing to put at mark %q", kind)
	}
	switch how {
	case asHTML, asQuotedHTML, asQuotedHTMLEnd:
		value = escapeHTML(value)
	}
	switch how {
	case asHeader, asText, asHTML:
		return append(out, value...), nil
	case asQuotedText, asQuotedHTML:
		return append(appendQuoted(out, value), "=\r\n"...), nil
	case asQuotedTextEnd, asQuotedHTMLEnd:
		return appendQuoted(out, value), nil
	}
	return nil, fmt.Errorf("unknown way %q of writing", how)
}

// region fills in and encodes the last lines of a base64 part.
func (p *Personal) region(out, region []byte) (_ []byte, err error) {
	plain := make([]byte, 0, len(region)+2048)
	for {
		i := bytes.IndexByte(region, markStart)
		if i < 0 {
			break
		}
		if len(region) < i+3 {
			return out, errors.New("template is cut off")
		}
		plain = append(plain, region[:i]...)
		if plain, err = p.fill(plain, region[i+1], region[i+2], ""); err != nil {
			return out, err
		}
		region = region[i+3:]
	}
	return appendBase64(out, append(plain, region...)), nil
}

// check refuses what could break out of its place, and what no server takes.
func (p *Personal) check() error {
	if err := checkAddress(p.To); err != nil {
		return err
	}
	if err := checkMessageID(p.MessageID); err != nil {
		return err
	}
	if p.Date.IsZero() || p.Date.Year() > 9999 {
		return errors.New("no date")
	}
	if len(p.Leave) > maxLocal || !all(p.Leave, isTokenByte) {
		return fmt.Errorf("token %q does not fit into an address", p.Leave)
	}
	for _, address := range []string{p.Unsubscribe, p.Preferences} {
		if address == "" {
			continue
		}
		if err := checkURL(address); err != nil {
			return err
		}
	}
	return nil
}

// checkAddress takes a bare address of at most 254 bytes (RFC 5321 4.5.3.1).
func checkAddress(address string) error {
	local, domain, found := strings.Cut(address, "@")
	if !found || local == "" || domain == "" || len(address) > 254 || !utf8.ValidString(address) {
		return fmt.Errorf("address %q: want name@example.org", address)
	}
	if all(local, isAtomOrDot) && all(domain, isAtomOrDot) {
		return nil
	}
	parsed, err := mail.ParseAddress(address)
	if err != nil || parsed.Name != "" || !all(address, isPrintable) || strings.HasPrefix(address, "<") {
		return fmt.Errorf("address %q: want name@example.org", address)
	}
	return nil
}

func checkMessageID(id string) error {
	left, right, found := strings.Cut(id, "@")
	if !found || left == "" || right == "" || len(id) > 250 || !all(left, isAtomOrDot) || !all(right, isAtomOrDot) {
		return fmt.Errorf("message id %q: want left@right", id)
	}
	return nil
}

// checkURL takes an absolute address of the web whose bytes are those that
// RFC 3986 allows, so short that a header line can hold it.
func checkURL(address string) error {
	rest, https := strings.CutPrefix(address, "https://")
	if !https {
		var plain bool
		if rest, plain = strings.CutPrefix(address, "http://"); !plain {
			return fmt.Errorf("address %q: want https://…", address)
		}
	}
	if rest == "" || rest[0] == '/' || len(address) > 900 || !all(rest, isURLByte) {
		return fmt.Errorf("address %q: not an absolute URL of at most 900 bytes", address)
	}
	return nil
}

func all(s string, ok func(byte) bool) bool {
	for i := range len(s) {
		if !ok(s[i]) {
			return false
		}
	}
	return true
}

func isAtomOrDot(b byte) bool {
	switch {
	case b >= 'a' && b <= 'z', b >= 'A' && b <= 'Z', b >= '0' && b <= '9':
		return true
	}
	return b > 0x20 && b < 0x7f && strings.IndexByte("!#$%&'*+-/=?^_`{|}~.", b) >= 0
}

// isTokenByte allows what every mail program leaves as it is in an address.
func isTokenByte(b byte) bool {
	return b >= 'a' && b <= 'z' || b >= '0' && b <= '9' || b == '.'
}

// isPrintable allows the bytes of UTF-8 (RFC 6532) and no control characters.
func isPrintable(b byte) bool { return b > 0x20 && b != 0x7f }

func isURLByte(b byte) bool {
	return b > 0x20 && b < 0x7f && strings.IndexByte("\"<>\\^`{|}", b) < 0
}

// templateVersion begins a stored template.
const templateVersion = 1

// MarshalBinary writes the template for a database.
func (t Template) MarshalBinary() ([]byte, error) {
	out := make([]byte, 0, len(t.Bytes)+len(t.Subject)+8)
	out = binary.AppendUvarint(append(out, templateVersion), uint64(len(t.Subject)))
	return append(append(out, t.Subject...), t.Bytes...), nil
}

// UnmarshalBinary reads what [Template.MarshalBinary] wrote.
func (t *Template) UnmarshalBinary(data []byte) error {
	if len(data) == 0 || data[0] != templateVersion {
		return errors.New("stored letter: unknown version")
	}
	length, n := binary.Uvarint(data[1:])
	if n <= 0 || length > uint64(len(data)-1-n) {
		return errors.New("stored letter: cut off")
	}
	rest := data[1+n:]
	t.Subject, t.Bytes = string(rest[:length]), bytes.Clone(rest[length:])
	return nil
}
