package main

import (
	"tidings.example/feed"
	"tidings.example/internal/locale"
	"tidings.example/internal/publish"
	"tidings.example/internal/web"
)

// ownMark tells files that tidings writes beside the feeds from those of others.
const ownMark = "tidings writes this file anew; take this line out to keep the file as you make it"

// The names of the list of all feeds and of the page of them, which lie beside
// the feed of everything.
const (
	opmlFile  = "feeds.opml"
	feedsFile = "feeds.html"
)

// signposts are the files that lead to the feeds. They say nothing that is not
// in the list or the configuration.
func (p *program) signposts(list []publish.Feed) ([]publish.Signpost, error) {
	d := p.directory(list)
	p.listed.Store(d)
	out := []publish.Signpost{{Name: opmlFile, Text: p.opml(list), Type: feed.OPMLType, Unwritten: !p.config.Feeds.Page, Mark: ownMark}}
	if !p.config.Feeds.Page {
		return out, nil
	}
	page, err := p.feedsPage(d)
	if err != nil {
		return nil, err
	}
	out = append(out, publish.Signpost{Name: feedsFile, Text: page, Mark: ownMark})
	for _, h := range p.hostFiles() {
		out = append(out, publish.Signpost{Name: h.name, Text: []byte(h.text), Mark: ownMark})
	}
	return out, nil
}

// feedsPage is the page of feeds as a file, in the language of the blog.
func (p *program) feedsPage(d *web.Directory) ([]byte, error) {
	f := web.File{Publication: p.mail.publication, Language: p.site.Language, FeedLinks: p.feedLinks(), Directory: d, Mark: ownMark}
	if p.config.Web.URL != "" && len(p.config.Digests) > 0 {
		f.Root = p.webURL()
	}
	return web.FeedsFile(f)
}

// opml lists the feeds for feed readers, those of everything and of the owner's
// choice first, and the others in groups as the page has them.
func (p *program) opml(list []publish.Feed) []byte {
	out := &feed.OPML{Title: p.site.Title, Home: p.site.URL, Comment: ownMark}
	words := locale.For(p.site.Language)
	for _, kind := range publish.Kinds() {
		var outlines []feed.Outline
		for _, one := range list {
			if one.Kind == kind {
				outlines = append(outlines, p.outline(one))
			}
		}
		if kind == publish.OfAll || kind == publish.OfOwner || len(outlines) == 0 {
			out.Outlines = append(out.Outlines, outlines...)
			continue
		}
		out.Outlines = append(out.Outlines, feed.Outline{Text: words.T("page.feeds." + string(kind)), Outlines: outlines})
	}
	return feed.EncodeOPML(out)
}

func (p *program) outline(one publish.Feed) feed.Outline {
	o := feed.Outline{Text: p.feeds.Title(one), Feed: p.feeds.Address(one, feed.Atom), Home: p.site.URL, Description: one.Description, Language: p.site.Language}
	if one.Home != "" {
		o.Home = one.Home
	}
	if one.Language != "" {
		o.Language = one.Language
	}
	return o
}
