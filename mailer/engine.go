package mailer

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"sync"
	"time"

	"tidings.example/internal/schedule"
	"tidings.example/posts"
)

// EditionRenderer makes the letter of an edition. [Composer] is one.
type EditionRenderer interface {
	Digest(e Edition) (Template, error)
}

// Calendar is the memory of the schedule. internal/store implements it.
type Calendar interface {
	// Rhythms lists what the confirmed readers of a digest have chosen.
	Rhythms(ctx context.Context, digest string) ([]Rhythm, error)
	// AnyReader tells whether a rhythm has an active reader who was confirmed at
	// the instant or before.
	AnyReader(ctx context.Context, digest string, r Rhythm, by time.Time) (bool, error)
	// NewestSlot returns the newest slot that was decided up to now, with the time
	// of that decision as its Due. The zero Slot says that there is none.
	NewestSlot(ctx context.Context, digest string, c Cadence, now time.Time) (Slot, error)
	// DecidedSlots returns the decided labels from the given one on.
	DecidedSlots(ctx context.Context, digest string, c Cadence, from string, now time.Time) (map[string]bool, error)
	// OpenIssue records the slot and opens its issue, in one commit with the missed
	// ones; false says that another process was faster. A Slot without a label
	// records the missed ones alone.
	OpenIssue(ctx context.Context, o Opening) (Issue, bool, error)
}

// Shelf is where posts are taken from. internal/store implements it.
type Shelf interface {
	// MailablePosts returns up to limit posts that may be mailed and are not
	// withdrawn, with sequences in (after, upto], ascending, without bodies.
	MailablePosts(ctx context.Context, after, upto int64, limit int) ([]posts.Record, error)
	// PostsSince yields the posts of the selection dated since or later in the
	// order of their release. Withdrawn posts are left out.
	PostsSince(ctx context.Context, sel posts.Selection, since time.Time) iter.Seq2[posts.Record, error]
	// Briefs returns the posts with these ids, with what a letter shows of their
	// newest bodies.
	Briefs(ctx context.Context, ids ...string) ([]posts.Record, error)
	// Looked returns the sequence up to which posts were looked at for immediate
	// letters of a digest, and the highest sequence; Look moves that mark.
	Looked(ctx context.Context, digest string) (seen, highest int64, err error)
	Look(ctx context.Context, digest string, seen int64) error
}

// Press freezes letters. internal/store implements it; see [Wave] for its steps.
type Press interface {
	// UnfinishedIssues lists the issues that are not closed, oldest first.
	UnfinishedIssues(ctx context.Context, digest string) ([]Issue, error)
	// BeginWave starts a wave that nobody sees before it is published, and returns
	// the number that the issue has or will have.
	BeginWave(ctx context.Context, issue int64, instant time.Time) (wave, number int64, err error)
	// NewestWave returns the instant of the newest published wave, zero for none.
	NewestWave(ctx context.Context, issue int64) (time.Time, error)
	// Wave returns the steps that fill a wave.
	Wave(wave int64, g Group) Wave
	// CloseIssue closes an issue of which nothing is open.
	CloseIssue(ctx context.Context, issue int64, now time.Time) (bool, error)
}

// Group is whom the waves of an issue serve.
type Group struct {
	Issue    Issue
	Language string // of the digest
	// Again lists the posts of a manual send that only those get who were not
	// served them before; nil in any other issue.
	Again []string
}

// Wave is the steps that fill an unpublished wave.
type Wave interface {
	// Freeze takes up to limit unserved readers of a rhythm with ids above after
	// into the wave, and returns the last id that it looked at, 0 when there are
	// no more. It asks letter for the variant of every distinct interest; 0 is no
	// letter.
	Freeze(ctx context.Context, r Rhythm, after int64, limit int, letter func(Interest) (int64, error)) (last int64, n Frozen, err error)
	// Interests calls each for the interests that Freeze would ask for, with the
	// number of readers, and changes nothing.
	Interests(ctx context.Context, r Rhythm, after int64, limit int, each func(Interest) error) (last int64, err error)
	// Variant stores a rendered letter.
	Variant(ctx context.Context, t Template, posts []string) (int64, error)
	// Publish makes the wave visible, cursors and all, in one small commit.
	Publish(ctx context.Context, n Frozen, number int64, now time.Time) error
	// Drop undoes everything.
	Drop(ctx context.Context) error
}

// Frozen counts the readers of a wave, and those who get a letter.
type Frozen struct{ Readers, Letters int }

