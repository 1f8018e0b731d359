package config

import (
	"cmp"
	"fmt"
	"strings"
	"time"

	"golang.org/x/net/idna"
)

// SMTP is a server that takes the letters, and what it may get.
type SMTP struct {
	Name                 string        `toml:"name"`
	Host                 string        `toml:"host"`
	Port                 int           `toml:"port"`
	TLS                  string        `toml:"tls"`
	CAFile               string        `toml:"ca_file"`
	Username             string        `toml:"username"`
	PasswordFile         string        `toml:"password_file"`
	PasswordEnv          string        `toml:"password_env"`
	Connections          int           `toml:"connections"`
	LettersPerConnection int           `toml:"letters_per_connection"`
	Weight               int           `toml:"weight"`
	PerSecond            int           `toml:"per_second"`
	PerMinute            int           `toml:"per_minute"`
	PerHour              int           `toml:"per_hour"`
	PerDay               int           `toml:"per_day"`
	WarmUp               []int         `toml:"warm_up"`
	Domains              []DomainLimit `toml:"domain"`
	Timeouts             Timeouts      `toml:"timeouts"`
	Password             Secret        `toml:"-"`
}

// DomainLimit bounds the letters of a server to recipients of one domain; "*" is
// each of the others on its own.
type DomainLimit struct {
	Name        string `toml:"name"`
	Connections int    `toml:"connections"`
	PerSecond   int    `toml:"per_second"`
	PerMinute   int    `toml:"per_minute"`
	PerHour     int    `toml:"per_hour"`
	PerDay      int    `toml:"per_day"`
}

// Timeouts are how long a server may take for each step.
type Timeouts struct {
	Connect  Duration `toml:"connect"`
	Greeting Duration `toml:"greeting"`
	Command  Duration `toml:"command"`
	Data     Duration `toml:"data"`
	Block    Duration `toml:"block"`
	Dot      Duration `toml:"dot"`
}

// Out lists the servers that letters go out by: those of [[mail.server]], else
// the one of [mail.smtp]. Each has a name.
func (m *Mail) Out() []SMTP {
	list := m.Servers
	if len(list) == 0 {
		list = []SMTP{m.SMTP}
	}
	out := append([]SMTP{}, list...)
	for i := range out {
		out[i].Name = cmp.Or(out[i].Name, out[i].Host)
	}
	return out
}

// all lists every server that the file has.
func (m *Mail) all() []*SMTP {
	out := []*SMTP{&m.SMTP}
	for i := range m.Servers {
		out = append(out, &m.Servers[i])
	}
	return out
}

// defaultTimeouts are those of RFC 5321 section 4.5.3.2.
func defaultTimeouts() Timeouts {
	minutes := func(n time.Duration) Duration { return Duration(n * time.Minute) }
	return Timeouts{Connect: minutes(1), Greeting: minutes(5), Command: minutes(5), Data: minutes(2), Block: minutes(3), Dot: minutes(10)}
}

func defaultSMTP() SMTP {
	return SMTP{Port: 587, TLS: "starttls", Connections: 2, LettersPerConnection: 100, Timeouts: defaultTimeouts()}
}

// serverDefaults fills what an element of [[mail.server]] leaves out.
func (b *binder) serverDefaults(c *Config) {
	standard := defaultSMTP()
	for i := range c.Mail.Servers {
		s := &c.Mail.Servers[i]
		set := func(key string) bool { return b.set[fmt.Sprintf("mail.server[%d].%s", i, key)] }
		if !set("port") {
			s.Port = standard.Port
		}
		if !set("tls") {
			s.TLS = standard.TLS
		}
		if !set("connections") {
			s.Connections = standard.Connections
		}
		if !set("letters_per_connection") {
			s.LettersPerConnection = standard.LettersPerConnection
		}
		for key, d := range s.Timeouts.each() {
			if !set("timeouts." + key) {
				*d = *standard.Timeouts.each()[key]
			}
		}
	}
}

func (t *Timeouts) each() map[string]*Duration {
	return map[string]*Duration{"connect": &t.Connect, "greeting": &t.Greeting, "command": &t.Command, "data": &t.Data, "block": &t.Block, "dot": &t.Dot}
}

