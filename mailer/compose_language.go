package mailer

import (
	"strings"
	"unicode"

	"golang.org/x/text/language"
	"golang.org/x/text/unicode/bidi"
)

// manyCJK is so much Chinese, Japanese or Korean, in columns, that the letter
// as a whole is in that language whatever the words around the posts are:
// clients choose fonts by the language of the document.
const manyCJK = 300

var cjkScripts = []*unicode.RangeTable{unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul}

// cjkColumns counts the columns of Chinese, Japanese and Korean characters.
func cjkColumns(s string) (columns int) {
	for _, r := range s {
		if r >= 0x1100 && unicode.In(r, cjkScripts...) {
			columns += 2
		}
	}
	return columns
}

// languageTag returns the tag in its canonical form, "" where it is none.
func languageTag(s string) string {
	tag, err := language.Parse(strings.ReplaceAll(strings.TrimSpace(s), "_", "-"))
	if err != nil || tag == language.Und {
		return ""
	}
	return tag.String()
}

// guessLanguage tells Chinese, Japanese and Korean by their scripts, and takes
// text that has only the letters of ASCII for English; it returns "" for all
// others.
func guessLanguage(s string) string {
	var ascii, other, han, kana, hangul int
	for _, r := range s {
		switch {
		case r >= 'A' && r <= 'Z', r >= 'a' && r <= 'z':
			ascii++
		case r < 0x1100:
			if unicode.IsLetter(r) {
				other++
			}
		case unicode.Is(unicode.Han, r):
			han++
		case unicode.In(r, unicode.Hiragana, unicode.Katakana):
			kana++
		case unicode.Is(unicode.Hangul, r):
			hangul++
		}
	}
	switch {
	case han+kana+hangul == 0 && other == 0 && ascii >= 12:
		return "en"
	case han+kana+hangul < 4:
		return ""
	case kana*10 > han:
		return "ja"
	case hangul > han:
		return "ko"
	}
	return "zh-CN"
}

// documentLanguage returns that of the words, but where most of the text is
// Chinese, Japanese or Korean that of the first such post.
func documentLanguage(words string, items []postView) string {
	columns, first := 0, ""
	for _, item := range items {
		columns += item.columnsCJK
		if first == "" && isCJK(item.Lang) {
			first = item.Lang
		}
	}
	if isCJK(words) || columns < manyCJK || first == "" {
		return words
	}
	return first
}

func isCJK(tag string) bool {
	primary, _, _ := strings.Cut(tag, "-")
	return primary == "zh" || primary == "ja" || primary == "ko"
}

// rightToLeft goes by the first letter that has a direction; a text without
// one by its language.
func rightToLeft(tag, s string) bool {
	for _, r := range s {
		p, _ := bidi.LookupRune(r)
		switch p.Class() {
		case bidi.L:
			return false
		case bidi.R, bidi.AL:
			return true
		}
	}
	primary, _, _ := strings.Cut(tag, "-")
	switch primary {
	case "ar", "dv", "fa", "he", "ps", "ur", "yi":
		return true
	}
	return false
}
