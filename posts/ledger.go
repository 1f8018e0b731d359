package posts

import (
	"context"
	"errors"
	"iter"
	"time"
)

// Record is what the ledger knows of one post.
type Record struct {
	Post
	// ID is a tag: URI (RFC 4151), minted once, never changed.
	ID     string
	Source string
	// GUIDs are the ids under which feeds show it, where they are others.
	GUIDs GUIDs
	// Present says that the post has a file (or, for a remote feed, an item)
	// as of the last scan.
	Present bool
	// Seq is the post's place in the order of release, from 1; 0 before it.
	Seq int64
	// Released and Withdrawn are instants, zero where it has not happened.
	Released, Withdrawn time.Time
	// Edited is when a scan last saw the text change after the release, or zero.
	Edited time.Time
	// Mailable says that the post belongs into letters: false for the backlog
	// and for posts dated more than 14 days before their release.
	Mailable bool
	// Body is the rendered body; HTML is "" where it was not rendered yet.
	Body Body
}

// Body is the rendered body of a revision.
type Body struct {
	HTML, Summary, Code, CodeLanguage, Image string
	Columns                                  int
}

// Modified returns the instant that a feed gives as updated: the latest of
// date, updated and Edited, never before the date.
func (r *Record) Modified() time.Time {
	m := r.Date
	for _, t := range []time.Time{r.Updated, r.Edited} {
		if t.After(m) {
			m = t
		}
	}
	return m
}

// Live tells whether the post was released and is not withdrawn.
func (r *Record) Live() bool { return r.Seq > 0 && r.Withdrawn.IsZero() }

// ErrConflict says that another process changed the ledger while a scan was
// deciding: nothing of the scan was recorded, and it can simply be repeated.
var ErrConflict = errors.New("another scan of the source was faster")

// Ledger remembers posts between scans. internal/store implements it.
type Ledger interface {
	// SourceState tells how the scans of a source stand; the zero state, with
	// the name, for one that was never scanned.
	SourceState(ctx context.Context, source string) (SourceState, error)
	// Known yields the files of a source in ascending byte order of their path.
	Known(ctx context.Context, source string) iter.Seq2[Known, error]
	// Find yields every post of the source that the query names, each once, in
	// no order, without bodies.
	Find(ctx context.Context, source string, q Query) ([]Record, error)
	// Elsewhere returns every post of the other sources, whatever its state, that
	// the query names by its keys of the kinds URL and fingerprint, each once, in
	// no order, without bodies.
	Elsewhere(ctx context.Context, source string, q Query) ([]Record, error)
	// Twins tells where else the posts with the ids are shown: their twins in
	// other sources than the named one, in no order.
	Twins(ctx context.Context, source string, ids []string) ([]Twin, error)
	// Orphans yields the posts of sources that are not among above, nor the
	// source itself, of which the source has a twin. Path, Stamp and Hash are
	// the twin's.
	Orphans(ctx context.Context, source string, above []string) ([]Record, error)
	// Turning yields the released posts with a file whose visibility the clock
	// alone has changed: expired ones that are not withdrawn, and withdrawn
	// ones that may be seen at now.
	Turning(ctx context.Context, source string, now time.Time) ([]Record, error)
	// Apply records the changes and returns the new revision. All of them are
	// recorded, or, with an error, none. The error is [ErrConflict] when the
	// source's revision is not c.Revision.
	Apply(ctx context.Context, source string, c Changes) (int64, error)
}

// SourceState is how the scans of a source stand.
type SourceState struct {
	Name string
	// Revision counts the changes to the source's posts.
	Revision int64
	// Baseline is the end of the first whole scan, Scanned that of the last
	// one that did not fail; zero where there was none.
	Baseline, Scanned time.Time
	// Failed is when the last scan failed, and Failure why; zero after a good one.
	Failed  time.Time
	Failure string
	// Held is since when scans are held, and Hold why; zero where they are not.
	Held time.Time
	Hold string
	// Problems are those of the last scan and, with Rendering, of rendering.
	Problems, Rendering []Problem
}

