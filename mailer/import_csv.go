package mailer

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"
)

// maxRecord bounds one record of a list: a quote that is never closed must not
// draw the whole file into memory.
const maxRecord = 1 << 20

// errNotUTF8 is the answer to a list in another encoding: guessing would store
// names that nobody wrote.
var errNotUTF8 = errors.New("the text is not UTF-8 (a list from Excel in China is often GBK): save it as \"CSV UTF-8\", or convert it with iconv -f GB18030 -t UTF-8")

// recordReader reads delimited records as RFC 4180 writes them, with any line
// ends, and knows the line of each.
type recordReader struct {
	r     *bufio.Reader
	comma rune
	line  int // of the next character
}

// newRecordReader takes UTF-8, with or without a byte order mark, and UTF-16
// with one.
func newRecordReader(r io.Reader) *recordReader {
	decoded := transform.NewReader(r, unicode.BOMOverride(transform.Nop))
	return &recordReader{r: bufio.NewReaderSize(decoded, 64<<10), line: 1}
}

// recordError is a fault of one record; the next one can be read.
type recordError struct {
	line int
	text string
}

func (e *recordError) Error() string { return fmt.Sprintf("line %d: %s", e.line, e.text) }

// next returns one character with line ends folded to \n.
func (p *recordReader) next() (rune, error) {
	c, size, err := p.r.ReadRune()
	if err != nil {
		return 0, err
	}
	if c == utf8.RuneError && size == 1 {
		return 0, fmt.Errorf("line %d: %w", p.line, errNotUTF8)
	}
	if c == '\r' {
		if after, _, err := p.r.ReadRune(); err == nil && after != '\n' {
			if err := p.r.UnreadRune(); err != nil {
				return 0, err
			}
		}
		c = '\n'
	}
	if c == '\n' {
		p.line++
	}
	return c, nil
}

// read returns the next record and the line it begins on. Empty lines are
// passed over. The error is io.EOF at the end, a *recordError for one broken
// record, or what makes the rest unreadable.
func (p *recordReader) read() (fields []string, line int, err error) {
	for {
		line = p.line
		fields, err = p.record()
		if err != nil || len(fields) > 1 || strings.TrimSpace(fields[0]) != "" {
			return fields, line, err
		}
	}
}

func (p *recordReader) record() (fields []string, err error) {
	var field strings.Builder
	start, size, quoted, closed := p.line, 0, false, false
	end := func() {
		fields = append(fields, field.String())
		field.Reset()
		closed = false
	}
	for {
		c, err := p.next()
		if errors.Is(err, io.EOF) {
			if quoted {
				return nil, fmt.Errorf("line %d: a quote is opened and never closed", start)
			}
			if size == 0 {
				return nil, io.EOF
			}
			end()
			return fields, nil
		}
		if err != nil {
			return nil, err
		}
		if size++; size > maxRecord {
			return nil, fmt.Errorf("line %d: the record is longer than %d characters: a quote may be missing", start, maxRecord)
		}
		switch {
		case quoted && c == '"':
			quoted, closed = false, true
		case quoted:
			field.WriteRune(c)
		case c == '"' && closed: // a doubled quote
			field.WriteRune('"')
			quoted, closed = true, false
		case c == '"' && field.Len() == 0:
			quoted = true
		case c == p.comma:
			end()
		case c == '\n':
			end()
			return fields, nil
		case closed:
			return nil, p.skip(start, "there is text behind a closing quote")
		default:
			field.WriteRune(c)
		}
	}
}

// skip passes over the rest of a broken record's line.
func (p *recordReader) skip(line int, text string) error {
	for {
		c, err := p.next()
		if c == '\n' || errors.Is(err, io.EOF) {
			return &recordError{line, text}
		}
		if err != nil {
			return err
		}
	}
}

// text returns the next line without its end.
func (p *recordReader) text() (string, error) {
	var line strings.Builder
	start := p.line
	for {
		c, err := p.next()
		switch {
		case errors.Is(err, io.EOF) && line.Len() > 0, err == nil && c == '\n':
			return line.String(), nil
		case err != nil:
			return "", err
		case line.Len() > maxRecord:
			return "", fmt.Errorf("line %d: longer than %d characters", start, maxRecord)
		}
		line.WriteRune(c)
	}
}

// start looks ahead to the first line that says something, and passes over what
// stands before it. Columns are nil where that line is addresses already.
func (p *recordReader) start() (*columns, error) {
	ahead, err := p.r.Peek(p.r.Size())
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("read the list: %w", err)
	}
	ahead = ahead[:wholeRunes(ahead)]
	if !utf8.Valid(ahead) {
		return nil, fmt.Errorf("line 1: %w", errNotUTF8)
	}
	folded := strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(string(ahead))
	before := 0
	for line := range strings.Lines(folded) {
		columns, err := p.header(strings.TrimSuffix(line, "\n"))
		if err == nil || strings.TrimSpace(line) != "" && !strings.HasPrefix(line, "#") {
			for range before {
				if _, err := p.text(); err != nil {
					return nil, err
				}
			}
			if err != nil {
				err = fmt.Errorf("line %d: %w", p.line, err)
			}
			return columns, err
		}
		before++
	}
	return nil, nil
}

// wholeRunes is the length of b without a character that is cut off at its end.
func wholeRunes(b []byte) int {
	for i := len(b) - 1; i >= 0 && i > len(b)-utf8.UTFMax; i-- {
		if utf8.RuneStart(b[i]) {
			if !utf8.FullRune(b[i:]) {
				return i
			}
			break
		}
	}
	return len(b)
}

// header reads a line as a header, with the delimiter that it has most of.
func (p *recordReader) header(line string) (*columns, error) {
	p.comma = ','
	best, quoted, count := 0, false, map[rune]int{}
	for _, c := range line {
		if c == '"' {
			quoted = !quoted
		}
		if !quoted {
			count[c]++
		}
	}
	for _, c := range []rune{',', ';', '\t'} {
		if count[c] > best {
			p.comma, best = c, count[c]
		}
	}
	one := recordReader{r: bufio.NewReader(strings.NewReader(line)), comma: p.comma, line: 1}
	fields, _, err := one.read()
	if err != nil {
		fields = []string{line}
	}
	return findColumns(fields)
}
