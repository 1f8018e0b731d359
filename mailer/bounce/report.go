// Package bounce reads mail that comes back: what it is, which letter it is
// about, and what became of that letter for each recipient. It knows delivery
// reports (RFC 3464, RFC 6533), complaints (RFC 5965), the plain texts of common
// mail servers in English and Chinese, and automatic answers of people's
// mailboxes, which say nothing of a letter's fate.
//
// Start with [Read]. It believes what a message says: whether it may is for the
// caller to prove, by the addresses, Message-IDs and links that it returns.
// Work and memory are bounded whatever the message holds.
package bounce

import (
	"bytes"
	"errors"
	"io"
)

// Kind is what a message is.
type Kind string

// The kinds of messages.
const (
	Delivery  Kind = "delivery"   // what became of a letter: see its recipients
	Complaint Kind = "complaint"  // a reader pressed "this is spam"
	NotSpam   Kind = "not-spam"   // a reader pressed "this is not spam"
	AutoReply Kind = "auto-reply" // a mailbox answered by itself
	Challenge Kind = "challenge"  // a mailbox wants proof that a person writes
	Unknown   Kind = "other"      // for a person to read
)

// What is looked at and kept of a message; bytes where nothing else is said.
const (
	maxMessage   = 1 << 20
	maxDecoded   = 256 << 10 // a part after decoding
	maxAnalysed  = 32 << 10  // a text that is searched for phrases
	maxField     = 16 << 10  // a field of a header
	maxName      = 100       // its name
	maxFields    = 500       // fields in a header
	maxParts     = 64        // parts of a message
	maxDepth     = 8         // containers within each other
	maxFound     = 32        // addresses, ids or links of one sort
	maxRecipient = 100       // recipients of a report
	maxSubject   = 200
	maxText      = 500 // what a server said
)

// Action is what a server did with a letter for one recipient (RFC 3464 section
// 2.3.3).
type Action string

// The actions.
const (
	Failed    Action = "failed"
	Delayed   Action = "delayed" // it is still being tried
	Delivered Action = "delivered"
	Relayed   Action = "relayed"  // to a server that reports nothing
	Expanded  Action = "expanded" // to a list of others
)

// Recipient is what became of a letter for one address.
type Recipient struct {
	// Address is where the letter went in the end, Original where it was sent
	// to, as far as the report says; bare addresses.
	Address  string `json:"address,omitempty"`
	Original string `json:"original,omitempty"`
	Action   Action `json:"action"`
	// Status is the code of RFC 3463, as "5.1.1", or "" where nothing says it.
	Status string `json:"status,omitempty"`
	// Code is the three digits of the server's reply, or 0.
	Code int `json:"code,omitempty"`
	// Text is the reply, one line.
	Text string `json:"text,omitempty"`
}

// Original is what a report tells of the letter that it is about.
type Original struct {
	// ReturnPaths are envelope senders, bare addresses.
	ReturnPaths []string `json:"return_paths,omitempty"`
	// MessageIDs are without angle brackets.
	MessageIDs []string `json:"message_ids,omitempty"`
	// Links are the addresses in List-Unsubscribe.
	Links []string `json:"links,omitempty"`
	// Feedback is the Feedback-ID.
	Feedback string `json:"feedback_id,omitempty"`
}

// Report is a message that was read.
type Report struct {
	Kind Kind `json:"kind"`
	// From is the author's bare address, Subject the decoded subject.
	From    string `json:"from,omitempty"`
	Subject string `json:"subject,omitempty"`
	// To are the addresses that the message came to, as its header tells.
	To []string `json:"to,omitempty"`
	// Feedback is the type of a complaint (RFC 5965 section 7.3).
	Feedback   string      `json:"feedback,omitempty"`
	Recipients []Recipient `json:"recipients,omitempty"`
	Original   Original    `json:"original"`
	// Answer says that a machine answered a message. An automatic message that
	// is none is one that a program wrote for its user.
	Answer bool `json:"answer,omitempty"`
}

// Read reads a message, of which it looks at the first megabyte. A message that
// is broken is read as far as it goes; the error is the reader's alone.
func Read(r io.Reader) (Report, error) {
	raw, err := io.ReadAll(io.LimitReader(r, maxMessage))
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) {
		return Report{}, err
	}
	return Parse(raw), nil
}

// Parse is Read for a message in memory.
func Parse(raw []byte) Report {
	raw = raw[:min(len(raw), maxMessage)]
	m := newMessage(skipEnvelope(raw))
	rep := Report{Kind: Unknown, From: firstAddress(m.top.header.get("From")), Subject: cut(oneLine(decodeWords(m.top.header.get("Subject"))), maxSubject), To: m.to()}
	rep.Original = m.original()
	switch {
	case m.feedback(&rep), m.delivery(&rep), m.plain(&rep):
		rep.Answer = true
	case m.challenge(&rep):
		rep.Kind, rep.Answer = Challenge, true
	case m.automatic(&rep):
		rep.Kind = AutoReply
	}
	return rep
}

// skipEnvelope drops the line that mbox files and pipes put before a message.
func skipEnvelope(raw []byte) []byte {
	raw = bytes.TrimPrefix(raw, []byte("\xef\xbb\xbf"))
	if rest, is := bytes.CutPrefix(raw, []byte("From ")); is {
		if i := bytes.IndexByte(rest, '\n'); i >= 0 {
			return rest[i+1:]
		}
	}
	return raw
}
