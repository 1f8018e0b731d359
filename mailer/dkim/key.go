package dkim

import (
	"crypto"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
)

// Algorithm is a kind of keys, as k= names it.
type Algorithm string

// The algorithms. Every receiver knows RSA, not all know Ed25519: a letter may
// carry a signature of each.
const (
	RSA     Algorithm = "rsa"
	Ed25519 Algorithm = "ed25519"
)

// Bits is the size of new RSA keys. RFC 8301 section 3.2 asks for at least
// 1024 and advises 2048; the record of a larger one does not fit into one
// answer by UDP.
const Bits = 2048

// Key is a private key and the name under which its public half is published.
type Key struct {
	// Domain takes responsibility for the letter: d=, in A-labels.
	Domain string
	// Selector tells the keys of a domain apart: s=.
	Selector string

	algorithm Algorithm
	signer    crypto.Signer
	public    string // p=
}

// Generate makes a private key and returns it as PKCS #8.
func Generate(a Algorithm) ([]byte, error) {
	var key any
	var err error
	switch a {
	case RSA:
		key, err = rsa.GenerateKey(rand.Reader, Bits)
	case Ed25519:
		_, key, err = ed25519.GenerateKey(rand.Reader)
	default:
		return nil, fmt.Errorf("unknown algorithm %q: want %q or %q", a, RSA, Ed25519)
	}
	if err != nil {
		return nil, fmt.Errorf("make a key: %w", err)
	}
	return x509.MarshalPKCS8PrivateKey(key)
}

// NewKey reads a private key in PKCS #8.
func NewKey(domain, selector string, private []byte) (*Key, error) {
	for _, name := range []string{domain, selector} {
		if err := checkName(name); err != nil {
			return nil, err
		}
	}
	parsed, err := x509.ParsePKCS8PrivateKey(private)
	if err != nil {
		return nil, fmt.Errorf("key %s of %s: %w", selector, domain, err)
	}
	k := &Key{Domain: domain, Selector: selector}
	switch key := parsed.(type) {
	case *rsa.PrivateKey:
		if key.N.BitLen() < 1024 {
			return nil, fmt.Errorf("key %s of %s: %d bits are too few (RFC 8301): want %d", selector, domain, key.N.BitLen(), Bits)
		}
		der, err := x509.MarshalPKIXPublicKey(key.Public())
		if err != nil {
			return nil, err
		}
		k.algorithm, k.signer, k.public = RSA, key, base64.StdEncoding.EncodeToString(der)
	case ed25519.PrivateKey:
		// RFC 8463 section 4: the bare key, not wrapped.
		k.algorithm, k.signer = Ed25519, key
		k.public = base64.StdEncoding.EncodeToString(key.Public().(ed25519.PublicKey))
	default:
		return nil, fmt.Errorf("key %s of %s is a %T: want RSA or Ed25519", selector, domain, parsed)
	}
	return k, nil
}

// checkName takes a host name in ASCII, lower case. Anything else could break
// out of its place in the field.
func checkName(name string) error {
	if name == "" || len(name) > 253 {
		return errors.New("dkim: a domain or selector is missing or too long")
	}
	for label := range strings.SplitSeq(name, ".") {
		outside := strings.ContainsFunc(label, func(r rune) bool {
			return (r < 'a' || r > 'z') && (r < '0' || r > '9') && r != '-' && r != '_'
		})
		if label == "" || len(label) > 63 || outside {
			return fmt.Errorf("dkim: %q is no name: want a-z, 0-9, - and dots", name)
		}
	}
	return nil
}

// Algorithm returns the kind of the key.
func (k *Key) Algorithm() Algorithm { return k.algorithm }

// Name returns the domain name that publishes the key.
func (k *Key) Name() string { return k.Selector + "._domainkey." + k.Domain }

// Record returns the text of the TXT record that publishes the key.
func (k *Key) Record() string {
	return fmt.Sprintf("v=DKIM1; k=%s; p=%s", k.algorithm, k.public)
}
