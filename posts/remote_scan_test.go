package posts_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"tidings.example/posts"
)

func TestItemsThatLeaveTheFeedStay(t *testing.T) {
	t.Parallel()
	w := newRemoteWorld(t)
	w.shows(entry("c", 1), entry("b", 2), entry("a", 3))
	counts(t, w.scan(), 3)
	id := w.record("Title a").ID
	w.shows(entry("e", 0), entry("d", 0), entry("c", 1))
	counts(t, w.scan(), 2)
	w.shows(entry("f", 0))
	counts(t, w.scan(), 1)
	if got := w.record("Title a"); got.ID != id || !got.Present || !got.Withdrawn.IsZero() || got.URL != "https://planet.example/a/" {
		t.Errorf("%+v", got)
	}
	if got := w.record("Title f"); !got.Mailable || got.Seq != 6 || got.Origin.Title != "Planet" || got.Origin.URL != "https://planet.example/" {
		t.Errorf("%+v", got)
	}
	// What comes back into the feed is no news.
	w.shows(entry("f", 0), entry("a", 3))
	counts(t, w.scan())
}

func TestAnEditedItemIsAnEditAndRenderedFromWhatIsKept(t *testing.T) {
	t.Parallel()
	w := newRemoteWorld(t)
	w.shows(entry("a", 3), entry("b", 2))
	w.scan()
	w.shows(entry("a", 3, "description", "&lt;p>Better &lt;a href='x'>text&lt;/a>.&lt;script>alert(1)&lt;/script>&lt;/p>"))
	counts(t, w.scan(), 0, 1)
	w.shows(entry("c", 0)) // a and b have left before they are rendered
	w.scan()
	opt := w.o
	opt.Now = w.now
	r, err := posts.OpenRemote(t.Context(), opt)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	s := posts.Scanner{Name: opt.Name, Source: r, Ledger: w.db, Bodies: w.db, Renderer: "r1"}
	if n, problems, err := s.Render(t.Context(), posts.Want{All: true}); n != 3 || len(problems) != 0 || err != nil {
		t.Fatalf("%d rendered, %v, %v", n, problems, err)
	}
	got, err := w.db.PostsByID(t.Context(), w.record("Title a").ID)
	if err != nil {
		t.Fatal(err)
	}
	if want := `<p>Better <a href="https://planet.example/a/x">text</a>.</p>`; got[0].Body.HTML != want || got[0].Body.Summary != "Better text." {
		t.Errorf("%+v, want %s", got[0].Body, want)
	}
}

func TestChangedGUIDsBringNoPostBackAsNew(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(word string, days int) string{
		"GUIDs":         func(word string, days int) string { return entry(word, days, "guid", "new-"+word) },
		"none any more": func(word string, days int) string { return entry(word, days, "guid", "") },
		"GUIDs and https": func(word string, days int) string {
			return entry(word, days, "guid", "2"+word, "link", "http://planet.example/"+word)
		},
		"GUIDs and pages": func(word string, days int) string {
			return entry(word, days, "guid", "3"+word, "link", "https://moved.example/p/"+word)
		},
		"all but page and title": func(word string, days int) string {
			return entry(word, days-1, "guid", "4"+word, "description", "Other text of "+word)
		},
	} {
		w := newRemoteWorld(t)
		var old, moved []string
		for i := range 8 {
			old, moved = append(old, entry(fmt.Sprint("p", i), 30+i)), append(moved, change(fmt.Sprint("p", i), 30+i))
		}
		w.shows(old...)
		w.scan()
		ids := map[string]string{}
		for _, r := range w.records() {
			ids[r.Title] = r.ID
		}
		w.shows(append(moved, entry("fresh", 0))...)
		r := w.scan()
		if r.New != 1 || r.Withdrawn+r.Removed != 0 || r.Hold != "" {
			t.Errorf("%s: %+v", name, r)
		}
		for i := range 8 {
			if got := w.record(fmt.Sprint("Title p", i)); got.ID != ids[got.Title] || !got.Withdrawn.IsZero() {
				t.Errorf("%s: %+v", name, got)
			}
		}
		if r := w.scan(); r.Changed() {
			t.Errorf("%s: once more: %+v", name, r)
		}
	}
}

