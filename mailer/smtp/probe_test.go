package smtp_test

import (
	"crypto/tls"
	"slices"
	"strings"
	"testing"
	"time"

	"tidings.example/mailer"
	"tidings.example/mailer/smtp"
	"tidings.example/mailer/smtp/smtptest"
)

func TestAProbeShowsTheServerAndSendsNothing(t *testing.T) {
	t.Parallel()
	now := time.Now()
	server, ca := smtptest.Certificate(t, now, now.Add(time.Hour))
	srv := smtptest.Start(t, smtptest.Script{TLS: server, Username: "ann", Password: "secret", Extensions: []string{"PIPELINING", "SIZE 12345", "DSN"}})
	c := config(srv)
	c.Security, c.CAFile, c.Username, c.Password = smtp.StartTLS, ca, "ann", "secret"
	transport, err := smtp.New(c)
	if err != nil {
		t.Fatal(err)
	}
	p, r := transport.Probe(t.Context())
	if r != (mailer.Reply{}) || p.Size != 12345 || !slices.Equal(p.Offers, []string{"PIPELINING", "SIZE"}) {
		t.Errorf("%+v, %v", p, r)
	}
	if p.TLS == nil || p.TLS.Version < tls.VersionTLS12 || len(p.TLS.PeerCertificates) == 0 {
		t.Errorf("no TLS: %+v", p.TLS)
	}
	if n := len(srv.Letters()); n != 0 {
		t.Errorf("%d letters", n)
	}
	c.Password = "wrong"
	if transport, err = smtp.New(c); err != nil {
		t.Fatal(err)
	}
	if _, r := transport.Probe(t.Context()); r.Phase != mailer.PhaseAuth || !strings.HasPrefix(transport.Address(), "127.0.0.1:") {
		t.Errorf("%v at %s", r, transport.Address())
	}
}
