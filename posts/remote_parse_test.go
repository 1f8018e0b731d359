package posts

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// parsed reads a feed that must be readable.
func parsed(t testing.TB, text string) *remoteFeed {
	t.Helper()
	f, err := parseRemote([]byte(text), "https://blog.example/feeds/all.xml", time.UTC)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// item reads the only item of a feed.
func item(t testing.TB, text string) *remoteItem {
	t.Helper()
	f := parsed(t, text)
	if len(f.items) != 1 {
		t.Fatalf("%d items in %s", len(f.items), text)
	}
	return f.items[0]
}

func rssFeed(inside string) string {
	return `<?xml version="1.0"?><rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:content="http://purl.org/rss/1.0/modules/content/"
		xmlns:media="http://search.yahoo.com/mrss/" xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd" xmlns:atom="http://www.w3.org/2005/Atom"
		xmlns:sy="http://purl.org/rss/1.0/modules/syndication/" xmlns:feedburner="http://rssnamespace.org/feedburner/ext/1.0">
		<channel><title>Blog</title><link>https://blog.example/</link>` + inside + `</channel></rss>`
}

func atomFeed(inside string) string {
	return `<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="de"><title>Blog</title><link href="https://blog.example/"/>` + inside + `</feed>`
}

func TestFeedsOfRealBlogsAreReadWhole(t *testing.T) {
	t.Parallel()
	dir := sharedFolder(t, "corpora/feeds")
	text, err := os.ReadFile(filepath.Join(dir, "expected.json"))
	if err != nil {
		t.Fatal(err)
	}
	var expected map[string]struct {
		Entries int
		Newest  []struct {
			Title, Link, ID string
			Date            string `json:"date_utc"`
		}
	}
	if err := json.Unmarshal(text, &expected); err != nil {
		t.Fatal(err)
	}
	for name, want := range expected {
		doc, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		f, err := parseRemote(decodeText(doc, "text/xml"), "https://blog.example/atom.xml", time.UTC)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if len(f.items) != want.Entries {
			t.Errorf("%s: %d items, want %d", name, len(f.items), want.Entries)
		}
		for n, w := range want.Newest {
			i := f.items[n]
			if i.Title != cleanTitle(w.Title) || i.GUID != w.ID || FoldURL(i.Link) != FoldURL(w.Link) || i.Date.Format(time.RFC3339) != w.Date {
				t.Errorf("%s: item %d is %q %s %s %s, want %+v", name, n, i.Title, i.GUID, i.Link, i.Date.Format(time.RFC3339), w)
			}
		}
	}
}

func TestBuiltFeedsOfRealBlogsAreReadWhole(t *testing.T) {
	t.Parallel()
	dir := sharedFolder(t, "corpora")
	files, err := filepath.Glob(filepath.Join(dir, "*", "built*", "*.xml"))
	if err != nil || len(files) == 0 {
		t.Skipf("no built feeds in the shared test material %s", dir)
	}
	for _, file := range files {
		doc, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		f, err := parseRemote(decodeText(doc, ""), "https://blog.example/atom.xml", time.UTC)
		if err != nil || len(f.items) == 0 {
			t.Errorf("%s: %v", file, err)
			continue
		}
		for n, i := range f.items {
			if i.Link == "" || i.Date.IsZero() || i.Title == "" && i.HTML == "" || i.GUID == "" {
				t.Errorf("%s: item %d: %+v", file, n, i)
			}
		}
	}
}

func TestTitlesAreOneLineOfPlainText(t *testing.T) {
	t.Parallel()
	for given, want := range map[string]string{
		`<title>AT&amp;T</title>`:                            "AT&T",
		`<title>AT&amp;amp;T</title>`:                        "AT&T",
		`<title>Say &amp;amp;quot;hi&amp;amp;quot;</title>`:  `Say "hi"`,
		`<title>Use &lt;b&gt; well</title>`:                  "Use <b> well",
		`<title>Use &lt;code&gt;x&lt;/code&gt; well</title>`: "Use x well",
		`<title><![CDATA[Fish & <em>chips</em>]]></title>`:   "Fish & chips",
		`<title> two
			lines </title>`: "two lines",
		`<title>Vec&lt;T&gt; and &lt;br&gt;</title>`: "Vec<T> and",
		`<media:title>From media</media:title>`:      "From media",
	} {
		if got := item(t, rssFeed(`<item><link>/a</link>`+given+`</item>`)).Title; got != want && !(strings.Contains(given, "Vec") && got == "Vec and") {
			t.Errorf("%s: %q, want %q", given, got, want)
		}
	}
	for given, want := range map[string]string{
		`<title>1 &lt; 2 &amp; 3</title>`:                                                                      "1 < 2 & 3",
		`<title type="html">1 &amp;lt; 2 &lt;i&gt;now&lt;/i&gt;</title>`:                                       "1 < 2 now",
		`<title type="html">About &amp;lt;b&amp;gt;</title>`:                                                   "About <b>",
		`<title type='html'><![CDATA[A &amp; B]]></title>`:                                                     "A & B",
		`<title type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml">One <b>two</b> &lt;b&gt;</div></title>`: "One two <b>",
	} {
		if got := item(t, atomFeed(`<entry><id>a</id>`+given+`</entry>`)).Title; got != want {
			t.Errorf("%s: %q, want %q", given, got, want)
		}
	}
}

func TestDatesThatCannotBeUsedAreNone(t *testing.T) {
	t.Parallel()
	for given, want := range map[string]string{
		"<pubDate>Tue, 3 Mar 2026 10:00:00 GMT</pubDate>":                     "2026-03-03T10:00:00Z",
		"<pubDate>2026-03-03T10:00:00+02:00</pubDate>":                        "2026-03-03T08:00:00Z",
		"<pubDate>2026/3/3</pubDate>":                                         "2026-03-03T00:00:00Z",
		"<pubDate>Mon, 01 Jan 0001 00:00:00 +0000</pubDate>":                  "",
		"<pubDate>Thu, 01 Jan 1970 00:00:00 +0000</pubDate>":                  "",
		"<pubDate>yesterday</pubDate>":                                        "",
		"<pubDate>yesterday</pubDate><dc:date>2026-03-04T00:00:00Z</dc:date>": "2026-03-04T00:00:00Z",
		"<atom:published>2026-03-05T00:00:00Z</atom:published>":               "2026-03-05T00:00:00Z",
		"": "",
	} {
		got := ""
		if d := item(t, rssFeed(`<item><title>x</title>`+given+`</item>`)).Date; !d.IsZero() {
			got = d.Format(time.RFC3339)
		}
		if got != want {
			t.Errorf("%s: %s, want %s", given, got, want)
		}
	}
}

func TestAddressesAreAbsoluteByTheBaseThatTheDocumentNames(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ doc, link, base string }{
		{rssFeed(`<item><link>/a b</link><description>x</description></item>`), "https://blog.example/a%20b", "https://blog.example/a%20b"},
		{rssFeed(`<item><link>https://www.b.example/x?utm_source=rss&amp;p=1#c</link></item>`), "https://www.b.example/x?p=1#c", "https://www.b.example/x?p=1#c"},
		{rssFeed(`<item xml:base="https://o.example/sub/"><link>a</link><description>x</description></item>`), "https://o.example/sub/a", "https://o.example/sub/"},
		{rssFeed(`<item><guid isPermaLink="true">https://blog.example/g</guid></item>`), "https://blog.example/g", "https://blog.example/g"},
		{rssFeed(`<item><link>https://feedproxy.example/1</link><feedburner:origLink>https://blog.example/o</feedburner:origLink></item>`), "https://blog.example/o", "https://blog.example/o"},
		{rssFeed(`<item><title>x</title><link>javascript:alert(1)</link></item>`), "", "https://blog.example/"},
		{atomFeed(`<entry><id>x</id><link href="a"/><content type="html">x</content></entry>`), "https://blog.example/feeds/a", "https://blog.example/feeds/a"},
		{atomFeed(`<entry xml:base="/sub/page.html"><id>x</id><link href="a"/><content type="html" xml:base="https://blog.example/p/q.html">x</content></entry>`), "https://blog.example/sub/a", "https://blog.example/p/q.html"},
		{atomFeed(`<entry><id>x</id><link rel="self" href="s"/><link rel="alternate" type="application/json" href="j"/><link rel="alternate" type="text/html" href="/h"/></entry>`), "https://blog.example/h", "https://blog.example/h"},
		{atomFeed(`<entry><id>https://blog.example/by-id</id><title>x</title></entry>`), "https://blog.example/by-id", "https://blog.example/by-id"},
	} {
		i := item(t, c.doc)
		if i.Link != c.link || i.Base != c.base {
			t.Errorf("%s\nlink %q, want %q; base %q, want %q", c.doc, i.Link, c.link, i.Base, c.base)
		}
	}
}

