package main

import (
	"strings"
	"testing"
)

func TestNoFeedThatThereIsMovesAway(t *testing.T) {
	t.Parallel()
	const own = "is a feed of this configuration"
	for lines, want := range map[string]string{
		"[feeds]\nmoved = { \"/rss.xml\" = \"/atom.xml\" }":                                            "tidings.toml:13:11: feeds.moved./rss.xml: /rss.xml " + own,
		"[feeds.moved]\n\"/mine/\" = \"/other/\"\n[[feed]]\nname = \"mine\"":                           "tidings.toml:13:1: feeds.moved./mine/: /mine/rss.xml " + own,
		"[feeds]\ntags = [\"实验\"]\n[feeds.moved]\n\"/tags/%E5%AE%9E%E9%AA%8C/\" = \"/x/\"":             "/tags/实验/rss.xml " + own,
		"[feeds.moved]\n\"/digests/weekly/atom.xml\" = \"/x.xml\"":                                     "/digests/weekly/atom.xml " + own,
		"[feeds.moved]\n\"/\" = \"https://other.example.org/\"":                                        "/rss.xml " + own,
		"[feeds]\nurl = \"https://f.example.org/\"\n[feeds.moved]\n\"/\" = \"https://f.example.org/\"": "",
		"[feeds.moved]\n\"/index.xml\" = \"/rss.xml\"\n\"/tags/first/\" = \"/tags/second/\"":           "",
		"[feeds]\ntags = [\"*\"]\n[feeds.moved]\n\"/tags/other/\" = \"/tags/first/\"":                  "",
	} {
		w := newWorld(t, lines)
		out, errs, code := w.run(t.Context(), "check")
		if (code == 0) != (want == "") || !strings.Contains(out+errs, want) {
			t.Errorf("%s: exit code %d, %s%s, want %q", lines, code, out, errs, want)
		}
	}
	w := newWorld(t, "[feeds]\ntags = [\"*\"]\n[feeds.moved]\n\"/tags/first/\" = \"/tags/second/\"")
	if out, errs, code := w.run(t.Context(), "check"); code != 0 || !strings.Contains(errs, "tidings.toml:15: ") || !strings.Contains(errs, "/tags/first/rss.xml is a feed, of a word") {
		t.Errorf("a feed of a post's tag: exit code %d, %s%s", code, out, errs)
	}
}
