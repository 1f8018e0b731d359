package main

import (
	"fmt"
	"slices"
	"time"

	"tidings.example/internal/adopt"
	"tidings.example/posts"
)

// adopted is what adopt tells.
type adopted struct {
	Feed    string `json:"feed"`
	Format  string `json:"format"`
	Entries int    `json:"entries"`
	Matched int    `json:"matched"`
	// Taken counts the posts that got an id; the other matched ones had it.
	Taken  int          `json:"taken"`
	Posts  []adoptedRow `json:"posts"`
	Missed []missedRow  `json:"missed"`
	// Others counts the posts in feeds that the feed does not hold.
	Others int    `json:"others"`
	FeedID string `json:"feed_id,omitempty"`
	DryRun bool   `json:"dry_run,omitempty"`
}

// adoptedRow is an entry whose post was found.
type adoptedRow struct {
	ID    string `json:"id"`
	Post  string `json:"post"`
	Path  string `json:"path"`
	Title string `json:"title"`
	By    string `json:"by"`
	Taken bool   `json:"taken"`
}

// missedRow is an entry whose id was not taken over.
type missedRow struct {
	adopt.Entry
	Why string `json:"why"`
}

// fill tells of every entry of the feed.
func (out *adopted) fill(found *adopt.Result, plan map[string][]posts.GUID, taken []string) {
	out.Posts, out.Missed = []adoptedRow{}, []missedRow{}
	for i := range found.Matched {
		m := &found.Matched[i]
		row := adoptedRow{ID: m.Entry.ID, Post: m.Post.ID, Path: m.Post.Path, Title: m.Post.DisplayTitle(), By: m.By, Taken: slices.Contains(taken, m.Post.ID)}
		if len(plan[m.Post.ID]) > 0 && !row.Taken {
			out.Missed = append(out.Missed, missedRow{m.Entry, "it is " + m.Post.Path + ", but feeds show another post under this id already: tidings posts list --json names it"})
			continue
		}
		if row.Taken {
			out.Taken++
		}
		out.Posts = append(out.Posts, row)
	}
	for _, m := range found.Missed {
		out.Missed = append(out.Missed, missedRow{m.Entry, m.Why})
	}
	out.Matched = len(out.Posts)
}

// show prints the report and gives the exit code.
func (out *adopted) show(sh *shell) error {
	if sh.args.JSON {
		if err := sh.printJSON(out); err != nil {
			return err
		}
	} else if err := out.print(sh); err != nil {
		return err
	}
	switch {
	case out.Matched == 0:
		return &exitError{code: exitUsage, err: fmt.Errorf("none of the entries of %s is a post of this blog: is it this blog's feed, and is site.url its address?", out.Feed)}
	case len(out.Missed) > 0:
		return &exitError{code: exitPartly}
	}
	return nil
}

func (out *adopted) print(sh *shell) error {
	verb := map[bool]string{true: "would be taken", false: "taken"}[out.DryRun]
	var rows [][]string
	for _, row := range out.Posts {
		if row.Taken && out.DryRun {
			rows = append(rows, []string{row.Path, row.By, row.ID})
		}
	}
	if len(rows) > 0 {
		if err := sh.table([]string{"FILE", "FOUND BY", "ID"}, rows); err != nil {
			return err
		}
	}
	sh.printf("%s: %d of %d entries found, %s %s over, %d there already\n", out.Format, out.Matched, out.Entries, count(out.Taken, "id"), verb, out.Matched-out.Taken)
	if out.FeedID != "" {
		sh.printf("the feed of all posts: %s\n", plain(out.FeedID))
	}
	if out.Others > 0 {
		sh.printf("not in it: %s of the feeds here, shown under other ids; where readers met them in another feed, adopt that too\n", count(out.Others, "post"))
	}
	for _, m := range out.Missed {
		name := m.Title
		if name == "" {
			name = m.URL
		}
		day := ""
		if !m.Date.IsZero() {
			day = " of " + m.Date.Format(time.DateOnly)
		}
		sh.note("not found: %q%s, %s: %s", name, day, m.ID, m.Why)
	}
	return nil
}
