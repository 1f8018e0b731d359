package markdown

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// endsSentence says whether text, whose last character is last, ends a
// sentence before rest.
func endsSentence(text string, last rune, rest string) bool {
	next, _ := utf8.DecodeRuneInString(rest)
	switch last {
	case '。', '！', '？', '｡':
		return !continuesStop(next)
	case '…':
		return strings.HasSuffix(text, "……") && next != '…' && !closesQuote(next)
	case '”', '’', '」', '』', '）', ')', '"', '\'', '》', '】':
		// A sentence inside quotes: its stop stands before the quote.
		before, _ := utf8.DecodeLastRuneInString(strings.TrimRightFunc(text, closesQuote))
		if strings.ContainsRune("。！？", before) {
			return !continuesStop(next) && !strings.ContainsRune("，、：；,", next)
		}
		return strings.ContainsRune(".!?", before) && latinStop(rest) && !abbreviation(strings.TrimRightFunc(text, closesQuote))
	case '!', '?':
		return latinStop(rest) || isCJK(next) && next != '，'
	case '.':
		return latinStop(rest) && !abbreviation(text) || isCJK(next) && !unicode.IsPunct(next) && endsWithCJK(text)
	}
	// Arabic ؟, Urdu ۔, Hindi ।, Armenian ։, Ethiopic ። and those of other scripts.
	return last > 0x300 && unicode.Is(unicode.Sentence_Terminal, last) && !continuesStop(next) && !unicode.IsDigit(next)
}

func endsWithCJK(text string) bool {
	r, _ := utf8.DecodeLastRuneInString(strings.TrimSuffix(text, "."))
	return isCJK(r)
}

func continuesStop(next rune) bool {
	return closesQuote(next) || strings.ContainsRune("。！？!?…", next) && next != 0
}

func closesQuote(r rune) bool {
	return strings.ContainsRune("”’」』）)\"'》】", r) && r != utf8.RuneError
}

// latinStop: a full stop ends a sentence before a space, unless the next word is small.
func latinStop(rest string) bool {
	if rest == "" {
		return true
	}
	r, n := utf8.DecodeRuneInString(rest)
	if !unicode.IsSpace(r) {
		return false
	}
	next, _ := utf8.DecodeRuneInString(rest[n:])
	return !unicode.IsLower(next)
}

// abbreviation says whether the full stop at the end of text belongs to a short
// form: a listed one, an initial (J. Smith), or letters with dots (U.S.).
func abbreviation(text string) bool {
	word := strings.TrimSuffix(text, ".")
	if i := strings.LastIndexFunc(word, func(r rune) bool { return !(r < 0x2e80 && unicode.IsLetter(r) || r == '.') }); i >= 0 {
		_, n := utf8.DecodeRuneInString(word[i:])
		word = word[i+n:]
	}
	if utf8.RuneCountInString(word) == 1 {
		r, _ := utf8.DecodeRuneInString(word)
		return unicode.IsUpper(r) && r != 'I'
	}
	if i := strings.LastIndexByte(word, '.'); i >= 0 && len(word)-i == 2 {
		return true
	}
	switch strings.ToLower(word) {
	case "mr", "mrs", "ms", "dr", "prof", "st", "vs", "etc", "eg", "ie", "cf", "approx", "fig", "figs", "eq", "eqs", "no", "nos",
		"vol", "sec", "ch", "inc", "ltd", "co", "corp", "jr", "sr", "al", "dept", "est", "jan", "feb", "mar", "apr", "jun", "jul",
		"aug", "sep", "sept", "oct", "nov", "dec", "ver", "resp", "ca", "ed", "eds", "gen", "rev", "pp":
		return true
	}
	return false
}

// clauseMark says whether r ends a clause.
func clauseMark(r rune, rest string) bool {
	switch r {
	case '，', '；', '：', '、':
		return true
	case ',', ';', ':', '،', '؛':
		return strings.HasPrefix(rest, " ")
	}
	return false
}

// wholeSpans returns the pieces of text that stay whole, in order: addresses,
// and numbers with what stands before and behind them.
func wholeSpans(text string) []span {
	var out []span
	for i := 0; i < len(text); {
		c := text[i]
		var end int
		switch {
		case c == 'h' || c == 'f' || c == 'H' || (c == 'w' || c == 'm') && wordStart(text, i):
			end = addressEnd(text, i)
		case c >= '0' && c <= '9':
			end = numberEnd(text, i)
		}
		if end <= i {
			i++
			continue
		}
		from := i
		if c >= '0' && c <= '9' {
			from = numberStart(text, i)
		}
		out = append(out, span{from, end})
		i = end
	}
	return out
}

func wordStart(text string, i int) bool { return i == 0 || !isASCIIAlnum(rune(text[i-1])) }

// addressEnd returns the end of the URL or mail address at i, 0 if there is none.
func addressEnd(text string, i int) int {
	found := false
	for _, prefix := range []string{"https://", "http://", "ftp://", "www.", "mailto:", "HTTPS://", "HTTP://"} {
		found = found || strings.HasPrefix(text[i:], prefix)
	}
	if !found {
		return 0
	}
	end := i
	for end < len(text) && text[end] > ' ' && text[end] < utf8.RuneSelf && strings.IndexByte("<>\"`", text[end]) < 0 {
		end++
	}
	for end > i && strings.IndexByte(".,;:!?)]}'", text[end-1]) >= 0 {
		end--
	}
	return end
}

// numberStart takes in the sign or currency before a number.
func numberStart(text string, i int) int {
	r, n := utf8.DecodeLastRuneInString(text[:i])
	if strings.ContainsRune("$¥￥€£~≈+-−<>≤≥#v第", r) && n > 0 {
		return i - n
	}
	return i
}

// numberEnd returns the end of a number with its unit: 3.11.2, 1,000 km, 25%, 5 GB, 100 万元, 2024 年.
func numberEnd(text string, i int) int {
	end := i
	for end < len(text) {
		c := text[end]
		if c >= '0' && c <= '9' {
			end++
			continue
		}
		if strings.IndexByte(".,:/-–", c) >= 0 && end+1 < len(text) && text[end+1] >= '0' && text[end+1] <= '9' {
			end++
			continue
		}
		break
	}
	unit := end
	if unit < len(text) && text[unit] == ' ' {
		unit++
	}
	if stop := unitEnd(text, unit); stop > unit {
		return stop
	}
	return end
}

func unitEnd(text string, i int) int {
	if addressEnd(text, i) > 0 {
		return i
	}
	end, count := i, 0
	for _, r := range text[i:] {
		switch {
		case (r == 'h' || r == 'f') && addressEnd(text, end) > 0:
			return end
		case strings.ContainsRune("%‰°℃℉Ωµμ", r):
		case r < 0x250 && (unicode.IsLetter(r) || count > 0 && (r == '/' || r == '²' || r == '³')):
		case count == 0 && isCJK(r) && unicode.Is(unicode.Han, r):
			n := utf8.RuneLen(r)
			next, m := utf8.DecodeRuneInString(text[end+n:])
			if strings.ContainsRune("万亿千百十多余", r) && unicode.Is(unicode.Han, next) {
				n += m
			}
			return end + n
		default:
			return end
		}
		if count++; count > 8 {
			return i // a word, not a unit
		}
		end += utf8.RuneLen(r)
	}
	return end
}
