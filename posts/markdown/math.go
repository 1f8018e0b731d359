package markdown

import (
	"bytes"
	"unicode/utf8"

	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
)

var (
	kindMath      = ast.NewNodeKind("Math")
	kindMathBlock = ast.NewNodeKind("MathBlock")
)

// math is a formula inside a paragraph; its TeX is kept as the author wrote it.
type math struct {
	ast.BaseInline
	tex         []byte
	open, close string
}

func (*math) Kind() ast.NodeKind              { return kindMath }
func (m *math) display() bool                 { return m.open == "$$" || m.open == `\[` }
func (m *math) Dump(source []byte, level int) { ast.DumpHelper(m, source, level, nil, nil) }

// maxInlineTeX bounds the search for the end of a formula, so that a text full
// of dollar signs is read in linear time.
const maxInlineTeX = 2 << 10

// mathParser reads $x$, $$x$$, \(x\), \[x\] and the forms with two backslashes
// that Markdown without math needs. The rules for dollars are Pandoc's, with
// three more against prices and shell variables: see dollarsOK.
type mathParser struct{}

func (mathParser) Trigger() []byte { return []byte{'$', '\\'} }

func (mathParser) Parse(_ ast.Node, block text.Reader, _ parser.Context) ast.Node {
	before := block.PrecendingCharacter()
	line, _ := block.PeekLine()
	source, open, closer, ok := mathDelimiters(line)
	if !ok || source[0] == '$' && !dollarMayOpen(before, line[len(source):]) {
		return nil
	}
	start, pos := block.Position()
	block.Advance(len(source))
	tex, after, ok := mathUntil(block, closer)
	if !ok || !mathOK(source, tex, after) {
		block.SetPosition(start, pos)
		return nil
	}
	node := &math{tex: tex, open: open}
	switch open {
	case `\(`:
		node.close = `\)`
	case `\[`:
		node.close = `\]`
	default:
		node.close = open
		if len(tex) > 2 && tex[0] == '`' && tex[len(tex)-1] == '`' { // GitHub's $`x`$
			node.tex = tex[1 : len(tex)-1]
		}
	}
	return node
}

// mathDelimiters returns the opening delimiter as written, as shown, and what closes it.
func mathDelimiters(line []byte) (source, open, closer string, ok bool) {
	for _, d := range [...][3]string{
		{"$$", "$$", "$$"}, {"$", "$", "$"}, {`\\(`, `\(`, `\\)`}, {`\\[`, `\[`, `\\]`}, {`\(`, `\(`, `\)`}, {`\[`, `\[`, `\]`},
	} {
		if len(line) > len(d[0]) && string(line[:len(d[0])]) == d[0] {
			return d[0], d[1], d[2], true
		}
	}
	return "", "", "", false
}

// mathUntil reads to the closing delimiter and returns the TeX and the
// character behind it. A dollar behind a backslash does not close.
func mathUntil(block text.Reader, closer string) (tex []byte, after rune, ok bool) {
	for len(tex) < maxInlineTeX {
		line, _ := block.PeekLine()
		if line == nil {
			return nil, 0, false
		}
		if i := closerIndex(line[:min(len(line), maxInlineTeX)], closer); i >= 0 {
			tex = append(tex, line[:i]...)
			i += len(closer)
			block.Advance(i)
			after, _ = utf8.DecodeRune(line[i:])
			return tex, after, true
		}
		if len(tex)+len(line) > maxInlineTeX {
			return nil, 0, false
		}
		tex = append(tex, line...)
		block.AdvanceLine()
	}
	return nil, 0, false
}

func closerIndex(line []byte, closer string) int {
	for at := 0; ; {
		i := bytes.Index(line[at:], []byte(closer))
		if i < 0 {
			return -1
		}
		at += i
		slashes := 0
		for at-slashes > 0 && line[at-slashes-1] == '\\' {
			slashes++
		}
		if closer[0] != '$' || slashes%2 == 0 {
			return at
		}
		at++
	}
}

func mathOK(open string, tex []byte, after rune) bool {
	trimmed := bytes.TrimSpace(tex)
	if len(trimmed) == 0 {
		return false
	}
	switch open {
	case "$":
		return dollarsOK(tex, after)
	case "$$":
		return true
	case `\(`, `\[`:
		// These also are Markdown's way to write a bracket: \[x\](y) is no formula.
		return after != '(' && after != '[' && looksLikeTeX(trimmed) && !bracketed(trimmed)
	}
	return looksLikeTeX(trimmed)
}

func dollarMayOpen(before rune, rest []byte) bool {
	return !isASCIIAlnum(before) && before != '$' && len(rest) > 0 && (rest[0] != ' ' && rest[0] != '\t' && rest[0] != '\n' || rest[0] == '$')
}

// dollarsOK judges what stands between single dollars. Pandoc: no space inside
// the dollars, no digit behind the second. Besides, no code span inside, no
// letter behind unless this is TeX for sure ($n$th), and Chinese without any
// sign of TeX is prose between two prices.
func dollarsOK(tex []byte, after rune) bool {
	if isSpaceByte(tex[0]) || isSpaceByte(tex[len(tex)-1]) || after >= '0' && after <= '9' {
		return false
	}
	if bytes.IndexByte(tex, '`') >= 0 && !(len(tex) > 2 && tex[0] == '`' && bytes.IndexByte(tex[1:], '`') == len(tex)-2) {
		return false
	}
	sure := bytes.ContainsAny(tex, `\^_{}=<>`) || len(tex) == 1
	if isASCIIAlnum(after) && !sure {
		return false
	}
	return sure || !hasCJK(tex)
}

func looksLikeTeX(tex []byte) bool {
	if bytes.ContainsAny(tex, `\^_=<>+*/|`) {
		return true
	}
	return !hasCJK(tex) && (len(tex) <= 3 || bytes.IndexByte(tex, ' ') < 0 && bytes.ContainsAny(tex, "0123456789()-,"))
}

// bracketed says whether a text stands in brackets that are only brackets: the
// number of a note, a short word, or a link. Programs that write Markdown put a
// backslash before every one.
func bracketed(tex []byte) bool {
	if bytes.Contains(tex, []byte("](")) {
		return true
	}
	digits, letters := 0, 0
	for _, c := range tex {
		switch {
		case c >= '0' && c <= '9' || c == ',' || c == '.' || c == ' ' || c == '-':
			digits++
		case isASCIIAlnum(rune(c)):
			letters++
		}
	}
	return digits == len(tex) || letters == len(tex) && len(tex) > 1
}

func hasCJK(b []byte) bool {
	for _, r := range string(b) {
		if isCJK(r) {
			return true
		}
	}
	return false
}

func isASCIIAlnum(r rune) bool {
	return r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z'
}

func isSpaceByte(c byte) bool { return c == ' ' || c == '\t' || c == '\n' }
