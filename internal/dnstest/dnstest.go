// Package dnstest answers for the DNS in tests: a name server on 127.0.0.1 that
// knows what it is given and nothing else.
package dnstest

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"sync"
	"testing"

	"golang.org/x/net/dns/dnsmessage"
)

// Server is a name server. A name that it does not know does not exist.
type Server struct {
	conn    net.PacketConn
	mu      sync.Mutex
	records map[question][]dnsmessage.ResourceBody
	names   map[string]bool
	broken  map[string]dnsmessage.RCode
	asked   int
}

type question struct {
	name string
	kind dnsmessage.Type
}

// Start serves on a free port of 127.0.0.1 until the test ends.
func Start(t testing.TB) *Server {
	t.Helper()
	s, err := Listen("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

// Listen serves on the UDP address until Close.
func Listen(address string) (*Server, error) {
	conn, err := net.ListenPacket("udp", address)
	if err != nil {
		return nil, err
	}
	s := &Server{conn: conn, records: map[question][]dnsmessage.ResourceBody{}, names: map[string]bool{}, broken: map[string]dnsmessage.RCode{}}
	go s.serve()
	return s, nil
}

// Close ends the server.
func (s *Server) Close() { s.conn.Close() }

// Addr is where the server listens.
func (s *Server) Addr() string { return s.conn.LocalAddr().String() }

// Asked is how many questions came so far.
func (s *Server) Asked() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.asked
}

// Resolver asks this server.
func (s *Server) Resolver() *net.Resolver {
	return &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, "udp", s.Addr())
	}}
}

// Add gives a name one more record: TXT with text of any length, A or AAAA with
// an address, MX or PTR with a host.
func (s *Server) Add(name, kind, value string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	body, err := body(kind, value)
	if err != nil {
		panic(fmt.Sprintf("dnstest: %s %s %q: %v", name, kind, value, err))
	}
	name = canonical(name)
	q := question{name, kinds[kind]}
	s.records[q] = append(s.records[q], body)
	s.names[name] = true
}

// Set is Add in the place of what the name had of the kind.
func (s *Server) Set(name, kind, value string) {
	s.mu.Lock()
	delete(s.records, question{canonical(name), kinds[kind]})
	s.mu.Unlock()
	s.Add(name, kind, value)
}

// Break lets questions for the name fail: the server has trouble.
func (s *Server) Break(name string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.broken[canonical(name)] = dnsmessage.RCodeServerFailure
}

var kinds = map[string]dnsmessage.Type{"TXT": dnsmessage.TypeTXT, "A": dnsmessage.TypeA, "AAAA": dnsmessage.TypeAAAA, "MX": dnsmessage.TypeMX, "PTR": dnsmessage.TypePTR}

func body(kind, value string) (dnsmessage.ResourceBody, error) {
	switch kind {
	case "TXT":
		var parts []string
		for ; len(value) > 255; value = value[255:] {
			parts = append(parts, value[:255])
		}
		return &dnsmessage.TXTResource{TXT: append(parts, value)}, nil
	case "A", "AAAA":
		ip, err := netip.ParseAddr(value)
		if err != nil {
			return nil, err
		}
		if kind == "A" {
			return &dnsmessage.AResource{A: ip.As4()}, nil
		}
		return &dnsmessage.AAAAResource{AAAA: ip.As16()}, nil
	case "MX", "PTR":
		host, err := dnsmessage.NewName(canonical(value))
		if kind == "MX" {
			return &dnsmessage.MXResource{Pref: 10, MX: host}, err
		}
		return &dnsmessage.PTRResource{PTR: host}, err
	}
	return nil, fmt.Errorf("unknown kind of record")
}

func canonical(name string) string { return strings.ToLower(strings.TrimSuffix(name, ".")) + "." }

func (s *Server) serve() {
	packet := make([]byte, 4096)
	for {
		n, from, err := s.conn.ReadFrom(packet)
		if err != nil {
			return
		}
		if answer, err := s.answer(packet[:n]); err == nil {
			// A lost answer is asked for again.
			_, _ = s.conn.WriteTo(answer, from)
		}
	}
}

func (s *Server) answer(packet []byte) ([]byte, error) {
	var p dnsmessage.Parser
	head, err := p.Start(packet)
	if err != nil {
		return nil, err
	}
	q, err := p.Question()
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asked++
	name := canonical(q.Name.String())
	m := dnsmessage.Message{Questions: []dnsmessage.Question{q},
		Header: dnsmessage.Header{ID: head.ID, Response: true, Authoritative: true, RecursionDesired: head.RecursionDesired, RecursionAvailable: true}}
	switch {
	case s.broken[name] != dnsmessage.RCodeSuccess:
		m.RCode = s.broken[name]
	case !s.names[name]:
		m.RCode = dnsmessage.RCodeNameError
	}
	for _, body := range s.records[question{name, q.Type}] {
		m.Answers = append(m.Answers, dnsmessage.Resource{Header: dnsmessage.ResourceHeader{Name: q.Name, Class: dnsmessage.ClassINET, TTL: 60}, Body: body})
	}
	return m.Pack()
}
