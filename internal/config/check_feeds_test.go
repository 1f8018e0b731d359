package config

import (
	"fmt"
	"strings"
	"testing"

	"tidings.example/posts"
)

func TestHubsAreJudgedOneByOne(t *testing.T) {
	t.Parallel()
	for list, want := range map[string]string{
		`["https://hub.example.org/", "http://127.0.0.1:1/hub"]`: "",
		`["hub.example.org"]`: `c.toml:7:1: feeds.hubs[0]: "hub.example.org" is no web address`,
		`["https://hub.example.org/", "https://hub.example.org/"]`: `feeds.hubs[1]: "https://hub.example.org/" is empty or stands here twice`,
		`[""]`:                             `feeds.hubs[0]: "" is empty or stands here twice`,
		`["https://u:p@hub.example.org/"]`: `has a query, a fragment or a password`,
		`"https://hub.example.org/"`:       `want a list like ["a", "b"]`,
		`["http://a/","http://b/","http://c/","http://d/","http://e/","http://f/","http://g/","http://h/","http://i/"]`: `want at most 8 hubs, have 9`,
	} {
		judged(t, "[feeds]\nhubs = "+list+"\n", want)
	}
}

func TestAWordStandsOnceHoweverItIsSpelled(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"[feeds]\ntags = [\"x\", \"x\"]":                                   `c.toml:7:1: feeds.tags[1]: "x" stands here twice`,
		"[feeds]\ntags = [\"X\", \"y\", \"x\"]":                            `c.toml:7:1: feeds.tags[2]: "x" stands here as "X" already`,
		"[feeds]\nauthors = [\"Stra\u00dfe\", \"STRASSE\"]":                `"STRASSE" stands here as "Straße" already`,
		"[feeds]\ntags = [\"caf\u00e9\", \"cafe\u0301\"]":                  `feeds.tags[1]: `,
		"[feeds]\ntags = [\"x\", \"y\"]\ncategories = [\"X\"]":             "",
		"[[feed]]\nname = \"f\"\ntags = [\"go\", \"Go\"]":                  `feed[0].tags[1]: "Go" stands here as "go" already`,
		"[[feed]]\nname = \"f\"\ntags = [\"go\"]\nwithout_tags = [\"GO\"]": `feed[0].without_tags[0]: "GO" stands in tags, too`,
	} {
		judged(t, text+"\n", want)
	}
}

// The configuration takes for one word what the ledger takes for one.
func TestWordsAreFoldedAsPostsAre(t *testing.T) {
	t.Parallel()
	for _, word := range []string{"", "Go", "ÄRGER", "A\u0308rger", "Straße", "ΣΊΣΥΦΟΣ", "İstanbul", "中文", "ﬀ", "\xff", "K\u212a"} {
		if got, want := fold(word), posts.Fold(word); got != want {
			t.Errorf("%q: %q here, %q there", word, got, want)
		}
	}
}

func TestAFeedMovesFromAPathOfOursToAnAddress(t *testing.T) {
	t.Parallel()
	for pair, want := range map[string]string{
		`"/index.xml" = "/rss.xml"`:                         "",
		`"/feed/" = "/rss.xml"`:                             "",
		`"/tags/a/" = "/tags/b/"`:                           "",
		`"/" = "https://blog.example.org/feeds/"`:           "",
		`"/标签/a.xml" = "https://f.example.org/?format=xml"`: "",
		`"index.xml" = "/rss.xml"`:                          `c.toml:7:1: feeds.moved.index.xml: "index.xml" is no path of this server`,
		`"/?feed=rss2" = "/rss.xml"`:                        `is no path of this server`,
		`"/%zz" = "/rss.xml"`:                               `invalid URL escape`,
		`"/index.xml" = "rss.xml"`:                          `"rss.xml" is no address: write it like "/rss.xml"`,
		`"/index.xml" = "//evil.example.org/rss.xml"`:       `is no address`,
		`"/index.xml" = "javascript:alert(1)"`:              `is no address`,
		`"/index.xml" = ""`:                                 `"" is no address`,
		`"/index.xml" = 7`:                                  `want text in quotes, have the number 7`,
		`"/index.xml" = "/index.xml"`:                       `has moved, too`,
		"\"/a.xml\" = \"/b.xml\"\n\"/b.xml\" = \"/c.xml\"":  `c.toml:7:1: feeds.moved./a.xml: "/b.xml" has moved, too`,
		`"/" = "/rss.xml"`:                                  `"/" is a page`,
		`"/index.xml" = "/tags/a/"`:                         `"/tags/a/" is a folder and "/index.xml" is none`,
		`"/tags/" = "/tags/old/"`:                           `it would move for ever`,
	} {
		judged(t, "[feeds.moved]\n"+pair+"\n", want)
	}
	judged(t, "[feeds]\nmoved = [\"/index.xml\"]\n", `feeds.moved: want a table like { "a" = "b" }, have a list`)
}

func TestFeedsNeedAFolder(t *testing.T) {
	t.Parallel()
	judged(t, "[feeds]\ndir = \"\"\n", `c.toml:7:1: feeds.dir: is empty: name the folder of the feeds`)
	judged(t, "[feeds]\ndir = \".\"\n", "")
}

// Notepad begins a file with a byte order mark.
func TestAByteOrderMarkIsNoMistake(t *testing.T) {
	t.Parallel()
	const text = "[site]\nurl = \"https://blog.example.org/\"\ntitle = 7\n"
	_, plain := Parse("c.toml", []byte(text), none)
	_, marked := Parse("c.toml", []byte("\ufeff"+text), none)
	if plain == nil || marked == nil || plain.Error() != marked.Error() {
		t.Errorf("with a mark %v, without %v", marked, plain)
	}
	if c, err := Parse("c.toml", []byte("\ufeff[[source]]\ndir = \"blog\"\n"), none); err != nil || len(c.Sources) != 1 {
		t.Errorf("%v", err)
	}
}

func TestALimitOfRequestsIsANumber(t *testing.T) {
	t.Parallel()
	for n, want := range map[int]string{0: "", 1: "", 60000: "", -1: "web.feed_requests: want 1 to 60000", 60001: "web.feed_requests: want 1 to 60000"} {
		judged(t, fmt.Sprintf("[web]\nfeed_requests = %d\n", n), want)
	}
}

// judged wants one mistake of a configuration with these lines, or none.
func judged(t *testing.T, lines, want string) {
	t.Helper()
	_, err := Parse("c.toml", []byte("[site]\nurl = \"https://blog.example.org/\"\ntime_zone = \"UTC\"\n[[source]]\ndir = \".\"\n"+lines), none)
	if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
		t.Errorf("%s: %v, want %q", lines, err, want)
	}
}
