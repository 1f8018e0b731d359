package markdown

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"tidings.example/posts/formula"
)

// defaultWidth is the width of a summary in columns.
const defaultWidth = 200

// summary chooses among the front matter's, the text before the author's mark,
// and an automatic one. gather walks the body.
func summary(o *Options, gather func(*gatherer)) string {
	if s := oneLine(o.Summary); s != "" {
		return s
	}
	limit := o.Width
	if limit <= 0 {
		limit = defaultWidth
	}
	g := &gatherer{limit: limit, title: oneLine(o.Title)}
	gather(g)
	if g.marked != "" {
		return g.marked
	}
	text := g.finish()
	if !g.prose {
		text = strings.Join(g.headings, " · ")
	}
	return fit(head(text, limit), limit)
}

// head returns as much of text as a cut to limit columns can depend on.
func head(text string, limit int) string {
	end := min(len(text), bytesFor(limit))
	for end < len(text) && !utf8.RuneStart(text[end]) {
		end--
	}
	return text[:end]
}

// bytesFor bounds the text of limit columns: marks have no width, but length.
func bytesFor(limit int) int { return min(16*limit, 1<<20) + 4096 }

// Excerpt returns the automatic summary of one line of plain text: at most
// width columns (0 means 200), cut as a reader would. It leaves alone what fits,
// so that an excerpt of an excerpt is the excerpt.
func Excerpt(text string, width int) string {
	if width <= 0 {
		width = defaultWidth
	}
	return fit(head(oneLine(text), width), width)
}

// ExcerptHTML returns the summary of an HTML body, by the rules of [Result].
func ExcerptHTML(body string, o Options) string {
	nodes := parseHTML(clean([]byte(body)))
	return summary(&o, func(g *gatherer) { g.tree(nodes, false) })
}

// oneLine folds white space and takes out what must not be in plain text.
func oneLine(s string) string {
	g := &gatherer{limit: 1 << 30}
	g.text(string(clean([]byte(s))))
	return g.finish()
}

// gatherer collects the text of a summary: one line, white space folded.
type gatherer struct {
	buf      []byte
	limit    int
	columns  int
	title    string
	headings []string
	marked   string // the text before the author's mark
	wantMark bool   // go on to the mark, however far it is
	last     rune   // the last character in buf
	space    bool   // a space is due before the next character
	hole     bool   // something was left out since the last character
	first    bool   // a first heading was seen
	prose    bool   // something else than headings was seen
	started  int    // length of buf when the block began
}

// full says that nothing more is needed: a little beyond the limit shows
// whether a sentence ends there, and more whether what stands first must be dropped.
func (g *gatherer) full() bool {
	return !g.wantMark && (g.columns > 3*g.limit+64 || len(g.buf) > bytesFor(g.limit))
}

// text adds plain text; control characters must be gone already.
func (g *gatherer) text(s string) {
	for _, r := range s {
		switch {
		case g.columns > 3*g.limit && g.full():
			return
		case r == ' ' || r == '\n' || r == '\t' || unicode.IsSpace(r):
			g.space = true
		case invisible(r):
		default:
			g.rune(r)
		}
	}
}

func (g *gatherer) rune(r rune) {
	if g.hole && len(g.buf) > g.started {
		if closerOf(g.last) == r && r != 0 { // brackets around what was left out
			g.buf = g.buf[:len(g.buf)-utf8.RuneLen(g.last)]
			g.last, _ = utf8.DecodeLastRune(g.buf)
			g.space = g.last == ' '
			if g.space {
				g.buf = g.buf[:len(g.buf)-1]
				g.last, _ = utf8.DecodeLastRune(g.buf)
			}
			return
		}
		if isCJK(g.last) && isCJK(r) || closesGap(r) {
			g.space = false
		}
	}
	g.hole = false
	if g.space && len(g.buf) > 0 {
		g.buf = append(g.buf, ' ')
		g.columns++
	}
	g.space = false
	g.buf = utf8.AppendRune(g.buf, r)
	g.columns += runeWidth(r)
	g.last = r
}

// invisible characters have no place in a line of plain text: byte order marks,
// soft hyphens, zero-width spaces, and what turns the direction of a text.
func invisible(r rune) bool {
	switch {
	case r == '\u00ad' || r == '\u200b' || r == '\u2060' || r == '\ufeff' || r == '\ufffc':
		return true
	case r >= '\u202a' && r <= '\u202e' || r >= '\u2066' && r <= '\u2069' || r == '\u200e' || r == '\u200f' || r == '\u061c':
		return true
	}
	return isControl(r)
}

// closesGap: no space stands before these, not even where a formula was left out.
func closesGap(r rune) bool {
	return strings.ContainsRune(".,;:!?)]}。，、；：！？）】》」』”’…", r)
}

func closerOf(r rune) rune {
	switch r {
	case '(':
		return ')'
	case '[':
		return ']'
	case '（':
		return '）'
	case '【':
		return '】'
	case '「':
		return '」'
	case '“':
		return '”'
	}
	return 0
}

// templateSigns are what is left of a template that nobody filled in.
var templateSigns = regexp.MustCompile(`\{\{+|\}\}+|\{%+|%+\}`)

// withoutTemplates takes the signs of templates out of prose. In code they are
// what the author speaks of.
func withoutTemplates(text string) string {
	if strings.IndexByte(text, '{') < 0 && strings.IndexByte(text, '}') < 0 {
		return text
	}
	return templateSigns.ReplaceAllString(text, "")
}

// omit marks the place of something that a summary leaves out.
func (g *gatherer) omit() { g.hole = true }

// formula adds TeX that plain text can show, once, and leaves out the rest.
func (g *gatherer) formula(tex string) {
	if text, ok := formula.Unicode(tex); ok {
		g.text(text)
		return
	}
	g.omit()
}

// begin and end enclose a block of text.
func (g *gatherer) begin() { g.space, g.hole, g.started = true, false, len(g.buf) }

func (g *gatherer) end() {
	g.trimEnd()
	g.prose = g.prose || len(g.buf) > g.started
}

// trimEnd takes off a heading's mark that stands at the end of a text.
func (g *gatherer) trimEnd() {
	trimmed := strings.TrimRight(string(g.buf[g.started:]), "¶ ")
	if g.started+len(trimmed) != len(g.buf) {
		g.buf = g.buf[:g.started+len(trimmed)]
		g.last, _ = utf8.DecodeLastRune(g.buf)
	}
	g.space = true
}

// heading takes back a first heading that only repeats the title, and notes all others.
func (g *gatherer) heading() {
	g.trimEnd()
	text := strings.TrimSpace(string(g.buf[g.started:]))
	if !g.first && text != "" {
		g.first = true
		if strings.EqualFold(text, g.title) {
			g.drop()
			return
		}
	}
	if text != "" {
		g.headings = append(g.headings, text)
	}
}

// drop forgets the block.
func (g *gatherer) drop() {
	g.buf = g.buf[:g.started]
	g.last, _ = utf8.DecodeLastRune(g.buf)
}

// mark ends the summary that the author chose. One with nothing before it does not count.
func (g *gatherer) mark() {
	if g.marked == "" {
		g.marked = strings.TrimSpace(string(g.buf))
	}
	g.wantMark = false
}

func (g *gatherer) finish() string { return strings.TrimSpace(string(g.buf)) }
