package mailer

import (
	"fmt"
	"time"
)

// window counts letters over a span that moves with the time: in no span of
// that length are there more than limit. It is as large as its grains are
// many, however many letters there are.
type window struct {
	name  string // of the span
	limit int
	grain time.Duration
	ring  []int // of span/grain+1 grains: one is never whole
	head  int64 // number of the newest grain since the epoch
	shift int64 // of the ring's first grain, moved where the clock went back
	sum   int
}

// windows returns those of a rate that has them.
func windows(r Rate) (out []*window) {
	add := func(name string, limit int, grain time.Duration, grains int) {
		if limit > 0 {
			out = append(out, &window{name: name, limit: limit, grain: grain, ring: make([]int, grains+1)})
		}
	}
	add("second", r.Second, 50*time.Millisecond, 20)
	add("minute", r.Minute, time.Second, 60)
	add("hour", r.Hour, time.Minute, 60)
	add("day", r.Day, 15*time.Minute, 96)
	return out
}

func (w *window) at(grain int64) *int {
	n := int64(len(w.ring))
	return &w.ring[((grain-w.shift)%n+n)%n]
}

// advance drops what is older than the span. A clock that was set back makes
// nothing older or younger than it was.
func (w *window) advance(now time.Time) {
	grain := now.UnixNano() / int64(w.grain)
	if grain < w.head {
		w.shift -= w.head - grain
		w.head = grain
		return
	}
	if grain-w.head >= int64(len(w.ring)) {
		clear(w.ring)
		w.head, w.sum = grain, 0
		return
	}
	for w.head < grain {
		w.head++
		gone := w.at(w.head)
		w.sum -= *gone
		*gone = 0
	}
}

// add counts letters of an instant; below zero it takes back.
func (w *window) add(at time.Time, n int) {
	w.advance(at)
	slot := w.at(w.head)
	n = max(n, -*slot)
	*slot += n
	w.sum += n
}

// opens returns when there is room for a letter, zero for now.
func (w *window) opens(now time.Time) time.Time {
	w.advance(now)
	left := w.sum
	if left < w.limit {
		return time.Time{}
	}
	for grain := w.head - int64(len(w.ring)) + 1; ; grain++ {
		if left -= *w.at(grain); left < w.limit || grain == w.head {
			return time.Unix(0, (grain+int64(len(w.ring)))*int64(w.grain))
		}
	}
}

// brief tells whether the span is too short for a book to know.
func (w *window) brief() bool { return w.grain < time.Minute }

// over returns when nothing is left in the window, zero for now.
func (w *window) over(now time.Time) time.Time {
	w.advance(now)
	if w.sum == 0 {
		return time.Time{}
	}
	grain := w.head
	for *w.at(grain) == 0 {
		grain--
	}
	return time.Unix(0, (grain+int64(len(w.ring)))*int64(w.grain))
}

// interval is the time between two letters at the full rate.
func (w *window) interval() time.Duration {
	return w.grain * time.Duration(len(w.ring)-1) / time.Duration(w.limit)
}

// String says how full the window is.
func (w *window) String() string {
	return fmt.Sprintf("%d of %d letters in %s are sent", w.sum, w.limit, within(w.name))
}

// within is a span of time with its article.
func within(span string) string {
	if span == "hour" {
		return "an hour"
	}
	return "a " + span
}
