package posts

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

var minted = time.Date(2026, 3, 10, 12, 0, 0, 0, time.UTC)

func TestMintNamesHostDateAndPath(t *testing.T) {
	t.Parallel()
	date := time.Date(2024, 5, 1, 23, 30, 0, 0, time.FixedZone("CST", 8*3600))
	for _, c := range []struct {
		post    Post
		siteURL string
		want    string
	}{
		{Post{URL: "https://Blog.Example:8080/2024/git/", Date: date}, "", "tag:blog.example,2024-05-01:/2024/git/"},
		{Post{URL: "https://blog.example/?p=7", Path: "a.md", Date: date}, "", "tag:blog.example,2024-05-01:/?p=7"},
		{Post{URL: "https://blog.example/", Path: "_posts/a b.md", Date: date}, "", "tag:blog.example,2024-05-01:/_posts/a%20b.md"},
		{Post{URL: "https://blog.example/%E4%B8%80/", Date: date}, "", "tag:blog.example,2024-05-01:/%E4%B8%80/"},
		{Post{Path: "一.md", Date: date}, "https://site.example/blog/", "tag:site.example,2024-05-01:/%E4%B8%80.md"},
		{Post{Path: "a.md"}, "", "tag:localhost,2026-03-10:/a.md"},
		{Post{URL: "https://blog.example/a/", Date: minted.AddDate(1, 0, 0)}, "", "tag:blog.example,2026-03-10:/a/"},
		{Post{URL: "https://blog.example/a/", Date: time.Date(1970, 1, 1, 0, 0, 0, 0, time.UTC)}, "", "tag:blog.example,2026-03-10:/a/"},
		{Post{URL: "https://[::1]/a/", Date: date}, "", "tag:localhost,2024-05-01:/a/"},
		{Post{URL: "https://-/a/", Date: date}, "", "tag:localhost,2024-05-01:/a/"},
		{Post{URL: "https://博客.example/a/", Date: date}, "", "tag:xn--9krq6q.example,2024-05-01:/a/"},
	} {
		if got := Mint(&c.post, c.siteURL, minted); got != c.want {
			t.Errorf("Mint(%s %s) = %s, want %s", c.post.URL, c.post.Path, got, c.want)
		}
	}
}

// tagURI is the grammar of RFC 4151 section 2.1, for a DNS name and a whole date.
var tagURI = regexp.MustCompile(`^tag:[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*,[0-9]{4}-[0-9]{2}-[0-9]{2}:(?:[A-Za-z0-9\-._~!$&'()*+,;=:@/?]|%[0-9A-Fa-f]{2})*$`)

func TestMintedIDsAreTagURIsWhateverThePostIs(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		p := Post{Path: rapid.String().Draw(rt, "path"), Date: time.Unix(rapid.Int64Range(-1e12, 1e12).Draw(rt, "date"), 0)}
		if rapid.Bool().Draw(rt, "has URL") {
			p.URL = rapid.SampledFrom([]string{"https://", "http://", ""}).Draw(rt, "scheme") + rapid.OneOf(rapid.String(), rapid.StringMatching(`[a-b.-]{1,5}`)).Draw(rt, "host") + "/" + rapid.String().Draw(rt, "rest")
		}
		id := Mint(&p, rapid.String().Draw(rt, "site"), minted)
		if !tagURI.MatchString(id) {
			rt.Fatalf("%q is no tag URI", id)
		}
		if date := strings.SplitN(strings.SplitN(id, ",", 2)[1], ":", 2)[0]; date > "2026-03-10" {
			rt.Fatalf("%q is dated after it was made", id)
		}
	})
}

func TestFoldURLIsEqualForOnePageOnly(t *testing.T) {
	t.Parallel()
	for _, same := range [][]string{
		{"https://blog.example/a/", "http://blog.example/a", "https://www.blog.example/a/", "https://blog.example/a/index.html", "HTTPS://Blog.Example:443/a/", "http://blog.example:80/a/", " https://blog.example/a"},
		{"https://blog.example/", "http://blog.example"},
		{"https://blog.example/%E4%B8%80/", "http://blog.example/%e4%b8%80", "https://blog.example/一/"},
		{"https://www.example/", "http://www.example"},
		{"https://blog.example/A"}, {"https://blog.example/a?p=1"}, {"https://blog.example/a?p=2"}, {"https://blog.example:8080/a"}, {"https://blog.example/a/b"},
	} {
		for _, other := range same {
			if FoldURL(other) != FoldURL(same[0]) {
				t.Errorf("%q and %q differ: %q, %q", other, same[0], FoldURL(other), FoldURL(same[0]))
			}
		}
	}
	if a, b := FoldURL("https://blog.example/changes#v2"), FoldURL("https://blog.example/changes#v1"); a == b {
		t.Errorf("two places of one page are taken for one: %q", a)
	}
	if a, b := FoldURL("https://blog.example/A"), FoldURL("https://blog.example/a"); a == b {
		t.Error("the case of a path was folded")
	}
	for _, none := range []string{"", "/a/", "mailto:a@b.example", "https://[bad"} {
		if got := FoldURL(none); got != "" {
			t.Errorf("FoldURL(%q) = %q", none, got)
		}
	}
}

func TestFoldIgnoresCaseAndEncodingOfAccents(t *testing.T) {
	t.Parallel()
	for _, pair := range [][2]string{{"Go", "gO"}, {"Ärger", "a\u0308RGER"}, {"straße", "STRASSE"}, {"Ὀδυσσεύς", "ὈΔΥΣΣΕΎΣ"}, {"中文", "中文"}, {"zh-CN", "ZH-cn"}} {
		if Fold(pair[0]) != Fold(pair[1]) {
			t.Errorf("%q and %q differ", pair[0], pair[1])
		}
	}
	for _, pair := range [][2]string{{"go", "golang"}, {"a b", "ab"}, {"c", "c++"}} {
		if Fold(pair[0]) == Fold(pair[1]) {
			t.Errorf("%q and %q are one", pair[0], pair[1])
		}
	}
}

func TestModifiedIsNeverBeforeTheDate(t *testing.T) {
	t.Parallel()
	r := Record{Post: Post{Date: minted, Updated: minted.Add(-time.Hour)}}
	if got := r.Modified(); !got.Equal(minted) {
		t.Errorf("updated before it was written: %s", got)
	}
	r.Edited = minted.Add(time.Hour)
	if got := r.Modified(); !got.Equal(r.Edited) {
		t.Errorf("edited: %s", got)
	}
}
