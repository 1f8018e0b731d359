package config

import (
	"fmt"
	"reflect"
	"strings"
	"unicode"
)

// longest is how many bytes a text may have: no path of Linux is longer, and no
// title that anybody reads.
const longest = 4096

// text refuses what no value can be. A value that is refused is not judged any
// further, and not shown.
func (b *binder) text(path, text string) string {
	if len(text) > longest {
		b.fail(path, "the text has %d bytes: want at most %d", len(text), longest)
		return ""
	}
	if i := strings.IndexFunc(text, stray); i >= 0 {
		b.holds(path, fmt.Sprintf("the control character %U", []rune(text[i:])[0]))
		return ""
	}
	return text
}

// stray tells the characters that no value has. A path of Windows in double
// quotes gets them: "C:\backup".
func stray(r rune) bool { return unicode.IsControl(r) && !strings.ContainsRune("\n\r\t", r) }

// holds says that a text has what nobody sees.
func (b *binder) holds(path, what string) {
	b.fail(path, "the text holds %s: leave it out, and write \\ of a path as \\\\ or in single quotes", what)
}

// line wants one line, unless many make sense, and more than spaces.
func (b *binder) line(path string, into reflect.Value, many bool) {
	text := into.String()
	if !many {
		text = strings.TrimRight(text, "\r\n") // the last line of text in three quotes
	}
	switch {
	case !many && strings.ContainsAny(text, "\r\n"):
		b.fail(path, "%q has more than one line: write it in one", text)
	case !many && strings.Contains(text, "\t"):
		b.holds(path, "a tab")
	case into.Len() > 0 && strings.TrimSpace(text) == "":
		b.fail(path, "is blank: write something, or leave the key out")
	default:
		into.SetString(text)
	}
}
