package main

import (
	"context"
	"fmt"
	"time"

	"tidings.example/posts"
)

type scanCmd struct {
	DryRun    bool     `help:"Show what a scan would find; needs neither configuration nor database with --source."`
	Verify    bool     `help:"Read every file, even those that look unchanged."`
	Accept    bool     `help:"Record a scan that was held."`
	Source    string   `placeholder:"DIR" help:"With --dry-run: the folder of a site, instead of the configured sources."`
	Kind      string   `placeholder:"KIND" enum:",hexo,hugo,jekyll,zola,eleventy,astro,pelican,markdown" default:"" help:"With --source: the site's generator: hexo, hugo, jekyll, zola, eleventy, astro, pelican or markdown."`
	Include   []string `placeholder:"GLOB" sep:"none" help:"With --source: only files that match; may be repeated."`
	TimeZone  string   `placeholder:"ZONE" help:"With --source: the zone of dates that name none, like Asia/Shanghai; it wins over the site's own."`
	Now       string   `placeholder:"TIME" help:"With --dry-run: the time to judge future and expired posts by, like 2026-01-02T15:04:05Z."`
	Summaries bool     `default:"true" negatable:"" help:"With --source --json: render every post for its summary."`
}

// Help says what the exit codes mean here.
func (scanCmd) Help() string {
	return "Reads the sources and records what is new, edited, withdrawn, renamed or returned. Exit code 3: something could not be read; 4: the scan was held, look at it and use --accept."
}

// Run scans.
func (c scanCmd) Run(ctx context.Context, sh *shell) error {
	if c.Source != "" {
		if !c.DryRun {
			return usagef("--source goes with --dry-run: to publish a folder, run tidings init in it")
		}
		return c.dryRun(ctx, sh)
	}
	if c.Kind != "" || len(c.Include) > 0 || c.TimeZone != "" || !c.Summaries {
		return usagef("--kind, --include, --time-zone and --no-summaries go with --source: configured sources have keys for them")
	}
	return c.scan(ctx, sh)
}

// dryRun reads one folder and prints what is in it.
func (c scanCmd) dryRun(ctx context.Context, sh *shell) error {
	now, err := c.now(sh)
	if err != nil {
		return err
	}
	o := posts.SiteOptions{Root: c.Source, Kind: posts.Kind(c.Kind), Include: c.Include}
	if c.TimeZone != "" {
		if o.TimeZone, err = time.LoadLocation(c.TimeZone); err != nil || c.TimeZone == "Local" {
			return usagef("--time-zone %s: no such zone; write it like Asia/Shanghai or UTC", c.TimeZone)
		}
		o.ZoneOverride = true
	}
	d, err := posts.OpenSite(o)
	if err != nil {
		return &exitError{code: exitUsage, err: err}
	}
	defer d.Close()
	report, err := posts.DryRun(ctx, d, now, c.Summaries && sh.args.JSON)
	if err != nil {
		return err
	}
	if sh.args.JSON {
		return sh.printJSON(report)
	}
	return showDryRun(sh, report)
}

// now is the instant that --now names, or this one.
func (c scanCmd) now(sh *shell) (time.Time, error) {
	if c.Now == "" {
		return sh.now(), nil
	}
	if !c.DryRun {
		return time.Time{}, usagef("--now goes with --dry-run")
	}
	t, err := time.Parse(time.RFC3339, c.Now)
	if err != nil {
		return time.Time{}, usagef("--now %s: write it like 2026-01-02T15:04:05Z", c.Now)
	}
	return t, nil
}

// showDryRun prints one line for each post, problems on standard error.
func showDryRun(sh *shell, report posts.DryReport) error {
	rows, published := [][]string{}, 0
	for _, p := range report.Posts {
		date := "-"
		if p.Date != nil {
			date = p.Date.Format("2006-01-02")
		}
		if p.Published {
			published++
		}
		rows = append(rows, []string{date, string(p.State), p.Title, p.URL, p.Path})
	}
	if err := sh.table([]string{"DATE", "STATE", "TITLE", "URL", "FILE"}, rows); err != nil {
		return err
	}
	sh.problems("", report.Problems)
	sh.note("%s site: %s, %d published, %s", report.Kind, count(len(report.Posts), "post"), published, count(len(report.Problems), "problem"))
	return nil
}

// problems prints problems as path:line: what and what to do.
func (sh *shell) problems(source string, list []posts.Problem) {
	for _, p := range list {
		place := p.Path
		if source != "" && place == "" {
			place = source
		}
		if p.Line > 0 {
			place = fmt.Sprintf("%s:%d", place, p.Line)
		}
		word := ""
		if p.Warning {
			word = "warning: "
		}
		sh.note("%s: %s%s", place, word, p.Message)
	}
}
