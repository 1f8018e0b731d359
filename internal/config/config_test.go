package config

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"
)

func none(string) string { return "" }

const minimal = `
[site]
url = "https://blog.example.org/"
[[source]]
dir = "blog"
`

func TestEveryMistakeIsFoundAtOnceWithItsPlace(t *testing.T) {
	t.Parallel()
	text := `[site]
url = "blog.example.org"
time_zone = "Asia/Shangai"
titel = "typo"

[[source]]
dir = 7
kind = "wordpress"
include = ["["]

[publish]
schedule = "0 8 30 2 *"
release_delay = "ten minutes"

[web]
listen = "8025"

[mail]
from = "news@"
transport = "smtp"
smtp = { host = "mail.example.org", tls = "none", prot = 25 }

[[digest]]
name = "Weekly News"
cadences = ["weekly", "@every 5m", "CRON_TZ="]
at = "25:00"
weekday = "someday"
`
	_, err := Parse("dir/config.toml", []byte(text), none)
	want := []string{
		`dir/config.toml:2:1: site.url: "blog.example.org" is no web address`,
		`dir/config.toml:3:1: site.time_zone: time zone "Asia/Shangai" is not known`,
		`dir/config.toml:4:1: site.titel: unknown key: did you mean title?`,
		`dir/config.toml:7:1: source[0].dir: want text in quotes, have the number 7`,
		`dir/config.toml:8:1: source[0].kind: "wordpress" is not known`,
		`dir/config.toml:9:1: source[0].include[0]: "[" is no pattern`,
		`dir/config.toml:12:1: publish.schedule: cron line "0 8 30 2 *" never comes true`,
		`dir/config.toml:13:1: publish.release_delay: "ten minutes" is no duration`,
		`dir/config.toml:16:1: web.listen: "8025" is no address`,
		`dir/config.toml:19:1: mail.from: "news@" has no domain (want name@example.org)`,
		`dir/config.toml:21:37: mail.smtp.tls: "none" sends passwords`,
		`dir/config.toml:21:51: mail.smtp.prot: unknown key: did you mean port?`,
		`dir/config.toml:24:1: digest[0].name: "Weekly News" is no name`,
		`dir/config.toml:25:1: digest[0].cadences[1]: cron line "@every 5m": write daily`,
		`dir/config.toml:25:1: digest[0].cadences[2]: cron line "CRON_TZ=" names a time zone`,
		`dir/config.toml:26:1: digest[0].at: "25:00" is no time of day`,
		`dir/config.toml:27:1: digest[0].weekday: "someday" is not known`,
		`dir/config.toml:15:2: web.url: missing`,
	}
	for _, w := range want {
		if err == nil || !strings.Contains(err.Error(), w) {
			t.Errorf("no mistake %q in\n%v", w, err)
		}
	}
}

func TestASyntaxMistakeSaysItsLineAndColumn(t *testing.T) {
	t.Parallel()
	_, err := Parse("c.toml", []byte("[site]\ntitle = \"open\nurl = 3\n"), none)
	if err == nil || !strings.HasPrefix(err.Error(), "c.toml:2:") {
		t.Errorf("got %v", err)
	}
}

func TestTheSmallestFileWorksAndHasDefaults(t *testing.T) {
	t.Parallel()
	c, err := Parse("/etc/tidings/config.toml", []byte(minimal), none)
	if err != nil {
		t.Fatal(err)
	}
	if c.Sources[0].Dir != "/etc/tidings/blog" || c.Sources[0].Name != "blog" || c.Database.Path != "/etc/tidings/tidings.db" {
		t.Errorf("paths or names are wrong: %+v", c)
	}
	if c.Publish.Release != "live" || c.Publish.Backlog != "known" || time.Duration(c.Feeds.TTL) != time.Hour {
		t.Errorf("defaults are wrong: %+v", c.Publish)
	}
}

