package formula

import (
	"strings"

	"golang.org/x/net/html"
)

// table writes rows and cells. Temml sets two empty columns beside an equation,
// and one for numbers that a script would put there: they go.
func (t *tidier) table(n *html.Node) {
	at := len(t.buf)
	t.open(n)
	inside := len(t.buf)
	for _, row := range elements(n) {
		if row.Data != "mtr" && row.Data != "mlabeledtr" {
			continue
		}
		t.open(&html.Node{Data: "mtr", Attr: row.Attr})
		for i, cell := range elements(row) {
			if cell.Data != "mtd" || row.Data == "mlabeledtr" && i == 0 || isMargin(cell) {
				continue
			}
			t.cell(n, row, cell, i)
		}
		t.str("</mtr>")
	}
	if len(t.buf) == inside {
		t.buf = t.buf[:at]
		return
	}
	t.str("</mtable>")
}

func (t *tidier) cell(table, row, cell *html.Node, column int) {
	if t.depth += 2; t.depth > maxDepth {
		t.err = errDeep
	}
	defer func() { t.depth -= 2 }()
	side := alignment(table, row, cell, column)
	if side != "" {
		side = "text-align:" + side
	}
	t.styled(cell, side)
	t.children(cell)
	t.str("</mtd>")
}

// isMargin tells a cell that only takes half of the width.
func isMargin(cell *html.Node) bool {
	return strings.Contains(attribute(cell, "style"), "width:50%") && strings.TrimSpace(textOf(cell)) == ""
}

// alignment returns where the content of a cell stands, "" in the middle. Core
// leaves that to CSS; MathML 3 had attributes, Temml has classes.
func alignment(table, row, cell *html.Node, column int) string {
	style := strings.ReplaceAll(attribute(cell, "style"), " ", "")
	for _, side := range []string{"left", "right"} {
		if strings.Contains(style, "text-align:"+side) {
			return side
		}
		for _, class := range strings.Fields(attribute(cell, "class")) {
			if class == "tml-"+side {
				return side
			}
		}
	}
	for _, n := range []*html.Node{cell, row, table} {
		if sides := strings.Fields(attribute(n, "columnalign")); len(sides) > 0 {
			side := sides[min(column, len(sides)-1)]
			if n == cell {
				side = sides[0]
			}
			if side == "left" || side == "right" {
				return side
			}
			return ""
		}
	}
	return ""
}
