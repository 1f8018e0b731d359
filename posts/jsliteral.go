package posts

import (
	"regexp"
	"strings"
)

// jsSource is a configuration written in JavaScript, without its comments. It
// cannot be run here: only literals that stand right after their key are read.
type jsSource string

// newJSSource drops the comments of a source.
func newJSSource(b []byte) jsSource {
	var out strings.Builder
	s := string(b)
	for i := 0; i < len(s); {
		switch c := s[i]; {
		case strings.HasPrefix(s[i:], "//"):
			if n := strings.IndexByte(s[i:], '\n'); n >= 0 {
				i += n
			} else {
				i = len(s)
			}
		case strings.HasPrefix(s[i:], "/*"):
			if n := strings.Index(s[i+2:], "*/"); n >= 0 {
				i += n + 4
			} else {
				i = len(s)
			}
		case c == '"' || c == '\'' || c == '`':
			end := jsStringEnd(s, i)
			out.WriteString(s[i:end])
			i = end
		default:
			out.WriteByte(c)
			i++
		}
	}
	return jsSource(out.String())
}

// jsStringEnd returns where the string that begins at i ends.
func jsStringEnd(s string, i int) int {
	quote := s[i]
	for i++; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case quote:
			return i + 1
		case '\n':
			if quote != '`' {
				return i
			}
		}
	}
	return len(s)
}

// jsQuoted matches a string literal without escapes and substitutions.
const jsQuoted = "(?:\"([^\"\\\\\n]*)\"|'([^'\\\\\n]*)'|`([^`\\\\$]*)`)"

// value returns the string literal after a key, as in base: "/blog".
func (s jsSource) value(key string) string {
	return s.first(regexp.MustCompile(`(?:^|[^\w.$])["']?` + regexp.QuoteMeta(key) + `["']?\s*:\s*` + jsQuoted))
}

// argument returns the string literal that a function is called with.
func (s jsSource) argument(function string) string {
	return s.first(regexp.MustCompile(regexp.QuoteMeta(function) + `\(\s*` + jsQuoted))
}

// sets tells whether a key is there at all, with whatever value.
func (s jsSource) sets(key string) bool {
	return regexp.MustCompile(`(?:^|[^\w.$])["']?` + regexp.QuoteMeta(key) + `["']?\s*[:(]`).MatchString(string(s))
}

// object returns the text between the braces after a key.
func (s jsSource) object(key string) jsSource {
	at := regexp.MustCompile(`(?:^|[^\w.$])["']?` + regexp.QuoteMeta(key) + `["']?\s*[:=]\s*\{`).FindStringIndex(string(s))
	if at == nil {
		return ""
	}
	depth := 1
	for i := at[1]; i < len(s); i++ {
		switch s[i] {
		case '"', '\'', '`':
			i = jsStringEnd(string(s), i) - 1
		case '{':
			depth++
		case '}':
			if depth--; depth == 0 {
				return s[at[1]:i]
			}
		}
	}
	return ""
}

func (s jsSource) first(re *regexp.Regexp) string {
	m := re.FindStringSubmatch(string(s))
	if m == nil {
		return ""
	}
	return m[1] + m[2] + m[3]
}

// readJS reads the first of several files of JavaScript that is there.
func (d *Directory) readJS(names ...string) (jsSource, string, error) {
	for _, name := range names {
		b, err := d.read(name)
		if err != nil {
			return "", "", err
		}
		if b != nil {
			return newJSSource(b), name, nil
		}
	}
	return "", "", nil
}