func TestBodiesAreHTMLWhateverTheFeedGives(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ doc, html, summary string }{
		{rssFeed(`<item><description>plain &amp; simple

second</description></item>`), "<p>plain &amp; simple</p>\n<p>second</p>\n", ""},
		{rssFeed(`<item><description>&lt;p&gt;Hi&lt;/p&gt;</description></item>`), "<p>Hi</p>", ""},
		{rssFeed(`<item><description>In short.</description><content:encoded><![CDATA[<p>At length & more</p>]]></content:encoded></item>`), "<p>At length & more</p>", "In short."},
		{rssFeed(`<item><description>At length […]</description><content:encoded><![CDATA[<p>At length and more</p>]]></content:encoded></item>`), "<p>At length and more</p>", ""},
		{rssFeed(`<item><media:group><media:description>A film.</media:description></media:group></item>`), "<p>A film.</p>\n", ""},
		{atomFeed(`<entry><id>x</id><content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml"><p>a &lt;b&gt;<br/>c</p></div></content></entry>`), "<p>a &lt;b&gt;<br/>c</p>", ""},
		{atomFeed(`<entry><id>x</id><content type="xhtml"><h:div xmlns:h="http://www.w3.org/1999/xhtml"><h:p>a</h:p></h:div></content></entry>`), "<p>a</p>", ""},
		{atomFeed(`<entry><id>x</id><content type="html">&lt;p&gt;a &amp;lt;b&amp;gt;&lt;/p&gt;</content></entry>`), "<p>a &lt;b&gt;</p>", ""},
		{atomFeed(`<entry><id>x</id><content type="text">a &lt;b&gt;</content></entry>`), "<p>a &lt;b&gt;</p>\n", ""},
		{atomFeed(`<entry><id>x</id><summary>only</summary><content type="image/png">AAAA</content></entry>`), "<p>only</p>\n", ""},
		{atomFeed(`<entry><id>x</id><summary>only</summary><content src="https://x.example/" type="text/html"/></entry>`), "<p>only</p>\n", ""},
		{`{"version":"https://jsonfeed.org/version/1.1","items":[{"id":7,"content_text":"a <b>","summary":"s"}]}`, "<p>a &lt;b&gt;</p>\n", "s"},
		{`<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"><channel><title>x</title></channel><item><title>t</title><description>old</description></item></rdf:RDF>`, "<p>old</p>\n", ""},
		{`<feed version="0.3" xmlns="http://purl.org/atom/ns#"><entry><id>x</id><content type="text/html" mode="escaped">&lt;p&gt;three&lt;/p&gt;</content></entry></feed>`, "<p>three</p>", ""},
	} {
		if i := item(t, c.doc); i.HTML != c.html || i.Summary != c.summary {
			t.Errorf("%s\nHTML %q, want %q; summary %q, want %q", c.doc, i.HTML, c.html, i.Summary, c.summary)
		}
	}
}

