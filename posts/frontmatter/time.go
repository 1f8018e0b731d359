package frontmatter

import (
	"errors"
	"fmt"
	"strings"
	"time"
)

// ParseTime reads a date as people write it into headers; loc is the zone of
// dates that name none (nil is UTC). dateOnly tells that no time of day was
// given; t is then the first instant of the day.
//
// It understands RFC 3339 and its relaxed relatives (single digits, slashes, no
// seconds, offsets like -4, zone names, AM and PM), 2021年10月01日, English dates
// with the name of the month, RFC 822 and 1123, what JavaScript prints, and Unix
// seconds and milliseconds of 10 and 13 digits. A day that its month does not
// have, a date without a day, and a zone name that several zones share are errors.
//
// A local time that the spring change skips is the first instant after the gap;
// one that the autumn change doubles is the first of the two.
func ParseTime(s string, loc *time.Location) (t time.Time, dateOnly bool, err error) {
	if loc == nil {
		loc = time.UTC
	}
	p := clock{s: normalTime(s), year: -1, zone: loc}
	if t, unix := p.unix(); unix {
		return t.In(loc), false, nil
	}
	if err := p.parse(); err != nil {
		return time.Time{}, false, dateError(s, err)
	}
	t = p.instant()
	return t, !p.timed, nil
}

// errForm is the mistake of everything that has no form of a date.
var errForm = errors.New("is not a date")

func dateError(s string, err error) error {
	shown := []rune(s)
	if len(shown) > 40 {
		s = string(shown[:40]) + "…"
	}
	return fmt.Errorf("date %q %w: write 2006-01-02 15:04:05 -0700", s, err)
}

// normalTime trims and replaces the characters of East Asian keyboards.
func normalTime(s string) string {
	s = strings.TrimSpace(s)
	for i := 0; i < len(s); i++ {
		if s[i] >= 0x80 {
			return wideForms.Replace(s)
		}
	}
	return s
}

var wideForms = strings.NewReplacer("：", ":", "－", "-", "−", "-", "／", "/", "，", ",", "．", ".",
	"０", "0", "１", "1", "２", "2", "３", "3", "４", "4", "５", "5", "６", "6", "７", "7", "８", "8", "９", "9",
	"\u3000", " ", "\u00a0", " ", "\u202f", " ", "上午", " AM ", "下午", " PM ")

// clock is a date being read.
type clock struct {
	s string
	i int

	year, month, day           int // year is -1 until it is read
	hour, minute, second, nano int
	timed, halfDay             bool
	zone                       *time.Location
	zoned                      bool
	seconds                    int // east of UTC, where an offset was read
}

// unix reads plain seconds or milliseconds.
func (p *clock) unix() (time.Time, bool) {
	if n := len(p.s); n != 10 && n != 13 {
		return time.Time{}, false
	}
	v := int64(0)
	for i := 0; i < len(p.s); i++ {
		c := p.s[i]
		if c < '0' || c > '9' {
			return time.Time{}, false
		}
		v = v*10 + int64(c-'0')
	}
	if len(p.s) == 13 {
		return time.UnixMilli(v), true
	}
	return time.Unix(v, 0), true
}

func (p *clock) parse() error {
	if p.s == "" || len(p.s) > 100 {
		return errForm
	}
	if err := p.date(); err != nil {
		return err
	}
	if err := p.rest(); err != nil {
		return err
	}
	if p.month < 1 || p.month > 12 || p.day < 1 || p.day > daysIn(p.year, p.month) {
		return fmt.Errorf("names a day that does not exist (%04d-%02d-%02d)", p.year, p.month, p.day)
	}
	return nil
}

func daysIn(year, month int) int {
	return time.Date(year, time.Month(month)+1, 0, 0, 0, 0, 0, time.UTC).Day()
}

// date reads the date at the head, in figures or in words.
func (p *clock) date() error {
	start := p.i
	n, digits := p.number()
	switch {
	case digits == 0:
		return p.wordDate()
	case digits == 4:
		return p.yearFirst(n)
	case digits == 8:
		p.year, p.month, p.day = n/10000, n/100%100, n%100
		return nil
	case digits == 14:
		p.year, p.month, p.day = n/1e10, n/1e8%100, n/1e6%100
		return p.setTime(n/1e4%100, n/100%100, n%100)
	case digits > 2:
		return errForm
	case p.peek() == '/' || p.peek() == '-' && isDigit(p.at(1)) || p.peek() == '.' && isDigit(p.at(1)):
		return p.yearLast(n)
	}
	p.i = start
	return p.wordDate()
}

