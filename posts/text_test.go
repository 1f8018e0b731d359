package posts

import (
	"slices"
	"testing"
)

func TestEscapeSequencesOfATerminalGoWhole(t *testing.T) {
	t.Parallel()
	header := "---\ndate: 2026-01-02\ntitle: \"\\e[31mred\\e[0m & \\e]8;;https://a.example\\a link\\e]8;;\\a\"\n" +
		"tags: [\"\\e[1;32mgo\\e[m\", \"go\", \"\\x9b4mline\"]\ncategories: \"\\e(Btea\"\nauthor: \"\\e[1mAnn\"\n" +
		"excerpt: \"\\e[38;5;208mfirst\\e[K\\nsecond &#27;[31mthird <b>x</b>\"\n---\nText.\n"
	d := openSite(t, SiteOptions{Kind: Hexo, Root: writeSite(t, map[string]string{
		"_config.yml": "url: https://h.example\ntimezone: UTC\n", "source/_posts/a.md": header})})
	entries := scanAll(t, d, nil, false)
	if len(entries) != 1 || entries[0].Post == nil {
		t.Fatalf("%+v", entries)
	}
	p := entries[0].Post
	if p.Title != "red & link" || p.Summary != "first\nsecond third x" {
		t.Errorf("title %q, summary %q", p.Title, p.Summary)
	}
	if !slices.Equal(p.Tags, []string{"go", "line"}) || !slices.Equal(p.Categories, []string{"tea"}) {
		t.Errorf("tags %q, categories %q", p.Tags, p.Categories)
	}
	if len(p.Authors) != 1 || p.Authors[0].Name != "Ann" {
		t.Errorf("authors %+v", p.Authors)
	}
	for s, want := range map[string]string{"a [31m b": "a [31m b", "a\x1b<b>": "a<b>", "\x1b[3&amp;": "3&"} {
		if got := cleanTitle(s); got != want {
			t.Errorf("%q became %q, want %q", s, got, want)
		}
	}
}
