package feed_test

import (
	"encoding/json"
	"encoding/xml"
	"slices"
	"strings"
	"testing"

	"tidings.example/feed"
	"tidings.example/posts"
)

// idsIn returns the ids of the entries of a document, as a reader sees them.
func idsIn(t testing.TB, f feed.Format, doc []byte) (ids []string) {
	t.Helper()
	var err error
	switch f {
	case feed.RSS:
		var d struct {
			Items []struct {
				GUID string `xml:"guid"`
			} `xml:"channel>item"`
		}
		err = xml.Unmarshal(doc, &d)
		for _, it := range d.Items {
			ids = append(ids, it.GUID)
		}
	case feed.Atom:
		var d struct {
			Entries []struct {
				ID string `xml:"id"`
			} `xml:"entry"`
		}
		err = xml.Unmarshal(doc, &d)
		for _, e := range d.Entries {
			ids = append(ids, e.ID)
		}
	default:
		var d struct{ Items []struct{ ID string } }
		err = json.Unmarshal(doc, &d)
		for _, it := range d.Items {
			ids = append(ids, it.ID)
		}
	}
	if err != nil {
		t.Fatal(err)
	}
	return ids
}

func TestIDsThatReadersHoldAreShownToTheLetter(t *testing.T) {
	t.Parallel()
	const own = "tag:blog.example.org,2026-03-01:/posts/git"
	for _, c := range []struct {
		shown           posts.GUIDs
		rss, atom, json string
	}{
		{posts.GUIDs{}, own, own, own},
		{posts.GUIDs{Any: "http://blog.example.org/?p=7&x=<1>"}, "http://blog.example.org/?p=7&x=<1>", "http://blog.example.org/?p=7&x=<1>", "http://blog.example.org/?p=7&x=<1>"},
		{posts.GUIDs{Any: "https://blog.example.org/中文/ a"}, "https://blog.example.org/中文/ a", "https://blog.example.org/中文/ a", "https://blog.example.org/中文/ a"},
		{posts.GUIDs{Any: "4711"}, "4711", "urn:tidings:4711", "4711"},
		{posts.GUIDs{Atom: "4711"}, own, "4711", own},
		{posts.GUIDs{Any: "urn:uuid:1", RSS: " 12 ", JSON: "https://blog.example.org/git"}, "12", "urn:uuid:1", "https://blog.example.org/git"},
		{posts.GUIDs{Any: "a\x01b"}, "ab", "urn:tidings:ab", "ab"},
	} {
		d := head()
		e := richEntry()
		e.Shown = c.shown
		d.Entries = []feed.Entry{e}
		d.Deleted = []feed.Tombstone{{ID: own + "/gone", Shown: posts.GUIDs{Any: "https://old.example.org/gone"}, When: d.Changed}}
		for f, want := range map[feed.Format]string{feed.RSS: c.rss, feed.Atom: c.atom, feed.JSON: c.json} {
			doc := encode(t, &d, f).Bytes
			if got := idsIn(t, f, doc); !slices.Equal(got, []string{want}) {
				t.Errorf("%+v as %s: %q, want %q", c.shown, f, got, want)
			}
			if f == feed.Atom && !strings.Contains(string(doc), `deleted-entry ref="https://old.example.org/gone"`) {
				t.Error("the tombstone has another id than the entry had")
			}
		}
	}
}

func TestOfTwoEntriesWithOneIDTheFirstReleasedKeepsIt(t *testing.T) {
	t.Parallel()
	d := head()
	for n := range 3 {
		e := richEntry()
		e.ID += strings.Repeat("x", n)
		e.Seq = int64(7 - n)
		e.Shown.Any = "https://blog.example.org/git/"
		d.Entries = append(d.Entries, e)
	}
	got := idsIn(t, feed.RSS, encode(t, &d, feed.RSS).Bytes)
	if want := []string{d.Entries[0].ID, d.Entries[1].ID, "https://blog.example.org/git/"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}
