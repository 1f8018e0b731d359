package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"

	"tidings.example/internal/config"
	"tidings.example/posts"
)

type checkCmd struct{}

// Help tells what check looks at.
func (checkCmd) Help() string {
	return "Judges configuration, templates, sources and posts without the network and without the database. Exit code 2: the configuration has a mistake; 4: a post has a problem."
}

// judged is what check found.
type judged struct {
	Config    string          `json:"config"`
	Feeds     string          `json:"feeds"` // the address below which they lie
	Sources   []judgedSource  `json:"sources"`
	Templates string          `json:"templates"`
	Problems  []posts.Problem `json:"problems"`
}

type judgedSource struct {
	Name      string     `json:"name"`
	Kind      posts.Kind `json:"kind"`
	Posts     int        `json:"posts"`
	Published int        `json:"published"`
}

// Run judges.
func (checkCmd) Run(ctx context.Context, sh *shell) error {
	c, err := sh.config()
	if err != nil {
		return err
	}
	p := &program{sh: sh, config: c}
	if err := p.describe(); err != nil {
		return err
	}
	if p.feedFirst() {
		// What the feed says of itself is asked at the first round.
		if err := p.settle(p.feedSite(c.Sources[0], posts.Site{})); err != nil {
			return err
		}
	}
	if err := p.checkFolders(); err != nil {
		return err
	}
	if err := p.checkMail(); err != nil {
		return err
	}
	out := judged{Config: c.File, Feeds: p.feedsURL(), Templates: "ok"}
	if out.Problems, err = p.checkFeedsDir(); err != nil {
		return err
	}
	feeds := p.newFeedJudge()
	returns, err := p.checkBounce()
	if err != nil {
		return err
	}
	out.Problems = append(append(out.Problems, p.checkServers()...), returns...)
	for _, s := range c.Sources {
		if s.Feed != "" {
			out.Sources = append(out.Sources, judgedSource{Name: s.Name, Kind: posts.Feed})
			continue
		}
		one, problems, err := p.checkSource(ctx, s, feeds)
		if err != nil {
			return fmt.Errorf("source %s: %w", s.Name, err)
		}
		out.Sources = append(out.Sources, one)
		out.Problems = append(out.Problems, problems...)
	}
	out.Problems = append(out.Problems, append(feeds.problems(), feeds.hidden(p)...)...)
	return sh.showJudged(out)
}

// checkMail judges templates and newsletters.
func (p *program) checkMail() error {
	composer, err := newComposer(p.config)
	if err == nil {
		err = composer.Check()
	}
	if err != nil {
		var list config.Mistakes
		for _, one := range unjoin(err) {
			list = append(list, p.config.Mistake("mail.templates", "%v", one))
		}
		return list
	}
	if _, err := p.digests(); err != nil {
		return err
	}
	_, err = p.servers()
	return err
}

// unjoin gives the parts of errors.Join.
func unjoin(err error) []error {
	var many interface{ Unwrap() []error }
	if errors.As(err, &many) {
		return many.Unwrap()
	}
	return []error{err}
}

// checkSource reads every post of a source.
func (p *program) checkSource(ctx context.Context, s config.Source, feeds *feedJudge) (judgedSource, []posts.Problem, error) {
	d, err := p.openSite(s)
	if err != nil {
		return judgedSource{}, nil, err
	}
	defer d.Close()
	done := p.sh.progress("check " + s.Name)
	r, err := posts.DryRun(ctx, d, p.sh.now(), false)
	done()
	feeds.look(s.Name, r.Posts)
	out := judgedSource{Name: s.Name, Kind: r.Kind, Posts: len(r.Posts)}
	for _, one := range r.Posts {
		if one.Published {
			out.Published++
		}
	}
	if err == nil && len(r.Posts) == 0 {
		r.Problems = append(r.Problems, posts.Problem{Path: s.Dir, Message: "no posts found: is this the right folder, and its kind " + string(r.Kind) + "?"})
	}
	return out, r.Problems, err
}

// nobodyElse tells the hosts that are this machine to every machine.
func nobodyElse(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && (ip.IsLoopback() || ip.IsUnspecified())
}

func (sh *shell) showJudged(out judged) error {
	if sh.args.JSON {
		if err := sh.printJSON(out); err != nil {
			return err
		}
	} else {
		sh.printf("%s: ok\n", out.Config)
		for _, s := range out.Sources {
			if s.Kind == posts.Feed {
				sh.printf("source %s: a feed on the web, which check does not ask\n", s.Name)
				continue
			}
			sh.printf("source %s: %s site, %s, %d published\n", s.Name, s.Kind, count(s.Posts, "post"), s.Published)
		}
		if u, err := url.Parse(out.Feeds); err == nil && nobodyElse(u.Hostname()) {
			sh.printf("feeds: they say that they lie at %s, where nobody else finds them: before you publish them, write web.url, or feeds.url where you publish only the files\n", out.Feeds)
		}
	}
	sh.problems("", out.Problems)
	for _, p := range out.Problems {
		if !p.Warning {
			return &exitError{code: exitFindings}
		}
	}
	return nil
}
