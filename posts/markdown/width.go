package markdown

import (
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/width"
)

// textWidth returns the columns of s.
func textWidth(s []byte) int {
	n := 0
	for i := 0; i < len(s); {
		if s[i] < utf8.RuneSelf {
			n++
			i++
			continue
		}
		r, size := utf8.DecodeRune(s[i:])
		n += runeWidth(r)
		i += size
	}
	return n
}

// runeWidth is 2 for what East Asian Width (UAX 11) calls wide, 0 for marks
// and joiners, else 1.
func runeWidth(r rune) int {
	switch {
	case r < 0x300:
		return 1
	case r >= 0x4e00 && r <= 0x9fff:
		return 2
	case unicode.In(r, unicode.Mn, unicode.Me, unicode.Cf):
		return 0
	}
	switch width.LookupRune(r).Kind() {
	case width.EastAsianWide, width.EastAsianFullwidth:
		return 2
	}
	return 1
}
