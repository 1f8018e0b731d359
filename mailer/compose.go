package mailer

import (
	"errors"
	"fmt"

	"tidings.example/internal/locale"
)

// maxHTML bounds the HTML part of a letter, in bytes. Gmail hides what comes
// after 102,400 bytes, the link to unsubscribe among it; other clients begin
// to cut at 80 KB.
const maxHTML = 80_000

// maxItems bounds the posts that are tried in a letter: more than fit into
// maxHTML with 80 bytes each, for a title and its link.
const maxItems = maxHTML / 80

// Composer makes letters out of templates. It holds no state but the parsed
// templates and is safe for any number of goroutines. Use [NewComposer].
type Composer struct {
	templates templateSet
}

// Digest composes the letter of an edition for all of its readers. Equal
// editions give equal bytes. When the posts do not fit into one letter the
// last ones are left out, and the letter says how many and where they are.
func (c *Composer) Digest(e Edition) (Template, error) {
	if err := e.check(); err != nil {
		return Template{}, fmt.Errorf("digest %s: %w", e.Digest.Name, err)
	}
	view := newDigestView(e, maxItems)
	marks := newMarks(view)
	view.Unsubscribe = marks.url(markUnsubscribe)
	if e.Preferences {
		view.Preferences = marks.url(markPreferences)
	}
	html, text, err := c.render("digest", view, view.shrink)
	if err != nil {
		return Template{}, fmt.Errorf("digest %s: %w", e.Digest.Name, err)
	}
	headers, err := e.headers(marks)
	if err != nil {
		return Template{}, fmt.Errorf("digest %s: %w", e.Digest.Name, err)
	}
	tpl, err := compose(letterParts{headers: headers, from: e.Digest.From, replyTo: e.Digest.ReplyTo,
		subject: view.Subject, html: html, text: text, marks: marks})
	if err != nil {
		return Template{}, fmt.Errorf("digest %s: %w", e.Digest.Name, err)
	}
	return tpl, nil
}

// Notice composes one letter to one person. The [Personal] that its Template
// is made into a letter with needs no Unsubscribe.
func (c *Composer) Notice(n Notice) (Template, error) {
	if err := n.check(); err != nil {
		return Template{}, fmt.Errorf("notice %s: %w", n.Kind, err)
	}
	view := newNoticeView(n)
	marks := newMarks(view)
	html, text, err := c.render("notice", view, nil)
	if err != nil {
		return Template{}, fmt.Errorf("notice %s: %w", n.Kind, err)
	}
	tpl, err := compose(letterParts{headers: n.headers(), from: n.From, replyTo: n.ReplyTo,
		subject: view.Subject, html: html, text: text, marks: marks})
	if err != nil {
		return Template{}, fmt.Errorf("notice %s: %w", n.Kind, err)
	}
	return tpl, nil
}

// Page renders the HTML of an edition as it is shown to everybody: with all of
// its posts, and without the parts that belong to one reader.
func (c *Composer) Page(e Edition) (string, error) {
	if err := e.check(); err != nil {
		return "", fmt.Errorf("page of digest %s: %w", e.Digest.Name, err)
	}
	view := newDigestView(e, len(e.Posts))
	view.View = ""
	html, err := c.templates.html("digest.html", view)
	if err != nil {
		return "", fmt.Errorf("page of digest %s: %w", e.Digest.Name, err)
	}
	return html, nil
}

// Subject returns the subject of an edition's letter.
func (e Edition) Subject() string { return newDigestView(e, 1).Subject }

// render renders both parts of a letter. Where the HTML is too long, shrink is
// asked for the same letter with fewer items, down to one.
func (c *Composer) render(name string, view any, shrink func(items int) (smaller any, total int)) (html, text string, err error) {
	html, err = c.templates.html(name+".html", view)
	if err != nil {
		return "", "", err
	}
	if len(html) > maxHTML {
		if shrink == nil {
			return "", "", fmt.Errorf("%s.html: %d bytes of HTML (at most %d)", name, len(html), maxHTML)
		}
		if view, html, err = c.fit(name, shrink); err != nil {
			return "", "", err
		}
	}
	text, err = c.templates.text(name+".txt", view)
	return html, text, err
}

// fit finds the most items with which the HTML is short enough.
func (c *Composer) fit(name string, shrink func(int) (any, int)) (best any, html string, err error) {
	_, total := shrink(1)
	for low, high := 1, total-1; low <= high; {
		items := (low + high) / 2
		smaller, _ := shrink(items)
		page, err := c.templates.html(name+".html", smaller)
		if err != nil {
			return nil, "", err
		}
		if len(page) <= maxHTML {
			best, html, low = smaller, page, items+1
		} else {
			high = items - 1
		}
	}
	if best == nil {
		return nil, "", fmt.Errorf("%s.html: a letter with one post is longer than %d bytes", name, maxHTML)
	}
	return best, html, nil
}

// voice gives templates the words of their language. A key without words is an
// error of the template, with its place.
type voice struct{ locale locale.Locale }

// T returns the words for the key, with args filled in.
func (v voice) T(key string, args ...any) (string, error) {
	if !v.locale.Has(key) {
		return "", errors.New("no words for the key " + key)
	}
	return v.locale.T(key, args...), nil
}
