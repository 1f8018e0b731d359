package markdown

import (
	"unicode/utf8"

	"github.com/yuin/goldmark/util"
)

// appendText appends s to dst as HTML text. Characters that XML forbids are
// left out, whatever way they came here.
func appendText(dst []byte, s []byte) []byte { return appendEscaped(dst, s, false) }

// appendAttr appends s to dst as the value of a double-quoted attribute.
func appendAttr(dst []byte, s string) []byte { return appendEscaped(dst, []byte(s), true) }

func appendEscaped(dst []byte, s []byte, attr bool) []byte {
	from := 0
	for i := 0; i < len(s); {
		c, n, repl := s[i], 1, ""
		switch {
		case c >= utf8.RuneSelf:
			var r rune
			r, n = utf8.DecodeRune(s[i:])
			if r == utf8.RuneError && n == 1 || xmlRune(r) != r {
				repl = "\uFFFD"
			} else if !isControl(r) {
				i += n
				continue
			}
		case c == '&':
			repl = "&amp;"
		case c == '<':
			repl = "&lt;"
		case c == '>':
			repl = "&gt;"
		case c == '"' && attr:
			repl = "&quot;"
		case !isControl(rune(c)):
			i++
			continue
		}
		dst = append(dst, s[from:i]...)
		dst = append(dst, repl...)
		i += n
		from = i
	}
	return append(dst, s[from:]...)
}

// appendDecoded appends Markdown text with its backslash escapes and character
// references resolved (CommonMark 2.4 and 2.5).
func appendDecoded(dst, s []byte) []byte {
	from := 0
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '\\':
			if i+1 < len(s) && util.IsPunct(s[i+1]) {
				dst = append(dst, s[from:i]...)
				from = i + 1
				i++
			}
		case '&':
			text, n := entity(s[i:])
			if n > 0 {
				dst = append(dst, s[from:i]...)
				dst = append(dst, text...)
				i += n - 1
				from = i + 1
			}
		}
	}
	return append(dst, s[from:]...)
}

// decoded is appendDecoded without a copy where nothing is to be resolved.
func decoded(s []byte) []byte {
	for _, c := range s {
		if c == '\\' || c == '&' {
			return appendDecoded(make([]byte, 0, len(s)), s)
		}
	}
	return s
}

// entity resolves the character reference that s begins with and returns its
// text and its length, 0 where there is none.
func entity(s []byte) (string, int) {
	end := 1
	for end < len(s) && end < 40 && (util.IsAlphaNumeric(s[end]) || s[end] == '#') {
		end++
	}
	if end < 3 || end >= len(s) || s[end] != ';' {
		return "", 0
	}
	name := s[1:end]
	if name[0] == '#' {
		if r, ok := numericEntity(name[1:]); ok {
			return string(r), end + 1
		}
		return "", 0
	}
	if e, ok := util.LookUpHTML5EntityByName(string(name)); ok {
		return string(e.Characters), end + 1
	}
	return "", 0
}

func numericEntity(digits []byte) (rune, bool) {
	base, limit := 10, 7
	if len(digits) > 1 && (digits[0] == 'x' || digits[0] == 'X') {
		base, limit, digits = 16, 6, digits[1:]
	}
	if len(digits) == 0 || len(digits) > limit {
		return 0, false
	}
	v := 0
	for _, c := range digits {
		d := 0
		switch {
		case c >= '0' && c <= '9':
			d = int(c - '0')
		case base == 16 && c >= 'a' && c <= 'f':
			d = int(c-'a') + 10
		case base == 16 && c >= 'A' && c <= 'F':
			d = int(c-'A') + 10
		default:
			return 0, false
		}
		v = v*base + d
	}
	r := rune(v)
	if r == 0 || isControl(r) {
		return utf8.RuneError, true
	}
	return xmlRune(r), true
}
