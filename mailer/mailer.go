// Package mailer knows subscribers, makes issues of digests out of posts, and
// delivers letters so that none is lost and none is silently sent twice.
package mailer

import (
	"time"

	"tidings.example/posts"
)

// SubscriberState is the state of one address.
type SubscriberState string

// The states of a subscriber.
const (
	Pending      SubscriberState = "pending"
	Active       SubscriberState = "active"
	Paused       SubscriberState = "paused"
	Unsubscribed SubscriberState = "unsubscribed"
	Bounced      SubscriberState = "bounced"
	Complained   SubscriberState = "complained"
)

// DeliveryState is the state of a delivery or of a notice.
type DeliveryState string

// The states of a delivery. The first five are open: a letter in one of them
// still has to be sent or explained.
const (
	Queued    DeliveryState = "queued"
	Leased    DeliveryState = "leased"
	Inflight  DeliveryState = "inflight"
	Deferred  DeliveryState = "deferred"
	Unknown   DeliveryState = "unknown"
	Sent      DeliveryState = "sent"
	Refused   DeliveryState = "bounced"
	Skipped   DeliveryState = "skipped"
	Failed    DeliveryState = "failed"
	Lapsed    DeliveryState = "expired"
	Cancelled DeliveryState = "cancelled"
)

// Open tells whether the letter still has to be sent or explained.
func (s DeliveryState) Open() bool {
	switch s {
	case Queued, Leased, Inflight, Deferred, Unknown:
		return true
	}
	return false
}

// Reason says why an address must not be mailed.
type Reason string

// The reasons of a suppression.
const (
	SuppressedUnsubscribed Reason = "unsubscribed"
	SuppressedBounced      Reason = "bounced"
	SuppressedComplained   Reason = "complained"
	SuppressedErased       Reason = "erased"
	SuppressedOperator     Reason = "operator"
)

// Cadence is how often a reader is served: immediate, daily, weekly, monthly,
// or a cron line of five fields.
type Cadence string

// The named cadences.
const (
	Immediate Cadence = "immediate"
	Daily     Cadence = "daily"
	Weekly    Cadence = "weekly"
	Monthly   Cadence = "monthly"
)

// Digest is a newsletter: a selection of posts and the cadences it offers.
type Digest struct {
	// Name is the key of the digest in configuration and database: [a-z0-9-]+.
	Name string
	// Title is what readers see.
	Title, Description string
	// Language of the words around the posts, BCP 47: "en" or "zh-CN".
	Language string
	// Select picks the posts.
	Select posts.Selection
	// Cadences are offered to readers; the first is the default. Never empty.
	Cadences []Cadence
	// Zone is the default time zone of readers. Hour and Minute are the local
	// time of daily, weekly and monthly slots; Weekday and Day (1 to 28) their day.
	Zone         *time.Location
	Hour, Minute int
	Weekday      time.Weekday
	Day          int
	// From and ReplyTo are RFC 5322 mailboxes; ReplyTo may be "".
	From, ReplyTo string
	// ListID is the identifier of RFC 2919 without brackets: weekly.blog.example.org.
	ListID string
	// MaxLateness is the age after which a missed slot is skipped.
	MaxLateness time.Duration
}

// Publication is what letters and pages say of the blog.
type Publication struct {
	Title   string
	URL     string // of the blog, absolute, ends in a slash
	WebURL  string // of tidings' own pages, absolute, ends in a slash
	Postal  string // postal address for the footer, or ""
	Feeds   []string
	Contact string // mailbox of the owner
}

// Edition is one letter before rendering: the share of a group of readers.
type Edition struct {
	Digest      Digest
	Publication Publication
	// Issue is the number that readers see; 0 for a preview.
	Issue int64
	// Language of the words, "en" or "zh-CN".
	Language string
	// Date is the freeze time; dates in the letter are shown in Zone.
	Date time.Time
	Zone *time.Location
	// Posts are newest first.
	Posts []posts.Record
	// Unsubscribe is the mailbox of the mailto: way to leave, or "". Each
	// reader's token follows its name and the separator; with a separator of ""
	// it stands in the subject.
	Unsubscribe, Separator string
	// Preferences says that the letter has a link to the reader's preferences:
	// every Personal then needs one.
	Preferences bool
}

// NoticeKind is the kind of a letter to one person outside an issue.
type NoticeKind string

// The kinds of notices.
const (
	Confirmation  NoticeKind = "confirmation"
	Welcome       NoticeKind = "welcome"
	AddressChange NoticeKind = "address"
	Goodbye       NoticeKind = "goodbye"
	Alert         NoticeKind = "alert"
)

// Personal is what differs from one reader of a variant to the next.
type Personal struct {
	// To is the bare address, as stored (ASCII domain).
	To string
	// MessageID is without angle brackets.
	MessageID string
	// Date is that of the first intent to send.
	Date time.Time
	// Unsubscribe and Preferences are absolute URLs; Preferences may be "".
	Unsubscribe, Preferences string
	// Leave is the token of the mailto: way to leave; letters whose edition
	// names a mailbox for it need one.
	Leave string
}
