// Package dkim signs letters by DomainKeys Identified Mail (RFC 6376) with RSA
// keys of 2048 bits and with Ed25519 keys (RFC 8463), and writes the records
// that publish the keys.
//
// Start with [Generate] and [NewKey]; [Sign] makes the signatures. It is a pure
// function: the time is that of the letter, not of a clock, so a letter that is
// sent again after a crash is the same to the last byte. For this it is written
// here: the libraries put the time of day into each signature. Verifying is
// theirs.
package dkim

import (
	"bytes"
	"crypto"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"time"
)

// signed are the names of h=: what a receiver shows, answers to, or acts upon
// (RFC 6376 section 5.4.1, RFC 8058 section 4). A letter has at most one field
// of each; those that it has not are passed over. The names are folded after
// the colon, and the order is that of the signature.
var signed = []string{
	"From", "To", "Cc", "Reply-To", "Sender", "Subject", "Date", "Message-ID", "In-Reply-To", "References",
	"MIME-Version", "Content-Type", "Content-Transfer-Encoding",
	"List-Id", "List-Unsubscribe", "List-Unsubscribe-Post", "List-Archive", "List-Help", "List-Post", "List-Owner", "List-Subscribe",
	"Auto-Submitted", "Precedence", "Feedback-ID",
}

// sealed are the fields of which nobody may add another one on the way: their
// names stand in h= once more than the fields in the letter (RFC 6376 section
// 8.15), also where the letter has none. A second From or Subject would be
// shown under a signature that never saw it, a new List-Unsubscribe pressed.
var sealed = map[string]bool{
	"From": true, "To": true, "Cc": true, "Reply-To": true, "Subject": true, "Date": true, "Message-ID": true,
	"MIME-Version": true, "Content-Type": true, "List-Unsubscribe": true, "List-Unsubscribe-Post": true,
}

// Sign returns the DKIM-Signature fields of a letter, one for each key, to be
// put in front of it. Lines of the letter end in CRLF, and dots are not
// stuffed. The same letter, time and keys always get the same bytes.
//
// Both parts are canonicalised "relaxed": relays refold header fields, and
// some trim the ends of lines.
func Sign(letter []byte, at time.Time, keys ...*Key) ([]byte, error) {
	if len(keys) == 0 {
		return nil, nil
	}
	head, body, err := split(letter)
	if err != nil {
		return nil, err
	}
	names, canonical, err := pick(head)
	if err != nil {
		return nil, err
	}
	sum := bodyHash(body)
	s := signing{names: names, canonical: canonical, bodyHash: base64.StdEncoding.EncodeToString(sum[:]), at: at.Unix()}
	var out []byte
	for _, k := range keys {
		if out, err = s.append(out, k); err != nil {
			return nil, fmt.Errorf("sign with %s: %w", k.Name(), err)
		}
	}
	return out, nil
}

// signing is what the signatures of one letter share.
type signing struct {
	names     []string // of h=
	canonical []byte   // the fields that are signed
	bodyHash  string
	at        int64
}

// append adds the field of one key.
func (s *signing) append(out []byte, k *Key) ([]byte, error) {
	start := len(out)
	out = fmt.Appendf(out, "DKIM-Signature: v=1; a=%s-sha256; c=relaxed/relaxed;\r\n\td=%s; s=%s;\r\n\tt=%d; bh=%s;\r\n\th=",
		k.algorithm, k.Domain, k.Selector, s.at, s.bodyHash)
	out = append(appendNames(out, s.names), ";\r\n\tb="...)
	input := make([]byte, len(s.canonical), len(s.canonical)+len(out)-start)
	copy(input, s.canonical)
	// The field itself counts last, without its value and without a line end.
	input = bytes.TrimSuffix(appendRelaxed(input, out[start:]), []byte("\r\n"))
	signature, err := k.sign(input)
	if err != nil {
		return nil, err
	}
	return appendValue(out, base64.StdEncoding.EncodeToString(signature)), nil
}

