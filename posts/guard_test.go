package posts

import (
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/net/dns/dnsmessage"
)

// A name is judged by the address that is connected to, not by one that was
// looked up before: the second answer of a name server may be another one.
func TestTheGuardJudgesTheAddressThatIsConnectedTo(t *testing.T) {
	t.Parallel()
	var inside atomic.Int32
	internal := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { inside.Add(1) }))
	t.Cleanup(internal.Close)
	port := internal.URL[strings.LastIndexByte(internal.URL, ':')+1:]
	asked := map[string]bool{}
	names := nameServer(t, func(name string) string {
		defer func() { asked[name] = true }()
		if name == "rebinds.example." && !asked[name] {
			return "93.184.215.14"
		}
		return "127.0.0.1"
	})
	if got, err := names.LookupHost(t.Context(), "rebinds.example"); err != nil || got[0] != "93.184.215.14" {
		t.Fatalf("the name server: %v, %v", got, err)
	}
	for address, want := range map[string]string{
		"http://rebinds.example:" + port + "/": "no public address",
		"http://inside.example:" + port + "/":  "no public address",
		"http://own.example:" + port + "/":     "",
		"http://OWN.example:" + port + "/":     "",
		"http://own.example.:" + port + "/":    "no public address",
	} {
		g := newGuard([]string{"http://own.example:" + port + "/"}, "is no public address")
		g.resolver = names
		client := &http.Client{Transport: g.transport(), Timeout: 5 * time.Second}
		res, err := client.Get(address)
		if err == nil {
			res.Body.Close()
		}
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", address, err, want)
		}
		client.CloseIdleConnections()
	}
	if n := inside.Load(); n != 2 {
		t.Errorf("the internal server was reached %d times", n)
	}
}

func TestTheGuardGivesNoPrivateAddressToAProxy(t *testing.T) {
	t.Parallel()
	g := newGuard([]string{"https://own.example/"}, "is no public address")
	for address, want := range map[string]bool{"http://10.0.0.1/": false, "http://[::ffff:10.0.0.1]/": false, "http://[64:ff9b::a00:1]/": false, "http://93.184.215.14/": true, "http://name.example/": true} {
		u, err := url.Parse(address)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := g.through(&url.URL{Scheme: "http", Host: "proxy.example:3128"}, u); (err == nil) != want {
			t.Errorf("%s: %v", address, err)
		}
	}
	if _, known := g.proxies.Load("proxy.example:3128"); !known {
		t.Error("the proxy itself would be refused where it is in the network")
	}
}

// nameServer is a resolver that asks a name server within the test.
func nameServer(t *testing.T, answer func(name string) string) *net.Resolver {
	t.Helper()
	c, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	go func() { // ends with the connection
		buffer := make([]byte, 4096)
		for {
			n, from, err := c.ReadFrom(buffer)
			if err != nil {
				return
			}
			var m dnsmessage.Message
			if err := m.Unpack(buffer[:n]); err != nil || len(m.Questions) != 1 {
				continue
			}
			m.Response, m.Additionals = true, nil
			if q := m.Questions[0]; q.Type == dnsmessage.TypeA {
				m.Answers = []dnsmessage.Resource{{Header: dnsmessage.ResourceHeader{Name: q.Name, Class: q.Class, TTL: 0},
					Body: &dnsmessage.AResource{A: netip.MustParseAddr(answer(strings.ToLower(q.Name.String()))).As4()}}}
			}
			if packed, err := m.Pack(); err == nil {
				_, _ = c.WriteTo(packed, from) // the client is gone
			}
		}
	}()
	return &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "udp", c.LocalAddr().String())
	}}
}
