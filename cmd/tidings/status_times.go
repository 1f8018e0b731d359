package main

import "time"

// times says when something was or will be.
type times struct {
	now  time.Time
	zone *time.Location
	// runs: a process schedules and sends.
	runs bool
}

// at is a date.
func (t times) at(when time.Time) string { return when.In(t.zone).Format("2006-01-02 15:04 MST") }

// near is how far away something is that a person waits for by the second.
const near = 10 * time.Minute

// ahead is when something comes.
func (t times) ahead(when time.Time) string {
	switch left := when.Sub(t.now); {
	case left <= 0:
		return "now"
	case left < near:
		return "in " + max(time.Second, left.Round(time.Second)).String()
	}
	return t.at(when)
}

// again is when a server is tried that takes no letters.
func (t times) again(when time.Time) string {
	if !t.runs {
		return "the next run tries again"
	}
	return "next try " + t.ahead(when)
}
