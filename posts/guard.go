package posts

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"sync"
	"syscall"
	"time"
)

// openIPv6 is all of IPv6 that is given to anybody: by the prefixes outside of
// it a gateway reaches IPv4, a network itself, or nobody.
var openIPv6 = netip.MustParsePrefix("2000::/3")

// closedNetworks are reserved beyond what [netip.Addr] knows (RFC 6890 and the
// registries of IANA): this network, shared and protocol addresses, examples,
// relays, benchmarks, the future, and the parts of IPv6 that wrap IPv4.
var closedNetworks = []netip.Prefix{
	netip.MustParsePrefix("0.0.0.0/8"), netip.MustParsePrefix("100.64.0.0/10"), netip.MustParsePrefix("192.0.0.0/24"),
	netip.MustParsePrefix("192.0.2.0/24"), netip.MustParsePrefix("192.88.99.0/24"), netip.MustParsePrefix("198.18.0.0/15"),
	netip.MustParsePrefix("198.51.100.0/24"), netip.MustParsePrefix("203.0.113.0/24"), netip.MustParsePrefix("240.0.0.0/4"),
	netip.MustParsePrefix("2001::/23"), netip.MustParsePrefix("2001:db8::/32"), netip.MustParsePrefix("2002::/16"),
	netip.MustParsePrefix("3fff::/20"),
	// One cloud has its machines' own service at a public address.
	netip.MustParsePrefix("168.63.129.16/32"),
}

// guard decides where a client may connect to, when others decide what it asks:
// to public addresses only, whatever a name resolves to; never to this machine,
// the network around it, or the service that describes a machine to itself. A
// proxy of the environment is used, and resolves names itself.
type guard struct {
	own     map[string]bool // host:port that may be anywhere
	refused string          // what a refusal says, behind the address
	proxies sync.Map        // host:port of the environment's proxies
	// resolver finds the addresses of names; nil is that of the system.
	resolver *net.Resolver
}

// newGuard lets through the hosts and ports of these addresses, too.
func newGuard(own []string, refused string) *guard {
	g := &guard{own: map[string]bool{}, refused: refused}
	for _, address := range own {
		u, err := url.Parse(address)
		if err != nil || u.Hostname() == "" {
			continue
		}
		g.own[hostPort(u)] = true
		if u.Port() == "" {
			// The same site, before or after it moved to https.
			g.own[net.JoinHostPort(hostName(u), "80")] = true
			g.own[net.JoinHostPort(hostName(u), "443")] = true
		}
	}
	return g
}

// Guarded returns a transport that connects to public addresses only, whatever a
// name resolves to, and to the hosts and ports of its own addresses. refused is
// what a refusal says behind the address.
func Guarded(own []string, refused string) http.RoundTripper {
	return newGuard(own, refused).transport()
}

// transport connects by the guard's rules.
func (g *guard) transport() *http.Transport {
	return &http.Transport{Proxy: g.proxy, DialContext: g.dial, ForceAttemptHTTP2: true, MaxIdleConns: 16,
		IdleConnTimeout: 30 * time.Second, TLSHandshakeTimeout: 10 * time.Second, MaxResponseHeaderBytes: 64 << 10}
}

// proxy is the proxy of the environment. It gets no address that it must not
// connect to; names are its own to judge.
func (g *guard) proxy(req *http.Request) (*url.URL, error) {
	u, err := http.ProxyFromEnvironment(req)
	if err != nil || u == nil {
		return nil, err
	}
	return g.through(u, req.URL)
}

func (g *guard) through(proxy, to *url.URL) (*url.URL, error) {
	if ip, err := netip.ParseAddr(to.Hostname()); err == nil && !g.own[hostPort(to)] && !public(ip) {
		return nil, g.refusal(ip)
	}
	g.proxies.Store(hostPort(proxy), true)
	return proxy, nil
}

func (g *guard) dial(ctx context.Context, network, address string) (net.Conn, error) {
	dialer := net.Dialer{Timeout: 10 * time.Second, Resolver: g.resolver}
	if _, proxy := g.proxies.Load(strings.ToLower(address)); !proxy && !g.own[strings.ToLower(address)] {
		dialer.Control = g.control
	}
	return dialer.DialContext(ctx, network, address)
}

// control looks at the address itself, after names were resolved.
func (g *guard) control(_, address string, _ syscall.RawConn) error {
	to, err := netip.ParseAddrPort(address)
	if err != nil {
		return err
	}
	if !public(to.Addr()) {
		return g.refusal(to.Addr())
	}
	return nil
}

func (g *guard) refusal(ip netip.Addr) error { return fmt.Errorf("%s %s", ip, g.refused) }

// public tells addresses that anybody can reach.
func public(ip netip.Addr) bool {
	ip = ip.Unmap().WithZone("")
	if !ip.IsGlobalUnicast() || ip.IsPrivate() {
		return false // loopback, link-local, multicast and unspecified are none
	}
	if ip.Is6() && !openIPv6.Contains(ip) {
		return false
	}
	for _, closed := range closedNetworks {
		if closed.Contains(ip) {
			return false
		}
	}
	return true
}

func hostName(u *url.URL) string { return strings.ToLower(u.Hostname()) }

// hostPort names the host and port that a URL is asked from.
func hostPort(u *url.URL) string {
	port := u.Port()
	switch {
	case port != "":
	case u.Scheme == "http":
		port = "80"
	case u.Scheme == "socks5", u.Scheme == "socks5h":
		port = "1080"
	default:
		port = "443"
	}
	return net.JoinHostPort(hostName(u), port)
}
