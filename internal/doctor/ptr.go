package doctor

import (
	"context"
	"fmt"
	"net/netip"
	"strings"
)

// PTR looks whether the name of an address leads back to it: a server that sends
// without that is refused by many receivers (RFC 1912 section 2.1).
func PTR(ctx context.Context, r Resolver, a netip.Addr) Finding {
	names, err := r.LookupAddr(ctx, a.String())
	if err != nil && !missing(err) {
		return silent("ptr", a.String(), err)
	}
	for _, name := range names {
		hosts, err := r.LookupIPAddr(ctx, name)
		if err != nil && !missing(err) {
			return silent("ptr", name, err)
		}
		for _, h := range hosts {
			if back, ok := netip.AddrFromSlice(h.IP); ok && back.Unmap() == a.Unmap() {
				return Finding{Check: "ptr", Level: OK, What: fmt.Sprintf("%s is %s, and back", a, strings.TrimSuffix(name, "."))}
			}
		}
	}
	if len(names) == 0 {
		return Finding{"ptr", Fail, fmt.Sprintf("%s has no name (PTR): big providers refuse what it sends", a), "let the owner of the address (your hoster) set one, and give the name this address"}
	}
	return Finding{"ptr", Fail, fmt.Sprintf("%s is called %s, which has another address: big providers refuse what it sends", a, strings.TrimSuffix(names[0], ".")), "give the name this address, or the address another name"}
}
