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
	return e.close(ctx, issue, now, &r.Closed)
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

// freeze makes one wave: nobody sees any of it before the last step, and a
// letter that cannot be rendered undoes all of it.
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
	letter := func(in Interest) (int64, error) { return e.letter(ctx, s, wave, in) }
	for _, r := range w.rhythms {
		err := e.chunks(func(after int64, limit int) (int64, error) {
			last, some, err := wave.Freeze(ctx, r, after, limit, letter)
			n.Readers += some.Readers
			n.Letters += some.Letters
			return last, err
		})
		if err != nil {
			return n, err
		}
	}
	return n, wave.Publish(ctx, n, number, now)
}

// chunks calls look for the readers behind the last one until there are none.
func (e *Engine) chunks(look func(after int64, limit int) (last int64, err error)) error {
	limit := e.Chunk
	if limit <= 0 {
		limit = 32768
	}
	for after := int64(0); ; {
		last, err := look(after, limit)
		if err != nil || last == 0 {
			return err
		}
		after = last
	}
}

// interestsKept bounds how many interests are remembered: readers who are owed
// posts may each have their own.
const interestsKept = 10_000

// letter returns the variant of an interest, which comes again with every chunk
// of readers.
func (e *Engine) letter(ctx context.Context, s *shares, wave Wave, in Interest) (int64, error) {
	key := fmt.Sprintf("%q %q %d %q %q %q", in.Zone, in.Language, in.Cursor, in.Topics, in.Owed, in.Served)
	if id, known := s.letters[key]; known {
		return id, nil
	}
	id, err := e.variant(ctx, s, wave, in)
	if err != nil {
		return 0, err
	}
	if len(s.letters) == interestsKept {
		clear(s.letters)
	}
	s.letters[key] = id
	return id, nil
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