func TestAGUIDOfSeveralItemsIsToldAndTheItemsStayApart(t *testing.T) {
	t.Parallel()
	w := newRemoteWorld(t)
	same := []string{"guid", "https://planet.example/"}
	w.shows(entry("b", 2, same...), entry("a", 3, same...), entry("a", 3, same...))
	r := w.scan()
	counts(t, r, 2)
	if len(r.Problems) != 1 || !r.Problems[0].Warning || !strings.Contains(r.Problems[0].Message, "GUID of several items") {
		t.Errorf("%+v", r.Problems)
	}
	a, b := w.record("Title a").ID, w.record("Title b").ID
	w.shows(entry("c", 0, same...), entry("b", 2, same...))
	counts(t, w.scan(), 1)
	w.shows(entry("d", 1, same...)) // alone, with a GUID that others had
	counts(t, w.scan(), 1)
	w.shows(entry("e", 0, same...))
	counts(t, w.scan(), 1)
	if w.record("Title a").ID != a || w.record("Title b").ID != b || len(w.records()) != 5 {
		t.Errorf("%v", w.posts())
	}
	counts(t, w.scan())
}

// Some feeds give one GUID and one page to all that they show, or none and the
// first page of the site: what is new there is no edit of what was.
func TestItemsThatShareGUIDAndPageStayApart(t *testing.T) {
	t.Parallel()
	for name, same := range map[string][]string{
		"one of all":           {"guid", "daily", "link", "https://planet.example/daily"},
		"the first page":       {"guid", "daily", "link", "https://planet.example/"},
		"no GUID":              {"guid", "", "link", "https://planet.example/"},
		"the first page, GUID": {"guid", "https://planet.example/", "link", "https://planet.example/"},
	} {
		w := newRemoteWorld(t)
		w.shows(entry("c", 1, same...), entry("b", 2, same...), entry("a", 3, same...))
		counts(t, w.scan(), 3)
		w.shows(entry("d", 0, same...), entry("c", 1, same...), entry("b", 2, same...))
		counts(t, w.scan(), 1)
		w.shows(entry("c", 1, append(same, "description", "Edited.")...), entry("b", 2, same...))
		counts(t, w.scan(), 0, 1)
		counts(t, w.scan())
		if strings.HasSuffix(same[3], "/") {
			w.shows(entry("e", 0, same...)) // alone: the page tells nothing
			counts(t, w.scan(), 1)
			w.shows(entry("f", -1, same...))
			counts(t, w.scan(), 1)
		}
		for _, word := range []string{"a", "b", "c", "d"} {
			if got := w.record("Title " + word); !got.Present || !got.Withdrawn.IsZero() {
				t.Errorf("%s: %+v", name, got)
			}
		}
	}
}

func TestADeletedEntryIsFoundByItsIDHoweverItIsWritten(t *testing.T) {
	t.Parallel()
	const head = `<feed xmlns="http://www.w3.org/2005/Atom" xmlns:at="http://purl.org/atompub/tombstones/1.0"><title>Planet</title><link href="https://planet.example/"/>`
	long := "https://planet.example/?q=" + strings.Repeat("x", 400)
	one := func(id, title string) string {
		return `<entry><id>` + id + `</id><title>` + title + `</title><updated>2026-03-09T00:00:00Z</updated><content>About ` + title + `</content></entry>`
	}
	w := newRemoteWorld(t)
	w.says(body(head + one("\n urn:a\t b ", "A") + one(long, "B") + one("urn:c", "C") + `</feed>`))
	w.scan()
	w.says(body(head + `<at:deleted-entry ref=" urn:a b" when="2026-03-10T00:00:00Z"/><at:deleted-entry ref="` + long + `" when="2026-03-10T00:00:00Z"/>` + one("urn:c", "C") + `</feed>`))
	counts(t, w.scan(), 0, 0, 0, 0, 0, 2)
}

