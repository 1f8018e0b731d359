package mailer

import (
	"context"
	"fmt"
	"sync"
	"time"

	"tidings.example/mailer/dkim"
)

// Signer proves who a letter is from.
type Signer interface {
	// Sign returns the header fields that go in front of a rendered letter: its
	// signatures, or none. date is that of the first intent: the same letter
	// gets the same fields at every attempt. An error blames the keys or the
	// database, never the letter.
	Sign(ctx context.Context, l Letter, date time.Time, text []byte) ([]byte, error)
}

// SigningKey is a DKIM key with its private half, in PKCS #8.
type SigningKey struct {
	ID               int64
	Domain, Selector string
	Private          []byte
}

// SigningRequest asks for the keys of a letter.
type SigningRequest struct {
	// Issue and Notice name what the letter belongs to; both are 0 for a letter
	// of neither, such as a test.
	Issue, Notice int64
	// Domain is that of From. A key of the domain counts, or else one of the
	// nearest domain above it that has any.
	Domain string
	// Algorithms are those that may sign what has no keys yet.
	Algorithms []string
}

// KeyRing keeps the keys.
type KeyRing interface {
	// SigningKeys returns the keys that an issue or a notice was given by its
	// first letter, RSA first: those in use then, for good, or none.
	SigningKeys(ctx context.Context, r SigningRequest) ([]SigningKey, error)
}

// DKIM signs letters with the keys of the domain in their From (RFC 6376). It
// is safe for concurrent use.
type DKIM struct {
	ring       KeyRing
	algorithms []string

	mu     sync.Mutex
	sets   map[signingOf][]*dkim.Key // empty: not signed
	parsed map[int64]*dkim.Key
}

// NewDKIM returns a signer that gives issues and notices keys of the
// algorithms. With none it signs only what was signed before.
func NewDKIM(ring KeyRing, algorithms []string) *DKIM {
	return &DKIM{ring: ring, algorithms: algorithms, sets: map[signingOf][]*dkim.Key{}, parsed: map[int64]*dkim.Key{}}
}

type signingOf struct {
	issue  int64
	domain string
}

// manySets is how many issues are remembered; more are asked for anew.
const manySets = 64

// Sign implements [Signer].
func (d *DKIM) Sign(ctx context.Context, l Letter, date time.Time, text []byte) ([]byte, error) {
	keys, err := d.keys(ctx, l, dkim.SenderDomain(text))
	if err != nil {
		return nil, fmt.Errorf("keys for a letter: %w", err)
	}
	return dkim.Sign(text, date, keys...)
}

// keys returns the keys of a letter. Those of an issue are asked for once, those
// of a notice each time.
func (d *DKIM) keys(ctx context.Context, l Letter, domain string) ([]*dkim.Key, error) {
	r := SigningRequest{Domain: domain, Algorithms: d.algorithms}
	if l.Notice {
		r.Notice = l.ID
		found, err := d.ring.SigningKeys(ctx, r)
		if err != nil {
			return nil, err
		}
		return d.parse(found)
	}
	r.Issue = l.Issue
	of := signingOf{l.Issue, domain}
	d.mu.Lock()
	set, ok := d.sets[of]
	d.mu.Unlock()
	if ok {
		return set, nil
	}
	found, err := d.ring.SigningKeys(ctx, r)
	if err != nil {
		return nil, err
	}
	if set, err = d.parse(found); err != nil {
		return nil, err
	}
	if l.Issue == 0 {
		return set, nil
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if len(d.sets) >= manySets {
		clear(d.sets)
	}
	d.sets[of] = set
	return set, nil
}

// parse reads keys, each of them once.
func (d *DKIM) parse(found []SigningKey) (keys []*dkim.Key, err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if len(d.parsed) >= manySets {
		clear(d.parsed)
	}
	for _, f := range found {
		k := d.parsed[f.ID]
		if k == nil {
			if k, err = dkim.NewKey(f.Domain, f.Selector, f.Private); err != nil {
				return nil, err
			}
			d.parsed[f.ID] = k
		}
		keys = append(keys, k)
	}
	return keys, nil
}
