package mailer

import (
	"bytes"
	"errors"
	"fmt"
)

// piece is text that all readers share, and the part of one reader behind it.
// A kind of 0 is the end.
type piece struct {
	text      []byte
	kind, how byte
	region    []byte // of markBase64

	// first and last are how many bytes of the text stand before its first and
	// behind its last line break; whole tells that it has none.
	first, last int
	whole       bool
}

// plate is a template taken apart once, for many letters.
type plate struct {
	pieces []piece
	// plain tells that nothing that the readers share needs a second look on
	// the wire.
	plain bool
}

// newPlate takes a template apart.
func newPlate(t Template) (*plate, error) {
	if len(t.Bytes) == 0 {
		return nil, errors.New("letter: empty template")
	}
	cutOff := errors.New("letter: template is cut off")
	p := &plate{plain: bytes.HasSuffix(t.Bytes, []byte("\r\n"))}
	for rest := t.Bytes; ; {
		i := bytes.IndexByte(rest, markStart)
		if i < 0 {
			p.add(piece{text: rest})
			return p, nil
		}
		if len(rest) < i+3 {
			return nil, cutOff
		}
		q := piece{text: rest[:i], kind: rest[i+1], how: rest[i+2]}
		rest = rest[i+3:]
		if q.kind == markBase64 {
			var found bool
			if q.region, rest, found = bytes.Cut(rest, []byte{regionEnd}); !found {
				return nil, cutOff
			}
		}
		p.add(q)
	}
}

// add looks at the text of a piece once for all letters.
func (p *plate) add(q piece) {
	q.first, q.last = bytes.IndexByte(q.text, '\n'), len(q.text)-1-bytes.LastIndexByte(q.text, '\n')
	q.whole = q.first < 0
	if q.whole {
		q.first, q.last = len(q.text), len(q.text)
	}
	begins := len(p.pieces) == 0
	if !begins {
		before := p.pieces[len(p.pieces)-1]
		begins = before.kind == markBase64 || before.how == asQuotedText || before.how == asQuotedHTML
	}
	p.plain = p.plain && plainLines(q.text, begins)
	p.pieces = append(p.pieces, q)
}

// lineLimit is the longest line of a letter without its CRLF (RFC 5322 2.1.1).
const lineLimit = 998

// plainLines tells whether the text has only ASCII, CRLF at the end of its lines,
// none that is too long and none that begins with a dot. begins tells that it
// is the start of a line.
func plainLines(text []byte, begins bool) bool {
	line := 0
	for i, b := range text {
		switch {
		case b >= 0x80,
			b == '\n' && (i == 0 || text[i-1] != '\r'),
			b == '\r' && (i+1 == len(text) || text[i+1] != '\n'),
			b == '.' && begins && line == 0:
			return false
		case b == '\n':
			line, begins = 0, true
			continue
		}
		if line++; line > lineLimit+1 { // with the CR
			return false
		}
	}
	return true
}

// Letter implements [Stencil].
func (p *plate) Letter(to Personal) ([]byte, error) {
	out, _, err := p.Append(nil, to)
	return out, err
}

// Append implements [Plate].
func (p *plate) Append(out []byte, to Personal) (letter []byte, plain bool, err error) {
	if err := to.check(); err != nil {
		return out, false, fmt.Errorf("letter to %q: %w", to.To, err)
	}
	var space [40]byte
	date := string(to.Date.UTC().AppendFormat(space[:0], "Mon, 02 Jan 2006 15:04:05 -0700"))
	plain = p.plain && ascii(to.To)
	line := 0 // bytes of the line so far
	for i := range p.pieces {
		q := &p.pieces[i]
		out = append(out, q.text...)
		if line += q.first; line > lineLimit+1 {
			plain = false
		}
		if !q.whole {
			line = q.last
		}
		begin := len(out)
		switch q.kind {
		case 0:
			return out, plain, nil
		case markBase64:
			out, err = to.region(out, q.region)
			line = 0
		default:
			out, err = to.fill(out, q.kind, q.how, date)
			if q.how != asHeader {
				line = 0 // a line of its own, and short
			} else if line += len(out) - begin; line == len(out)-begin {
				plain = false // nothing before it: it might begin with a dot
			}
		}
		if err != nil {
			return out, false, fmt.Errorf("letter to %q: %w", to.To, err)
		}
	}
	return out, plain, nil
}

func ascii(s string) bool {
	for i := range len(s) {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}

// Plate is a [Stencil] that writes into memory that is used again.
type Plate interface {
	Stencil
	// Append appends the letter to out. plain tells that it is what
	// [Envelope.Plain] promises.
	Append(out []byte, p Personal) (letter []byte, plain bool, err error)
}

var _ Plate = (*plate)(nil)
