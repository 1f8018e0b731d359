package posts

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"sync"
	"time"
)

// Aged tells whether a post dated date is no news at the instant: dated more
// than 14 days before. A post without a date is never aged.
func Aged(date, at time.Time) bool {
	return !date.IsZero() && at.Sub(date) > agedAfter
}

// Queue is what a [Releaser] needs of the ledger. internal/store implements it.
type Queue interface {
	// Waiting yields the posts of a source that have a file, were never
	// released, and may be seen at now, in the order of date and path. It
	// yields none while scans of the source are held or before the first one.
	Waiting(ctx context.Context, source string, now time.Time) ([]Waiting, error)
	// Settle records the verdicts in their order and returns the posts that
	// were released. A post that may not be seen any more, or was released by
	// another process, is passed over.
	Settle(ctx context.Context, source string, now time.Time, verdicts []Verdict) ([]Record, error)
}

// Waiting is a post that was not released yet.
type Waiting struct {
	Record
	// Since is when the post was first seen as publishable; Next is the time
	// of the next look at its URL, zero where there was none yet.
	Since, Next time.Time
	// Tries counts the looks, and Reason says what the last one saw.
	Tries  int
	Reason string
}

// Verdict is what becomes of a waiting post: it is released, or waits until
// Next for the Reason.
type Verdict struct {
	ID       string
	Release  bool
	Mailable bool
	// Permalink says that feeds show the post under its URL.
	Permalink bool
	Next      time.Time
	Tries     int
	Reason    string
}

// Limits of a tick.
const (
	checkMany = 40 // looks at URLs in one tick
	checkers  = 4  // at once
)

// Releaser gives posts their sequence number once they may be seen.
type Releaser struct {
	// Source is the source's name in the ledger.
	Source string
	Queue  Queue
	// Live tells whether a URL answers, nil where posts are released without a
	// look: see [HTTPLive].
	Live func(ctx context.Context, url string) error
	// Permalinks says that feeds show what is released under its URL for ever.
	Permalinks bool
	// Delay is how long a post waits after it was first seen.
	Delay time.Duration
}

// Release releases what may be released at now, and returns it in the order of
// its sequence numbers. Posts whose URL does not answer are looked at again
// after a minute, then after two, four and so on up to an hour.
func (r *Releaser) Release(ctx context.Context, now time.Time) ([]Record, error) {
	waiting, err := r.Queue.Waiting(ctx, r.Source, now)
	if err != nil {
		return nil, fmt.Errorf("release %s: %w", r.Source, err)
	}
	verdicts := r.judge(ctx, waiting, now)
	if len(verdicts) == 0 {
		return nil, ctx.Err()
	}
	released, err := r.Queue.Settle(ctx, r.Source, now, verdicts)
	if err != nil {
		return nil, fmt.Errorf("release %s: %w", r.Source, err)
	}
	return released, nil
}

// NoURL is the reason of a post that waits because it has no URL.
const NoURL = "no URL: see its problem"

// judge returns a verdict on each post whose state changes.
func (r *Releaser) judge(ctx context.Context, waiting []Waiting, now time.Time) []Verdict {
	verdicts := make([]Verdict, len(waiting))
	var look []int
	for i := range waiting {
		w := &waiting[i]
		due := w.Due(r.Delay)
		switch {
		case w.URL == "":
			if w.Reason != NoURL {
				verdicts[i] = Verdict{ID: w.ID, Reason: NoURL}
			}
		case due.After(now):
		case r.Live == nil:
			verdicts[i] = Verdict{ID: w.ID, Release: true}
		case !w.Next.After(now):
			look = append(look, i)
		}
	}
	// Those that waited longest for a look come first, or a few dead URLs
	// would keep all others waiting.
	slices.SortStableFunc(look, func(a, b int) int { return cmp.Compare(waiting[a].Next.UnixMilli(), waiting[b].Next.UnixMilli()) })
	look = look[:min(len(look), checkMany)]
	r.look(ctx, waiting, look, verdicts, now)
	out := verdicts[:0]
	for i, v := range verdicts {
		if v.ID == "" {
			continue
		}
		v.Mailable = v.Release && !Aged(waiting[i].Date, now)
		v.Permalink = v.Release && r.Permalinks
		out = append(out, v)
	}
	return out
}

// Due is when the post may be released: the delay after it was first seen, and
// after the time that it names itself.
func (w *Waiting) Due(delay time.Duration) time.Time {
	since := w.Since
	if w.NotBefore.After(since) {
		since = w.NotBefore
	}
	return since.Add(delay)
}

// look asks for the URLs, a few at once.
func (r *Releaser) look(ctx context.Context, waiting []Waiting, look []int, verdicts []Verdict, now time.Time) {
	var wg sync.WaitGroup
	next := make(chan int)
	for range min(checkers, len(look)) {
		wg.Go(func() {
			for i := range next {
				w := &waiting[i]
				err := r.Live(ctx, w.URL)
				switch {
				case err == nil:
					verdicts[i] = Verdict{ID: w.ID, Release: true}
				case ctx.Err() == nil:
					wait := min(time.Minute<<min(w.Tries, 6), time.Hour)
					verdicts[i] = Verdict{ID: w.ID, Tries: w.Tries + 1, Next: now.Add(wait), Reason: err.Error()}
				}
			}
		})
	}
	for _, i := range look {
		next <- i
	}
	close(next)
	wg.Wait()
}
