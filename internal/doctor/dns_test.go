package doctor_test

import (
	"context"
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"

	"tidings.example/internal/dnstest"
	"tidings.example/internal/doctor"
)

// records is a zone: "NAME KIND" and its values.
type records map[string][]string

func zone(t *testing.T, all records) *dnstest.Server {
	t.Helper()
	s := dnstest.Start(t)
	for key, values := range all {
		name, kind, _ := strings.Cut(key, " ")
		for _, v := range values {
			s.Add(name, kind, v)
		}
	}
	return s
}

// want compares levels and words of findings.
func want(t *testing.T, name string, got []doctor.Finding, level doctor.Level, words string) {
	t.Helper()
	for _, f := range got {
		if f.Level == level && strings.Contains(f.What, words) {
			if f.Bad() && f.Do == "" {
				t.Errorf("%s: %q has no way out", name, f.What)
			}
			if strings.Contains(f.What+f.Do, "\n") {
				t.Errorf("%s: more than one line: %q", name, f.What+f.Do)
			}
			return
		}
	}
	t.Errorf("%s: %+v, want %s with %q", name, got, level, words)
}

const key = "v=DKIM1; k=rsa; p=MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEA"

func TestAKeyInTheDNSIsComparedWithOurs(t *testing.T) {
	t.Parallel()
	const name = "s._domainkey.example.org"
	for _, c := range []struct {
		what    string
		records []string
		level   doctor.Level
		words   string
	}{
		{"as it should be", []string{key}, doctor.OK, "publishes the rsa key that signs"},
		{"blanks, another order, no k", []string{"p=MIIBIjANBgkqhkiG9w0BAQEF AAOCAQ8AMIIBCgKCAQEA ;v=DKIM1; t=s; n=my key;"}, doctor.OK, "publishes"},
		{"none", nil, doctor.Fail, "is not published"},
		{"two", []string{key, key}, doctor.Fail, "2 TXT records"},
		{"another key", []string{"v=DKIM1; k=rsa; p=AAAA"}, doctor.Fail, "another key"},
		{"cut off", []string{strings.TrimSuffix(key, "QEA")}, doctor.Fail, "no base64"},
		{"revoked", []string{"v=DKIM1; p="}, doctor.Fail, "revoked"},
		{"no key", []string{"v=DKIM1; k=rsa"}, doctor.Fail, "has no p="},
		{"another algorithm", []string{"v=DKIM1; k=ed25519; p=MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEA"}, doctor.Fail, "is of an ed25519 key"},
		{"no record of a key", []string{"google-site-verification"}, doctor.Fail, "cannot be read"},
		{"another version", []string{"v=DKIM2; p=AAAA"}, doctor.Fail, "v=DKIM2"},
		{"for tests", []string{key + "; t=y:s"}, doctor.Warn, "t=y"},
		{"sha1 only", []string{key + "; h=sha1"}, doctor.Fail, "h=sha1"},
		{"not for mail", []string{key + "; s=tlsrpt"}, doctor.Fail, "s=tlsrpt"},
	} {
		dns := zone(t, records{name + " TXT": c.records})
		want(t, c.what, []doctor.Finding{doctor.DKIM(t.Context(), dns.Resolver(), name, key)}, c.level, c.words)
	}
}

