package doctor

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/emersion/go-msgauth/dmarc"
	"golang.org/x/net/publicsuffix"
)

// Aligned is what a receiver may count for the domain of From.
type Aligned struct {
	// From is the domain that readers see.
	From string
	// Signers are the domains that sign, d= of DKIM; none where the mail server
	// may sign, which cannot be known here.
	Signers []string
	// Envelope is the domain of the envelope sender, which SPF is about.
	Envelope string
}

// DMARC looks for the policy of the domain of From, and whether a letter that
// passes SPF or DKIM passes it (RFC 7489).
func DMARC(ctx context.Context, r Resolver, a Aligned, want string) Finding {
	name, records, err := policies(ctx, r, a.From)
	if err != nil {
		return silent("dmarc", name, err)
	}
	switch len(records) {
	case 0:
		return Finding{"dmarc", Fail, name + " has no DMARC record: big providers want one from who mails many", fmt.Sprintf("publish: %s TXT \"%s\"", name, want)}
	case 1:
	default:
		return Finding{"dmarc", Fail, fmt.Sprintf("%s has %d DMARC records: receivers take none of them", name, len(records)), "leave one of them"}
	}
	p, err := dmarc.Parse(records[0])
	if err != nil {
		return Finding{"dmarc", Fail, fmt.Sprintf("%s cannot be read: %s", name, strings.TrimPrefix(err.Error(), "dmarc: ")), "correct it: " + records[0]}
	}
	signed := slices.ContainsFunc(a.Signers, func(d string) bool { return aligned(d, a.From, p.DKIMAlignment) })
	sent := aligned(a.Envelope, a.From, p.SPFAlignment)
	switch {
	case !signed && len(a.Signers) > 0:
		return Finding{"dmarc", Fail, fmt.Sprintf("%s wants signatures of %s, letters are signed by %s", name, a.From, strings.Join(a.Signers, ", ")), "set mail.dkim.domain = \"\" and make keys: tidings keys new; or publish adkim=r"}
	case !signed && !sent:
		return Finding{"dmarc", Warn, fmt.Sprintf("%s: letters from %s come back to %s, which does not count for it: they pass only if your mail server signs them", name, a.From, a.Envelope), "make keys: tidings keys new"}
	}
	policy := p.Policy
	if p.SubdomainPolicy != "" && name != "_dmarc."+a.From {
		policy = p.SubdomainPolicy
	}
	if policy == dmarc.PolicyNone {
		return ok("dmarc", "%s: letters count for it; p=none lets others write in your name, p=quarantine would not", name)
	}
	return ok("dmarc", "%s: letters count for it, p=%s", name, policy)
}

// policies returns the records of a domain, or of its organizational domain
// (RFC 7489 section 6.6.3), and the name to publish one under.
func policies(ctx context.Context, r Resolver, domain string) (name string, records []string, err error) {
	name = "_dmarc." + domain
	if records, err = policy(ctx, r, name); err != nil || len(records) > 0 {
		return name, records, err
	}
	if org := organization(domain); org != domain {
		above, err := policy(ctx, r, "_dmarc."+org)
		if err != nil || len(above) > 0 {
			return "_dmarc." + org, above, err
		}
	}
	return name, nil, nil
}

func policy(ctx context.Context, r Resolver, name string) ([]string, error) {
	found, err := texts(ctx, r, name)
	return slices.DeleteFunc(found, func(text string) bool {
		version, _, _ := strings.Cut(text, ";")
		return strings.Join(strings.Fields(version), "") != "v=DMARC1"
	}), err
}

// organization is the domain that somebody registered.
func organization(domain string) string {
	org, err := publicsuffix.EffectiveTLDPlusOne(domain)
	if err != nil {
		return domain
	}
	return org
}

// aligned tells whether a domain counts for that of From.
func aligned(domain, from string, mode dmarc.AlignmentMode) bool {
	if mode == dmarc.AlignmentStrict {
		return domain == from
	}
	return domain != "" && organization(domain) == organization(from)
}
