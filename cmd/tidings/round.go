package main

import (
	"context"
	"errors"
	"fmt"

	"tidings.example/internal/publish"
	"tidings.example/posts"
)

// scan reads the configured sources.
func (c scanCmd) scan(ctx context.Context, sh *shell) (err error) {
	now, err := c.now(sh)
	if err != nil {
		return err
	}
	p, err := sh.open(ctx, !c.DryRun)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, p.Close()) }()
	work := p.publisher(false)
	work.Feeds = nil
	done := sh.progress("scan")
	r, err := p.round(ctx, work, now, posts.ScanOptions{Verify: c.Verify, Accept: c.Accept, DryRun: c.DryRun})
	done()
	return p.told(ctx, r, err)
}

type buildCmd struct {
	Verify bool `help:"Read every file, even those that look unchanged."`
}

// Help tells what build does not do.
func (buildCmd) Help() string {
	return "Scans, releases and writes the feeds, and tells WebSub hubs of those that are live. No letter is made or sent. Exit code 3: something could not be read; 4: a scan was held."
}

// Run brings the files of the feeds up to date.
func (c buildCmd) Run(ctx context.Context, sh *shell) (err error) {
	p, err := sh.open(ctx, true)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, p.Close()) }()
	done := sh.progress("build")
	r, err := p.round(ctx, p.publisher(false), sh.now(), posts.ScanOptions{Verify: c.Verify})
	done()
	err = errors.Join(err, p.pingOnce(ctx))
	return p.told(ctx, r, err)
}

// told prints what a round did and gives its exit code.
func (p *program) told(ctx context.Context, r publish.Round, err error) error {
	return p.toldAs(ctx, r, r, err)
}

// toldAs is told with more to say in JSON.
func (p *program) toldAs(ctx context.Context, r publish.Round, whole any, err error) error {
	sh := p.sh
	if sh.args.JSON {
		if err := sh.printJSON(whole); err != nil {
			return err
		}
	} else {
		err = errors.Join(err, p.printRound(ctx, r))
	}
	broken := false
	for _, p := range r.Problems {
		broken = broken || !p.Warning
	}
	sh.problems("", r.Problems)
	switch {
	case err != nil:
		return err
	case r.Held:
		return &exitError{code: exitFindings}
	case broken:
		return &exitError{code: exitPartly}
	}
	return nil
}

// printRound says in words what a round did; the error is what it could not find out.
func (p *program) printRound(ctx context.Context, r publish.Round) error {
	sh := p.sh
	for _, scan := range r.Scans {
		sh.printf("%s\n", summary(scan))
		for _, c := range scan.Changes {
			sh.printf("  %-9s %s  %s\n", c.Kind, plain(c.Path), plain(c.Title))
		}
		if scan.Hold != "" {
			sh.note("%s: the scan is held, nothing was recorded: %s", scan.Source, scan.Hold)
		}
	}
	if n := len(r.Released); n > 0 {
		sh.printf("released %d\n", n)
	}
	for _, l := range r.Leftovers {
		sh.note("%s", l)
	}
	n, err := p.waiting(ctx)
	if n > 0 {
		sh.printf("waiting %d: tidings status tells why\n", n)
	}
	for _, f := range r.Files {
		sh.printf("wrote %s\n", f)
	}
	if r.Archived > 0 {
		sh.printf("wrote %s of archive pages\n", count(r.Archived, "file"))
	}
	for _, f := range r.Kept {
		sh.printf("kept %s, which tidings did not write\n", f)
	}
	return err
}

// waiting counts the posts that are not released yet.
func (p *program) waiting(ctx context.Context) (n int, err error) {
	for _, s := range p.config.Sources {
		list, err := p.db.Waiting(context.WithoutCancel(ctx), s.Name, p.sh.now())
		if err != nil {
			return 0, err
		}
		n += len(list)
	}
	return n, nil
}

// summary is a scan in one line.
func summary(r posts.Report) string {
	line := fmt.Sprintf("%s: %s", r.Source, count(r.Posts, "post"))
	if r.First && r.Shared > 0 {
		return line + fmt.Sprintf(", first scan, %d told by another source", r.Shared)
	}
	if r.First && r.Moved > 0 {
		return line + fmt.Sprintf(", first scan, %d moved here from another source", r.Moved)
	}
	if r.First {
		return line + ", first scan"
	}
	for _, part := range []struct {
		n    int
		word posts.ChangeKind
	}{{r.New, posts.New}, {r.Edited, posts.Edited}, {r.Amended, posts.Amended}, {r.Renamed, posts.Renamed}, {r.Moved, posts.Moved}, {r.Returned, posts.Returned}, {r.Withdrawn, posts.Withdrawn}, {r.Removed, posts.Removed}} {
		if part.n > 0 {
			line += fmt.Sprintf(", %d %s", part.n, part.word)
		}
	}
	if !r.Changed() {
		line += ", nothing changed"
	}
	return line
}
