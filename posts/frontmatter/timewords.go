package frontmatter

import "strings"

func isDigit(c byte) bool  { return c >= '0' && c <= '9' }
func isLetter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' }

// peek returns the byte at the reading position, 0 at the end.
func (p *clock) peek() byte { return p.at(0) }

func (p *clock) at(ahead int) byte {
	if p.i+ahead < len(p.s) {
		return p.s[p.i+ahead]
	}
	return 0
}

// number reads digits; the count tells 01 from 1, and 0 says that there are
// none. Beyond 14 digits the value means nothing, and no caller takes the count.
func (p *clock) number() (value, digits int) {
	for ; isDigit(p.peek()); p.i++ {
		if digits++; digits <= 14 {
			value = value*10 + int(p.peek()-'0')
		}
	}
	return value, digits
}

func (p *clock) skip(s string) bool {
	if strings.HasPrefix(p.s[p.i:], s) {
		p.i += len(s)
		return true
	}
	return false
}

func (p *clock) skipAny(set string) {
	for p.i < len(p.s) && strings.IndexByte(set, p.s[p.i]) >= 0 {
		p.i++
	}
}

func (p *clock) spaces() { p.skipAny(" ") }

// letters returns the word at the reading position in lower case.
func (p *clock) letters() string {
	end := p.i
	for end < len(p.s) && isLetter(p.s[end]) {
		end++
	}
	return strings.ToLower(p.s[p.i:end])
}

func (p *clock) skipWord(word string) bool {
	if p.letters() != word {
		return false
	}
	p.i += len(word)
	return true
}

// shortFor tells whether the word is the name or a beginning of it of at least
// three letters.
func shortFor(word, name string) bool {
	return len(word) >= 3 && strings.HasPrefix(name, word)
}

// weekday reads over a day's name; it is not compared with the date.
func (p *clock) weekday() {
	word := p.letters()
	for _, name := range []string{"monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"} {
		if shortFor(word, name) {
			p.i += len(word)
			p.skipAny(" .,")
			return
		}
	}
}

func (p *clock) monthName() bool {
	word := p.letters()
	for i, name := range []string{"january", "february", "march", "april", "may", "june",
		"july", "august", "september", "october", "november", "december"} {
		if shortFor(word, name) {
			p.month = i + 1
			p.i += len(word)
			return true
		}
	}
	return false
}
