package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"tidings.example/internal/store"
	"tidings.example/internal/web"
	"tidings.example/mailer"
)

// pages is everything that the daemon serves.
func (p *program) pages() (http.Handler, error) {
	look := &healthLook{p: p}
	return web.New(web.Options{
		Publication: p.mail.publication, Language: p.site.Language, Zone: p.zone,
		Readers: readers{p}, Archive: archive{p}, Feeds: early{p.server}, FeedLinks: p.feedLinks, Directory: p.directories(),
		Health: look.health, Log: p.log,
	})
}

// directories gives the list of feeds as the last round found it.
func (p *program) directories() func() *web.Directory {
	empty := p.directory(nil) // until the first round lists them
	return func() *web.Directory {
		if d := p.listed.Load(); d != nil {
			return d
		}
		return empty
	}
}

// readers lets the pages carry out readers' wishes.
type readers struct{ p *program }

func (r readers) Invitation(ctx context.Context, token string) (web.Invitation, error) {
	s, err := r.p.mail.signup.Invitation(ctx, token, r.p.sh.now())
	return web.Invitation{Digest: s.Digest, Language: s.Language, Done: s.Live, Expired: s.Stale}, toReader(err)
}

func (r readers) Confirm(ctx context.Context, token string) error {
	_, err := r.p.mail.signup.Confirm(ctx, token, r.p.sh.now())
	return toReader(err)
}

func (r readers) Leaving(ctx context.Context, token string) (web.Invitation, error) {
	s, err := r.p.mail.signup.Leaving(ctx, token, r.p.sh.now())
	return web.Invitation{Digest: s.Digest, Language: s.Language, Done: !s.Live}, toReader(err)
}

func (r readers) Unsubscribe(ctx context.Context, token string) error {
	_, err := r.p.mail.signup.Unsubscribe(ctx, token, r.p.sh.now())
	return toReader(err)
}

// toReader is how a page says that a token is none of ours, or that nothing can
// be written down now.
func toReader(err error) error {
	switch {
	case errors.Is(err, mailer.ErrToken):
		return web.ErrNotFound
	case store.Unwritable(err):
		return fmt.Errorf("%w: %w", web.ErrUnavailable, err)
	}
	return err
}

// archive shows the issues that readers got.
type archive struct{ p *program }

func (a archive) Issue(ctx context.Context, number int64) (web.Issue, error) {
	found, ok, err := a.p.db.ArchivedIssue(ctx, number)
	if err == nil && !ok {
		err = web.ErrNotFound
	}
	if err != nil {
		return web.Issue{}, err
	}
	issue := web.Issue{Number: found.Number, Date: found.Opened, Posts: found.Posts}
	issue.Title, issue.Language = a.p.titled(found.Digest)
	return issue, nil
}

func (a archive) Issues(ctx context.Context, before int64, limit int) ([]web.Issue, error) {
	found, err := a.p.db.Archived(ctx, before, limit)
	if err != nil {
		return nil, err
	}
	var out []web.Issue
	for _, one := range found {
		issue := web.Issue{Number: one.Number, Date: one.Opened}
		issue.Title, issue.Language = a.p.titled(one.Digest)
		out = append(out, issue)
	}
	return out, nil
}

// titled is the title and language of a newsletter, as they are now; one that
// is configured no more keeps its name.
func (p *program) titled(name string) (title, language string) {
	for _, d := range p.mail.digests {
		if d.Name == name {
			return d.Title, d.Language
		}
	}
	return name, p.site.Language
}
