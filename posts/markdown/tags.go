package markdown

import (
	"bytes"
	"fmt"
	"strings"
)

// expandTags replaces the tags and shortcodes of the dialect by what they stand
// for, in Markdown, or by a placeholder where Markdown must not touch it. Code
// is left alone, but for what the generator itself replaces there.
func expandTags(source []byte, o *Options, result *Result) ([]byte, []inset) {
	e := newExpander(source, o, result)
	if o.Dialect == Astro {
		return expandComponents(source, e), e.shared.insets
	}
	if e.tag == nil || !mayHoldTags(source, o.Dialect) {
		return source, nil
	}
	e.run(string(source))
	return e.out.Bytes(), e.shared.insets
}

// newExpander has no tag where the dialect knows none.
func newExpander(source []byte, o *Options, result *Result) *expander {
	e := &expander{o: o, shared: &shared{result: result, source: source}}
	switch o.Dialect {
	case Hexo, Jekyll, Eleventy, Pelican:
		e.tag = e.liquidTag
	case Hugo:
		e.tag = e.hugoTag
	case Zola:
		e.tag = e.zolaTag
	}
	return e
}

func mayHoldTags(source []byte, d Dialect) bool {
	return bytes.Contains(source, []byte("{%")) || bytes.Contains(source, []byte("{{")) || hasContainers(d) && bytes.Contains(source, []byte(":::")) ||
		(d == Jekyll || d == Pelican) && bytes.Contains(source, []byte("markdown=")) || d == Jekyll && bytes.Contains(source, []byte("{:")) || bytes.Contains(source, []byte("{#"))
}

// hasContainers tells the generators whose Markdown is markdown-it's.
func hasContainers(d Dialect) bool { return d == Hexo || d == Eleventy }

// maxTagDepth bounds tags inside tags.
const maxTagDepth = 16

// shared is what the expanders of a body and of the tags inside it have in common.
type shared struct {
	result *Result
	source []byte
	insets []inset
	// The place whose line was asked last: the next is near.
	at, lines int
}

// line returns the line of the body, from 1, on which the offset at lies.
func (s *shared) line(at int) int {
	at = min(at, len(s.source))
	if at >= s.at {
		s.lines += bytes.Count(s.source[s.at:at], []byte("\n"))
	} else {
		s.lines -= bytes.Count(s.source[at:s.at], []byte("\n"))
	}
	s.at = at
	return 1 + s.lines
}

// expander reads a body from left to right.
type expander struct {
	o      *Options
	shared *shared
	tag    func(at int, inCode bool) (n int)
	src    string
	base   int // offset of src in the whole body
	out    bytes.Buffer
	depth  int
	// unclosed holds the end tags that do not come behind an offset: without it
	// a body of nothing but opening tags would take quadratic time.
	unclosed map[string]int
	listed   bool // the last line that was not indented began a list item
	blank    bool // the last line was empty
	html     htmlBlock
}

// run expands src. A tag function reads e.src at an offset, writes to e.out,
// and returns how much it has read: 0 for text that is no tag.
func (e *expander) run(src string) {
	e.src, e.blank = src, true
	for i := 0; i < len(src); {
		if i == 0 || src[i-1] == '\n' {
			if n := e.lineStart(i); n > 0 {
				i += n
				continue
			}
			if e.o.Dialect == Hexo && strings.IndexByte("< ", src[i]) >= 0 {
				if n := e.tab(i); n > 0 {
					i += n
					continue
				}
			}
			if hasContainers(e.o.Dialect) && strings.IndexByte(": ", src[i]) >= 0 {
				if n := e.container(i); n > 0 {
					i += n
					continue
				}
			}
		}
		i += e.step(i)
	}
}

// lineStart reads lines that are code or that the tags of a generator are not
// looked for in.
func (e *expander) lineStart(i int) int {
	line, _, _ := strings.Cut(e.src[i:], "\n")
	e.html.line(line, e.blank)
	if !e.html.open {
		return e.codeLines(i)
	}
	e.blank, e.listed = strings.TrimSpace(line) == "", false
	if e.markdownInside(line) {
		e.html.open, e.blank = false, true
		return min(len(line)+1, len(e.src)-i)
	}
	return 0
}

// step reads one construct or the text up to the next.
func (e *expander) step(i int) int {
	src := e.src
	n := 0
	switch {
	case src[i] == '{' && e.html.open:
		n = e.tagInHTML(i)
	case src[i] == '{':
		n = e.tag(i, false)
	case src[i] == '`' && !e.html.open:
		n = e.inlineCode(i)
	case src[i] == '\\' && i+1 < len(src) && src[i+1] == '`':
		n = 2
		e.out.WriteString(src[i : i+2])
	}
	if n > 0 {
		return n
	}
	end := i + 1
	if src[i] != '\n' {
		if next := strings.IndexAny(src[end:], "`{\\\n"); next >= 0 {
			end += next
		} else {
			end = len(src)
		}
	}
	e.out.WriteString(src[i:end])
	return end - i
}

// maxTag bounds the length of one tag and of an inline code span.
const maxTag = 4 << 10

// inner expands the content of a tag apart and returns it.
func (e *expander) inner(from, to int) string {
	if e.depth >= maxTagDepth {
		return e.src[from:to]
	}
	sub := &expander{o: e.o, shared: e.shared, base: e.base + from, depth: e.depth + 1}
	switch e.o.Dialect {
	case Hugo:
		sub.tag = sub.hugoTag
	case Zola:
		sub.tag = sub.zolaTag
	default:
		sub.tag = sub.liquidTag
	}
	sub.run(e.src[from:to])
	return sub.out.String()
}

// inset writes a placeholder. A block stands on lines of its own, with the
// indentation of the tag's.
func (e *expander) inset(in inset, block bool) {
	if block {
		e.newBlock()
	}
	e.shared.insets = append(e.shared.insets, in)
	e.out.WriteString(placeholder(len(e.shared.insets) - 1))
	if block {
		e.out.WriteString("\n")
	}
}

// newBlock ends the line unless only markers and spaces stand on it.
func (e *expander) newBlock() {
	written := e.out.Bytes()
	line := string(written[bytes.LastIndexByte(written, '\n')+1:])
	if strings.TrimLeft(afterMarkers(strings.TrimLeft(line, " \t>")), " \t>") != "" {
		e.out.WriteString("\n\n")
	}
}

// warn tells of a tag that was dropped, with its line in the body. What was
// told of an earlier line is not told again.
func (e *expander) warn(at int, format string, args ...any) {
	e.shared.result.warn(e.shared.line(e.base+at), fmt.Sprintf(format, args...))
}

// missing says whether an end tag was looked for behind an earlier offset in vain.
func (e *expander) missing(name string, from int) bool {
	no, ok := e.unclosed[name]
	return ok && from >= no
}

func (e *expander) miss(name string, from int) {
	if e.unclosed == nil {
		e.unclosed = map[string]int{}
	}
	e.unclosed[name] = from
}
