package config

import (
	"strings"
	"testing"
)

func TestServersThatCannotWorkAreRefused(t *testing.T) {
	t.Parallel()
	for lines, want := range map[string]string{
		"warm_up = [50, 100, 100, 200]":        "",
		"warm_up = [100, 50, 20]":              `c.toml:13:1: mail.smtp.warm_up[1]: 50 on day 2, and 100 on the day before: want numbers that grow`,
		"warm_up = 50":                         `c.toml:13:1: mail.smtp.warm_up: want a list of numbers like [50, 100], have the number 50`,
		`warm_up = ["50"]`:                     `mail.smtp.warm_up[0]: want a number without quotes: 50`,
		"per_second = 99999999999999999":       `c.toml:13:1: mail.smtp.per_second: the number 99999999999999999 is out of bounds: want at most 2147483647`,
		"per_second = 99999999999999999999999": `c.toml:13:14: the number is out of bounds: no key wants more than 2147483647`,
		"per_second = 1e30":                    `c.toml:13:1: mail.smtp.per_second: want a whole number like 10, have the number 1e+30`,
		"connections = 300":                    `c.toml:13:1: mail.smtp.connections: want 1 to 64, have 300`,
		"timeouts = { dot = \"900d\" }":        `mail.smtp.timeouts.dot: want "1s" to "1h", have "900d"`,
		"timeouts = { dot = \"1ms\" }":         `mail.smtp.timeouts.dot: want "1s" to "1h", have "1ms"`,
		"[[mail.smtp.domain]]\nname = \"QQ.com\"\nper_day = 1\n[[mail.smtp.domain]]\nname = \"qq.COM\"\nper_day = 2":  `c.toml:17:1: mail.smtp.domain[1].name: "qq.COM" stands here twice`,
		"[[mail.smtp.domain]]\nname = \"qq.com\"\nper_day = 1\n[[mail.smtp.domain]]\nname = \"qq.com.\"\nper_day = 2": `mail.smtp.domain[1].name: "qq.com." stands here twice`,
		"[[mail.smtp.domain]]\nname = \"gmail.com, qq.com\"\nper_day = 1":                                             `"gmail.com, qq.com" is no domain`,
	} {
		wrong(t, sending+"[mail.smtp]\nhost = \"mx.example.org\"\n"+lines+"\n", want)
	}
	for host, want := range map[string]string{
		"mx.example.org": "", "mail_server": "", "postfix": "", "192.0.2.1": "", "2001:db8::1": "", "bücher.example": "", "MX.example.org.": "",
		"mx.example.org:587":      `mail.smtp.host: "mx.example.org:587" is a host and a port: write host = "mx.example.org" and port = 587`,
		"smtp://mx.example.org":   `mail.smtp.host: "smtp://mx.example.org" is a web address: want the name of the server alone`,
		"news@mx.example.org":     `mail.smtp.host: "news@mx.example.org" is a mailbox: want the name of the server`,
		"mx.example.org ":         `mail.smtp.host: "mx.example.org " is no name of a server`,
		"mx..example.org":         `mail.smtp.host: "mx..example.org" is no name of a server`,
		strings.Repeat("a.", 200): `is no name of a server`,
	} {
		wrong(t, sending+"[mail.smtp]\nhost = \""+host+"\"\n", want)
	}
	one := "[[mail.server]]\nhost = \"mx.example.org\"\n"
	wrong(t, sending+strings.Repeat(one+"connections = 60\n", 5), `c.toml:23:8: mail.server: the servers have 300 connections together: want at most 256`)
	wrong(t, sending+one+"[[mail.server]]\nname = \"MX.example.org\"\nhost = \"two.example.org\"\n", `c.toml:14:1: mail.server[1].name: "MX.example.org" stands here twice`)
	wrong(t, sending+one+one, `mail.server[1].name: "mx.example.org" stands here twice`)
}

func TestTwoCannotListenAtOneAddress(t *testing.T) {
	t.Parallel()
	for pair, want := range map[[2]string]string{
		{"127.0.0.1:8025", "127.0.0.1:8024"}:                    "",
		{"127.0.0.1:8025", "127.0.0.2:8025"}:                    "",
		{"127.0.0.1:0", "127.0.0.1:0"}:                          "",
		{"127.0.0.1:8025", "127.0.0.1:8025"}:                    `c.toml:9:1: bounce.listen: "127.0.0.1:8025" is where the pages are (web.listen = "127.0.0.1:8025")`,
		{":8025", "127.0.0.1:8025"}:                             `bounce.listen: "127.0.0.1:8025" is where the pages are`,
		{"127.0.0.1:8025", "0.0.0.0:8025"}:                      `bounce.listen: "0.0.0.0:8025" is where the pages are`,
		{"127.0.0.1:8025", "localhost:8025"}:                    `bounce.listen: "localhost:8025" is where the pages are`,
		{"127.0.0.1:80250", "127.0.0.1:24"}:                     `c.toml:7:1: web.listen: "80250" is no port: want 1 to 65535`,
		{"127.0.0.1:8025", "unix:/" + strings.Repeat("a", 200)}: `bounce.listen: the path has 201 bytes: that of a socket may have 103`,
	} {
		wrong(t, minimal+"[web]\nlisten = \""+pair[0]+"\"\n[bounce]\nlisten = \""+pair[1]+"\"\n", want)
	}
}

