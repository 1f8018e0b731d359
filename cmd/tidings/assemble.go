package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"tidings.example/feed"
	"tidings.example/internal/config"
	"tidings.example/internal/publish"
	"tidings.example/internal/store"
	"tidings.example/internal/web"
	"tidings.example/mailer"
	"tidings.example/posts"
	"tidings.example/posts/markdown"
)

// program is everything that a command may need, put together from one
// configuration. Parts that are cheap are always there.
type program struct {
	sh     *shell
	config *config.Config
	db     *store.DB
	lock   *store.Lock // the right to schedule and send; nil in other commands
	log    *slog.Logger
	site   posts.Site // what configuration and site say together
	homes  []string   // the URLs of the owner's own sites
	zone   *time.Location
	// lenient programs do without a site that cannot be read; unread says why.
	lenient bool
	unread  []error
	feeds   *publish.Feeds
	issues  *issueFeeds
	server  *feed.Server
	recent  *mailer.Recent // outlives a reload, as the server does
	// listed is the feeds of the last round, for the page of them.
	listed atomic.Pointer[web.Directory]
	mail   mail
	// telling is held while troubles are kept and told.
	telling sync.Mutex
}

// open loads the configuration, opens the database, and puts the program
// together. create makes the database where there is none.
func (sh *shell) open(ctx context.Context, create bool) (*program, error) {
	c, err := sh.config()
	if err != nil {
		return nil, err
	}
	return sh.program(ctx, c, create)
}

// look is open for commands that only look at what is kept, or carry out
// somebody's wish: a blog that cannot be read right now does not stop them.
func (sh *shell) look(ctx context.Context) (*program, error) {
	c, err := sh.config()
	if err != nil {
		return nil, err
	}
	p := sh.newProgram(c)
	p.lenient = true
	return p, p.start(ctx, false)
}

// program opens the database and puts the program together from a
// configuration.
func (sh *shell) program(ctx context.Context, c *config.Config, create bool) (*program, error) {
	p := sh.newProgram(c)
	return p, p.start(ctx, create)
}

func (sh *shell) newProgram(c *config.Config) *program {
	return &program{sh: sh, config: c, log: slog.New(slog.NewTextHandler(sh.err, nil)), server: &feed.Server{Now: sh.now}, recent: &mailer.Recent{}}
}

// start opens the database; an error leaves it closed.
func (p *program) start(ctx context.Context, create bool) error {
	// A mistake in the configuration comes before a database that is missing.
	if err := p.describe(); err != nil {
		return err
	}
	var err error
	if p.db, err = store.Open(ctx, p.config.Database.Path, create); err != nil {
		return err
	}
	if p.feedFirst() {
		err = p.describeFeed(ctx)
	}
	if err == nil {
		err = p.assemble(ctx)
	}
	if err != nil {
		return errors.Join(err, p.db.Close())
	}
	return nil
}

// assemble fills in what follows from description and database.
func (p *program) assemble(ctx context.Context) error {
	p.feeds, p.issues = p.newFeeds(), &issueFeeds{p: p}
	return p.newMail(ctx)
}

// Close closes the database.
func (p *program) Close() error { return p.db.Close() }

// describe joins what the configuration says of the blog with what its own
// configuration says. What a feed says is known with the database only.
func (p *program) describe() error {
	if err := p.judgeMoved(); err != nil {
		return err
	}
	var own posts.Site
	if p.config.Site.URL != "" {
		p.homes = append(p.homes, p.config.Site.URL)
	}
	for i, s := range p.config.Sources {
		if s.Feed != "" {
			continue
		}
		d, err := p.openSite(s)
		if err != nil && p.lenient {
			p.unread = append(p.unread, err)
			continue
		}
		if err != nil {
			return p.mistake(fmt.Sprintf("source[%d]", i), err.Error())
		}
		if i == 0 {
			own = d.Site()
		}
		p.homes = append(p.homes, d.Site().URL)
		if err := d.Close(); err != nil {
			return err
		}
	}
	if p.feedFirst() {
		return nil
	}
	return p.settle(own)
}

// settle decides what the publication says of itself.
func (p *program) settle(own posts.Site) error {
	c := p.config.Site
	p.site = posts.Site{
		Kind: own.Kind, Title: cmp.Or(c.Title, own.Title), Description: cmp.Or(c.Description, own.Description),
		URL: slash(cmp.Or(c.URL, own.URL)), Language: cmp.Or(c.Language, own.Language, "en"),
		TimeZone: cmp.Or(c.TimeZone, own.TimeZone), Author: own.Author,
	}
	if c.Author != "" {
		p.site.Author = posts.Author{Name: c.Author, Email: c.AuthorEmail}
	}
	if len(p.unread) > 0 {
		p.site.TimeZone = cmp.Or(p.site.TimeZone, "UTC")
	} else if p.site.URL == "" {
		return p.mistake("site.url", "missing: the site's own configuration does not name its address; write it like \"https://blog.example.org/\"")
	}
	if p.site.TimeZone == "" {
		return p.mistake("site.time_zone", "missing: the site's own configuration does not name its time zone; write it like \"Asia/Shanghai\"")
	}
	zone, err := time.LoadLocation(p.site.TimeZone)
	if err != nil {
		return p.mistake("site.time_zone", fmt.Sprintf("the site's own configuration names %q, which is no time zone: set it here, like \"Asia/Shanghai\"", p.site.TimeZone))
	}
	p.zone = zone
	if p.site.Title == "" {
		u, err := url.Parse(p.site.URL)
		if err != nil {
			return err
		}
		p.site.Title = u.Host
	}
	return nil
}

