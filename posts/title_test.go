package posts

import (
	"strings"
	"testing"
	"time"

	"github.com/rivo/uniseg"
)

func TestPostWithoutTitleIsShownByItsSummaryOrItsFile(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		r    Record
		want string
	}{
		{"title", Record{Post: Post{Title: "T", Summary: "S"}, Body: Body{Summary: "B"}}, "T"},
		{"front matter", Record{Post: Post{Title: " ", Summary: "S"}, Body: Body{Summary: "B"}}, "S"},
		{"body", Record{Post: Post{Path: "a.md"}, Body: Body{Summary: "First sentence. Second."}}, "First sentence"},
		{"question", Record{Body: Body{Summary: "为什么？因为。"}}, "为什么？"},
		{"abbreviation", Record{Body: Body{Summary: "Go 1.26 is out."}}, "Go 1.26 is out"},
		{"file", Record{Post: Post{Path: "source/_posts/2026-03-01-on-tea_leaves.md"}}, "on tea leaves"},
		{"bundle", Record{Post: Post{Path: "content/posts/on-tea/index.zh.md"}}, "on tea"},
		{"date only", Record{Post: Post{Path: "2026-03-01-.md", Slug: "slug"}}, "slug"},
		{"root", Record{Post: Post{Path: "index.md", URL: "https://e.example/"}}, "https://e.example/"},
		{"nothing", Record{Post: Post{Date: time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)}}, "2026-03-01"},
	} {
		if got := c.r.DisplayTitle(); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
	p := Post{Path: "a-b.md"}
	if got := p.DisplayTitle(); got != "a b" {
		t.Errorf("a post: %q", got)
	}
}

func TestShortTitleIsOneLineCutAtAWord(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"":                          "",
		" a\nb":                     "a b",
		strings.Repeat("word ", 30): strings.Repeat("word ", 11) + "word…",
		strings.Repeat("长", 40):     strings.Repeat("长", 30) + "…",
		strings.Repeat("x", 90):     strings.Repeat("x", 60) + "…",
		strings.Repeat("👩‍👩‍👧‍👦", 40):                          strings.Repeat("👩‍👩‍👧‍👦", 30) + "…",
		strings.Repeat("长", 29) + "，" + strings.Repeat("长", 9): strings.Repeat("长", 29) + "…",
	} {
		got := ShortTitle(in)
		if got != want {
			t.Errorf("ShortTitle(%q) = %q, want %q", in, got, want)
		}
		if uniseg.StringWidth(got) > titleColumns+1 {
			t.Errorf("%q is too wide", got)
		}
	}
}

func TestMarkupInATitleIsNotShown(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"Writing for action <em>and</em> flexibility":    "Writing for action and flexibility",
		`<span class="x">A</span> <CODE>b</CODE><br/>c`:  "A b c",
		"<b>a <b>b</b> c</b>":                            "a b c",
		"</b><b>a <i>b</b> <b>c</i>":                     "</b>a b <b>c",
		"When to use <b>":                                "When to use <b>",
		"Between <i> and </i>":                           "Between <i> and </i>",
		"Vec<T> and <script> and a < b":                  "Vec<T> and <script> and a < b",
		"<em></em>":                                      "some words",
		"E = mc<sup>2</sup>，<strong>质能</strong>等价":       "E = mc2，质能等价",
		"List<String> or <code>Map<K, V></code>, not <u": "List<String> or Map<K, V>, not <u",
	} {
		p := Post{Title: in, Summary: "some words"}
		if got := p.DisplayTitle(); got != want {
			t.Errorf("%q is shown as %q, want %q", in, got, want)
		}
	}
}

// Nobody writes such a title by hand; where each tag is compared with all that
// follow, it keeps a processor for minutes.
func TestATitleOfTagsWithoutEndIsReadAtOnce(t *testing.T) {
	t.Parallel()
	const many = 200_000
	for in, want := range map[string]string{
		strings.Repeat("<b>", many):                                      strings.Repeat("<b>", many),
		strings.Repeat("<b>", many) + "x" + strings.Repeat("</b>", many): "x",
	} {
		p := Post{Title: in}
		if got := p.DisplayTitle(); got != want {
			t.Errorf("%d bytes, want %d", len(got), len(want))
		}
	}
}