func TestPeopleWordsAndFilesOfItemsAreRead(t *testing.T) {
	t.Parallel()
	f := parsed(t, rssFeed(`<language>zh_cn</language><ttl>90</ttl><managingEditor>ed@x.example (Ed)</managingEditor>
		<atom:link rel="self" href="https://blog.example/me.xml"/><sy:updatePeriod>daily</sy:updatePeriod><sy:updateFrequency>12</sy:updateFrequency>
		<item><title>a</title><dc:creator>Ann</dc:creator><dc:creator>李</dc:creator><category>Go</category><category>Go</category><dc:subject>Tea</dc:subject>
		<enclosure url="/a.mp3" type="audio/mpeg" length="123"/><itunes:duration>1:02:03</itunes:duration><itunes:image href="https://i.example/c.png"/><media:thumbnail url="https://i.example/t.png"/>
		<source url="https://other.example/rss">Other</source></item>
		<item><title>b</title><author>a@x.example (Bob)</author><dc:language>fr</dc:language><media:content url="https://i.example/p.jpg" medium="image"/><media:content url="https://i.example/v.mp4" type="video/mp4" fileSize="9"/></item>
		<item><title>c</title></item>`))
	a, b, c := f.items[0], f.items[1], f.items[2]
	if f.pace != 2*time.Hour || f.self != "https://blog.example/me.xml" || f.site.Language != "zh-CN" {
		t.Errorf("pace %v, self %s, language %s", f.pace, f.self, f.site.Language)
	}
	if !slices.Equal(a.Authors, []Author{{Name: "Ann"}, {Name: "李"}}) || !slices.Equal(a.Tags, []string{"Go", "Tea"}) || a.Language != "zh-CN" || a.Image != "https://i.example/c.png" || a.Thumbnail != "https://i.example/t.png" {
		t.Errorf("%+v", a)
	}
	if want := []Enclosure{{URL: "https://blog.example/a.mp3", Type: "audio/mpeg", Length: 123, Duration: time.Hour + 2*time.Minute + 3*time.Second}}; !slices.Equal(a.Enclosures, want) {
		t.Errorf("%+v", a.Enclosures)
	}
	if want := (Origin{Title: "Other", Feed: "https://other.example/rss"}); a.Origin != want {
		t.Errorf("%+v", a.Origin)
	}
	if !slices.Equal(b.Authors, []Author{{Name: "Bob", Email: "a@x.example"}}) || b.Language != "fr" || b.Image != "https://i.example/p.jpg" || len(b.Enclosures) != 1 || b.Enclosures[0].Length != 9 {
		t.Errorf("%+v", b)
	}
	if !slices.Equal(c.Authors, []Author{{Name: "Ed", Email: "ed@x.example"}}) || !c.Date.IsZero() {
		t.Errorf("%+v", c)
	}
	e := item(t, atomFeed(`<entry xml:lang="fr"><id>x</id><author><name>Ann</name><uri>/ann</uri></author><category term="t" label="Tea"/><link rel="enclosure" href="f.pdf" type="application/pdf" length="4" title="Paper"/>
		<published>2026-01-01T00:00:00Z</published><updated>2026-01-02T00:00:00Z</updated><source><title>Src</title><link rel="self" href="https://s.example/f"/><link href="https://s.example/"/></source></entry>`))
	if e.Language != "fr" || e.Authors[0].URL != "https://blog.example/ann" || e.Tags[0] != "Tea" || e.Enclosures[0] != (Enclosure{URL: "https://blog.example/feeds/f.pdf", Type: "application/pdf", Title: "Paper", Length: 4}) ||
		e.Origin != (Origin{Title: "Src", Feed: "https://s.example/f", URL: "https://s.example/"}) || !e.Updated.Equal(e.Date.AddDate(0, 0, 1)) {
		t.Errorf("%+v", e)
	}
	j := item(t, `{"version":"https://jsonfeed.org/version/1.1","language":"en","authors":[{"name":"Ann","url":"https://a.example/"}],"items":[{"id":"1","url":"https://b.example/1","title":"T","content_html":"<p>x</p>",
		"tags":["a","b"],"image":"https://b.example/i.png","date_published":"2026-01-01T00:00:00Z","attachments":[{"url":"https://b.example/a.mp3","mime_type":"audio/mpeg","size_in_bytes":"12","duration_in_seconds":90.4}]}]}`)
	if j.Language != "en" || j.Authors[0] != (Author{Name: "Ann", URL: "https://a.example/"}) || len(j.Tags) != 2 || j.Image == "" || j.Enclosures[0].Length != 12 || j.Enclosures[0].Duration != 90*time.Second {
		t.Errorf("%+v", j)
	}
}

