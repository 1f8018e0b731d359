package markdown

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/rivo/uniseg"
)

// fit cuts one line of text to width columns: at the end of a sentence, else of
// a clause, else between graphemes with one …; never inside an address, between
// a number and its unit, inside a Latin word, or behind a bracket that is still open.
func fit(text string, width int) string {
	for {
		c := cutter{text: text, width: width}
		if !c.scan() {
			return text
		}
		if s := c.cut(); s != "" {
			return s
		}
		// The text begins with something that must stay whole and is too wide.
		if text = c.dropFirst(); text == "" {
			return ""
		}
	}
}

// dropFirst takes off what stands first and cannot be cut: an address, a number
// with its unit, or the brackets around a text.
func (c *cutter) dropFirst() string {
	end := c.firstSpan()
	rest := c.text[end:]
	r, n := utf8.DecodeRuneInString(c.text)
	if closer := pairOf(r); closer != 0 && n == end {
		rest = withoutCloser(rest, r, closer)
	}
	return strings.TrimSpace(strings.TrimRightFunc(rest, func(r rune) bool { return unicode.IsSpace(r) || pairOf(r) != 0 }))
}

// withoutCloser takes out the bracket that closes one opened before s.
func withoutCloser(s string, opener, closer rune) string {
	level := 1
	for i, r := range s {
		switch r {
		case opener:
			level++
		case closer:
			if level--; level == 0 {
				return s[:i] + s[i+utf8.RuneLen(r):]
			}
		}
	}
	return s
}

// cutter finds the places at which a text may end.
type cutter struct {
	text     string
	width    int
	sentence int // offset behind the last sentence that fits, 0 if none
	clause   int // offset before the mark that ends the last clause that fits
	hard     int // offset of the last boundary that leaves room for …
	least    int // what is shorter is no sentence or clause worth having
	leastAt  int // offset at which least columns are reached
	spans    []span
	open     []bracket
}

// span is a piece of text that stays whole.
type span struct{ from, to int }

type bracket struct {
	closer rune
	at     int
}

// scan walks the text up to the limit and says whether it is wider.
func (c *cutter) scan() bool {
	if len(c.text) <= c.width && ascii(c.text) {
		return false
	}
	c.spans = wholeSpans(c.text)
	c.least = c.width / 8
	c.leastAt = -1
	columns, at, state, next := 0, 0, -1, 0
	for rest := c.text; rest != ""; {
		var cluster string
		var w int
		cluster, rest, w, state = uniseg.FirstGraphemeClusterInString(rest, state)
		w = clusterWidth(cluster, w)
		if c.leastAt < 0 && columns >= c.least {
			c.leastAt = at
		}
		if columns+1 <= c.width && at > 0 && c.mayEnd(at, &next) {
			c.hard = at
		}
		if columns+w > c.width {
			return true
		}
		columns += w
		c.bracket(cluster, at)
		at += len(cluster)
		c.stops(at, cluster, rest, &next)
	}
	return false
}

// clusterWidth measures a grapheme the wider way: a program that counts the
// parts of an emoji one by one must not find more than the limit either.
func clusterWidth(cluster string, w int) int {
	if len(cluster) == 1 {
		return 1
	}
	return max(w, textWidth([]byte(cluster)))
}

// stops notes the end of a sentence or a clause at the offset at.
func (c *cutter) stops(at int, cluster, rest string, next *int) {
	if len(c.open) > 0 || c.inSpan(at, next) {
		return
	}
	r, _ := utf8.DecodeRuneInString(cluster)
	if endsSentence(c.text[:at], r, rest) {
		c.sentence = at
		return
	}
	if clauseMark(r, rest) {
		c.clause = at - len(cluster)
	}
}

// bracket keeps the stack of open brackets. One that is never closed is
// ignored, but for those of Chinese and Japanese, which always come in pairs.
func (c *cutter) bracket(cluster string, at int) {
	r, _ := utf8.DecodeRuneInString(cluster)
	if n := len(c.open); n > 0 && c.open[n-1].closer == r {
		c.open = c.open[:n-1]
		return
	}
	closer := pairOf(r)
	if closer == 0 {
		return
	}
	if r < 0x2000 && !strings.ContainsRune(c.text[at+len(cluster):], closer) {
		return
	}
	if len(c.open) < 64 {
		c.open = append(c.open, bracket{closer, at})
	}
}

func pairOf(r rune) rune {
	const opening, closing = "([{（［｛《〈「『【〔〖“«", ")]}）］｝》〉」』】〕〗”»"
	i := strings.IndexRune(opening, r)
	if i < 0 {
		return 0
	}
	n := utf8.RuneCountInString(opening[:i])
	for _, c := range closing {
		if n == 0 {
			return c
		}
		n--
	}
	return 0
}

// mayEnd says whether a text may be broken off at the offset at.
func (c *cutter) mayEnd(at int, next *int) bool {
	if len(c.open) > 0 || c.inSpan(at, next) {
		return false
	}
	before, _ := utf8.DecodeLastRuneInString(c.text[:at])
	after, _ := utf8.DecodeRuneInString(c.text[at:])
	return !(inWord(before) && inWord(after))
}

// inSpan says whether at lies inside a span; next is the first span that does not end before.
func (c *cutter) inSpan(at int, next *int) bool {
	for *next < len(c.spans) && c.spans[*next].to <= at {
		*next++
	}
	return *next < len(c.spans) && c.spans[*next].from < at
}

func inWord(r rune) bool {
	return r < 0x2e80 && (unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r) || r == '_' || r == '\'' || r == '’' || r == '-')
}

// cut ends the text at the best place found.
func (c *cutter) cut() string {
	if c.sentence > 0 && c.sentence >= c.leastAt {
		return c.text[:c.sentence]
	}
	if c.clause > 0 && c.clause >= c.leastAt {
		return ellipsis(c.text[:c.clause])
	}
	hard := c.hard
	if hard == 0 {
		hard = c.force()
	}
	if hard == 0 {
		return ""
	}
	if s := ellipsis(c.text[:hard]); s != "…" {
		return s
	}
	return ""
}

// force cuts a single word that is wider than the limit.
func (c *cutter) force() int {
	columns, at, state, next, end := 0, 0, -1, 0, 0
	for rest := c.text; rest != ""; {
		var cluster string
		var w int
		cluster, rest, w, state = uniseg.FirstGraphemeClusterInString(rest, state)
		if columns += clusterWidth(cluster, w); columns > c.width-1 || pairOf([]rune(cluster)[0]) != 0 {
			break
		}
		at += len(cluster)
		if !c.inSpan(at, &next) {
			end = at
		}
	}
	return end
}

// firstSpan returns the end of what stands at the beginning and must stay
// whole: an address, a number with its unit, or a bracket with its content.
func (c *cutter) firstSpan() int {
	if len(c.spans) > 0 && c.spans[0].from == 0 {
		return c.spans[0].to
	}
	r, n := utf8.DecodeRuneInString(c.text)
	if pairOf(r) != 0 {
		return n
	}
	cluster, _, _, _ := uniseg.FirstGraphemeClusterInString(c.text, -1)
	return len(cluster)
}

// ellipsis ends a piece of text with …, without the marks that would stand before it.
func ellipsis(s string) string {
	return strings.TrimRightFunc(s, func(r rune) bool {
		return unicode.IsSpace(r) || strings.ContainsRune(",;:،؛，、；：—-–·…/|&+=", r) || pairOf(r) != 0
	}) + "…"
}