func TestAnSPFRecordIsFollowed(t *testing.T) {
	t.Parallel()
	long := "v=spf1"
	others := records{}
	for i := range 6 {
		long += fmt.Sprintf(" include:i%d.example.net", i)
		others[fmt.Sprintf("i%d.example.net TXT", i)] = []string{fmt.Sprintf("v=spf1 a:h%d.example.net -all", i)}
	}
	relay := doctor.Sender{Host: "smtp.example.net", Relay: true, Addresses: []netip.Addr{netip.MustParseAddr("192.0.2.7")}}
	own := doctor.Sender{Host: "this machine", Addresses: []netip.Addr{netip.MustParseAddr("192.0.2.7"), netip.MustParseAddr("2001:db8::7")}}
	provider := doctor.Sender{Host: "smtp.gmail.com", Relay: true, Provider: "_spf.google.com"}
	for _, c := range []struct {
		what   string
		record []string
		sender doctor.Sender
		level  doctor.Level
		words  string
	}{
		{"an address", []string{"v=spf1 ip4:192.0.2.0/24 -all"}, relay, doctor.OK, "permits smtp.example.net (192.0.2.7)"},
		{"a name", []string{"another text", "V=SPF1 a:smtp.example.net ~all"}, relay, doctor.OK, "permits"},
		{"an include of an include", []string{"v=spf1 include:one.example.net -all"}, relay, doctor.OK, "permits"},
		{"a redirect", []string{"v=spf1 redirect=two.example.net"}, relay, doctor.OK, "permits"},
		{"none", nil, relay, doctor.Fail, "has no SPF record"},
		{"two", []string{"v=spf1 -all", "v=spf1 mx -all"}, relay, doctor.Fail, "several SPF records"},
		{"not the relay", []string{"v=spf1 mx -all"}, relay, doctor.Warn, "does not permit smtp.example.net (192.0.2.7): fail"},
		{"not this machine's second address", []string{"v=spf1 ip4:192.0.2.7 -all"}, own, doctor.Fail, "does not permit this machine (2001:db8::7)"},
		{"everybody", []string{"v=spf1 mx +all"}, relay, doctor.Fail, "permits everybody"},
		{"too many questions", []string{long + " -all"}, relay, doctor.Fail, "takes 12 questions"},
		{"no term", []string{"v=spf1 ipv4:192.0.2.7 -all"}, relay, doctor.Fail, `"ipv4:192.0.2.7" is no term`},
		{"an include of nothing", []string{"v=spf1 include:none.example.net -all"}, relay, doctor.Fail, "include:none.example.net has no SPF record"},
		{"a loop", []string{"v=spf1 include:loop.example.net -all"}, relay, doctor.Fail, "questions"},
		{"the provider", []string{"v=spf1 include:_spf.google.com ~all"}, provider, doctor.OK, "includes _spf.google.com"},
		{"not the provider", []string{"v=spf1 mx ~all"}, provider, doctor.Fail, "does not include _spf.google.com"},
		{"nobody known", []string{"v=spf1 mx ~all"}, doctor.Sender{}, doctor.OK, "is not known here"},
	} {
		all := records{"example.org TXT": c.record, "smtp.example.net A": {"192.0.2.7"}, "example.org MX": {"mx.example.org"}, "mx.example.org A": {"192.0.2.1"},
			"one.example.net TXT": {"v=spf1 include:two.example.net ?all"}, "two.example.net TXT": {"v=spf1 a:smtp.example.net -all"},
			"loop.example.net TXT": {"v=spf1 include:loop.example.net -all"}, "_spf.google.com TXT": {"v=spf1 ip4:198.51.100.0/24 ~all"}}
		for k, v := range others {
			all[k] = v
		}
		got := doctor.SPF(t.Context(), zone(t, all).Resolver(), "example.org", c.sender, "v=spf1 a:smtp.example.net ~all")
		want(t, c.what, got, c.level, c.words)
		if c.level == doctor.OK && len(got) != 1 {
			t.Errorf("%s: %+v, want one finding", c.what, got)
		}
	}
}

