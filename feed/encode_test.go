package feed_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"encoding/xml"
	"flag"
	"fmt"
	"html"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/mmcdole/gofeed"

	"tidings.example/feed"
	"tidings.example/posts"
)

var update = flag.Bool("update", false, "write the golden files anew")

func encode(t testing.TB, d *feed.Document, f feed.Format) feed.Encoded {
	t.Helper()
	out, err := feed.Encode(d, f)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// everything is a document of all nasty records and a rich entry.
func everything() *feed.Document {
	d := head()
	records := nasty()
	for _, name := range slices.Sorted(maps.Keys(records)) {
		d.Entries = append(d.Entries, feed.FromRecord(records[name]))
	}
	d.Entries = append(d.Entries, richEntry(), feed.FromRecord(formulas()))
	d.Entries[len(d.Entries)-1].ID += "-formulas"
	return &d
}

func TestDocumentsAreWhatTheyWere(t *testing.T) {
	t.Parallel()
	empty := head()
	for name, d := range map[string]*feed.Document{"everything": everything(), "empty": &empty, "withdrawn": withdrawn(), "archive": archive()} {
		for _, f := range feed.Formats() {
			golden := filepath.Join("testdata", name+"."+f.String())
			got := encode(t, d, f).Bytes
			if *update {
				if err := os.WriteFile(golden, got, 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), string(got)); diff != "" {
				t.Errorf("%s (write it anew with -update):\n%s", golden, diff)
			}
		}
	}
}

// digest is what two processes must agree on.
func digest(t *testing.T) string {
	sum := sha256.New()
	for _, f := range feed.Formats() {
		sum.Write(encode(t, everything(), f).Bytes)
	}
	return fmt.Sprintf("digest:%x", sum.Sum(nil))
}

func TestTwoProcessesWriteTheSameBytes(t *testing.T) {
	if os.Getenv("FEED_TEST_DIGEST") != "" {
		fmt.Println(digest(t))
		return
	}
	t.Parallel()
	cmd := exec.Command(os.Args[0], "-test.run=^TestTwoProcessesWriteTheSameBytes$")
	cmd.Env = append(os.Environ(), "FEED_TEST_DIGEST=1", "TZ=America/New_York", "LANG=tr_TR.UTF-8")
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	if want := digest(t); !strings.Contains(string(out), want) {
		t.Errorf("the other process has\n%s, this one %s", out, want)
	}
}

func TestOrderOfEntriesDoesNotMatter(t *testing.T) {
	t.Parallel()
	d, turned := everything(), everything()
	slices.Reverse(turned.Entries)
	for _, f := range feed.Formats() {
		if !bytes.Equal(encode(t, d, f).Bytes, encode(t, turned, f).Bytes) {
			t.Errorf("%s: the bytes depend on the order in which entries come", f)
		}
	}
}

func TestEncodeLeavesTheDocumentAlone(t *testing.T) {
	t.Parallel()
	d := everything()
	d.Limit = 5000
	for _, f := range feed.Formats() {
		encode(t, d, f)
	}
	want := everything()
	want.Limit = 5000
	if diff := cmp.Diff(want, d, cmp.Comparer(func(a, b *time.Location) bool { return a.String() == b.String() })); diff != "" {
		t.Error(diff)
	}
}

// A post that no document has a place for costs no other one its text.
func TestAGiantGivesUpItsOwnText(t *testing.T) {
	t.Parallel()
	d := head()
	for i := range 5 {
		r := plainRecord(i + 1)
		if i == 4 { // the newest
			r.Body.HTML = "<p>" + strings.Repeat("giant ", 200_000) + "</p>"
		}
		d.Entries = append(d.Entries, feed.FromRecord(r))
	}
	for _, f := range feed.Formats() {
		out := encode(t, &d, f)
		if len(out.Shortened) != 1 || out.Shortened[0] != d.Entries[4].ID || out.Oversize {
			t.Errorf("%s: %q gave up their texts", f, out.Shortened)
		}
	}
}

func TestTextThatLooksLikeHTMLIsDeclaredInAtom(t *testing.T) {
	t.Parallel()
	for s, kind := range map[string]string{"a < b & c, Vec<T>": "", "<script>x</script>": ` type="html"`, "AT&T 2>&1": ""} {
		d := head()
		r := plainRecord(1)
		r.Title, r.Body.Summary = s, s
		d.Entries = []feed.Entry{feed.FromRecord(r)}
		out := string(encode(t, &d, feed.Atom).Bytes)
		if n := strings.Count(out, "<title"+kind+">") + strings.Count(out, "<summary"+kind+">"); n < 2 {
			t.Errorf("%q: %d are declared %q:\n%s", s, n, kind, out)
		}
		read, err := gofeed.NewParser().ParseString(out)
		if err != nil || html.UnescapeString(read.Items[0].Description) != html.UnescapeString(s) {
			t.Errorf("%q is read as %+v, %v", s, read.Items, err)
		}
	}
}

func TestLargeFeedGivesUpItsOldestTextsFirst(t *testing.T) {
	t.Parallel()
	d := head()
	for i := range 9 {
		r := plainRecord(i + 1)
		r.Body.HTML = "<p>" + strings.Repeat(`a "quoted" &amp; &lt;b&gt; 中`+"\n", 3000) + "</p>" // 0.1 MB
		d.Entries = append(d.Entries, feed.FromRecord(r))
	}
	for _, f := range feed.Formats() {
		out := encode(t, &d, f)
		if len(out.Bytes) > feed.DefaultLimit || out.Oversize {
			t.Errorf("%s: %d bytes", f, len(out.Bytes))
		}
		kept := bytes.Count(out.Bytes, []byte(`a `)) / 3000
		if n := len(out.Shortened); n == 0 || kept == 0 || n+kept != 9 {
			t.Errorf("%s: %d texts kept, %d shortened", f, kept, n)
		}
		for i, id := range out.Shortened {
			if want := d.Entries[i].ID; id != want {
				t.Errorf("%s: shortened %s, want %s", f, id, want)
			}
		}
		// One text more would have been too many.
		d := d
		d.Limit = -1
		d.Entries = slices.Clone(d.Entries)
		for i := range len(out.Shortened) - 1 {
			d.Entries[i].HTML = ""
		}
		if n := len(encode(t, &d, f).Bytes); n <= feed.DefaultLimit {
			t.Errorf("%s: %d texts were shortened, one less would do: %d bytes", f, len(out.Shortened), n)
		}
	}
}

func TestHugeTextWithoutSummaryBecomesALink(t *testing.T) {
	t.Parallel()
	d := head()
	r := plainRecord(1)
	r.Body = posts.Body{HTML: "<pre>" + strings.Repeat("x", 3<<20) + "</pre>"}
	d.Entries = []feed.Entry{feed.FromRecord(r)}
	for _, f := range feed.Formats() {
		out := encode(t, &d, f)
		if len(out.Bytes) > 10000 || !slices.Equal(out.Shortened, []string{r.ID}) {
			t.Errorf("%s: %d bytes, shortened %q", f, len(out.Bytes), out.Shortened)
		}
		if !bytes.Contains(out.Bytes, []byte(r.URL)) {
			t.Errorf("%s: no way to the post", f)
		}
	}
}

func TestFeedTooLargeEvenInSummariesSaysSo(t *testing.T) {
	t.Parallel()
	d := head()
	d.Limit = 100
	d.Entries = []feed.Entry{feed.FromRecord(plainRecord(1))}
	for _, f := range feed.Formats() {
		if out := encode(t, &d, f); !out.Oversize || len(out.Shortened) != 1 {
			t.Errorf("%s: oversize %v, shortened %q", f, out.Oversize, out.Shortened)
		}
	}
}

func TestEntriesNeedAnIDOfTheirOwn(t *testing.T) {
	t.Parallel()
	none, twice, anonymous := head(), head(), head()
	none.ID = ""
	twice.Entries = []feed.Entry{richEntry(), richEntry()}
	anonymous.Entries = []feed.Entry{{Title: "A"}}
	for want, d := range map[string]*feed.Document{
		"has no id (want a tag: URI)": &none, "two entries have the id": &twice, `the entry "A" has no id`: &anonymous,
	} {
		if _, err := feed.Encode(d, feed.RSS); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q", err, want)
		}
	}
}

