package markdown

import "bytes"

// maxNesting bounds quotes and lists inside each other on one line; what is
// deeper is text. Without a bound a line of a million ">" takes minutes.
const maxNesting = 100

// boundNesting puts a backslash before the marker that is one too deep.
func boundNesting(src []byte) []byte {
	var out []byte
	from := 0
	for start := 0; start < len(src); {
		end := bytes.IndexByte(src[start:], '\n')
		if end < 0 {
			end = len(src)
		} else {
			end += start + 1
		}
		if end-start > maxNesting {
			if at := tooDeep(src[start:end]); at > 0 {
				out = append(append(out, src[from:start+at]...), '\\')
				from = start + at
			}
		}
		start = end
	}
	if from == 0 {
		return src
	}
	return append(out, src[from:]...)
}

// tooDeep returns the offset of the first marker beyond the bound, 0 if there is none.
func tooDeep(line []byte) int {
	markers := 0
	for i := 0; i < len(line); i++ {
		c := line[i]
		spaced := i+1 >= len(line) || isSpaceByte(line[i+1])
		switch {
		case c == ' ' || c == '\t' || c >= '0' && c <= '9':
			continue
		case c == '>':
		case (c == '-' || c == '*' || c == '+' || c == ':') && spaced:
		case (c == '.' || c == ')') && spaced && i > 0 && line[i-1] >= '0' && line[i-1] <= '9':
		default:
			return 0
		}
		if markers++; markers > maxNesting {
			return i
		}
	}
	return 0
}
