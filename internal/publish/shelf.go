package publish

import (
	"context"
	"time"

	"tidings.example/posts"
)

// Shelf is what feeds are made of, and what is remembered of them.
// internal/store implements it.
type Shelf interface {
	Selections
	Memory
	Archives
}

// Selections reads the posts that feeds show.
type Selections interface {
	// LedgerVersion grows whenever a feed of the selection may differ.
	LedgerVersion(ctx context.Context, sel posts.Selection) (int64, error)
	// NewestVersions gives the n newest posts, newest first; VersionsBetween
	// those with first <= Seq <= last, oldest first.
	NewestVersions(ctx context.Context, sel posts.Selection, n int) ([]posts.Version, error)
	VersionsBetween(ctx context.Context, sel posts.Selection, first, last int64) ([]posts.Version, error)
	// PostsBySeq gives posts with their bodies, newest first.
	PostsBySeq(ctx context.Context, seqs ...int64) ([]posts.Record, error)
	// Tombstones gives the n posts of the selection that were withdrawn last, the
	// last one first.
	Tombstones(ctx context.Context, sel posts.Selection, n int) ([]posts.Record, error)
}

// Memory keeps what feeds need from one run to the next.
type Memory interface {
	Remember(ctx context.Context, key, value string) (string, error)
	// Recall returns what is kept under a key, "" where nothing is.
	Recall(ctx context.Context, key string) (string, error)
	FeedStates(ctx context.Context) (map[string]posts.FeedState, error)
	SaveFeedStates(ctx context.Context, states []posts.FeedState) error
	// DropTombstones drops those of posts withdrawn before the instant.
	DropTombstones(ctx context.Context, before time.Time) error
}

// Archives keeps which posts the archive pages of each feed hold.
type Archives interface {
	// CloseArchive adds the pages that are needed and returns how many there are.
	CloseArchive(ctx context.Context, feed string, sel posts.Selection, live, size int) (int, error)
	// UnmadePages gives up to n pages below a number, highest first, that must be
	// made or hold a post that changed after the version.
	UnmadePages(ctx context.Context, feed string, version int64, below, n int) ([]posts.ArchivePage, error)
	SavePages(ctx context.Context, feed string, pages []posts.ArchivePage) error
	// ForgetPages has pages made again; nil is all of them.
	ForgetPages(ctx context.Context, feed string, pages []int) error
	// SplitPage makes pages of size posts of one.
	SplitPage(ctx context.Context, feed string, sel posts.Selection, p posts.ArchivePage, size int) error
}
