package locale

import (
	"fmt"
	"time"
)

// Date writes the civil day of t in t's own zone: "23 November 2026",
// "2026年11月23日".
func (l Locale) Date(t time.Time) string {
	if l.tag == Chinese {
		return fmt.Sprintf("%d年%d月%d日", t.Year(), int(t.Month()), t.Day())
	}
	return t.Format("2 January 2006")
}

// DateRange writes the days from a to b in the shortest form that is not
// ambiguous: "16–23 November 2026", "2026年11月16日至23日". One day is
// written as [Locale.Date] does. Both are read in b's zone.
func (l Locale) DateRange(a, b time.Time) string {
	a = a.In(b.Location())
	sameYear := a.Year() == b.Year()
	sameMonth := sameYear && a.Month() == b.Month()
	if sameMonth && a.Day() == b.Day() {
		return l.Date(b)
	}
	if l.tag == Chinese {
		switch {
		case sameMonth:
			return fmt.Sprintf("%s至%d日", l.Date(a), b.Day())
		case sameYear:
			return fmt.Sprintf("%s至%d月%d日", l.Date(a), int(b.Month()), b.Day())
		}
		return l.Date(a) + "至" + l.Date(b)
	}
	switch {
	case sameMonth:
		return fmt.Sprintf("%d–%s", a.Day(), l.Date(b))
	case sameYear:
		return a.Format("2 January") + " – " + l.Date(b)
	}
	return l.Date(a) + " – " + l.Date(b)
}
