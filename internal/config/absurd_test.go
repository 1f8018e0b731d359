package config

import (
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// absurd are values that hardly any key wants.
var absurd = []string{`-1`, `0`, `2000000000`, `99999999999999999999`, `1e30`, `true`, `""`, `" "`, `"-1s"`, `"0s"`, `"1ns"`, `"30000d"`,
	`[]`, `[0]`, `[9, 5]`, `[""]`, `["*"]`, `{}`, `{ a = 1 }`, `2026-01-01`, `"a\nb"`, `"\u0007"`, `"` + strings.Repeat("x", 5000) + `"`}

// sensible are the absurd values that make sense after all; every other one is
// a mistake with its line.
var sensible = []struct{ why, keys, values string }{
	{"it is as if the key were left out", `site\.(icon|url|language|time_zone|author_email)|source\[\]\.(kind|name|url|language|time_zone)|feeds\.url|bounce\.(address|listen|maildir|mbox|separator|pop3\.ca_file)|` +
		`mail\.(reply_to|unsubscribe|postal|templates|dkim\.domain)|mail\.(smtp|server\[\])\.(ca_file|name|username|password_env|password_file)|digest\[\]\.(from|reply_to|title|description|language|list_id|time_zone)|` +
		`site\.(title|description|author|rights)|feed\[\]\.(title|description)`, `""`},
	{"text, a path or a name may be nearly anything", `site\.(title|description|author|rights)|feed\[\]\.(title|description)|digest\[\]\.(title|description)|mail\.(postal|templates|maildir\.dir|smtp\.(ca_file|name)|server\[\]\.(ca_file|name))|` +
		`(source\[\]|feeds)\.dir|database\.path|bounce\.(maildir|mbox|pop3\.ca_file)`, `"-1s" "0s" "1ns" "30000d"`},
	{"a user may have any name", `bounce\.pop3\.username`, `"-1s"`},
	{"a name begins with a letter or a digit", `(source|feed|digest)\[\]\.name|mail\.(smtp|server\[\])\.host|bounce\.pop3\.(host|username)|mail\..*\.domain\[\]\.name|mail\.dkim\.selector|digest\[\]\.list_id`, `"0s" "1ns" "30000d"`},
	{"people write descriptions and addresses in several lines", `.*\.description|mail\.postal|site\.rights`, `"a\nb"`},
	{"no word leaves nothing out, no hub is told, no signature is made", `(feeds|feed\[\]|digest\[\])\.(without_)?(tags|categories|languages|authors|sources)|feeds\.(hubs|mathml)|mail\.dkim\.algorithms|mail\.s.*\.warm_up|source\[\]\.(before|include|exclude)`, `[]`},
	{"no feed has moved", `feeds\.moved`, `{}`},
	{"all words; all files; a command", `feeds\.(tags|categories|languages|authors)|source\[\]\.(include|exclude|before)`, `["*"]`},
	{"a switch is on", `source\[\]\.allow_private|publish\.watch|feeds\.(archive|page)|bounce\.delete`, `true`},
	{"no limit, no share", `web\.feed_requests|mail\.s.*\.(per_second|per_minute|per_hour|per_day|weight|domain\[\]\.connections)`, `0`},
	{"more than any server takes is no limit", `mail\.s.*\.(per_second|per_minute|per_hour|per_day|letters_per_connection)`, `2000000000`},
	{"at once, and at each round", `publish\.release_delay|source\[\]\.feed_every`, `"0s" "1ns"`},
	{"a letter is never too late", `digest\[\]\.max_lateness`, `"30000d"`},
}

func TestAnAbsurdValueIsAMistakeWithItsLineOrMakesSense(t *testing.T) {
	t.Parallel()
	patterns := []*regexp.Regexp{}
	for _, s := range sensible {
		patterns = append(patterns, regexp.MustCompile("^("+s.keys+")$"))
	}
	password := func(name string) string { return map[string]string{"PW": "secret"}[name] }
	for _, key := range keys("", reflect.TypeFor[Config]()) {
		for _, value := range absurd {
			text, line := with(key, value)
			_, err := Parse("c.toml", []byte(text), password)
			makesSense := false
			for i, s := range sensible {
				makesSense = makesSense || slices.Contains(strings.Split(s.values, " "), value) && patterns[i].MatchString(key)
			}
			switch {
			case err == nil && !makesSense:
				t.Errorf("%s = %.40s: no mistake", key, value)
			case err == nil || elsewhere[key+" = "+value]:
			case makesSense:
				t.Errorf("%s = %.40s: %v", key, value, err)
			case !strings.Contains(err.Error(), fmt.Sprintf("c.toml:%d:", line)) || len(err.Error()) > 600:
				t.Errorf("%s = %.40s: want one short mistake in line %d, have\n%.2000s", key, value, line, err)
			}
		}
	}
}

// elsewhere are mistakes that are told where the key is needed.
var elsewhere = map[string]bool{`mail.from = ""`: true, `source[].feed = ""`: true, `web.url = ""`: true,
	`mail.smtp.domain[].per_day = 0`: true, `mail.server[].domain[].per_day = 0`: true, `bounce.pop3.password_file = ""`: true, `bounce.pop3.password_env = ""`: true}

// sections are those of a file that is right, in its order.
var sections = []struct{ table, keys string }{
	{"site", `url = "https://blog.example.org/"`}, {"source[]", `dir = "b"`}, {"feed[]", `name = "f"`}, {"publish", ""}, {"feeds", ""},
	{"web", `url = "https://news.example.org/"`}, {"database", ""}, {"mail", "from = \"n@example.org\"\ntransport = \"smtp\""}, {"mail.maildir", ""},
	{"mail.smtp", `host = "127.0.0.1"`}, {"mail.smtp.timeouts", ""}, {"mail.smtp.domain[]", "name = \"example.org\"\nper_day = 9"},
	{"mail.server[]", `host = "127.0.0.1"`}, {"mail.server[].timeouts", ""}, {"mail.server[].domain[]", "name = \"example.org\"\nper_day = 9"},
	{"mail.dkim", ""}, {"bounce", ""}, {"bounce.pop3", "host = \"127.0.0.1\"\nusername = \"u\"\npassword_env = \"PW\""}, {"digest[]", `name = "w"`},
}

// with gives a file that is right but for one key, and the line of that. The
// keys beside it are those that it needs to be looked at.
func with(key, value string) (text string, line int) {
	name := key[strings.LastIndex(key, ".")+1:]
	table := strings.TrimSuffix(key, "."+name)
	out := []string{}
	for _, s := range sections {
		if strings.HasPrefix(s.table, "mail.s") && strings.HasPrefix(s.table, "mail.server") != strings.HasPrefix(key, "mail.server") {
			continue
		}
		if open, is := strings.CutSuffix(s.table, "[]"); is {
			out = append(out, "[["+strings.ReplaceAll(open, "[]", "")+"]]")
		} else {
			out = append(out, "["+strings.ReplaceAll(s.table, "[]", "")+"]")
		}
		beside := s.keys
		switch {
		case s.table != table:
		case key == "source[].feed":
			beside = ""
		case strings.HasPrefix(key, "source[].feed_") || name == "allow_private":
			beside = `feed = "https://blog.example.org/atom.xml"`
		case key == "bounce.pop3.password_file":
			beside = "host = \"127.0.0.1\"\nusername = \"u\""
		}
		for one := range strings.SplitSeq(beside, "\n") {
			if s.table != table || !strings.HasPrefix(one, name+" ") {
				out = append(out, one)
			}
		}
		if s.table == table {
			out = append(out, name+" = "+value)
			line = len(out)
		}
	}
	return strings.Join(out, "\n") + "\n", line
}
