package markdown

import (
	"bytes"
	"strings"

	"github.com/yuin/goldmark/ast"
	east "github.com/yuin/goldmark/extension/ast"
)

// isMark says whether an HTML comment is the author's mark: <!--more-->, with
// any white space and case, and WordPress's <!--more Read on-->.
func isMark(comment string) bool {
	comment, ok := strings.CutPrefix(strings.TrimSpace(comment), "<!--")
	if !ok {
		return false
	}
	comment, _, ok = strings.Cut(comment, "-->")
	word, _, _ := strings.Cut(strings.TrimSpace(comment), " ")
	return ok && strings.EqualFold(word, "more")
}

// document gathers from the syntax tree of a Markdown body.
func (g *gatherer) document(doc ast.Node, w *writer) {
	a := &astGatherer{gatherer: g, w: w}
	g.wantMark = mayHoldMark(w.source)
	a.blocks(doc)
	g.wantMark = false
}

func mayHoldMark(source []byte) bool {
	for {
		i := bytes.Index(source, []byte("<!--"))
		if i < 0 {
			return false
		}
		if source = source[i:]; isMark(string(source[:min(len(source), 256)])) {
			return true
		}
		source = source[4:]
	}
}

type astGatherer struct {
	*gatherer
	w   *writer
	run []byte // text whose next piece follows at once
}

func (a *astGatherer) stop() bool { return a.full() || a.marked != "" }

func (a *astGatherer) blocks(n ast.Node) {
	for c := n.FirstChild(); c != nil && !a.stop(); c = c.NextSibling() {
		a.block(c)
	}
}

func (a *astGatherer) block(n ast.Node) {
	switch n := n.(type) {
	case *ast.Heading:
		a.begin()
		a.inlines(n)
		a.heading()
	case *ast.Paragraph, *ast.TextBlock, *east.DefinitionTerm:
		if a.onlyAddress(n) || a.w.isContentsMark(n) {
			return
		}
		a.begin()
		a.inlines(n)
		a.end()
	case *ast.List:
		if !isContents(n) {
			a.blocks(n)
		}
	case *ast.HTMLBlock:
		a.comments(string(a.w.lines(n)))
	case *insetBlock:
		if n.index < len(a.w.insets) && a.w.insets[n.index].kind == insetText {
			a.begin()
			a.text(withoutTemplates(a.w.insets[n.index].body))
			a.end()
		}
	case *ast.FencedCodeBlock, *ast.CodeBlock, *mathBlock, *east.Table, *east.FootnoteList, *ast.ThematicBreak:
	default:
		a.blocks(n)
	}
}

// onlyAddress says whether a paragraph is nothing but an address, as a film or
// a card leaves it.
func (a *astGatherer) onlyAddress(n ast.Node) bool {
	first := n.FirstChild()
	if first == nil || first.NextSibling() != nil {
		return false
	}
	switch first.(type) {
	case *ast.AutoLink, *ast.Link:
		return addressText(string(inlineText(n, a.w.source)))
	}
	return false
}

// addressText: "https://…" or "YouTube: https://…".
func addressText(s string) bool {
	s = strings.TrimSpace(s)
	if i := strings.LastIndex(s, ": "); i >= 0 && i < 40 {
		s = s[i+2:]
	}
	return strings.Contains(s, "://") && !strings.Contains(s, " ")
}

// comments looks for the mark in a block of comments.
func (a *astGatherer) comments(s string) {
	for {
		i := strings.Index(s, "<!--")
		if i < 0 {
			return
		}
		s = s[i:]
		if isMark(s) {
			a.mark()
			return
		}
		s = s[4:]
	}
}

// isContents says whether every item of a list is nothing but a link into the
// page: a table of contents.
func isContents(list ast.Node) bool {
	items := 0
	for item := list.FirstChild(); item != nil; item = item.NextSibling() {
		for c := item.FirstChild(); c != nil; c = c.NextSibling() {
			if c.Kind() == ast.KindList {
				if !isContents(c) {
					return false
				}
				continue
			}
			link, ok := c.FirstChild().(*ast.Link)
			if !ok || link.NextSibling() != nil || !bytes.HasPrefix(link.Destination, []byte("#")) {
				return false
			}
			items++
		}
	}
	return items > 0
}

func (a *astGatherer) inlines(n ast.Node) {
	for c := n.FirstChild(); c != nil && !a.stop(); c = c.NextSibling() {
		a.inline(c)
	}
}

func (a *astGatherer) inline(n ast.Node) {
	switch n := n.(type) {
	case *ast.Text:
		value := n.Segment.Value(a.w.source)
		if !n.IsRaw() {
			value = decoded(value)
		}
		a.run = append(a.run, value...)
		if _, more := n.NextSibling().(*ast.Text); more && !n.HardLineBreak() && !n.SoftLineBreak() {
			return // {{ comes in two pieces
		}
		a.text(withoutTemplates(string(a.run)))
		a.run = a.run[:0]
		if n.HardLineBreak() || n.SoftLineBreak() && breakIsSpace(a.last, firstRune(n.NextSibling(), a.w.source)) {
			a.space = true
		}
	case *ast.String:
		a.text(string(n.Value))
	case *ast.CodeSpan:
		a.text(string(a.w.restore(codeSpanText(n, a.w.source))))
	case *ast.AutoLink:
		a.text(string(n.Label(a.w.source)))
	case *math:
		if n.display() {
			a.omit()
		} else {
			a.formula(string(n.tex))
		}
	case *ast.RawHTML:
		segment := n.Segments.At(0)
		if isMark(string(segment.Value(a.w.source))) {
			a.mark()
		}
	case *insetNode:
		if n.index >= len(a.w.insets) {
			return
		}
		switch in := a.w.insets[n.index]; in.kind {
		case insetText:
			a.text(withoutTemplates(in.body))
		case insetCode:
			a.text(in.body)
		}
	case *ast.Image, *east.FootnoteLink, *east.FootnoteBacklink:
		a.omit()
	case *east.TaskCheckBox:
	default:
		a.inlines(n)
	}
}