// servers judges the ways out.
func (b *binder) servers(c *Config) {
	m := &c.Mail
	for i := range m.Servers {
		b.server(fmt.Sprintf("mail.server[%d]", i), &m.Servers[i], m.Transport == "smtp")
	}
	several := len(m.Servers) > 0
	b.server("mail.smtp", &m.SMTP, m.Transport == "smtp" && !several && !b.failed["mail.server"])
	if several && m.SMTP.Host != "" {
		b.fail("mail.smtp.host", "there is [[mail.server]], too: name all servers there")
	}
	seen, connections := map[string]bool{}, 0
	for i, s := range m.Out() {
		connections += s.Connections
		name := strings.ToLower(s.Name)
		if several && name != "" && seen[name] {
			b.fail(fmt.Sprintf("mail.server[%d].name", i), "%q stands here twice: every server needs a name of its own, its rates are counted under it", s.Name)
		}
		seen[name] = true
	}
	if several && connections > 256 {
		b.fail("mail.server", "the servers have %d connections together: want at most 256", connections)
	}
}

// server judges one; used are those that letters go by.
func (b *binder) server(key string, s *SMTP, used bool) {
	b.oneOf(key+".tls", s.TLS, "starttls", "tls", "none")
	if s.Port < 1 || s.Port > 65535 {
		b.fail(key+".port", "want 1 to 65535, have %d", s.Port)
	}
	if s.Connections < 1 || s.Connections > 64 {
		b.fail(key+".connections", "want 1 to 64, have %d", s.Connections)
	}
	if s.LettersPerConnection < 1 {
		b.fail(key+".letters_per_connection", "want at least 1, have %d", s.LettersPerConnection)
	}
	if s.Weight < 0 || s.Weight > 1000 {
		b.fail(key+".weight", "want 0 to 1000, have %d", s.Weight)
	}
	b.rates(key, s.PerSecond, s.PerMinute, s.PerHour, s.PerDay)
	b.warmUp(key+".warm_up", s.WarmUp)
	for name, d := range s.Timeouts.each() {
		b.within(key+".timeouts."+name, *d, time.Second, time.Hour)
	}
	b.recipients(key, s.Domains)
	b.host(key+".host", s.Host)
	if len(s.Name) > 253 {
		b.fail(key+".name", "want at most 253 bytes, have %d", len(s.Name))
	}
	if !used {
		return
	}
	if s.Host == "" {
		b.fail(key+".host", "missing: name the server that takes your mail, like \"smtp.example.org\"")
	} else if s.TLS == "none" && !Loopback(s.Host) {
		b.fail(key+".tls", "\"none\" sends passwords and letters in clear: only for a server on this machine; use \"starttls\" or \"tls\"")
	}
	if s.Username != "" && s.PasswordFile == "" && s.PasswordEnv == "" {
		b.fail(key+".username", "has no password: set password_file or password_env")
	}
}

// warmUp wants as many letters each day as on the day before, or more.
func (b *binder) warmUp(key string, days []int) {
	for i, n := range days {
		at := fmt.Sprintf("%s[%d]", key, i)
		switch {
		case n < 1:
			b.fail(at, "want how many letters go out on day %d, at least 1", i+1)
		case i > 0 && n < days[i-1]:
			b.fail(at, "%d on day %d, and %d on the day before: want numbers that grow, like [50, 100, 200]; they end where the server knows you, and a limit that stays is per_day", n, i+1, days[i-1])
		}
	}
}

func (b *binder) rates(key string, second, minute, hour, day int) {
	for name, n := range map[string]int{"per_second": second, "per_minute": minute, "per_hour": hour, "per_day": day} {
		if n < 0 {
			b.fail(key+"."+name, "want how many letters, or 0 for no limit, have %d", n)
		}
	}
}

// recipients judges the limits for recipients' domains, and spells the domains
// as addresses are kept.
func (b *binder) recipients(key string, list []DomainLimit) {
	seen := map[string]bool{}
	for i := range list {
		d := &list[i]
		at := fmt.Sprintf("%s.domain[%d]", key, i)
		name, err := idna.Lookup.ToASCII(strings.ToLower(d.Name))
		switch {
		case d.Name == "*":
			name = "*"
		case err != nil || !hostname.MatchString(name) || len(name) > 253:
			b.fail(at+".name", "%q is no domain: write it like \"gmail.com\", or \"*\" for each of the others", d.Name)
		}
		name = strings.TrimSuffix(name, ".")
		if seen[name] {
			b.fail(at+".name", "%q stands here twice", d.Name)
		}
		seen[name] = true
		d.Name = name
		if d.Connections < 0 || d.Connections > 64 {
			b.fail(at+".connections", "want 1 to 64 letters at once, or 0 for no limit, have %d", d.Connections)
		}
		b.rates(at, d.PerSecond, d.PerMinute, d.PerHour, d.PerDay)
		if d.Connections == 0 && d.PerSecond == 0 && d.PerMinute == 0 && d.PerHour == 0 && d.PerDay == 0 {
			b.fail(at, "limits nothing: set connections, per_second, per_minute, per_hour or per_day")
		}
	}
}
