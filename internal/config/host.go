package config

import (
	"net"
	"net/netip"
	"regexp"
	"strings"

	"golang.org/x/net/idna"
)

// hostname matches A-labels, and the underscores of containers' names.
var hostname = regexp.MustCompile(`^(?i:[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?)(\.(?i:[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?))*\.?$`)

var digits = regexp.MustCompile(`^[0-9]{1,5}$`)

// host wants the name or the IP address of a server, and nothing around it.
func (b *binder) host(key, text string) {
	if text == "" {
		return
	}
	if _, err := netip.ParseAddr(text); err == nil {
		return
	}
	if name, port, err := net.SplitHostPort(text); err == nil && hostname.MatchString(name) && digits.MatchString(port) {
		b.fail(key, "%q is a host and a port: write host = %q and port = %s", text, name, port)
		return
	}
	ascii, err := idna.Lookup.ToASCII(text)
	if err != nil {
		ascii = text // names of containers are no domains
	}
	switch {
	case strings.Contains(text, "://"):
		b.fail(key, "%q is a web address: want the name of the server alone, like \"smtp.example.org\"", text)
	case strings.Contains(text, "@"):
		b.fail(key, "%q is a mailbox: want the name of the server, like \"smtp.example.org\"", text)
	case !hostname.MatchString(ascii) || len(ascii) > 253:
		b.fail(key, "%q is no name of a server: write it like \"smtp.example.org\"", text)
	}
}

// clash tells whether two addresses cannot be listened at at once.
func clash(one, other string) bool {
	host1, port1, err1 := net.SplitHostPort(one)
	host2, port2, err2 := net.SplitHostPort(other)
	if err1 != nil || err2 != nil || port1 != port2 || port1 == "0" {
		return false
	}
	return host1 == host2 || everywhere(host1) || everywhere(host2) || Loopback(host1) && Loopback(host2) && (host1 == "localhost" || host2 == "localhost")
}

// everywhere tells the hosts that mean each address of this machine.
func everywhere(host string) bool {
	a, err := netip.ParseAddr(host)
	return host == "" || err == nil && a.IsUnspecified()
}
