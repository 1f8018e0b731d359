package config

import (
	"strings"
	"testing"
	"time"
)

func TestWhereLettersComeBackToIsJudged(t *testing.T) {
	t.Parallel()
	none := func(string) string { return "" }
	c, err := Parse("/etc/c.toml", []byte("[[source]]\ndir = \"b\"\n[bounce]\naddress = \"bounces@example.org\"\nmaildir = \"returned\"\nmbox = \"/var/mail/bounces\"\n"), none)
	if err != nil {
		t.Fatal(err)
	}
	if o := c.Bounce; o.Separator != "+" || o.Every != Duration(5*time.Minute) || o.Protocol != "lmtp" || o.Delete || o.Maildir != "/etc/returned" || o.Mbox != "/var/mail/bounces" || o.POP3.Port != 995 || o.POP3.TLS != "tls" {
		t.Errorf("%+v", o)
	}
	for text, want := range map[string]string{
		`address = "bounces"`: `c.toml:4:1: bounce.address: "bounces" has no @`,
		`address = "the-mailbox-of-letters-that-came-back@example.org"`: `bounce.address: "the-mailbox-of-letters-that-came-back@example.org": its name is too long for addresses below it: want at most 25 bytes before the @`,
		`separator = "+-"`:                    `bounce.separator: "+-": want "+" or "-"`,
		`separator = "@"`:                     `bounce.separator: "@": want "+" or "-"`,
		`every = "1s"`:                        `c.toml:4:1: bounce.every: want "10s" to "24h", have "1s"`,
		`protocol = "uucp"`:                   `bounce.protocol: "uucp" is not known: want "lmtp", "smtp"`,
		`listen = "8024"`:                     `bounce.listen: "8024" is no address: write it like "127.0.0.1:8024"`,
		`listen = ":8024"`:                    `bounce.listen: ":8024" is no address`,
		`listen = "unix:lmtp.sock"`:           `bounce.listen: "unix:lmtp.sock": name the socket by its whole path`,
		"[bounce.pop3]\nhost = \"a.example\"": `bounce.pop3.username: missing`,
		"[bounce.pop3]\nhost = \"a.example\"\nusername = \"b\"":                             `bounce.pop3.username: has no password`,
		"[bounce.pop3]\nhost = \"a.example\"\nusername = \"b\"\npassword_env = \"NOT_SET\"": `bounce.pop3.password_env: the environment variable NOT_SET is empty`,
		"[bounce.pop3]\nhost = \"a.example\"\ntls = \"none\"":                               `bounce.pop3.tls: "none" sends the password in clear`,
		"[bounce.pop3]\ntls = \"ssl\"":                                                      `bounce.pop3.tls: "ssl" is not known`,
		"[bounce.pop3]\nport = 0":                                                           `bounce.pop3.port: want 1 to 65535, have 0`,
	} {
		_, err := Parse("c.toml", []byte("[[source]]\ndir = \"b\"\n[bounce]\n"+text+"\n"), none)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", text, err, want)
		}
	}
	if _, err := Parse("c.toml", []byte("[[source]]\ndir = \"b\"\n[bounce]\nseparator = \"\"\naddress = \"the-mailbox-of-letters-that-came-back@example.org\"\n"), none); err != nil {
		t.Errorf("a mailbox without addresses below it: %v", err)
	}
}
