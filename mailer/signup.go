package mailer

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/mail"
	"time"

	"tidings.example/internal/locale"
)

// NoticeRenderer makes the letter of a notice. [Composer] is one.
type NoticeRenderer interface {
	Notice(n Notice) (Template, error)
}

// Enrolment is what is remembered of people who come and go. internal/store
// implements it.
type Enrolment interface {
	// Enrol notes that somebody asked for a digest. The Applicant is zero where
	// no letter must be sent: who is subscribed, suppressed, or was sent one
	// within a day.
	Enrol(ctx context.Context, a Address, digest, language string, now time.Time) (Applicant, error)
	// Post puts a notice into the outbox; false says that there was one already.
	Post(ctx context.Context, n Posting, now time.Time) (bool, error)
	// Standing tells how a subscription stands, for the page of a link.
	Standing(ctx context.Context, c Claim, now time.Time) (Standing, error)
	// Confirm makes a subscription live; it may be called again.
	Confirm(ctx context.Context, c Claim, now time.Time) (Standing, error)
	// Leave ends a subscription and its open letters; it may be called again.
	Leave(ctx context.Context, c Claim, now time.Time) error
}

// Applicant is who gets a confirmation letter.
type Applicant struct {
	Subscriber int64
	Address    string
	Language   string
}

// Posting is one notice for the outbox.
type Posting struct {
	// Subscriber is 0 for the owner. Kind and Request name the letter: there is
	// one of each for a person.
	Subscriber int64
	Kind       NoticeKind
	Request    string
	Recipient  string
	Letter     Template
	// Every is the least time between two notices of the kind to the person.
	Every time.Duration
}

// Standing is how a subscription stands.
type Standing struct {
	Digest   string
	Language string // of the reader, "" where unknown
	// Live says that the subscription is confirmed and not left.
	Live bool
	// Stale says that the link cannot be used any more: it is too old, or the
	// reader has left, was erased or blocked since it was made.
	Stale bool
}

// Signup lets people in and out. Every method takes the time of the request.
type Signup struct {
	Publication Publication
	Digests     []Digest
	Renderer    NoticeRenderer
	Enrolment   Enrolment
	Links       *SignedLinks
}

// confirmEvery is the least time between two confirmation letters to a person:
// nobody can fill somebody else's mailbox.
const confirmEvery = 24 * time.Hour

// digest returns the digest of a name; "" is the first one.
func (s *Signup) digest(name string) (*Digest, error) {
	for i := range s.Digests {
		if d := &s.Digests[i]; d.Name == name || name == "" {
			return d, nil
		}
	}
	return nil, fmt.Errorf("%w: %q", ErrNoDigest, name)
}

// Subscribe notes that somebody asked for a digest ("" is the first one), and
// posts a confirmation letter where one is due. The outcome is the same for an
// address that is new, known or blocked: only a malformed address, an unknown
// digest and a fault of ours are errors.
func (s *Signup) Subscribe(ctx context.Context, address, digest, language string, now time.Time) error {
	a, err := ParseAddress(TrimAddress(address))
	if err != nil {
		return err
	}
	d, err := s.digest(digest)
	if err != nil {
		return err
	}
	if language != "" {
		language = locale.For(language).Tag()
	}
	who, err := s.Enrolment.Enrol(ctx, a, d.Name, language, now)
	if err != nil || who.Subscriber == 0 {
		return err
	}
	_, err = s.invite(ctx, d, who, now)
	return err
}

// Invite posts a confirmation letter to a subscriber whom the owner added
// without a consent. It is false where the person was sent one within a day.
func (s *Signup) Invite(ctx context.Context, who Applicant, digest string, now time.Time) (posted bool, err error) {
	d, err := s.digest(digest)
	if err != nil {
		return false, err
	}
	return s.invite(ctx, d, who, now)
}

func (s *Signup) invite(ctx context.Context, d *Digest, who Applicant, now time.Time) (posted bool, err error) {
	letter, err := s.Renderer.Notice(Notice{Kind: Confirmation, Language: cmp.Or(who.Language, d.Language), Publication: s.Publication,
		Digest: d.Title, From: d.From, ReplyTo: d.ReplyTo, Link: s.Links.Confirm(who.Subscriber, d.Name, now)})
	if err != nil {
		return false, fmt.Errorf("confirmation letter: %w", err)
	}
	return s.Enrolment.Post(ctx, Posting{Subscriber: who.Subscriber, Kind: Confirmation, Request: d.Name + " " + now.UTC().Format(time.RFC3339Nano),
		Recipient: who.Address, Letter: letter, Every: confirmEvery}, now)
}

// Invitation tells what a confirmation link would do. It changes nothing. The
// error is [ErrToken] for a text that is no such link.
func (s *Signup) Invitation(ctx context.Context, token string, now time.Time) (Standing, error) {
	c, err := s.Links.Tokens.Read(ConfirmToken, token)
	if err != nil {
		return Standing{}, err
	}
	standing, err := s.Enrolment.Standing(ctx, c, now)
	return s.title(standing), err
}

// Confirm does what a confirmation link is for. A link that is used again, or
// too late, changes nothing: the Standing says what holds.
func (s *Signup) Confirm(ctx context.Context, token string, now time.Time) (Standing, error) {
	c, err := s.Links.Tokens.Read(ConfirmToken, token)
	if err != nil {
		return Standing{}, err
	}
	standing, err := s.Enrolment.Confirm(ctx, c, now)
	return s.title(standing), err
}

// Leaving tells what an unsubscribe link would end. It changes nothing. To
// somebody who was erased it says what it says to everybody.
func (s *Signup) Leaving(ctx context.Context, token string, now time.Time) (Standing, error) {
	c, err := s.Links.Tokens.Read(UnsubscribeToken, token)
	if err != nil {
		return Standing{}, err
	}
	standing, err := s.Enrolment.Standing(ctx, c, now)
	return s.title(standing), err
}

// Unsubscribe ends a subscription before it returns.
func (s *Signup) Unsubscribe(ctx context.Context, token string, now time.Time) (Standing, error) {
	c, err := s.Links.Tokens.Read(UnsubscribeToken, token)
	if err != nil {
		return Standing{}, err
	}
	return s.leave(ctx, c, now)
}

func (s *Signup) leave(ctx context.Context, c Claim, now time.Time) (Standing, error) {
	if err := s.Enrolment.Leave(ctx, c, now); err != nil {
		return Standing{}, err
	}
	standing, err := s.Enrolment.Standing(ctx, c, now)
	return s.title(standing), err
}

// title puts the words that readers know in the place of a digest's name.
func (s *Signup) title(standing Standing) Standing {
	if d, err := s.digest(standing.Digest); err == nil {
		standing.Digest = d.Title
	}
	return standing
}

// Tell posts an alert to the owner, one for each request. The cause is its
// subject.
func (s *Signup) Tell(ctx context.Context, request, cause, text string, now time.Time) error {
	if s.Publication.Contact == "" || len(s.Digests) == 0 {
		return errors.New("nobody to tell: the configuration names no contact")
	}
	to, err := mail.ParseAddress(s.Publication.Contact)
	if err != nil {
		return fmt.Errorf("contact %q: %w", s.Publication.Contact, err)
	}
	d := &s.Digests[0]
	letter, err := s.Renderer.Notice(Notice{Kind: Alert, Language: d.Language, Publication: s.Publication, From: d.From, Cause: cause, Text: text})
	if err != nil {
		return fmt.Errorf("alert: %w", err)
	}
	_, err = s.Enrolment.Post(ctx, Posting{Kind: Alert, Request: request, Recipient: to.Address, Letter: letter}, now)
	return err
}
