package smtp

import (
	"context"
	"crypto/tls"

	"tidings.example/mailer"
)

// Probe is what a server showed of itself.
type Probe struct {
	// TLS is nil where the connection is in clear.
	TLS *tls.ConnectionState
	// Offers are the extensions of its EHLO that matter for letters.
	Offers []string
	// Size is the largest letter that it takes, 0 where it does not say.
	Size int
}

// Address is host and port of the server.
func (t *Transport) Address() string { return t.addr }

// Probe connects as for a letter, logs in, and hangs up with QUIT. The zero
// reply is success.
func (t *Transport) Probe(ctx context.Context) (Probe, mailer.Reply) {
	opened, r := t.Connect(ctx)
	if opened == nil {
		return Probe{}, r
	}
	defer opened.Close()
	c := opened.(*conn)
	p := Probe{Size: c.size}
	if state, secured := c.client.TLSConnectionState(); secured {
		p.TLS = &state
	}
	for _, name := range []string{"PIPELINING", "SIZE", "8BITMIME", "SMTPUTF8"} {
		if offered, _ := c.client.Extension(name); offered {
			p.Offers = append(p.Offers, name)
		}
	}
	return p, mailer.Reply{}
}
