package main

import (
	"cmp"
	"encoding/csv"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"tidings.example/mailer"
)

// problemsShown is how many lines of a list are named on standard error; a
// million of them would hide what they have in common.
const problemsShown = 50

// kindsKept bounds the kinds of faults that are counted.
const kindsKept = 20

// problems tells which lines of a list were not taken, or not wholly: the first
// ones, all of them in a file where one is asked for, and how many there are of
// each kind.
type problems struct {
	sh    *shell
	list  string
	shown int
	kinds map[string]int
	more  int // of kinds that are not counted apart
	out   *csv.Writer
	file  io.Closer
}

// newProblems opens the file for all problems, "" for none.
func newProblems(sh *shell, list, file string) (*problems, error) {
	p := &problems{sh: sh, list: list, kinds: map[string]int{}}
	if file == "" {
		return p, nil
	}
	f, err := os.OpenFile(file, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, err
	}
	p.file, p.out = f, csv.NewWriter(f)
	return p, p.out.Write([]string{"line", "email", "problem"})
}

// add notes what is wrong with a row, if anything.
func (p *problems) add(row mailer.ImportRow) error {
	text := row.Problem
	if text == "" && row.Warning != "" {
		text = "warning: " + row.Warning
	}
	if text == "" {
		return nil
	}
	if p.shown++; p.shown <= problemsShown {
		p.sh.note("%s:%d: %s", p.list, row.Line, text)
	}
	kind := kindOf(text)
	if _, counted := p.kinds[kind]; counted || len(p.kinds) < kindsKept {
		p.kinds[kind]++
	} else {
		p.more++
	}
	if p.out == nil {
		return nil
	}
	return p.out.Write([]string{strconv.Itoa(row.Line), row.Address.Mailed, text})
}

// kindOf is a problem without what differs from line to line: everything in
// quotes, and a proposal.
func kindOf(text string) string {
	text, _, _ = strings.Cut(text, ": did you mean")
	var b strings.Builder
	for {
		start := strings.IndexByte(text, '"')
		if start < 0 {
			break
		}
		quoted, err := strconv.QuotedPrefix(text[start:])
		if err != nil {
			break
		}
		b.WriteString(text[:start] + "…")
		text = text[start+len(quoted):]
	}
	b.WriteString(text)
	kind := b.String()
	if len(kind) > 200 {
		end := 200
		for !utf8.RuneStart(kind[end]) {
			end--
		}
		kind = kind[:end] + "…"
	}
	return kind
}

// end says what was not shown, and closes the file.
func (p *problems) end() error {
	if hidden := p.shown - problemsShown; hidden > 0 {
		p.sh.note("%s: %s more like these. In all:", p.list, count(hidden, "line"))
		kinds := slices.SortedFunc(maps.Keys(p.kinds), func(a, b string) int {
			return cmp.Or(p.kinds[b]-p.kinds[a], strings.Compare(a, b))
		})
		for _, k := range kinds {
			p.sh.note("  %s", fmt.Sprintf("%d: %s", p.kinds[k], k))
		}
		if p.more > 0 {
			p.sh.note("  %d: of other kinds", p.more)
		}
		if p.out == nil {
			p.sh.note("  --problems FILE writes every one of them")
		}
	}
	if p.out == nil {
		return nil
	}
	p.out.Flush()
	return cmp.Or(p.out.Error(), p.file.Close())
}
