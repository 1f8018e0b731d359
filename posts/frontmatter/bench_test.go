package frontmatter_test

import (
	"strings"
	"testing"
	"time"

	"tidings.example/posts/frontmatter"
)

// ordinary is a post of 5 KB, half Chinese, with the header that most posts have.
var ordinary = []byte("---\ntitle: \"的一是在不了有和人 4711\"\ndate: 2016-07-21 15:00:00\ntags: [git, note]\ncategories: [tech]\n---\n" +
	strings.Repeat("那社义事平形相全表间样与关各重新线内数正心反你明看原又么利比或但质气第向道命此变条只没结解问意建月公无系军很情者最立代想已通。\n\n"+
		"the quick feed publisher reads every post once and writes one digest for each reader while the scheduler keeps track of what was already sent\n\n", 15))

func BenchmarkParse(b *testing.B) {
	b.ReportAllocs()
	b.SetBytes(int64(len(ordinary)))
	for b.Loop() {
		if doc, problems := frontmatter.Parse(ordinary, frontmatter.Options{}); len(doc.Order) != 4 || problems != nil {
			b.Fatal(doc, problems)
		}
	}
}

func BenchmarkParseFullYAML(b *testing.B) {
	file := []byte(strings.Replace(string(ordinary), "title: ", "title: >-\n  ", 1))
	b.ReportAllocs()
	for b.Loop() {
		if doc, problems := frontmatter.Parse(file, frontmatter.Options{}); len(doc.Order) != 4 || problems != nil {
			b.Fatal(doc, problems)
		}
	}
}

func BenchmarkParseTOML(b *testing.B) {
	file := []byte("+++\ntitle = \"A\"\ndate = 2016-07-21T15:00:00Z\n[taxonomies]\ntags = [\"git\", \"note\"]\n+++\n" + string(ordinary[200:]))
	file = []byte(strings.ToValidUTF8(string(file), ""))
	b.ReportAllocs()
	for b.Loop() {
		if doc, problems := frontmatter.Parse(file, frontmatter.Options{}); len(doc.Order) != 3 || problems != nil {
			b.Fatal(doc, problems)
		}
	}
}

func BenchmarkParseTime(b *testing.B) {
	shanghai, err := time.LoadLocation("Asia/Shanghai")
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, _, err := frontmatter.ParseTime("2016-07-21 15:00:00", shanghai); err != nil {
			b.Fatal(err)
		}
	}
}
