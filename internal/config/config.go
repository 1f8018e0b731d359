// Package config reads the one file of configuration, strictly: every mistake
// is found in one pass, with its line, its column and the way out.
//
// Start with [Load].
package config

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"time"
)

// Config is the whole configuration. The tags are the keys of the file; paths
// are absolute after Load.
type Config struct {
	Site     Site     `toml:"site"`
	Sources  []Source `toml:"source"`
	Publish  Publish  `toml:"publish"`
	Feeds    Feeds    `toml:"feeds"`
	OwnFeeds []Feed   `toml:"feed"`
	Web      Web      `toml:"web"`
	Database Database `toml:"database"`
	Mail     Mail     `toml:"mail"`
	Bounce   Bounce   `toml:"bounce"`
	Digests  []Digest `toml:"digest"`

	// File is the path that the configuration was read from.
	File string `toml:"-"`
	// at is where each key stands in the file.
	at map[string]position
}

// Site is what feeds, letters and pages say of the blog. What is left out is
// taken from the site's own configuration.
type Site struct {
	Title       string `toml:"title"`
	Description string `toml:"description" lines:"many"`
	URL         string `toml:"url"`
	Language    string `toml:"language"`
	TimeZone    string `toml:"time_zone"`
	Author      string `toml:"author"`
	AuthorEmail string `toml:"author_email"`
	Rights      string `toml:"rights" lines:"many"`
	Icon        string `toml:"icon"`
}

// Source is one place where posts come from: a folder or a feed.
type Source struct {
	Name          string   `toml:"name"`
	Dir           string   `toml:"dir"`
	Kind          string   `toml:"kind"`
	URL           string   `toml:"url"`
	TimeZone      string   `toml:"time_zone"`
	Language      string   `toml:"language"`
	Include       []string `toml:"include"`
	Exclude       []string `toml:"exclude"`
	Before        []string `toml:"before"`
	BeforeTimeout Duration `toml:"before_timeout"`
	// Feed is the address of a remote feed, in the place of Dir.
	Feed         string   `toml:"feed"`
	FeedEvery    Duration `toml:"feed_every"`
	FeedTimeout  Duration `toml:"feed_timeout"`
	FeedSize     int      `toml:"feed_size"`
	AllowPrivate bool     `toml:"allow_private"`
}

// Publish says when a post is seen.
type Publish struct {
	Schedule     string   `toml:"schedule"`
	Watch        bool     `toml:"watch"`
	Release      string   `toml:"release"`
	ReleaseDelay Duration `toml:"release_delay"`
	Backlog      string   `toml:"backlog"`
	Render       string   `toml:"render"`
}

// Feeds says which feeds there are and where they lie.
type Feeds struct {
	Dir        string   `toml:"dir"`
	URL        string   `toml:"url"`
	Items      int      `toml:"items"`
	Archive    bool     `toml:"archive"`
	Page       bool     `toml:"page"`
	TTL        Duration `toml:"ttl"`
	GUID       string   `toml:"guid"`
	Tags       []string `toml:"tags"`
	Categories []string `toml:"categories"`
	Languages  []string `toml:"languages"`
	Authors    []string `toml:"authors"`
	MathML     []string `toml:"mathml"`
	Hubs       []string `toml:"hubs"`
	// Moved are paths that feeds had on this server, and where they are now.
	Moved map[string]string `toml:"moved"`
}

// Web is the server for feeds and pages.
type Web struct {
	Listen       string `toml:"listen"`
	URL          string `toml:"url"`
	FeedRequests int    `toml:"feed_requests"`
}

// Database is the one SQLite file.
type Database struct {
	Path string `toml:"path"`
}

// Mail says who writes and how letters leave.
type Mail struct {
	From        string  `toml:"from"`
	ReplyTo     string  `toml:"reply_to"`
	Postal      string  `toml:"postal" lines:"many"`
	Unsubscribe string  `toml:"unsubscribe"`
	Templates   string  `toml:"templates"`
	InDoubt     string  `toml:"in_doubt"`
	Transport   string  `toml:"transport"`
	Maildir     Maildir `toml:"maildir"`
	SMTP        SMTP    `toml:"smtp"`
	DKIM        DKIM    `toml:"dkim"`
	// Servers are several in the place of SMTP; see [Mail.Out].
	Servers []SMTP `toml:"server"`
}

// Maildir writes each letter into a folder that mail programs open.
type Maildir struct {
	Dir string `toml:"dir"`
}

// Digest is a newsletter.
type Digest struct {
	Name        string   `toml:"name"`
	Title       string   `toml:"title"`
	Description string   `toml:"description" lines:"many"`
	Language    string   `toml:"language"`
	Cadences    []string `toml:"cadences"`
	TimeZone    string   `toml:"time_zone"`
	At          string   `toml:"at"`
	Weekday     string   `toml:"weekday"`
	Day         int      `toml:"day"`
	Tags        []string `toml:"tags"`
	Categories  []string `toml:"categories"`
	Languages   []string `toml:"languages"`
	From        string   `toml:"from"`
	ReplyTo     string   `toml:"reply_to"`
	ListID      string   `toml:"list_id"`
	MaxLateness Duration `toml:"max_lateness"`
}

