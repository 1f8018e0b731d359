package doctor_test

import (
	"context"
	"net"
	"net/netip"
	"testing"

	"tidings.example/internal/doctor"
)

// echo is a DNS that has one text under every name.
type echo string

func (e echo) LookupTXT(context.Context, string) ([]string, error) { return []string{string(e)}, nil }
func (e echo) LookupMX(context.Context, string) ([]*net.MX, error) {
	return []*net.MX{{Host: "mx.example.org."}}, nil
}
func (e echo) LookupIPAddr(context.Context, string) ([]net.IPAddr, error) {
	return []net.IPAddr{{IP: net.IPv4(192, 0, 2, 1)}}, nil
}
func (e echo) LookupAddr(context.Context, string) ([]string, error) { return []string{string(e)}, nil }

// FuzzRecords looks for a record that no look comes to an end with, or that
// leaves the owner without a way out.
func FuzzRecords(f *testing.F) {
	for _, text := range []string{"v=spf1 include:a.example include:b.example redirect=%{d}.c.example -all", "v=spf1 a/24//64 mx:x ptr exists:%{i}.y ip4:192.0.2.0/24 ip6:::1 +all",
		"v=DKIM1; k=rsa; p=AA==; h=sha1:sha256; t=y:s", "v=DMARC1; p=none; sp=reject; adkim=s; aspf=r; pct=50; rua=mailto:a@b.example", "=;=", "v=spf1 \x1b[2J"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		r := echo(text)
		sender := doctor.Sender{Host: "mail.example.org", Relay: true, Addresses: []netip.Addr{netip.MustParseAddr("192.0.2.1"), netip.MustParseAddr("2001:db8::1")}}
		all := append(doctor.SPF(t.Context(), r, "example.org", sender, "v=spf1 mx ~all"), doctor.DKIM(t.Context(), r, "s._domainkey.example.org", key),
			doctor.DMARC(t.Context(), r, doctor.Aligned{From: "example.org", Signers: []string{"example.org"}}, "v=DMARC1; p=none"))
		for _, one := range all {
			if one.Check == "" || one.What == "" || one.Bad() == (one.Do == "") {
				t.Errorf("%q: %+v", text, one)
			}
		}
	})
}
