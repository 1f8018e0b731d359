package posts

import (
	"strings"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

// Selection picks posts out of the ledger: those with one of the Tags, one of
// the Categories, one of the Languages, and of the Source. Empty fields pick
// all. Words are compared whole, without regard to case.
type Selection struct {
	Tags, Categories, Languages []string
	Source                      string
}

// Match tells whether the selection picks the post.
func (s *Selection) Match(r *Record) bool {
	return overlap(s.Tags, r.Tags) && overlap(s.Categories, r.Categories) &&
		overlap(s.Languages, []string{r.Language}) && (s.Source == "" || s.Source == r.Source)
}

func overlap(want, have []string) bool {
	if len(want) == 0 {
		return true
	}
	for _, w := range want {
		for _, h := range have {
			if Fold(w) == Fold(h) {
				return true
			}
		}
	}
	return false
}

// Fold returns the word as tags, categories and languages are compared: without
// regard to case and to the way its accents are encoded.
func Fold(word string) string {
	for i := range len(word) {
		if word[i] >= 0x80 {
			return norm.NFC.String(cases.Fold().String(norm.NFC.String(word)))
		}
	}
	return strings.ToLower(word)
}