// Query names posts by any of its keys.
type Query struct {
	// Paths are of posts that have a file. A twin's post is found with the path
	// and the hash of the twin, and with its own source.
	Paths []string
	// ExplicitIDs are of any posts of the source.
	ExplicitIDs []string
	// Lost are of posts whose file is gone.
	Lost []Key
	// Keys are of any posts: for Elsewhere.
	Keys []Key
	// Present are of posts that have a file: keys of the kinds fingerprint, URL
	// and date.
	Present []Key
}

// Key is one way to find a post again: see [Keys].
type Key struct {
	Kind KeyKind
	Text string
}

// KeyKind is the kind of a [Key].
type KeyKind string

// The kinds of keys.
const (
	PathKey        KeyKind = "path"
	FingerprintKey KeyKind = "fingerprint"
	URLKey         KeyKind = "url"
	// DateKey is the date in Unix milliseconds, of posts that have an Origin.
	DateKey KeyKind = "date"
)

// Changes is what one scan, or a part of a first scan, changes in the ledger.
type Changes struct {
	// Revision is the one that the decisions rest on.
	Revision int64
	Now      time.Time
	// Config is the source's, for all files named in Posts and Files.
	Config string
	Posts  []Change
	// Files are files whose post did not change.
	Files []File
	// Dropped are the paths of files that are gone and held no post.
	Dropped []string
	// Baseline ends the first scan: every post that may be seen is released,
	// mailable with [BacklogSend].
	Baseline Backlog
	// Permalinks says that what Baseline releases is shown in feeds under its URL.
	Permalinks bool
	// Problems, where not nil, replace those of the last scan.
	Problems *[]Problem
	// Done says that the scan was whole: it lifts a failure. Hold is why it was
	// held ("" lifts a hold), Failure why it failed; without Done and Failure
	// the state stays as it is.
	Done          bool
	Hold, Failure string
}

// Backlog says what becomes of the posts of the first scan.
type Backlog string

// The ways to treat the backlog: fed and not mailed, or mailed too.
const (
	BacklogKnown Backlog = "known"
	BacklogSend  Backlog = "send"
)

// File is one file of a source, as it was read.
type File struct {
	Path  string
	Stamp Stamp
	// Hash is "" where only the stamp changed.
	Hash string
	// Again asks for the file to be read at the next scan whatever its stamp.
	Again bool
	// Ignored says that the file holds no post.
	Ignored bool
	// Twin is the id of the post of another file that this one shows too, or "".
	Twin string
}

// Twin is a file that shows a post which is taken from another one.
type Twin struct{ ID, Source, Path string }

// Change is what becomes of one post.
type Change struct {
	Kind ChangeKind
	// Before is the post as the ledger knows it, where Post is set perhaps
	// without its lists and descriptions; nil for a new one, whose id is made
	// from Mint: the first of Mint, Mint-2, Mint-3 that is free. Of another
	// source, the post becomes this one's.
	Before *Record
	Mint   string
	// Post is the post as it is now; nil where the file is gone (Gone) or only
	// the clock changed it.
	Post  *Post
	Gone  bool
	Again bool // as in File
	// To is the twin that takes the place of a file that is gone.
	To *Twin
	// Shared says that the file of the other source stays, as a twin.
	Shared bool
	// Edited, Withdraw and Return set or clear the instants of the Record.
	Edited, Withdraw, Return bool
	// Ready says that a post that was not released became publishable: its
	// release delay starts now.
	Ready bool
}

// ChangeKind is the word for a change.
type ChangeKind string

// The kinds of changes. Amended is a change of anything but title and text;
// Moved is a post that another source held until now; Removed is one without a
// file that was never released.
const (
	New       ChangeKind = "new"
	Edited    ChangeKind = "edited"
	Amended   ChangeKind = "amended"
	Renamed   ChangeKind = "renamed"
	Moved     ChangeKind = "moved"
	Returned  ChangeKind = "returned"
	Withdrawn ChangeKind = "withdrawn"
	Removed   ChangeKind = "removed"
)
