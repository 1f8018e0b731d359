package main

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"

	"tidings.example/feed"
	"tidings.example/internal/config"
	"tidings.example/internal/publish"
	"tidings.example/posts"
)

// hidden is a feed that feeds.moved leads away from.
type hidden struct{ key, path string }

// judgeMoved refuses to lead readers away from a feed that the configuration
// names: its page would offer an address that nobody can fetch.
func (p *program) judgeMoved() error {
	var out config.Mistakes
	for _, h := range p.hidden(nil) {
		out = append(out, p.config.Mistake(h.key, "%s is a feed of this configuration, and nobody would find it: name the path that a feed had before, or set feeds.url to where the feeds are now", h.path))
	}
	if out == nil {
		return nil
	}
	slices.SortStableFunc(out, func(a, b config.Mistake) int { return cmp.Compare(a.Line, b.Line) })
	return out
}

// hidden lists the feeds that feeds.moved leads away from, the first of each of
// its paths. words are those of posts, for feeds of all there are.
func (p *program) hidden(words map[publish.Kind]map[string]bool) (out []hidden) {
	// No ledger is asked, and so nothing can fail: there may be none yet.
	folders := publish.NewFolders(nil, func(context.Context, string) (bool, error) { return false, nil })
	list, err := p.postFeeds(context.Background(), folders, func(kind publish.Kind) ([]string, error) { return slices.Sorted(maps.Keys(words[kind])), nil })
	if err != nil {
		return nil
	}
	if p.config.Web.URL != "" {
		for i := range p.config.Digests {
			list = append(list, publish.Feed{Folder: "digests/" + p.config.Digests[i].Name})
		}
	}
	for _, from := range slices.Sorted(maps.Keys(p.config.Feeds.Moved)) {
		if path, hides := p.hides(from, list); hides {
			out = append(out, hidden{key: "feeds.moved." + from, path: path})
		}
	}
	return out
}

// hides returns the path of a feed that is led away. To where readers are told
// that it is, it may be led.
func (p *program) hides(from string, list []publish.Feed) (path string, hides bool) {
	root, to := p.feedsURL(), p.config.Feeds.Moved[from]
	if below, ours := strings.CutPrefix(to, "/"); ours {
		to = root + below
	}
	if plain, err := url.PathUnescape(from); err == nil {
		from = plain
	}
	for _, one := range list {
		for _, f := range feed.Formats() {
			below := strings.TrimPrefix(one.Folder+"/"+f.FileName(), "/")
			rest, inside := strings.CutPrefix("/"+below, from)
			whole := strings.HasSuffix(to, "/")
			if !inside || !whole && rest != "" {
				continue
			}
			if !whole {
				rest = ""
			}
			if p.config.Feeds.URL == "" || to+rest != root+below {
				return "/" + below, true
			}
		}
	}
	return "", false
}

// hidden warns of feeds that only the words of posts bring about.
func (j *feedJudge) hidden(p *program) (out []posts.Problem) {
	for _, h := range p.hidden(j.words) {
		out = append(out, j.problem(h.key, fmt.Sprintf("%s is a feed, of a word that posts have, and nobody will find it: take the line out, or the word out of the posts", h.path)))
	}
	return out
}
