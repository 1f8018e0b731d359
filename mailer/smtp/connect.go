package smtp

import (
	"context"
	"crypto/tls"
	"strings"

	client "github.com/wneessen/go-mail/smtp"

	"tidings.example/mailer"
)

// Connect implements [mailer.Transport]: it dials, greets, encrypts, logs in.
func (t *Transport) Connect(ctx context.Context) (mailer.Conn, mailer.Reply) {
	dial, cancel := context.WithTimeout(ctx, t.c.Timeouts.Connect)
	defer cancel()
	socket, err := t.c.Dial(dial, "tcp", t.addr)
	if err != nil {
		return nil, mailer.Reply{Phase: mailer.PhaseDial, Err: err}
	}
	c := &conn{t: t, wire: newWire(socket, t.c.Clock)}
	defer context.AfterFunc(ctx, c.wire.abort)()
	if r := c.open(ctx); r.Code != 0 || r.Err != nil {
		c.hangUp()
		return nil, r
	}
	return c, mailer.Reply{}
}

// open leads the conversation up to the first letter. The zero reply is success.
func (c *conn) open(ctx context.Context) (r mailer.Reply) {
	if r = c.greet(ctx); r != (mailer.Reply{}) {
		return r
	}
	command := func(phase mailer.Phase, do func() error) bool {
		if err := c.wire.phase(ctx, c.t.c.Timeouts.Command); err != nil {
			r = mailer.Reply{Phase: phase, Err: err}
		} else if err := do(); err != nil {
			r = fault(phase, err)
		}
		return r == mailer.Reply{}
	}
	if !command(mailer.PhaseHello, func() error { return c.client.Hello(c.t.c.Hello) }) {
		return r
	}
	if c.t.c.Security == StartTLS && !command(mailer.PhaseStartTLS, c.startTLS) {
		return r
	}
	if c.t.c.Username != "" && !command(mailer.PhaseAuth, c.logIn) {
		return r
	}
	c.learn()
	return mailer.Reply{}
}

// greet encrypts where that comes first, and reads the greeting.
func (c *conn) greet(ctx context.Context) mailer.Reply {
	if err := c.wire.phase(ctx, c.t.c.Timeouts.Greeting); err != nil {
		return mailer.Reply{Phase: mailer.PhaseGreeting, Err: err}
	}
	if c.t.c.Security == TLS {
		secured := tls.Client(c.wire, c.t.tls)
		if err := secured.HandshakeContext(ctx); err != nil {
			return mailer.Reply{Phase: mailer.PhaseStartTLS, Err: err}
		}
		return c.hear(client.NewClient(secured, c.t.c.Host))
	}
	return c.hear(client.NewClient(c.wire, c.t.c.Host))
}

func (c *conn) hear(said *client.Client, err error) mailer.Reply {
	if err != nil {
		return fault(mailer.PhaseGreeting, err)
	}
	c.client = said
	return mailer.Reply{}
}

func (c *conn) startTLS() error {
	if ok, _ := c.client.Extension("STARTTLS"); !ok {
		return mailer.ErrNoTLS
	}
	return c.client.StartTLS(c.t.tls)
}

// logIn takes the first way to log in that both sides know. Inside of TLS the
// plain ones come first: they work with every store of passwords.
func (c *conn) logIn() error {
	_, offered := c.client.Extension("AUTH")
	ways := strings.Fields(strings.ToUpper(offered))
	order := []string{"PLAIN", "LOGIN", "SCRAM-SHA-256", "SCRAM-SHA-1", "CRAM-MD5"}
	if c.t.c.Security == None {
		order = []string{"SCRAM-SHA-256", "SCRAM-SHA-1", "CRAM-MD5", "PLAIN", "LOGIN"}
	}
	for _, want := range order {
		for _, way := range ways {
			if way == want {
				return c.client.Auth(c.auth(way))
			}
		}
	}
	return mailer.ErrNoAuth
}

func (c *conn) auth(way string) client.Auth {
	user, password, host := c.t.c.Username, c.t.c.Password, c.t.c.Host
	clear := c.t.c.Security == None // New has asked whether that is allowed
	switch way {
	case "SCRAM-SHA-256":
		return client.ScramSHA256Auth(user, password)
	case "SCRAM-SHA-1":
		return client.ScramSHA1Auth(user, password)
	case "CRAM-MD5":
		return client.CRAMMD5Auth(user, password)
	case "LOGIN":
		return client.LoginAuth(user, password, host, clear)
	}
	return client.PlainAuth("", user, password, host, clear)
}
