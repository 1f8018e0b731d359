package mailer

import "time"

// Manual is the cadence of issues that somebody sent by hand.
const Manual Cadence = "manual"

// Issue is what one slot made.
type Issue struct {
	ID      int64   `json:"id"`
	Digest  string  `json:"digest"`
	Cadence Cadence `json:"cadence"`
	// Label is that of the slot.
	Label string `json:"label"`
	// Number is what readers see and what names the issue's page. It counts the
	// issues of all digests; 0 where no letter was made.
	Number int64 `json:"number"`
	// Cut is the highest sequence when the issue was opened.
	Cut int64 `json:"cut"`
	// Due is the earliest instant of the slot that counted.
	Due    time.Time `json:"due"`
	Opened time.Time `json:"opened"`
	// Closed and Cancelled are zero where it has not happened.
	Closed    time.Time `json:"closed,omitzero"`
	Cancelled time.Time `json:"cancelled,omitzero"`
	// Held is since when the issue waits for its owner: nothing of it is mailed.
	Held time.Time `json:"held,omitzero"`
}

// Opening asks for an issue and for the slots that it leaves behind.
type Opening struct {
	Digest  string
	Cadence Cadence
	Slot    Slot
	// Cut is that of an issue for one post; 0 asks for the highest sequence.
	Cut int64
	Now time.Time
	// Missed are recorded as skipped in the same commit.
	Missed []Slot
}

// Slot is one due time of a digest at a cadence.
type Slot struct {
	Label string
	Due   time.Time
	// Cause is why a slot was skipped.
	Cause string
}

// Interest is what readers have in common who get the same letter. Fields are
// as they are stored: "" follows the digest.
type Interest struct {
	Zone, Language string
	Cursor         int64
	// Topics is JSON of a posts.Selection, or "" for everything.
	Topics string
	// Owed are ids of posts whose letter did not arrive; Served, in a manual
	// send, those of the posts asked for that did.
	Owed, Served []string
	// Readers counts them; only a rehearsal fills it in.
	Readers int
}

// Rhythm is when a group of readers of a digest wants letters, as it is
// stored: "" and -1 follow the digest.
type Rhythm struct {
	Cadence      Cadence
	Zone         string
	Hour, Minute int
}
