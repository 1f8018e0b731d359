package posts

import "time"

// Version is a post in a feed, and the ledger's version when it last changed:
// while both are the same, the feed shows the post as it did.
type Version struct{ Seq, Version int64 }

// FeedState is what the ledger remembers of a feed's documents, so that those
// are made again that would differ and no others. Base, Inputs and Files mean
// something to their writer only.
type FeedState struct {
	// Feed is the feed's folder, "" for the feed of everything.
	Feed string
	// Version is the ledger's up to which the documents are as they should be.
	Version int64
	// Base and Inputs stand for what the documents are made of, Files for the
	// files that came of it.
	Base, Inputs, Files string
	// Tags name the bytes of the files, with a space between two.
	Tags string
	// Changed is the newest event that was ever seen in the feed.
	Changed time.Time
	// Pages is how many archive pages there are.
	Pages int
}

// ArchivePage is a part of a feed's past: its posts with First <= Seq <= Last.
// The range never changes.
type ArchivePage struct {
	// Page counts from 0, the oldest.
	Page        int
	First, Last int64
	// Newest says that no page comes after it.
	Newest bool
	// Inputs stands for what its documents were made of, "" where they must be
	// made. Changed is the newest event that was ever seen in the page.
	Inputs  string
	Changed time.Time
}
