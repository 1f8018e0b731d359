package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"maps"
	"slices"

	"tidings.example/internal/adopt"
	"tidings.example/internal/store"
	"tidings.example/posts"
)

type adoptCmd struct {
	Feed   string `arg:"" help:"The blog's feed as readers have it now: a file or an address. RSS, Atom or JSON Feed."`
	DryRun bool   `help:"Show what would be taken over, and change nothing."`
	FeedID bool   `name:"feed-id" help:"Take over the feed's own id too, for the feed of all posts: only from the blog's main feed in Atom."`
	Yes    bool   `help:"Take ids over although tidings has written feeds with others."`
}

// Help tells when adopt belongs.
func (adoptCmd) Help() string {
	return "Run it once for each feed that readers have, before the first run or build: posts keep the ids under which readers know them, and nothing comes back as unread. It may be run again. Exit code 3: some entries were not found; 2: nothing was taken over."
}

// Run reads the feed and takes its ids over.
func (c adoptCmd) Run(ctx context.Context, sh *shell) (err error) {
	p, err := sh.open(ctx, false)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, p.Close()) }()
	text, contentType, from, err := adopt.Read(ctx, c.Feed, "tidings/"+release)
	if err != nil {
		return &exitError{code: exitUsage, err: err}
	}
	feed, err := adopt.Parse(text, contentType, from)
	if err != nil {
		return &exitError{code: exitUsage, err: fmt.Errorf("%s: %w", c.Feed, err)}
	}
	if c.FeedID && feed.ID == "" {
		return usagef("--feed-id: only a feed in Atom has an id of its own, and %s has none", c.Feed)
	}
	all, err := c.known(ctx, p)
	if err != nil {
		return err
	}
	found, err := adopt.Match(feed, all)
	if err != nil {
		return err
	}
	plan := planned(feed.Format, found)
	out := adopted{Feed: c.Feed, Format: feed.Format, Entries: len(feed.Entries), Others: found.Others, DryRun: c.DryRun}
	if c.FeedID && len(found.Matched) > 0 { // another blog's feed has nothing to give
		out.FeedID = feed.ID
	}
	if err := c.mayTake(ctx, p, found, plan, out.FeedID); err != nil {
		return err
	}
	taken, err := c.take(ctx, p, plan, out.FeedID)
	if err != nil {
		return err
	}
	out.fill(found, plan, taken)
	return out.show(sh)
}

// known returns every post that could be the entry of a feed: those of the
// ledger, after a first scan of the sources that need one.
func (c adoptCmd) known(ctx context.Context, p *program) (iter.Seq2[posts.Record, error], error) {
	var fresh []int
	for i, s := range p.config.Sources {
		state, err := p.db.SourceState(ctx, s.Name)
		if err != nil {
			return nil, err
		}
		if state.Baseline.IsZero() {
			fresh = append(fresh, i)
		}
	}
	if len(fresh) > 0 && !c.DryRun {
		work := p.publisher(false)
		work.Feeds = nil
		done := p.sh.progress("scan")
		r, err := p.round(ctx, work, p.sh.now(), posts.ScanOptions{})
		done()
		if err != nil {
			return nil, err
		}
		for _, scan := range r.Scans {
			p.sh.note("%s", summary(scan))
		}
		p.sh.problems("", r.Problems)
		fresh = nil
	}
	return func(yield func(posts.Record, error) bool) {
		for r, err := range p.db.AllPosts(ctx) {
			if !yield(r, err) {
				return
			}
		}
		for _, i := range fresh {
			if !p.preview(ctx, i, yield) {
				return
			}
		}
	}, nil
}

// preview yields the posts of a source that was never scanned, as a first scan
// would know them. A feed on the web that does not answer has none for now, as
// in a scan.
func (p *program) preview(ctx context.Context, source int, yield func(posts.Record, error) bool) bool {
	s := p.config.Sources[source]
	now := p.sh.now()
	d, err := p.openSource(ctx, s)
	if err != nil {
		return yield(posts.Record{}, err)
	}
	defer d.Close()
	for e, err := range d.Scan(ctx, func(func(posts.Known, error) bool) {}, false) {
		switch {
		case err != nil && s.Feed != "" && ctx.Err() == nil:
			p.sh.note("source %s: %s", s.Name, err)
			return true
		case err != nil:
			return yield(posts.Record{}, err)
		case e.Post == nil:
			continue
		}
		r := posts.Record{Post: *e.Post, ID: posts.Mint(e.Post, d.Site().URL, now), Source: s.Name, Present: true}
		if e.Post.StateAt(now) == posts.Published && e.Post.URL != "" {
			r.Seq = 1
		}
		if !yield(r, nil) {
			return false
		}
	}
	return true
}

// planned names the ids that each post gets: for every format where none is
// known yet, and for the feed's own where it shows another.
func planned(format string, found *adopt.Result) map[string][]posts.GUID {
	plan := map[string][]posts.GUID{}
	for i := range found.Matched {
		id, post := found.Matched[i].Entry.ID, &found.Matched[i].Post
		g := post.GUIDs
		if g.Any == "" && id != post.ID {
			g.Any = id
			plan[post.ID] = append(plan[post.ID], posts.GUID{Text: id})
		}
		if shown := g.For(format); shown != id && (shown != "" || id != post.ID) {
			plan[post.ID] = append(plan[post.ID], posts.GUID{Format: format, Text: id})
		}
	}
	return plan
}

// mayTake refuses to change ids that readers of our own feeds hold by now.
func (c adoptCmd) mayTake(ctx context.Context, p *program, found *adopt.Result, plan map[string][]posts.GUID, feedID string) error {
	written, err := p.db.Recall(ctx, "feed")
	if err != nil || written == "" || c.Yes {
		return err
	}
	held, err := p.db.Recall(ctx, store.FeedID)
	if err != nil {
		return err
	}
	n := 0
	for i := range found.Matched {
		if post := &found.Matched[i].Post; post.Live() && len(plan[post.ID]) > 0 {
			n++
		}
	}
	var warning string
	switch {
	case n > 0:
		warning = fmt.Sprintf("feeds were written here already, with other ids for %s than %s has: whoever reads ours would see them as unread once more", count(n, "post"), c.Feed)
	case feedID != "" && feedID != cmp.Or(held, written):
		warning = fmt.Sprintf("feeds were written here already, and the feed of all posts has another id than %s: whoever reads ours could take it for a new feed", c.Feed)
	default:
		return nil
	}
	warning += ". Where nobody does yet, take the old ids over with --yes"
	if c.DryRun {
		p.sh.note("%s", warning)
		return nil
	}
	return usagef("%s", warning)
}

// take writes the plan down and returns the posts that got an id, all of them
// in a dry run.
func (c adoptCmd) take(ctx context.Context, p *program, plan map[string][]posts.GUID, feedID string) ([]string, error) {
	if c.DryRun {
		return slices.Collect(maps.Keys(plan)), nil
	}
	return p.db.SetIDs(ctx, feedID, plan)
}