// mistake is a mistake that shows only beside the site itself.
func (p *program) mistake(key, message string) error {
	return config.Mistakes{p.config.Mistake(key, "%s", message)}
}

// openSite opens the folder of a configured source.
func (p *program) openSite(s config.Source) (*posts.Directory, error) {
	o := posts.SiteOptions{Root: s.Dir, Kind: posts.Kind(s.Kind), Include: s.Include, Exclude: s.Exclude, BaseURL: cmp.Or(s.URL, p.config.Site.URL), Language: cmp.Or(s.Language, p.config.Site.Language)}
	if name := cmp.Or(s.TimeZone, p.config.Site.TimeZone); name != "" {
		zone, err := time.LoadLocation(name)
		if err != nil {
			return nil, err
		}
		o.TimeZone, o.ZoneOverride = zone, s.TimeZone != ""
	}
	return posts.OpenSite(o)
}

// publisher makes the rounds; issues says whether they open what is due.
func (p *program) publisher(issues bool) *publish.Publisher {
	c := p.config.Publish
	out := &publish.Publisher{
		Ledger: p.db, Backlog: posts.Backlog(c.Backlog), Delay: time.Duration(c.ReleaseDelay), Renderer: markdown.Version,
		Permalinks: p.config.Feeds.GUID == "permalink",
		Want:       p.want, Feeds: p.feeds, Log: p.log,
	}
	if c.Release == "live" {
		out.Live = posts.HTTPLive(posts.LiveClient(p.homes, 20*time.Second), 15*time.Second)
	}
	if issues && len(p.mail.digests) > 0 {
		out.Issues = p.mail.engine
	}
	for _, s := range p.config.Sources {
		source := publish.Source{Name: s.Name, Public: s.Feed != "", Open: func(ctx context.Context) (publish.OpenSource, error) { return p.openSource(ctx, s) }}
		if len(s.Before) > 0 {
			source.Before = &publish.Command{Args: s.Before, Dir: s.Dir, Timeout: time.Duration(s.BeforeTimeout)}
		}
		out.Sources = append(out.Sources, source)
	}
	return out
}

// want names the bodies that feeds and letters need.
func (p *program) want(ctx context.Context) (posts.Want, error) {
	// With an archive every post is in one document or another.
	if p.config.Publish.Render == "all" || p.config.Feeds.Archive {
		return posts.Want{All: true}, nil
	}
	w := posts.Want{Mailable: len(p.mail.digests) > 0}
	list, err := p.feedList(ctx)
	for _, f := range list {
		if f.Kind != publish.OfDigest {
			w.Feeds = append(w.Feeds, posts.Recent{Selection: f.Select, N: cmp.Or(f.Items, p.config.Feeds.Items)})
		}
	}
	return w, err
}

// newFeeds describes the feeds.
func (p *program) newFeeds() *publish.Feeds {
	c := p.config
	base := feed.Document{
		Title: p.site.Title, Subtitle: p.site.Description, Home: p.site.URL, Language: p.site.Language, Rights: c.Site.Rights,
		Hubs: c.Feeds.Hubs, TTL: time.Duration(c.Feeds.TTL), Zone: p.zone, Icon: feed.Picture{URL: c.Site.Icon},
		Generator: feed.Generator{Name: "tidings", Version: release},
	}
	if p.site.Author.Name != "" {
		base.Authors = []posts.Author{p.site.Author}
	}
	base.MathML = []feed.Format{}
	for _, name := range c.Feeds.MathML {
		if f, ok := feed.ParseFormat(name); ok { // the configuration knows no others
			base.MathML = append(base.MathML, f)
		}
	}
	return &publish.Feeds{Shelf: p.db, Base: base, Dir: c.Feeds.Dir, URL: p.feedsURL(), Items: c.Feeds.Items, Archive: c.Feeds.Archive,
		Moved: p.moved(), List: p.keptFeeds, Signposts: p.signposts, News: p.db, Now: p.sh.now, Log: p.log}
}

// webURL is the address under which readers reach the server.
func (p *program) webURL() string {
	if p.config.Web.URL != "" {
		return slash(p.config.Web.URL)
	}
	listen := p.config.Web.Listen
	if strings.HasPrefix(listen, ":") {
		listen = "127.0.0.1" + listen
	}
	return "http://" + listen + "/"
}

// feedsURL is the address below which readers find the feeds.
func (p *program) feedsURL() string { return slash(cmp.Or(p.config.Feeds.URL, p.webURL())) }

// slash makes an address end in a slash.
func slash(address string) string {
	if address == "" || strings.HasSuffix(address, "/") {
		return address
	}
	return address + "/"
}
