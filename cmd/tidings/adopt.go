package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
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
	Yes    bool   `help:"Go on where adopt warns: tidings has written feeds with other ids, or the first scan would give posts other ids than readers know."`
}

// Help tells when adopt belongs.
func (adoptCmd) Help() string {
	return "Run it once for each feed that readers have, before the first run or build: posts keep the ids under which readers know them, and nothing comes back as unread. Its first run is the first scan too: where the feed's ids are the posts' URLs, set guid = \"permalink\" under [feeds] before it, which gives the posts that have left the feed theirs. It may be run again. Exit code 3: some entries were not found; 2: nothing was taken over."
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
	found, err := c.find(ctx, p, feed)
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
