package main

import (
	"fmt"
	"slices"
	"strings"

	"tidings.example/internal/config"
	"tidings.example/internal/store"
)

// dnsRecord is one record of the DNS to be published.
type dnsRecord struct {
	Name  string `json:"name"`
	Type  string `json:"type"`
	Value string `json:"value"`
	// Strings is the value of a TXT record in the pieces of at most 255 bytes
	// that it is made of (RFC 1035 section 3.3.14).
	Strings []string `json:"strings,omitempty"`
	Note    string   `json:"note,omitempty"`
}

func txtRecord(name, value, note string) dnsRecord {
	r := dnsRecord{Name: name, Type: "TXT", Value: value, Note: note}
	for ; len(value) > 255; value = value[255:] {
		r.Strings = append(r.Strings, value[:255])
	}
	r.Strings = append(r.Strings, value)
	return r
}

// dkimRecords publish keys.
func dkimRecords(keys []store.DKIMKey) []dnsRecord {
	var out []dnsRecord
	for _, k := range keys {
		out = append(out, txtRecord(keyName(k), k.Record, ""))
	}
	return out
}

// domainRecords are what the domains of a configuration need beside the keys.
func domainRecords(c *config.Config) []dnsRecord {
	var out []dnsRecord
	envelope := config.Domain(c.Bounce.Address)
	for _, from := range c.SenderDomains() {
		if envelope == "" || envelope == from {
			out = append(out, spfRecord(c, from))
		}
		out = append(out, dmarcRecord(c, from))
	}
	if envelope != "" {
		if !slices.Contains(c.SenderDomains(), envelope) {
			out = append(out, spfRecord(c, envelope))
		}
		out = append(out, dnsRecord{Name: envelope, Type: "MX", Value: "10 " + envelope,
			Note: "the host that takes mail for " + c.Bounce.Address + ", if it is another one"})
	}
	return out
}

// spfRecord permits the servers to send for a domain (RFC 7208).
func spfRecord(c *config.Config, domain string) dnsRecord {
	const one = "a domain has one SPF record: if there is one already, add this to it"
	var terms, strange []string
	if c.Mail.Transport == "smtp" {
		for _, s := range c.Mail.Out() {
			term := "a:" + s.Host
			switch include := providerSPF(s.Host); {
			case s.Host == "" || config.Loopback(s.Host):
				continue
			case include != "":
				term = "include:" + include
			default:
				strange = append(strange, s.Host)
			}
			if !slices.Contains(terms, term) {
				terms = append(terms, term)
			}
		}
	}
	note := one
	switch {
	case len(terms) == 0:
		terms, note = []string{"a:HOST"}, "HOST is the server that sends your mail; a provider names an include: of its own instead; "+one
	case len(strange) > 0:
		note = "if " + strings.Join(strange, ", ") + " belongs to a provider, it names an include: of its own to stand here instead; " + one
	}
	return txtRecord(domain, "v=spf1 "+strings.Join(terms, " ")+" ~all", note)
}

// providerSPF is the name that a provider of mail wants in the SPF records of
// its customers, "" where it is not known.
func providerSPF(host string) string {
	host = strings.ToLower(strings.TrimSuffix(host, "."))
	for _, p := range providers {
		if host == p[0] || strings.HasSuffix(host, "."+p[0]) {
			return p[1]
		}
	}
	return ""
}

// providers are domains of mail servers and what their owners document for SPF.
var providers = [][2]string{
	{"gmail.com", "_spf.google.com"}, {"google.com", "_spf.google.com"},
	{"amazonaws.com", "amazonses.com"}, {"mailgun.org", "mailgun.org"}, {"sendgrid.net", "sendgrid.net"},
	{"office365.com", "spf.protection.outlook.com"}, {"messagingengine.com", "spf.messagingengine.com"}, {"fastmail.com", "spf.messagingengine.com"},
	{"postmarkapp.com", "spf.mtasv.net"}, {"mailjet.com", "spf.mailjet.com"}, {"migadu.com", "spf.migadu.com"},
	{"exmail.qq.com", "spf.mail.qq.com"}, {"zoho.com", "zohomail.com"}, {"zoho.eu", "zohomail.eu"}, {"mail.me.com", "icloud.com"},
}

// dmarcRecord says what receivers do with a letter that is not ours (RFC 7489).
func dmarcRecord(c *config.Config, from string) dnsRecord {
	note := "asks for nothing yet but that receivers look; once your letters pass, p=quarantine protects your name"
	if strings.Count(from, ".") > 1 {
		note += "; a record of the domain above counts, too"
	}
	return txtRecord("_dmarc."+from, "v=DMARC1; p=none", note)
}

// printRecords prints records for a person who pastes them into the panel of
// their DNS.
func (sh *shell) printRecords(records []dnsRecord) {
	for _, r := range records {
		value := r.Value
		if r.Type == "TXT" {
			value = `"` + strings.Join(r.Strings, `" "`) + `"`
		}
		sh.printf("%s  %s\n", r.Name, r.Type)
		sh.printf("    %s\n", value)
		if r.Note != "" {
			sh.printf("    (%s)\n", r.Note)
		}
	}
	if slices.ContainsFunc(records, func(r dnsRecord) bool { return len(r.Strings) > 1 }) {
		sh.printf("%s\n", "Where your DNS wants one text, leave out the quotes and what is between them.")
	}
}

// recordsFor are all records of a configuration: those of its domains, and of
// the keys that are in use or wait to be.
func recordsFor(c *config.Config, keys []store.DKIMKey) []dnsRecord {
	current := slices.DeleteFunc(slices.Clone(keys), func(k store.DKIMKey) bool { return !k.Retired.IsZero() })
	return append(domainRecords(c), dkimRecords(current)...)
}

// keyName is how a person may name a key: its selector, or the whole name.
func keyName(k store.DKIMKey) string { return fmt.Sprintf("%s._domainkey.%s", k.Selector, k.Domain) }
