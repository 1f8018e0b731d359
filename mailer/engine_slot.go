package mailer

import (
	"context"
	"fmt"
	"slices"
	"time"

	"tidings.example/internal/schedule"
)

// missedLimit bounds how many missed slots are written down after a long pause
// of a cadence that comes every minute.
const missedLimit = 1000

// openDue opens the issue of the newest slot that is due and not decided, and
// records the older ones as skipped.
func (e *Engine) openDue(ctx context.Context, d *Digest, c Cadence, rhythms []Rhythm, now time.Time, r *Report) error {
	if len(rhythms) == 0 {
		return nil
	}
	plan, err := schedule.NewPlan(string(c), d.Weekday, d.Day)
	if err != nil {
		return err
	}
	due := slotsDue{engine: e, digest: d, cadence: c, plan: plan, rhythms: rhythms, now: now}
	o, err := due.decide(ctx)
	if err != nil {
		return err
	}
	return e.open(ctx, o, r)
}

// open makes the opening real, if there is anything to it.
func (e *Engine) open(ctx context.Context, o Opening, r *Report) error {
	if o.Slot.Label == "" && len(o.Missed) == 0 {
		return nil
	}
	issue, opened, err := e.Calendar.OpenIssue(ctx, o)
	if err != nil {
		return err
	}
	if opened {
		r.Opened = append(r.Opened, issue)
	}
	for _, s := range o.Missed {
		r.Skipped = append(r.Skipped, SkippedSlot{Digest: o.Digest, Cadence: o.Cadence, Slot: s})
	}
	return nil
}

// slotsDue is the question which slots of one cadence are due.
type slotsDue struct {
	engine  *Engine
	digest  *Digest
	cadence Cadence
	plan    schedule.Plan
	rhythms []Rhythm
	now     time.Time
	newest  Slot // the newest decided one; its Due is when that was
}

// decide looks from the newest label back to what was decided before. Labels
// differ from zone to zone: while one begins in the east the one before may
// still lie ahead in the west, so a label is missed only when its last reader's
// instant is over.
func (s *slotsDue) decide(ctx context.Context) (Opening, error) {
	o := Opening{Digest: s.digest.Name, Cadence: s.cadence, Now: s.now}
	labels, err := s.labels(ctx)
	if err != nil || len(labels) == 0 {
		return o, err
	}
	decided, err := s.engine.Calendar.DecidedSlots(ctx, s.digest.Name, s.cadence, labels[len(labels)-1].label, s.now)
	if err != nil {
		return o, err
	}
	for _, l := range labels {
		if !decided[l.label] {
			if err := s.judge(ctx, l.label, l.instants, &o); err != nil {
				return o, err
			}
		}
	}
	slices.Reverse(o.Missed)
	return o, nil
}

// labelled is a label with its instants, one for each rhythm.
type labelled struct {
	label    string
	instants []time.Time
}

// labels lists the labels that may be open to a decision, newest first.
func (s *slotsDue) labels(ctx context.Context) ([]labelled, error) {
	label, oldest := "", ""
	for _, r := range s.rhythms {
		last, ok := s.plan.Last(s.engine.clock(s.digest, r), s.now)
		if !ok {
			continue
		}
		label = max(label, last.Label)
		if oldest == "" || last.Label < oldest {
			oldest = last.Label
		}
	}
	var err error
	if s.newest, err = s.engine.Calendar.NewestSlot(ctx, s.digest.Name, s.cadence, s.now); err != nil || label == "" {
		return nil, err
	}
	var found []labelled
	for range missedLimit {
		instants, err := s.instants(label)
		if err != nil {
			return nil, err
		}
		over := label <= s.newest.Label && !slices.MaxFunc(instants, time.Time.Compare).After(s.newest.Due)
		if over || s.newest.Label == "" && label < oldest {
			break
		}
		found = append(found, labelled{label, instants})
		if label, err = s.plan.Before(label); err != nil {
			return nil, err
		}
	}
	return found, nil
}

// instants returns when the label falls due, for each rhythm.
func (s *slotsDue) instants(label string) ([]time.Time, error) {
	instants := make([]time.Time, len(s.rhythms))
	for i, r := range s.rhythms {
		at, err := s.plan.At(s.engine.clock(s.digest, r), label)
		if err != nil {
			return nil, err
		}
		instants[i] = at
	}
	return instants, nil
}

// judge takes a label that is not decided: made, missed, or left alone because
// its time is still to come.
func (s *slotsDue) judge(ctx context.Context, label string, instants []time.Time, o *Opening) error {
	first, over, late := time.Time{}, true, false
	for i, at := range instants {
		if at.After(s.now) {
			over = false
			continue
		}
		if label <= s.newest.Label && !at.After(s.newest.Due) {
			continue // passed when a later label was decided
		}
		if s.digest.late(at, s.now) {
			late = true
			continue
		}
		if o.Slot.Label != "" || !first.IsZero() && !at.Before(first) {
			continue
		}
		// Nobody has a slot from before the day they joined.
		waiting, err := s.engine.Calendar.AnyReader(ctx, s.digest.Name, s.rhythms[i], at)
		if err != nil {
			return fmt.Errorf("slot %s: %w", label, err)
		}
		if waiting {
			first = at
		}
	}
	switch {
	case !first.IsZero():
		o.Slot = Slot{Label: label, Due: first}
	case over && s.newest.Label != "":
		cause := "missed: a newer slot was due"
		if late {
			cause = fmt.Sprintf("missed: more than %s late", s.digest.MaxLateness)
		}
		o.Missed = append(o.Missed, Slot{Label: label, Due: slices.MinFunc(instants, time.Time.Compare), Cause: cause})
	}
	return nil
}

// lookAhead is how many posts are looked at together.
const lookAhead = 500

// openImmediate opens an issue for every post that was released since the last
// look, in the order of release.
func (e *Engine) openImmediate(ctx context.Context, d *Digest, rhythms []Rhythm, now time.Time, r *Report) error {
	seen, highest, err := e.Shelf.Looked(ctx, d.Name)
	if err != nil || seen >= highest {
		return err
	}
	for len(rhythms) > 0 {
		page, err := e.Shelf.MailablePosts(ctx, seen, highest, lookAhead)
		if err != nil {
			return err
		}
		for i := range page {
			post := &page[i]
			if !d.Select.Match(post) {
				continue
			}
			o := Opening{Digest: d.Name, Cadence: Immediate, Cut: post.Seq, Now: now}
			if slot := (Slot{Label: post.ID, Due: post.Released}); d.late(post.Released, now) {
				slot.Cause = fmt.Sprintf("missed: more than %s late", d.MaxLateness)
				o.Missed = []Slot{slot}
			} else {
				o.Slot = slot
			}
			if err := e.open(ctx, o, r); err != nil {
				return err
			}
		}
		if len(page) < lookAhead {
			break
		}
		seen = page[len(page)-1].Seq
	}
	return e.Shelf.Look(ctx, d.Name, highest)
}
