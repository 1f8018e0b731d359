package markdown

import (
	"bytes"
	"fmt"
	"regexp"
	"strconv"
	"unicode/utf8"
)

// tellLost warns of what clean takes out of a body or replaces.
func tellLost(src []byte, result *Result) {
	src = bytes.TrimPrefix(src, []byte("\xef\xbb\xbf"))
	controls, forbidden, broken := lostKind{}, lostKind{}, lostKind{}
	first := firstDirty(src)
	line := 1 + bytes.Count(src[:first], []byte("\n"))
	for i := first; i < len(src); {
		r, n := utf8.DecodeRune(src[i:])
		switch {
		case r == '\n':
			line++
		case r == utf8.RuneError && n == 1:
			broken.add(r, line)
		case r != '\r' && isControl(r):
			controls.add(r, line)
		case xmlRune(r) != r:
			forbidden.add(r, line)
		}
		i += n
	}
	controls.tell(result, "control characters are", "control character is", "left out")
	forbidden.tell(result, "characters that no feed may hold are", "character that no feed may hold is", "shown as U+FFFD")
	if broken.count > 0 {
		result.warn(broken.line, fmt.Sprintf("%d bytes are not UTF-8 and became U+FFFD: type the characters again and save the file as UTF-8", broken.count))
	}
}

// lostKind counts what was lost of one kind.
type lostKind struct {
	count, line int
	first       rune
}

func (k *lostKind) add(r rune, line int) {
	if k.count++; k.count == 1 {
		k.first, k.line = r, line
	}
}

func (k *lostKind) tell(result *Result, many, one, what string) {
	switch k.count {
	case 0:
	case 1:
		result.warn(k.line, fmt.Sprintf("a %s %s (%U): delete it", one, what, k.first))
	default:
		result.warn(k.line, fmt.Sprintf("%d %s %s, the first is %U: delete them", k.count, many, what, k.first))
	}
}

var numericReference = regexp.MustCompile(`&#(?:[xX]([0-9A-Fa-f]{1,8})|([0-9]{1,9}));`)

// tellReferences warns of a reference to half of a pair of surrogates or to a
// character that XML forbids, where one was replaced: in code they are literal.
func tellReferences(source []byte, result *Result) {
	if !bytes.Contains(source, []byte("&#")) || !bytes.Contains([]byte(result.HTML), []byte("\uFFFD")) || bytes.Contains(source, []byte("\uFFFD")) {
		return
	}
	for _, m := range numericReference.FindAllSubmatchIndex(source, -1) {
		digits, base := "", 10
		if m[2] >= 0 {
			digits, base = string(source[m[2]:m[3]]), 16
		} else {
			digits = string(source[m[4]:m[5]])
		}
		n, err := strconv.ParseUint(digits, base, 32)
		if err == nil && n != 0 && n <= utf8.MaxRune && xmlRune(rune(n)) == rune(n) {
			continue
		}
		result.warn(1+bytes.Count(source[:m[0]], []byte("\n")), fmt.Sprintf("%s is no character and is shown as U+FFFD: write the character itself", source[m[0]:m[1]]))
		return
	}
}
