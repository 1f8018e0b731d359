package mailer

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"strconv"
	"strings"
	"time"
)

// ReturnFor is how long letters may come back after their key was retired:
// servers try for days, and people complain for weeks.
const ReturnFor = 90 * 24 * time.Hour

// ReturnPaths makes the envelope sender of each letter, and reads it when
// something comes back: bounces+ISSUE.SUBSCRIBER.PROOF@example.org. Capitals do
// not count in it: servers on the way may change them. Use [NewReturnPaths].
type ReturnPaths struct {
	// Mailbox takes what comes back: a bare address.
	Mailbox string
	// Separator stands between the mailbox and what follows. A mailbox without
	// one, "", has no addresses below it: all letters come back to it alone.
	Separator string

	keys []Key
}

// NewReturnPaths returns ReturnPaths that sign with the last key that is not
// retired.
func NewReturnPaths(mailbox, separator string, keys []Key) (*ReturnPaths, error) {
	p := &ReturnPaths{Mailbox: mailbox, Separator: separator, keys: keys}
	if _, err := signer(keys); err != nil {
		return nil, err
	}
	if local, domain, ok := cutAddress(mailbox); !ok || local == "" || domain == "" {
		return nil, errors.New("return path: want a mailbox like bounces@example.org")
	}
	return p, nil
}

// Of returns the envelope sender of a letter to an address: the same until the
// key is replaced. [ReturnPaths.Read] knows those of the key before, too.
func (p *ReturnPaths) Of(l Letter, to string) string {
	a, b := l.Issue, l.Subscriber
	if l.Notice {
		a, b = 0, l.ID
	}
	key, err := signer(p.keys)
	local, domain, _ := cutAddress(p.Mailbox)
	if err != nil || p.Separator == "" {
		return p.Mailbox
	}
	tag := addressTag(key.Secret, to)
	local += p.Separator + base36(a) + "." + base36(b) + "." + tag + returnMAC(key.Secret, a, b, tag)
	if len(local) > maxLocal {
		return p.Mailbox // traced by its Message-ID
	}
	return local + "@" + domain
}

// Read tells which letter the address was made for; false where it proves
// nothing.
func (p *ReturnPaths) Read(address string, now time.Time) (Origin, bool) {
	rest, ours := below(p.Mailbox, p.Separator, address)
	fields := strings.Split(rest, ".")
	if !ours || len(fields) != 3 || len(fields[2]) != tagSize+macDigits {
		return Origin{}, false
	}
	a, ok1 := parseBase36(fields[0])
	b, ok2 := parseBase36(fields[1])
	tag, proof := fields[2][:tagSize], fields[2][tagSize:]
	if !ok1 || !ok2 || b == 0 {
		return Origin{}, false
	}
	for _, k := range p.keys {
		if k.Retired && now.Sub(k.RetiredAt) > ReturnFor || !hmac.Equal([]byte(returnMAC(k.Secret, a, b, tag)), []byte(proof)) {
			continue
		}
		o := Origin{Proof: ProvenByAddress, Issue: a, Subscriber: b, WentTo: func(address string) bool { return addressTag(k.Secret, address) == tag }}
		if a == 0 {
			o.Notice, o.Subscriber = b, 0
		}
		return o, true
	}
	return Origin{}, false
}

// Ours tells whether the address is the mailbox or below it, proven or not.
func (p *ReturnPaths) Ours(address string) bool {
	_, is := below(p.Mailbox, p.Separator, address)
	return is || strings.EqualFold(unbracketed(address), p.Mailbox)
}

const (
	// macDigits is the length of a proof: 80 bits in base32.
	macDigits = 16
	// tagSize is the length of the mark of an address: 20 bits tell whether it
	// is the one that the letter went to.
	tagSize = 4
)

func returnMAC(secret []byte, a, b int64, tag string) string {
	h := hmac.New(sha256.New, secret)
	h.Write([]byte("tidings return path 1\x00" + tag))
	h.Write(binary.BigEndian.AppendUint64(binary.BigEndian.AppendUint64(nil, uint64(a)), uint64(b)))
	return idEncoding.EncodeToString(h.Sum(nil)[:10])
}

func addressTag(secret []byte, address string) string {
	h := hmac.New(sha256.New, secret)
	h.Write([]byte("tidings address 1\x00" + strings.ToLower(address)))
	return idEncoding.EncodeToString(h.Sum(nil)[:5])[:tagSize]
}

func base36(n int64) string { return strconv.FormatInt(n, 36) }

// parseBase36 reads what base36 writes, and nothing else.
func parseBase36(s string) (int64, bool) {
	n, err := strconv.ParseInt(s, 36, 64)
	return n, err == nil && n >= 0 && base36(n) == s
}

// below returns what an address adds to a mailbox, in small letters.
func below(mailbox, separator, address string) (rest string, ours bool) {
	local, domain, ok := cutAddress(strings.ToLower(unbracketed(address)))
	base, home, _ := cutAddress(strings.ToLower(mailbox))
	if !ok || separator == "" || domain != home {
		return "", false
	}
	return strings.CutPrefix(local, base+strings.ToLower(separator))
}

func unbracketed(address string) string {
	return strings.TrimSuffix(strings.TrimPrefix(strings.TrimSpace(address), "<"), ">")
}

func cutAddress(address string) (local, domain string, ok bool) {
	at := strings.LastIndexByte(address, '@')
	if at < 0 {
		return "", "", false
	}
	return address[:at], address[at+1:], true
}
