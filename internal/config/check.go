package config

import (
	"cmp"
	"fmt"
	"net"
	"net/mail"
	"net/netip"
	"net/url"
	"path"
	"regexp"
	"slices"
	"strings"
	"time"

	"golang.org/x/net/idna"
	"golang.org/x/text/language"

	"tidings.example/internal/schedule"
)

// sort puts the mistakes in the order of the file, missing keys last.
func (m Mistakes) sort() {
	slices.SortStableFunc(m, func(a, b Mistake) int {
		if (a.Line == 0) != (b.Line == 0) {
			return cmp.Compare(b.Line, a.Line)
		}
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column), cmp.Compare(a.Key, b.Key))
	})
}

var names = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,62}$`)

// kinds that source.kind may name.
var kinds = []string{"", "hexo", "hugo", "jekyll", "zola", "eleventy", "astro", "pelican", "markdown"}

// check judges the values, each on its own and against each other.
func (b *binder) check(c *Config) {
	b.site(&c.Site)
	b.sources(c)
	b.oneOf("publish.release", c.Publish.Release, "live", "now")
	b.oneOf("publish.backlog", c.Publish.Backlog, "known", "send")
	b.oneOf("publish.render", c.Publish.Render, "needed", "all")
	b.cron("publish.schedule", c.Publish.Schedule)
	if c.Feeds.Dir == "" {
		b.fail("feeds.dir", "is empty: name the folder of the feeds, like \"feeds\", or \".\" for the folder of this file")
	}
	if c.Feeds.Items < 1 || c.Feeds.Items > 500 {
		b.fail("feeds.items", "want 1 to 500 posts, have %d", c.Feeds.Items)
	}
	b.oneOf("feeds.guid", c.Feeds.GUID, "tag", "permalink")
	b.within("feeds.ttl", c.Feeds.TTL, time.Minute, 31*24*time.Hour)
	b.within("publish.release_delay", c.Publish.ReleaseDelay, 0, 31*24*time.Hour)
	for _, format := range c.Feeds.MathML {
		b.oneOf("feeds.mathml", format, "rss", "atom", "json")
	}
	b.webURL("feeds.url", c.Feeds.URL, false)
	if c.Database.Path == "" {
		b.fail("database.path", "is empty: name the file, like \"tidings.db\"")
	}
	b.feeds(c)
	b.hubs(c.Feeds.Hubs)
	b.moved(c.Feeds.Moved)
	b.web(c)
	b.mail(c)
	b.dkim(c)
	b.bounce(c)
	b.digests(c)
}

func (b *binder) site(s *Site) {
	b.webURL("site.url", s.URL, false)
	b.webURL("site.icon", s.Icon, false)
	b.zone("site.time_zone", s.TimeZone)
	b.language("site.language", s.Language)
	if s.AuthorEmail != "" {
		b.mailbox("site.author_email", s.AuthorEmail)
	}
}

func (b *binder) sources(c *Config) {
	if len(c.Sources) == 0 {
		b.fail("source", "no source of posts: add [[source]] with dir = \"path of your blog\", or feed = \"address of a feed\"")
	}
	seen := map[string]bool{}
	for i, s := range c.Sources {
		key := fmt.Sprintf("source[%d]", i)
		b.sourcePlace(key, &s)
		b.within(key+".before_timeout", s.BeforeTimeout, time.Second, 24*time.Hour)
		b.name(key+".name", s.Name, seen)
		b.oneOf(key+".kind", s.Kind, kinds...)
		b.webURL(key+".url", s.URL, false)
		b.zone(key+".time_zone", s.TimeZone)
		b.language(key+".language", s.Language)
		for field, globs := range map[string][]string{"include": s.Include, "exclude": s.Exclude} {
			for j, g := range globs {
				if _, err := path.Match(g, "x"); err != nil || g == "" {
					b.fail(fmt.Sprintf("%s.%s[%d]", key, field, j), "%q is no pattern: write it like \"posts/**/*.md\"", g)
				}
			}
		}
		if len(s.Before) > 0 && s.Before[0] == "" {
			b.fail(key+".before", "want a command and its arguments: [\"git\", \"pull\", \"--ff-only\"]")
		}
	}
}

func (b *binder) web(c *Config) {
	if host, port, err := net.SplitHostPort(c.Web.Listen); err != nil || port == "" {
		b.fail("web.listen", "%q is no address: write it like \"127.0.0.1:8025\"", c.Web.Listen)
	} else if _, err := netip.ParseAddr(host); err != nil && host != "" && host != "localhost" {
		b.fail("web.listen", "%q is no IP address of this machine: write it like \"127.0.0.1:8025\" or \":8025\"", host)
	} else if _, err := net.LookupPort("tcp", port); err != nil {
		b.fail("web.listen", "%q is no port: want 1 to 65535, like \"127.0.0.1:8025\"", port)
	}
	b.webURL("web.url", c.Web.URL, true)
	if n := c.Web.FeedRequests; n < 0 || n > 60000 {
		b.fail("web.feed_requests", "want 1 to 60000 requests a minute, or 0 for no limit, have %d", n)
	}
	if c.Mail.Transport == "smtp" && len(c.Digests) > 0 && c.Web.URL == "" {
		b.fail("web.url", "missing: letters need a public address for their unsubscribe links")
	}
}

func (b *binder) mail(c *Config) {
	m := &c.Mail
	b.oneOf("mail.transport", m.Transport, "maildir", "smtp")
	b.oneOf("mail.in_doubt", m.InDoubt, "resend", "hold")
	if m.From != "" {
		b.mailbox("mail.from", m.From)
	}
	if m.ReplyTo != "" {
		b.mailbox("mail.reply_to", m.ReplyTo)
	}
	if m.Unsubscribe != "" {
		b.mailbox("mail.unsubscribe", m.Unsubscribe)
	}
	if m.Maildir.Dir == "" {
		b.fail("mail.maildir.dir", "is empty: name the folder for letters, like \"mail\"")
	}
	b.servers(c)
}

var weekdays = []string{"monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"}

func (b *binder) digests(c *Config) {
	seen := map[string]bool{}
	for i, d := range c.Digests {
		key := fmt.Sprintf("digest[%d]", i)
		b.name(key+".name", d.Name, seen)
		if d.From == "" && c.Mail.From == "" {
			b.fail(key+".from", "missing: set mail.from, the mailbox that letters come from")
		}
		for field, box := range map[string]string{"from": d.From, "reply_to": d.ReplyTo} {
			if box != "" {
				b.mailbox(key+"."+field, box)
			}
		}
		b.language(key+".language", d.Language)
		b.zone(key+".time_zone", d.TimeZone)
		b.cadences(key+".cadences", d.Cadences)
		if _, err := time.Parse("15:04", d.At); err != nil {
			b.fail(key+".at", "%q is no time of day: write it like \"08:00\"", d.At)
		}
		b.oneOf(key+".weekday", d.Weekday, weekdays...)
		if d.Day < 1 || d.Day > 28 {
			b.fail(key+".day", "want a day that every month has, 1 to 28, have %d", d.Day)
		}
		if d.ListID != "" && (!hostname.MatchString(d.ListID) || len(d.ListID) > 253) {
			b.fail(key+".list_id", "%q is no id of a list (RFC 2919): write it like \"weekly.example.org\"", d.ListID)
		}
		b.within(key+".max_lateness", d.MaxLateness, time.Minute, 0)
		for field, list := range map[string][]string{"tags": d.Tags, "categories": d.Categories, "languages": d.Languages} {
			for j, w := range list {
				b.word(fmt.Sprintf("%s.%s[%d]", key, field, j), w)
			}
		}
	}
}

// word refuses what picks no post of a newsletter.
func (b *binder) word(key, word string) {
	switch word {
	case "":
		b.fail(key, "is empty: write a word, or leave the key out")
	case "*":
		b.fail(key, "\"*\" works in [feeds]: leave the key out to take all")
	}
}

func (b *binder) cadences(key string, list []string) {
	if len(list) == 0 {
		b.fail(key, "want at least one of \"immediate\", \"daily\", \"weekly\", \"monthly\" or a cron line")
	}
	seen := map[string]bool{}
	for i, c := range list {
		at := fmt.Sprintf("%s[%d]", key, i)
		if seen[c] {
			b.fail(at, "%q stands here twice", c)
		}
		seen[c] = true
		if !slices.Contains([]string{"immediate", "daily", "weekly", "monthly"}, c) {
			b.cron(at, c)
		}
	}
}

// cron refuses lines that cannot be read and lines that never come true, as
// the 30th of February.
func (b *binder) cron(key, line string) {
	if _, err := schedule.ParseLine(line); err != nil {
		b.fail(key, "%v", err)
	}
}

func (b *binder) name(key, name string, seen map[string]bool) {
	switch {
	case name == "":
		b.fail(key, "missing: give it a short name of a-z, 0-9 and -")
	case !names.MatchString(name):
		b.fail(key, "%q is no name: use a-z, 0-9 and -", name)
	case seen[name]:
		b.fail(key, "%q stands here twice: every name must be its own", name)
	}
	seen[name] = true
}

func (b *binder) oneOf(key, value string, allowed ...string) {
	if !slices.Contains(allowed, value) {
		shown := []string{}
		for _, a := range allowed {
			if a != "" {
				shown = append(shown, fmt.Sprintf("%q", a))
			}
		}
		b.fail(key, "%q is not known: want %s%s", value, strings.Join(shown, ", "), Nearest(value, allowed))
	}
}

func (b *binder) zone(key, name string) {
	if name == "" {
		return
	}
	if _, err := schedule.Zone(name); err != nil {
		b.fail(key, "%v", err)
	}
}

func (b *binder) language(key, tag string) {
	if tag == "" {
		return
	}
	if _, err := language.Parse(tag); err != nil {
		b.fail(key, "%q is no language: write it like \"en\" or \"zh-CN\"", tag)
	}
}

// webURL wants an absolute address; public ones by https.
func (b *binder) webURL(key, text string, public bool) {
	if text == "" {
		return
	}
	u, err := url.Parse(text)
	switch {
	case err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https"):
		b.fail(key, "%q is no web address: write it like \"https://blog.example.org/\"", text)
	case u.RawQuery != "" || u.Fragment != "" || u.User != nil:
		b.fail(key, "%q has a query, a fragment or a password: want only host and path", text)
	case public && u.Scheme == "http" && !Loopback(u.Hostname()):
		b.fail(key, "%q is not safe for readers' links: want https (http only on 127.0.0.1)", text)
	}
}

// mailbox wants "name@example.org" or "Name <name@example.org>".
func (b *binder) mailbox(key, text string) {
	addr, err := mail.ParseAddress(text)
	if err != nil {
		switch at := strings.LastIndex(text, "@"); {
		case strings.HasPrefix(text, "mailto:"):
			b.fail(key, "%q is a web address: write the mailbox alone, %q", text, strings.TrimPrefix(text, "mailto:"))
		case at < 0:
			b.fail(key, "%q has no @ (want name@example.org)", text)
		case strings.Trim(text[at+1:], "> ") == "":
			b.fail(key, "%q has no domain (want name@example.org)", text)
		default:
			b.fail(key, "%q is no mailbox: %s (want name@example.org or Name <name@example.org>)", text, strings.TrimPrefix(err.Error(), "mail: "))
		}
		return
	}
	domain := addr.Address[strings.LastIndex(addr.Address, "@")+1:]
	if _, err := idna.Lookup.ToASCII(domain); err != nil || !strings.Contains(domain, ".") && domain != "localhost" {
		b.fail(key, "%q: the domain %q is not one that others can answer to (want name@example.org)", text, domain)
	}
}

// Loopback tells whether the host is this machine and no other.
func Loopback(host string) bool {
	if host == "localhost" {
		return true
	}
	ip, err := netip.ParseAddr(strings.Trim(host, "[]"))
	return err == nil && ip.IsLoopback()
}
