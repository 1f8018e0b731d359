package feed

import (
	"strings"

	"golang.org/x/text/language"
)

// languageTag brings a language into the form of BCP 47 that every reader
// knows: language, script, region, variants. "" means that it is none.
func languageTag(s string) string {
	s, _, _ = strings.Cut(strings.TrimSpace(s), ".") // zh_CN.UTF-8
	parts := strings.FieldsFunc(s, func(r rune) bool { return r == '-' || r == '_' })
	if len(parts) == 0 || !letters(parts[0]) || len(parts[0]) < 2 || len(parts[0]) > 3 {
		return ""
	}
	if _, err := language.ParseBase(parts[0]); err != nil {
		return ""
	}
	tag := strings.ToLower(parts[0])
	step := 0 // 1 after a script, 2 after a region or a variant
	for _, p := range parts[1:] {
		switch {
		case len(p) == 4 && letters(p) && step < 1:
			tag, step = tag+"-"+strings.ToUpper(p[:1])+strings.ToLower(p[1:]), 1
		case (len(p) == 2 && letters(p) || len(p) == 3 && digits(p)) && step < 2:
			tag, step = tag+"-"+strings.ToUpper(p), 2
		case len(p) >= 5 && len(p) <= 8 && alphanumeric(p):
			tag, step = tag+"-"+strings.ToLower(p), 2
		default:
			return tag // extensions and private use: nothing a feed needs
		}
	}
	return tag
}

func letters(s string) bool {
	return strings.IndexFunc(s, func(r rune) bool { return r|0x20 < 'a' || r|0x20 > 'z' }) < 0
}

func digits(s string) bool {
	return strings.IndexFunc(s, func(r rune) bool { return r < '0' || r > '9' }) < 0
}

func alphanumeric(s string) bool {
	return strings.IndexFunc(s, func(r rune) bool { return !letters(string(r)) && !digits(string(r)) }) < 0
}

// commonest returns the language of most entries; of equals, the first in the alphabet.
func commonest(entries []Entry) string {
	count := map[string]int{}
	best := ""
	for i := range entries {
		l := entries[i].Language
		if l == "" {
			continue
		}
		count[l]++
		if best == "" || count[l] > count[best] || count[l] == count[best] && l < best {
			best = l
		}
	}
	return best
}
