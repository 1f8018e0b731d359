package main

import (
	"context"

	"tidings.example/internal/config"
	"tidings.example/internal/publish"
	"tidings.example/posts"
)

// wordFeeds are the feeds that there is one of for each word.
var wordFeeds = []struct {
	kind   publish.Kind
	folder string
	words  func(c *config.Feeds) []string
	pick   func(word string) posts.Selection
}{
	{publish.OfTag, "tags", func(c *config.Feeds) []string { return c.Tags }, func(w string) posts.Selection { return posts.Selection{Tags: []string{w}} }},
	{publish.OfCategory, "categories", func(c *config.Feeds) []string { return c.Categories }, func(w string) posts.Selection { return posts.Selection{Categories: []string{w}} }},
	{publish.OfLanguage, "languages", func(c *config.Feeds) []string { return c.Languages }, func(w string) posts.Selection { return posts.Selection{Languages: []string{w}} }},
	{publish.OfAuthor, "authors", func(c *config.Feeds) []string { return c.Authors }, func(w string) posts.Selection { return posts.Selection{Authors: []string{w}} }},
}

// feedList names the feeds: of everything, the owner's own, of each word that
// the owner names, and of the issues of each newsletter.
func (p *program) feedList(ctx context.Context) ([]publish.Feed, error) {
	list, _, err := p.listFeeds(ctx)
	return list, err
}

// keptFeeds is feedList for feeds that are made: a word keeps the folder that it
// is given here.
func (p *program) keptFeeds(ctx context.Context) ([]publish.Feed, error) {
	for {
		list, fresh, err := p.listFeeds(ctx)
		if err != nil || len(fresh) == 0 {
			return list, err
		}
		// Another process may have been faster: look at what is kept now.
		if err := p.db.KeepFolders(ctx, fresh); err != nil {
			return nil, err
		}
	}
}

// listFeeds is feedList, with the folders of words that have none yet.
func (p *program) listFeeds(ctx context.Context) ([]publish.Feed, map[string]string, error) {
	kept, err := p.db.Folders(ctx)
	if err != nil {
		return nil, nil, err
	}
	folders := publish.NewFolders(kept, p.db.HasFeed)
	list, err := p.postFeeds(ctx, folders, func(kind publish.Kind) ([]string, error) { return p.db.Words(ctx, string(kind)) })
	return append(list, p.issues.list()...), folders.Fresh, err
}

// postFeeds names the feeds of posts; words are those that posts have, for feeds
// of all there are.
func (p *program) postFeeds(ctx context.Context, folders *publish.Folders, words func(publish.Kind) ([]string, error)) ([]publish.Feed, error) {
	list := []publish.Feed{{}}
	for i := range p.config.OwnFeeds {
		list = append(list, ownFeed(&p.config.OwnFeeds[i]))
	}
	for _, k := range wordFeeds {
		named, err := k.words(&p.config.Feeds), error(nil)
		if len(named) == 1 && named[0] == "*" {
			if named, err = words(k.kind); err != nil {
				return nil, err
			}
		}
		for _, w := range named {
			one := publish.Feed{Kind: k.kind, About: w, Select: k.pick(w)}
			if one.Folder, err = folders.Of(ctx, k.folder, w); err != nil {
				return nil, err
			}
			if k.kind == publish.OfLanguage {
				one.Language = w
			}
			list = append(list, one)
		}
	}
	return list, nil
}

// ownFeed is a [[feed]] of the configuration.
func ownFeed(c *config.Feed) publish.Feed {
	one := publish.Feed{Folder: c.Name, Kind: publish.OfOwner, About: c.Name, Title: c.Title, Description: c.Description, Items: c.Items, Select: posts.Selection{
		Tags: c.Tags, Categories: c.Categories, Languages: c.Languages, Authors: c.Authors, Sources: c.Sources,
		Without: posts.Terms{Tags: c.WithoutTags, Categories: c.WithoutCategories, Languages: c.WithoutLanguages, Authors: c.WithoutAuthors, Sources: c.WithoutSources},
	}}
	if len(c.Languages) == 1 {
		one.Language = c.Languages[0]
	}
	return one
}
