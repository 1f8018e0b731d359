package config

import (
	"fmt"
	"slices"
	"strings"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

// Feed is a feed of the owner's own choice of posts.
type Feed struct {
	Name        string   `toml:"name"`
	Title       string   `toml:"title"`
	Description string   `toml:"description" lines:"many"`
	Tags        []string `toml:"tags"`
	Categories  []string `toml:"categories"`
	Languages   []string `toml:"languages"`
	Authors     []string `toml:"authors"`
	Sources     []string `toml:"sources"`

	WithoutTags       []string `toml:"without_tags"`
	WithoutCategories []string `toml:"without_categories"`
	WithoutLanguages  []string `toml:"without_languages"`
	WithoutAuthors    []string `toml:"without_authors"`
	WithoutSources    []string `toml:"without_sources"`
	Items             int      `toml:"items"`
}

// Words is one list of words of a feed, with its key.
type Words struct {
	Key  string
	List []string
}

// Words returns the lists that pick posts, and in the same order those that
// leave posts out.
func (f *Feed) Words() (with, without []Words) {
	return []Words{{"tags", f.Tags}, {"categories", f.Categories}, {"languages", f.Languages}, {"authors", f.Authors}, {"sources", f.Sources}},
		[]Words{{"without_tags", f.WithoutTags}, {"without_categories", f.WithoutCategories}, {"without_languages", f.WithoutLanguages},
			{"without_authors", f.WithoutAuthors}, {"without_sources", f.WithoutSources}}
}

// Words returns the lists of words of which each has a feed.
func (f *Feeds) Words() []Words {
	return []Words{{"tags", f.Tags}, {"categories", f.Categories}, {"languages", f.Languages}, {"authors", f.Authors}}
}

// reserved names what a feed of one's own must not be called: the folders of
// other feeds and archives, and the addresses of pages.
var reserved = []string{"tags", "categories", "languages", "authors", "digests", "archive", "archives", "feeds", "opml", "websub", "hub",
	"c", "i", "p", "u", "s", "issues", "subscribe", "preferences", "healthz", "metrics", "admin", "api", "static"}

// feedDefaults fills what a feed leaves out.
func (b *binder) feedDefaults(c *Config) {
	for i := range c.OwnFeeds {
		if !b.set[fmt.Sprintf("feed[%d].items", i)] {
			c.OwnFeeds[i].Items = c.Feeds.Items
		}
	}
}

// feeds judges which feeds there are to be.
func (b *binder) feeds(c *Config) {
	for _, w := range c.Feeds.Words() {
		b.words("feeds."+w.Key, w, len(w.List) == 1)
	}
	sources := []string{}
	for _, s := range c.Sources {
		sources = append(sources, s.Name)
	}
	seen := map[string]bool{}
	for i := range c.OwnFeeds {
		f := &c.OwnFeeds[i]
		key := fmt.Sprintf("feed[%d]", i)
		b.name(key+".name", f.Name, seen)
		if slices.Contains(reserved, f.Name) {
			b.fail(key+".name", "%q is the folder of other feeds or of a page: choose another name", f.Name)
		}
		if own := b.set[key+".items"]; (own || !b.failed["feeds.items"]) && (f.Items < 1 || f.Items > 500) {
			b.fail(key+".items", "want 1 to 500 posts, have %d", f.Items)
		}
		with, without := f.Words()
		for n := range with {
			b.words(key+"."+with[n].Key, with[n], false)
			b.words(key+"."+without[n].Key, without[n], false)
			for j, w := range without[n].List {
				if with[n].find(w) >= 0 {
					b.fail(fmt.Sprintf("%s.%s[%d]", key, without[n].Key, j), "%q stands in %s, too: it cannot be both", w, with[n].Key)
				}
			}
		}
		for _, w := range []Words{with[len(with)-1], without[len(without)-1]} {
			for j, s := range w.List {
				if !slices.Contains(sources, s) {
					b.fail(fmt.Sprintf("%s.%s[%d]", key, w.Key, j), "%q is no [[source]]%s", s, Nearest(s, sources))
				}
			}
		}
	}
}

// words refuses what is no word, and a word that stands twice. all says that
// "*" is one: it means all there are.
func (b *binder) words(key string, words Words, all bool) {
	for j, w := range words.List {
		at := fmt.Sprintf("%s[%d]", key, j)
		switch first := words.find(w); {
		case w == "":
			b.fail(at, "is empty: write a word, or leave the key out")
		case w == "*" && len(words.List) > 1:
			b.fail(at, "\"*\" means all of them: leave the others out")
		case w == "*" && !all:
			b.fail(at, "\"*\" works in [feeds]: leave the key out to take all")
		case first < j && words.List[first] == w:
			b.fail(at, "%q stands here twice", w)
		case first < j:
			b.fail(at, "%q stands here as %q already, which is the same word: leave one out", w, words.List[first])
		}
	}
}

// find returns where the list has the word first, -1 where it has not: names of
// sources to the letter, all others as posts are compared by them (posts.Fold).
func (w Words) find(word string) int {
	if strings.HasSuffix(w.Key, "sources") {
		return slices.Index(w.List, word)
	}
	return slices.IndexFunc(w.List, func(one string) bool { return fold(one) == fold(word) })
}

func fold(word string) string { return norm.NFC.String(cases.Fold().String(norm.NFC.String(word))) }
