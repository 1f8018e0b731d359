package markdown

import (
	"unicode"

	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
)

// emphasisParser is CommonMark's emphasis with one addition: a CJK character
// beside a run of asterisks counts as white space does, and CJK punctuation
// counts as a letter. Without it **“加粗”**的 stays plain, since Chinese puts no
// space where CommonMark wants one. Text without CJK is parsed as ever.
type emphasisParser struct{}

func (emphasisParser) Trigger() []byte { return []byte{'*', '_'} }

func (emphasisParser) Parse(_ ast.Node, block text.Reader, pc parser.Context) ast.Node {
	before := block.PrecendingCharacter()
	line, segment := block.PeekLine()
	node := parser.ScanDelimiter(line, before, 1, emphasisDelimiter{})
	if node == nil {
		return nil
	}
	after := ' '
	if node.OriginalLength < len(line) {
		after = util.ToRune(line, node.OriginalLength)
	}
	if isCJK(before) || isCJK(after) {
		flankCJK(node, before, after)
	}
	node.Segment = segment.WithStop(segment.Start + node.OriginalLength)
	block.Advance(node.OriginalLength)
	pc.PushDelimiter(node)
	return node
}

func flankCJK(node *parser.Delimiter, before, after rune) {
	punctuation := func(r rune) bool { return util.IsPunctRune(r) && !isCJK(r) }
	loose := func(r rune) bool { return util.IsSpaceRune(r) || util.IsPunctRune(r) || isCJK(r) }
	left := !util.IsSpaceRune(after) && (!punctuation(after) || loose(before))
	right := !util.IsSpaceRune(before) && (!punctuation(before) || loose(after))
	if node.Char == '_' {
		// Inside a word an underscore stays one: 变量_name_值.
		node.CanOpen = left && (!right || util.IsPunctRune(before))
		node.CanClose = right && (!left || util.IsPunctRune(after))
		return
	}
	node.CanOpen, node.CanClose = left, right
}

// isCJK says whether r belongs to a script that is written without spaces, or
// is its punctuation.
func isCJK(r rune) bool {
	if r < 0x1100 {
		return false
	}
	return unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul, unicode.Bopomofo) ||
		r >= 0x3000 && r <= 0x303f || r >= 0xff00 && r <= 0xffef || r >= 0xfe30 && r <= 0xfe4f || r == 0x30fb || r == 0x30fc
}

type emphasisDelimiter struct{}

func (emphasisDelimiter) IsDelimiter(b byte) bool { return b == '*' || b == '_' }

func (emphasisDelimiter) CanOpenCloser(opener, closer *parser.Delimiter) bool {
	return opener.Char == closer.Char
}

func (emphasisDelimiter) OnMatch(consumes int) ast.Node { return ast.NewEmphasis(consumes) }
