package frontmatter

import (
	"errors"
	"fmt"
	"strings"
	"time"
)

// rest reads what follows the date: a time, half of the day, a zone, the year
// again, in the orders that are in use.
func (p *clock) rest() error {
	if p.peek() == 'T' || p.peek() == 't' || p.peek() == '_' {
		if isDigit(p.at(1)) {
			p.i++
			if err := p.timeOfDay(); err != nil {
				return err
			}
		}
	}
	for {
		p.skipAny(" ,")
		if p.i == len(p.s) {
			break
		}
		if err := p.part(); err != nil {
			return err
		}
	}
	if p.year < 0 {
		return errForm
	}
	if p.halfDay && !p.timed {
		return errForm
	}
	return nil
}

// part reads one word, number or offset behind the date.
func (p *clock) part() error {
	switch c := p.peek(); {
	case isDigit(c):
		return p.numberPart()
	case c == '+' || c == '-':
		return p.offset(c)
	case c == '(':
		return p.comment()
	case c == '[':
		end := strings.IndexByte(p.s[p.i:], ']')
		if end < 0 {
			return errForm
		}
		name := p.s[p.i+1 : p.i+end]
		p.i += end + 1
		if p.zoned {
			return nil // RFC 9557: the offset before it rules
		}
		return p.zoneName(name)
	case isLetter(c):
		return p.word()
	}
	return errForm
}

// numberPart reads a time, also 0915, or a year: behind the time (ANSI C), or
// once more before the offset, as Ruby reads over it.
func (p *clock) numberPart() error {
	start := p.i
	n, digits := p.number()
	if digits == 4 && p.peek() != ':' {
		if p.year < 0 || p.year == n && p.timed {
			p.year = n
			return nil
		}
		if p.timed {
			return errForm
		}
	}
	p.i = start
	return p.timeOfDay()
}

// comment reads over "(China Standard Time)" at the end, as RFC 2822 allows.
func (p *clock) comment() error {
	if !strings.HasSuffix(p.s, ")") || strings.IndexByte(p.s[p.i:], ')') != len(p.s)-p.i-1 {
		return errForm
	}
	if !p.zoned && !p.timed {
		return errForm
	}
	p.i = len(p.s)
	return nil
}

// timeOfDay reads 15:04, 15:04:05, fractions, 3 PM, 150405 and 15时04分05秒.
func (p *clock) timeOfDay() error {
	if p.timed {
		return errForm
	}
	hour, digits := p.number()
	minute, second := 0, 0
	switch {
	case digits == 4 && p.peek() != ':':
		hour, minute = hour/100, hour%100
	case digits == 6:
		hour, minute, second = hour/10000, hour/100%100, hour%100
	case digits == 0 || digits > 2:
		return errForm
	case p.skip("时") || p.skip("時") || p.skip("点"):
		return p.cjkTime(hour)
	case p.peek() != ':':
		return p.bareHour(hour)
	default:
		p.i++
		if minute, digits = p.number(); digits == 0 || digits > 2 {
			return errForm
		}
		if p.peek() == ':' {
			p.i++
			if second, digits = p.number(); digits == 0 || digits > 2 {
				return errForm
			}
		}
	}
	if (p.peek() == '.' || p.peek() == ',') && isDigit(p.at(1)) {
		p.fraction()
	}
	return p.setTime(hour, minute, second)
}

// bareHour accepts an hour without minutes before AM or PM only.
func (p *clock) bareHour(hour int) error {
	ahead := strings.ToLower(strings.TrimLeft(p.s[p.i:], " "))
	if !strings.HasPrefix(ahead, "am") && !strings.HasPrefix(ahead, "pm") {
		return errForm
	}
	return p.setTime(hour, 0, 0)
}

func (p *clock) cjkTime(hour int) error {
	minute, digits := p.number()
	if digits > 0 && !p.skip("分") {
		return errForm
	}
	second, digits := p.number()
	if digits > 0 && !p.skip("秒") {
		return errForm
	}
	return p.setTime(hour, minute, second)
}

// fraction reads digits behind the seconds; more than nine are cut.
func (p *clock) fraction() {
	p.i++
	scale := 100_000_000
	for ; isDigit(p.peek()); p.i++ {
		p.nano += int(p.peek()-'0') * scale
		scale /= 10
	}
}

// setTime checks the fields. 24:00 is the end of the day (ISO 8601), second 60
// a leap second.
func (p *clock) setTime(hour, minute, second int) error {
	midnight := hour == 24 && minute == 0 && second == 0 && p.nano == 0
	if hour > 23 && !midnight || minute > 59 || second > 60 {
		return fmt.Errorf("has a time that does not exist (%02d:%02d:%02d)", hour, minute, second)
	}
	if p.halfDay {
		return errForm
	}
	p.hour, p.minute, p.second, p.timed = hour, minute, second, true
	return nil
}

