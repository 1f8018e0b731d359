package markdown

import "bytes"

// maxNesting bounds quotes and lists inside each other on one line; what is
// deeper is text. Without a bound a line of a million ">" takes minutes.
const maxNesting = 100

// maxBrackets bounds the opening brackets of a paragraph, and maxDefinitions the
// link definitions without an empty line between them: goldmark's time is
// quadratic in both.
const (
	maxBrackets    = 2000
	maxDefinitions = 2000
)

// boundNesting puts a backslash before the first marker that is one too deep
// and before the brackets that are too many.
func boundNesting(src []byte) []byte {
	b := bounder{src: src}
	for start := 0; start < len(src); {
		end := bytes.IndexByte(src[start:], '\n')
		if end < 0 {
			end = len(src)
		} else {
			end += start + 1
		}
		b.line(start, end)
		start = end
	}
	if b.out == nil {
		return src
	}
	return append(b.out, src[b.from:]...)
}

type bounder struct {
	src, out    []byte
	from        int // what is before is in out
	definitions int // definitions of links in a row
	brackets    int // opening brackets in the paragraph
	fence       []byte
}

// inFence follows code fences: nothing may be put into code.
func (b *bounder) inFence(line []byte) bool {
	trimmed := bytes.TrimLeft(line, " \t>")
	if b.fence != nil {
		if bytes.HasPrefix(trimmed, b.fence) {
			b.fence = nil
		}
		return true
	}
	if bytes.HasPrefix(trimmed, []byte("```")) || bytes.HasPrefix(trimmed, []byte("~~~")) {
		b.fence = trimmed[:3]
		return bytes.IndexByte(trimmed[3:], '`') < 0
	}
	return false
}

func (b *bounder) insert(at int, c byte) {
	b.out = append(append(b.out, b.src[b.from:at]...), c)
	b.from = at
}

func (b *bounder) line(start, end int) {
	line := b.src[start:end]
	if b.inFence(line) {
		return
	}
	if line[0] != '[' || !bytes.Contains(line[:min(len(line), 1024)], []byte("]:")) {
		b.definitions = 0
	} else if b.definitions++; b.definitions > maxDefinitions && start > 0 {
		b.insert(start, '\n')
		b.definitions = 0
	}
	if len(line) > maxNesting {
		if at := tooDeep(line); at > 0 {
			b.insert(start+at, '\\')
		}
	}
	b.links(start, line)
}

// links escapes brackets beyond the bound.
func (b *bounder) links(start int, line []byte) {
	if len(bytes.TrimSpace(line)) == 0 {
		b.brackets = 0
		return
	}
	n := bytes.Count(line, []byte("["))
	if b.brackets+n <= maxBrackets {
		b.brackets += n
		return
	}
	for i, c := range line {
		if c == '[' {
			b.brackets++
		}
		if (c == '[' || c == ']') && b.brackets > maxBrackets && (i == 0 || line[i-1] != '\\') && start+i >= b.from {
			b.insert(start+i, '\\')
		}
	}
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
