package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"tidings.example/internal/config"
	"tidings.example/mailer"
	"tidings.example/mailer/smtp"
)

// servers are the ways out for letters.
func (p *program) servers() ([]mailer.Server, error) {
	c := p.config.Mail
	if c.Transport != "smtp" {
		return []mailer.Server{{Name: c.Transport, Transport: mailer.Maildir{Dir: c.Maildir.Dir}}}, nil
	}
	var out []mailer.Server
	for i, s := range c.Out() {
		transport, err := newTransport(s)
		if err != nil {
			key := "mail.smtp"
			if len(c.Servers) > 0 {
				key = fmt.Sprintf("mail.server[%d]", i)
			}
			if errors.Is(err, smtp.ErrCAFile) {
				key += ".ca_file"
			}
			return nil, p.mistake(key, err.Error())
		}
		one := mailer.Server{Name: s.Name, Transport: transport, Connections: s.Connections, Weight: s.Weight}
		one.Limits = mailer.Limits{Rate: mailer.Rate{Second: s.PerSecond, Minute: s.PerMinute, Hour: s.PerHour, Day: s.PerDay}, WarmUp: s.WarmUp, Zone: p.zone}
		for _, d := range s.Domains {
			one.Limits.Domains = append(one.Limits.Domains, mailer.DomainLimit{Domain: d.Name, Connections: d.Connections,
				Rate: mailer.Rate{Second: d.PerSecond, Minute: d.PerMinute, Hour: d.PerHour, Day: d.PerDay}})
		}
		out = append(out, one)
	}
	return out, nil
}

// newTransport is the way to one server.
func newTransport(s config.SMTP) (*smtp.Transport, error) {
	t := s.Timeouts
	// Deadlines of sockets are of this machine's clock, whatever time it is in
	// the ledger.
	return smtp.New(smtp.Config{Host: s.Host, Port: s.Port, Security: smtp.Security(s.TLS), Username: s.Username,
		Password: string(s.Password), PerConnection: s.LettersPerConnection, CAFile: s.CAFile, Clock: time.Now,
		Timeouts: smtp.Timeouts{Connect: time.Duration(t.Connect), Greeting: time.Duration(t.Greeting), Command: time.Duration(t.Command),
			Data: time.Duration(t.Data), Block: time.Duration(t.Block), Dot: time.Duration(t.Dot)}})
}

// connect opens a connection to the first server that takes one; the reply is
// why the last one does not.
func (p *program) connect(ctx context.Context) (conn mailer.Conn, reply mailer.Reply, err error) {
	servers, err := p.servers()
	if err != nil {
		return nil, reply, err
	}
	for _, s := range servers {
		if conn, reply = s.Transport.Connect(ctx); conn != nil {
			break
		}
	}
	return conn, reply, nil
}
