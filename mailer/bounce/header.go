package bounce

import (
	"bytes"
	"io"
	"mime"
	"regexp"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/htmlindex"
)

// header is the fields of a message or a part, in order.
type header []field

type field struct{ name, value string }

// get returns the first field of a name, or "".
func (h header) get(name string) string {
	for _, f := range h {
		if strings.EqualFold(f.name, name) {
			return f.value
		}
	}
	return ""
}

// all returns the values of the fields of a name.
func (h header) all(name string) (values []string) {
	for _, f := range h {
		if strings.EqualFold(f.name, name) {
			values = append(values, f.value)
		}
	}
	return values
}

// has tells whether there is a field of the name.
func (h header) has(name string) bool { return h.all(name) != nil }

// readHeader splits a message into its header, unfolded, and the rest. A line
// that is no field ends the header of a broken message.
func readHeader(raw []byte) (h header, body []byte) {
	var name string
	var value []byte
	end := func() {
		if name != "" && len(h) < maxFields {
			h = append(h, field{name, string(value)})
		}
	}
	for len(raw) > 0 {
		line, rest := cutLine(raw)
		if len(bytes.TrimRight(line, " \t")) == 0 {
			end()
			return h, rest
		}
		if (line[0] == ' ' || line[0] == '\t') && name != "" {
			if room := maxField - len(value) - 1; room > 0 {
				more := bytes.TrimSpace(line)
				value = append(append(value, ' '), more[:min(len(more), room)]...)
			}
			raw = rest
			continue
		}
		before, after, ok := bytes.Cut(line, []byte(":"))
		if before = bytes.TrimRight(before, " \t"); !ok || !isName(before) {
			end()
			return h, raw
		}
		end()
		after = bytes.TrimSpace(after)
		name, value = string(before[:min(len(before), maxName)]), append(value[:0], after[:min(len(after), maxField)]...)
		raw = rest
	}
	end()
	return h, nil
}

// cutLine returns the first line without its end, CRLF or LF.
func cutLine(raw []byte) (line, rest []byte) {
	line, rest, _ = bytes.Cut(raw, []byte("\n"))
	return bytes.TrimSuffix(line, []byte("\r")), rest
}

func isName(name []byte) bool {
	for _, c := range name {
		if c <= ' ' || c >= 0x7f {
			return false
		}
	}
	return len(name) > 0
}

// words decodes encoded words in whatever encoding they are.
var words = mime.WordDecoder{CharsetReader: func(charset string, input io.Reader) (io.Reader, error) {
	e, err := htmlindex.Get(charset)
	if err != nil {
		return nil, err
	}
	return e.NewDecoder().Reader(input), nil
}}

// decodeWords decodes the encoded words of a field; what is broken stays.
func decodeWords(value string) string {
	if text, err := words.DecodeHeader(value); err == nil {
		return strings.ToValidUTF8(text, "\ufffd")
	}
	return strings.ToValidUTF8(value, "\ufffd")
}

// address finds bare addresses in any text.
var address = regexp.MustCompile(`[^\s<>"'(),:;\[\]\\@=]+(?:=[^\s<>"'(),:;\[\]\\@=]+)*@[\p{L}\p{N}](?:[\p{L}\p{N}.-]*[\p{L}\p{N}])?`)

func addresses(text string, most int) []string { return address.FindAllString(text, most) }

func firstAddress(text string) string {
	// The name may hold an address, too: the one in angle brackets counts.
	if i := strings.LastIndexByte(text, '<'); i >= 0 {
		if a := address.FindString(text[i:]); a != "" {
			return a
		}
	}
	return address.FindString(text)
}

func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }

// cut shortens a text to so many bytes, between characters.
func cut(text string, most int) string {
	if len(text) <= most {
		return text
	}
	for most > 0 && !utf8.RuneStart(text[most]) {
		most--
	}
	return text[:most]
}
