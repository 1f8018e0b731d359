package config

import (
	"fmt"
	"net/mail"
	"strings"

	"golang.org/x/net/idna"
)

// DKIM says how letters are signed. The keys are in the database.
type DKIM struct {
	Algorithms []string `toml:"algorithms"`
	Domain     string   `toml:"domain"`
	Selector   string   `toml:"selector"`
}

// SenderDomains are the domains that letters are from, in A-labels, each once,
// that of mail.from first.
func (c *Config) SenderDomains() []string {
	var out []string
	seen := map[string]bool{}
	add := func(mailbox string) {
		if d := Domain(mailbox); d != "" && !seen[d] {
			seen[d] = true
			out = append(out, d)
		}
	}
	add(c.Mail.From)
	for _, d := range c.Digests {
		add(d.From)
	}
	return out
}

// Domain is the domain of a mailbox in A-labels, "" where it has none.
func Domain(mailbox string) string {
	a, err := mail.ParseAddress(mailbox)
	if err != nil {
		return ""
	}
	domain, err := idna.Lookup.ToASCII(a.Address[strings.LastIndexByte(a.Address, '@')+1:])
	if err != nil {
		return ""
	}
	return strings.ToLower(domain)
}

// Covers tells whether a key of the domain may sign what is from the other one:
// receivers take both for one where it is the same or lies below.
func Covers(domain, from string) bool {
	return domain == from || strings.HasSuffix(from, "."+domain)
}

func (b *binder) dkim(c *Config) {
	d := &c.Mail.DKIM
	seen := map[string]bool{}
	for i, a := range d.Algorithms {
		key := fmt.Sprintf("mail.dkim.algorithms[%d]", i)
		b.oneOf(key, a, "rsa", "ed25519")
		if seen[a] {
			b.fail(key, "%q stands here twice", a)
		}
		seen[a] = true
	}
	if !names.MatchString(d.Selector) || len(d.Selector) > 40 {
		b.fail("mail.dkim.selector", "%q is no beginning of a name: use up to 40 of a-z, 0-9 and -", d.Selector)
	}
	if d.Domain == "" {
		return
	}
	domain, err := idna.Lookup.ToASCII(d.Domain)
	if err != nil || !strings.Contains(domain, ".") {
		b.fail("mail.dkim.domain", "%q is no domain: write it like \"example.org\"", d.Domain)
		return
	}
	for _, from := range c.SenderDomains() {
		if !Covers(domain, from) {
			b.fail("mail.dkim.domain", "letters come from %s, which is not %s and not below it: receivers would not count the signature", from, domain)
		}
	}
	d.Domain = domain
}
