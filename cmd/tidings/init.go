package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"tidings.example/internal/config"
	"tidings.example/internal/store"
	"tidings.example/posts"
)

type initCmd struct {
	Dir      string `arg:"" optional:"" default:"." type:"path" help:"The folder of your blog."`
	Kind     string `placeholder:"KIND" enum:",hexo,hugo,jekyll,zola,eleventy,astro,pelican,markdown" default:"" help:"The site's generator, where it is not recognised."`
	TimeZone string `placeholder:"ZONE" help:"Your time zone, like Asia/Shanghai, where the site names none."`
	URL      string `name:"url" placeholder:"URL" help:"The address of your blog, where the site names none."`
	Feed     string `placeholder:"URL" help:"Make a publication of a feed on the web, instead of the folder of a blog."`
	Private  bool   `name:"allow-private" help:"With --feed: the host of the feed may be in your own network."`
	From     string `placeholder:"MAILBOX" help:"Who letters come from, like \"My Blog <news@example.org>\"."`
}

// found is what init tells of its work.
type found struct {
	Config   string   `json:"config"`
	Database string   `json:"database"`
	Kind     string   `json:"kind"`
	Title    string   `json:"title"`
	URL      string   `json:"url"`
	TimeZone string   `json:"time_zone"`
	Missing  []string `json:"missing"`
	// DNS are the records that the domain of the letters needs.
	DNS []dnsRecord `json:"dns"`
}

// Run writes a configuration for the site and makes the database.
func (c initCmd) Run(ctx context.Context, sh *shell) error {
	file := filepath.Join(c.Dir, "tidings.toml")
	if _, err := os.Stat(file); err == nil {
		return &exitError{code: exitFailed, err: fmt.Errorf("%s is there already: edit it, or remove it to start anew", file)}
	} else if !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if c.Feed != "" {
		return c.runFeed(ctx, sh, file)
	}
	if u, err := url.Parse(c.URL); c.URL != "" && (err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http") {
		return usagef("--url %s: write it like https://blog.example.org/", c.URL)
	}
	site, err := c.recognise()
	if err != nil {
		return &exitError{code: exitUsage, err: err}
	}
	f := found{Config: file, Database: filepath.Join(c.Dir, "tidings.db"), Kind: string(site.Kind), Title: site.Title, URL: or(c.URL, site.URL), TimeZone: or(c.TimeZone, site.TimeZone), Missing: []string{}, DNS: []dnsRecord{}}
	if f.TimeZone == "" {
		f.Missing = append(f.Missing, "site.time_zone")
	}
	if f.URL == "" {
		f.Missing = append(f.Missing, "site.url")
	}
	text := c.text(f, site)
	if len(f.Missing) == 0 {
		// What init writes must pass what check asks.
		if _, err := config.Parse(file, []byte(text), sh.getenv); err != nil {
			return err
		}
	}
	return c.finish(ctx, sh, f, text)
}

// finish writes the configuration, makes the database, and says so.
func (c initCmd) finish(ctx context.Context, sh *shell, f found, text string) error {
	if err := os.WriteFile(f.Config, []byte(text), 0o600); err != nil {
		return err
	}
	db, err := store.Open(ctx, f.Database, true)
	if err != nil {
		return err
	}
	if len(f.Missing) == 0 {
		f.DNS, err = c.sign(ctx, sh, db, f.Config)
	}
	if err := errors.Join(err, db.Close()); err != nil {
		return err
	}
	return c.report(sh, f)
}

// sign makes the first keys, unless letters come from no domain of the DNS.
func (c initCmd) sign(ctx context.Context, sh *shell, db *store.DB, file string) ([]dnsRecord, error) {
	cfg, err := config.Load(file, sh.getenv)
	if err != nil {
		return nil, err
	}
	domains := slices.DeleteFunc(keyDomains(cfg), func(d string) bool { return !strings.Contains(d, ".") || net.ParseIP(d) != nil })
	if len(domains) == 0 {
		return nil, nil
	}
	keys, err := makeKeys(ctx, db, domains, cfg.Mail.DKIM.Algorithms, cfg.Mail.DKIM.Selector, sh.now())
	if err != nil {
		return nil, err
	}
	return recordsFor(cfg, keys), nil
}

