package markdown

import (
	"regexp"
	"strings"
)

// tagArgs are the arguments of a tag: words, some with a name.
type tagArgs struct {
	words  []string // those without a name, unquoted
	named  map[string]string
	quoted []bool // of words
}

// parseArgs reads words, "quoted words", name=value and name="value", with
// commas between them where a generator wants commas.
func parseArgs(s string) tagArgs {
	a := tagArgs{named: map[string]string{}}
	for i := 0; i < len(s); {
		c := s[i]
		if c == ' ' || c == '\n' || c == '\t' || c == ',' {
			i++
			continue
		}
		if value, n := quotedWord(s[i:]); n > 0 {
			a.words, a.quoted = append(a.words, value), append(a.quoted, true)
			i += n
			continue
		}
		end := i
		for end < len(s) && strings.IndexByte(" \n\t=", s[end]) < 0 && !(s[end] == ',' && (end+1 == len(s) || isSpaceByte(s[end+1]))) {
			end++
		}
		word := s[i:end]
		if end < len(s) && s[end] == '=' && isName(word) {
			value, n := quotedWord(s[end+1:])
			if n == 0 {
				n = strings.IndexAny(s[end+1:]+" ", " ,\n\t")
				value = s[end+1 : end+1+n]
			}
			a.named[strings.ToLower(word)] = value
			i = end + 1 + n
			continue
		}
		if end < len(s) && s[end] == '=' {
			for end < len(s) && !isSpaceByte(s[end]) {
				end++
			}
			word = s[i:end]
		}
		a.words, a.quoted = append(a.words, word), append(a.quoted, false)
		i = max(end, i+1)
	}
	return a
}

// quotedWord reads "…", '…' or `…` at the start of s, and returns its length with the quotes.
func quotedWord(s string) (string, int) {
	if s == "" || strings.IndexByte("\"'`", s[0]) < 0 {
		return "", 0
	}
	var b strings.Builder
	for i := 1; i < len(s); i++ {
		if s[i] == '\\' && i+1 < len(s) && s[0] != '`' && (s[i+1] == s[0] || s[i+1] == '\\') {
			i++
		} else if s[i] == s[0] {
			return b.String(), i + 1
		}
		b.WriteByte(s[i])
	}
	return "", 0
}

func isName(s string) bool {
	for i := range len(s) {
		if !isASCIIAlnum(rune(s[i])) && s[i] != '_' && s[i] != '-' {
			return false
		}
	}
	return s != ""
}

// get returns the named argument, else the word at i, else "".
func (a tagArgs) get(name string, i int) string {
	if v, ok := a.named[name]; ok {
		return v
	}
	if i >= 0 && i < len(a.words) {
		return a.words[i]
	}
	return ""
}

func (a tagArgs) rest(i int) string {
	if i >= len(a.words) {
		return ""
	}
	return strings.Join(a.words[i:], " ")
}

// option takes name:value words out, as Hexo writes them.
func (a *tagArgs) option(names ...string) map[string]string {
	found := map[string]string{}
	var words []string
	for i, w := range a.words {
		key, value, ok := strings.Cut(w, ":")
		if ok && !a.quoted[i] && contains(names, strings.ToLower(key)) {
			found[strings.ToLower(key)] = value
			continue
		}
		words = append(words, w)
	}
	a.words = words
	return found
}

func contains(list []string, s string) bool {
	for _, x := range list {
		if x == s {
			return true
		}
	}
	return false
}

var pictureName = regexp.MustCompile(`(?i)\.(png|jpe?g|gif|webp|avif|svg|bmp)(\?[^\s]*)?$`)

func isURL(s string) bool {
	return strings.HasPrefix(s, "http://") || strings.HasPrefix(s, "https://") || strings.HasPrefix(s, "//") && len(s) > 2
}

// escapeMarkdown makes s plain text in Markdown.
func escapeMarkdown(s string) string {
	s = strings.Join(strings.Fields(s), " ")
	var b strings.Builder
	for i := range len(s) {
		if strings.IndexByte("\\`*_{}[]<>()#+-!|~$&:\"'=^", s[i]) >= 0 {
			b.WriteByte('\\')
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

// destination writes an address so that Markdown takes all of it.
func destination(url string) string {
	url = strings.NewReplacer("\n", "", "<", "%3C", ">", "%3E", `\`, `\\`).Replace(strings.TrimSpace(url))
	return "<" + url + ">"
}

func linkTo(text, url string) string {
	return "[" + escapeMarkdown(text) + "](" + destination(url) + ")"
}

func picture(src, alt, title string) string {
	s := "![" + escapeMarkdown(alt) + "](" + destination(src)
	if title != "" {
		s += ` "` + escapeMarkdown(title) + `"`
	}
	return s + ")"
}

// labelled is the link that stands for something that a feed cannot show.
func labelled(label, url string) string { return linkTo(label+": "+url, url) }

// quoted writes Markdown as a quotation with a line about its source.
func quotation(inner, source string) string {
	inner = strings.Trim(inner, "\n")
	if source != "" {
		inner += "\n\n— " + source
	}
	return "\n\n> " + strings.ReplaceAll(inner, "\n", "\n> ") + "\n\n"
}
