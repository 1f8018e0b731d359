package main

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"time"

	"tidings.example/feed"
	"tidings.example/posts"
)

type postsCmd struct {
	List postsListCmd `cmd:"" default:"withargs" help:"List what the ledger knows."`
	Show postsShowCmd `cmd:"" help:"Show one post."`
}

type postsListCmd struct{}

// shownPost is a post of the ledger for programs.
type shownPost struct {
	ID        string         `json:"id"`
	ShownAs   posts.GUIDs    `json:"shown_as,omitzero"`
	Seq       int64          `json:"seq,omitempty"`
	State     string         `json:"state"`
	Source    string         `json:"source"`
	Path      string         `json:"path"`
	Title     string         `json:"title"`
	URL       string         `json:"url"`
	Date      *time.Time     `json:"date,omitempty"`
	Released  *time.Time     `json:"released,omitempty"`
	Withdrawn *time.Time     `json:"withdrawn,omitempty"`
	Edited    *time.Time     `json:"edited,omitempty"`
	Mailable  bool           `json:"mailable"`
	Tags      []string       `json:"tags"`
	Category  []string       `json:"categories"`
	Language  string         `json:"language,omitempty"`
	Aliases   []string       `json:"aliases,omitempty"`
	Summary   string         `json:"summary,omitempty"`
	HTML      string         `json:"html,omitempty"`
	Authors   []posts.Author `json:"authors,omitempty"`
}

// Run streams the posts by source and path.
func (postsListCmd) Run(ctx context.Context, sh *shell) (err error) {
	p, err := sh.look(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, p.Close()) }()
	rows, list := [][]string{}, []shownPost{}
	for r, err := range p.db.AllPosts(ctx) {
		if err != nil {
			return err
		}
		s := showPost(&r, sh.now())
		if sh.args.JSON {
			list = append(list, s)
			continue
		}
		seq := "-"
		if r.Seq > 0 {
			seq = strconv.FormatInt(r.Seq, 10)
		}
		rows = append(rows, []string{seq, s.State, day(r.Date, p.zone), r.DisplayTitle(), r.Path})
	}
	if sh.args.JSON {
		return sh.printJSON(list)
	}
	return sh.table([]string{"SEQ", "STATE", "DATE", "TITLE", "FILE"}, rows)
}

type postsShowCmd struct {
	Post string `arg:"" help:"The id of a post, or the path of its file."`
}

// Run shows the posts with that id or path.
func (c postsShowCmd) Run(ctx context.Context, sh *shell) (err error) {
	p, err := sh.look(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, p.Close()) }()
	found, err := p.db.PostsByID(ctx, c.Post)
	if err == nil && len(found) == 0 {
		found, err = p.db.PostsByPath(ctx, strings.TrimPrefix(c.Post, "./"))
	}
	if err != nil {
		return err
	}
	if len(found) == 0 {
		return usagef("no post %q: name an id or a path as tidings posts list shows them", c.Post)
	}
	if sh.args.JSON {
		list := []shownPost{}
		for i := range found {
			list = append(list, showPost(&found[i], sh.now()))
		}
		return sh.printJSON(list)
	}
	for i := range found {
		r := &found[i]
		s := showPost(r, sh.now())
		err := sh.table([]string{"ID", r.ID}, append(shownAs(r), [][]string{
			{"TITLE", r.DisplayTitle()}, {"STATE", s.State}, {"SEQ", strconv.FormatInt(r.Seq, 10)}, {"URL", r.URL}, {"FILE", r.Source + ": " + r.Path},
			{"DATE", day(r.Date, p.zone)}, {"TAGS", strings.Join(r.Tags, ", ")}, {"CATEGORIES", strings.Join(r.Categories, ", ")},
			{"LANGUAGE", r.Language}, {"IN LETTERS", strconv.FormatBool(r.Mailable)}, {"SUMMARY", r.Body.Summary},
		}...))
		if err != nil {
			return err
		}
	}
	return nil
}

// shownAs tells the ids under which feeds show a post in place of its own.
func shownAs(r *posts.Record) (rows [][]string) {
	for _, f := range feed.Formats() {
		if id := r.GUIDs.For(f.String()); id != "" {
			rows = append(rows, []string{"ID IN " + strings.ToUpper(f.String()), id})
		}
	}
	return rows
}

func showPost(r *posts.Record, now time.Time) shownPost {
	return shownPost{ID: r.ID, ShownAs: r.GUIDs, Seq: r.Seq, State: postState(r, now), Source: r.Source, Path: r.Path, Title: r.DisplayTitle(), URL: r.URL,
		Date: instant(r.Date), Released: instant(r.Released), Withdrawn: instant(r.Withdrawn), Edited: instant(r.Edited), Mailable: r.Mailable,
		Tags: append([]string{}, r.Tags...), Category: append([]string{}, r.Categories...), Language: r.Language, Aliases: r.Aliases,
		Summary: r.Body.Summary, HTML: r.Body.HTML, Authors: r.Authors}
}

// postState is the state of a post in one word.
func postState(r *posts.Record, now time.Time) string {
	switch state := r.StateAt(now); {
	case !r.Withdrawn.IsZero():
		return "withdrawn"
	case state != posts.Published:
		return string(state)
	case r.Seq == 0:
		return "waiting"
	}
	return "released"
}

// instant is a time for JSON, nil where there is none.
func instant(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	u := t.UTC()
	return &u
}

// day is the date of an instant in a zone, or "-".
func day(t time.Time, zone *time.Location) string {
	if t.IsZero() {
		return "-"
	}
	return t.In(zone).Format("2006-01-02")
}
