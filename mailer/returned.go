package mailer

import (
	"context"
	"errors"
	"iter"
	"time"

	"tidings.example/mailer/bounce"
)

// ReturnedKind is what a message that came in means for a reader.
type ReturnedKind string

// The kinds of messages. Hard, bare and soft bounces count as those that a
// server answers with at once (see [BounceKind]).
const (
	ReturnedHard       ReturnedKind = "hard"
	ReturnedBare       ReturnedKind = "bare"
	ReturnedSoft       ReturnedKind = "soft"
	ReturnedPolicy     ReturnedKind = "policy" // refused because of us or the letter, not of the reader
	ReturnedDelayed    ReturnedKind = "delayed"
	ReturnedRelayed    ReturnedKind = "relayed"
	ReturnedComplaint  ReturnedKind = "complaint"
	ReturnedNotSpam    ReturnedKind = "not-spam"
	ReturnedLeave      ReturnedKind = "unsubscribe"
	ReturnedAutoReply  ReturnedKind = "auto-reply"
	ReturnedChallenge  ReturnedKind = "challenge"
	ReturnedUnproven   ReturnedKind = "unproven" // a report of a letter that nothing proves to be ours
	ReturnedForAPerson ReturnedKind = "other"
)

// ReturnedKinds are all of them.
var ReturnedKinds = []ReturnedKind{ReturnedHard, ReturnedBare, ReturnedSoft, ReturnedPolicy, ReturnedDelayed, ReturnedRelayed, ReturnedComplaint,
	ReturnedNotSpam, ReturnedLeave, ReturnedAutoReply, ReturnedChallenge, ReturnedUnproven, ReturnedForAPerson}

// Understood tells whether a message of the kind needs no person any more.
func (k ReturnedKind) Understood() bool { return k != ReturnedForAPerson && k != ReturnedUnproven }

// ReturnedEffect is what a message changed.
type ReturnedEffect string

// The effects.
const (
	EffectSuppressed   ReturnedEffect = "suppressed"   // nothing goes to the address any more
	EffectCounted      ReturnedEffect = "counted"      // one more, not too many yet
	EffectHeld         ReturnedEffect = "held"         // too many of the issue came back: nobody is suppressed
	EffectBelieved     ReturnedEffect = "believed"     // was held, and the owner says that the readers are gone
	EffectBlamed       ReturnedEffect = "blamed"       // was held, and the owner says that the server is to blame
	EffectUnsubscribed ReturnedEffect = "unsubscribed" // one subscription has ended
	EffectStale        ReturnedEffect = "stale"        // the reader has another address by now
	EffectErased       ReturnedEffect = "erased"       // there is no such reader any more
	EffectKnown        ReturnedEffect = "known"        // it was read before, and changed nothing now
	EffectKept         ReturnedEffect = "kept"         // for a person
	EffectNone         ReturnedEffect = "none"
)

// MaxMail is how much of a message [Receiver.Receive] looks at.
const MaxMail = 1 << 20

// Mail is one message that came in.
type Mail struct {
	// Source says where from, in a word: lmtp, maildir, mbox, pop3, stdin.
	Source string
	// To are the recipients of its envelope, where they are known.
	To []string
	// Raw is the message, or its first [MaxMail] bytes.
	Raw []byte
}

// Returned is the verdict on a message.
type Returned struct {
	Kind   ReturnedKind
	Source string
	// Mark is the same for the same report, however often it comes.
	Mark string
	// Origin is the letter it is about; for [ReturnedLeave] the reader alone.
	Origin Origin
	// Digest is what a reader leaves.
	Digest string
	// Status is that of RFC 3463, Reply what the server said, in one line.
	Status, Reply string
	From, Subject string
	// Message is kept where a person must see it.
	Message []byte
}

// ErrTooEarly says that a report came before the result of its letter was
// written: it must be handed in again.
var ErrTooEarly = errors.New("the letter is still under way")

// Desk keeps what came back. internal/store implements it.
type Desk interface {
	// Seed returns what the Message-IDs of an issue are made of, nil where there
	// is no such issue.
	Seed(ctx context.Context, issue int64) (secret []byte, domain string, err error)
	// Readers yields the subscribers that an issue went to, those with one of
	// the addresses first; some of them may come twice.
	Readers(ctx context.Context, issue int64, likely []string) iter.Seq2[int64, error]
	// NoticeOf returns the notice that has a Message-ID, 0 where none has.
	NoticeOf(ctx context.Context, messageID string) (int64, error)
	// DigestsOf returns the digests that a subscriber has or had.
	DigestsOf(ctx context.Context, subscriber int64) ([]string, error)
	// Take carries out a verdict, and returns after it is durable. A verdict
	// with the Mark of an earlier one changes nothing: [EffectKnown].
	Take(ctx context.Context, v Returned, now time.Time) (ReturnedEffect, error)
}

// returnedKind is the mildest of what became of a letter: an alias with one
// living reader lives. Where some recipients are the one that the letter went
// to, they alone count.
func returnedKind(all []bounce.Recipient, wentTo func(string) bool) (ReturnedKind, bounce.Recipient) {
	if wentTo != nil {
		var own []bounce.Recipient
		for _, r := range all {
			if wentTo(r.Original) || r.Original == "" && wentTo(r.Address) {
				own = append(own, r)
			}
		}
		if len(own) > 0 {
			all = own
		}
	}
	mildness := map[ReturnedKind]int{ReturnedRelayed: 6, ReturnedDelayed: 5, ReturnedPolicy: 4, ReturnedSoft: 3, ReturnedBare: 2, ReturnedHard: 1}
	var best ReturnedKind
	var of bounce.Recipient
	for _, r := range all {
		if k := kindOfRecipient(r); mildness[k] > mildness[best] {
			best, of = k, r
		}
	}
	return best, of
}

// kindOfRecipient classifies by the table of answers: a report is an answer
// that comes late.
func kindOfRecipient(r bounce.Recipient) ReturnedKind {
	switch r.Action {
	case bounce.Failed:
	case bounce.Delayed:
		return ReturnedDelayed
	default:
		return ReturnedRelayed
	}
	code := r.Code
	if r.Status != "" && (code == 0 || r.Status[0] != byte('0'+code/100)) {
		code = 100*int(r.Status[0]-'0') + 50
	}
	switch class := classify(PhaseRcpt, code, r.Status, r.Text, nil); {
	case class == HardBounce:
		return ReturnedHard
	case class == BareBounce:
		return ReturnedBare
	case class == Policy, class == Poison, class == StopRun, ours(r.Status):
		return ReturnedPolicy
	}
	return ReturnedSoft
}

// ours tells whether a status speaks of the sender, the protocol or the letter
// (RFC 3463 sections 3.2, 3.6, 3.7).
func ours(status string) bool {
	if len(status) < 4 || status[0] != '5' {
		return false
	}
	switch status[2:] {
	case "1.7", "1.8":
		return true
	}
	return status[2:4] == "5." || status[2:4] == "6."
}
