package posts

import (
	"context"
	"iter"
	"time"
)

// Record is what the ledger knows of one post.
type Record struct {
	Post
	// ID is a tag: URI (RFC 4151), minted once, never changed.
	ID     string
	Source string
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

// Selection picks posts out of the ledger. Empty fields pick all.
type Selection struct {
	Tags, Categories, Languages []string
	Source                      string
}

// Ledger remembers posts between scans. internal/store implements it.
type Ledger interface {
	// Known yields the files of a source in ascending byte order of their path.
	Known(ctx context.Context, source string) iter.Seq2[Known, error]
	// Baseline tells whether a first scan of the source was ever completed.
	Baseline(ctx context.Context, source string) (bool, error)
}
