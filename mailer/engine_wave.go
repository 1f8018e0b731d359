package mailer

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"tidings.example/internal/schedule"
	"tidings.example/posts"
)

// proceed freezes the waves of an issue whose instants have come, and closes it
// after the last one.
func (e *Engine) proceed(ctx context.Context, d *Digest, issue Issue, rhythms []Rhythm, now time.Time, r *Report) error {
	over := true
	if issue.Cancelled.IsZero() && issue.Cadence != Manual {
		waves, later, err := e.instants(ctx, d, issue, rhythms, now)
		if err != nil {
			return err
		}
		for _, w := range waves {
			n, err := e.freeze(ctx, d, issue, w, nil, now)
			if err != nil {
				return err
			}
			r.Waves++
			r.Letters += n.Letters
		}
		over = !later
	}
	if !over {
		return nil
	}
	closed, err := e.Press.CloseIssue(ctx, issue.ID, now)
	if closed {
		r.Closed++
	}
	return err
}

// dueWave is an instant and the rhythms that it serves: those whose hour it
// is, and those who missed an earlier one.
type dueWave struct {
	instant time.Time
	rhythms []Rhythm
}

// instants lists the waves that are due and not published, in order, and tells
// whether more are to come.
func (e *Engine) instants(ctx context.Context, d *Digest, issue Issue, rhythms []Rhythm, now time.Time) (due []dueWave, later bool, err error) {
	newest, err := e.Press.NewestWave(ctx, issue.ID)
	if err != nil {
		return nil, false, err
	}
	if issue.Cadence == Immediate {
		if !newest.IsZero() || len(rhythms) == 0 {
			return nil, false, nil
		}
		return []dueWave{{issue.Opened, rhythms}}, false, nil
	}
	plan, err := schedule.NewPlan(string(issue.Cadence), d.Weekday, d.Day)
	if err != nil {
		return nil, false, err
	}
	instants := make([]time.Time, len(rhythms))
	var starts []time.Time
	for i, r := range rhythms {
		if instants[i], err = plan.At(e.clock(d, r), issue.Label); err != nil {
			return nil, false, err
		}
		switch at := instants[i]; {
		case at.After(now):
			later = true
		case at.After(newest) && !at.Before(issue.Due) && !d.late(at, now):
			starts = append(starts, at)
		}
	}
	slices.SortFunc(starts, time.Time.Compare)
	for _, start := range slices.CompactFunc(starts, time.Time.Equal) {
		w := dueWave{instant: start}
		for i, r := range rhythms {
			if !instants[i].After(start) {
				w.rhythms = append(w.rhythms, r)
			}
		}
		due = append(due, w)
	}
	return due, later, nil
}

// passes bounds how often a wave looks for readers who changed their mind while
// it was frozen; the others join the next one.
const passes = 5

// freeze makes one wave: all of its letters are rendered before the first
// delivery is written, and nobody sees any of it before the last step.
func (e *Engine) freeze(ctx context.Context, d *Digest, issue Issue, w dueWave, again []posts.Record, now time.Time) (n Frozen, err error) {
	id, number, err := e.Press.BeginWave(ctx, issue.ID, w.instant)
	if err != nil {
		return n, err
	}
	s := newShares(e, d, issue, now)
	s.number, s.again = number, again
	wave := e.Press.Wave(id, Group{Issue: issue, Language: d.Language, Again: ids(again)})
	defer func() {
		if err != nil {
			err = errors.Join(err, wave.Drop(context.WithoutCancel(ctx)))
		}
	}()
	for range passes {
		found, err := e.render(ctx, s, wave, w.rhythms)
		if err != nil {
			return n, err
		}
		if found == 0 {
			break
		}
		for _, r := range w.rhythms {
			if err := e.deliver(ctx, wave, r, now, &n); err != nil {
				return n, err
			}
		}
	}
	return n, wave.Publish(ctx, n, number, now)
}

// render stores a variant for every share that has none, and counts the
// interests that it met.
func (e *Engine) render(ctx context.Context, s *shares, wave Wave, rhythms []Rhythm) (found int, err error) {
	for _, r := range rhythms {
		err := wave.Interests(ctx, r, func(in Interest) error {
			found++
			variant, err := e.variant(ctx, s, wave, in)
			if err != nil {
				return err
			}
			return wave.Share(ctx, in, variant)
		})
		if err != nil {
			return found, err
		}
	}
	return found, nil
}

// variant returns the letter of an interest, rendered once; 0 is no letter.
func (e *Engine) variant(ctx context.Context, s *shares, wave Wave, in Interest) (int64, error) {
	share, err := s.posts(ctx, in)
	if err != nil || len(share) == 0 {
		return 0, err
	}
	key := s.key(in, share)
	if id, known := s.variants[key]; known {
		return id, nil
	}
	edition, err := s.edition(ctx, in, share)
	if err != nil || len(edition.Posts) == 0 {
		return 0, err
	}
	letter, err := e.Renderer.Digest(edition)
	if err != nil {
		return 0, fmt.Errorf("nothing was frozen: %w", err)
	}
	id, err := wave.Variant(ctx, letter, ids(edition.Posts))
	if err == nil {
		s.variants[key] = id
	}
	return id, err
}

// deliver writes the deliveries of a rhythm, a chunk in a commit.
func (e *Engine) deliver(ctx context.Context, wave Wave, r Rhythm, now time.Time, n *Frozen) error {
	limit := e.Chunk
	if limit <= 0 {
		limit = 1000
	}
	for after := int64(0); ; {
		last, some, err := wave.Freeze(ctx, r, after, limit, now)
		if err != nil {
			return err
		}
		n.Readers += some.Readers
		n.Letters += some.Letters
		if last == 0 {
			return nil
		}
		after = last
	}
}

func ids(records []posts.Record) []string {
	if records == nil {
		return nil
	}
	out := make([]string, len(records))
	for i := range records {
		out[i] = records[i].ID
	}
	return out
}