// appendNames writes h=, folded after colons.
func appendNames(out []byte, names []string) []byte {
	column := len("\th=")
	for i, name := range names {
		if i > 0 {
			out = append(out, ':')
			if column += 1 + len(name); column > 72 {
				out, column = append(out, "\r\n\t "...), 2+len(name)
			}
		} else {
			column += len(name)
		}
		out = append(out, name...)
	}
	return out
}

// appendValue writes the signature, folded: it may be so anywhere.
func appendValue(out []byte, value string) []byte {
	for n := 70; len(value) > n; n = 72 {
		out = append(append(out, value[:n]...), "\r\n\t "...)
		value = value[n:]
	}
	return append(append(out, value...), "\r\n"...)
}

// split divides a letter at its first empty line.
func split(letter []byte) (head, body []byte, err error) {
	i := bytes.Index(letter, []byte("\r\n\r\n"))
	if i < 0 {
		return nil, nil, errors.New("sign: the letter has no empty line after its header")
	}
	return letter[:i+2], letter[i+4:], nil
}

// SenderDomain returns the domain of the address in a letter's From, in lower
// case, which a signature must be aligned with; "" where there is none. The
// address ends the field.
func SenderDomain(letter []byte) string {
	for len(letter) > 0 && letter[0] != '\r' {
		field := letter[:fieldEnd(letter)]
		letter = letter[len(field):]
		name, value, _ := bytes.Cut(field, []byte(":"))
		if strings.EqualFold(string(bytes.TrimRight(name, " \t")), "From") {
			at := bytes.LastIndexByte(value, '@')
			return strings.ToLower(string(bytes.Trim(value[at+1:], "> \t\r\n")))
		}
	}
	return ""
}

// pick returns the names of h= for a header and the canonical form of the
// fields that they name, in their order.
func pick(head []byte) (names []string, canonical []byte, err error) {
	var fields [48]struct{ name, text []byte }
	n := 0
	for rest := head; len(rest) > 0; n++ {
		text := rest[:fieldEnd(rest)]
		rest = rest[len(text):]
		name, _, found := bytes.Cut(text, []byte(":"))
		if !found || n == len(fields) {
			return nil, nil, fmt.Errorf("sign: header field %d is none, or one too many: %.40q", n+1, text)
		}
		fields[n].name, fields[n].text = bytes.TrimRight(name, " \t"), text
	}
	names, canonical = make([]string, 0, len(signed)+len(sealed)), make([]byte, 0, len(head)+1024)
	for _, name := range signed {
		count := 0
		for _, f := range fields[:n] {
			if len(f.name) == len(name) && strings.EqualFold(string(f.name), name) {
				canonical = appendRelaxed(canonical, f.text)
				count++
			}
		}
		if count > 1 || count == 0 && name == "From" {
			return nil, nil, fmt.Errorf("sign: %s stands in the header %d times, want it once", name, count)
		}
		if sealed[name] {
			count++
		}
		for range count {
			names = append(names, name)
		}
	}
	return names, canonical, nil
}

// fieldEnd returns the length of the first field, with its folded lines.
func fieldEnd(head []byte) int {
	end := 0
	for {
		i := bytes.IndexByte(head[end:], '\n')
		if i < 0 {
			return len(head)
		}
		end += i + 1
		if end == len(head) || head[end] != ' ' && head[end] != '\t' {
			return end
		}
	}
}

// sign signs the input of RFC 6376 section 3.7. RSA signs the hash by PKCS #1,
// Ed25519 the hash as its message (RFC 8463 section 3): neither is random.
func (k *Key) sign(input []byte) ([]byte, error) {
	hash := sha256.Sum256(input)
	if k.algorithm == Ed25519 {
		return k.signer.Sign(nil, hash[:], crypto.Hash(0))
	}
	return k.signer.Sign(nil, hash[:], crypto.SHA256)
}
