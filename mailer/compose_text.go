package mailer

import (
	"net/url"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/rivo/uniseg"
)

// textWidth is the width of the text part in columns.
const textWidth = 72

// oneLine folds white space and drops what has no place in a line of text:
// control characters, bad UTF-8, and marks that reorder the text after them.
func oneLine(s string) string {
	return strings.Join(strings.Fields(strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r), r == utf8.RuneError:
			return ' '
		case forbidden(r), r >= '\u202a' && r <= '\u202e', r >= '\u2066' && r <= '\u2069':
			return -1
		}
		return r
	}, s)), " ")
}

// block cleans text of several lines and ends its lines with \n.
func block(s string) string {
	s = strings.ReplaceAll(strings.ReplaceAll(s, "\r\n", "\n"), "\r", "\n")
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n', r == '\t':
			return r
		case forbidden(r), r == utf8.RuneError:
			return -1
		}
		return r
	}, s)
}

// lines returns the lines of a text that are not empty.
func lines(s string) (kept []string) {
	for line := range strings.SplitSeq(block(s), "\n") {
		if line = oneLine(line); line != "" {
			kept = append(kept, line)
		}
	}
	return kept
}

func forbidden(r rune) bool {
	return unicode.Is(unicode.Cc, r) || r&0xfffe == 0xfffe || r == '\u2028' || r == '\u2029' || r == '\ufeff'
}

// webURL returns the address if it is an absolute one of the web that fits
// into a letter, else "".
func webURL(address string) string {
	u, err := url.Parse(strings.TrimSpace(address))
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return ""
	}
	if s := u.String(); checkURL(s) == nil {
		return s
	}
	return ""
}

// width counts columns; a Chinese character has two.
func width(s string) int {
	if isASCII(s) {
		return len(s)
	}
	return uniseg.StringWidth(s)
}

// shorten cuts s to at most so many columns, the ellipsis included, never
// inside of what a reader sees as one character.
func shorten(s string, columns int) string {
	if len(s) <= columns || width(s) <= columns {
		return s
	}
	var kept strings.Builder
	used, state := 1, -1
	for rest := s; rest != ""; {
		var cluster string
		var w int
		cluster, rest, w, state = uniseg.FirstGraphemeClusterInString(rest, state)
		if used+w > columns {
			break
		}
		kept.WriteString(cluster)
		used += w
	}
	return strings.TrimRight(kept.String(), " ,;:，；：、·-") + "…"
}

// wrap breaks a line of text at 72 columns, between words or Chinese
// characters, never inside an address.
func wrap(s string) string {
	var out, word strings.Builder
	column, state := 0, -1
	flush := func() {
		w := width(strings.TrimRight(word.String(), " "))
		if column > 0 && column+w > textWidth {
			out.WriteByte('\n')
			column = 0
		}
		out.WriteString(word.String())
		column += width(word.String())
		word.Reset()
	}
	for rest := s; rest != ""; {
		var segment string
		segment, rest, _, state = uniseg.FirstLineSegmentInString(rest, state)
		word.WriteString(segment)
		if rest == "" || breakable(segment, rest) {
			flush()
		}
	}
	broken := strings.Split(out.String(), "\n")
	for i := range broken {
		broken[i] = strings.TrimRight(broken[i], " ")
	}
	return strings.Join(broken, "\n")
}

// breakable refuses the breaks that Unicode allows behind a slash or hyphen.
func breakable(before, after string) bool {
	last, _ := utf8.DecodeLastRuneInString(before)
	next, _ := utf8.DecodeRuneInString(after)
	return last == ' ' || wide(last) || wide(next)
}

func wide(r rune) bool { return r >= 0x1100 && uniseg.StringWidth(string(r)) == 2 }

// rule underlines a title.
func rule(s string) string {
	widest := 0
	for line := range strings.SplitSeq(wrap(s), "\n") {
		widest = max(widest, width(line))
	}
	return strings.Repeat("-", max(3, min(widest, textWidth)))
}

// indent moves a block four columns to the right.
func indent(s string) string {
	indented := strings.Split(s, "\n")
	for i, line := range indented {
		if line != "" {
			indented[i] = "    " + line
		}
	}
	return strings.Join(indented, "\n")
}
