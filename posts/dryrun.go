package posts

import (
	"context"
	"fmt"
	"time"
)

// DryReport is what a scan finds, for people and for other programs.
type DryReport struct {
	Kind     Kind      `json:"kind"`
	Posts    []DryPost `json:"posts"`
	Problems []Problem `json:"problems"`
}

// DryPost is one post of a [DryReport].
type DryPost struct {
	Path  string `json:"path"`
	Title string `json:"title"`
	// Date and Updated are in UTC; Date is nil where the post has none.
	Date    *time.Time `json:"date"`
	Updated *time.Time `json:"updated,omitempty"`
	// Published says that State is published.
	Published  bool     `json:"published"`
	State      State    `json:"state"`
	Tags       []string `json:"tags"`
	Categories []string `json:"categories"`
	Slug       string   `json:"slug"`
	// URL is a path from the site's root where the site's address is not known.
	URL      string `json:"url"`
	Language string `json:"language,omitempty"`
	// Authors are there for those who call DryRun, and in no JSON.
	Authors []Author `json:"-"`
	// Summary is only there for posts that may be seen, and on request.
	Summary string `json:"summary"`
}

// DryRun scans a site without a ledger. now decides what may be seen already;
// summaries asks for rendering every post that may be.
func DryRun(ctx context.Context, d *Directory, now time.Time, summaries bool) (DryReport, error) {
	r := DryReport{Kind: d.kind, Posts: []DryPost{}, Problems: append([]Problem{}, d.told...)}
	for entry, err := range d.scan(ctx, nil, false, true) {
		if err != nil {
			return DryReport{}, err
		}
		r.Problems = append(r.Problems, entry.Problems...)
		if entry.Post == nil {
			continue
		}
		p := dryPost(entry.Post, now)
		if summaries && p.Published {
			body, err := d.Render(ctx, entry.Path)
			if err != nil {
				r.Problems = append(r.Problems, Problem{Path: entry.Path, Message: fmt.Sprintf("cannot be rendered: %v", err)})
			}
			p.Summary = body.Summary
		}
		r.Posts = append(r.Posts, p)
	}
	return r, nil
}

func dryPost(p *Post, now time.Time) DryPost {
	r := DryPost{Path: p.Path, Title: p.Title, Slug: p.Slug, URL: p.URL, Language: p.Language, Authors: p.Authors, State: p.StateAt(now),
		Tags: append([]string{}, p.Tags...), Categories: append([]string{}, p.Categories...)}
	r.Published = r.State == Published
	if !p.Date.IsZero() {
		t := p.Date.UTC()
		r.Date = &t
	}
	if !p.Updated.IsZero() {
		t := p.Updated.UTC()
		r.Updated = &t
	}
	return r
}
