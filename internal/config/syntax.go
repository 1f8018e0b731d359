package config

import (
	"bytes"
	"fmt"
	"math"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/pelletier/go-toml/v2"
)

// plainly says a mistake of syntax in the words of this program where those of
// the parser speak of its insides. The value is not shown: it may be a password.
func plainly(d *toml.DecodeError, line string) string {
	message := strings.TrimPrefix(d.Error(), "toml: ")
	_, value, _ := strings.Cut(line, "=")
	value = strings.TrimLeft(value, " \t[")
	first, _ := utf8.DecodeRuneInString(value)
	word, _, _ := strings.Cut(value, " ")
	switch {
	case strings.Contains(message, "too large to fit"):
		return fmt.Sprintf("the number is out of bounds: no key wants more than %d", math.MaxInt32)
	case strings.ContainsRune("\u201c\u201d\u201e\u2018\u2019\u00ab\u00bb\uff02", first):
		return "quotes must be straight ones: write \"...\""
	case !strings.HasPrefix(message, "expected keyword") && !strings.HasPrefix(message, "unexpected character") && message != "strings must be quoted":
		return message
	case strings.EqualFold(word, "true") || strings.EqualFold(word, "false") || strings.EqualFold(word, "yes") || strings.EqualFold(word, "no"):
		return "write true or false, in small letters and without quotes"
	case message == "strings must be quoted" || unicode.IsLetter(first) || strings.ContainsRune("/.~@<", first):
		return "text stands in quotes: write \"...\""
	}
	return message
}

// lineOf is a line of the file, the first of which is 1.
func lineOf(file []byte, n int) string {
	for ; n > 1; n-- {
		_, file, _ = bytes.Cut(file, []byte("\n"))
	}
	line, _, _ := bytes.Cut(file, []byte("\n"))
	return string(line)
}
