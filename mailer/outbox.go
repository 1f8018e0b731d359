package mailer

import (
	"context"
	"time"
)

// LetterRef names a letter of the outbox and the claim that holds it: a write
// with an older fence changes nothing.
type LetterRef struct {
	// Notice tells the two tables apart: false is a delivery of an issue.
	Notice bool
	ID     int64
	Fence  int64
}

// Letter is one claimed letter.
type Letter struct {
	LetterRef
	// Issue is 0 for a notice; Subscriber is 0 for the owner.
	Issue, Subscriber int64
	// Kind is that of a notice, "" for a delivery.
	Kind NoticeKind
	// Digest names the newsletter of a delivery.
	Digest string
	// Variant names the template of a delivery; a notice brings its own in Body.
	Variant int64
	Body    []byte
	// From is the bare envelope sender, "" for the dispatcher's own. To is the
	// bare address as it was when claimed.
	From, To string
	// MessageID is without angle brackets, the same at every attempt.
	MessageID string
	// Intent is the time of the first intent to send, zero before it. It is
	// the letter's Date.
	Intent time.Time
	// Attempts counts the deferrals so far.
	Attempts int
	// Suspect is when the letter failed last in a way that it may have caused,
	// or the server; zero for most.
	Suspect time.Time
}

// ClaimRequest asks for letters to send.
type ClaimRequest struct {
	Owner               string // of this run, unique
	Now                 time.Time
	Lease               time.Duration
	Notices, Deliveries int // at most so many of each
	// Domain is the right side of new Message-IDs.
	Domain string
}

// BounceKind says how a bounce counts against an address.
type BounceKind string

// The kinds of bounces. A hard bounce suppresses once the window it falls into
// looks sane, a bare one at the second within 30 days, a soft one after five
// days of them within 30.
const (
	BounceHard BounceKind = "hard"
	BounceBare BounceKind = "bare"
	BounceSoft BounceKind = "soft"
)

// Result is what became of a claimed letter.
type Result struct {
	LetterRef
	State DeliveryState
	// Due is when a queued or deferred letter may be claimed again.
	Due time.Time
	// Doubt tells that the letter may have arrived: no answer came.
	Doubt bool
	// Counted tells that the attempt counts against the letter.
	Counted bool
	// Suspect tells that the letter may have caused what happened, or the server.
	Suspect bool
	// Cause is why the state is what it is; Reply the server's last answer.
	Cause, Reply string
	// Bounce is "" unless the address is to blame. Address is the one tried.
	Bounce  BounceKind
	Address string
}

// Verdict says what the open bounces of the window came to.
type Verdict int

// The verdicts on a window of attempts.
const (
	WindowOpen   Verdict = iota // too early to say
	WindowSane                  // the bounces are what they look like: suppress
	WindowRotten                // the server refuses us: the bounced letters are queued again
)

// Step is one durable step of a connection: the results so far and the intent
// to send the next letter, in one commit.
type Step struct {
	Now time.Time
	// Server names the one that gave the results: bounces wait for the verdict
	// on its window.
	Server  string
	Results []Result
	// Reopen are failed letters that were not to blame: they are queued again.
	Reopen []LetterRef
	Window Verdict
	// Believe is which bounces a sane window proves: those before it; zero is
	// all of them.
	Believe time.Time
	// Next is the letter to be sent next, nil for none.
	Next *Letter
}

// Grant is the answer to a [Step].
type Grant struct {
	// Send allows the letter to be sent to To, with Date. It is false when the
	// reader left, is suppressed, or the letter was cancelled: the row says why.
	Send bool
	To   string
	Date time.Time
	// Hardened counts soft bounces that became hard in this step.
	Hardened int
}

// Recovered counts what an earlier process left behind.
type Recovered struct {
	Leased  int // queued again: nothing was sent
	InDoubt int // may have been sent: queued again, or kept
	// Bounces wait for a verdict: the next one on any server's window. Hard are
	// those of letters of issues, and Accepted the letters that were accepted
	// since the first of them, up to some.
	Bounces, Hard, Accepted int
}

// Outbox is the durable side of the dispatcher. Every method that changes
// something returns after the change is durable.
type Outbox interface {
	// Recover takes back the letters of other owners. In-doubt letters are
	// queued again, or kept as unknown where hold is set. It may only be called
	// under the lock of the sending process.
	Recover(ctx context.Context, owner string, hold bool, now time.Time) (Recovered, error)
	// Claim leases due letters, fairly between issues; of deliveries only those
	// of published waves.
	Claim(ctx context.Context, r ClaimRequest) ([]Letter, error)
	// Template returns the rendered letter of a variant.
	Template(ctx context.Context, variant int64) ([]byte, error)
	// Chain commits a step. The reader's state and the suppressions are asked
	// in the same commit that allows the letter.
	Chain(ctx context.Context, s Step) (Grant, error)
	// NextDue returns when the next letter is due, zero if none is waiting. A
	// time in the past means now.
	NextDue(ctx context.Context) (time.Time, error)
}

// Tally counts the deliveries of an issue by state.
type Tally map[DeliveryState]int

// Recipients is the number of deliveries in all.
func (t Tally) Recipients() (n int) {
	for _, c := range t {
		n += c
	}
	return n
}

// Open is the number of deliveries that are neither sent nor explained.
func (t Tally) Open() (n int) {
	for s, c := range t {
		if s.Open() {
			n += c
		}
	}
	return n
}
