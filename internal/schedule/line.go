package schedule

import (
	"fmt"
	"math/bits"
	"strings"
	"time"

	"github.com/robfig/cron/v3"
)

// Line is a cron line of five fields in civil time, without a zone. The zero
// Line never comes true.
type Line struct {
	minute, hour, dom, month, dow uint64
	text                          string
}

// star marks a field that robfig/cron read as * or ?.
const star = 1 << 63

// horizon bounds the search for the next day: 29 February can be eight years
// away.
const horizon = 366 * 9

// ParseLine reads minute, hour, day of month, month and day of week. A line
// that never comes true is refused, and so are the extensions that would bring
// a clock of their own: a zone in front, @every, seconds.
func ParseLine(text string) (Line, error) {
	if err := refuse(text); err != nil {
		return Line{}, err
	}
	parsed, err := cron.NewParser(cron.Minute | cron.Hour | cron.Dom | cron.Month | cron.Dow).Parse(text)
	if err != nil {
		return Line{}, fmt.Errorf("cron line %q: %w", text, err)
	}
	spec, ok := parsed.(*cron.SpecSchedule)
	if !ok {
		return Line{}, fmt.Errorf("cron line %q is not understood", text)
	}
	l := Line{minute: spec.Minute &^ star, hour: spec.Hour &^ star, dom: spec.Dom, month: spec.Month, dow: spec.Dow, text: text}
	if _, ok := l.after(time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)); !ok {
		return Line{}, fmt.Errorf("cron line %q never comes true: no month of it has that day", text)
	}
	return l, nil
}

// refuse says in our words what robfig/cron would accept, panic on, or explain
// badly.
func refuse(text string) error {
	fields := strings.Fields(text)
	switch {
	case len(text) > 200:
		return fmt.Errorf("cron line of %d characters is too long", len(text))
	case strings.Contains(text, "TZ="):
		return fmt.Errorf("cron line %q names a time zone: leave it out, the line is read in the zone of each reader", text)
	case strings.HasPrefix(strings.TrimSpace(text), "@"):
		return fmt.Errorf("cron line %q: write daily, weekly or monthly, or five fields like \"0 8 * * 1\"", text)
	case len(fields) == 6:
		return fmt.Errorf("cron line %q has six fields: leave the seconds out", text)
	case len(fields) != 5:
		return fmt.Errorf("cron line %q has %d fields, not five: minute, hour, day of month, month, day of week, like \"0 8 * * 1\"", text, len(fields))
	}
	for _, r := range text {
		if r != ' ' && r != '\t' && !strings.ContainsRune("*/,-?", r) && (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') {
			return fmt.Errorf("cron line %q has the character %q", text, r)
		}
	}
	for part := range strings.SplitSeq(fields[4], ",") {
		days, _, _ := strings.Cut(part, "/")
		if days == "7" || strings.HasSuffix(days, "-7") {
			return fmt.Errorf("cron line %q: the days of the week go from 0 (Sunday) to 6, there is no 7", text)
		}
	}
	return nil
}

// String returns the line as it was written.
func (l Line) String() string { return l.text }

// day tells whether the line comes true on the civil day of t. As in every
// cron, day of month and day of week are alternatives when both are given.
func (l Line) day(t time.Time) bool {
	if l.month&(1<<uint(t.Month())) == 0 {
		return false
	}
	dom, dow := l.dom&(1<<uint(t.Day())) != 0, l.dow&(1<<uint(t.Weekday())) != 0
	if l.dom&star != 0 || l.dow&star != 0 {
		return dom && dow
	}
	return dom || dow
}

// after returns the first civil minute of the line that is later than t. Civil
// times are written as UTC.
func (l Line) after(t time.Time) (time.Time, bool) {
	t = t.Truncate(time.Minute).Add(time.Minute)
	midnight := t.Truncate(24 * time.Hour)
	for range horizon {
		if l.day(midnight) {
			for h := t.Hour(); h < 24; h++ {
				if l.hour&(1<<uint(h)) == 0 {
					continue
				}
				from := 0
				if h == t.Hour() {
					from = t.Minute()
				}
				if rest := l.minute >> uint(from); rest != 0 {
					return midnight.Add(time.Duration(h)*time.Hour + time.Duration(from+bits.TrailingZeros64(rest))*time.Minute), true
				}
			}
		}
		midnight = midnight.Add(24 * time.Hour)
		t = midnight
	}
	return time.Time{}, false
}

// upTo returns the last civil minute of the line that is not later than t.
func (l Line) upTo(t time.Time) (time.Time, bool) {
	t = t.Truncate(time.Minute)
	midnight := t.Truncate(24 * time.Hour)
	for range horizon {
		if l.day(midnight) {
			for h := t.Hour(); h >= 0; h-- {
				if l.hour&(1<<uint(h)) == 0 {
					continue
				}
				last := 59
				if h == t.Hour() {
					last = t.Minute()
				}
				if rest := l.minute & (1<<uint(last+1) - 1); rest != 0 {
					return midnight.Add(time.Duration(h)*time.Hour + time.Duration(bits.Len64(rest)-1)*time.Minute), true
				}
			}
		}
		t = midnight.Add(-time.Minute)
		midnight = midnight.Add(-24 * time.Hour)
	}
	return time.Time{}, false
}
