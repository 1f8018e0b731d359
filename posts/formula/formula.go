// Package formula turns TeX, as people write it for KaTeX and MathJax, into
// presentation MathML Core for feeds and pages, and into plain text where there
// is no MathML: as Unicode where that loses nothing, else as TeX.
//
// A formula is rendered once, by Temml, whose code is run inside the program.
// It is read when the first formula comes: a run without formulas pays nothing.
// A build with the tag nomath leaves it out, and [Page.Render] then returns
// [ErrOff]: the TeX stays.
//
// Start with [Page].
package formula

import (
	"errors"
	"fmt"
	"strings"
	"time"
)

// ErrOff is what [Page.Render] returns in a build with the tag nomath.
var ErrOff = errors.New("this program was built without MathML")

// What one formula and all formulas of a page may cost. Whoever needs more gets
// TeX: a formula of 4 KB fills several screens.
const (
	maxTeX     = 4 << 10   // bytes of a formula, and of the definitions before it
	maxPageTeX = 128 << 10 // bytes of all formulas of a page that differ
	maxPage    = 5_000     // formulas of a page that differ
	maxDepth   = 60        // elements inside each other
	// maxTime is far beyond what the other limits let a formula cost: a slow
	// machine must not show another feed than a fast one.
	maxTime = time.Minute
)

// Page renders the formulas of one text. Definitions that stand in a formula of
// their own hold for the formulas behind it, as in a browser, and for no other
// page. The zero value is ready; a Page is for one goroutine.
type Page struct {
	done        map[key]rendered
	definitions string
	spent       int
	tried       int
}

type key struct {
	tex     string
	display bool
}

type rendered struct {
	mathML string
	err    error
}

// Render returns the formula as a <math> element with the TeX as its alttext: in
// a line, or displayed on lines of its own. It returns "" for a formula that
// only defines macros. The error says why there is no MathML; the TeX should
// then be shown as it is.
func (p *Page) Render(tex string, display bool) (string, error) {
	tex = strings.TrimSpace(tex)
	k := key{tex, display}
	if r, known := p.done[k]; known {
		return r.mathML, r.err
	}
	r := p.render(tex, display)
	if p.done == nil {
		p.done = map[key]rendered{}
	}
	p.done[k] = r
	return r.mathML, r.err
}

func (p *Page) render(tex string, display bool) (r rendered) {
	p.tried++
	switch p.spent += len(tex); {
	case Build != "":
		return rendered{err: ErrOff}
	case len(tex) > maxTeX:
		return rendered{err: fmt.Errorf("has %d bytes, more than %d", len(tex), maxTeX)}
	case p.spent > maxPageTeX || p.tried > maxPage:
		return rendered{err: errors.New("stands behind too many others")}
	}
	out, err := convert(p.definitions+tex, display)
	if err != nil && !display && strings.Contains(tex, `\begin{`) {
		// {align} and its like are displayed wherever they stand.
		out, err = convert(p.definitions+tex, true)
	}
	if err == nil && display && strings.Contains(out, "<mo></mo>") {
		// A line break, which Core has not: the lines become the rows of a table.
		if rows, failed := convert(p.definitions+`\begin{gathered}`+tex+`\end{gathered}`, true); failed == nil {
			out = rows
		}
	}
	if err != nil {
		return rendered{err: err}
	}
	node, err := parse(out)
	if err != nil {
		return rendered{err: err}
	}
	if textOf(node) == "" && defines(tex) {
		if len(p.definitions)+len(tex) < maxTeX {
			p.definitions += tex + " "
			clear(p.done)
		}
		return rendered{}
	}
	t := tidier{own: true}
	t.math(node, tex, display)
	if t.err != nil {
		return rendered{err: t.err}
	}
	return rendered{mathML: string(t.buf)}
}

// defines says whether TeX defines macros.
func defines(tex string) bool {
	for _, command := range []string{`\def`, `\newcommand`, `\renewcommand`, `\providecommand`, `\let`, `\gdef`, `\edef`, `\xdef`, `\DeclareMathOperator`, `\global`} {
		if strings.Contains(tex, command) {
			return true
		}
	}
	return false
}
