package mailer

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"time"

	"tidings.example/mailer/bounce"
)

// Receiver reads the mail that comes in: reports of letters, complaints,
// requests to leave. What a message says counts only as far as an HMAC of ours
// proves it. It is safe for concurrent use.
type Receiver struct {
	// Paths are the addresses that letters come back to; nil where they come
	// back to their From.
	Paths *ReturnPaths
	// Leave takes requests to leave.
	Leave  LeaveMailbox
	Tokens *Tokens
	Desk   Desk

	// reading lets one report at a time be looked for in a list: anybody can
	// make up a Message-ID, and an issue may have a million readers.
	reading sync.Mutex
}

// maxKept is how much is kept of a message that a person must see.
const maxKept = 16 << 10

// Receive reads one message and carries out what it is for, once, however often
// it is handed in. After it returns without an error everything is durable; an
// error means that the message must be handed in again later.
func (r *Receiver) Receive(ctx context.Context, m Mail, now time.Time) (Returned, ReturnedEffect, error) {
	raw := m.Raw[:min(len(m.Raw), MaxMail)]
	rep := bounce.Parse(raw)
	sum := sha256.Sum256(raw)
	v := Returned{Kind: ReturnedForAPerson, Source: m.Source, Mark: "m " + hex.EncodeToString(sum[:16]), From: rep.From, Subject: rep.Subject}
	to := append(append([]string{}, m.To...), rep.To...)
	var err error
	switch rep.Kind {
	case bounce.Delivery, bounce.Complaint, bounce.NotSpam:
		err = r.report(ctx, &v, rep, to, now)
	case bounce.AutoReply, bounce.Unknown:
		if rep.Kind == bounce.AutoReply {
			v.Kind = ReturnedAutoReply
		}
		if !rep.Answer {
			err = r.leave(ctx, &v, rep.Subject, to)
		}
	case bounce.Challenge:
		v.Kind = ReturnedChallenge
	}
	if err == nil {
		if v.Kind == ReturnedForAPerson {
			v.Message = raw[:min(len(raw), maxKept)]
		}
		var effect ReturnedEffect
		if effect, err = r.Desk.Take(ctx, v, now); err == nil {
			return v, effect, nil
		}
	}
	return v, "", fmt.Errorf("message from %q: %w", rep.From, err)
}

// Takes tells whether mail to an address is for us: a proven address below one
// of the mailboxes, or a mailbox itself.
func (r *Receiver) Takes(ctx context.Context, address string, now time.Time) (bool, error) {
	if r.Paths != nil {
		if _, proven := r.Paths.Read(address, now); proven || strings.EqualFold(unbracketed(address), r.Paths.Mailbox) {
			return true, nil
		}
	}
	if !r.Leave.Ours(address) {
		return false, nil
	}
	token := r.Leave.Token(address, "")
	if token == "" {
		return true, nil // the mailbox itself: the token may be in the subject
	}
	_, err := r.claim(ctx, token)
	if err == ErrToken {
		return false, nil
	}
	return err == nil, err
}

// leave recognises a request to leave.
func (r *Receiver) leave(ctx context.Context, v *Returned, subject string, to []string) error {
	for _, address := range to {
		token := r.Leave.Token(address, subject)
		if token == "" {
			continue
		}
		c, err := r.claim(ctx, token)
		if err == ErrToken {
			continue
		}
		if err == nil {
			v.Kind, v.Digest, v.Origin = ReturnedLeave, c.Digest, Origin{Proof: ProvenByLink, Subscriber: c.Subscriber}
			v.Mark = fmt.Sprintf("leave %d %s %s", c.Subscriber, c.Digest, v.Mark) // one mail may go to two addresses
		}
		return err
	}
	return nil
}

// claim proves a leave token. The error is [ErrToken] itself, or the desk's.
func (r *Receiver) claim(ctx context.Context, token string) (Claim, error) {
	subscriber := LeaveSubscriber(token)
	if subscriber == 0 {
		return Claim{}, ErrToken
	}
	digests, err := r.Desk.DigestsOf(ctx, subscriber)
	if err != nil {
		return Claim{}, err
	}
	return r.Tokens.ReadLeave(token, digests)
}

