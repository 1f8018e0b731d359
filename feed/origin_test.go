package feed_test

import (
	"strings"
	"testing"

	"tidings.example/feed"
	"tidings.example/posts"
)

// borrowed is an entry of another site's feed.
func borrowed(o posts.Origin) *feed.Document {
	d := head()
	e := richEntry()
	e.Origin = o
	d.Entries = []feed.Entry{e}
	return &d
}

func TestEntriesOfOtherFeedsNameThem(t *testing.T) {
	t.Parallel()
	o := posts.Origin{Title: "Other & <co>", ID: "tag:other.example,2020:feed", Feed: "https://other.example/feed.xml?a=1&b=2", URL: "https://other.example/"}
	for format, want := range map[feed.Format]string{
		feed.RSS:  `<source url="https://other.example/feed.xml?a=1&amp;b=2">Other &#x26; &#x3C;co&#x3E;</source>`,
		feed.Atom: `<source>` + "\n      <id>tag:other.example,2020:feed</id>\n",
		feed.JSON: `"_source":{"about":"https://www.rfc-editor.org/rfc/rfc4287#section-4.2.11","title":"Other & <co>","url":"https://other.example/","feed_url":"https://other.example/feed.xml?a=1&b=2"}`,
	} {
		out, err := feed.Encode(borrowed(o), format)
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.ReplaceAll(string(out.Bytes), "        ", "      "); !strings.Contains(got, want) && format != feed.Atom || format == feed.Atom && !strings.Contains(got, "<id>tag:other.example,2020:feed</id>") {
			t.Errorf("%s: no %s in\n%s", format, want, got)
		}
	}
	// What is the publication's own, and what has no address, is no source.
	for _, own := range []posts.Origin{{}, {Title: "x"}, {Title: "Own", Feed: "https://www.blog.example.org/atom.xml", URL: head().Home}, {Title: "x", Feed: "javascript:1"}} {
		for _, format := range feed.Formats() {
			out, err := feed.Encode(borrowed(own), format)
			if err != nil {
				t.Fatal(err)
			}
			if strings.Contains(string(out.Bytes), "source") {
				t.Errorf("%+v: %s has a source:\n%s", own, format, out.Bytes)
			}
		}
	}
}

func TestEntriesOfOtherFeedsPassTheJudge(t *testing.T) {
	t.Parallel()
	tool := judge(t, "feedcheck")
	docs := &documents{t: t, dir: t.TempDir()}
	docs.add("whole", borrowed(posts.Origin{Title: "Other & <co>", ID: "tag:other.example,2020:feed", Feed: "https://other.example/feed.xml?a=1&b=2", URL: "https://other.example/"}))
	docs.add("bare", borrowed(posts.Origin{ID: "urn:no urn", Feed: "https://other.example/feed.xml"}))
	if report, err := docs.judged(tool, "--strict"); err != nil {
		t.Errorf("%v\n%s", err, complaints(report))
	}
}
