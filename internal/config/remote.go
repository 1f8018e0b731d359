package config

import (
	"net/url"
	"time"
)

// remoteDefaults fills what a source with a feed leaves out.
func (b *binder) remoteDefaults(s *Source, key string) {
	if !b.set[key+".feed_every"] {
		s.FeedEvery = Duration(15 * time.Minute)
	}
	if !b.set[key+".feed_timeout"] {
		s.FeedTimeout = Duration(30 * time.Second)
	}
	if !b.set[key+".feed_size"] {
		s.FeedSize = 10
	}
}

// sourcePlace judges where a source is: a folder or a feed, with the keys that
// go with it.
func (b *binder) sourcePlace(key string, s *Source) {
	switch {
	case b.failed[key+".dir"] || b.failed[key+".feed"]:
	case s.Dir != "" && s.Feed != "":
		b.fail(key+".feed", "give either dir or feed, not both: each [[source]] is one place")
	case s.Feed != "":
		b.feed(key, s)
	case s.Dir == "":
		b.fail(key+".dir", "missing: name the folder of the blog, or with feed = \"https://blog.example.org/atom.xml\" a feed on the web")
	default:
		for _, name := range []string{"feed_every", "feed_timeout", "feed_size", "allow_private"} {
			if b.set[key+"."+name] {
				b.fail(key+"."+name, "goes with feed, and this source is a folder")
			}
		}
	}
}

// feed judges a source on the web.
func (b *binder) feed(key string, s *Source) {
	u, err := url.Parse(s.Feed)
	switch {
	case err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https":
		b.fail(key+".feed", "%q is no address of a feed: write it like \"https://blog.example.org/atom.xml\"", s.Feed)
	case u.User != nil || u.Fragment != "":
		b.fail(key+".feed", "has a password or a fragment: want scheme, host, path and query only")
	}
	for _, name := range []string{"kind", "include", "exclude", "before", "before_timeout"} {
		if b.set[key+"."+name] {
			b.fail(key+"."+name, "goes with dir, and this source is a feed")
		}
	}
	if s.FeedTimeout < Duration(time.Second) || s.FeedTimeout > Duration(10*time.Minute) {
		b.fail(key+".feed_timeout", "want \"1s\" to \"10m\"")
	}
	if s.FeedEvery > Duration(24*time.Hour) {
		b.fail(key+".feed_every", "want at most \"24h\": a feed shows its newest posts only, and what it showed in between is lost")
	}
	if s.FeedSize < 1 || s.FeedSize > 100 {
		b.fail(key+".feed_size", "want 1 to 100 MB, have %d", s.FeedSize)
	}
}
