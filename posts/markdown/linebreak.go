package markdown

import "unicode"

// breakIsSpace says whether a line break in the source between two characters
// is a space in the text: not between CJK characters, and not beside CJK
// punctuation (CSS Text 3, section 4.1.3, segment break transformation).
func breakIsSpace(before, after rune) bool {
	const zeroWidthSpace = '\u200b'
	if before == zeroWidthSpace || after == zeroWidthSpace {
		return false
	}
	if discardsSpace(before) && discardsSpace(after) {
		return false
	}
	if cjkPunctuation(before) || cjkPunctuation(after) {
		return false
	}
	// Quotes, dashes and dots are shared with Latin text: the other side decides.
	return !(sharedPunctuation(before) && discardsSpace(after) || discardsSpace(before) && sharedPunctuation(after))
}

// discardsSpace: Korean is written with spaces.
func discardsSpace(r rune) bool { return isCJK(r) && !unicode.Is(unicode.Hangul, r) }

func cjkPunctuation(r rune) bool { return isCJK(r) && (unicode.IsPunct(r) || r == '\u3000') }

func sharedPunctuation(r rune) bool {
	switch r {
	case '“', '”', '‘', '’', '—', '…':
		return true
	}
	return false
}
