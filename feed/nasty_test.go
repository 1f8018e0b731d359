package feed_test

import (
	"fmt"
	"strings"
	"time"

	"tidings.example/feed"
	"tidings.example/posts"
)

var shanghai = time.FixedZone("+08", 8*3600)

// head is a feed with everything but entries.
func head() feed.Document {
	return feed.Document{
		ID:       "tag:blog.example.org,2020:feed",
		Title:    "示例博客",
		Subtitle: "笔记 & 随想",
		Home:     "https://blog.example.org/",
		Self: feed.Addresses{
			RSS:  "https://blog.example.org/rss.xml",
			Atom: "https://blog.example.org/atom.xml",
			JSON: "https://blog.example.org/feed.json",
		},
		Language:  "zh-CN",
		Authors:   []posts.Author{{Name: "Ming", URL: "https://blog.example.org/about/", Email: "ming@example.org"}},
		Rights:    "CC BY 4.0",
		Icon:      feed.Picture{URL: "https://blog.example.org/icon.png", Width: 144, Height: 144},
		Logo:      feed.Picture{URL: "https://blog.example.org/logo.png"},
		Favicon:   feed.Picture{URL: "https://blog.example.org/favicon.png"},
		Hubs:      []string{"https://hub.example.org/"},
		TTL:       time.Hour,
		Generator: feed.Generator{Name: "tidings", Version: "0.1", URL: "https://tidings.example/"},
		Changed:   time.Date(2026, 3, 2, 10, 0, 0, 0, shanghai),
		Zone:      shanghai,
		TagScheme: "https://blog.example.org/tags/",
	}
}

// plainRecord is an ordinary post, the n-th.
func plainRecord(n int) *posts.Record {
	slug := fmt.Sprintf("post-%d", n)
	return &posts.Record{
		Post: posts.Post{
			Path: "source/_posts/" + slug + ".md", Title: fmt.Sprintf("Post %d", n),
			Date: time.Date(2026, 2, 1+n%27, 8, 0, 0, 0, shanghai),
			Tags: []string{"Git", "工具"}, Categories: []string{"notes"}, Language: "zh-CN",
			URL:     "https://blog.example.org/2026/" + slug + "/",
			Authors: []posts.Author{{Name: "Ming"}, {Name: "Li"}},
		},
		ID:       "tag:blog.example.org,2026-03-01:/posts/" + slug,
		Seq:      int64(n),
		Released: time.Date(2026, 3, 1, 9, 0, 0, 0, shanghai),
		Body: posts.Body{
			HTML:    "<p>用 <code>&lt;param&gt;</code> 占位。</p>\n<pre><code>git add &lt;file&gt;\ngit commit\n</code></pre>",
			Summary: "用 <param> 占位，a && b 2>&1。",
		},
	}
}