func TestADMARCPolicyIsFoundAndMet(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		what    string
		records records
		a       doctor.Aligned
		level   doctor.Level
		words   string
	}{
		{"none", records{}, doctor.Aligned{Signers: []string{"blog.example.org"}}, doctor.Fail, "_dmarc.blog.example.org has no DMARC record"},
		{"of the domain", records{"_dmarc.blog.example.org TXT": {"v=DMARC1; p=reject"}}, doctor.Aligned{Signers: []string{"blog.example.org"}}, doctor.OK, "p=reject"},
		{"of the domain above", records{"_dmarc.example.org TXT": {"v=DMARC1; p=none; sp=quarantine"}}, doctor.Aligned{Signers: []string{"example.org"}}, doctor.OK, "_dmarc.example.org: letters count for it, p=quarantine"},
		{"none yet", records{"_dmarc.blog.example.org TXT": {"v=DMARC1; p=none"}}, doctor.Aligned{Signers: []string{"example.org"}}, doctor.OK, "p=quarantine would not"},
		{"two", records{"_dmarc.blog.example.org TXT": {"v=DMARC1; p=none", "v=DMARC1; p=reject"}}, doctor.Aligned{}, doctor.Fail, "2 DMARC records"},
		{"beside another text", records{"_dmarc.blog.example.org TXT": {"hello", "v=DMARC1; p=reject"}}, doctor.Aligned{Signers: []string{"blog.example.org"}}, doctor.OK, "p=reject"},
		{"broken", records{"_dmarc.blog.example.org TXT": {"v=DMARC1; p=maybe"}}, doctor.Aligned{}, doctor.Fail, "cannot be read"},
		{"strict", records{"_dmarc.example.org TXT": {"v=DMARC1; p=reject; adkim=s"}}, doctor.Aligned{Signers: []string{"example.org"}}, doctor.Fail, "wants signatures of blog.example.org"},
		{"another owner", records{"_dmarc.blog.example.org TXT": {"v=DMARC1; p=reject"}}, doctor.Aligned{Signers: []string{"example.net"}}, doctor.Fail, "wants signatures of"},
		{"by SPF alone", records{"_dmarc.blog.example.org TXT": {"v=DMARC1; p=reject"}}, doctor.Aligned{Envelope: "bounces.example.org"}, doctor.OK, "p=reject"},
		{"by nothing", records{"_dmarc.blog.example.org TXT": {"v=DMARC1; p=reject; aspf=s"}}, doctor.Aligned{Envelope: "bounces.example.org"}, doctor.Warn, "only if your mail server signs them"},
	} {
		c.a.From = "blog.example.org"
		want(t, c.what, []doctor.Finding{doctor.DMARC(t.Context(), zone(t, c.records).Resolver(), c.a, "v=DMARC1; p=none")}, c.level, c.words)
	}
}

func TestANameLeadsBackToItsAddress(t *testing.T) {
	t.Parallel()
	const reverse = "7.2.0.192.in-addr.arpa PTR"
	for _, c := range []struct {
		what    string
		records records
		level   doctor.Level
		words   string
	}{
		{"and back", records{reverse: {"mail.example.org"}, "mail.example.org A": {"192.0.2.9", "192.0.2.7"}}, doctor.OK, "192.0.2.7 is mail.example.org, and back"},
		{"no name", records{}, doctor.Fail, "has no name (PTR)"},
		{"another address", records{reverse: {"mail.example.org"}, "mail.example.org A": {"192.0.2.9"}}, doctor.Fail, "which has another address"},
		{"a name of nobody", records{reverse: {"mail.example.org"}}, doctor.Fail, "which has another address"},
	} {
		want(t, c.what, []doctor.Finding{doctor.PTR(t.Context(), zone(t, c.records).Resolver(), netip.MustParseAddr("192.0.2.7"))}, c.level, c.words)
	}
}

// TestADNSThatDoesNotAnswerIsNoVerdict has a name server in trouble, and one
// that is not there.
func TestADNSThatDoesNotAnswerIsNoVerdict(t *testing.T) {
	t.Parallel()
	dns := dnstest.Start(t)
	for _, name := range []string{"s._domainkey.example.org", "_dmarc.example.org", "example.org", "7.2.0.192.in-addr.arpa"} {
		dns.Break(name)
	}
	gone := dnstest.Start(t)
	gone.Close()
	for what, s := range map[string]*dnstest.Server{"in trouble": dns, "not there": gone} {
		r := s.Resolver()
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		got := append(doctor.SPF(ctx, r, "example.org", doctor.Sender{}, ""), doctor.DKIM(ctx, r, "s._domainkey.example.org", key),
			doctor.DMARC(ctx, r, doctor.Aligned{From: "example.org"}, ""), doctor.PTR(ctx, r, netip.MustParseAddr("192.0.2.7")))
		for _, f := range got {
			want(t, what+" "+f.Check, []doctor.Finding{f}, doctor.Warn, "the DNS does not answer")
		}
	}
}
