package main

import (
	"cmp"

	"tidings.example/feed"
	"tidings.example/internal/locale"
	"tidings.example/internal/publish"
	"tidings.example/internal/web"
)

// shownFormats are the formats in the order in which people are offered them.
func shownFormats() []feed.Format { return []feed.Format{feed.Atom, feed.RSS, feed.JSON} }

// formatNames are what people call the formats.
var formatNames = map[feed.Format]string{feed.Atom: "Atom", feed.RSS: "RSS", feed.JSON: "JSON Feed"}

// feedLinks is the feed of everything in each format.
func (p *program) feedLinks() []web.FeedLink {
	var out []web.FeedLink
	for _, f := range shownFormats() {
		out = append(out, web.FeedLink{Title: formatNames[f], URL: p.feeds.Address(publish.Feed{}, f), Type: f.MediaType()})
	}
	return out
}

// directory is the list of feeds as the page for people shows it. Groups
// without feeds are left out.
func (p *program) directory(list []publish.Feed) *web.Directory {
	d := &web.Directory{Author: p.site.Author.Name, Main: p.listing(publish.Feed{}), OPML: p.feeds.URL + opmlFile}
	for _, kind := range publish.Kinds() {
		if kind == publish.OfAll {
			continue
		}
		g := web.Group{Kind: string(kind)}
		for _, one := range list {
			if one.Kind == kind {
				g.Feeds = append(g.Feeds, p.listing(one))
			}
		}
		if len(g.Feeds) > 0 {
			d.Groups = append(d.Groups, g)
		}
	}
	return d
}

func (p *program) listing(one publish.Feed) web.Listing {
	l := web.Listing{Name: p.feedName(one), Atom: p.feeds.Address(one, feed.Atom), RSS: p.feeds.Address(one, feed.RSS), JSON: p.feeds.Address(one, feed.JSON)}
	if one.Kind == publish.OfLanguage {
		l.Language = one.Language
	}
	if one.Kind == publish.OfOwner || one.Kind == publish.OfDigest { // their words are the owner's
		l.Description, l.Language = one.Description, one.Language
	}
	return l
}

// feedName is what a feed is called among the others of its kind.
func (p *program) feedName(one publish.Feed) string {
	if one.Kind == publish.OfAll {
		return p.feeds.Title(one)
	}
	if one.Kind == publish.OfLanguage {
		return locale.Autonym(one.About)
	}
	return cmp.Or(one.Title, one.About)
}