func TestItemsWithoutGUIDLinkDateOrTitleAreStillThemselves(t *testing.T) {
	t.Parallel()
	w := newRemoteWorld(t)
	items := []string{entry("a", 3, "guid", "", "link", ""), entry("b", 2, "guid", "", "pubDate", "soon"), entry("c", 1, "title", "", "guid", ""), entry("d", 1, "title", "", "guid", "", "link", "", "pubDate", "")}
	w.shows(items...)
	counts(t, w.scan(), 4)
	counts(t, w.scan())
	w.shows(items[0], entry("b", 2, "guid", "", "pubDate", "soon", "description", "Edited."), items[3])
	counts(t, w.scan(), 0, 1)
	if a := w.record("Title a"); !strings.HasPrefix(a.URL, "https://planet.example/#") || a.Seq == 0 {
		t.Errorf("%+v", a)
	}
}

func TestFiveOldItemsAtOnceAreHeldUntilAccepted(t *testing.T) {
	t.Parallel()
	w := newRemoteWorld(t)
	w.shows(entry("a", 1))
	w.scan()
	items := []string{entry("a", 1)}
	for i := range 5 {
		items = append(items, entry(fmt.Sprint("old", i), 100+i))
	}
	w.shows(items...)
	if r := w.scan(); !strings.Contains(r.Hold, "5 posts dated more than 14 days ago") || len(w.records()) != 1 {
		t.Fatalf("%+v", r)
	}
	w.says(status(http.StatusNotModified)) // the kept answer is enough to accept it
	r, err := w.try(posts.ScanOptions{Accept: true})
	if err != nil {
		t.Fatal(err)
	}
	counts(t, r, 5)
	for _, r := range w.records() {
		if r.Mailable {
			t.Errorf("%s would be mailed", r.Title)
		}
	}
}

func TestDeletedEntriesAreWithdrawn(t *testing.T) {
	t.Parallel()
	const head = `<feed xmlns="http://www.w3.org/2005/Atom" xmlns:at="http://purl.org/atompub/tombstones/1.0"><title>Planet</title><link href="https://planet.example/"/>`
	one := func(word string) string {
		return `<entry><id>tag:` + word + `</id><title>Title ` + word + `</title><link href="https://planet.example/` + word + `"/><updated>2026-03-09T00:00:00Z</updated><content>x` + word + `</content></entry>`
	}
	w := newRemoteWorld(t)
	w.says(body(head + one("a") + one("b") + `</feed>`))
	w.scan()
	w.says(body(head + one("a") + `<at:deleted-entry ref="tag:b" when="2026-03-10T00:00:00Z"/></feed>`))
	counts(t, w.scan(), 0, 0, 0, 0, 0, 1)
	counts(t, w.scan())
	w.says(body(head + one("a") + one("b") + `</feed>`))
	counts(t, w.scan(), 0, 0, 0, 0, 1)
}

func TestTheFeedSpeaksForItself(t *testing.T) {
	t.Parallel()
	w := newRemoteWorld(t)
	w.shows(entry("a", 1))
	opt := w.o
	opt.Now = w.now
	r, err := posts.OpenRemote(t.Context(), opt)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if s := r.Site(); s.URL != "" || s.Title != "" {
		t.Errorf("before the first answer: %+v", s)
	}
	if err := r.Introduce(t.Context()); err != nil {
		t.Fatal(err)
	}
	if s := r.Site(); s.URL != "https://planet.example/" || s.Title != "Planet" || s.Kind != posts.Feed {
		t.Errorf("%+v", s)
	}
	counts(t, w.scan(), 1) // what was asked before the scan is not lost
	if n := len(w.requests()); n != 2 {
		t.Errorf("%d requests", n)
	}
	w.now = w.now.Add(time.Minute)
	if _, err := w.tryNow(posts.ScanOptions{}); err != nil {
		t.Error(err)
	}
	if n := len(w.requests()); n != 0 {
		t.Errorf("%d requests a minute later", n)
	}
}
