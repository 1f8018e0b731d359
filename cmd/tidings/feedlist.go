package main

import (
	"context"
	"fmt"

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
	list, err := p.listFeeds(func(kind publish.Kind) ([]string, error) { return p.db.Words(ctx, string(kind)) })
	return append(list, p.issues.list()...), err
}

// listFeeds is feedList without issues, with every word of a kind from elsewhere.
func (p *program) listFeeds(every func(publish.Kind) ([]string, error)) ([]publish.Feed, error) {
	list := []publish.Feed{{}}
	for i := range p.config.OwnFeeds {
		list = append(list, ownFeed(&p.config.OwnFeeds[i]))
	}
	seen := map[string]bool{}
	for _, k := range wordFeeds {
		words := k.words(&p.config.Feeds)
		if len(words) == 1 && words[0] == "*" {
			var err error
			if words, err = every(k.kind); err != nil {
				return nil, err
			}
		}
		for _, w := range words {
			folder := publish.Folder(k.folder, w)
			for n := 2; seen[folder]; n++ {
				folder = fmt.Sprintf("%s-%d", publish.Folder(k.folder, w), n)
			}
			seen[folder] = true
			one := publish.Feed{Folder: folder, Kind: k.kind, About: w, Select: k.pick(w)}
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
