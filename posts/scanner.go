package posts

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// agedAfter is the age from which a post is not news any more.
const agedAfter = 14 * 24 * time.Hour

// Limits of a scan that is news: see [Scanner.Scan].
const (
	vanishMany = 3 // more, and more than a fifth of the posts, hold the scan
	agedMany   = 5 // as many old posts at once hold the scan
)

// chunk is how many posts of a first scan are recorded together.
const chunk = 1000

// ErrEmpty says that a source holds no post at all. That is what a path
// mistyped and a disk not mounted look like: nothing is changed.
var ErrEmpty = errors.New("no posts found: is this the right folder, and is it whole?")

// Scanner compares what a source yields with what the ledger knows, and
// records the difference.
type Scanner struct {
	// Name is the source's name in the ledger.
	Name   string
	Source Source
	Ledger Ledger
	// Bodies keeps what [Scanner.Render] renders, and Renderer is the version
	// of the renderer: another one renders every body anew.
	Bodies   Bodies
	Renderer string
	// Stands tells whether a post that the ledger knows of another source still
	// has its place there: not, where that source is gone from the configuration
	// or holds the file no more. Nil is that all of them stand.
	Stands func(source, path string) bool
	// Order names all sources, the one first whose posts win over those of the
	// others. A post that two sources show is taken from the first of them, and
	// the other one's file is remembered as its twin.
	Order []string
	// Backlog says what becomes of the posts of the first scan; "" is [BacklogKnown].
	Backlog Backlog
	// Permalinks says that feeds show what a first scan releases under its URL
	// for ever: see [Releaser].
	Permalinks bool
}

// ScanOptions are the owner's wishes for one scan.
type ScanOptions struct {
	// Verify reads every file, whatever its stamp.
	Verify bool
	// Accept records the scan even where it would be held.
	Accept bool
	// DryRun decides and reports, and records nothing.
	DryRun bool
}

// Report is what a scan found.
type Report struct {
	Source string `json:"source"`
	// First says that this was the source's first whole scan.
	First bool `json:"first,omitempty"`
	// Posts counts the files that hold a post or held one before they broke.
	Posts     int `json:"posts"`
	Unchanged int `json:"unchanged"`
	New       int `json:"new"`
	Edited    int `json:"edited"`
	Amended   int `json:"amended"`
	Renamed   int `json:"renamed"`
	Moved     int `json:"moved,omitempty"`
	Returned  int `json:"returned"`
	Withdrawn int `json:"withdrawn"`
	Removed   int `json:"removed"`
	// Shared counts the files whose post is taken from another source.
	Shared int `json:"shared,omitempty"`
	// Changes names each change, but for the new posts of a first scan.
	Changes []ReportedChange `json:"changes,omitempty"`
	// Hold says why the scan was held: nothing of it was recorded.
	Hold     string    `json:"held,omitempty"`
	Problems []Problem `json:"problems,omitempty"`
}

// ReportedChange is one change of a [Report].
type ReportedChange struct {
	Kind ChangeKind `json:"kind"`
	// ID is "" for a new post: the ledger has yet to make it.
	ID    string `json:"id,omitempty"`
	Path  string `json:"path"`
	From  string `json:"from,omitempty"` // the path before
	Title string `json:"title"`
}

// Changed tells whether any post changed.
func (r *Report) Changed() bool {
	return r.New+r.Edited+r.Amended+r.Renamed+r.Moved+r.Returned+r.Withdrawn+r.Removed > 0
}

func (r *Report) add(c *Change) {
	shown := ReportedChange{Kind: c.Kind}
	if c.Before != nil {
		shown.ID, shown.Path, shown.Title = c.Before.ID, c.Before.Path, c.Before.Title
	}
	if c.Post != nil {
		if c.Before != nil && c.Post.Path != c.Before.Path {
			shown.From = c.Before.Path
		}
		shown.Path, shown.Title = c.Post.Path, c.Post.DisplayTitle()
	}
	counts := map[ChangeKind]*int{New: &r.New, Edited: &r.Edited, Amended: &r.Amended, Renamed: &r.Renamed, Moved: &r.Moved, Returned: &r.Returned, Withdrawn: &r.Withdrawn, Removed: &r.Removed}
	*counts[c.Kind]++
	r.Changes = append(r.Changes, shown)
}

// Scan reads the source and records what is new, edited, withdrawn, renamed or
// returned, all of it in one transaction.
//
// A source that fails or holds no post is an error, and changes nothing but
// the note of the failure. A scan in which more than a fifth of the posts and
// more than three vanish, or five posts dated more than 14 days ago appear, is
// held: the Report says why, and nothing is recorded until a scan with Accept
// or one in which the cause is gone. The first scan of a source is never held:
// its posts are recorded in parts, so that an interrupted one is continued, and
// at its end all that may be seen are released.
func (s *Scanner) Scan(ctx context.Context, now time.Time, o ScanOptions) (Report, error) {
	for try := 0; ; try++ {
		report, err := s.scan(ctx, now, o)
		if errors.Is(err, ErrConflict) && try < 3 {
			continue
		}
		if err != nil {
			return report, fmt.Errorf("scan %s: %w", s.Name, err)
		}
		return report, nil
	}
}

func (s *Scanner) scan(ctx context.Context, now time.Time, o ScanOptions) (Report, error) {
	state, err := s.Ledger.SourceState(ctx, s.Name)
	if err != nil {
		return Report{}, err
	}
	sc := newScan(s, state, now, o)
	if err := sc.read(ctx); err != nil {
		if o.DryRun || ctx.Err() != nil || errors.Is(err, ErrConflict) {
			return sc.report, err
		}
		_, noted := s.Ledger.Apply(ctx, s.Name, Changes{Revision: sc.revision, Now: now, Failure: err.Error()})
		return sc.report, errors.Join(err, noted)
	}
	if err := sc.decide(ctx); err != nil {
		return sc.report, err
	}
	return sc.report, sc.record(ctx)
}
