package smtp

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"os"
	"strconv"
	"strings"
	"time"

	"golang.org/x/net/idna"

	"tidings.example/mailer"
)

// Security is how a connection is protected.
type Security string

// The ways to protect a connection. None is for a server on this machine.
const (
	StartTLS Security = "starttls" // plain at first, then encrypted or given up
	TLS      Security = "tls"      // encrypted from the first byte
	None     Security = "none"
)

// Config is one server that takes our letters.
type Config struct {
	Host string
	// Port 0 is 587 for StartTLS, 465 for TLS and 25 for None.
	Port int
	// Security "" is StartTLS.
	Security Security
	// AllowNone permits None, and a password over it, to another machine.
	AllowNone bool
	// Username "" sends without logging in.
	Username, Password string
	// PerConnection is how many letters one connection carries, 0 for as many
	// as the server takes.
	PerConnection int
	// CAFile names PEM certificates to trust instead of the system's.
	CAFile string
	// Insecure accepts any certificate. For tests.
	Insecure bool
	// Hello is the name in EHLO; "" is the name of this machine.
	Hello string
	// Clock sets deadlines. Required.
	Clock func() time.Time
	// Dial opens connections; nil is TCP.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)
	// Timeouts of zero are those of RFC 5321 section 4.5.3.2.
	Timeouts Timeouts
}

// Timeouts bound the phases of a conversation.
type Timeouts struct {
	Connect  time.Duration // TCP
	Greeting time.Duration
	Command  time.Duration // EHLO, STARTTLS, AUTH, MAIL, RCPT
	Data     time.Duration // the 354
	Block    time.Duration // each piece of the letter
	Dot      time.Duration // the answer to the final dot
	Quit     time.Duration
}

// orDefault fills in the standard's timeouts.
func (t Timeouts) orDefault() Timeouts {
	set := func(d *time.Duration, standard time.Duration) {
		if *d <= 0 {
			*d = standard
		}
	}
	set(&t.Connect, time.Minute)
	set(&t.Greeting, 5*time.Minute)
	set(&t.Command, 5*time.Minute)
	set(&t.Data, 2*time.Minute)
	set(&t.Block, 3*time.Minute)
	set(&t.Dot, 10*time.Minute)
	set(&t.Quit, 2*time.Second)
	return t
}

// Transport opens connections to one server.
type Transport struct {
	c    Config
	tls  *tls.Config
	addr string
}

var _ mailer.Transport = (*Transport)(nil)

// New checks the configuration and returns its transport. Nothing is dialled.
func New(c Config) (*Transport, error) {
	if c.Host == "" {
		return nil, errors.New("smtp: no host")
	}
	if c.Clock == nil {
		return nil, errors.New("smtp: no clock")
	}
	host, err := idna.Lookup.ToASCII(c.Host)
	if err != nil && net.ParseIP(c.Host) == nil {
		return nil, fmt.Errorf("smtp: host %q: %w", c.Host, err)
	}
	if net.ParseIP(c.Host) == nil {
		c.Host = host
	}
	if err := c.secure(); err != nil {
		return nil, err
	}
	if c.Hello == "" {
		c.Hello = helloName()
	}
	if c.Dial == nil {
		c.Dial = (&net.Dialer{}).DialContext
	}
	c.Timeouts = c.Timeouts.orDefault()
	t := &Transport{c: c, addr: net.JoinHostPort(c.Host, strconv.Itoa(c.Port))}
	t.tls = &tls.Config{ServerName: c.Host, MinVersion: tls.VersionTLS12, InsecureSkipVerify: c.Insecure, Time: c.Clock}
	if c.CAFile != "" {
		if t.tls.RootCAs, err = roots(c.CAFile); err != nil {
			return nil, fmt.Errorf("%w: %w", ErrCAFile, err)
		}
	}
	return t, nil
}

// secure settles protection and port.
func (c *Config) secure() error {
	port := 0
	switch c.Security {
	case "", StartTLS:
		c.Security, port = StartTLS, 587
	case TLS:
		port = 465
	case None:
		port = 25
		if !c.AllowNone && !loopback(c.Host) {
			return fmt.Errorf("smtp: %s would be sent to in the clear: use %q or %q", c.Host, StartTLS, TLS)
		}
	default:
		return fmt.Errorf("smtp: unknown security %q: want %q, %q or %q", c.Security, StartTLS, TLS, None)
	}
	if c.Port == 0 {
		c.Port = port
	}
	if c.Port < 0 || c.Port > 65535 {
		return fmt.Errorf("smtp: port %d is out of range", c.Port)
	}
	return nil
}

// loopback tells whether the host is this machine.
func loopback(host string) bool {
	if strings.EqualFold(host, "localhost") {
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}

// helloName is the name of this machine, as far as it may stand in EHLO.
func helloName() string {
	name, err := os.Hostname()
	if err != nil || name == "" || strings.ContainsFunc(name, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return "localhost"
	}
	return name
}

// ErrCAFile says that the file of certificates to trust cannot be used.
var ErrCAFile = errors.New("certificates")

// roots reads certificates to trust.
func roots(file string) (*x509.CertPool, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(text) {
		return nil, fmt.Errorf("%s: no PEM certificate in it", file)
	}
	return pool, nil
}
