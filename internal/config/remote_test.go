package config

import (
	"strings"
	"testing"
	"time"
)

func TestASourceIsAFolderOrAFeed(t *testing.T) {
	t.Parallel()
	none := func(string) string { return "" }
	c, err := Parse("c.toml", []byte("[[source]]\nname = \"a\"\nfeed = \"https://a.example/feed?token=1\"\n[[source]]\nname = \"b\"\ndir = \"b\"\n[[source]]\nname = \"c\"\nfeed = \"http://c.example/\"\nfeed_every = \"0s\"\nfeed_timeout = \"5s\"\nfeed_size = 1\nallow_private = true\n"), none)
	if err != nil {
		t.Fatal(err)
	}
	if a := c.Sources[0]; a.Dir != "" || a.FeedEvery != Duration(15*time.Minute) || a.FeedTimeout != Duration(30*time.Second) || a.FeedSize != 10 || a.AllowPrivate {
		t.Errorf("%+v", a)
	}
	if s := c.Sources[2]; s.FeedEvery != 0 || s.FeedTimeout != Duration(5*time.Second) || s.FeedSize != 1 || !s.AllowPrivate {
		t.Errorf("%+v", s)
	}
	for text, want := range map[string]string{
		`dir = "b"` + "\n" + `feed = "https://a.example/"`: `c.toml:4:1: source[0].feed: give either dir or feed, not both`,
		``:                                     `source[0].dir: missing: name the folder of the blog, or with feed = "https://blog.example.org/atom.xml" a feed on the web`,
		`feed = "atom.xml"`:                    `"atom.xml" is no address of a feed`,
		`feed = "https://me:pw@a.example/"`:    `source[0].feed: has a password or a fragment`,
		`feed = "https://a.example/#x"`:        `source[0].feed: has a password or a fragment`,
		`dir = "b"` + "\nallow_private = true": `source[0].allow_private: goes with feed`,
		`feed = "https://a.example/"` + "\nkind = \"hugo\"":        `source[0].kind: goes with dir`,
		`feed = "https://a.example/"` + "\nbefore = [\"true\"]":    `source[0].before: goes with dir`,
		`feed = "https://a.example/"` + "\nfeed_every = \"2d\"":    `source[0].feed_every: want at most "24h"`,
		`feed = "https://a.example/"` + "\nfeed_timeout = \"1ms\"": `source[0].feed_timeout: want "1s" to "10m"`,
		`feed = "https://a.example/"` + "\nfeed_size = 0":          `source[0].feed_size: want 1 to 100 MB, have 0`,
	} {
		_, err := Parse("c.toml", []byte("[[source]]\nname = \"a\"\n"+text+"\n"), none)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", text, err, want)
		}
		if err != nil && strings.Contains(err.Error(), "pw@") {
			t.Errorf("the password is told: %v", err)
		}
	}
}
