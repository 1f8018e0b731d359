package feed

import "regexp"

// atomText is a text construct (RFC 4287 section 3.1).
type atomText struct {
	Type string `xml:"type,attr,omitempty"` // "" is plain text
	text
}

// likeHTML is plain text that careless readers take for HTML: it speaks of an end
// tag. The W3C validator warns of it.
var likeHTML = regexp.MustCompile(`</\w+>`)

// newAtomText makes a text construct of plain text. Where the text looks like
// HTML it is written as HTML, so that nobody has to guess.
func newAtomText(s string) atomText {
	if likeHTML.MatchString(s) {
		return atomText{Type: "html", text: plainText(markup.Replace(s))}
	}
	return atomText{text: plainText(s)}
}

func optionalAtomText(s string) *atomText {
	if s == "" {
		return nil
	}
	t := newAtomText(s)
	return &t
}
