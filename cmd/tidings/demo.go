package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"tidings.example/feed"
	"tidings.example/internal/config"
	"tidings.example/internal/demo"
	"tidings.example/mailer"
	"tidings.example/posts"
)

type demoCmd struct {
	Dir    string `type:"path" placeholder:"DIR" help:"Where to put everything, instead of a temporary folder."`
	Once   bool   `help:"End after the letters, instead of serving the pages."`
	Listen string `placeholder:"ADDRESS" default:"127.0.0.1:8025" help:"Where to serve the pages; port 0 takes a free one."`
}

// Help says what the demo needs.
func (demoCmd) Help() string {
	return "A sample blog of ten posts, three readers and a mailbox for each, in a temporary folder: scans, writes the feeds, sends the digest, and serves the pages on this machine. Nothing leaves it."
}

// Run shows everything at once, through the same code as the real thing.
func (c demoCmd) Run(ctx context.Context, sh *shell) (err error) {
	if c.Dir == "" {
		if c.Dir, err = os.MkdirTemp("", "tidings-demo-"); err != nil {
			return err
		}
	}
	listen, err := freePort(c.Listen)
	if err != nil {
		return usagef("--listen %s: %v", c.Listen, err)
	}
	cfg, err := c.prepare(sh, listen)
	if err != nil {
		return err
	}
	p, err := sh.program(ctx, cfg, true)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, p.Close()) }()
	if p.lock, err = p.db.Lock(ctx, "demo", sh.now()); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, p.lock.Close()) }()
	if fence, err := p.fenced(ctx, p.lock); err != nil {
		return err
	} else if fence != nil {
		return errFenced(*fence)
	}
	shown, err := c.play(ctx, p)
	if err != nil {
		return err
	}
	if !c.Once {
		shown.Pages = p.webURL()
	}
	if err := shown.print(sh); err != nil || c.Once {
		return err
	}
	d := &daemon{sh: sh, db: p.db, started: func(p *program, _ net.Addr) {
		if !sh.args.JSON {
			sh.printf("\nPages: %s\n", p.webURL())
		}
		sh.note("Ctrl-C ends the demo.")
	}}
	return d.run(ctx, p)
}

// freePort takes a free port where the address has port 0: the links of the
// letters need it before the server starts.
func freePort(address string) (string, error) {
	_, port, err := net.SplitHostPort(address)
	if err != nil || port != "0" {
		return address, err
	}
	l, err := net.Listen("tcp", address)
	if err != nil {
		return "", err
	}
	return l.Addr().String(), l.Close()
}

// demoMark begins the configuration that the demo writes: no other is replaced.
const demoMark = "# The configuration of the demo."

// prepare writes the blog and a configuration like a person's own.
func (c demoCmd) prepare(sh *shell, listen string) (*config.Config, error) {
	file := filepath.Join(c.Dir, "tidings.toml")
	if there, err := os.ReadFile(file); err == nil && !bytes.HasPrefix(there, []byte(demoMark)) {
		return nil, usagef("--dir %s: a configuration that is not the demo's lies there: name another folder", c.Dir)
	}
	if err := demo.Copy(filepath.Join(c.Dir, "blog")); err != nil {
		return nil, err
	}
	// Links lead to the pages where they are served, else to where a real blog
	// would have them.
	address := "http://" + listen + "/"
	if c.Once {
		address = "https://news.blog.example.org/"
	}
	text := demoMark + ` Try: tidings -c ` + file + ` status
[site]
url = "https://blog.example.org/"

[[source]]
dir = "blog"

[publish]
release = "now"      # the sample blog is not online
backlog = "send"     # show its posts in letters, too

[web]
listen = ` + strconv.Quote(listen) + `
url = ` + strconv.Quote(address) + `

[mail]
from = "Demo <news@blog.example.org>"
postal = "1 Example Street, Example City"
unsubscribe = "leave@blog.example.org"

[[digest]]
name = "weekly"
cadences = ["weekly", "immediate", "daily", "monthly"]
`
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		return nil, err
	}
	return config.Load(file, sh.getenv)
}

// played is what the demo did.
type played struct {
	Dir     string   `json:"dir"`
	Config  string   `json:"config"`
	Posts   int      `json:"posts"`
	Feeds   []string `json:"feeds"`
	Letters []string `json:"letters"`
	Issue   int64    `json:"issue"`           // 0 where nobody had anything to get
	Pages   string   `json:"pages,omitempty"` // while they are served
}

// play does what a person would do by hand: readers, a round, a digest.
func (c demoCmd) play(ctx context.Context, p *program) (played, error) {
	out := played{Dir: c.Dir, Config: p.config.File}
	for _, r := range demo.Readers() {
		address, err := mailer.ParseAddress(r.Email)
		if err != nil {
			return out, err
		}
		_, _, err = p.db.AddSubscriber(ctx, mailer.NewSubscriber{Address: address, Digest: "weekly", Consent: "sample reader of the demo", FromStart: true,
			Language: r.Language, Zone: r.TimeZone, Cadence: mailer.Cadence(r.Cadence), Topics: posts.Selection{Tags: r.Topics}}, p.sh.now())
		if err != nil {
			return out, err
		}
	}
	work := p.publisher(false)
	round, err := work.Round(ctx, p.sh.now(), posts.ScanOptions{})
	if err != nil {
		return out, err
	}
	p.sh.problems("", round.Problems)
	out.Posts = round.Scans[0].Posts
	sent, err := p.sendNow(ctx, "weekly", mailer.SendOptions{})
	if err != nil {
		return out, err
	}
	out.Issue = sent.Issue.Number
	for _, f := range feed.Formats() {
		out.Feeds = append(out.Feeds, filepath.Join(p.config.Feeds.Dir, f.FileName()))
	}
	out.Letters, err = newLetters(p.config.Mail.Maildir.Dir)
	return out, err
}

// newLetters lists the letters in the Maildirs below a folder.
func newLetters(dir string) ([]string, error) {
	var out []string
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() && filepath.Base(filepath.Dir(path)) == "new" {
			out = append(out, path)
		}
		return err
	})
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	slices.Sort(out)
	return out, err
}

// print says where everything lies.
func (r played) print(sh *shell) error {
	if sh.args.JSON {
		return sh.printJSON(r)
	}
	sh.printf("A sample blog of %d posts lies in %s\n\nFeeds, for a feed reader:\n", r.Posts, filepath.Join(r.Dir, "blog"))
	for _, f := range r.Feeds {
		sh.printf("  %s\n", f)
	}
	sh.printf("\nLetters, for a mail program (each reader has a Maildir):\n")
	for _, l := range r.Letters {
		sh.printf("  %s\n", l)
	}
	sh.printf("\nDatabase and configuration: %s\n", r.Dir)
	sh.printf("Look around: tidings -c %s status\n(or posts, subscribers list, issues)\n", quoteShell(r.Config))
	return nil
}

// quoteShell quotes a path for a shell where it must be.
func quoteShell(path string) string {
	if strings.ContainsAny(path, " '\"$\\*?()&;|<>") {
		return fmt.Sprintf("'%s'", strings.ReplaceAll(path, "'", `'\''`))
	}
	return path
}
