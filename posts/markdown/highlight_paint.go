package markdown

import (
	"strings"
	"sync/atomic"
	"time"

	"github.com/alecthomas/chroma/v2"
)

// paintTime is far more than the largest block that is coloured takes: what
// takes longer has caught a rule of chroma's that goes back and forth.
const paintTime = 2 * time.Second

// maxEmpty bounds tokens without text in a row: some lexers of chroma's come
// to a place that they never leave.
const maxEmpty = 1000

// paint appends body, coloured; false says that nothing of it may be used.
func paint(dst []byte, body string, lexer chroma.Lexer) (_ []byte, ok bool) {
	// A rule of chroma's that meets what its author did not expect panics.
	defer func() {
		if recover() != nil {
			ok = false
		}
	}()
	var late atomic.Bool
	defer time.AfterFunc(paintTime, func() { late.Store(true) }).Stop()
	next, err := lexer.Tokenise(&chroma.TokeniseOptions{State: "root"}, body)
	if err != nil {
		return dst, false
	}
	p := painter{dst: dst, src: body}
	empty := 0
	for t := next(); t != chroma.EOF; t = next() {
		if empty++; t.Value != "" {
			empty = 0
		}
		if empty > maxEmpty || late.Load() || !p.token(t) {
			return dst, false
		}
	}
	p.flush()
	return p.dst, p.at == len(body)
}

// painter writes source text, coloured or not, in order.
type painter struct {
	dst    []byte
	src    string
	from   int    // what is before is written
	at     int    // what is between from and here has the colour
	colour string // "" is plain
}

// token takes the next token. It returns false when that is not the next piece
// of the source: a lexer may lose or change text, the code never does.
func (p *painter) token(t chroma.Token) bool {
	value, rest := t.Value, p.src[p.at:]
	if len(value) == len(rest)+1 {
		value = strings.TrimSuffix(value, "\n") // some lexers add a last line end
	}
	if !strings.HasPrefix(rest, value) {
		return false
	}
	if colour := colourOf(t.Type); colour != p.colour && strings.TrimSpace(value) != "" {
		p.flush()
		p.colour = colour
	}
	p.at += len(value)
	return true
}

// flush writes the text of one colour, and white space around it without.
func (p *painter) flush() {
	text := p.src[p.from:p.at]
	p.from = p.at
	inner := strings.TrimSpace(text)
	if p.colour == "" || inner == "" {
		p.dst = appendText(p.dst, []byte(text))
		return
	}
	start := strings.Index(text, inner)
	p.dst = appendText(p.dst, []byte(text[:start]))
	p.dst = append(append(append(p.dst, `<span style="color:`...), p.colour...), `">`...)
	p.dst = appendText(p.dst, []byte(inner))
	p.dst = append(p.dst, "</span>"...)
	p.dst = appendText(p.dst, []byte(text[start+len(inner):]))
}
