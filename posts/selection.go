package posts

import (
	"slices"
	"strings"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

// Selection picks posts out of the ledger: those with one of the Tags, one of
// the Categories, one of the Languages, one of the Authors, and of one of the
// Sources. Empty fields pick all. What Without names is left out again. Words
// are compared whole, without regard to case; names of sources to the letter.
type Selection struct {
	Tags, Categories, Languages []string
	Authors, Sources            []string `json:",omitempty"`
	Without                     Terms    `json:",omitzero"`
}

// Terms are words of posts. A post has the terms where it has any one of them.
type Terms struct {
	Tags, Categories, Languages, Authors, Sources []string `json:",omitempty"`
}

// Match tells whether the selection picks the post.
func (s *Selection) Match(r *Record) bool {
	all := func(want []string) bool { return len(want) == 0 }
	return (all(s.Tags) || overlap(s.Tags, r.Tags)) &&
		(all(s.Categories) || overlap(s.Categories, r.Categories)) &&
		(all(s.Languages) || speaks(s.Languages, r)) &&
		(all(s.Authors) || wrote(s.Authors, r)) &&
		(all(s.Sources) || slices.Contains(s.Sources, r.Source)) &&
		!s.Without.of(r)
}

// of tells whether the post has one of the terms.
func (t *Terms) of(r *Record) bool {
	return overlap(t.Tags, r.Tags) || overlap(t.Categories, r.Categories) || speaks(t.Languages, r) ||
		wrote(t.Authors, r) || slices.Contains(t.Sources, r.Source)
}

// speaks tells whether the post is in one of the languages. A post whose
// language is not known is in none.
func speaks(languages []string, r *Record) bool {
	return r.Language != "" && overlap(languages, []string{r.Language})
}

// wrote tells whether one of the authors wrote the post.
func wrote(authors []string, r *Record) bool {
	for i := range r.Authors {
		if overlap(authors, []string{r.Authors[i].Name}) {
			return true
		}
	}
	return false
}

func overlap(want, have []string) bool {
	for _, w := range want {
		for _, h := range have {
			if Fold(w) == Fold(h) {
				return true
			}
		}
	}
	return false
}

// Fold returns the word as tags, categories, languages and authors are
// compared: without regard to case and to the way its accents are encoded.
func Fold(word string) string {
	for i := range len(word) {
		if word[i] >= 0x80 {
			return norm.NFC.String(cases.Fold().String(norm.NFC.String(word)))
		}
	}
	return strings.ToLower(word)
}
