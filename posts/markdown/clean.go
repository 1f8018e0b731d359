package markdown

import (
	"bytes"
	"unicode/utf8"
)

// clean returns src as valid UTF-8 with LF line ends, without byte order
// marks, terminal sequences, control characters and the code points that XML 1.0
// forbids. Broken bytes become U+FFFD. The result may share memory with src.
func clean(src []byte) []byte {
	src = bytes.TrimPrefix(src, []byte("\xef\xbb\xbf"))
	i := firstDirty(src)
	if i == len(src) {
		return src
	}
	out := make([]byte, i, len(src))
	copy(out, src)
	for i < len(src) {
		c := src[i]
		switch {
		case c == 0x1b:
			i += escapeSequence(src[i:])
		case c == '\r':
			if i+1 == len(src) || src[i+1] != '\n' {
				out = append(out, '\n')
			}
			i++
		case c < utf8.RuneSelf:
			if !isControl(rune(c)) {
				out = append(out, c)
			}
			i++
		default:
			r, n := utf8.DecodeRune(src[i:])
			if r == 0x9b { // CSI in its one-character form
				n += controlSequence(src[i+n:])
			} else if !isControl(r) {
				out = utf8.AppendRune(out, xmlRune(r))
			}
			i += n
		}
	}
	return out
}

// firstDirty returns the index of the first byte that clean must look at.
func firstDirty(src []byte) int {
	for i := 0; i < len(src); {
		c := src[i]
		if c < utf8.RuneSelf {
			if c < 0x20 && c != '\n' && c != '\t' || c == 0x7f {
				return i
			}
			i++
			continue
		}
		r, n := utf8.DecodeRune(src[i:])
		if r == utf8.RuneError && n == 1 || isControl(r) || xmlRune(r) != r {
			return i
		}
		i += n
	}
	return len(src)
}

// isControl says whether r is a control character other than tab and newline, or
// a byte order mark, which stands inside of a text where files were joined.
func isControl(r rune) bool {
	return r < 0x20 && r != '\t' && r != '\n' || r >= 0x7f && r <= 0x9f || r == 0xfeff
}

// xmlRune maps what XML 1.0 section 2.2 forbids above the control characters to U+FFFD.
func xmlRune(r rune) rune {
	if r == 0xfffe || r == 0xffff || r >= 0xd800 && r <= 0xdfff || r > utf8.MaxRune {
		return utf8.RuneError
	}
	return r
}

// escapeSequence returns the length of the terminal sequence that b begins
// with: CSI (colours), OSC (titles, links) or a two-character one.
func escapeSequence(b []byte) int {
	if len(b) < 2 {
		return 1
	}
	switch c := b[1]; {
	case c == '[':
		return 2 + controlSequence(b[2:])
	case c == ']':
		for i := 2; i < len(b) && i < 4096 && b[i] != '\n'; i++ {
			if b[i] == 7 {
				return i + 1
			}
			if b[i] == 0x1b && i+1 < len(b) && b[i+1] == '\\' {
				return i + 2
			}
		}
		return 2
	case c >= '@' && c <= '_':
		return 2
	}
	return 1
}

// controlSequence returns the length of the parameters and the final byte of a
// CSI sequence (ECMA-48 section 5.4).
func controlSequence(b []byte) int {
	i := 0
	for i < len(b) && b[i] >= 0x20 && b[i] <= 0x3f {
		i++
	}
	if i < len(b) && b[i] >= 0x40 && b[i] <= 0x7e {
		i++
	}
	return i
}
