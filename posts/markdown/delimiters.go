package markdown

import (
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
)

// maxDelimiters bounds the signs of emphasis in a paragraph; those beyond are
// text. For each that closes goldmark looks through all that may open, which
// takes seconds where 100,000 of two kinds alternate.
const maxDelimiters = 4000

var delimitersKey = parser.NewContextKey()

// delimiters counts the signs of one paragraph.
type delimiters struct {
	paragraph ast.Node
	count     int
}

// boundedParser is a parser of emphasis that stops at the bound.
type boundedParser struct{ parser.InlineParser }

func (b boundedParser) Parse(parent ast.Node, block text.Reader, pc parser.Context) ast.Node {
	seen, ok := pc.Get(delimitersKey).(*delimiters)
	if !ok {
		seen = &delimiters{}
		pc.Set(delimitersKey, seen)
	}
	if seen.paragraph != parent {
		*seen = delimiters{paragraph: parent}
	}
	if seen.count++; seen.count > maxDelimiters {
		return nil
	}
	return b.InlineParser.Parse(parent, block, pc)
}
