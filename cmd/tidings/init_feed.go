package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"tidings.example/internal/config"
	"tidings.example/posts"
)

// runFeed writes a configuration for a feed on the web.
func (c initCmd) runFeed(ctx context.Context, sh *shell, file string) error {
	if c.Kind != "" {
		return usagef("--kind goes with the folder of a blog, not with --feed")
	}
	zone := or(c.TimeZone, "UTC")
	if _, err := time.LoadLocation(zone); err != nil || zone == "Local" {
		return usagef("--time-zone %s: no such zone; write it like Asia/Shanghai or UTC", c.TimeZone)
	}
	site, address, err := c.look(ctx, sh)
	if err != nil {
		return &exitError{code: exitFailed, err: fmt.Errorf("init: %w", err)}
	}
	f := found{Config: file, Database: filepath.Join(c.Dir, "tidings.db"), Kind: string(posts.Feed), Title: site.Title, URL: or(c.URL, site.URL), TimeZone: zone, Missing: []string{}, DNS: []dnsRecord{}}
	text := c.feedText(f, site, address)
	if _, err := config.Parse(file, []byte(text), sh.getenv); err != nil {
		return err
	}
	if err := os.MkdirAll(c.Dir, 0o700); err != nil {
		return err
	}
	return c.finish(ctx, sh, f, text)
}

// look asks the feed. Of a page that names feeds the first one that is a feed
// is taken.
func (c initCmd) look(ctx context.Context, sh *shell) (posts.Site, string, error) {
	o := posts.RemoteOptions{Feed: c.Feed, Now: sh.now(), Private: c.Private, Agent: "tidings/" + release}
	site, address, err := posts.LookAtFeed(ctx, o)
	var page *posts.PageError
	if !errors.As(err, &page) {
		return site, address, err
	}
	for _, o.Feed = range page.Feeds {
		if site, address, err = posts.LookAtFeed(ctx, o); err == nil {
			sh.note("%s is a web page: its feed is %s", c.Feed, o.Feed)
			break
		}
	}
	return site, address, err
}

// feedText is the configuration for a feed.
func (c initCmd) feedText(f found, site posts.Site, address string) string {
	var b strings.Builder
	p := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	p("# tidings for a feed on the web. config.example.toml of tidings explains every key.")
	p("# After each change: tidings check\n")
	p("[site]\nurl = %s\ntitle = %s", tomlString(f.URL), tomlString(or(f.Title, host(f.URL))))
	if site.Language != "" {
		p("language = %s", tomlString(site.Language))
	}
	p("time_zone = %s # of the hours at which letters go", tomlString(f.TimeZone))
	p("\n[[source]]\nfeed = %s", tomlString(address))
	if c.Private {
		p("allow_private = true")
	}
	p("\n[web]\n# listen = \"127.0.0.1:8025\"\n# url = \"https://news.example.org/\" # how readers reach it; needed before letters are sent by SMTP")
	p("\n[mail]\n# The letters lie in the folder mail until you name a server: see [mail.smtp] in config.example.toml.")
	p("from = %s", tomlString(or(c.From, "news@"+host(f.URL))))
	p("\n[[digest]]\nname = \"weekly\"\ncadences = [\"weekly\", \"daily\", \"monthly\"]")
	return b.String()
}
