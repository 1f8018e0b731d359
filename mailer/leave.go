package mailer

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"regexp"
	"strings"
)

// LeaveToken returns what the mailto: way to leave carries: SUBSCRIBER.PROOF, so
// short that it fits into a mailbox's name. Capitals do not count in it.
func (t *Tokens) LeaveToken(subscriber int64, digest string) string {
	key, err := signer(t.keys)
	if err != nil {
		return "" // NewTokens has refused this
	}
	return base36(subscriber) + "." + leaveMAC(key.Secret, subscriber, digest)
}

// LeaveSubscriber returns the subscriber that a leave token names, and 0 where
// the text is none. It proves nothing yet.
func LeaveSubscriber(token string) int64 {
	number, proof, _ := strings.Cut(strings.ToLower(token), ".")
	n, ok := parseBase36(number)
	if !ok || len(proof) != macDigits {
		return 0
	}
	return n
}

// ReadLeave finds the digest that a leave token was made for among those that
// its subscriber has. The error is [ErrToken]. A retired key still proves it,
// for ever.
func (t *Tokens) ReadLeave(token string, digests []string) (Claim, error) {
	subscriber := LeaveSubscriber(token)
	_, proof, _ := strings.Cut(strings.ToLower(token), ".")
	if subscriber == 0 {
		return Claim{}, ErrToken
	}
	for _, digest := range digests {
		for _, k := range t.keys {
			if hmac.Equal([]byte(leaveMAC(k.Secret, subscriber, digest)), []byte(proof)) {
				return Claim{Purpose: UnsubscribeToken, Subscriber: subscriber, Digest: digest}, nil
			}
		}
	}
	return Claim{}, ErrToken
}

func leaveMAC(secret []byte, subscriber int64, digest string) string {
	h := hmac.New(sha256.New, secret)
	h.Write([]byte("tidings leave 1\x00"))
	h.Write(binary.BigEndian.AppendUint64(nil, uint64(subscriber)))
	h.Write([]byte(digest))
	return idEncoding.EncodeToString(h.Sum(nil)[:10])
}

// request finds a leave token in the subject of a mail, whatever a mail program
// puts around it.
var request = regexp.MustCompile(`(?i)unsubscribe[\s_]+([a-z0-9]{1,13}\.[a-z2-7]{16})(?:$|[^a-z0-9])`)

// LeaveMailbox takes requests to leave by mail: the mailbox of the mailto: in
// letters, and the addresses below it.
type LeaveMailbox struct {
	// Mailbox is a bare address.
	Mailbox string
	// Separator is that of [ReturnPaths]; with "" the token is in the subject.
	Separator string
}

// Token returns the leave token of a mail to the address, or "": that of the
// address, else that of the subject of a mail to the mailbox itself.
func (m LeaveMailbox) Token(address, subject string) string {
	if m.Mailbox == "" {
		return ""
	}
	if rest, ours := below(m.Mailbox, m.Separator, address); ours {
		return rest
	}
	found := request.FindStringSubmatch(strings.Join(strings.Fields(subject), " "))
	if found == nil || !strings.EqualFold(unbracketed(address), m.Mailbox) {
		return ""
	}
	return strings.ToLower(found[1])
}

// Ours tells whether the address is the mailbox or below it, proven or not.
func (m LeaveMailbox) Ours(address string) bool {
	_, is := below(m.Mailbox, m.Separator, address)
	return m.Mailbox != "" && (is || strings.EqualFold(unbracketed(address), m.Mailbox))
}
