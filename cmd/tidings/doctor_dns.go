package main

import (
	"cmp"
	"context"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strings"
	"time"

	"tidings.example/internal/config"
	"tidings.example/internal/doctor"
	"tidings.example/internal/store"
	"tidings.example/mailer"
)

// examiner makes the doctor's looks at a program.
type examiner struct {
	p    *program
	r    doctor.Resolver
	keys []store.DKIMKey
	// missing are records to be published; dns alone writes it.
	missing []dnsRecord
}

// finding is one of the command's own.
func finding(check string, level doctor.Level, what, do string) doctor.Finding {
	return doctor.Finding{Check: check, Level: level, What: what, Do: do}
}

// dns looks at the records of the domains that letters come from.
func (e *examiner) dns(ctx context.Context) []doctor.Finding {
	domains := e.p.config.SenderDomains()
	if len(domains) == 0 {
		return []doctor.Finding{finding("dns", doctor.Skip, "letters come from nobody yet: mail.from is not set", "")}
	}
	var out []doctor.Finding
	for _, from := range domains {
		if !strings.Contains(from, ".") {
			out = append(out, finding("dns", doctor.Skip, "letters come from "+from+", which is no domain of the DNS", ""))
			continue
		}
		out = append(out, e.domain(ctx, from)...)
	}
	senders, own := e.senders(ctx)
	envelopes := domains
	if d := config.Domain(e.p.config.Bounce.Address); d != "" {
		envelopes = []string{d}
		out = append(out, e.bounces(ctx, d))
	}
	for _, d := range envelopes {
		if strings.Contains(d, ".") {
			out = append(out, e.spf(ctx, d, senders)...)
		}
	}
	for _, a := range own {
		out = append(out, doctor.PTR(ctx, e.r, a))
	}
	return out
}

// domain looks at the signatures and the policy of a domain in From.
func (e *examiner) domain(ctx context.Context, from string) []doctor.Finding {
	var out []doctor.Finding
	var signers []string
	sound := true // every key that signs is published
	sign := e.p.config.Mail.DKIM.Algorithms
	for _, k := range e.keys {
		if !k.Retired.IsZero() && k.Needed == 0 || !config.Covers(k.Domain, from) {
			continue
		}
		f := doctor.DKIM(ctx, e.r, keyName(k), k.Record)
		switch {
		case k.Used.IsZero() && f.Level == doctor.OK:
			f = finding("dkim", doctor.Warn, keyName(k)+" is published, and signs nothing yet", "tidings keys use "+k.Selector)
		case k.Used.IsZero():
			f = finding("dkim", doctor.Skip, keyName(k)+" is new and not in use: "+f.What, "")
		case f.Bad():
			e.missing = append(e.missing, dkimRecords([]store.DKIMKey{k})...)
		}
		if !k.Used.IsZero() && k.Retired.IsZero() && slices.Contains(sign, k.Algorithm) {
			signers = append(signers, k.Domain)
			sound = sound && f.Level == doctor.OK
		}
		out = append(out, f)
	}
	slices.Sort(signers)
	signers = slices.Compact(signers)
	switch {
	case len(signers) > 0 && sound:
		out = append(out, e.signature(ctx, from))
	case len(signers) > 0:
	case len(sign) == 0:
		out = append(out, finding("dkim", doctor.Skip, "letters are not signed here (mail.dkim.algorithms is empty): see that your mail server does it", ""))
	default:
		out = append(out, finding("dkim", doctor.Fail, "letters from "+from+" are not signed: big providers refuse them from who mails many", "tidings keys new"))
	}
	want := dmarcRecord(e.p.config, from)
	f := doctor.DMARC(ctx, e.r, doctor.Aligned{From: from, Signers: signers, Envelope: cmp.Or(config.Domain(e.p.config.Bounce.Address), from)}, want.Value)
	if f.Level == doctor.Fail && strings.HasPrefix(f.Do, "publish") {
		e.missing = append(e.missing, want)
	}
	return append(out, f)
}

