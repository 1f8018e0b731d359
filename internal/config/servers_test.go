package config

import (
	"strings"
	"testing"
	"time"
)

const sending = minimal + "[web]\nurl = \"https://news.example.org/\"\n[mail]\nfrom = \"n@example.org\"\ntransport = \"smtp\"\n"

func TestOneServerNeedsNoMoreThanItsHost(t *testing.T) {
	t.Parallel()
	c, err := Parse("c.toml", []byte(sending+"[mail.smtp]\nhost = \"mx.example.org\"\n"), none)
	if err != nil {
		t.Fatal(err)
	}
	out := c.Mail.Out()
	if len(out) != 1 || out[0].Name != "mx.example.org" || out[0].Port != 587 || out[0].TLS != "starttls" || out[0].Connections != 2 || out[0].LettersPerConnection != 100 {
		t.Errorf("the server is %+v", out)
	}
	if d := time.Duration(out[0].Timeouts.Dot); d != 10*time.Minute {
		t.Errorf("the answer to the final dot may take %v", d)
	}
}

func TestSeveralServersHaveTheSameKeysAndDefaults(t *testing.T) {
	t.Parallel()
	text := sending + `
[[mail.server]]
host = "one.example.org"
weight = 3
warm_up = [50, 100]
per_day = 1000
timeouts = { dot = "1m" }
[[mail.server.domain]]
name = "QQ.com"
connections = 2
[[mail.server.domain]]
name = "*"
per_minute = 60
[[mail.server]]
name = "two"
host = "127.0.0.1"
port = 25
tls = "none"
[[mail.server.domain]]
name = "bücher.example"
per_hour = 5
`
	c, err := Parse("c.toml", []byte(text), none)
	if err != nil {
		t.Fatal(err)
	}
	out := c.Mail.Out()
	if len(out) != 2 {
		t.Fatalf("%d servers", len(out))
	}
	one, two := out[0], out[1]
	if one.Name != "one.example.org" || one.Port != 587 || one.Weight != 3 || len(one.WarmUp) != 2 || one.PerDay != 1000 || one.Connections != 2 {
		t.Errorf("the first is %+v", one)
	}
	if time.Duration(one.Timeouts.Dot) != time.Minute || time.Duration(one.Timeouts.Connect) != time.Minute || time.Duration(one.Timeouts.Block) != 3*time.Minute {
		t.Errorf("its timeouts are %+v", one.Timeouts)
	}
	if len(one.Domains) != 2 || one.Domains[0].Name != "qq.com" || one.Domains[1].PerMinute != 60 {
		t.Errorf("its domains are %+v", one.Domains)
	}
	if two.Name != "two" || two.Port != 25 || two.TLS != "none" || two.Domains[0].Name != "xn--bcher-kva.example" {
		t.Errorf("the second is %+v", two)
	}
}

func TestMistakesInServersHaveTheirPlace(t *testing.T) {
	t.Parallel()
	text := sending + `
[[mail.server]]
host = "one.example.org"
weight = -1
warm_up = [10, 0]
per_hour = -5
timeouts = { dot = "2h", data = "0s" }
[[mail.server.domain]]
name = "a@b"
connections = 1
[[mail.server.domain]]
name = "gmail.com"
[[mail.server]]
host = "one.example.org"
tls = "none"
connections = 99
username = "ann"
wieght = 2
[mail.smtp]
host = "old.example.org"
`
	_, err := Parse("c.toml", []byte(text), none)
	for _, want := range []string{
		`c.toml:14:1: mail.server[0].weight: want 0 to 1000, have -1`,
		`c.toml:15:1: mail.server[0].warm_up[1]: want how many letters go out on day 2`,
		`c.toml:16:1: mail.server[0].per_hour: want how many letters`,
		`c.toml:17:14: mail.server[0].timeouts.dot: want "1s" to "1h", have "2h"`,
		`c.toml:17:26: mail.server[0].timeouts.data: want "1s" to "1h", have "0s"`,
		`c.toml:19:1: mail.server[0].domain[0].name: "a@b" is no domain`,
		`mail.server[0].domain[1]: limits nothing`,
		`mail.server[1].name: "one.example.org" stands here twice`,
		`c.toml:25:1: mail.server[1].tls: "none" sends passwords`,
		`c.toml:26:1: mail.server[1].connections: want 1 to 64, have 99`,
		`c.toml:27:1: mail.server[1].username: has no password`,
		`c.toml:28:1: mail.server[1].wieght: unknown key: did you mean weight?`,
		`c.toml:30:1: mail.smtp.host: there is [[mail.server]], too`,
	} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("no mistake %q in\n%v", want, err)
		}
	}
}
