package frontmatter

import (
	"bytes"
	"fmt"
	"strings"
)

// The parser takes two kinds of unindented lines in another way than the YAML
// standard and every other parser. Block scalars have no unindented lines, so
// rows at the margin are what they look like.

// fillEntries writes a null into the empty entries of unindented lists. The
// parser would take the next key for a part of the entry.
func fillEntries(raw []byte) []byte {
	if raw == nil || !bytes.HasPrefix(raw, []byte("-")) && !bytes.Contains(raw, []byte("\n-")) {
		return raw
	}
	rows := bytes.SplitAfter(raw, []byte("\n"))
	for i, row := range rows {
		if !emptyEntry(row) {
			continue
		}
		for _, next := range rows[i+1:] {
			if begin := bytes.Trim(next, " \t\n"); len(begin) > 0 && begin[0] != '#' {
				if next[0] != ' ' && next[0] != '\t' {
					rows[i] = []byte("- !!null ''\n")
				}
				break
			}
		}
	}
	return bytes.Join(rows, nil)
}

// emptyEntry tells whether a row is a dash with nothing but a comment.
func emptyEntry(row []byte) bool {
	if len(row) == 0 || row[0] != '-' {
		return false
	}
	rest := bytes.Trim(row[1:], " \t\n")
	return len(rest) == 0 || rest[0] == '#' && row[1] == ' '
}

// strayRow refuses a row at the margin that is neither a key nor an entry, below
// a key without a value. The parser would take it for the value.
func strayRow(raw []byte, line int) *Problem {
	open := "" // the key in the row above
	for row := range bytes.Lines(raw) {
		row = bytes.TrimRight(row, " \t\n")
		switch {
		case len(row) == 0 || row[0] == '#':
		case open != "" && strings.IndexByte(" \t-", row[0]) < 0 && bytes.IndexByte(row, ':') < 0:
			return &Problem{Line: line, Message: fmt.Sprintf(
				"the YAML header cannot be read: the value of %s stands in a line of its own: put it behind the colon, or indent it", open)}
		default:
			// Only plain keys count: a row of a quoted text may end in a colon.
			key, rest, ok := cutKey(string(row))
			if open = ""; ok && rest == "" {
				open = key
			}
		}
		line++
	}
	return nil
}
