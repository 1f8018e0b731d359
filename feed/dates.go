package feed

import (
	"regexp"
	"time"
)

// instant moves t into the zone and cuts it to seconds. A zone whose offset is
// no whole minute, as before standard time, cannot be written: UTC then.
func instant(t time.Time, zone *time.Location) time.Time {
	if t.IsZero() {
		return time.Time{}
	}
	t = t.Truncate(time.Second)
	if zone == nil {
		zone = time.UTC
	}
	t = t.In(zone)
	if _, offset := t.Zone(); offset%60 != 0 {
		t = t.UTC()
	}
	if y := t.Year(); y < 1 || y > 9999 {
		return time.Time{} // RFC 3339 and RFC 2822 have four digits for a year
	}
	return t
}

// rfc3339 writes a fraction only where there is one, three digits at a time.
func rfc3339(t time.Time) string {
	layout := time.RFC3339
	switch n := time.Duration(t.Nanosecond()); {
	case n%time.Microsecond != 0:
		layout = "2006-01-02T15:04:05.000000000Z07:00"
	case n%time.Millisecond != 0:
		layout = "2006-01-02T15:04:05.000000Z07:00"
	case n != 0:
		layout = "2006-01-02T15:04:05.000Z07:00"
	}
	return t.Format(layout)
}

func rfc2822(t time.Time) string { return t.Format(time.RFC1123Z) }

var minted = regexp.MustCompile(`^tag:[^,]+,(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?:`)

// mintedOn returns the day on which a tag: URI was minted: the one date that
// even an empty feed has. It is the start of 1970 for any other id.
func mintedOn(id string) time.Time {
	if m := minted.FindStringSubmatch(id); m != nil {
		day := m[1]
		for _, part := range m[2:] {
			if part == "" {
				part = "01"
			}
			day += "-" + part
		}
		if t, err := time.Parse(time.DateOnly, day); err == nil {
			return t
		}
	}
	return time.Unix(0, 0).UTC()
}
