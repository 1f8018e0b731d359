package mailer

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"time"
)

// Key is one secret key. A retired one signs nothing more; RetiredAt is zero
// before.
type Key struct {
	ID        int64
	Secret    []byte
	Retired   bool
	RetiredAt time.Time
}

// Purpose is what a token is good for, and nothing else.
type Purpose byte

// The purposes of tokens.
const (
	ConfirmToken     Purpose = 'c'
	UnsubscribeToken Purpose = 'u'
)

// ConfirmFor is how long a confirmation link can be used.
const ConfirmFor = 7 * 24 * time.Hour

// ErrToken says that a text is no token of ours for the purpose.
var ErrToken = errors.New("not a valid link")

// Claim is what a token proves: that a link was made for this subscriber and
// digest, and mailed at Made. An unsubscribe token has no time: letters that
// are sent again are the same.
type Claim struct {
	Purpose    Purpose
	Subscriber int64
	Digest     string
	Made       time.Time
}

// Expired tells whether the link is too old to be used. Unsubscribing never is.
func (c Claim) Expired(now time.Time) bool {
	return c.Purpose != UnsubscribeToken && now.Sub(c.Made) > ConfirmFor
}

// Tokens makes and reads tokens.
type Tokens struct{ keys []Key }

// NewTokens returns Tokens that sign with the last key that is not retired.
func NewTokens(keys []Key) (*Tokens, error) {
	t := &Tokens{keys: keys}
	if _, err := signer(keys); err != nil {
		return nil, err
	}
	return t, nil
}

// signer is the newest key that is not retired.
func signer(keys []Key) (Key, error) {
	for i := len(keys) - 1; i >= 0; i-- {
		if k := keys[i]; !k.Retired && len(k.Secret) >= 16 {
			return k, nil
		}
	}
	return Key{}, errors.New("no key for tokens")
}

// macSize is the length of the proof: 128 bits.
const macSize = 16

// Make returns the token of a claim: URL-safe, some fifty characters.
func (t *Tokens) Make(c Claim) string {
	key, err := signer(t.keys)
	if err != nil {
		return "" // NewTokens has refused this
	}
	var made uint64
	if c.Purpose != UnsubscribeToken {
		made = uint64(max(c.Made.Unix(), 0))
	}
	body := append(make([]byte, 0, 64), byte(c.Purpose))
	body = binary.AppendUvarint(body, uint64(key.ID))
	body = binary.AppendUvarint(body, uint64(c.Subscriber))
	body = binary.AppendUvarint(body, made)
	body = append(body, c.Digest...)
	return base64.RawURLEncoding.EncodeToString(append(body, tokenMAC(key.Secret, body)...))
}

func tokenMAC(secret, body []byte) []byte {
	m := hmac.New(sha256.New, secret)
	m.Write([]byte("tidings link 1\x00"))
	m.Write(body)
	return m.Sum(nil)[:macSize]
}

// Read returns the claim of a token made for the purpose. The error is
// [ErrToken]; how the token is wrong is nobody's business.
func (t *Tokens) Read(purpose Purpose, token string) (Claim, error) {
	raw, err := base64.RawURLEncoding.Strict().DecodeString(token)
	if err != nil || len(token) > 300 || len(raw) < macSize+4 {
		return Claim{}, ErrToken
	}
	body, proof := raw[:len(raw)-macSize], raw[len(raw)-macSize:]
	key, rest, ok := uvarint(body[1:])
	if !ok || Purpose(body[0]) != purpose || !t.proves(purpose, int64(key), body, proof) {
		return Claim{}, ErrToken
	}
	subscriber, rest, ok1 := uvarint(rest)
	made, rest, ok2 := uvarint(rest)
	if !ok1 || !ok2 {
		return Claim{}, ErrToken
	}
	return Claim{Purpose: purpose, Subscriber: int64(subscriber), Digest: string(rest), Made: time.Unix(int64(made), 0).UTC()}, nil
}

// proves checks the proof under the named key. A retired key still ends
// subscriptions, for ever, and does nothing else.
func (t *Tokens) proves(purpose Purpose, id int64, body, proof []byte) bool {
	for _, k := range t.keys {
		if k.ID == id && (!k.Retired || purpose == UnsubscribeToken) {
			return hmac.Equal(tokenMAC(k.Secret, body), proof)
		}
	}
	return false
}

func uvarint(b []byte) (uint64, []byte, bool) {
	v, n := binary.Uvarint(b)
	if n <= 0 || v > 1<<62 {
		return 0, nil, false
	}
	return v, b[n:], true
}

// SignedLinks makes the addresses that letters carry. It serves as the Links of a
// dispatcher.
type SignedLinks struct {
	// Base is the absolute URL of tidings' pages, ending in a slash.
	Base   string
	Tokens *Tokens
}

// Confirm returns the page that asks to confirm a subscription.
func (l *SignedLinks) Confirm(subscriber int64, digest string, now time.Time) string {
	return l.Base + "c/" + l.Tokens.Make(Claim{Purpose: ConfirmToken, Subscriber: subscriber, Digest: digest, Made: now})
}

// Unsubscribe returns the page that ends a subscription; a POST to it does so
// at once (RFC 8058).
func (l *SignedLinks) Unsubscribe(subscriber int64, digest string) string {
	return l.Base + "u/" + l.Tokens.Make(Claim{Purpose: UnsubscribeToken, Subscriber: subscriber, Digest: digest})
}

// Preferences returns "": readers have no page of their own yet.
func (l *SignedLinks) Preferences(int64, string) string { return "" }

// LeaveToken is what the mailto: way to leave carries.
func (l *SignedLinks) LeaveToken(subscriber int64, digest string) string {
	return l.Tokens.LeaveToken(subscriber, digest)
}