// recognise reads the site's own configuration.
func (c initCmd) recognise() (posts.Site, error) {
	o := posts.SiteOptions{Root: c.Dir, Kind: posts.Kind(c.Kind), BaseURL: c.URL, TimeZone: nowhere}
	if c.TimeZone != "" {
		zone, err := time.LoadLocation(c.TimeZone)
		if err != nil || c.TimeZone == "Local" {
			return posts.Site{}, fmt.Errorf("--time-zone %s: no such zone; write it like Asia/Shanghai or UTC", c.TimeZone)
		}
		o.TimeZone = zone
	}
	d, err := posts.OpenSite(o)
	if err != nil {
		return posts.Site{}, err
	}
	defer d.Close()
	site := d.Site()
	if site.TimeZone == nowhere.String() {
		site.TimeZone = ""
	}
	return site, nil
}

// nowhere stands for the zone that a site does not name.
var nowhere = time.FixedZone("nowhere", 0)

// text is the configuration: what is known is set, what has a good default is
// left to it, what is missing is asked for.
func (c initCmd) text(f found, site posts.Site) string {
	var b strings.Builder
	p := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	missing := func(key, value, example string) {
		if value == "" {
			p("%s = \"\" # needed: like %q", key, example)
			return
		}
		p("%s = %s", key, tomlString(value))
	}
	p("# tidings for a %s site. config.example.toml of tidings explains every key.", site.Kind)
	p("# After each change: tidings check\n")
	p("[site]")
	missing("url", f.URL, "https://blog.example.org/")
	missing("time_zone", f.TimeZone, "Asia/Shanghai")
	if site.Title == "" {
		p("title = %s", tomlString(filepath.Base(mustAbs(c.Dir))))
	} else {
		p("# title, description, language and author are taken from the site's own configuration")
	}
	p("\n[[source]]\ndir = \".\"\nkind = %q", site.Kind)
	p("\n[publish]\n# release = \"live\" # a post counts once its address answers; \"now\" does not wait for that")
	p("\n[web]\n# listen = \"127.0.0.1:8025\"\n# url = \"https://news.example.org/\" # how readers reach it; needed before letters are sent by SMTP")
	p("\n[mail]\n# The letters lie in the folder mail until you name a server: see [mail.smtp] in config.example.toml.")
	p("from = %s", tomlString(or(c.From, "news@"+host(f.URL))))
	p("\n[[digest]]\nname = \"weekly\"\ncadences = [\"weekly\", \"daily\", \"monthly\"]")
	return b.String()
}

// report tells what was made and what to do next.
func (c initCmd) report(sh *shell, f found) error {
	if sh.args.JSON {
		if err := sh.printJSON(f); err != nil {
			return err
		}
	} else {
		what := "a " + f.Kind + " site"
		if c.Feed != "" {
			what = "a feed on the web"
		}
		sh.printf("Wrote %s and %s for %s%s.\n", f.Config, f.Database, what, titled(f.Title))
	}
	if len(f.Missing) > 0 {
		return &exitError{code: exitPartly, err: fmt.Errorf("set %s in %s: the site's own configuration does not say", strings.Join(f.Missing, " and "), f.Config)}
	}
	if !sh.args.JSON {
		if len(f.DNS) > 0 {
			sh.printf("\nLetters are signed with keys that lie in the database. Before the first one goes out, publish these records in the DNS of your domain (tidings doctor looks whether they are there):\n\n")
			sh.printRecords(f.DNS)
			sh.printf("\n")
		}
		sh.printf("Has the blog a feed with readers? First tidings adopt its address, so that nothing comes back as unread.\n")
		sh.printf("Next: tidings check, then tidings run for one round, or tidings serve for all of them.\n")
	}
	return nil
}

// tomlString writes a string for the configuration. The escapes of JSON are
// among those of TOML; DEL stands bare in JSON only.
func tomlString(s string) string {
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	// A string always has a form in JSON.
	_ = e.Encode(s)
	return strings.ReplaceAll(strings.TrimSuffix(b.String(), "\n"), "\x7f", `\u007f`)
}

func titled(title string) string {
	if title == "" {
		return ""
	}
	return ", “" + plain(title) + "”"
}

func or(values ...string) string {
	for _, v := range values {
		if v != "" {
			return v
		}
	}
	return ""
}

// host is the host of an address, for a first guess at a mailbox.
func host(address string) string {
	_, rest, _ := strings.Cut(address, "://")
	name, _, _ := strings.Cut(rest, "/")
	name, _, _ = strings.Cut(name, ":")
	return or(strings.TrimPrefix(name, "www."), "example.org")
}

// mustAbs is the absolute form of a path, or the path where there is none.
func mustAbs(dir string) string {
	if abs, err := filepath.Abs(dir); err == nil {
		return abs
	}
	return dir
}
