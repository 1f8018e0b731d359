package main

import (
	"context"
	"fmt"
	"iter"

	"tidings.example/internal/adopt"
	"tidings.example/posts"
)

// find finds the posts of a feed, after a first scan of the sources that need
// one. A dry run and the judge of that scan go by what it would find.
func (c adoptCmd) find(ctx context.Context, p *program, feed *adopt.Feed) (*adopt.Result, error) {
	fresh, err := p.unscanned(ctx)
	if err != nil {
		return nil, err
	}
	if len(fresh) > 0 && (c.DryRun || !c.Yes && p.config.Feeds.GUID != "permalink") {
		found, err := adopt.Match(feed, p.allPosts(ctx, fresh))
		if err != nil {
			return nil, err
		}
		warning := p.wantsPermalinks(c.Feed, found)
		switch {
		case c.DryRun:
			if warning != "" {
				p.sh.note("%s", warning)
			}
			return found, nil
		case warning != "":
			return nil, usagef("%s. Where they have no readers, go on with --yes", warning)
		}
	}
	if len(fresh) > 0 {
		if err := p.firstScan(ctx); err != nil {
			return nil, err
		}
	}
	return adopt.Match(feed, p.allPosts(ctx, nil))
}

// unscanned returns the sources that need a first scan.
func (p *program) unscanned(ctx context.Context) (fresh []int, err error) {
	for i, s := range p.config.Sources {
		state, err := p.db.SourceState(ctx, s.Name)
		if err != nil {
			return nil, err
		}
		if state.Baseline.IsZero() {
			fresh = append(fresh, i)
		}
	}
	return fresh, nil
}

// wantsPermalinks warns of a first scan that gives posts other ids than readers
// know, "" where it does not. A post that has left the feed cannot be found in
// it; where the others show that ids are the posts' URLs, its own is known too.
// After the first scan it is too late to say so: an id is for ever.
func (p *program) wantsPermalinks(name string, found *adopt.Result) string {
	same := 0
	for i := range found.Matched {
		if m := &found.Matched[i]; m.Entry.ID == m.Post.URL {
			same++
		}
	}
	if p.config.Feeds.GUID == "permalink" || found.Others == 0 || same <= len(found.Matched)/2 {
		return ""
	}
	return fmt.Sprintf("the ids of %s are the URLs of its posts, and the first scan would give other ids, for ever, to %s of this blog that it does not hold: set guid = \"permalink\" under [feeds] in %s first, and run adopt again", name, count(found.Others, "post"), p.config.File)
}

// firstScan makes the round that knows all posts, without feeds.
func (p *program) firstScan(ctx context.Context) error {
	work := p.publisher(false)
	work.Feeds = nil
	done := p.sh.progress("scan")
	r, err := p.round(ctx, work, p.sh.now(), posts.ScanOptions{})
	done()
	if err != nil {
		return err
	}
	for _, scan := range r.Scans {
		p.sh.note("%s", summary(scan))
	}
	p.sh.problems("", r.Problems)
	return nil
}

// allPosts yields every post that could be the entry of a feed: those of the
// ledger, and those of sources that were never scanned.
func (p *program) allPosts(ctx context.Context, fresh []int) iter.Seq2[posts.Record, error] {
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
	}
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
