package markdown

import (
	"regexp"
	"strings"
)

// maxHighlight is the size in bytes above which code is not coloured.
const maxHighlight = 50 << 10

// preStyle sets both colours, so that a dark reader cannot put dark text on a
// dark ground; every colour below has a contrast of 4.5 or more on it.
const preStyle = "background:#f6f8fa;color:#1f2328;padding:12px;overflow:auto"

// ownStyle matches what appendCode writes, and nothing else.
var ownStyle = regexp.MustCompile(`^(color:#[0-9a-f]{6}|` + preStyle + `)$`)

// class is a kind of token.
type class int

const (
	classPlain class = iota
	classComment
	classKeyword
	classString
	classNumber
	classType
	classFunction
	className // keys, attributes, variables
	classInserted
	classDeleted
)

var colours = [...]string{
	classComment: "#59636e", classKeyword: "#cf222e", classString: "#0a3069", classNumber: "#0550ae", classType: "#953800",
	classFunction: "#6639ba", className: "#0550ae", classInserted: "#116329", classDeleted: "#82071e",
}

// appendCode appends a code block with its colours inline: every line end as it
// is, no line numbers, no classes. Code in a language that is not known, and
// very long code, stays plain.
//
// The highlighter is our own, because chroma's lexers cost every start of the
// program 5 ms and a post 30 times what Markdown costs.
func appendCode(dst []byte, body, language string) []byte {
	g := grammarOf(language)
	if g == nil || len(body) > maxHighlight {
		dst = append(dst, "<pre><code>"...)
		dst = appendText(dst, []byte(body))
		return append(dst, "</code></pre>"...)
	}
	dst = append(dst, `<pre style="`+preStyle+`"><code>`...)
	p := painter{dst: dst, src: body}
	g.paint(&p, g)
	p.upTo(len(body), classPlain)
	return append(p.dst, "</code></pre>"...)
}

// painter writes source text, coloured or not, in order.
type painter struct {
	dst  []byte
	src  string
	from int // what is before is written
}

// token writes src[start:end] in the colour of c, after the plain text before it.
func (p *painter) token(start, end int, c class) {
	p.upTo(start, classPlain)
	p.upTo(end, c)
}

func (p *painter) upTo(end int, c class) {
	if end <= p.from {
		return
	}
	text := p.src[p.from:end]
	p.from = end
	if c == classPlain {
		p.dst = appendText(p.dst, []byte(text))
		return
	}
	p.dst = append(append(append(p.dst, `<span style="color:`...), colours[c]...), `">`...)
	p.dst = appendText(p.dst, []byte(text))
	p.dst = append(p.dst, "</span>"...)
}

// paintCode colours most languages: comments, strings, numbers, words.
func paintCode(p *painter, g *grammar) {
	src := p.src
	for i := 0; i < len(src); {
		c := src[i]
		if n, kind := g.literal(src, i); n > 0 {
			p.token(i, i+n, kind)
			i += n
			continue
		}
		switch {
		case c >= '0' && c <= '9':
			n := numberLength(src[i:])
			p.token(i, i+n, classNumber)
			i += n
		case wordByte(c) || c == g.sigil && i+1 < len(src) && wordByte(src[i+1]):
			n := 1
			for i+n < len(src) && (wordByte(src[i+n]) || src[i+n] >= '0' && src[i+n] <= '9' || g.dashes && src[i+n] == '-') {
				n++
			}
			if kind := g.word(src, i, i+n); kind != classPlain {
				p.token(i, i+n, kind)
			}
			i += n
		default:
			i++
		}
	}
}

func wordByte(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_' || c >= 0x80
}

// literal returns the length of the comment or string at i, 0 where there is none.
func (g *grammar) literal(src string, i int) (int, class) {
	rest := src[i:]
	for _, start := range g.line {
		if strings.HasPrefix(rest, start) && (start != "#" || i == 0 || isSpaceByte(src[i-1]) || !g.hashAfterSpace) {
			if end := strings.IndexByte(rest, '\n'); end >= 0 {
				return end, classComment
			}
			return len(rest), classComment
		}
	}
	for _, b := range g.block {
		if strings.HasPrefix(rest, b[0]) {
			if end := strings.Index(rest[len(b[0]):], b[1]); end >= 0 {
				return len(b[0]) + end + len(b[1]), classComment
			}
			return len(rest), classComment
		}
	}
	for _, q := range g.quotes {
		if strings.HasPrefix(rest, q) {
			if n := stringLength(rest, q, g.raw); n > 0 {
				return n, g.stringClass(src, i+n)
			}
		}
	}
	return 0, classPlain
}

// stringClass: in JSON and the like a string before a colon is a key.
func (g *grammar) stringClass(src string, end int) class {
	if g.keys && strings.HasPrefix(strings.TrimLeft(src[end:min(len(src), end+8)], " "), ":") {
		return className
	}
	return classString
}

// stringLength returns the length of the string that begins with quote. One
// with a single quote sign ends with its line, so that an apostrophe colours no more.
func stringLength(s, quote, raw string) int {
	multiline := len(quote) > 1 || quote == "`"
	for i := len(quote); i < len(s); i++ {
		switch {
		case s[i] == '\\' && !strings.Contains(raw, quote):
			i++
		case s[i] == '\n' && !multiline:
			return 0
		case s[i] == quote[0] && strings.HasPrefix(s[i:], quote):
			return i + len(quote)
		}
	}
	if multiline && len(quote) > 1 {
		return len(s)
	}
	return 0
}

func numberLength(s string) int {
	n := 1
	for n < len(s) && (isASCIIAlnum(rune(s[n])) || s[n] == '_' || s[n] == '.' && n+1 < len(s) && s[n+1] >= '0' && s[n+1] <= '9') {
		n++
	}
	return n
}

// word returns the class of the word src[from:to].
func (g *grammar) word(src string, from, to int) class {
	word := src[from:to]
	if g.sigil != 0 && word[0] == g.sigil {
		return className
	}
	if from > 0 && src[from-1] == '.' && !g.dotted {
		if to < len(src) && src[to] == '(' {
			return classFunction
		}
		return classPlain
	}
	if g.fold {
		word = strings.ToLower(word)
	}
	if kind, ok := g.words[word]; ok {
		return kind
	}
	if to < len(src) && src[to] == '(' && !g.noCalls {
		return classFunction
	}
	return classPlain
}