// yearFirst reads 2006-1-2, 2006/1/2, 2006.1.2, 2006年1月2日 and 2006 Jan 2.
func (p *clock) yearFirst(year int) error {
	p.year = year
	separator := p.peek()
	switch {
	case p.skip("年"):
		p.spaces()
		var a, b int
		p.month, a = p.number()
		if !p.skip("月") {
			return errForm
		}
		p.spaces()
		p.day, b = p.number()
		if a == 0 || b == 0 || !p.skip("日") && !p.skip("号") {
			return errForm
		}
		return nil
	case separator == '-' || separator == '/' || separator == '.':
		p.i++
		if isLetter(p.peek()) {
			break
		}
		var a, b int
		p.month, a = p.number()
		if p.peek() != separator || a == 0 || a > 2 {
			return errForm
		}
		p.i++
		if p.day, b = p.number(); b == 0 || b > 2 {
			return errForm
		}
		return nil
	case separator != ' ':
		return errForm
	}
	p.skipAny(" ,")
	if !p.monthName() {
		return errForm
	}
	p.skipAny(" ,-")
	return p.dayNumber()
}

// yearLast reads 25/08/2024 and 08/25/2024 where only one reading is possible.
func (p *clock) yearLast(a int) error {
	separator := p.peek()
	p.i++
	b, digits := p.number()
	if digits == 0 || digits > 2 || p.peek() != separator {
		return errForm
	}
	p.i++
	year, digits := p.number()
	switch {
	case digits != 4:
		return errForm
	case a <= 12 && b <= 12 && a != b:
		return errors.New("could be day first or month first")
	case a > 12:
		p.year, p.month, p.day = year, b, a
	default:
		p.year, p.month, p.day = year, a, b
	}
	return nil
}

// wordDate reads the forms with the name of the month: 25 Aug 2024,
// Aug 25th, 2024, Mon, 25 Aug 2024, Mon Aug 25 10:00:00 2024.
func (p *clock) wordDate() error {
	p.weekday()
	if p.monthName() {
		p.skipAny(" .,-")
		if err := p.dayNumber(); err != nil {
			return err
		}
	} else {
		if err := p.dayNumber(); err != nil {
			return err
		}
		p.skipAny(" .,-")
		p.skipWord("of")
		p.spaces()
		if !p.monthName() {
			return errForm
		}
	}
	p.skipAny(" .,-")
	start := p.i
	n, digits := p.number()
	switch {
	case digits == 4:
		p.year = n
	case digits <= 2 && p.peek() == ':':
		// ANSI C and Unix put the year behind the time: rest finds it.
		p.i = start
	case digits == 2:
		// RFC 2822 section 4.3: two digits are 1950 to 2049.
		if p.year = 2000 + n; n >= 50 {
			p.year = 1900 + n
		}
	default:
		return errForm
	}
	return nil
}

func (p *clock) dayNumber() error {
	n, digits := p.number()
	if digits == 0 || digits > 2 {
		return errForm
	}
	p.day = n
	for _, suffix := range []string{"st", "nd", "rd", "th"} {
		if p.skipWord(suffix) {
			break
		}
	}
	return nil
}

// instant is the moment that was read, by the rule for gaps and doubled hours.
func (p *clock) instant() time.Time {
	wall := time.Date(p.year, time.Month(p.month), p.day, p.hour, p.minute, p.second, p.nano, time.UTC)
	return resolveLocal(wall, p.zone)
}

// resolveLocal returns the first instant at which the clocks of loc show the
// wall time, or, where they skip it, the first instant after the gap. time.Date
// promises neither.
func resolveLocal(wall time.Time, loc *time.Location) time.Time {
	if loc == time.UTC {
		return wall
	}
	// Offsets are below 15 hours: 26 hours away no change near the wall time counts.
	const away = 26 * time.Hour
	_, before := wall.Add(-away).In(loc).Zone()
	_, after := wall.Add(away).In(loc).Zone()
	early := wall.Add(-time.Duration(before) * time.Second).In(loc)
	if before == after || sameWall(early, wall) {
		return early
	}
	late := wall.Add(-time.Duration(after) * time.Second).In(loc)
	if sameWall(late, wall) {
		return late
	}
	change, _ := early.ZoneBounds()
	return change
}

func sameWall(a, wall time.Time) bool {
	_, offset := a.Zone()
	return a.Unix()+int64(offset) == wall.Unix()
}
