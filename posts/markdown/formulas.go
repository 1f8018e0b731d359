package markdown

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"

	"tidings.example/posts/formula"
)

// formulas writes the formulas of one body: each is rendered once, however
// often it stands there.
type formulas struct {
	page   formula.Page
	source []byte // of the body, for the lines of warnings
	result *Result
	first  string // the first displayed formula as text, for a letter without code
}

// append appends a formula with the delimiters that its author wrote, as
// MathML or, where that cannot be, as it stands. Nothing is appended for one
// that only defines macros.
func (f *formulas) append(dst []byte, tex string, display bool) []byte {
	bare := withoutDelimiters(tex)
	mathML, err := f.page.Render(bare, display)
	if display && f.first == "" && (err != nil || mathML != "") {
		f.first = bare
		if text, ok := formula.Unicode(bare); ok {
			f.first = text
		}
	}
	if err == nil {
		return append(dst, mathML...)
	}
	if !errors.Is(err, formula.ErrOff) {
		text := fmt.Sprintf("the formula %s stays TeX: it %v", quote(bare), verb(err))
		if !f.result.told(text) { // its line is searched for once
			f.result.warn(f.line(bare), text)
		}
	}
	return appendText(dst, []byte(tex))
}

// verb makes what Temml says part of a sentence.
func verb(err error) string {
	text := err.Error()
	for _, own := range []string{"is ", "has ", "holds ", "shows ", "stands ", "takes ", "grows ", "cannot "} {
		if strings.HasPrefix(text, own) {
			return text
		}
	}
	return "cannot be read: " + text
}

// quote shortens TeX to what a line of a log can hold.
func quote(tex string) string {
	short := []rune(strings.Join(strings.Fields(tex), " "))
	if len(short) > 40 {
		short = append(short[:39], '…')
	}
	return string(short)
}

// line finds the formula in the body: the grammar keeps no lines.
func (f *formulas) line(tex string) int {
	first, _, _ := strings.Cut(strings.TrimSpace(tex), "\n")
	at := bytes.Index(f.source, []byte(first))
	if first == "" || at < 0 {
		return 1
	}
	return 1 + bytes.Count(f.source[:at], []byte("\n"))
}

// withoutDelimiters takes off the signs around a formula.
func withoutDelimiters(tex string) string {
	tex = strings.TrimSpace(tex)
	if strings.HasPrefix(tex, `\\begin{`) {
		return strings.ReplaceAll(tex, `\\`, `\`)
	}
	for _, d := range [...][2]string{{"$$", "$$"}, {`\\[`, `\\]`}, {`\\(`, `\\)`}, {`\[`, `\]`}, {`\(`, `\)`}, {"$", "$"}} {
		if len(tex) < len(d[0])+len(d[1]) || !strings.HasPrefix(tex, d[0]) {
			continue
		}
		if end := strings.LastIndex(tex, d[1]); end >= len(d[0]) && onlyStop([]byte(tex[end+len(d[1]):])) {
			return strings.TrimSpace(tex[len(d[0]):end] + tex[end+len(d[1]):])
		}
	}
	return tex
}

// warn notes a warning, once however many lines it is about.
func (r *Result) warn(line int, text string) {
	if !r.told(text) {
		r.Warnings = append(r.Warnings, Warning{Line: line, Text: text})
	}
}

// told says whether a warning was noted, or so many that no more are.
func (r *Result) told(text string) bool {
	const most = 100
	return len(r.Warnings) == most || slices.ContainsFunc(r.Warnings, func(w Warning) bool { return w.Text == text })
}
