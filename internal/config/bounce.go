package config

import (
	"net"
	"net/mail"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// Bounce says where letters come back to, and how what comes back is read.
type Bounce struct {
	Address   string   `toml:"address"`
	Separator string   `toml:"separator"`
	Every     Duration `toml:"every"`
	Maildir   string   `toml:"maildir"`
	Mbox      string   `toml:"mbox"`
	Delete    bool     `toml:"delete"`
	Listen    string   `toml:"listen"`
	Protocol  string   `toml:"protocol"`
	POP3      POP3     `toml:"pop3"`
}

// POP3 is a mailbox at a provider.
type POP3 struct {
	Host         string `toml:"host"`
	Port         int    `toml:"port"`
	TLS          string `toml:"tls"`
	CAFile       string `toml:"ca_file"`
	Username     string `toml:"username"`
	PasswordFile string `toml:"password_file"`
	PasswordEnv  string `toml:"password_env"`
	Password     Secret `toml:"-"`
}

// roomBelow is what addresses below a mailbox add to its name, which may have 64
// bytes in all: a separator, numbers up to 36^8, a proof.
const roomBelow = 1 + 8 + 1 + 8 + 1 + 20

func (b *binder) bounce(c *Config) {
	o := &c.Bounce
	if o.Address != "" {
		b.below("bounce.address", o.Address, o.Separator)
	}
	if c.Mail.Unsubscribe != "" {
		b.below("mail.unsubscribe", c.Mail.Unsubscribe, o.Separator)
	}
	if len(o.Separator) > 1 || strings.ContainsAny(o.Separator, " @\"<>(),;:\\[]") || o.Separator > "~" {
		b.fail("bounce.separator", "%q: want \"+\" or \"-\", as your mail server has it, or \"\" where it knows no addresses below a mailbox", o.Separator)
	}
	if o.Maildir != "" && filepath.Clean(o.Maildir) == filepath.Clean(c.Mail.Maildir.Dir) {
		b.fail("bounce.maildir", "letters are written into that folder (mail.maildir.dir), and what comes back is read from this one: name the folder that your mail server delivers to")
	}
	b.within("bounce.every", o.Every, 10*time.Second, 24*time.Hour)
	b.oneOf("bounce.protocol", o.Protocol, "lmtp", "smtp")
	if o.Listen != "" {
		b.bounceListen(o.Listen)
	}
	if clash(c.Web.Listen, o.Listen) {
		b.fail("bounce.listen", "%q is where the pages are (web.listen = %q): one of them needs another port, like \"127.0.0.1:8024\"", o.Listen, c.Web.Listen)
	}
	p := &o.POP3
	b.oneOf("bounce.pop3.tls", p.TLS, "tls", "starttls", "none")
	if p.Port < 1 || p.Port > 65535 {
		b.fail("bounce.pop3.port", "want 1 to 65535, have %d", p.Port)
	}
	b.host("bounce.pop3.host", p.Host)
	switch {
	case p.Host == "" && (p.Username != "" || p.PasswordFile != "" || p.PasswordEnv != ""):
		b.fail("bounce.pop3.host", "missing: name the server that has the mailbox, like \"pop.example.org\"")
	case p.Host == "":
	case p.TLS == "none" && !Loopback(p.Host):
		b.fail("bounce.pop3.tls", "\"none\" sends the password in clear: only for a server on this machine; use \"tls\" or \"starttls\"")
	case p.Username == "":
		b.fail("bounce.pop3.username", "missing: the name of the mailbox at the server")
	case p.PasswordFile == "" && p.PasswordEnv == "":
		b.fail("bounce.pop3.username", "has no password: set password_file or password_env")
	}
}

// below wants a mailbox whose name leaves room for what follows it.
func (b *binder) below(key, text, separator string) {
	b.mailbox(key, text)
	a, err := mail.ParseAddress(text)
	if err != nil || separator == "" {
		return
	}
	if local, _, _ := strings.Cut(a.Address, "@"); len(local) > 64-roomBelow {
		b.fail(key, "%q: its name is too long for addresses below it: want at most %d bytes before the @", text, 64-roomBelow)
	}
}

// longestSocket is sun_path of Linux and BSD without its zero.
const longestSocket = 103

// bounceListen wants an address of this machine or a socket.
func (b *binder) bounceListen(listen string) {
	if path, is := strings.CutPrefix(listen, "unix:"); is {
		if !filepath.IsAbs(path) {
			b.fail("bounce.listen", "%q: name the socket by its whole path, like \"unix:/run/tidings/bounces.sock\"", listen)
		}
		if len(path) > longestSocket {
			b.fail("bounce.listen", "the path has %d bytes: that of a socket may have %d", len(path), longestSocket)
		}
		return
	}
	host, port, err := net.SplitHostPort(listen)
	n, bad := strconv.Atoi(port)
	if err != nil || bad != nil || n < 0 || n > 65535 || host == "" || net.ParseIP(host) == nil && host != "localhost" {
		b.fail("bounce.listen", "%q is no address: write it like \"127.0.0.1:8024\" or \"unix:/run/tidings/bounces.sock\"", listen)
	}
}
