package posts

import (
	"html"
	"regexp"
	"strings"
	"unicode"
)

// terminal matches the escape sequences of a terminal (ECMA-48): control
// sequences such as colours, commands to the operating system, and the rest.
// None of them may swallow the start of a tag or of a character reference.
var terminal = regexp.MustCompile(`(?:\x1b\[|\x{9b})[0-;=?]*[ -%'-/]*[@-~]` +
	`|\x1b\][^\x07\x1b<\n]*(?:\x07|\x1b\\)` +
	`|\x1b[ -%'-/]*[0-;=?-~]`)

// WithoutTerminal returns s without the escape sequences of a terminal, which
// leave a rest like "[31m" where only their first character goes.
func WithoutTerminal(s string) string {
	if !strings.ContainsAny(s, "\x1b\u009b") {
		return s
	}
	return terminal.ReplaceAllString(s, "")
}

// cleanTitle makes one line of plain text: entities are decoded once, white
// space is folded, control and zero-width characters are dropped. A joiner
// stays inside of words, where scripts and emoji need it.
func cleanTitle(s string) string {
	if plainLine(s) {
		return s
	}
	s = WithoutTerminal(html.UnescapeString(s))
	var b strings.Builder
	b.Grow(len(s))
	blank := false
	for _, r := range s {
		switch {
		case unicode.IsSpace(r) || r == '\u2028' || r == '\u2029':
			blank = b.Len() > 0
			continue
		case invisible(r):
			continue
		}
		if blank {
			b.WriteByte(' ')
			blank = false
		}
		b.WriteRune(r)
	}
	return strings.TrimFunc(b.String(), func(r rune) bool { return r == '\u200c' || r == '\u200d' || r == ' ' })
}

// plainLine tells that a text is clean already.
func plainLine(s string) bool {
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c < ' ' || c >= 0x7f || c == '&' || (c == ' ' && (i == 0 || i == len(s)-1 || s[i-1] == ' ')) {
			return false
		}
	}
	return true
}

// invisible tells characters that show nothing and that no script needs.
func invisible(r rune) bool {
	switch r {
	case '\u200b', '\u2060', '\ufeff', '\u00ad', '\ufffe', '\uffff':
		return true
	}
	return unicode.IsControl(r) || (r >= '\u202a' && r <= '\u202e') || (r >= '\u2066' && r <= '\u2069')
}

// cleanTerms trims tags and categories and drops empty and double ones.
func cleanTerms(terms []string) []string {
	var clean []string
	for _, t := range terms {
		if t = cleanTitle(t); t != "" && !contains(clean, t) {
			clean = append(clean, t)
		}
	}
	return clean
}

func contains(list []string, s string) bool {
	for _, have := range list {
		if have == s {
			return true
		}
	}
	return false
}

// summaryTags are the elements that people write into summaries for the
// templates of their site. Others, like <textarea>, are what is written about.
var summaryTags = regexp.MustCompile(`(?i)</?(?:(p|div|br|ul|ol|li|h[1-6]|blockquote)|a|abbr|b|code|del|em|font|i|img|ins|kbd|mark|s|small|span|strong|sub|sup|u)(?:\s[^<>]*)?/?>`)

// cleanSummary keeps a summary verbatim but for what no reader can see, tags,
// and entities, which the templates of a site hand on: they are decoded once.
func cleanSummary(s string) string {
	if strings.Contains(s, "<") {
		s = summaryTags.ReplaceAllStringFunc(s, func(tag string) string {
			if summaryTags.FindStringSubmatch(tag)[1] != "" {
				return " "
			}
			return ""
		})
	}
	s = WithoutTerminal(html.UnescapeString(s))
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		if r != '\n' && r != '\t' && invisible(r) {
			return -1
		}
		return r
	}, s))
}

var languageForm = regexp.MustCompile(`^[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*$`)

// languageTag returns a BCP 47 tag in its usual case, or "" for what is none.
// zh_CN and zh-cn are zh-CN.
func languageTag(s string) string {
	s = strings.ReplaceAll(strings.TrimSpace(s), "_", "-")
	if before, _, found := strings.Cut(s, "."); found {
		s = before // en_US.UTF-8
	}
	if !languageForm.MatchString(s) {
		return ""
	}
	parts := strings.Split(s, "-")
	for i, part := range parts {
		switch {
		case i > 0 && len(part) == 2:
			parts[i] = strings.ToUpper(part)
		case i > 0 && len(part) == 4 && part[0] > '9':
			parts[i] = strings.ToUpper(part[:1]) + strings.ToLower(part[1:])
		default:
			parts[i] = strings.ToLower(part)
		}
	}
	return strings.Join(parts, "-")
}

// splitWords splits at white space.
func splitWords(s string) []string { return strings.Fields(s) }