// signature signs a letter that goes nowhere, and lets it be verified.
func (e *examiner) signature(ctx context.Context, from string) doctor.Finding {
	now := e.p.sh.now()
	letter := []byte("From: <doctor@" + from + ">\r\nTo: <nobody@" + from + ">\r\nDate: " + now.UTC().Format(time.RFC1123Z) + "\r\nSubject: doctor\r\n\r\nA letter.\r\n")
	fields, err := e.p.signer().Sign(ctx, mailer.Letter{}, now, letter)
	if err != nil {
		return finding("dkim", doctor.Fail, err.Error(), "make another key: tidings keys new")
	}
	return doctor.Signature(ctx, e.r, from, append(fields, letter...))
}

// spf looks whether the domain of the envelope permits the servers.
func (e *examiner) spf(ctx context.Context, domain string, senders []doctor.Sender) []doctor.Finding {
	want := spfRecord(e.p.config, domain)
	var out []doctor.Finding
	missing := false
	for _, s := range senders {
		for _, f := range doctor.SPF(ctx, e.r, domain, s, want.Value) {
			if !slices.Contains(out, f) { // what is wrong for one is so for all
				out = append(out, f)
			}
			missing = missing || strings.HasPrefix(f.Do, "publish")
		}
	}
	if missing {
		e.missing = append(e.missing, want)
	}
	return out
}

// bounces looks whether reports can come back.
func (e *examiner) bounces(ctx context.Context, domain string) doctor.Finding {
	hosts, err := e.r.LookupMX(ctx, domain+".")
	if err == nil && len(hosts) > 0 {
		return finding("mx", doctor.OK, fmt.Sprintf("mail for %s goes to %s", domain, strings.TrimSuffix(hosts[0].Host, ".")), "")
	}
	if addresses, err := e.r.LookupIPAddr(ctx, domain+"."); err == nil && len(addresses) > 0 {
		return finding("mx", doctor.OK, "mail for "+domain+" goes to the host of that name: it has no MX record", "")
	}
	return finding("mx", doctor.Fail, "mail for "+domain+" goes nowhere: it has neither MX record nor address, and reports of letters that failed are lost",
		"publish an MX record for it")
}

// senders are those that hand letters over, and the addresses of this machine
// where it does so itself. There is always one sender.
func (e *examiner) senders(ctx context.Context) (out []doctor.Sender, own []netip.Addr) {
	c := e.p.config.Mail
	if c.Transport != "smtp" {
		return []doctor.Sender{{}}, nil
	}
	for _, s := range c.Out() {
		if config.Loopback(s.Host) {
			own = publicAddresses()
			out = append(out, doctor.Sender{Host: "this machine", Addresses: own})
			continue
		}
		out = append(out, e.relay(ctx, s.Host))
	}
	return out, own
}

// relay is a server that takes letters and sends them on. One without an address
// is told of by the look at the server.
func (e *examiner) relay(ctx context.Context, host string) doctor.Sender {
	s := doctor.Sender{Host: host, Relay: true, Provider: providerSPF(host)}
	found, err := e.r.LookupIPAddr(ctx, host)
	if err != nil {
		return s
	}
	for _, f := range found {
		if a, ok := netip.AddrFromSlice(f.IP); ok && a.Unmap().IsGlobalUnicast() {
			s.Addresses = append(s.Addresses, a.Unmap())
		}
	}
	return s
}

// publicAddresses are those of this machine that others can see.
func publicAddresses() []netip.Addr {
	all, err := net.InterfaceAddrs()
	if err != nil {
		return nil
	}
	var out []netip.Addr
	for _, a := range all {
		prefix, err := netip.ParsePrefix(a.String())
		if ip := prefix.Addr(); err == nil && ip.IsGlobalUnicast() && !ip.IsPrivate() {
			out = append(out, ip)
		}
	}
	return out
}
