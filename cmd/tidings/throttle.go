package main

import (
	"net/http"
	"time"

	"tidings.example/feed"
)

// feedStore is how often a reader may ask for feeds before the limit counts: who
// follows every tag of a blog asks for all of them at once.
const feedStore = 300

// throttle is the limit on what one reader may ask, nil where there is none.
func (p *program) throttle() func(*http.Request) time.Duration {
	if p.config.Web.FeedRequests == 0 {
		return nil
	}
	return feed.NewThrottle(p.config.Web.FeedRequests, feedStore, p.sh.now).Wait
}
