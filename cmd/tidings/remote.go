package main

import (
	"cmp"
	"context"
	"fmt"
	"net/url"
	"slices"
	"time"

	"tidings.example/internal/config"
	"tidings.example/internal/publish"
	"tidings.example/internal/store"
	"tidings.example/posts"
)

// openSource opens what a source is: a folder or a feed on the web.
func (p *program) openSource(ctx context.Context, s config.Source) (publish.OpenSource, error) {
	if s.Feed != "" {
		return p.openFeed(ctx, s)
	}
	return p.openSite(s)
}

// openFeed opens the feed of a configured source; it asks nobody yet.
func (p *program) openFeed(ctx context.Context, s config.Source) (*posts.Remote, error) {
	o := posts.RemoteOptions{
		Name: s.Name, Feed: s.Feed, Now: p.sh.now(), Answers: p.db, Ledger: p.db,
		Every: time.Duration(s.FeedEvery), Timeout: time.Duration(s.FeedTimeout), Size: int64(s.FeedSize) << 20,
		Own: p.homes, Private: s.AllowPrivate, Agent: p.agent(), URL: s.URL, Language: cmp.Or(s.Language, p.config.Site.Language),
	}
	if o.Every == 0 {
		o.Every = -1
	}
	if name := cmp.Or(s.TimeZone, p.config.Site.TimeZone); name != "" {
		zone, err := time.LoadLocation(name)
		if err != nil {
			return nil, err
		}
		o.TimeZone = zone
	}
	return posts.OpenRemote(ctx, o)
}

// agent names the program and where its owner can be found.
func (p *program) agent() string {
	home := cmp.Or(p.config.Web.URL, p.config.Site.URL)
	if u, err := url.Parse(home); err != nil || u.Host == "" || config.Loopback(u.Hostname()) {
		return "tidings/" + release
	}
	return "tidings/" + release + " (+" + home + ")"
}

// feedFirst tells that the first source, which speaks for the publication, is
// a feed: what it says of itself is in the database.
func (p *program) feedFirst() bool {
	return len(p.config.Sources) > 0 && p.config.Sources[0].Feed != ""
}

// describeFeed fills in what the feed of the first source says of itself, and
// asks it where nothing is known yet. A feed that does not answer is no matter
// where the configuration says what is needed: the round tells of it.
func (p *program) describeFeed(ctx context.Context) error {
	s := p.config.Sources[0]
	r, err := p.openFeed(ctx, s)
	if err != nil {
		return err
	}
	defer r.Close()
	if !p.lenient {
		err := r.Introduce(ctx)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err != nil && p.config.Site.URL == "" && s.URL == "" {
			return fmt.Errorf("source %s: nothing is known of its feed yet, and it cannot be read: %w\nTry again, or set site.url, site.title and site.language in %s", s.Name, err, p.config.File)
		}
	}
	return p.settle(p.feedSite(s, r.Site()))
}

// feedSite is what a feed's site is taken for: its dates carry their zones, and
// where it names no page, the host of the feed is the nearest.
func (p *program) feedSite(s config.Source, own posts.Site) posts.Site {
	own.TimeZone = cmp.Or(s.TimeZone, "UTC")
	if own.URL == "" {
		if u, err := url.Parse(s.Feed); err == nil {
			own.URL = u.Scheme + "://" + u.Host + "/"
		}
	}
	return own
}

// feedMoved tells that the feed of a source has moved for good.
func (p *program) feedMoved(ctx context.Context, source string) ([]store.Trouble, error) {
	i := slices.IndexFunc(p.config.Sources, func(s config.Source) bool { return s.Name == source && s.Feed != "" })
	if i < 0 {
		return nil, nil
	}
	answer, err := p.db.Answer(ctx, source)
	if err != nil || answer.Moved == "" || answer.Feed != p.config.Sources[i].Feed {
		return nil, err
	}
	kind := "source " + source + ": its feed has moved"
	return []store.Trouble{{Key: "moved " + source, Kind: kind, What: fmt.Sprintf("%s for good: write feed = %q in the configuration", kind, answer.Moved)}}, nil
}