func TestLettersThatGoOutAreNotReadAsThoseThatComeBack(t *testing.T) {
	t.Parallel()
	wrong(t, minimal+"[mail.maildir]\ndir = \"mail\"\n[bounce]\nmaildir = \"mail/\"\n", `c.toml:9:1: bounce.maildir: letters are written into that folder (mail.maildir.dir)`)
	wrong(t, minimal+"[mail]\ntransport = \"maildir\"\n[bounce]\nmaildir = \"back\"\n", "")
	wrong(t, minimal+"[bounce.pop3]\nusername = \"ann\"\n", `bounce.pop3.host: missing: name the server that has the mailbox`)
	wrong(t, minimal+"[bounce.pop3]\nhost = \"pop.example.org:995\"\nusername = \"ann\"\npassword_env = \"PW\"\n", `bounce.pop3.host: "pop.example.org:995" is a host and a port: write host = "pop.example.org" and port = 995`)
}

func TestAbsurdTimesAreRefused(t *testing.T) {
	t.Parallel()
	for lines, want := range map[string]string{
		"[bounce]\nevery = \"900d\"":          `c.toml:7:1: bounce.every: want "10s" to "24h", have "900d"`,
		"[bounce]\nevery = \"24h\"":           "",
		"[feeds]\nttl = \"900d\"":             `feeds.ttl: want "1m" to "31d", have "900d"`,
		"[publish]\nrelease_delay = \"900d\"": `publish.release_delay: want "0s" to "31d", have "900d"`,
		"[mail]\nfrom = \"n@example.org\"\n[[digest]]\nname = \"w\"\nmax_lateness = \"1s\"": `digest[0].max_lateness: want at least "1m", have "1s"`,
	} {
		wrong(t, minimal+lines+"\n", want)
	}
	wrong(t, minimal+"before_timeout = \"0s\"\n", `source[0].before_timeout: want "1s" to "24h", have "0s"`)
}

func TestTextIsWhatPeopleWrite(t *testing.T) {
	t.Parallel()
	for lines, want := range map[string]string{
		"[database]\npath = \"C:\\tidings.db\"":                                                            `c.toml:7:1: database.path: the text holds a tab: leave it out, and write \ of a path as \\ or in single quotes`,
		"[database]\npath = \"C:\\backup.db\"":                                                             `c.toml:7:1: database.path: the text holds the control character U+0008: leave it out, and write \ of a path as \\ or in single quotes`,
		"[mail]\nfrom = \"n@example.org\"\n[[digest]]\nname = \"w\"\ntitle = \"\"\"\nBlog\n\"\"\"":         "",
		"[mail]\npostal = \"\"\"\nExample Blog\nStreet 1\n\"\"\"":                                          "",
		"[database]\npath = \"a\\nb\"":                                                                     `c.toml:7:1: database.path: "a\nb" has more than one line: write it in one`,
		"[database]\npath = \" \"":                                                                         `c.toml:7:1: database.path: is blank: write something, or leave the key out`,
		"[database]\npath = \"\"":                                                                          `c.toml:7:1: database.path: is empty: name the file`,
		"[mail.maildir]\ndir = \"\"":                                                                       `c.toml:7:1: mail.maildir.dir: is empty: name the folder`,
		"[mail]\nfrom = \"n@example.org\"\n[[digest]]\nname = \"w\"\ntags = [\"\"]":                        `c.toml:10:1: digest[0].tags[0]: is empty`,
		"[mail]\nfrom = \"n@example.org\"\n[[digest]]\nname = \"w\"\ntags = [\"*\"]":                       `digest[0].tags[0]: "*" works in [feeds]: leave the key out to take all`,
		"[mail]\nfrom = \"n@example.org\"\n[[digest]]\nname = \"w\"\nlist_id = \"Weekly <w.example.org>\"": `digest[0].list_id: "Weekly <w.example.org>" is no id of a list`,
	} {
		wrong(t, minimal+lines+"\n", want)
	}
}

