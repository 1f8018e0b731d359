package config

import (
	"fmt"
	"net/url"
	"strings"
)

// mostHubs is how many hubs a feed may name: each is told of each change.
const mostHubs = 8

func (b *binder) hubs(list []string) {
	if len(list) > mostHubs {
		b.fail("feeds.hubs", "want at most %d hubs, have %d", mostHubs, len(list))
	}
	seen := map[string]bool{}
	for i, hub := range list {
		key := fmt.Sprintf("feeds.hubs[%d]", i)
		if hub == "" || seen[hub] {
			b.fail(key, "%q is empty or stands here twice: write each hub once, like \"https://hub.example.org/\"", hub)
			continue
		}
		seen[hub] = true
		b.webURL(key, hub, false)
	}
}

// moved wants paths of this server, each with an address that leads no further.
func (b *binder) moved(list map[string]string) {
	for from, to := range list {
		key := join("feeds.moved", from)
		if b.failed[key] {
			continue
		}
		if !strings.HasPrefix(from, "/") || strings.ContainsAny(from, "?#\\") || strings.Contains(from, "//") {
			b.fail(key, "%q is no path of this server: write it like \"/index.xml\", or \"/tags/old/\" for all of a folder", from)
			continue
		}
		if _, err := url.PathUnescape(from); err != nil {
			b.fail(key, "%q is no path: %v", from, err)
			continue
		}
		u, err := url.Parse(to)
		folder := strings.HasSuffix(to, "/")
		_, again := list[to]
		switch {
		case err != nil, !strings.HasPrefix(to, "/") && (u.Host == "" || u.Scheme != "http" && u.Scheme != "https"), strings.HasPrefix(to, "//"):
			b.fail(key, "%q is no address: write it like \"/rss.xml\" or \"https://blog.example.org/rss.xml\"", to)
		case again:
			b.fail(key, "%q has moved, too: name the address where the feed is now", to)
		case from == "/" && !folder:
			b.fail(key, "%q is a page: only the feeds below it can move, to a folder like \"https://blog.example.org/feeds/\"", from)
		case folder && !strings.HasSuffix(from, "/"):
			b.fail(key, "%q is a folder and %q is none: name the feed, like \"/rss.xml\"", to, from)
		case folder && strings.HasPrefix(to, from):
			b.fail(key, "%q lies in the folder that moves: it would move for ever", to)
		}
	}
}
