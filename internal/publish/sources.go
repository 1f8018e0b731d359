package publish

import (
	"context"
	"errors"
	"maps"
	"slices"
	"time"

	"tidings.example/posts"
)

// names are the configured sources.
func (p *Publisher) names() []string {
	var names []string
	for i := range p.Sources {
		names = append(names, p.Sources[i].Name)
	}
	return names
}

// order returns the sources in the order of a round. Those that were never
// scanned come first: posts that moved into one are its own by the time the
// source that they left misses them.
func (p *Publisher) order(ctx context.Context) ([]*Source, error) {
	var fresh, known []*Source
	for i := range p.Sources {
		state, err := p.Ledger.SourceState(ctx, p.Sources[i].Name)
		if err != nil {
			return nil, err
		}
		if state.Baseline.IsZero() {
			fresh = append(fresh, &p.Sources[i])
		} else {
			known = append(known, &p.Sources[i])
		}
	}
	return append(fresh, known...), nil
}

// grounds knows which places of posts still stand, in one round.
type grounds struct {
	sources []Source
	open    map[string]OpenSource // nil for one that cannot be opened
}

// stands is posts.Scanner.Stands. In doubt a place stands: a folder that cannot
// be read gives no posts away.
func (g *grounds) stands(ctx context.Context, source, path string) bool {
	i := slices.IndexFunc(g.sources, func(s Source) bool { return s.Name == source })
	if i < 0 {
		return false
	}
	src, known := g.open[source]
	if !known {
		var err error
		if src, err = g.sources[i].Open(ctx); err != nil {
			src = nil
		}
		if g.open == nil {
			g.open = map[string]OpenSource{}
		}
		g.open[source] = src
	}
	holder, can := src.(interface{ Holds(path string) bool })
	return !can || holder.Holds(path)
}

// close closes what was opened.
func (g *grounds) close() error {
	var errs []error
	for _, src := range g.open {
		if src != nil {
			errs = append(errs, src.Close())
		}
	}
	return errors.Join(errs...)
}

// leftovers sees to the posts of sources that are gone from the configuration,
// after all others had the chance to take them over. Only the owner's word
// withdraws them: a name mistyped must not empty the feeds.
func (p *Publisher) leftovers(ctx context.Context, now time.Time, o posts.ScanOptions, r *Round) error {
	left, err := p.Ledger.Leftovers(ctx, p.names())
	if err != nil {
		return err
	}
	for _, l := range left {
		if !o.Accept || o.DryRun {
			r.Leftovers = append(r.Leftovers, l)
			continue
		}
		report, err := posts.Retire(ctx, p.Ledger, l.Name, now)
		if err != nil {
			return err
		}
		r.Scans = append(r.Scans, report)
	}
	return nil
}

// shared tells which posts cannot be shown under their URL.
func (p *Publisher) shared(ctx context.Context, source string, r *Round) error {
	twice, err := p.Ledger.SharedPermalinks(ctx, source)
	for _, path := range slices.Sorted(maps.Keys(twice)) {
		r.Problems = append(r.Problems, posts.Problem{Path: path, Warning: true,
			Message: "has the address of " + twice[path] + ", which feeds show under it already: they show this post under an id of its own. Give it an address of its own"})
	}
	return err
}