func TestDatesAreInTheZoneAndNeverInTheFuture(t *testing.T) {
	t.Parallel()
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	d := head()
	d.Zone = berlin
	r := plainRecord(1)
	r.Date = time.Date(2026, 1, 1, 23, 30, 0, 5e8, time.UTC)
	r.Updated = time.Date(2031, 1, 1, 0, 0, 0, 0, time.UTC)
	d.Entries = []feed.Entry{feed.FromRecord(r)}
	got := string(encode(t, &d, feed.RSS).Bytes)
	for _, want := range []string{
		"<pubDate>Fri, 02 Jan 2026 00:30:00 +0100</pubDate>",
		"<atom:updated>2026-03-01T02:00:00+01:00</atom:updated>", // the release, not 2031
		"<lastBuildDate>Mon, 02 Mar 2026 03:00:00 +0100</lastBuildDate>",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("no %s in\n%s", want, got)
		}
	}
}

func TestZoneOfOddSecondsIsWrittenAsUTC(t *testing.T) {
	t.Parallel()
	d := head()
	d.Zone = time.FixedZone("LMT", 8*3600+343)
	if got := string(encode(t, &d, feed.Atom).Bytes); !strings.Contains(got, "<updated>2026-03-02T02:00:00Z</updated>") {
		t.Error(got)
	}
}

