package main

import (
	"context"
	"fmt"
	"html"
	"strings"

	"tidings.example/feed"
	"tidings.example/internal/locale"
	"tidings.example/internal/publish"
	"tidings.example/internal/store"
	"tidings.example/mailer"
	"tidings.example/posts"
)

// issuesInFeed is how many issues the feed of a newsletter holds.
const issuesInFeed = 20

// issueFeeds makes the feeds of the issues of each newsletter.
type issueFeeds struct {
	p *program
	// held is which posts the issues in feeds hold, by number.
	held map[int64]heldIssue
}

// heldIssue is what an issue held when so many waves of it had letters. To
// find out costs a look at every variant of its letters, so it is kept.
type heldIssue struct {
	waves int
	posts []store.Shown
}

// list names the feeds: entries lead to pages of ours, so there must be an
// address for them.
func (f *issueFeeds) list() (out []publish.Feed) {
	if f.p.config.Web.URL == "" {
		return nil
	}
	for i := range f.p.mail.digests {
		d := &f.p.mail.digests[i]
		one := publish.Feed{Folder: "digests/" + d.Name, Kind: publish.OfDigest, About: d.Name, Title: f.p.config.Digests[i].Title,
			Description: d.Description, Language: d.Language, Home: f.p.webURL() + "issues"}
		one.Entries = func(ctx context.Context) ([]feed.Entry, error) { return f.entries(ctx, d) }
		out = append(out, one)
	}
	return out
}

// entries are the newest issues, as the pages of the archive show them.
func (f *issueFeeds) entries(ctx context.Context, d *mailer.Digest) ([]feed.Entry, error) {
	issues, err := f.p.db.Issued(ctx, d.Name, issuesInFeed)
	if err != nil {
		return nil, err
	}
	var out []feed.Entry
	for _, is := range issues {
		s, known := f.held[is.Number]
		if !known || s.waves != is.Waves {
			if s.posts, err = f.p.db.ShownIn(ctx, is.Number); err != nil {
				return nil, err
			}
			s.waves = is.Waves
			f.keep(is.Number, s)
		}
		records, changed, err := f.p.db.IssuePosts(ctx, s.posts)
		if err != nil {
			return nil, err
		}
		e := f.entry(d, is, records)
		e.Updated = changed
		out = append(out, e)
	}
	return out, nil
}

// keep remembers what an issue holds, and forgets issues that left the feeds.
func (f *issueFeeds) keep(number int64, s heldIssue) {
	if f.held == nil || len(f.held) > 2*issuesInFeed*len(f.p.mail.digests) {
		f.held = map[int64]heldIssue{}
	}
	f.held[number] = s
}

// entry is one issue: its page, and its posts as a list.
func (f *issueFeeds) entry(d *mailer.Digest, is store.Issued, records []posts.Record) feed.Entry {
	words := locale.For(d.Language)
	e := feed.Entry{ID: fmt.Sprint(is.Number), Seq: is.Number, URL: fmt.Sprintf("%si/%d", f.p.webURL(), is.Number),
		Title: words.T("page.issue.title", d.Title, is.Number), Published: is.Opened, Language: d.Language}
	var titles []string
	var b strings.Builder
	for i := range records {
		r := &records[i]
		titles = append(titles, r.DisplayTitle())
		b.WriteString(listed(r, d.Language, words.Date(r.Date.In(f.p.zone))))
	}
	if len(records) > 0 {
		e.HTML = "<ul>\n" + b.String() + "</ul>"
	}
	e.Summary = strings.Join(titles, words.T("letter.separator"))
	return e
}

// listed is a post in the list of an issue.
func listed(r *posts.Record, language, date string) string {
	open := "<li>"
	if r.Language != "" && r.Language != language {
		open = `<li lang="` + html.EscapeString(r.Language) + `">`
	}
	text := open + `<p><a href="` + html.EscapeString(r.URL) + `">` + html.EscapeString(r.DisplayTitle()) + "</a> · " + html.EscapeString(date) + "</p>"
	if s := r.Body.Summary; s != "" {
		text += "<p>" + html.EscapeString(s) + "</p>"
	}
	return text + "</li>\n"
}
