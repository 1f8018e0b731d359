package posts

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// latin gives the plain letters that every generator's table of diacritics has
// for the Latin letters which do not decompose into a letter and marks.
var latin = map[rune]string{
	'Æ': "AE", 'æ': "ae", 'Œ': "OE", 'œ': "oe", 'Ø': "O", 'ø': "o", 'Đ': "D", 'đ': "d", 'Ł': "L", 'ł': "l",
	'ı': "i", 'Ħ': "H", 'ħ': "h", 'Ŧ': "T", 'ŧ': "t", 'ƀ': "b", 'Ƶ': "Z", 'ƶ': "z", 'ſ': "s",
}

// latinFold returns the plain letters for a Latin letter with diacritics.
func latinFold(r rune) (string, bool) {
	if r < 0xc0 {
		return "", false
	}
	if s, ok := latin[r]; ok {
		return s, true
	}
	if !unicode.Is(unicode.Latin, r) {
		return "", false
	}
	d := norm.NFKD.String(string(r))
	if len(d) > 0 && d[0] < 0x80 {
		plain := strings.Map(func(r rune) rune {
			if r >= 0x80 {
				return -1
			}
			return r
		}, d)
		return plain, plain != ""
	}
	return "", false
}

// hexoSlug is hexo-util's slugize: diacritics of Latin letters are folded,
// runs of blanks and ASCII punctuation become one hyphen, all else stays.
func hexoSlug(s string, lower bool) string {
	var b strings.Builder
	hyphen := false
	put := func(t string) {
		if hyphen && b.Len() > 0 {
			b.WriteByte('-')
		}
		hyphen = false
		b.WriteString(t)
	}
	for _, r := range s {
		switch {
		case unicode.IsSpace(r) || r == '\ufeff':
			hyphen = true
		case r < 0x20:
		case r < 0x80 && strings.ContainsRune("~`!@#$%^&*()-_+=[]{}|\\;:\"'<>,.?/", r):
			hyphen = true
		case r == 'ß':
			put("s")
		default:
			if plain, ok := latinFold(r); ok {
				put(plain)
			} else {
				put(string(r))
			}
		}
	}
	if lower {
		return strings.ToLower(b.String())
	}
	return b.String()
}

// asciiSlug is the slug of Zola (the crate slug over deunicode) and the ASCII
// part of Pelican's: letters and digits, all else hyphens. It is false when the
// text has letters whose transliteration only those libraries' tables know.
func asciiSlug(s string) (string, bool) {
	var b strings.Builder
	hyphen := false
	put := func(t string) {
		if hyphen && b.Len() > 0 {
			b.WriteByte('-')
		}
		hyphen = false
		b.WriteString(strings.ToLower(t))
	}
	plain, ok := toASCII(s)
	for i := 0; i < len(plain); i++ {
		c := plain[i]
		if 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' {
			put(string(c))
		} else {
			hyphen = true
		}
	}
	return b.String(), ok
}

// asciiMarks are the characters beyond Latin that transliteration tables agree on.
var asciiMarks = map[rune]string{
	'ß': "ss", 'þ': "th", 'Þ': "Th", 'ð': "d", 'Ð': "D", '‘': "'", '’': "'", '“': "\"", '”': "\"", '–': "-", '—': "--", '…': "...",
	'\u00a0': " ", '«': "<<", '»': ">>", '•': "*", '·': "*",
}

// toASCII transliterates Latin text; it is false when something else is in it.
func toASCII(s string) (string, bool) {
	var b strings.Builder
	for _, r := range norm.NFC.String(s) {
		if r < 0x80 {
			b.WriteRune(r)
		} else if t, ok := asciiMarks[r]; ok {
			b.WriteString(t)
		} else if t, ok := latinFold(r); ok {
			b.WriteString(t)
		} else {
			return "", false
		}
	}
	return b.String(), true
}

// jekyllSlug is Jekyll's slugify in its modes raw, default, pretty, ascii,
// latin; any other mode leaves the text as it is.
func jekyllSlug(s, mode string, cased bool) string {
	keep := func(r rune) bool { return unicode.IsLetter(r) || unicode.IsMark(r) || unicode.Is(unicode.Nd, r) }
	switch mode {
	case "raw":
		keep = func(r rune) bool { return !unicode.IsSpace(r) }
	case "pretty":
		word := keep
		keep = func(r rune) bool { return word(r) || strings.ContainsRune("._~!$&'()+,;=@", r) }
	case "ascii":
		keep = func(r rune) bool { return r < 0x80 && (unicode.IsLetter(r) || unicode.IsDigit(r)) }
	case "latin":
		s = transliterate(s)
	case "", "default":
	default:
		if !cased {
			s = strings.ToLower(s)
		}
		return s
	}
	var b strings.Builder
	gap := false
	for _, r := range s {
		if !keep(r) {
			gap = true
			continue
		}
		if gap {
			b.WriteByte('-')
			gap = false
		}
		b.WriteRune(r)
	}
	slug := strings.TrimPrefix(b.String(), "-")
	if !cased {
		slug = strings.ToLower(slug)
	}
	return slug
}

// transliterate does what Ruby's I18n does: Latin letters lose their marks,
// all else beyond ASCII becomes a question mark.
func transliterate(s string) string {
	var b strings.Builder
	for _, r := range s {
		if r < 0x80 {
			b.WriteRune(r)
		} else if t, ok := latinFold(r); ok {
			b.WriteString(t)
		} else if r == 'ß' {
			b.WriteString("ss")
		} else {
			b.WriteByte('?')
		}
	}
	return b.String()
}

// hugoSlug is Hugo's MakePathSanitized: letters, marks, digits and a few signs
// stay, blanks become hyphens, all else is dropped.
func hugoSlug(s string, lower, removeAccents bool) string {
	var b strings.Builder
	prepend, wasHyphen := false, false
	for i, r := range s {
		if !hugoAllowed(s, i, r) {
			if b.Len() > 0 && !wasHyphen && unicode.IsSpace(r) {
				prepend = true
			}
			continue
		}
		wasHyphen = r == '-'
		if prepend && !wasHyphen {
			b.WriteByte('-')
		}
		prepend = false
		b.WriteRune(r)
	}
	out := b.String()
	if removeAccents {
		out = dropMarks(out)
	}
	if lower {
		out = strings.ToLower(out)
	}
	return out
}

func hugoAllowed(s string, i int, r rune) bool {
	switch {
	case r == ' ':
		return false
	case unicode.IsLetter(r), unicode.IsDigit(r), unicode.IsMark(r), strings.ContainsRune("./\\_#+~-@", r):
		return true
	}
	return r == '%' && i+2 < len(s) && isHex(s[i+1]) && isHex(s[i+2])
}

// dropMarks removes combining marks from decomposed letters.
func dropMarks(s string) string {
	return norm.NFC.String(strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Mn, r) {
			return -1
		}
		return r
	}, norm.NFD.String(s)))
}

// githubSlug is the github-slugger of Astro's content collections.
func githubSlug(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == ' ':
			return '-'
		case r == '-' || r == '_' || unicode.IsLetter(r) || unicode.IsMark(r) || unicode.Is(unicode.Nd, r) || unicode.Is(unicode.Nl, r) || unicode.Is(unicode.Pc, r):
			return unicode.ToLower(r)
		}
		return -1
	}, s)
}