// nasty lists what breaks feeds, each by name.
func nasty() map[string]*posts.Record {
	out := map[string]*posts.Record{}
	n := 0
	add := func(name string, change func(r *posts.Record)) {
		n++
		r := plainRecord(n)
		change(r)
		out[name] = r
	}
	add("control characters", func(r *posts.Record) {
		r.Title = "bell \x07 and null \x00 and \x0b"
		r.Body.HTML = "<p>a\x00b\x08c\x1fd\u0085e\u0099f\ufeff \ufdd0 \U0001fffe &#8; &#x1b;[31mred&#27;[0m</p>"
		r.Body.Summary = "a\x00b\x08c\x1f\u0099"
	})
	add("colour codes", func(r *posts.Record) {
		r.Title = "\x1b[1;31mRed\x1b[0m alert"
		r.Body.HTML = "<pre><code>\x1b[32m$ ls\x1b[0m\x1b]0;title\x07 \x1b[&lt;b&gt;\x1b</code></pre>"
		r.Body.Summary = "\x1b[32m$ ls\x1b[0m"
	})
	add("broken bytes", func(r *posts.Record) {
		r.Title = "GBK \xc4\xe3\xba\xc3"
		r.Body.HTML = "<p>\xc4\xe3 half \xe4\xbd, surrogate \xed\xa0\x80, \ufffd</p>"
		r.Body.Summary = "\xff\xfe\ufffd text"
		r.Tags = []string{"\xc4\xe3", "ok"}
	})
	add("emoji and rare characters", func(r *posts.Record) {
		r.Title = "👩‍👩‍👧‍👦 𠮷野家 🇨🇳"
		r.Body.HTML = "<p>👩‍👩‍👧‍👦 𠮷野家 e\u0301\u200b \u2028 \u2029</p>"
		r.Body.Summary = "👩‍👩‍👧‍👦 𠮷野家"
	})
	add("no title", func(r *posts.Record) { r.Title = "" })
	add("no title and no summary", func(r *posts.Record) {
		r.Title, r.Body.Summary, r.Path = "", "", "_posts/2026-01-02-on-tea.md"
	})
	add("no tags", func(r *posts.Record) { r.Tags, r.Categories, r.Authors = nil, nil, nil })
	add("empty body", func(r *posts.Record) { r.Body = posts.Body{} })
	add("body of white space", func(r *posts.Record) { r.Body = posts.Body{HTML: " \n ", Summary: " "} })
	add("summary only", func(r *posts.Record) { r.Body.HTML = "" })
	add("sixty tags", func(r *posts.Record) {
		r.Tags = []string{"", " ", "R&D", "<b>", `"q"`, "a\nb"}
		for i := range 60 {
			r.Tags = append(r.Tags, fmt.Sprintf("tag %d", i), fmt.Sprintf("tag %d", i))
		}
		r.Categories = []string{"tag 1", "own"}
	})
	add("links for frames", func(r *posts.Record) {
		r.Body.HTML = `<p><a href="https://www.youtube.com/embed/x?a=1&amp;b=2">https://www.youtube.com/embed/x?a=1&amp;b=2</a></p>`
	})
	add("end of a CDATA section", func(r *posts.Record) {
		r.Title = "a[b[0]]> c ]]>"
		r.Body.HTML = "<p>x]]></p><p>]]]]>></p>"
		r.Body.Summary = "a[b[0]]>1 <![CDATA[ ]]>"
	})
	add("entities", func(r *posts.Record) {
		r.Title = "AT&T: a<b, c>d & 2>&1 ?a=1&lang=en"
		r.Body.HTML = `<p title="&quot;&#34;&amp;quot;">&amp;amp; &amp;lt;b&amp;gt; &nbsp;&copy; &#x41;</p>`
		r.Body.Summary = "a<b && c>d 2>&1 ?a=1&copy=2&lang=en"
	})
	add("right to left", func(r *posts.Record) {
		r.Title, r.Language = "\u200fשלום \u202bעולם\u202c", "he"
		r.Body.HTML = `<p dir="rtl">مرحبا</p>`
		r.Body.Summary = "مرحبا بالعالم"
	})
	add("very long title", func(r *posts.Record) {
		r.Title = strings.Repeat("长标题 and words ", 400)
		r.Body.Summary = strings.Repeat("长", 5000)
	})
	add("commas in names", func(r *posts.Record) {
		r.Authors = []posts.Author{
			{Name: "Doe, Jane, <PhD> & Sons", URL: "javascript:alert(1)"}, {Name: "Joe <joe@example.org>"},
			{Name: "<mail@example.org>"}, {Name: " "}, {Name: "Joe", URL: "https://例え.example/人?a=b c"},
		}
	})
	add("relative and odd addresses", func(r *posts.Record) {
		r.URL = "https://blog.example.org/中文/a b[1]|{x}%zz?q=\"1\"#<f>"
		r.Image = "/relative.png"
	})
	add("odd language", func(r *posts.Record) { r.Language = "en_US.UTF-8" })
	add("no language", func(r *posts.Record) { r.Language = "chinese!" })
	add("dated in the future", func(r *posts.Record) {
		r.Date, r.Updated = time.Date(2199, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(2199, 1, 1, 0, 0, 0, 0, time.UTC)
	})
	add("no date", func(r *posts.Record) { r.Date = time.Time{} })
	add("updated before it was published", func(r *posts.Record) { r.Updated = r.Date.AddDate(-1, 0, 0) })
	add("carriage returns", func(r *posts.Record) {
		r.Title = "two\r\nlines"
		r.Body.HTML = "<pre><code>a\r\nb\rc\n</code></pre>"
	})
	for i := range 3 {
		add(fmt.Sprintf("same day %d", i), func(r *posts.Record) {
			r.Date = time.Date(2026, 1, 5, 0, 0, 0, 0, shanghai)
		})
	}
	add("picture", func(r *posts.Record) { r.Body.Image = "https://blog.example.org/img/a.png" })
	return out
}

func formulas() *posts.Record {
	r := plainRecord(1)
	r.Body.HTML = `<p><math xmlns="http://www.w3.org/1998/Math/MathML" display="block" alttext="x_1^2"><semantics><mrow>` +
		`<msubsup><mi>x</mi><mn>1</mn><mn>2</mn></msubsup><mo>=</mo><mfrac><mn>1</mn><mn>2</mn></mfrac></mrow></semantics></math></p>`
	r.Body.Summary = "$x_1^2$ in the text"
	return r
}

// richEntry has everything that an entry can have.
func richEntry() feed.Entry {
	return feed.Entry{
		ID:        "tag:blog.example.org,2026-03-01:/posts/git",
		Seq:       7,
		URL:       "https://blog.example.org/2026/03/git/",
		Title:     "Git 速查 & <tips>",
		Summary:   "用 <param> 占位，a && b。",
		HTML:      "<p>用 <code>&lt;param&gt;</code> 占位。</p>",
		Published: time.Date(2026, 3, 1, 8, 0, 0, 0, shanghai),
		Updated:   time.Date(2026, 3, 2, 10, 0, 0, 0, shanghai),
		Authors:   []posts.Author{{Name: "Ming"}, {Name: "Li"}},
		Tags:      []string{"Git"}, Categories: []string{"工具"},
		Language:  "en",
		Image:     feed.Picture{URL: "https://blog.example.org/img/a.png", Width: 800, Height: 600},
		Thumbnail: feed.Picture{URL: "https://blog.example.org/img/a-s.png", Width: 200, Height: 150},
		Enclosures: []posts.Enclosure{
			{URL: "https://blog.example.org/a.mp3", Length: 123, Duration: time.Minute, Title: "Listen"},
			{URL: "https://blog.example.org/b.pdf", Length: 5 << 30},
		},
	}
}
