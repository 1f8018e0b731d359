package posts

import (
	"context"
	"time"
)

// Answers keeps what remote feeds answered, beside the ledger. internal/store
// implements it.
type Answers interface {
	// Answer returns what is kept of the source's feed; the zero value where it
	// was never asked.
	Answer(ctx context.Context, source string) (Answer, error)
	// KeepAnswer keeps the answer; one without Text leaves the text as it is.
	KeepAnswer(ctx context.Context, source string, a Answer) error
	// Resting is until when the host asked to be left alone, by way of any source.
	Resting(ctx context.Context, host string) (time.Time, error)
	// KeepItems keeps items, so that they can be rendered after they have left
	// the feed.
	KeepItems(ctx context.Context, source string, items []KeptItem) error
	// Item returns the item that is kept at the path, nil where there is none.
	Item(ctx context.Context, source, path string) ([]byte, error)
}

// KeptItem is one item of a remote feed, in a form that only this package reads.
type KeptItem struct {
	Path string
	Data []byte
}

// Answer is the last good answer of a remote feed, and how asking went since.
type Answer struct {
	// Feed is the configured address that was asked; Moved is where it has
	// moved for good, or "".
	Feed, Moved string
	// ETag and LastModified are those of the last good answer.
	ETag, LastModified string
	// Text is the last good answer in UTF-8, nil where there was none; Base is
	// the address that it came from in the end, Got when.
	Text []byte
	Base string
	Got  time.Time
	// Site is what that answer says of itself.
	Site RemoteSite
	// Pace is how long that answer asked to be left alone.
	Pace time.Duration
	// Asked is when the feed was asked last. It is not asked before Next.
	Asked, Next time.Time
	// Failures counts the answers in a row that were no good; Failure says why
	// the last one was none, "" after a good one.
	Failures int
	Failure  string
	// Host is who was asked last; Rest is until when it asked to be left alone.
	Host string
	Rest time.Time
}

// RemoteSite is what a remote feed says of itself.
type RemoteSite struct {
	Title       string `json:"title,omitempty"`
	Description string `json:"description,omitempty"`
	URL         string `json:"url,omitempty"` // absolute, of the page for people
	Language    string `json:"language,omitempty"`
	Author      Author `json:"author,omitzero"`
}
