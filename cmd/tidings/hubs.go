package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"tidings.example/feed"
	"tidings.example/internal/config"
	"tidings.example/internal/store"
	"tidings.example/posts"
)

// hubsScope is the scope of troubles with WebSub hubs.
const hubsScope = "hubs"

// sulk is how long a hub may refuse before its owner should know: hubs are away
// for an hour now and then.
const sulk = 6 * time.Hour

// pinger tells hubs of feeds that changed; nil where no hub is configured.
// serving says that this process answers for the feeds, where nobody else does.
func (p *program) pinger(serving bool) *feed.Publisher {
	c := p.config.Feeds
	if len(c.Hubs) == 0 {
		return nil
	}
	out := &feed.Publisher{Pings: p.db, Hubs: c.Hubs, Now: p.sh.now, Log: p.log}
	// A hub must be on the public net, wherever its name or a redirect leads; one
	// of this machine is its owner's own.
	var here []string
	for _, hub := range c.Hubs {
		if u, err := url.Parse(hub); err == nil && config.Loopback(u.Hostname()) {
			here = append(here, hub)
		}
	}
	out.Client = feed.HubClient(posts.Guarded(here, "is no public address, and a hub must have one"))
	if serving && c.URL == "" {
		out.Live = p.shows
		return out
	}
	own := append(append([]string{}, p.homes...), p.site.URL, p.feeds.URL)
	out.Live = feed.LiveAt(&http.Client{Transport: posts.Guarded(own, "is no public address, and a feed must have one or be on the site's own host")})
	return out
}

// shows tells whether the daemon serves the bytes of a ping already: another
// process may have written the files first.
func (p *program) shows(_ context.Context, one feed.Ping) error {
	topic, err := url.Parse(one.Topic)
	if err != nil {
		return err
	}
	base, err := url.Parse(p.feeds.URL)
	if err != nil {
		return err
	}
	if !p.server.Shows("/"+strings.TrimPrefix(topic.Path, base.Path), one.Tag) {
		return errors.New("the daemon does not serve the new bytes yet")
	}
	return nil
}

// hubsLimit is how long a command tells hubs; what is left is for the next one.
const hubsLimit = time.Minute

// pingOnce tells the hubs what a command has published.
func (p *program) pingOnce(ctx context.Context) error {
	limited, cancel := context.WithTimeout(ctx, hubsLimit)
	defer cancel()
	return p.ping(ctx, limited, p.pinger(false))
}

// ping tells the hubs what is due, within a time, and keeps what troubles them.
func (p *program) ping(ctx, limited context.Context, publisher *feed.Publisher) error {
	var err error
	if publisher != nil {
		err = publisher.Publish(limited)
	}
	if ctx.Err() != nil {
		return nil
	}
	return errors.Join(err, p.keepHubs(ctx))
}

// keepHubs keeps which hubs do not take the news.
func (p *program) keepHubs(ctx context.Context) error {
	p.telling.Lock()
	defer p.telling.Unlock()
	standing, err := p.db.Hubs(ctx)
	if err != nil {
		return err
	}
	var found []store.Trouble
	for _, h := range standing {
		if what := p.hubTrouble(h); what != "" {
			found = append(found, store.Trouble{Key: "hub " + h.Hub, Kind: "a WebSub hub is not told of the feeds", What: what})
		}
	}
	opened, ended, err := p.db.KeepTroubles(ctx, hubsScope, found, p.sh.now())
	for _, t := range opened {
		p.log.Error("trouble", "what", t.What)
	}
	for _, t := range ended {
		p.log.Info("trouble is over", "what", t.What)
	}
	return err
}

// hubTrouble says what is wrong with a hub, "" where nothing is. Instants stay
// out: the same trouble keeps its words.
func (p *program) hubTrouble(h store.HubStanding) string {
	switch {
	case h.Untold > 0:
		return fmt.Sprintf("hub %s: it was not told of %s: %s", h.Hub, count(h.Untold, "feed"), h.Reply)
	case h.Refusing != nil && p.sh.now().Sub(*h.Refusing) >= sulk:
		return fmt.Sprintf("hub %s: it has refused for hours: %s", h.Hub, h.Reply)
	}
	return ""
}

// hubLine is how news stands with a hub, in one line.
func hubLine(h store.HubStanding, when func(time.Time) string) string {
	line := "hub " + h.Hub + ": "
	switch {
	case h.Waiting > 0 && h.Reply == "":
		return line + fmt.Sprintf("%s to tell", count(h.Waiting, "feed"))
	case h.Waiting > 0:
		return line + fmt.Sprintf("%s to tell, next try %s: %s", count(h.Waiting, "feed"), when(*h.Next), h.Reply)
	case h.Untold > 0:
		return line + fmt.Sprintf("not told of %s: %s", count(h.Untold, "feed"), h.Reply)
	}
	return line + "knows all feeds"
}
