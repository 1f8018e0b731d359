package markdown

import "github.com/alecthomas/chroma/v2"

const (
	grey   = "#59636e"
	red    = "#cf222e"
	navy   = "#0a3069"
	blue   = "#0550ae"
	brown  = "#953800"
	purple = "#6639ba"
	green  = "#116329"
	maroon = "#82071e"
)

// colourOf returns the colour of a kind of token, "" for plain text. A kind
// that is not named has the colour of its family.
func colourOf(t chroma.TokenType) string {
	switch t {
	case chroma.KeywordConstant, chroma.NameAttribute, chroma.NameConstant, chroma.NameEntity, chroma.NameLabel,
		chroma.NameProperty, chroma.NameBuiltinPseudo, chroma.LiteralStringEscape, chroma.LiteralStringInterpol, chroma.LiteralDate:
		return blue
	case chroma.KeywordType, chroma.NameClass, chroma.NameException:
		return brown
	case chroma.NameDecorator, chroma.GenericHeading, chroma.GenericSubheading:
		return purple
	case chroma.NameTag, chroma.GenericInserted:
		return green
	case chroma.NameKeyword, chroma.OperatorWord, chroma.CommentPreproc:
		return red
	case chroma.CommentPreprocFile:
		return navy
	case chroma.GenericPrompt:
		return grey
	case chroma.GenericDeleted, chroma.GenericError, chroma.GenericTraceback:
		return maroon
	}
	return familyColour(t)
}

func familyColour(t chroma.TokenType) string {
	switch t.SubCategory() {
	case chroma.NameBuiltin:
		return brown
	case chroma.NameVariable:
		return blue
	case chroma.NameFunction:
		return purple
	case chroma.LiteralString:
		return navy
	case chroma.LiteralNumber:
		return blue
	}
	switch t.Category() {
	case chroma.Keyword:
		return red
	case chroma.Comment:
		return grey
	}
	return ""
}
