package schedule

import (
	"fmt"
	"time"
	_ "time/tzdata" // zones must not depend on the machine
)

// Zone returns the zone of an IANA name. The zone of the machine is no zone: it
// differs from one machine to the next.
func Zone(name string) (*time.Location, error) {
	if name == "" || name == "Local" {
		return nil, fmt.Errorf("time zone %q: want an IANA name like Europe/Berlin", name)
	}
	zone, err := time.LoadLocation(name)
	if err != nil {
		return nil, fmt.Errorf("time zone %q is not known: want an IANA name like Europe/Berlin", name)
	}
	return zone, nil
}

// reach is more than any zone was ever away from UTC.
const reach = 30 * time.Hour

// civil returns what the clocks of a zone show at an instant, written as UTC.
func civil(zone *time.Location, at time.Time) time.Time {
	local := at.In(zone)
	_, offset := local.Zone()
	return local.UTC().Add(time.Duration(offset) * time.Second)
}

// instant returns the first instant at which the clocks of the zone show wall
// or later: in a gap its end, in a doubled hour the first of the two.
func instant(zone *time.Location, wall time.Time) time.Time {
	at := wall.Add(-reach).In(zone)
	for {
		_, offset := at.Zone()
		start, end := at.ZoneBounds()
		found := wall.Add(-time.Duration(offset) * time.Second)
		if !start.IsZero() && found.Before(start) {
			found = start
		}
		if end.IsZero() || found.Before(end) {
			return found.UTC()
		}
		at = end
	}
}

// latest returns the latest time that the clocks of the zone have shown up to
// the instant: more than they show now if they were just set back.
func latest(zone *time.Location, at time.Time) time.Time {
	wall := civil(zone, at)
	start, _ := at.In(zone).ZoneBounds()
	if !start.IsZero() && at.Sub(start) < reach {
		if before := civil(zone, start.Add(-time.Second)); before.After(wall) {
			return before
		}
	}
	return wall
}
