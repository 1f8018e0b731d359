package config

import "fmt"

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