func TestADigestLeftEmptyHasDefaultsButAnExplicitZeroDoesNot(t *testing.T) {
	t.Parallel()
	c, err := Parse("c.toml", []byte(minimal+"[mail]\nfrom = \"n@example.org\"\n[[digest]]\nname = \"w\"\n"), none)
	if err != nil {
		t.Fatal(err)
	}
	if d := c.Digests[0]; d.Cadences[0] != "weekly" || d.At != "08:00" || d.Day != 1 || time.Duration(d.MaxLateness) != 48*time.Hour {
		t.Errorf("defaults are wrong: %+v", d)
	}
	_, err = Parse("c.toml", []byte(minimal+"[mail]\nfrom = \"n@example.org\"\n[[digest]]\nname = \"w\"\nday = 0\ncadences = []\n"), none)
	if err == nil || !strings.Contains(err.Error(), "digest[0].day") || !strings.Contains(err.Error(), "digest[0].cadences") {
		t.Errorf("an explicit zero was taken for a default: %v", err)
	}
}

func TestTheEnvironmentOverridesTheFile(t *testing.T) {
	t.Parallel()
	env := map[string]string{"TIDINGS_WEB_LISTEN": "127.0.0.1:9", "TIDINGS_FEEDS_ITEMS": "5", "TIDINGS_FEEDS_TAGS": "go, git", "TIDINGS_PUBLISH_WATCH": "false", "TIDINGS_FEEDS_TTL": "2h"}
	c, err := Parse("c.toml", []byte(minimal), func(k string) string { return env[k] })
	if err != nil {
		t.Fatal(err)
	}
	if c.Web.Listen != "127.0.0.1:9" || c.Feeds.Items != 5 || len(c.Feeds.Tags) != 2 || c.Publish.Watch || time.Duration(c.Feeds.TTL) != 2*time.Hour {
		t.Errorf("got %+v %+v", c.Web, c.Feeds)
	}
}

func TestASecretComesFromAFileAndNeverShowsItself(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "pw"), []byte("hunter2\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	text := minimal + "[mail.smtp]\npassword_file = \"pw\"\n"
	c, err := Parse(filepath.Join(dir, "c.toml"), []byte(text), none)
	if err != nil {
		t.Fatal(err)
	}
	if string(c.Mail.SMTP.Password) != "hunter2" {
		t.Errorf("password not read")
	}
	shown, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range []string{string(shown), fmt.Sprintf("%v %+v %#v %s", c, c, c, c.Mail.SMTP.Password)} {
		if strings.Contains(s, "hunter2") {
			t.Errorf("the secret shows in %s", s)
		}
	}
	_, err = Parse("c.toml", []byte(minimal+"[mail.smtp]\npassword_file = \"none\"\n"), none)
	if err == nil || !strings.Contains(err.Error(), "c.toml:7:1: mail.smtp.password_file") {
		t.Errorf("a missing password file: %v", err)
	}
}

func TestTheExampleWorksAsItIs(t *testing.T) {
	t.Parallel()
	if _, err := Load("../../config.example.toml", none); err != nil {
		t.Error(err)
	}
}

func TestTheExampleNamesEveryKey(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../../config.example.toml")
	if err != nil {
		t.Fatal(err)
	}
	for _, key := range keys("", reflect.TypeFor[Config]()) {
		name := key[strings.LastIndex(key, ".")+1:]
		if !strings.Contains(string(text), "\n"+name+" = ") && !strings.Contains(string(text), "\n# "+name+" = ") {
			t.Errorf("the example does not show %s", key)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add(minimal)
	f.Add("[[digest]]\nname=\"a\"\n[digest.b]\nc=1\n[[source]]\ndir={}\n")
	f.Add("[mail]\nsmtp = { host = [1,2], port = \"x\" }\n")
	f.Fuzz(func(t *testing.T, text string) {
		c, err := Parse("c.toml", []byte(text), none)
		if (c == nil) == (err == nil) {
			t.Errorf("neither or both of configuration and error: %v", err)
		}
	})
}

// keys lists every key of the file, with [] behind arrays of tables.
func keys(path string, t reflect.Type) []string {
	out := []string{}
	for i := range t.NumField() {
		name, kind := t.Field(i).Tag.Get("toml"), t.Field(i).Type
		switch {
		case name == "" || name == "-":
		case kind.Kind() == reflect.Struct:
			out = append(out, keys(join(path, name), kind)...)
		case kind.Kind() == reflect.Slice && kind.Elem().Kind() == reflect.Struct:
			out = append(out, keys(join(path, name)+"[]", kind.Elem())...)
		default:
			out = append(out, join(path, name))
		}
	}
	return out
}