// offset reads +08:00, +0800, +08, -4 and +530.
func (p *clock) offset(sign byte) error {
	if !p.timed && p.s[p.i-1] != ' ' {
		return errForm
	}
	p.i++
	hours, digits := p.number()
	minutes := 0
	switch {
	case digits == 0 || digits > 4:
		return errForm
	case digits > 2:
		hours, minutes = hours/100, hours%100
	case p.peek() == ':':
		p.i++
		if minutes, digits = p.number(); digits != 2 {
			return errForm
		}
	}
	if minutes > 59 || hours > 14 || hours == 14 && minutes > 0 {
		return errors.New("has an offset that no zone has")
	}
	seconds := hours*3600 + minutes*60
	if sign == '-' {
		seconds = -seconds
	}
	if p.zoned && seconds != p.seconds {
		return errors.New("has two zones")
	}
	p.setOffset(seconds) // Go prints an offset without a name twice
	return nil
}

func (p *clock) setOffset(seconds int) {
	p.zoned, p.zone, p.seconds = true, time.UTC, seconds
	if seconds != 0 {
		p.zone = time.FixedZone("", seconds)
	}
}

// word reads AM and PM, weekdays, "at", and the names of zones.
func (p *clock) word() error {
	start := p.i
	for p.i < len(p.s) && (isLetter(p.peek()) || strings.IndexByte("/_.", p.peek()) >= 0 || p.inZone(start)) {
		p.i++
	}
	word := p.s[start:p.i]
	switch strings.ToUpper(word) {
	case "AM", "A.M.":
		return p.half(0)
	case "PM", "P.M.":
		return p.half(12)
	case "AT":
		if !p.timed {
			return nil
		}
	case "T":
		if !p.timed && isDigit(p.peek()) {
			return nil
		}
	}
	if p.zoned {
		return p.zoneAgain(word)
	}
	return p.zoneName(word)
}

// inZone tells whether a digit or sign belongs to an IANA name (Etc/GMT+8).
func (p *clock) inZone(start int) bool {
	c := p.peek()
	return (isDigit(c) || c == '+' || c == '-') && strings.IndexByte(p.s[start:p.i], '/') >= 0
}

func (p *clock) half(add int) error {
	if !p.timed || p.halfDay || p.hour > 12 && add == 0 {
		// 下午 stands before its time.
		return p.halfAhead(add)
	}
	p.halfDay = true
	if p.hour <= 12 {
		p.hour = p.hour%12 + add
	}
	return nil
}

// halfAhead reads the time that follows 上午 or 下午.
func (p *clock) halfAhead(add int) error {
	p.spaces()
	if p.timed || !isDigit(p.peek()) {
		return errForm
	}
	if err := p.timeOfDay(); err != nil {
		return err
	}
	if p.hour > 12 && add == 0 {
		return errForm
	}
	return p.half(add)
}

// zoneName applies a name. UTC and GMT may be followed by an offset.
func (p *clock) zoneName(name string) error {
	upper := strings.ToUpper(name)
	if hours, known := abbreviations[upper]; known {
		if c := p.peek(); hours == 0 && (c == '+' || c == '-') {
			return p.offset(c)
		}
		p.setOffset(int(hours * 3600))
		return nil
	}
	if places, shared := sharedNames[upper]; shared {
		return fmt.Errorf("has the zone %s, which is ambiguous (%s)", upper, places)
	}
	if strings.IndexByte(name, '/') > 0 {
		if loc, err := time.LoadLocation(name); err == nil {
			p.zoned, p.zone, p.seconds = true, loc, -1
			return nil
		}
	}
	if p.timed && len(name) > 1 {
		return fmt.Errorf("has the zone %q, which is not known", name)
	}
	return errForm
}

// zoneAgain accepts the name of the zone behind its offset, as Go prints it; the
// offset rules.
func (p *clock) zoneAgain(name string) error {
	upper := strings.ToUpper(name)
	_, known := abbreviations[upper]
	if _, shared := sharedNames[upper]; known || shared {
		return nil
	}
	return errForm
}

// abbreviations are the zone names that mean one offset, in hours: RFC 822
// section 5.1 without CST, and those that nobody else uses.
var abbreviations = map[string]float64{
	"Z": 0, "UTC": 0, "GMT": 0, "UT": 0, "WET": 0,
	"EST": -5, "EDT": -4, "CDT": -5, "MST": -7, "MDT": -6, "PST": -8, "PDT": -7,
	"AKST": -9, "AKDT": -8, "HST": -10,
	"WEST": 1, "CET": 1, "CEST": 2, "EET": 2, "EEST": 3, "MSK": 3, "NPT": 5.75,
	"HKT": 8, "SGT": 8, "AWST": 8, "JST": 9, "KST": 9,
	"ACST": 9.5, "ACDT": 10.5, "AEST": 10, "AEDT": 11, "NZST": 12, "NZDT": 13,
}

// sharedNames are the zone names that mean several offsets.
var sharedNames = map[string]string{
	"CST": "China or North America",
	"IST": "India, Ireland or Israel",
	"BST": "Britain or Bangladesh",
	"AST": "the Atlantic or Arabia",
	"ECT": "Ecuador or the Caribbean",
	"AMT": "the Amazon or Armenia",
	"GST": "the Gulf or South Georgia",
	"PT":  "standard or summer time", "MT": "standard or summer time",
	"CT": "standard or summer time", "ET": "standard or summer time",
}
