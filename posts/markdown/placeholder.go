package markdown

import (
	"bytes"
	"fmt"
	"strconv"

	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
)

// A tag whose content Markdown must not touch is taken out before parsing. A
// placeholder stands for it: a brace, since goldmark looks only at punctuation,
// and its number between two control characters, which no cleaned source
// contains, so that no author can forge one.
const (
	placeholderOpen  = "{\x02"
	placeholderClose = '\x03'
)

// inset is what a placeholder stands for: a code block, inline code, literal
// text, or HTML as the author wrote it.
type inset struct {
	kind     insetKind
	body     string
	language string
	caption  caption // above a code block
	source   string  // as it stood in the post, for a placeholder inside code
}

type insetKind int

const (
	insetCode insetKind = iota
	insetText
	insetHTML
)

func placeholder(i int) string { return fmt.Sprintf("%s%d%c", placeholderOpen, i, placeholderClose) }

// scanPlaceholder returns the number of the placeholder that line begins with and its length.
func scanPlaceholder(line []byte) (index, length int) {
	if !bytes.HasPrefix(line, []byte(placeholderOpen)) {
		return 0, 0
	}
	end := bytes.IndexByte(line[:min(len(line), 16)], placeholderClose)
	if end < 0 {
		return 0, 0
	}
	index, err := strconv.Atoi(string(line[2:end]))
	if err != nil {
		return 0, 0
	}
	return index, end + 1
}

var (
	kindInset      = ast.NewNodeKind("Inset")
	kindInsetBlock = ast.NewNodeKind("InsetBlock")
)

type insetNode struct {
	ast.BaseInline
	index int
}

func (*insetNode) Kind() ast.NodeKind              { return kindInset }
func (n *insetNode) Dump(source []byte, level int) { ast.DumpHelper(n, source, level, nil, nil) }

type insetBlock struct {
	ast.BaseBlock
	index int
}

func (*insetBlock) Kind() ast.NodeKind              { return kindInsetBlock }
func (n *insetBlock) Dump(source []byte, level int) { ast.DumpHelper(n, source, level, nil, nil) }

type placeholderParser struct{}

func (placeholderParser) Trigger() []byte { return []byte{'{'} }

func (placeholderParser) Parse(_ ast.Node, block text.Reader, _ parser.Context) ast.Node {
	line, _ := block.PeekLine()
	index, n := scanPlaceholder(line)
	if n == 0 {
		return nil
	}
	block.Advance(n)
	return &insetNode{index: index}
}

type placeholderBlockParser struct{}

func (placeholderBlockParser) Trigger() []byte { return []byte{'{'} }

func (placeholderBlockParser) Open(_ ast.Node, reader text.Reader, pc parser.Context) (ast.Node, parser.State) {
	line, _ := reader.PeekLine()
	pos := pc.BlockOffset()
	if pos < 0 {
		return nil, parser.NoChildren
	}
	index, n := scanPlaceholder(line[pos:])
	if n == 0 || len(bytes.TrimSpace(line[pos+n:])) > 0 {
		return nil, parser.NoChildren
	}
	reader.AdvanceToEOL()
	return &insetBlock{index: index}, parser.NoChildren
}

func (placeholderBlockParser) Continue(ast.Node, text.Reader, parser.Context) parser.State {
	return parser.Close
}
func (placeholderBlockParser) Close(ast.Node, text.Reader, parser.Context) {}
func (placeholderBlockParser) CanInterruptParagraph() bool                 { return true }
func (placeholderBlockParser) CanAcceptIndentedLine() bool                 { return true }
