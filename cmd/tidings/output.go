package main

import (
	"encoding/json"
	"fmt"
	"strings"
	"text/tabwriter"
)

// printJSON prints a value on standard output, as people and jq read it.
func (sh *shell) printJSON(v any) error {
	e := json.NewEncoder(sh.out)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(v)
}

// printf prints on standard output.
func (sh *shell) printf(format string, args ...any) {
	fmt.Fprintf(sh.out, format, args...)
}

// note prints progress and other words for a person on standard error.
func (sh *shell) note(format string, args ...any) {
	fmt.Fprintln(sh.err, plain(fmt.Sprintf(format, args...)))
}

// plain keeps text from other people from steering a terminal; lines stay.
func plain(text string) string {
	return strings.Map(func(r rune) rune {
		if r == '\n' {
			return r
		}
		return printable(r)
	}, text)
}

// count is a number with its noun: 1 post, 2 posts.
func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// table prints rows in columns. Cells hold one line each.
func (sh *shell) table(head []string, rows [][]string) error {
	w := tabwriter.NewWriter(sh.out, 0, 0, 2, ' ', 0)
	for _, row := range append([][]string{head}, rows...) {
		cells := make([]string, len(row))
		for i, c := range row {
			cells[i] = strings.Map(printable, c)
		}
		if _, err := fmt.Fprintln(w, strings.Join(cells, "\t")); err != nil {
			return err
		}
	}
	return w.Flush()
}

// printable keeps text from other people from moving the cursor.
func printable(r rune) rune {
	if r < ' ' || r == 0x7f || (r >= 0x80 && r < 0xa0) {
		return ' '
	}
	return r
}

// jsonList prints a JSON array element by element, so that no list is held in
// memory. Without --json it prints nothing.
type jsonList struct {
	sh    *shell
	count int
}

func (sh *shell) jsonList() *jsonList { return &jsonList{sh: sh} }

func (l *jsonList) add(v any) error {
	text, err := json.Marshal(v)
	if err != nil {
		return err
	}
	lead := ",\n"
	if l.count == 0 {
		lead = "[\n"
	}
	l.count++
	_, err = fmt.Fprintf(l.sh.out, "%s%s", lead, text)
	return err
}

func (l *jsonList) end() error {
	switch {
	case !l.sh.args.JSON:
		return nil
	case l.count == 0:
		_, err := fmt.Fprintln(l.sh.out, "[]")
		return err
	}
	_, err := fmt.Fprintln(l.sh.out, "\n]")
	return err
}