// Duration is a time.Duration that the file writes as "10m" or "14d".
type Duration time.Duration

// Secret never shows itself.
type Secret string

// String hides the secret.
func (Secret) String() string { return "[secret]" }

// GoString hides the secret.
func (Secret) GoString() string { return "[secret]" }

// MarshalText hides the secret from JSON and TOML.
func (Secret) MarshalText() ([]byte, error) { return []byte("[secret]"), nil }

// Load reads and judges the file. The error is [Mistakes] where the file could
// be read. getenv is os.Getenv.
func Load(file string, getenv func(string) string) (*Config, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	return Parse(file, text, getenv)
}

// Parse is Load for text that was read already; relative paths start at the
// folder of file.
func Parse(file string, text []byte, getenv func(string) string) (*Config, error) {
	t, mistakes := parse(bytes.TrimPrefix(text, []byte("\ufeff"))) // Notepad begins a file with a byte order mark
	if mistakes != nil {
		for i := range mistakes {
			mistakes[i].File = file
		}
		return nil, Mistakes(mistakes)
	}
	c := defaults()
	c.File, c.at = file, t.at
	b := &binder{file: file, tree: t, getenv: getenv, set: map[string]bool{}, failed: map[string]bool{}, variables: map[string]string{}}
	b.table("", t.values, reflect.ValueOf(c).Elem())
	b.eachDefaults(c)
	b.check(c)
	b.paths(c)
	b.secrets(c)
	if len(b.mistakes) > 0 {
		b.mistakes.sort()
		return nil, b.mistakes
	}
	return c, nil
}

// defaults is a configuration with every value that the file may leave out.
func defaults() *Config {
	return &Config{
		Publish:  Publish{Schedule: "*/5 * * * *", Watch: true, Release: "live", Backlog: "known", Render: "needed"},
		Feeds:    Feeds{Dir: "feeds", Items: 20, Archive: true, Page: true, TTL: Duration(time.Hour), GUID: "tag", MathML: []string{"json"}},
		Web:      Web{Listen: "127.0.0.1:8025", FeedRequests: 60},
		Database: Database{Path: "tidings.db"},
		Mail: Mail{DKIM: DKIM{Algorithms: []string{"rsa", "ed25519"}, Selector: "tidings"}, InDoubt: "resend", Transport: "maildir", Maildir: Maildir{Dir: "mail"},
			SMTP: defaultSMTP()},
		Bounce: Bounce{Separator: "+", Every: Duration(5 * time.Minute), Protocol: "lmtp", POP3: POP3{Port: 995, TLS: "tls"}},
	}
}

// eachDefaults fills what an element of an array of tables leaves out.
func (b *binder) eachDefaults(c *Config) {
	for i := range c.Sources {
		s := &c.Sources[i]
		if s.Name == "" && len(c.Sources) == 1 {
			s.Name = "blog"
		}
		if !b.set[fmt.Sprintf("source[%d].before_timeout", i)] {
			s.BeforeTimeout = Duration(time.Minute)
		}
		b.remoteDefaults(s, fmt.Sprintf("source[%d]", i))
	}
	b.feedDefaults(c)
	b.serverDefaults(c)
	for i := range c.Digests {
		d := &c.Digests[i]
		set := func(key string) bool { return b.set[fmt.Sprintf("digest[%d].%s", i, key)] }
		if !set("cadences") {
			d.Cadences = []string{"weekly"}
		}
		if !set("at") {
			d.At = "08:00"
		}
		if !set("weekday") {
			d.Weekday = "monday"
		}
		if !set("day") {
			d.Day = 1
		}
		if !set("max_lateness") {
			d.MaxLateness = Duration(48 * time.Hour)
		}
	}
}

// paths makes every path absolute, from the folder of the file.
func (b *binder) paths(c *Config) {
	base, err := filepath.Abs(filepath.Dir(c.File))
	if err != nil {
		b.fail("", "%v", err)
		return
	}
	all := []*string{&c.Feeds.Dir, &c.Database.Path, &c.Mail.Maildir.Dir, &c.Mail.Templates,
		&c.Bounce.Maildir, &c.Bounce.Mbox, &c.Bounce.POP3.PasswordFile, &c.Bounce.POP3.CAFile}
	for _, s := range c.Mail.all() {
		all = append(all, &s.PasswordFile, &s.CAFile)
	}
	for i := range c.Sources {
		all = append(all, &c.Sources[i].Dir)
	}
	for _, p := range all {
		if *p != "" && !filepath.IsAbs(*p) {
			*p = filepath.Join(base, *p)
		}
	}
}
