package markdown

import "bytes"

// maxMissingCells bounds the cells that the rows of one table lack. GFM fills
// short rows up, so that a wide head over many short rows would grow a thousandfold.
const maxMissingCells = 20_000

// boundTables makes text of tables that would grow so: the row of dashes below
// their head loses its meaning.
func boundTables(body []byte) []byte {
	var out []byte // body up to kept, once something changed
	kept := 0
	for at := 0; at < len(body); {
		end := blockEnd(body, at)
		if growsTooMuch(body[at:end]) {
			out = append(out, body[kept:at]...)
			for line := range bytes.Lines(body[at:end]) {
				if dashes := dashColumns(line); dashes > 0 {
					line = bytes.Replace(line, []byte("-"), []byte(`\-`), 1)
				}
				out = append(out, line...)
			}
			kept = end
		}
		at = end
	}
	if kept == 0 {
		return body
	}
	return append(out, body[kept:]...)
}

// blockEnd returns where the lines that begin at at end: behind a blank line.
func blockEnd(body []byte, at int) int {
	for at < len(body) {
		line := body[at:]
		if i := bytes.IndexByte(line, '\n'); i >= 0 {
			line = line[:i+1]
		}
		at += len(line)
		if len(bytes.TrimSpace(line)) == 0 {
			break
		}
	}
	return at
}

func growsTooMuch(block []byte) bool {
	columns := 0
	for line := range bytes.Lines(block) {
		columns = max(columns, dashColumns(line))
	}
	if columns < 8 {
		return false
	}
	missing := 0
	for line := range bytes.Lines(block) {
		missing += max(0, columns-bytes.Count(line, []byte("|"))-1)
	}
	return missing > maxMissingCells
}

// dashColumns counts the columns of a row of dashes; 0 for other lines.
func dashColumns(line []byte) int {
	columns := 0
	for _, c := range line {
		switch c {
		case '|':
			columns++
		case '-', ':', ' ', '\t', '>', '\r', '\n':
		default:
			return 0
		}
	}
	if columns > 0 && bytes.IndexByte(line, '-') >= 0 {
		return columns + 1
	}
	return 0
}