func TestAKeyInTheWrongPlaceIsToldItsPlace(t *testing.T) {
	t.Parallel()
	for lines, want := range map[string]string{
		"[smtp]\nhost = \"a.example\"":                               `c.toml:6:2: smtp: unknown key: it has its place in [mail.smtp]`,
		"[mail]\nhost = \"a.example\"":                               `c.toml:7:1: mail.host: unknown key: it has its place in [mail.smtp] or [[mail.server]]`,
		"[mail]\nselector = \"a\"":                                   `mail.selector: unknown key: it has its place in [mail.dkim]`,
		"[bounce]\nusername = \"a\"":                                 `bounce.username: unknown key: it has its place in [bounce.pop3]`,
		"[mail.smtp]\npassword = \"hunter2\"":                        `mail.smtp.password: unknown key: a password never stands here: name a file with password_file`,
		"[[mail.smtp]]\nhost = \"a.example\"":                        `c.toml:6:8: mail.smtp: want a table, have a list: write [mail.smtp] once`,
		"[mail]\ntransport = \"SMTP\"":                               `mail.transport: "SMTP" is not known: want "maildir", "smtp": did you mean smtp?`,
		"[mail]\nunsubscribe = \"mailto:leave@example.org\"":         `mail.unsubscribe: "mailto:leave@example.org" is a web address: write the mailbox alone, "leave@example.org"`,
		"[mail.smtp]\nport = \"587\"":                                `mail.smtp.port: want a number without quotes: 587`,
		"[bounce.pop3]\nhost = \"a.example\"\npassword_env = \"PW\"": `bounce.pop3.username: missing`,
	} {
		wrong(t, minimal+lines+"\n", want)
	}
	for _, more := range []string{"[mail.server]\nhost = \"a.example\"\n", "[[mail.smtp]]\nhost = \"a.example\"\n"} {
		if _, err := Parse("c.toml", []byte(sending+more), none); err == nil || strings.Contains(err.Error(), "host: missing") {
			t.Errorf("beside the mistake that they follow from there are others: %v", err)
		}
	}
}

// Who writes the password in the place of the variable's name must not find it
// in a log.
func TestAPasswordInTheWrongPlaceIsNotShown(t *testing.T) {
	t.Parallel()
	for _, lines := range []string{"password_env = \"hunter2!\"", "password = \"hunter2!\"", "passwd = \"hunter2!\""} {
		_, err := Parse("c.toml", []byte(sending+"[mail.smtp]\nhost = \"a.example\"\nusername = \"u\"\n"+lines+"\n"), none)
		if err == nil || strings.Contains(err.Error(), "hunter2") || !strings.Contains(err.Error(), "c.toml:14:1: mail.smtp.pass") {
			t.Errorf("%s: %v", lines, err)
		}
	}
}

func TestAMistakeOfSyntaxIsToldInPlainWords(t *testing.T) {
	t.Parallel()
	for line, want := range map[string]string{
		"from = news@example.org":               `c.toml:2:8: text stands in quotes: write "..."`,
		"from = Blog <news@example.org>":        `c.toml:2:8: text stands in quotes`,
		"templates = ./mail":                    `c.toml:2:13: text stands in quotes`,
		"from = \u201cnews@example.org\u201d":   `c.toml:2:8: quotes must be straight ones: write "..."`,
		"from = 10s":                            `c.toml:2:10: text stands in quotes`,
		"from = True":                           `c.toml:2:8: write true or false, in small letters and without quotes`,
		"from = no":                             `c.toml:2:8: write true or false`,
		"from = [news@example.org]":             `c.toml:2:9: text stands in quotes`,
		"from = \"news@example.org":             `c.toml:2:`,
		"from":                                  `c.toml:2:5: expected '=' after key`,
		"from = \"a@example.org\"\nfrom = \"\"": `c.toml:3:1: key from is already defined`,
	} {
		wrong(t, "[mail]\n"+line+"\n", want)
	}
	for _, text := range []string{"\xff\xfe[\x00m\x00", "\xfe\xff\x00[", "[mail]\nfrom = \"\x00\"\n"} {
		wrong(t, text, `c.toml:1:1: the file is no text in UTF-8: save it as that, not as UTF-16 ("Unicode")`)
	}
}

func TestAMistakeInTheEnvironmentNamesTheVariable(t *testing.T) {
	t.Parallel()
	for name, value := range map[string]string{"TIDINGS_WEB_LISTEN": "8025", "TIDINGS_MAIL_SMTP_WARM_UP": "50, many", "TIDINGS_BOUNCE_EVERY": "900d", "TIDINGS_MAIL_SMTP_PORT": "smtp"} {
		_, err := Parse("c.toml", []byte(minimal+"[web]\nlisten = \"127.0.0.1:8025\"\n"), func(n string) string { return map[string]string{name: value}[n] })
		if err == nil || !strings.Contains(err.Error(), "(this is what "+name+" in the environment says)") || strings.Contains(err.Error(), "c.toml:7") {
			t.Errorf("%s=%s: %v", name, value, err)
		}
	}
	c, err := Parse("c.toml", []byte(minimal), func(n string) string { return map[string]string{"TIDINGS_MAIL_SMTP_WARM_UP": "50, 100"}[n] })
	if err != nil || len(c.Mail.SMTP.WarmUp) != 2 {
		t.Errorf("%v", err)
	}
}

// wrong wants one mistake of a configuration, or none.
func wrong(t *testing.T, text, want string) {
	t.Helper()
	_, err := Parse("c.toml", []byte(text), func(name string) string { return map[string]string{"PW": "secret"}[name] })
	if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
		t.Errorf("%v, want %q, of\n%.600s", err, want, text)
	}
}
