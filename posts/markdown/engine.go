package markdown

import (
	"sync"

	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/util"
)

// The parsers are made when the first post is rendered: a run in which nothing
// changed pays nothing. They keep no state between posts.
var (
	plainParser      = sync.OnceValue(func() parser.Parser { return newParser(false) })
	definitionParser = sync.OnceValue(func() parser.Parser { return newParser(true) })
)

// parserFor returns the Markdown that the dialect's generator reads by default.
func parserFor(d Dialect) parser.Parser {
	switch d {
	case Hugo, Jekyll, Pelican:
		return definitionParser()
	}
	return plainParser()
}

func newParser(definitions bool) parser.Parser {
	inlines := []util.PrioritizedValue{
		util.Prioritized(mathParser{}, 90),
		util.Prioritized(parser.NewCodeSpanParser(), 100),
		util.Prioritized(placeholderParser{}, 110),
		util.Prioritized(parser.NewLinkParser(), 200),
		util.Prioritized(parser.NewAutoLinkParser(), 300),
		util.Prioritized(parser.NewRawHTMLParser(), 400),
		util.Prioritized(boundedParser{emphasisParser{}}, 500),
		util.Prioritized(extension.NewFootnoteParser(), 101),
		util.Prioritized(extension.NewTaskCheckBoxParser(), 0),
		util.Prioritized(boundedParser{extension.NewStrikethroughParser()}, 500),
		util.Prioritized(extension.NewLinkifyParser(), 999),
		util.Prioritized(addressParser{}, 999),
	}
	blocks := append(parser.DefaultBlockParsers(),
		util.Prioritized(mathBlockParser{}, 690),
		util.Prioritized(placeholderBlockParser{}, 50),
		util.Prioritized(extension.NewFootnoteBlockParser(), 999))
	if definitions {
		blocks = append(blocks,
			util.Prioritized(extension.NewDefinitionListParser(), 101),
			util.Prioritized(extension.NewDefinitionDescriptionParser(), 102))
	}
	return parser.NewParser(
		parser.WithBlockParsers(blocks...),
		parser.WithInlineParsers(inlines...),
		parser.WithParagraphTransformers(append(parser.DefaultParagraphTransformers(),
			util.Prioritized(extension.NewTableParagraphTransformer(), 200))...),
		parser.WithASTTransformers(
			util.Prioritized(extension.NewTableASTTransformer(), 0),
			util.Prioritized(extension.NewFootnoteASTTransformer(), 999)),
		parser.WithHeadingAttribute(),
	)
}
