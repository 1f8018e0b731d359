package markdown

import (
	"bytes"

	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
)

// mathBlock is a displayed formula on lines of its own. Its lines hold the TeX
// with its delimiters.
type mathBlock struct {
	ast.BaseBlock
	closer []byte
	done   bool
}

func (*mathBlock) Kind() ast.NodeKind              { return kindMathBlock }
func (*mathBlock) IsRaw() bool                     { return true }
func (m *mathBlock) Dump(source []byte, level int) { ast.DumpHelper(m, source, level, nil, nil) }

// maxTeXBlock bounds the search for the end of a displayed formula.
const maxTeXBlock = 32 << 10

// mathBlockParser reads $$…$$, \[…\] and \begin{align}…\end{align} that begin a line.
type mathBlockParser struct{}

func (mathBlockParser) Trigger() []byte { return []byte{'$', '\\'} }

func (mathBlockParser) Open(_ ast.Node, reader text.Reader, pc parser.Context) (ast.Node, parser.State) {
	line, segment := reader.PeekLine()
	pos := pc.BlockOffset()
	if pos < 0 {
		return nil, parser.NoChildren
	}
	opener, closer := blockDelimiters(line[pos:])
	if opener == 0 || !closesBlock(reader.Source()[segment.Start:], line[pos:], opener, closer) {
		return nil, parser.NoChildren
	}
	node := &mathBlock{closer: closer}
	reader.Advance(pos)
	line, segment = reader.PeekLine()
	node.Lines().Append(segment)
	node.done = bytes.Contains(line[opener:], closer)
	reader.AdvanceToEOL()
	return node, parser.NoChildren
}

func (mathBlockParser) Continue(node ast.Node, reader text.Reader, _ parser.Context) parser.State {
	m := node.(*mathBlock)
	if m.done {
		return parser.Close
	}
	line, segment := reader.PeekLine()
	m.Lines().Append(segment)
	m.done = bytes.Contains(line, m.closer)
	reader.AdvanceToEOL()
	return parser.Continue | parser.NoChildren
}

func (mathBlockParser) Close(ast.Node, text.Reader, parser.Context) {}
func (mathBlockParser) CanInterruptParagraph() bool                 { return true }
func (mathBlockParser) CanAcceptIndentedLine() bool                 { return false }

// blockDelimiters returns the length of the opening delimiter at the start of
// line and what closes it; 0 where there is none.
func blockDelimiters(line []byte) (int, []byte) {
	switch {
	case bytes.HasPrefix(line, []byte("$$")):
		return 2, []byte("$$")
	case bytes.HasPrefix(line, []byte(`\\[`)):
		return 3, []byte(`\\]`)
	case bytes.HasPrefix(line, []byte(`\[`)):
		return 2, []byte(`\]`)
	}
	// Hexo's and Jekyll's need two backslashes for one.
	for _, slash := range []string{`\`, `\\`} {
		rest, ok := bytes.CutPrefix(line, []byte(slash+"begin{"))
		end := bytes.IndexByte(rest, '}')
		if ok && end >= 0 && mathEnvironment(string(rest[:end])) {
			return len(line) - len(rest) + end + 1, []byte(slash + "end{" + string(rest[:end+1]))
		}
	}
	return 0, nil
}

func mathEnvironment(name string) bool {
	switch name {
	case "equation", "equation*", "align", "align*", "gather", "gather*", "multline", "multline*", "eqnarray", "eqnarray*", "alignat", "alignat*":
		return true
	}
	return false
}

// closesBlock says whether the formula has an end with nothing but a full stop
// behind it. An empty line ends the search unless the opening delimiter stands
// alone on its line, and then the closing one must too.
func closesBlock(source, first []byte, opener int, closer []byte) bool {
	rest := bytes.TrimRight(first[opener:], "\n")
	if i := bytes.Index(rest, closer); i >= 0 {
		body := bytes.TrimSpace(rest[:i])
		return len(body) > 0 && (closer[0] != '\\' || looksLikeTeX(body) && (len(closer) != 2 || !bracketed(body))) && onlyStop(rest[i+len(closer):])
	}
	alone := len(bytes.TrimSpace(rest)) == 0
	source = source[:min(len(source), maxTeXBlock)]
	_, source, _ = bytes.Cut(source, []byte("\n"))
	for len(source) > 0 {
		line, next, _ := bytes.Cut(source, []byte("\n"))
		trimmed := bytes.TrimSpace(line)
		if len(trimmed) == 0 && !alone {
			return false
		}
		if i := bytes.Index(trimmed, closer); i >= 0 {
			return onlyStop(trimmed[i+len(closer):])
		}
		source = next
	}
	return false
}

func onlyStop(b []byte) bool { return len(bytes.Trim(b, " \t.,;:。，；")) == 0 }
