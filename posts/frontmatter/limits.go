package frontmatter

import (
	"bytes"
	"fmt"
)

// Limits of a header. Real headers are below 4 KB and three levels deep; the
// limits keep a hostile file from costing more than a big body does.
const (
	MaxHeader = 64 << 10 // bytes
	MaxDepth  = 32       // nested lists and maps

	// The YAML parser takes quadratic time in these.
	maxRows     = 4096
	maxBrackets = 4096 // of [ {
	maxMarks    = 1024 // of & * !
	// Brackets may stand in text, so more of them are let pass to the parser,
	// which counts real levels.
	maxOpen = 8 * MaxDepth
)

// checkLimits refuses what would cost a parser too much time or too deep a
// recursion, which cannot be recovered from. line is that of the first row.
func checkLimits(raw []byte, line int) *Problem {
	open, brackets, marks, rows := 0, 0, 0, 0
	for row := range bytes.Lines(raw) {
		for _, b := range row {
			switch b {
			case '[', '{':
				open++
				brackets++
			case ']', '}':
				open = max(open-1, 0)
			case '&', '*', '!':
				marks++
			}
		}
		switch {
		case open > maxOpen || entries(row) > MaxDepth:
			return &Problem{Line: line + rows, Message: tooDeep}
		case marks > maxMarks:
			return &Problem{Line: line + rows, Message: fmt.Sprintf("the header has more than %d of the signs & * !: move the text into the body", maxMarks)}
		case brackets > maxBrackets:
			return &Problem{Line: line + rows, Message: fmt.Sprintf("the header has more than %d brackets: move the data into a file of its own", maxBrackets)}
		case rows >= maxRows:
			return &Problem{Line: line + rows, Message: fmt.Sprintf("the header has more than %d lines: move the text into the body", maxRows)}
		}
		rows++
	}
	return nil
}

var tooDeep = fmt.Sprintf("the header is nested deeper than %d levels: put the value in quotes if it is text", MaxDepth)

// entries counts the lists and keys that a row opens at its head: "- - ? - a".
func entries(row []byte) int {
	n := 0
	for i := 0; i+1 < len(row) && (row[i] == ' ' || row[i] == '-' || row[i] == '?'); i++ {
		if row[i] != ' ' && row[i+1] == ' ' {
			n++
		}
	}
	return n
}

// checkDepth refuses a tree that is nested too deep.
func checkDepth(n *Node, depth int) *Problem {
	if depth > MaxDepth {
		return &Problem{Line: n.Line, Message: tooDeep}
	}
	for i := range n.Items {
		if n.Items[i].Kind != Scalar {
			if problem := checkDepth(&n.Items[i], depth+1); problem != nil {
				return problem
			}
		}
	}
	return nil
}
