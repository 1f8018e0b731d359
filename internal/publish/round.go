// Package publish is the product in one function: a [Round] scans the sources,
// releases what may be seen, keeps the feeds, and opens the issues that are
// due. Sending is apart: see mailer.Dispatcher.
package publish

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"tidings.example/mailer"
	"tidings.example/posts"
)

// Source is one configured source of posts.
type Source struct {
	Name string
	// Open opens the source anew: its own configuration may have changed.
	Open func(ctx context.Context) (OpenSource, error)
	// Public says that whatever the source shows is public already: its posts
	// are released without a look at their URLs.
	Public bool
	// Before runs before each scan; nil is nothing.
	Before *Command
}

// OpenSource is a source that must be closed.
type OpenSource interface {
	posts.Source
	Close() error
}

// Ledger is what a round needs of the store.
type Ledger interface {
	posts.Ledger
	posts.Queue
	posts.Bodies
	// Leftovers returns the sources that are not among the names and whose
	// posts have a place still.
	Leftovers(ctx context.Context, names []string) ([]posts.Leftover, error)
	// SharedPermalinks returns the paths of released posts that are shown under
	// their own id only because another one, whose path follows, is shown under
	// their URL.
	SharedPermalinks(ctx context.Context, source string) (map[string]string, error)
}

// Issues opens what is due; mailer.Engine is one.
type Issues interface {
	Tick(ctx context.Context, now time.Time) (mailer.Report, error)
}

// Publisher makes rounds. One goroutine at a time.
type Publisher struct {
	Sources []Source
	Ledger  Ledger
	Backlog posts.Backlog
	// Live tells whether a URL answers; nil releases at the scan.
	Live  func(ctx context.Context, url string) error
	Delay time.Duration
	// Permalinks says that feeds show what is released from now on under its URL.
	Permalinks bool
	// Want says which bodies the feeds and letters need.
	Want func(ctx context.Context) (posts.Want, error)
	// Renderer is the version of the renderer.
	Renderer string
	Feeds    *Feeds
	Issues   Issues // nil where there are no digests
	Log      *slog.Logger
}

// Round is what one round did.
type Round struct {
	Scans    []posts.Report `json:"scans"`
	Released []posts.Record `json:"-"`
	Rendered int            `json:"rendered"`
	Files    []string       `json:"files"` // feeds that changed
	// Archived is how many files of archive pages changed.
	Archived int `json:"archived"`
	// Kept are files in the folder of the feeds that we did not write, and leave
	// as they are, although we would have one of that name.
	Kept     []string        `json:"kept,omitempty"`
	Problems []posts.Problem `json:"problems"`
	// Held says that a scan was held.
	Held bool `json:"held"`
	// Leftovers are sources that are gone from the configuration.
	Leftovers []posts.Leftover `json:"leftovers,omitempty"`
	Issues    *mailer.Report   `json:"-"`
	// Stages are the parts that were tried to their end; Failures is what did
	// not succeed in them.
	Stages   []Stage   `json:"-"`
	Failures []Failure `json:"-"`
}

// Round makes one round. A source that fails does not stop the others, and a
// digest that fails does not stop the feeds: the errors come back together,
// with what was done all the same.
func (p *Publisher) Round(ctx context.Context, now time.Time, o posts.ScanOptions) (Round, error) {
	r := Round{Scans: []posts.Report{}, Files: []string{}, Problems: []posts.Problem{}}
	errs := p.sources(ctx, now, o, &r)
	if ctx.Err() != nil {
		return r, ctx.Err()
	}
	if o.DryRun {
		return r, errors.Join(errs...)
	}
	r.Stages = append(r.Stages, StageSources)
	if p.Feeds != nil {
		p.Feeds.Verify = o.Verify
		errs = append(errs, p.show(ctx, now, &r))
		r.Stages = append(r.Stages, StageFeeds)
	}
	if p.Issues != nil {
		report, err := p.Issues.Tick(ctx, now)
		r.Ticked(report, err)
		errs = append(errs, err)
		if report.Letters > 0 && p.Feeds != nil { // a new issue has its place in a feed
			errs = append(errs, p.keep(ctx, now, &r))
		}
	}
	return r, errors.Join(errs...)
}

// show brings the feeds up to date, once a source was scanned to its end: until
// then the ledger says nothing of the blog, and what lies in the place of its
// feeds may be another program's, or of a ledger that was lost.
func (p *Publisher) show(ctx context.Context, now time.Time, r *Round) error {
	scanned, err := p.scanned(ctx)
	if err != nil || !scanned {
		return err
	}
	return p.keep(ctx, now, r)
}

