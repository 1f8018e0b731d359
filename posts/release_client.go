package posts

import (
	"context"
	"errors"
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

// liveRedirects is how many times a look follows a page that has moved.
const liveRedirects = 5

// closedNetworks are reserved beyond what [netip.Addr] knows: this network,
// shared and protocol addresses, benchmarks, the future, and the prefixes by
// which IPv6 reaches every one of them.
var closedNetworks = []netip.Prefix{
	netip.MustParsePrefix("0.0.0.0/8"), netip.MustParsePrefix("100.64.0.0/10"), netip.MustParsePrefix("192.0.0.0/24"),
	netip.MustParsePrefix("198.18.0.0/15"), netip.MustParsePrefix("240.0.0.0/4"), netip.MustParsePrefix("::/96"),
	netip.MustParsePrefix("64:ff9b::/96"), netip.MustParsePrefix("64:ff9b:1::/48"), netip.MustParsePrefix("2002::/16"),
	netip.MustParsePrefix("2001::/32"), netip.MustParsePrefix("fec0::/10"),
}

// LiveClient returns the client for [HTTPLive]. A post's header and a redirect
// decide what it asks, so it connects to public addresses only, whatever a name
// resolves to: never to this machine, the network around it, or the service that
// describes a machine to itself. The sites, URLs of the owner's own blogs, are
// excepted, each with its own host and port. A proxy of the environment is used,
// and resolves names itself.
func LiveClient(sites []string, timeout time.Duration) *http.Client {
	c := &liveGuard{own: map[string]bool{}}
	for _, site := range sites {
		if u, err := url.Parse(site); err == nil && u.Hostname() != "" {
			c.own[hostPort(u)] = true
			if u.Port() == "" {
				// The same site, before or after it moved to https.
				c.own[net.JoinHostPort(hostName(u), "80")] = true
				c.own[net.JoinHostPort(hostName(u), "443")] = true
			}
		}
	}
	return &http.Client{
		Timeout: timeout,
		Transport: &http.Transport{Proxy: c.proxy, DialContext: c.dial, ForceAttemptHTTP2: true, MaxIdleConns: 16,
			IdleConnTimeout: 30 * time.Second, TLSHandshakeTimeout: 10 * time.Second, MaxResponseHeaderBytes: 64 << 10},
		CheckRedirect: func(_ *http.Request, via []*http.Request) error {
			if len(via) > liveRedirects {
				return fmt.Errorf("stopped after %d redirects", liveRedirects)
			}
			return nil
		},
	}
}

// liveGuard decides where a look may connect to.
type liveGuard struct {
	own     map[string]bool // host:port
	proxies sync.Map        // host:port of the environment's proxies
}

// proxy is the proxy of the environment. It gets no address that it must not
// connect to; names are its own to judge.
func (c *liveGuard) proxy(req *http.Request) (*url.URL, error) {
	u, err := http.ProxyFromEnvironment(req)
	if err != nil || u == nil {
		return nil, err
	}
	if ip, err := netip.ParseAddr(req.URL.Hostname()); err == nil && !c.own[hostPort(req.URL)] && !public(ip) {
		return nil, refusal(ip)
	}
	c.proxies.Store(hostPort(u), true)
	return u, nil
}

func (c *liveGuard) dial(ctx context.Context, network, address string) (net.Conn, error) {
	dialer := net.Dialer{Timeout: 10 * time.Second}
	if _, proxy := c.proxies.Load(strings.ToLower(address)); !proxy && !c.own[strings.ToLower(address)] {
		dialer.Control = control
	}
	return dialer.DialContext(ctx, network, address)
}

// control looks at the address itself, after names were resolved.
func control(_, address string, _ syscall.RawConn) error {
	to, err := netip.ParseAddrPort(address)
	if err != nil {
		return err
	}
	if !public(to.Addr()) {
		return refusal(to.Addr())
	}
	return nil
}

// errClosed is the cause of every refusal.
var errClosed = errors.New("is no public address, and a post's URL must have one or be on the site's own host")

func refusal(ip netip.Addr) error { return fmt.Errorf("%s %w", ip, errClosed) }

// public tells addresses that anybody can reach.
func public(ip netip.Addr) bool {
	ip = ip.Unmap().WithZone("")
	if !ip.IsGlobalUnicast() || ip.IsPrivate() {
		return false // loopback, link-local, multicast and unspecified are none
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

// sameHost tells whether an absolute address is on the site's own host.
func sameHost(site, address string) bool {
	s, err := url.Parse(site)
	if err != nil {
		return false
	}
	a, err := url.Parse(address)
	return err == nil && hostName(a) == hostName(s) && portOf(a) == portOf(s)
}

// portOf is "" for the usual ports.
func portOf(u *url.URL) string {
	if p := u.Port(); p != "80" && p != "443" {
		return p
	}
	return ""
}
