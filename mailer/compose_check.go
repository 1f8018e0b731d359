package mailer

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"tidings.example/internal/locale"
	"tidings.example/posts"
)

// Check composes a sample of every letter in every language and fills it in.
// The error names every mistake of a template with its file and line.
func (c *Composer) Check() error {
	var mistakes []error
	add := func(err error) {
		for _, known := range mistakes {
			if err == nil || known.Error() == err.Error() {
				return
			}
		}
		if err != nil {
			mistakes = append(mistakes, err)
		}
	}
	for _, language := range locale.Tags() {
		for _, e := range sampleEditions(language) {
			add(c.checkDigest(e))
		}
		for _, kind := range []NoticeKind{Confirmation, Welcome, AddressChange, Goodbye, Alert} {
			add(c.checkNotice(sampleNotice(kind, language)))
		}
	}
	return errors.Join(mistakes...)
}

func (c *Composer) checkDigest(e Edition) error {
	tpl, err := c.Digest(e)
	if err != nil {
		return unwrapTemplate(err)
	}
	if _, err := tpl.Letter(samplePersonal()); err != nil {
		return err
	}
	view := newDigestView(e, maxItems)
	view.Unsubscribe = samplePersonal().Unsubscribe
	html, err := c.templates.html("digest.html", view)
	if err != nil {
		return unwrapTemplate(err)
	}
	if !strings.Contains(html, view.Unsubscribe) {
		return errors.New("digest.html: no link to unsubscribe (want href=\"{{.Unsubscribe}}\")")
	}
	text, err := c.templates.text("digest.txt", view)
	if err != nil {
		return unwrapTemplate(err)
	}
	if !strings.Contains(text, view.Unsubscribe) {
		return errors.New("digest.txt: no address to unsubscribe (want {{.Unsubscribe}} on a line)")
	}
	return nil
}

func (c *Composer) checkNotice(n Notice) error {
	tpl, err := c.Notice(n)
	if err != nil {
		return unwrapTemplate(err)
	}
	if _, err := tpl.Letter(samplePersonal()); err != nil {
		return err
	}
	view := newNoticeView(n)
	for _, name := range []string{"notice.html", "notice.txt"} {
		render := c.templates.htmlOrText(name)
		out, err := render(name, view)
		if err != nil {
			return unwrapTemplate(err)
		}
		if n.Kind == Confirmation && !strings.Contains(out, n.Link) {
			return fmt.Errorf("%s: no link to confirm (want {{.Link}})", name)
		}
	}
	return nil
}

// unwrapTemplate lets the error of a template begin with its file.
func unwrapTemplate(err error) error {
	var at templateError
	if errors.As(err, &at) {
		return at
	}
	return err
}

func samplePersonal() Personal {
	return Personal{
		To: "reader@example.net", MessageID: "7.sample@example.org",
		Date:        time.Date(2026, 11, 20, 8, 0, 0, 0, time.UTC),
		Unsubscribe: "https://news.example.org/u/sample?a=1", Preferences: "https://news.example.org/p/sample?a=1",
		Leave: "7.aaaaaaaaaaaaaaaa",
	}
}

func samplePublication() Publication {
	return Publication{
		Title: "Sample", URL: "https://blog.example.org/", WebURL: "https://news.example.org/",
		Postal: "Sample Street 1\nExample City", Contact: "owner@example.org",
		Feeds: []string{"https://blog.example.org/feed.xml", "https://blog.example.org/feed.json"},
	}
}

// sampleEditions are one letter with everything in it and one with little.
func sampleEditions(language string) []Edition {
	day := time.Date(2026, 11, 20, 8, 0, 0, 0, time.UTC)
	full := posts.Record{
		Post: posts.Post{
			Title: "A <sample> & more", Date: day, URL: "https://blog.example.org/sample/?a=1&b=2",
			Tags: []string{"one", "two"}, Language: "en", Image: "https://blog.example.org/sample.png",
		},
		Body: posts.Body{Summary: "What the post is about.", Code: strings.Repeat("line\n", maxCodeLines+1), Columns: 9000},
	}
	bare := posts.Record{Post: posts.Post{Date: day}}
	e := Edition{
		Digest: Digest{Name: "sample", Title: "Sample weekly", From: "Sample <news@example.org>",
			ReplyTo: "owner@example.org", ListID: "sample.blog.example.org"},
		Publication: samplePublication(), Issue: 7, Language: language, Date: day, Zone: time.UTC,
		Posts: []posts.Record{full, bare}, Unsubscribe: "leave@example.org", Separator: "+", Preferences: true,
	}
	small := e
	small.Issue, small.Preferences, small.Posts = 0, false, []posts.Record{bare}
	small.Publication = Publication{Title: "Sample", URL: "https://blog.example.org/"}
	return []Edition{e, small}
}

func sampleNotice(kind NoticeKind, language string) Notice {
	return Notice{
		Kind: kind, Language: language, Publication: samplePublication(), Digest: "Sample weekly",
		From: "Sample <news@example.org>", Link: "https://news.example.org/c/sample",
		Text: "The scan is held.\n12 posts vanished.",
	}
}