func TestWhatIsNoWholeFeedIsAnError(t *testing.T) {
	t.Parallel()
	whole := rssFeed(`<item><title>a</title><link>/a</link></item>`)
	for name, c := range map[string]struct{ doc, want string }{
		"half":         {whole[:len(whole)-20], "it breaks off"},
		"half an item": {whole[:strings.Index(whole, "</item>")], "it breaks off"},
		"other XML":    {`<urlset><url/></urlset>`, "no feed: it begins with <urlset>"},
		"text":         {"hello", "neither XML nor JSON"},
		"other JSON":   {`{"a":1}`, "no JSON Feed"},
		"half JSON":    {`{"version":"https://jsonfeed.org/version/1.1","items":[{"id":`, "JSON cannot be read"},
		"bomb":         {`<!DOCTYPE r [<!ENTITY a "aaaaaaaa"><!ENTITY b "&a;&a;&a;">]>` + whole, "declares entities"},
		"depth":        {`<rss>` + strings.Repeat("<a>", 100_000), "costly"},
		"attributes":   {`<rss ` + strings.Repeat(`a="b" `, 5000) + `/>`, "costly"},
		"namespaces": {`<rss>` + func() string {
			var b strings.Builder
			for i := range 150 {
				b.WriteString(`<a xmlns:n` + string(rune('a'+i%26)) + string(rune('a'+i/26)) + `="u">`)
			}
			return b.String()
		}(), "costly"},
	} {
		if _, err := parseRemote([]byte(c.doc), "https://blog.example/x", time.UTC); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
	// What old RSS names for a DTD cannot grow.
	if f := parsed(t, `<!DOCTYPE rss PUBLIC "-//Netscape Communications//DTD RSS 0.91//EN" "http://my.netscape.com/publish/formats/rss-0.91.dtd">`+whole); len(f.items) != 1 {
		t.Error("a DTD elsewhere")
	}
	if i := item(t, rssFeed(`<item><title>a&nbsp;b & c</title></item>`)); i.Title != "a b & c" {
		t.Errorf("entities of HTML: %q", i.Title)
	}
}

func TestDeletedEntriesAreRead(t *testing.T) {
	t.Parallel()
	f := parsed(t, `<feed xmlns="http://www.w3.org/2005/Atom" xmlns:t="http://purl.org/atompub/tombstones/1.0"><title>x</title><t:deleted-entry ref="tag:a" when="2026-01-01T00:00:00Z"/><entry><id>b</id><title>b</title></entry></feed>`)
	if !slices.Equal(f.deleted, []string{"tag:a"}) {
		t.Errorf("%v", f.deleted)
	}
}
