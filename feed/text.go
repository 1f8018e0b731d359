package feed

import (
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"tidings.example/posts"
)

// clean returns s with nothing that XML 1.0 forbids or that readers choke on.
// Escape sequences go whole; bytes that are no UTF-8 become one question mark
// a run; line ends become \n. Clean text is returned as it is.
func clean(s string) string {
	if isClean(s) {
		return s
	}
	s = posts.WithoutTerminal(s)
	var b strings.Builder
	b.Grow(len(s))
	broken := false
	for i, r := range s {
		switch {
		case r == utf8.RuneError:
			if !broken {
				b.WriteByte('?')
			}
			broken = true
			continue
		case r == '\r' && !strings.HasPrefix(s[i+1:], "\n"), r == 0x85:
			b.WriteByte('\n')
		case fits(r):
			b.WriteRune(r)
		}
		broken = false
	}
	return b.String()
}

func isClean(s string) bool {
	for i := 0; i < len(s); {
		if c := s[i]; c < utf8.RuneSelf {
			if c < ' ' && c != '\t' && c != '\n' || c == 0x7f {
				return false
			}
			i++
			continue
		}
		r, n := utf8.DecodeRuneInString(s[i:])
		if r == utf8.RuneError || !fits(r) {
			return false
		}
		i += n
	}
	return true
}

// fits tells whether a character belongs into a feed: XML 1.0 section 2.2
// without what it discourages (controls, noncharacters), and no byte order mark.
func fits(r rune) bool {
	switch {
	case r == '\t', r == '\n':
		return true
	case r < ' ', r >= 0x7f && r <= 0x9f, r == 0xfeff:
		return false
	case r >= 0xfdd0 && r <= 0xfdef, r&0xfffe == 0xfffe:
		return false
	}
	return true
}

// line returns s clean, as one line, with white space folded.
func line(s string) string {
	s = clean(s)
	return strings.Join(strings.Fields(s), " ")
}

// reference matches a numeric character reference of HTML.
var reference = regexp.MustCompile(`&#(?:[xX]([0-9A-Fa-f]+)|([0-9]+));?`)

// cleanHTML is clean for markup: it also takes away references to characters
// that a feed must not hold. They would come back to life in a reader.
func cleanHTML(s string) string {
	if !strings.Contains(s, "&#") {
		return clean(s)
	}
	s = reference.ReplaceAllStringFunc(s, func(ref string) string {
		m := reference.FindStringSubmatch(ref)
		digits, base := m[2], 10
		if m[1] != "" {
			digits, base = m[1], 16
		}
		n, err := strconv.ParseUint(digits, base, 32)
		switch {
		case err != nil || n > utf8.MaxRune || !utf8.ValidRune(rune(n)):
			return "\ufffd"
		case n == 0x1b || !fits(rune(n)):
			return string(rune(n))
		}
		return ref
	})
	return clean(s)
}

var (
	markup = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")
	// The RSS profile asks for these forms: a reader that decodes once and one
	// that decodes twice both show the character.
	plain     = strings.NewReplacer("&", "&#x26;", "<", "&#x3C;", ">", "&#x3E;")
	attribute = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;")
)
