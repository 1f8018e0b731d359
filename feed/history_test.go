package feed_test

import (
	"bytes"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"tidings.example/feed"
)

// archived is where the n-th archive page lies.
func archived(n int) feed.Addresses {
	at := func(name string) string { return fmt.Sprintf("https://blog.example.org/archive/%d/%s", n, name) }
	return feed.Addresses{RSS: at("rss.xml"), Atom: at("atom.xml"), JSON: at("feed.json")}
}

// withdrawn is a feed with a past: posts that are gone, and an archive.
func withdrawn() *feed.Document {
	d := head()
	d.Entries = []feed.Entry{richEntry()}
	d.Deleted = []feed.Tombstone{
		{ID: "tag:blog.example.org,2026-01-01:/posts/older", When: d.Changed.AddDate(0, 0, -2)},
		{ID: "tag:blog.example.org,2026-01-01:/posts/a", When: d.Changed},
		{ID: "no uri <&>", When: d.Changed},
		{ID: "tag:blog.example.org,2026-01-01:/posts/a", When: d.Changed.AddDate(0, 0, -1)},
		{ID: richEntry().ID, When: d.Changed},
		{ID: "tag:blog.example.org,2026-01-01:/posts/undated"},
		{When: d.Changed},
	}
	d.Prev = archived(3)
	return &d
}

// archive is an archive page between two others.
func archive() *feed.Document {
	d := head()
	d.Archive, d.Self, d.Current, d.Prev, d.Next, d.Hubs = true, archived(2), d.Self, archived(1), archived(3), nil
	d.Entries = []feed.Entry{feed.FromRecord(plainRecord(40))}
	return &d
}

func TestAtomNamesWithdrawnPostsOnceTheNewestFirst(t *testing.T) {
	t.Parallel()
	d := withdrawn()
	var got []string
	for _, m := range regexp.MustCompile(`<at:deleted-entry ref="(.*?)" when="(.*?)">`).FindAllSubmatch(encode(t, d, feed.Atom).Bytes, -1) {
		got = append(got, string(m[1])+" "+string(m[2]))
	}
	want := []string{
		"urn:tidings:no%20uri%20%3C%26%3E 2026-03-02T10:00:00+08:00",
		"tag:blog.example.org,2026-01-01:/posts/a 2026-03-02T10:00:00+08:00",
		"tag:blog.example.org,2026-01-01:/posts/older 2026-02-28T10:00:00+08:00",
	}
	slices.Sort(want[:2])
	slices.Sort(got[:min(2, len(got))])
	if !slices.Equal(got, want) {
		t.Errorf("tombstones:\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	for _, f := range []feed.Format{feed.RSS, feed.JSON} {
		if out := encode(t, d, f).Bytes; bytes.Contains(out, []byte("older")) {
			t.Errorf("%s has no words for a deletion:\n%s", f, out)
		}
	}
	slices.Reverse(d.Deleted)
	if !bytes.Equal(encode(t, withdrawn(), feed.Atom).Bytes, encode(t, d, feed.Atom).Bytes) {
		t.Error("the bytes depend on the order in which tombstones come")
	}
}

func TestNamespacesAreDeclaredWhereTheyAreUsed(t *testing.T) {
	t.Parallel()
	plain, lone := head(), archive()
	lone.Prev, lone.Next = feed.Addresses{}, feed.Addresses{}
	for name, c := range map[string]struct {
		d      *feed.Document
		at, fh bool
	}{"plain": {&plain, false, false}, "withdrawn": {withdrawn(), true, false}, "archive": {archive(), false, true}, "lone": {lone, false, false}} {
		for _, f := range []feed.Format{feed.RSS, feed.Atom} {
			out := encode(t, c.d, f).Bytes
			if got := bytes.Contains(out, []byte("xmlns:at=")); got != (c.at && f == feed.Atom) {
				t.Errorf("%s as %s declares the namespace of deletions: %v", name, f, got)
			}
			if got := bytes.Contains(out, []byte("xmlns:fh=")); got != c.fh || got != bytes.Contains(out, []byte("<fh:archive></fh:archive>")) {
				t.Errorf("%s as %s declares the namespace of archives: %v", name, f, got)
			}
		}
	}
}

func TestArchivePagesLeadToTheirNeighboursAndTheFeed(t *testing.T) {
	t.Parallel()
	links := func(d *feed.Document, f feed.Format) (out []string) {
		for _, m := range regexp.MustCompile(`link rel="(\S+)" href="https://blog.example.org/(\S+)" type="(\S+)"`).FindAllSubmatch(encode(t, d, f).Bytes, -1) {
			if rel := string(m[1]); rel != "alternate" && rel != "enclosure" {
				out = append(out, fmt.Sprintf("%s %s %s", rel, m[2], m[3]))
			}
		}
		return out
	}
	for _, f := range []feed.Format{feed.RSS, feed.Atom} {
		name, typ := f.FileName(), f.MediaType()
		want := []string{"self archive/2/" + name + " " + typ, "current " + name + " " + typ, "prev-archive archive/1/" + name + " " + typ, "next-archive archive/3/" + name + " " + typ}
		if got := links(archive(), f); !slices.Equal(got, want) {
			t.Errorf("%s: %q, want %q", f, got, want)
		}
		want = []string{"self " + name + " " + typ, "prev-archive archive/3/" + name + " " + typ}
		if got := links(withdrawn(), f); !slices.Equal(got, want) {
			t.Errorf("%s: %q, want %q", f, got, want)
		}
	}
	for d, want := range map[*feed.Document]string{withdrawn(): "archive/3", archive(): "archive/1"} {
		if out := encode(t, d, feed.JSON).Bytes; !bytes.Contains(out, []byte(`"next_url":"https://blog.example.org/`+want+`/feed.json"`)) {
			t.Errorf("no next_url %s:\n%s", want, out)
		}
	}
}

func TestArchivePagesObeyTheSizeRule(t *testing.T) {
	t.Parallel()
	d := archive()
	for n := range 20 {
		r := plainRecord(41 + n)
		r.Body.HTML = "<p>" + strings.Repeat("word ", 10_000) + "</p>"
		d.Entries = append(d.Entries, feed.FromRecord(r))
	}
	for _, f := range feed.Formats() {
		if out := encode(t, d, f); len(out.Bytes) > feed.DefaultLimit || len(out.Shortened) == 0 || out.Oversize {
			t.Errorf("%s: %d bytes, %d entries shortened", f, len(out.Bytes), len(out.Shortened))
		}
	}
}

func TestHistoryPassesTheJudge(t *testing.T) {
	t.Parallel()
	tool := judge(t, "feedcheck")
	docs := &documents{t: t, dir: t.TempDir()}
	docs.add("archive", archive())
	first := archive()
	first.Prev, first.Entries, first.Changed = feed.Addresses{}, nil, time.Time{}
	docs.add("first and empty", first)
	chained := withdrawn()
	chained.Deleted = nil
	docs.add("chained", chained)
	if report, err := docs.judged(tool, "--strict"); err != nil {
		t.Errorf("%v\n%s", err, complaints(report))
	}
	// The W3C judge is older than RFC 6721: its namespace is the one thing that
	// it may not know.
	gone := &documents{t: t, dir: t.TempDir()}
	gone.add("withdrawn", withdrawn())
	report, err := gone.judged(tool)
	if err != nil {
		t.Errorf("%v\n%s", err, complaints(report))
	}
	for _, l := range strings.Split(string(report), "\n") {
		if strings.HasPrefix(l, "   W ") && !strings.Contains(l, "UnknownNamespace") {
			t.Error(l)
		}
	}
}
