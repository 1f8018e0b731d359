package mailer

import (
	"time"

	"tidings.example/posts"
)

// Subscriber is one address. For lists and pages; nothing is decided by it.
type Subscriber struct {
	ID       int64           `json:"id"`
	Address  string          `json:"address"`
	State    SubscriberState `json:"state"`
	Name     string          `json:"name,omitempty"`
	Language string          `json:"language,omitempty"`
	Created  time.Time       `json:"created"`
	// Confirmed is zero before it happened.
	Confirmed     time.Time      `json:"confirmed,omitzero"`
	Changed       time.Time      `json:"changed"`
	Subscriptions []Subscription `json:"subscriptions,omitempty"`
	Suppressions  []Suppression  `json:"suppressions,omitempty"`
	Consents      []Consent      `json:"consents,omitempty"`
}

// Subscription is what one subscriber wants of one digest. "" and -1 follow the
// digest.
type Subscription struct {
	Digest  string          `json:"digest"`
	Cadence Cadence         `json:"cadence,omitempty"`
	Zone    string          `json:"zone,omitempty"`
	Hour    int             `json:"hour"`
	Minute  int             `json:"minute"`
	Topics  posts.Selection `json:"topics,omitzero"`
	// Cursor is the sequence up to which the reader was served.
	Cursor  int64     `json:"cursor"`
	Created time.Time `json:"created"`
	// Confirmed and Left are zero where it has not happened.
	Confirmed time.Time `json:"confirmed,omitzero"`
	Left      time.Time `json:"left,omitzero"`
}

// Suppression is an address that must not be mailed, and why.
type Suppression struct {
	// Hash is the keyed hash of the address; Address is "" where no more is kept.
	Hash    string    `json:"hash"`
	Address string    `json:"address,omitempty"`
	Reason  Reason    `json:"reason"`
	Note    string    `json:"note,omitempty"`
	At      time.Time `json:"at"`
}

// Consent is one act of agreeing or leaving.
type Consent struct {
	Digest    string    `json:"digest,omitempty"`
	Kind      string    `json:"kind"` // signup, confirm, import, operator, leave
	Statement string    `json:"statement,omitempty"`
	At        time.Time `json:"at"`
}

// NewSubscriber is somebody whom the owner adds, alone or from a list.
type NewSubscriber struct {
	Address Address
	Digest  string
	// Consent says how they agreed. With it they are active at once, without it
	// pending until they confirm.
	Consent string
	// Import tells a list from a single address.
	Import         bool
	Name, Language string
	// Cadence, Zone and Topics are preferences; zero follows the digest.
	Cadence Cadence
	Zone    string
	Topics  posts.Selection
	// FromStart serves them what was released before, where it may be mailed.
	FromStart bool
}

// Outcome is what became of an address that was to be added.
type Outcome string

// The outcomes of adding an address.
const (
	Added     Outcome = "added"     // new, or new to the digest
	Confirmed Outcome = "confirmed" // was pending, is active now
	Known     Outcome = "known"     // nothing changed
	Left      Outcome = "left"      // they left, and are not brought back
	Blocked   Outcome = "blocked"   // suppressed for another reason
)
