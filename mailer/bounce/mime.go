package bounce

import (
	"bytes"
	"encoding/base64"
	"html"
	"io"
	"mime"
	"mime/quotedprintable"
	"regexp"
	"strings"

	"golang.org/x/text/encoding/htmlindex"
)

// part is one part of a message; a message within it is not opened.
type part struct {
	header header
	media  string // small letters
	params map[string]string
	body   []byte // as it came
}

// message is the parts of a message that are no containers, in order, and the
// message as a whole.
type message struct {
	top    part
	leaves []part
	text   string // what people read, of the parts before a returned letter
}

func newMessage(raw []byte) *message {
	m := &message{top: newPart(raw)}
	m.collect(m.top, 0)
	for _, p := range m.leaves {
		if len(m.text) < maxAnalysed && strings.HasPrefix(p.media, "text/") && p.media != "text/rfc822-headers" {
			text := p.decoded()
			if p.media == "text/html" {
				text = strip(text)
			}
			m.text += strings.ReplaceAll(cut(text, maxAnalysed), "\r\n", "\n") + "\n"
		}
	}
	return m
}

func newPart(raw []byte) part {
	p := part{media: "text/plain"}
	p.header, p.body = readHeader(raw)
	if t := p.header.get("Content-Type"); t != "" {
		media, params, err := mime.ParseMediaType(t)
		if media == "" || err != nil && params == nil {
			// A broken parameter costs the parameters alone.
			media, _, _ = strings.Cut(t, ";")
			params = map[string]string{"boundary": looseBoundary(t)}
		}
		p.media, p.params = strings.ToLower(strings.TrimSpace(media)), params
	}
	return p
}

var boundary = regexp.MustCompile(`(?i)boundary\s*=\s*"?([^";\s]+)`)

func looseBoundary(contentType string) string {
	if m := boundary.FindStringSubmatch(contentType); m != nil {
		return m[1]
	}
	return ""
}

// collect walks through the parts of containers.
func (m *message) collect(p part, depth int) {
	b := p.params["boundary"]
	if !strings.HasPrefix(p.media, "multipart/") || b == "" || depth >= maxDepth {
		if len(m.leaves) < maxParts {
			m.leaves = append(m.leaves, p)
		}
		return
	}
	for _, raw := range split(p.body, b) {
		if len(m.leaves) >= maxParts {
			return
		}
		m.collect(newPart(raw), depth+1)
	}
}

// split cuts the body of a container at its boundary lines. The last part of a
// body that is cut off ends with it.
func split(body []byte, boundary string) (parts [][]byte) {
	line := []byte("--" + boundary)
	begin := -1
	for at := 0; at < len(body) && len(parts) < maxParts; {
		i := bytes.Index(body[at:], line)
		if i < 0 {
			break
		}
		i += at
		after := body[i+len(line):]
		if i > 0 && body[i-1] != '\n' {
			at = i + len(line)
			continue
		}
		rest, next := cutLine(after)
		if trimmed := bytes.TrimRight(rest, " \t"); len(trimmed) > 0 && string(trimmed) != "--" {
			at = i + len(line) // another boundary that begins like this one
			continue
		}
		if begin >= 0 {
			parts = append(parts, body[begin:i])
		}
		begin = len(body) - len(next)
		at = begin
		if bytes.HasPrefix(rest, []byte("--")) {
			return parts
		}
	}
	if begin >= 0 && begin < len(body) && len(parts) < maxParts {
		parts = append(parts, body[begin:])
	}
	return parts
}

// bytes undoes the transfer encoding, as far as it can be undone.
func (p part) bytes() []byte {
	var r io.Reader = bytes.NewReader(p.body)
	switch strings.ToLower(strings.TrimSpace(p.header.get("Content-Transfer-Encoding"))) {
	case "base64":
		r = base64.NewDecoder(base64.StdEncoding, &alphabet{r: r})
	case "quoted-printable":
		r = quotedprintable.NewReader(r)
	default:
		return p.body[:min(len(p.body), maxDecoded)]
	}
	// What comes before a mistake is worth reading.
	out, _ := io.ReadAll(io.LimitReader(r, maxDecoded))
	return out
}

// alphabet passes the characters of base64 alone.
type alphabet struct{ r io.Reader }

func (a *alphabet) Read(b []byte) (int, error) {
	n, err := a.r.Read(b)
	kept := 0
	for _, c := range b[:n] {
		if c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '+' || c == '/' || c == '=' {
			b[kept] = c
			kept++
		}
	}
	return kept, err
}

// decoded is the text of a part in UTF-8, whatever its charset is called.
func (p part) decoded() string {
	raw := p.bytes()
	if charset := p.params["charset"]; charset != "" && !strings.EqualFold(charset, "utf-8") {
		if e, err := htmlindex.Get(charset); err == nil {
			// A decoder replaces what is no text; it fails at nothing.
			if text, err := e.NewDecoder().Bytes(raw); err == nil {
				raw = text
			}
		}
	}
	return strings.ToValidUTF8(string(raw[:min(len(raw), maxDecoded)]), "\ufffd")
}

var (
	hidden = regexp.MustCompile(`(?is)<(?:style|script|head)\b.*?</(?:style|script|head)\s*>`)
	breaks = regexp.MustCompile(`(?i)<(?:br|/?p|/?div|/?tr|/?table|/?h\d|/?li|/?pre|/?td)\b[^>]*>`)
	tags   = regexp.MustCompile(`<[a-zA-Z/!][^>]*>`)
)

// strip leaves the words of HTML, for looking for phrases in them.
func strip(text string) string {
	text = hidden.ReplaceAllString(cut(text, maxAnalysed), " ")
	text = tags.ReplaceAllString(breaks.ReplaceAllString(text, "\n"), "")
	return strings.ReplaceAll(html.UnescapeString(text), "\u00a0", " ")
}
