package main

import (
	"cmp"
	"context"
	"errors"
	"net"
	"time"

	"tidings.example/internal/doctor"
	"tidings.example/internal/store"
)

// resolver asks the DNS of this machine, or the name server at the address.
func resolver(server string) (*net.Resolver, error) {
	if server == "" {
		return net.DefaultResolver, nil
	}
	host, port, err := net.SplitHostPort(server)
	if err != nil {
		host, port = server, "53"
	}
	if net.ParseIP(host) == nil {
		return nil, usagef("--dns %s: write the address of a name server, like 9.9.9.9 or 127.0.0.1:5353", server)
	}
	address := net.JoinHostPort(host, cmp.Or(port, "53"))
	return &net.Resolver{PreferGo: true, StrictErrors: true, Dial: func(ctx context.Context, network, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, network, address)
	}}, nil
}

// dnsPatience is how long the DNS may take for one question.
const dnsPatience = 10 * time.Second

// published is an error that says why a key is not ready to be used.
func (p *program) published(ctx context.Context, server string, k store.DKIMKey) error {
	r, err := resolver(server)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, dnsPatience)
	defer cancel()
	f := doctor.DKIM(ctx, r, keyName(k), k.Record)
	if f.Level != doctor.OK {
		return errors.New(f.What + ": " + f.Do)
	}
	return nil
}