// Show makes the feeds at a start, by the same rule: see [Feeds.Show].
func (p *Publisher) Show(ctx context.Context, now time.Time) error {
	scanned, err := p.scanned(ctx)
	if err != nil || !scanned {
		return err
	}
	return p.Feeds.Show(ctx, now)
}

// scanned tells whether a source was scanned to its end.
func (p *Publisher) scanned(ctx context.Context) (bool, error) {
	for i := range p.Sources {
		state, err := p.Ledger.SourceState(ctx, p.Sources[i].Name)
		if err != nil || !state.Baseline.IsZero() {
			return err == nil, err
		}
	}
	return false, nil
}

// keep brings the feeds up to date.
func (p *Publisher) keep(ctx context.Context, now time.Time, r *Round) error {
	files, err := p.Feeds.Keep(ctx, now)
	r.Files = append(r.Files, files...)
	r.Archived += p.Feeds.Archived
	r.Kept = p.Feeds.Kept
	if err != nil {
		r.Failures = append(r.Failures, Failure{Stage: StageFeeds, Err: err})
	}
	return err
}

// sources works on every source.
func (p *Publisher) sources(ctx context.Context, now time.Time, o posts.ScanOptions, r *Round) (errs []error) {
	order, err := p.order(ctx)
	if err != nil {
		return []error{err}
	}
	g := &grounds{sources: p.Sources}
	for _, s := range order {
		if step, err := p.source(ctx, s, g, now, o, r); err != nil {
			errs = append(errs, err)
			r.Failures = append(r.Failures, Failure{Stage: StageSources, Name: s.Name, Step: step, Err: err})
		}
		if ctx.Err() != nil {
			return append(errs, g.close())
		}
	}
	return append(errs, p.leftovers(ctx, now, o, r), g.close())
}

// source scans, releases and renders one source. The step is the one that failed.
func (p *Publisher) source(ctx context.Context, s *Source, g *grounds, now time.Time, o posts.ScanOptions, r *Round) (Step, error) {
	if s.Before != nil && !o.DryRun {
		if err := s.Before.Run(ctx); err != nil {
			return StepBefore, fmt.Errorf("source %s: the scan is skipped: %w", s.Name, err)
		}
	}
	src, err := s.Open(ctx)
	if err != nil {
		return StepOpen, fmt.Errorf("source %s: %w", s.Name, err)
	}
	defer src.Close()
	scanner := p.scanner(s, src)
	scanner.Stands = func(source, path string) bool { return g.stands(ctx, source, path) }
	scanner.Order = p.names()
	report, err := scanner.Scan(ctx, now, o)
	r.Scans = append(r.Scans, report)
	r.Problems = append(r.Problems, report.Problems...)
	r.Held = r.Held || report.Hold != ""
	if err != nil || o.DryRun {
		return StepScan, err
	}
	releaser := posts.Releaser{Source: s.Name, Queue: p.Ledger, Live: p.Live, Delay: p.Delay, Permalinks: p.Permalinks}
	if s.Public {
		releaser.Live = nil
	}
	released, err := releaser.Release(ctx, now)
	r.Released = append(r.Released, released...)
	if err != nil {
		return StepRelease, err
	}
	if p.Permalinks && (report.First || len(released) > 0) {
		if err := p.shared(ctx, s.Name, r); err != nil {
			return StepRelease, err
		}
	}
	want, err := p.Want(ctx)
	if err != nil {
		return StepRender, err
	}
	n, problems, err := scanner.Render(ctx, want)
	r.Rendered += n
	r.Problems = append(r.Problems, problems...)
	return StepRender, err
}

// Draw renders the bodies of posts that letters are about to show, where they
// are missing or old.
func (p *Publisher) Draw(ctx context.Context, ids []string) error {
	for i := range p.Sources {
		if err := p.draw(ctx, &p.Sources[i], ids); err != nil {
			return err
		}
	}
	return nil
}

func (p *Publisher) draw(ctx context.Context, s *Source, ids []string) error {
	src, err := s.Open(ctx)
	if err != nil {
		return fmt.Errorf("source %s: %w", s.Name, err)
	}
	defer src.Close()
	_, _, err = p.scanner(s, src).Render(ctx, posts.Want{IDs: ids})
	return err
}

func (p *Publisher) scanner(s *Source, src posts.Source) *posts.Scanner {
	return &posts.Scanner{Name: s.Name, Source: src, Ledger: p.Ledger, Backlog: p.Backlog, Bodies: p.Ledger, Renderer: p.Renderer, Permalinks: p.Permalinks}
}