// Engine turns due slots into issues and freezes their letters. It must run
// only in the process that holds the lock, and in one goroutine at a time.
type Engine struct {
	Publication Publication
	Digests     []Digest
	Renderer    EditionRenderer
	Calendar    Calendar
	Shelf       Shelf
	Press       Press
	// Unsubscribe returns the mailbox of the mailto: way to leave a digest; nil
	// is none.
	Unsubscribe func(digest string) string
	// Separator is that of [Edition].
	Separator string
	// Preferences says that letters carry a link to the reader's preferences.
	Preferences bool
	// Draw renders the bodies of posts that letters are about to show, where they
	// are missing or old; nil takes them as they are.
	Draw func(ctx context.Context, ids []string) error
	// Chunk is the number of readers that are looked at together; 0 is 32,768.
	Chunk int

	zones sync.Map // *time.Location by name: reading one takes a while
}

// Report says what a tick did.
type Report struct {
	Opened  []Issue
	Skipped []SkippedSlot
	// Letters counts the deliveries that were frozen, Waves their waves.
	Letters, Waves int
	// Closed are the issues of which nothing is open any more.
	Closed []Issue
}

// SkippedSlot is a slot that will never be made, and why.
type SkippedSlot struct {
	Digest  string
	Cadence Cadence
	Slot
}

// Tick makes what is due at now: it opens the issue of every due slot, freezes
// the waves whose instant has come, and closes what is finished. The fault of
// one digest does not stop the others; the errors come back together, with a
// report of what was done all the same.
func (e *Engine) Tick(ctx context.Context, now time.Time) (Report, error) {
	var r Report
	var errs []error
	for i := range e.Digests {
		d := &e.Digests[i]
		if err := e.tickDigest(ctx, d, now, &r); err != nil {
			if ctx.Err() != nil {
				return r, err
			}
			errs = append(errs, &DigestError{Digest: d.Name, Err: err})
		}
	}
	return r, errors.Join(errs...)
}

// DigestError is the fault of one digest in a tick.
type DigestError struct {
	Digest string
	Err    error
}

// Error implements error.
func (e *DigestError) Error() string { return "digest " + e.Digest + ": " + e.Err.Error() }

// Unwrap returns the fault itself.
func (e *DigestError) Unwrap() error { return e.Err }

func (e *Engine) tickDigest(ctx context.Context, d *Digest, now time.Time, r *Report) error {
	all, err := e.Calendar.Rhythms(ctx, d.Name)
	if err != nil {
		return err
	}
	groups := d.group(all)
	for _, c := range d.Cadences {
		if c == Immediate {
			err = e.openImmediate(ctx, d, groups[c], now, r)
		} else {
			err = e.openDue(ctx, d, c, groups[c], now, r)
		}
		if err != nil {
			return fmt.Errorf("cadence %s: %w", c, err)
		}
	}
	issues, err := e.Press.UnfinishedIssues(ctx, d.Name)
	if err != nil {
		return err
	}
	var errs []error
	for _, issue := range issues {
		if err := e.proceed(ctx, d, issue, groups[issue.Cadence], now, r); err != nil {
			if ctx.Err() != nil {
				return err
			}
			errs = append(errs, fmt.Errorf("issue %s %s: %w", issue.Cadence, issue.Label, err))
		}
	}
	return errors.Join(errs...)
}

// group sorts rhythms by the cadence that they come to. Readers whose cadence
// is offered no more are served at the digest's first one.
func (d *Digest) group(all []Rhythm) map[Cadence][]Rhythm {
	groups := map[Cadence][]Rhythm{}
	for _, r := range all {
		c := d.Cadences[0]
		for _, offered := range d.Cadences {
			if r.Cadence == offered {
				c = offered
			}
		}
		groups[c] = append(groups[c], r)
	}
	return groups
}

// clock resolves what a rhythm leaves to the digest.
func (e *Engine) clock(d *Digest, r Rhythm) schedule.Clock {
	c := schedule.Clock{Zone: e.zone(d, r.Zone), Hour: d.Hour, Minute: d.Minute}
	if r.Hour >= 0 && r.Hour < 24 {
		c.Hour, c.Minute = r.Hour, 0
		if r.Minute >= 0 && r.Minute < 60 {
			c.Minute = r.Minute
		}
	}
	return c
}

// zone returns a reader's zone; the digest's for "" and for one that is not known.
func (e *Engine) zone(d *Digest, name string) *time.Location {
	if name == "" {
		return cmp.Or(d.Zone, time.UTC)
	}
	if zone, ok := e.zones.Load(name); ok {
		return zone.(*time.Location)
	}
	zone, err := schedule.Zone(name)
	if err != nil {
		return cmp.Or(d.Zone, time.UTC)
	}
	e.zones.Store(name, zone)
	return zone
}

// late tells whether an instant is older than the digest forgives.
func (d *Digest) late(at, now time.Time) bool {
	return d.MaxLateness > 0 && now.Sub(at) > d.MaxLateness
}
