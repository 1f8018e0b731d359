package schedule

import (
	"fmt"
	"time"
)

// Clock is when and where a reader wants a letter of a daily, weekly or monthly
// cadence. A cron line brings its own hours: only the zone counts.
type Clock struct {
	Zone         *time.Location
	Hour, Minute int
}

// Slot is one due time: the label is the same in every zone, the instant is not.
type Slot struct {
	// Label is a civil day (2026-11-23), week (2026-W48, ISO 8601), month
	// (2026-11) or minute (2026-11-23T08:00). Labels of a plan sort by time.
	Label string
	At    time.Time
}

// Plan is the slots of one cadence.
type Plan struct {
	kind    kind
	line    Line
	weekday time.Weekday
	day     int
}

type kind int

const (
	daily kind = iota
	weekly
	monthly
	lined
)

// NewPlan returns the plan of a cadence: daily, weekly (on a weekday), monthly
// (on a day from 1 to 28) or a cron line.
func NewPlan(cadence string, weekday time.Weekday, day int) (Plan, error) {
	switch cadence {
	case "daily":
		return Plan{kind: daily}, nil
	case "weekly":
		if weekday < time.Sunday || weekday > time.Saturday {
			return Plan{}, fmt.Errorf("weekday %d: want 0 (Sunday) to 6", weekday)
		}
		return Plan{kind: weekly, weekday: weekday}, nil
	case "monthly":
		if day < 1 || day > 28 {
			return Plan{}, fmt.Errorf("day %d of the month: want 1 to 28, which every month has", day)
		}
		return Plan{kind: monthly, day: day}, nil
	}
	line, err := ParseLine(cadence)
	return Plan{kind: lined, line: line}, err
}

// at returns the cron line that the plan is for readers of a clock.
func (p Plan) at(c Clock) Line {
	if p.kind == lined {
		return p.line
	}
	l := Line{minute: 1 << uint(c.Minute), hour: 1 << uint(c.Hour), dom: star | 1<<32 - 2, month: star | 1<<13 - 2, dow: star | 1<<7 - 1}
	switch p.kind {
	case weekly:
		l.dow = 1 << uint(p.weekday)
	case monthly:
		l.dom = 1 << uint(p.day)
	}
	return l
}

// Last returns the newest slot that is due at now, and false where there never
// was one.
func (p Plan) Last(c Clock, now time.Time) (Slot, bool) {
	l := p.at(c)
	wall, ok := l.upTo(latest(c.Zone, now))
	for ok {
		if at := instant(c.Zone, wall); !at.After(now) {
			return Slot{Label: p.label(wall), At: at}, true
		}
		wall, ok = l.upTo(wall.Add(-time.Minute))
	}
	return Slot{}, false
}

// Next returns the first slot that is due later than now.
func (p Plan) Next(c Clock, now time.Time) (Slot, bool) {
	l := p.at(c)
	wall, ok := l.after(civil(c.Zone, now))
	for ok {
		if at := instant(c.Zone, wall); at.After(now) {
			return Slot{Label: p.label(wall), At: at}, true
		}
		wall, ok = l.after(wall)
	}
	return Slot{}, false
}

// Before returns the label in front of another one of the plan.
func (p Plan) Before(label string) (string, error) {
	wall, err := p.wall(Clock{}, label)
	if err != nil {
		return "", err
	}
	wall, ok := p.at(Clock{}).upTo(wall.Add(-time.Minute))
	if !ok {
		return "", fmt.Errorf("slot %s has none before it", label)
	}
	return p.label(wall), nil
}

// At returns the instant at which a label falls due for readers of a clock.
func (p Plan) At(c Clock, label string) (time.Time, error) {
	wall, err := p.wall(c, label)
	if err != nil {
		return time.Time{}, err
	}
	return instant(c.Zone, wall), nil
}

// The forms of labels.
const (
	dayForm    = "2006-01-02"
	monthForm  = "2006-01"
	minuteForm = "2006-01-02T15:04"
)

func (p Plan) label(wall time.Time) string {
	switch p.kind {
	case daily:
		return wall.Format(dayForm)
	case weekly:
		year, week := wall.ISOWeek()
		return fmt.Sprintf("%04d-W%02d", year, week)
	case monthly:
		return wall.Format(monthForm)
	}
	return wall.Format(minuteForm)
}

// wall returns the civil time of a label.
func (p Plan) wall(c Clock, label string) (time.Time, error) {
	var wall time.Time
	var err error
	switch p.kind {
	case daily:
		wall, err = time.Parse(dayForm, label)
	case weekly:
		wall, err = weekday(label, p.weekday)
	case monthly:
		wall, err = time.Parse(monthForm, label)
		wall = wall.AddDate(0, 0, p.day-1)
	default:
		wall, err = time.Parse(minuteForm, label)
		return wall, labelError(label, err)
	}
	return wall.Add(time.Duration(c.Hour)*time.Hour + time.Duration(c.Minute)*time.Minute), labelError(label, err)
}

func labelError(label string, err error) error {
	if err != nil {
		return fmt.Errorf("slot label %q: %w", label, err)
	}
	return nil
}

// weekday returns the day of an ISO week.
func weekday(label string, day time.Weekday) (time.Time, error) {
	var year, week int
	if n, err := fmt.Sscanf(label, "%4d-W%2d", &year, &week); n != 2 || err != nil || week < 1 || week > 53 {
		return time.Time{}, fmt.Errorf("want a week like 2026-W48")
	}
	// 4 January is always in the first week (ISO 8601).
	fourth := time.Date(year, 1, 4, 0, 0, 0, 0, time.UTC)
	monday := fourth.AddDate(0, 0, -(int(fourth.Weekday())+6)%7)
	return monday.AddDate(0, 0, (week-1)*7+(int(day)+6)%7), nil
}