// updatedDates returns the dates of an Atom feed by id.
func updatedDates(t *testing.T, d *feed.Document) map[string]string {
	t.Helper()
	var doc struct {
		Entries []struct {
			ID      string `xml:"id"`
			Updated string `xml:"updated"`
		} `xml:"entry"`
	}
	if err := xml.Unmarshal(encode(t, d, feed.Atom).Bytes, &doc); err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	for _, e := range doc.Entries {
		out[e.ID] = e.Updated
	}
	return out
}

// A reader tells an edit by the date: it must not move because of neighbours.
func TestUpdatedDatesDifferAndStayWhenNeighboursComeAndGo(t *testing.T) {
	t.Parallel()
	day := func(edited bool, seqs ...int) *feed.Document {
		d := head()
		for _, n := range seqs {
			r := plainRecord(n)
			r.Date = time.Date(2026, 2, 1, 0, 0, 0, 0, shanghai)
			if edited { // all in one scan
				r.Edited = r.Released.Add(time.Hour).Truncate(time.Hour).Add(123 * time.Millisecond)
			}
			d.Entries = append(d.Entries, feed.FromRecord(r))
		}
		return &d
	}
	for _, edited := range []bool{false, true} {
		before := updatedDates(t, day(edited, 4, 5, 9, 1004)) // 5 and 1004 would like the same millisecond
		if got := slices.Compact(slices.Sorted(maps.Values(before))); len(got) != 4 {
			t.Errorf("dates %q", got)
		}
		for name, d := range map[string]*feed.Document{
			"one joins": day(edited, 4, 5, 9, 1004, 1005), "an older one joins": day(edited, 3, 4, 5, 9, 1004),
			"two leave": day(edited, 4, 9), "the oldest leaves": day(edited, 5, 9, 1004), "all but one leave": day(edited, 1004),
		} {
			for id, date := range updatedDates(t, d) {
				if before[id] != "" && before[id] != date {
					t.Errorf("%s (edited: %t): %s was updated %s and is now %s", name, edited, id, before[id], date)
				}
			}
		}
	}
}

func TestLedgerBoundsTheDatesOfAPost(t *testing.T) {
	t.Parallel()
	r := plainRecord(1)
	r.Date, r.Edited = r.Released.AddDate(1, 0, 0), r.Released.AddDate(0, 1, 0)
	r.Updated = r.Released.AddDate(9, 0, 0)
	r.Thumbnail, r.Enclosures = "https://blog.example.org/s.png", []posts.Enclosure{{URL: "https://blog.example.org/a.mp3", Length: 7}}
	if e := feed.FromRecord(r); e.Thumbnail.URL != r.Thumbnail || !slices.Equal(e.Enclosures, r.Enclosures) {
		t.Errorf("files: %+v", e)
	}
	if e := feed.FromRecord(r); !e.Published.Equal(r.Released) || !e.Updated.Equal(r.Edited) {
		t.Errorf("published %v, updated %v", e.Published, e.Updated)
	}
	d := head()
	e := richEntry()
	e.Seq, e.Published, e.Updated = 0, d.Changed.AddDate(1, 0, 0), d.Changed.AddDate(2, 0, 0)
	d.Entries = []feed.Entry{e}
	if got := updatedDates(t, &d)[e.ID]; got != d.Changed.Format(time.RFC3339) {
		t.Errorf("an entry without a ledger is dated %s, the feed %s", got, d.Changed)
	}
}

func TestTextSurvivesAllThreeFormats(t *testing.T) {
	t.Parallel()
	const title, html = `a < b & c > d "e" ]]> &amp; 中👩‍👩‍👧‍👦`, "<p>]]&gt; ]]> &amp;amp; \"q\"\n\tz</p>"
	d := head()
	e := richEntry()
	e.Title, e.HTML, e.Summary, e.Image = title, html, title, feed.Picture{}
	d.Entries = []feed.Entry{e}

	var rss struct {
		Title   string `xml:"channel>item>title"`
		Content string `xml:"channel>item>encoded"`
		Summary string `xml:"channel>item>description"`
	}
	var atom struct {
		Title   string `xml:"entry>title"`
		Content string `xml:"entry>content"`
		Summary string `xml:"entry>summary"`
	}
	var js struct {
		Items []struct {
			Title, Summary string
			Content        string `json:"content_html"`
		}
	}
	for f, v := range map[feed.Format]any{feed.RSS: &rss, feed.Atom: &atom} {
		if err := xml.Unmarshal(encode(t, &d, f).Bytes, v); err != nil {
			t.Fatal(err)
		}
	}
	if err := json.Unmarshal(encode(t, &d, feed.JSON).Bytes, &js); err != nil {
		t.Fatal(err)
	}
	escaped := strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace(title)
	got := []string{rss.Title, rss.Content, rss.Summary, atom.Title, atom.Content, atom.Summary, js.Items[0].Title, js.Items[0].Content, js.Items[0].Summary}
	want := []string{title, html, escaped, title, html, title, title, html, title}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}
