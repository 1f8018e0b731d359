package mailer

import (
	"fmt"
	"net/mail"
	"net/url"
	"strings"
)

// mailbox reads an RFC 5322 mailbox of ours, "Name <news@example.org>", and
// gives it a domain in A-labels: a header with another one would need SMTPUTF8
// from every server on the way.
func mailbox(text string) (*mail.Address, error) {
	if strings.ContainsAny(text, "\r\n") {
		return nil, fmt.Errorf("mailbox %q: line break", text)
	}
	m, err := mail.ParseAddress(text)
	if err != nil {
		return nil, fmt.Errorf("mailbox %q (want Name <name@example.org>): %w", text, err)
	}
	if !isASCII(m.Address) {
		a, err := ParseAddress(m.Address)
		if err != nil {
			return nil, err
		}
		if a.UTF8 {
			return nil, fmt.Errorf("mailbox %q: only ASCII goes before the @ of a sender", text)
		}
		m.Address = a.Mailed
	}
	m.Name = oneLine(m.Name)
	return m, nil
}

// mailto is the address of a mail link (RFC 6068) that carries a token: below
// the mailbox, or in the subject where it has no addresses below it.
func mailto(m *mail.Address, separator, token string) string {
	at := strings.LastIndexByte(m.Address, '@')
	local, domain, subject := m.Address[:at], m.Address[at:], "unsubscribe"
	if separator == "" {
		subject += "%20" + token
	} else {
		local += separator + token
	}
	// A plus stands for itself in RFC 6068, as the large lists have it.
	return "mailto:" + strings.ReplaceAll(url.PathEscape(local), "&", "%26") + domain + "?subject=" + subject
}
