package mailer

import (
	"fmt"
	"time"
)

// count adds a letter to the window, and judges a window that is over. Notices
// do not count: anybody can make us write to addresses that do not exist.
func (f *flow) count(now time.Time, a attempt, hard bool, e *effect) *Alarm {
	j := &f.judge
	if a.letter.Notice {
		j.stale = j.stale || hard
		return nil
	}
	if j.outcomes == 0 && j.held == 0 {
		j.began = now
	}
	j.outcomes++
	if hard {
		j.hard++
	}
	if !j.over() {
		return nil
	}
	e.believe = j.began
	held := max(0, j.held-1)
	if j.hard > 0 {
		held = 2
	}
	var alarm *Alarm
	e.window, alarm = f.closeWindow(now, e.result.Reply)
	if alarm == nil {
		j.held, j.began = held, now
	}
	return alarm
}

// hardened counts soft bounces that the outbox found to be hard.
func (f *flow) hardened(n int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.judge.hard += n
	f.judge.outcomes += n
}

// inherit goes on with the window of a run that was ended before its verdict.
func (f *flow) inherit(r Recovered, now time.Time) {
	f.mu.Lock()
	defer f.mu.Unlock()
	j := &f.judge
	j.stale = j.stale || r.Bounces > 0
	j.hard, j.outcomes = j.hard+r.Hard, j.outcomes+r.Hard+r.Accepted
	j.began = now
}

// unjudged keeps a verdict in mind that could not be written down: the bounces
// wait for it.
func (f *flow) unjudged() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.judge.stale = true
}

// rotten tells whether bounces stopped the run.
func (f *flow) rotten() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.stop != nil && f.stop.kind == stopBounces
}

// close judges the open window where something waits for it.
func (f *flow) close(now time.Time) (Verdict, *Alarm) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.stop != nil || f.judge.hard == 0 && !f.judge.stale && f.judge.held == 0 {
		return WindowOpen, nil
	}
	defer f.signal()
	return f.closeWindow(now, "")
}

func (f *flow) closeWindow(now time.Time, last string) (Verdict, *Alarm) {
	j := &f.judge
	rotten, hard, outcomes, judged := j.rotten(), j.hard, j.outcomes, j.hard > 0 || j.stale || j.held > 0
	j.hard, j.outcomes, j.stale, j.held = 0, 0, false, 0
	switch {
	case rotten:
		reason := fmt.Sprintf("%d of the last %d letters bounced for good", hard, outcomes)
		if last != "" {
			reason += ", the last with " + last
		}
		return WindowRotten, f.halt(now, stopBounces, reason)
	case judged:
		return WindowSane, nil
	}
	return WindowOpen, nil
}
