package main

import (
	"fmt"
	"slices"
	"strings"

	"tidings.example/internal/config"
	"tidings.example/internal/publish"
	"tidings.example/posts"
)

// feedWish is a feed that the configuration names, or one word of it.
type feedWish struct {
	key  string // of the configuration
	kind publish.Kind
	word string
	sel  posts.Selection
	// parts are the words of a feed of the owner's own.
	parts []feedWish
	met   bool
}

// feedWishes are the feeds that the configuration names one by one.
func (p *program) feedWishes() (out []feedWish) {
	for _, k := range wordFeeds {
		words := k.words(&p.config.Feeds)
		if len(words) == 1 && words[0] == "*" {
			continue
		}
		for i, w := range words {
			out = append(out, feedWish{key: fmt.Sprintf("feeds.%s[%d]", k.folder, i), kind: k.kind, word: w, sel: k.pick(w)})
		}
	}
	for i := range p.config.OwnFeeds {
		c := &p.config.OwnFeeds[i]
		key := fmt.Sprintf("feed[%d]", i)
		one := feedWish{key: key, kind: publish.OfOwner, word: c.Name, sel: ownFeed(c).Select}
		for n, words := range [][]string{c.Tags, c.Categories, c.Languages, c.Authors} {
			for j, w := range words {
				k := wordFeeds[n]
				one.parts = append(one.parts, feedWish{key: fmt.Sprintf("%s.%s[%d]", key, k.folder, j), kind: k.kind, word: w, sel: k.pick(w)})
			}
		}
		out = append(out, one)
	}
	return out
}

// feedJudge finds the feeds that no post is in.
type feedJudge struct {
	config *config.Config
	wishes []feedWish
	// words are those of posts, by the kind of feed that there would be of them.
	words map[publish.Kind]map[string]bool
	posts int
}

func (p *program) newFeedJudge() *feedJudge {
	j := &feedJudge{config: p.config, wishes: p.feedWishes(), words: map[publish.Kind]map[string]bool{}}
	for _, k := range wordFeeds {
		j.words[k.kind] = map[string]bool{}
	}
	return j
}

// look takes the posts of a source into account that may be seen.
func (j *feedJudge) look(source string, list []posts.DryPost) {
	for i := range list {
		if one := &list[i]; one.Published {
			r := posts.Record{Post: posts.Post{Tags: one.Tags, Categories: one.Categories, Language: one.Language, Authors: one.Authors}, Source: source}
			j.post(&r)
		}
	}
}

func (j *feedJudge) post(r *posts.Record) {
	j.posts++
	meet := func(w *feedWish) { w.met = w.met || w.sel.Match(r) }
	for i := range j.wishes {
		w := &j.wishes[i]
		meet(w)
		for n := range w.parts {
			meet(&w.parts[n])
		}
	}
	names := []string{}
	for i := range r.Authors {
		names = append(names, r.Authors[i].Name)
	}
	for kind, words := range map[publish.Kind][]string{publish.OfTag: r.Tags, publish.OfCategory: r.Categories, publish.OfLanguage: {r.Language}, publish.OfAuthor: names} {
		for _, w := range words {
			j.words[kind][w] = true
		}
	}
}

// problems tells of the feeds that nothing is in. Where there are no posts at
// all they say nothing new, and what a feed on the web will bring is not known.
func (j *feedJudge) problems() (out []posts.Problem) {
	if j.posts == 0 {
		return nil
	}
	for i := range j.wishes {
		w := &j.wishes[i]
		if w.met || j.remote(w.sel.Sources) {
			continue
		}
		told := false
		for n := range w.parts {
			if !w.parts[n].met {
				out, told = append(out, j.missing(&w.parts[n], fmt.Sprintf("the feed %q", w.word))), true
			}
		}
		switch {
		case w.kind != publish.OfOwner:
			out = append(out, j.missing(w, "its feed"))
		case !told:
			out = append(out, j.problem(w.key, fmt.Sprintf("the feed %q is empty: each of its words has posts, but none of the %s that are published is in all of its lists and in none of those without", w.word, count(j.posts, "post"))))
		}
	}
	return out
}

// missing tells of a word that no post has, with the one that may be meant.
func (j *feedJudge) missing(w *feedWish, feed string) posts.Problem {
	known := make([]string, 0, len(j.words[w.kind]))
	for word := range j.words[w.kind] {
		known = append(known, word)
	}
	slices.Sort(known)
	has := fmt.Sprintf("no post has the %s %q", w.kind, w.word)
	switch string(w.kind) {
	case string(publish.OfAuthor):
		has = fmt.Sprintf("no post is by %q", w.word)
	case string(publish.OfLanguage):
		has = fmt.Sprintf("no post says that its language is %q", w.word)
	}
	return j.problem(w.key, fmt.Sprintf("%s, so %s is empty%s", has, feed, config.Nearest(w.word, known)))
}

func (j *feedJudge) problem(key, message string) posts.Problem {
	m := j.config.Mistake(key, "%s", message)
	return posts.Problem{Path: m.File, Line: m.Line, Message: m.Key + ": " + strings.TrimSpace(message), Warning: true}
}

// remote tells whether one of the sources, all where none is named, is a feed.
func (j *feedJudge) remote(names []string) bool {
	return slices.ContainsFunc(j.config.Sources, func(s config.Source) bool {
		return s.Feed != "" && (len(names) == 0 || slices.Contains(names, s.Name))
	})
}