// report traces a report to its letter and decides what it means.
func (r *Receiver) report(ctx context.Context, v *Returned, rep bounce.Report, to []string, now time.Time) error {
	o, err := r.trace(ctx, rep, to, now)
	if err != nil {
		return err
	}
	switch rep.Kind {
	case bounce.Complaint:
		v.Kind, v.Reply = ReturnedComplaint, strings.TrimSpace(rep.Feedback+" reported by "+rep.From)
	case bounce.NotSpam:
		v.Kind = ReturnedNotSpam
	default:
		var of bounce.Recipient
		v.Kind, of = returnedKind(rep.Recipients, o.WentTo)
		v.Status, v.Reply = of.Status, of.Text
	}
	v.Origin = o
	kind := v.Kind
	switch {
	case o.Proof == "":
		v.Kind = ReturnedUnproven
		return nil
	case o.Notice != 0:
		v.Mark = fmt.Sprintf("notice %d %s", o.Notice, kind)
	case o.Issue != 0:
		v.Mark = fmt.Sprintf("delivery %d %d %s", o.Issue, o.Subscriber, kind)
	}
	return nil
}

// maxTraced is how many Message-IDs and links of a report are looked at.
const maxTraced = 4

// trace finds the letter that a report is about; without a Proof it is none of
// ours.
func (r *Receiver) trace(ctx context.Context, rep bounce.Report, to []string, now time.Time) (Origin, error) {
	if r.Paths != nil {
		for _, address := range append(to, rep.Original.ReturnPaths...) {
			if o, ok := r.Paths.Read(address, now); ok {
				return o, nil
			}
		}
	}
	ids := rep.Original.MessageIDs
	for _, id := range ids[:min(len(ids), maxTraced)] {
		o, listed, err := r.byMessageID(ctx, id, rep.Recipients)
		if err != nil || o.Proof != "" {
			return o, err
		}
		if listed {
			break // one list is enough for what may be made up
		}
	}
	links := rep.Original.Links
	for _, link := range links[:min(len(links), maxTraced)] {
		if at := strings.LastIndex(link, "/u/"); at >= 0 {
			if c, err := r.Tokens.Read(UnsubscribeToken, link[at+len("/u/"):]); err == nil {
				// Which issue it was, a Message-ID may say: the reader is proven,
				// and it was sent to nobody else.
				return Origin{Proof: ProvenByLink, Subscriber: c.Subscriber, Issue: issueNamed(ids)}, nil
			}
		}
	}
	return Origin{}, nil
}

// byMessageID finds the letter with a Message-ID: an issue's is made again for
// each of its readers until one is the same. listed tells that there was an
// issue to look through.
func (r *Receiver) byMessageID(ctx context.Context, id string, recipients []bounce.Recipient) (o Origin, listed bool, err error) {
	if strings.HasPrefix(id, "notice.") {
		n, err := r.Desk.NoticeOf(ctx, id)
		if err != nil || n == 0 {
			return Origin{}, false, err
		}
		return Origin{Proof: ProvenByMessageID, Notice: n}, false, nil
	}
	issue := issueNamed([]string{id})
	if issue == 0 {
		return Origin{}, false, nil
	}
	secret, domain, err := r.Desk.Seed(ctx, issue)
	if err != nil || secret == nil || !strings.HasSuffix(strings.ToLower(id), "@"+strings.ToLower(domain)) {
		return Origin{}, false, err
	}
	var likely []string
	for _, x := range recipients {
		likely = append(likely, x.Original, x.Address)
	}
	want := []byte(strings.ToLower(id))
	r.reading.Lock()
	defer r.reading.Unlock()
	for subscriber, err := range r.Desk.Readers(ctx, issue, likely) {
		if err != nil {
			return Origin{}, true, err
		}
		if hmac.Equal([]byte(strings.ToLower(MessageID(secret, issue, subscriber, domain))), want) {
			return Origin{Proof: ProvenByMessageID, Issue: issue, Subscriber: subscriber}, true, nil
		}
	}
	return Origin{}, true, nil
}

// issueNamed is the issue that a Message-ID of ours names in clear, or 0.
func issueNamed(ids []string) int64 {
	for _, id := range ids {
		number, proof, _ := strings.Cut(id, ".")
		n, err := strconv.ParseInt(number, 10, 64)
		if err == nil && n > 0 && strings.IndexByte(proof, '@') == 24 {
			return n
		}
	}
	return 0
}
