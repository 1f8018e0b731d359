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

// SendOptions say what a manual send serves.
type SendOptions struct {
	// Since, unless zero, adds the posts dated then or later that a reader was
	// not served yet, whether they were meant for letters or not.
	Since time.Time
	// DryRun changes nothing.
	DryRun bool
}

// Sending is what a manual send made, or would make.
type Sending struct {
	Issue   Issue         `json:"issue,omitzero"` // zero in a dry run
	Readers int           `json:"readers"`
	Letters int           `json:"letters"`
	Variety []SendingPart `json:"variants,omitempty"` // of a dry run
}

// SendingPart is one of the different letters of a dry run.
type SendingPart struct {
	Subject  string   `json:"subject"`
	Language string   `json:"language"`
	Letters  int      `json:"letters"`
	Posts    []string `json:"posts"`
}

// ErrNoDigest says that no digest has the name.
var ErrNoDigest = errors.New("no such digest")

// find returns the digest of a name.
func (e *Engine) find(name string) (*Digest, error) {
	for i := range e.Digests {
		if e.Digests[i].Name == name {
			return &e.Digests[i], nil
		}
	}
	return nil, fmt.Errorf("%w: %q", ErrNoDigest, name)
}

// Send makes an issue of a digest now, for all of its readers, whatever their
// cadence and hour. The slot has a key of its own: sending by hand takes no
// slot of the schedule. What a reader is served here does not come again.
func (e *Engine) Send(ctx context.Context, digest string, o SendOptions, now time.Time) (Sending, error) {
	d, err := e.find(digest)
	if err != nil {
		return Sending{}, err
	}
	again, err := e.again(ctx, d, o.Since)
	if err != nil {
		return Sending{}, fmt.Errorf("send %s: %w", digest, err)
	}
	rhythms, err := e.Calendar.Rhythms(ctx, digest)
	if err != nil {
		return Sending{}, err
	}
	if o.DryRun {
		return e.rehearse(ctx, d, rhythms, again, now)
	}
	label := now.UTC().Format("2006-01-02T15:04:05.000Z")
	issue, opened, err := e.Calendar.OpenIssue(ctx, Opening{Digest: digest, Cadence: Manual, Slot: Slot{Label: label, Due: now}, Now: now})
	if err != nil {
		return Sending{}, err
	}
	if !opened {
		return Sending{}, fmt.Errorf("send %s: another send began at the same instant %s: try again", digest, label)
	}
	n, err := e.freeze(ctx, d, issue, dueWave{instant: now, rhythms: rhythms}, again, now)
	if err == nil && n.Letters == 0 {
		_, err = e.Press.CloseIssue(ctx, issue.ID, now)
	}
	return Sending{Issue: issue, Readers: n.Readers, Letters: n.Letters}, err
}

// again lists the posts that a send asks for beyond what is due.
func (e *Engine) again(ctx context.Context, d *Digest, since time.Time) ([]posts.Record, error) {
	if since.IsZero() {
		return nil, nil
	}
	found := []posts.Record{}
	for r, err := range e.Shelf.PostsSince(ctx, d.Select, since) {
		if err != nil {
			return nil, err
		}
		r.Body = posts.Body{}
		found = append(found, r)
	}
	return found, nil
}

// rehearse finds and renders what a send would make, and writes nothing.
func (e *Engine) rehearse(ctx context.Context, d *Digest, rhythms []Rhythm, again []posts.Record, now time.Time) (Sending, error) {
	_, cut, err := e.Shelf.Looked(ctx, d.Name)
	if err != nil {
		return Sending{}, err
	}
	s := newShares(e, d, Issue{Digest: d.Name, Cadence: Manual, Cut: cut}, now)
	s.again = again
	wave := e.Press.Wave(0, Group{Issue: s.issue, Again: ids(again)})
	var out Sending
	parts := map[string]int{}
	for _, r := range rhythms {
		rehearse := func(in Interest) error {
			out.Readers += in.Readers
			share, err := s.posts(ctx, in)
			if err != nil || len(share) == 0 {
				return err
			}
			out.Letters += in.Readers
			key := s.key(in, share)
			if at, known := parts[key]; known {
				out.Variety[at].Letters += in.Readers
				return nil
			}
			edition, err := s.edition(ctx, in, share)
			if err != nil {
				return err
			}
			letter, err := e.Renderer.Digest(edition)
			if err != nil {
				return err
			}
			parts[key] = len(out.Variety)
			out.Variety = append(out.Variety, SendingPart{Subject: letter.Subject, Language: edition.Language, Letters: in.Readers, Posts: ids(edition.Posts)})
			return nil
		}
		err := e.chunks(func(after int64, limit int) (int64, error) { return wave.Interests(ctx, r, after, limit, rehearse) })
		if err != nil {
			return Sending{}, fmt.Errorf("send %s: %w", d.Name, err)
		}
	}
	return out, nil
}

// previewed is how many posts a preview shows when nothing is due.
const previewed = 10

// Preview returns the letter that a reader of the digest would get who was
// served up to its last issue, in the digest's language. With nothing due it
// shows the newest posts that letters may carry.
func (e *Engine) Preview(ctx context.Context, digest string, served int64, now time.Time) (Edition, error) {
	d, err := e.find(digest)
	if err != nil {
		return Edition{}, err
	}
	_, cut, err := e.Shelf.Looked(ctx, digest)
	if err != nil {
		return Edition{}, err
	}
	s := newShares(e, d, Issue{Digest: digest, Cut: cut}, now)
	in := Interest{Cursor: served}
	share, err := s.posts(ctx, in)
	if err != nil {
		return Edition{}, fmt.Errorf("preview %s: %w", digest, err)
	}
	if len(share) == 0 {
		for r, err := range e.Shelf.PostsSince(ctx, d.Select, time.Time{}) {
			if err != nil {
				return Edition{}, fmt.Errorf("preview %s: %w", digest, err)
			}
			r.Body = posts.Body{}
			share = append(share, r)
			if len(share) > 2*previewed {
				slices.SortFunc(share, newestFirst)
				share = share[:previewed]
			}
		}
		slices.SortFunc(share, newestFirst)
		share = share[:min(len(share), previewed)]
	}
	return s.edition(ctx, in, share)
}

// Coming is the next slot of a digest at a cadence.
type Coming struct {
	Digest  string    `json:"digest"`
	Cadence Cadence   `json:"cadence"`
	Label   string    `json:"label"`
	At      time.Time `json:"at"`
}

// Next lists the next slot of every digest and cadence that has readers, soonest
// first. An immediate cadence has none: its slots are posts.
func (e *Engine) Next(ctx context.Context, now time.Time) ([]Coming, error) {
	var out []Coming
	for i := range e.Digests {
		d := &e.Digests[i]
		all, err := e.Calendar.Rhythms(ctx, d.Name)
		if err != nil {
			return nil, err
		}
		for c, rhythms := range d.group(all) {
			if c == Immediate {
				continue
			}
			plan, err := schedule.NewPlan(string(c), d.Weekday, d.Day)
			if err != nil {
				return nil, fmt.Errorf("digest %s: %w", d.Name, err)
			}
			first := Coming{Digest: d.Name, Cadence: c}
			for _, r := range rhythms {
				if s, ok := plan.Next(e.clock(d, r), now); ok && (first.At.IsZero() || s.At.Before(first.At)) {
					first.Label, first.At = s.Label, s.At
				}
			}
			if !first.At.IsZero() {
				out = append(out, first)
			}
		}
	}
	slices.SortFunc(out, func(a, b Coming) int { return a.At.Compare(b.At) })
	return out, nil
}
