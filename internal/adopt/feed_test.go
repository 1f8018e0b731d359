package adopt

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/unicode"
)

const rss = `<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0"><channel><title>Blog</title><link>https://blog.example.org/</link>
<item><title>标题 &amp; more</title><link>/a/</link><guid isPermaLink="false"> 4711中 文</guid><pubDate>Fri, 02 Jan 2026 08:00:00 +0800</pubDate></item>
<item><title>No guid</title><link>https://blog.example.org/b/?p=1&amp;q=2</link></item>
</channel></rss>`

const atomFeed = `<?xml version="1.0" encoding="UTF-8"?>
<feed xmlns="http://www.w3.org/2005/Atom" xml:base="https://blog.example.org/sub/"><title>Blog</title><id>https://blog.example.org/feed</id><updated>2026-01-03T00:00:00Z</updated>
<entry><title>Base</title><id>x/1</id></entry>
<entry><title type="html">A &amp;amp; B</title><id>urn:uuid:1</id><link href="a/"/><published>2026-01-02T00:00:00Z</published><updated>2026-01-03T00:00:00Z</updated></entry>
<entry><title>Other</title><id>https://blog.example.org/中文/</id><link href="/b/"/><updated>2026-01-01T00:00:00Z</updated></entry></feed>`

const jsonFeed = `{"version":"https://jsonfeed.org/version/1.1","title":"Blog","home_page_url":"https://blog.example.org/","items":[
{"id":"7","url":"https://blog.example.org/a/","title":"A","content_text":"x","date_published":"2026-01-02T08:00:00+08:00"},
{"id":"https://blog.example.org/b","content_text":"y"}]}`

func day(s string) time.Time {
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		panic(err)
	}
	return t
}

func TestFeedsOfEveryFormatAreRead(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]Feed{
		rss: {Format: "rss", Title: "Blog", Entries: []Entry{
			{ID: "4711中 文", URL: "https://blog.example.org/a/", Title: "标题 & more", Date: day("2026-01-02T00:00:00Z")},
			{ID: "https://blog.example.org/b/?p=1&q=2", URL: "https://blog.example.org/b/?p=1&q=2", Title: "No guid"}}},
		atomFeed: {Format: "atom", ID: "https://blog.example.org/feed", Title: "Blog", Entries: []Entry{
			{ID: "x/1", Title: "Base"}, {ID: "urn:uuid:1", URL: "https://blog.example.org/sub/a/", Title: "A & B", Date: day("2026-01-02T00:00:00Z")},
			{ID: "https://blog.example.org/中文/", URL: "https://blog.example.org/b/", Title: "Other", Date: day("2026-01-01T00:00:00Z")}}},
		strings.Replace(atomFeed, ` xml:base="https://blog.example.org/sub/"`, "", 1): {Format: "atom", ID: "https://blog.example.org/feed", Title: "Blog", Entries: []Entry{
			{ID: "x/1", Title: "Base"}, {ID: "urn:uuid:1", URL: "https://blog.example.org/a/", Title: "A & B", Date: day("2026-01-02T00:00:00Z")},
			{ID: "https://blog.example.org/中文/", URL: "https://blog.example.org/b/", Title: "Other", Date: day("2026-01-01T00:00:00Z")}}},
		jsonFeed: {Format: "json", Title: "Blog", Entries: []Entry{
			{ID: "7", URL: "https://blog.example.org/a/", Title: "A", Date: day("2026-01-02T00:00:00Z")},
			{ID: "https://blog.example.org/b"}}},
	} {
		got, err := Parse([]byte(text), "", "https://blog.example.org/feed.xml")
		if err != nil {
			t.Fatal(err)
		}
		if a, b := shown(t, *got), shown(t, want); a != b {
			t.Errorf("have %s\nwant %s", a, b)
		}
	}
}

func shown(t *testing.T, f Feed) string {
	t.Helper()
	text, err := json.MarshalIndent(f, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestFeedsOfEveryEncodingAreRead(t *testing.T) {
	t.Parallel()
	encode := func(e encoding.Encoding, text string) []byte {
		out, err := e.NewEncoder().Bytes([]byte(text))
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	bare := strings.Replace(rss, ` encoding="UTF-8"`, "", 1)
	for name, c := range map[string]struct {
		text        []byte
		contentType string
	}{
		"declared":            {encode(simplifiedchinese.GB18030, strings.Replace(rss, "UTF-8", "GBK", 1)), ""},
		"announced":           {encode(simplifiedchinese.GB18030, bare), "text/xml; charset=gb2312"},
		"announced wrongly":   {[]byte(rss), "text/xml; charset=utf-8"},
		"by a mark":           {[]byte("\ufeff" + rss), "text/xml; charset=gbk"},
		"UTF-16":              {encode(unicode.UTF16(unicode.LittleEndian, unicode.UseBOM), strings.Replace(rss, "UTF-8", "utf-16", 1)), ""},
		"UTF-16, big":         {encode(unicode.UTF16(unicode.BigEndian, unicode.UseBOM), bare), ""},
		"a control character": {[]byte(strings.Replace(rss, "No guid", "No\x08 guid", 1)), ""},
	} {
		got, err := Parse(c.text, c.contentType, "")
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if got.Entries[0].Title != "标题 & more" || len(got.Entries) != 2 {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

func TestWhatIsNoFeedIsToldWithAWayOut(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"":               "empty",
		"hello":          "no feed",
		`{"a":1}`:        "no JSON Feed",
		`{"a`:            "cannot be read",
		"<rss><channel>": "",
		"<rss version=\"2.0\"><channel><title>x</title></channel></rss>":                                                                       "no entries",
		"<!doctype html><html><head><title>x</title></head></html>":                                                                            "a web page",
		`<!DOCTYPE html><html><head><link rel="alternate" href="/atom.xml" type="application/atom+xml"></head><body><p>unclosed</body></html>`: "https://blog.example.org/atom.xml",
	} {
		_, err := Parse([]byte(text), "", "https://blog.example.org/x/")
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", text, err, want)
		}
	}
}

func TestFeedsAreReadFromFilesAndServers(t *testing.T) {
	t.Parallel()
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	if _, err := z.Write([]byte(rss)); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	mux.HandleFunc("/feed", func(w http.ResponseWriter, r *http.Request) {
		if !strings.HasPrefix(r.UserAgent(), "tidings") {
			t.Errorf("asked by %s", r.UserAgent())
		}
		w.Header().Set("Content-Type", "application/rss+xml")
		w.Write([]byte(rss))
	})
	mux.HandleFunc("/packed", func(w http.ResponseWriter, _ *http.Request) { w.Write(packed.Bytes()) })
	mux.HandleFunc("/moved", func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "/feed", http.StatusMovedPermanently)
	})
	mux.HandleFunc("/round", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/round", http.StatusFound) })
	mux.HandleFunc("/off", func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "file:///etc/passwd", http.StatusFound)
	})
	mux.HandleFunc("/bomb", func(w http.ResponseWriter, _ *http.Request) {
		z := gzip.NewWriter(w)
		defer z.Close()
		for range maxBytes>>20 + 1 {
			if _, err := z.Write(make([]byte, 1<<20)); err != nil {
				return
			}
		}
	})
	dir := t.TempDir()
	for name, text := range map[string][]byte{"feed.xml": []byte(rss), "feed.xml.gz": packed.Bytes(), "cut.gz": packed.Bytes()[:40]} {
		if err := os.WriteFile(filepath.Join(dir, name), text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for place, want := range map[string]string{
		server.URL + "/feed": "", server.URL + "/packed": "", server.URL + "/moved": "", filepath.Join(dir, "feed.xml"): "", filepath.Join(dir, "feed.xml.gz"): "",
		server.URL + "/none": "answers 404 Not Found", server.URL + "/round": "leads on more than 10 times", server.URL + "/off": "no web address",
		server.URL + "/bomb": "larger than 64 MB", filepath.Join(dir, "none"): "no such file", dir: "is a folder", filepath.Join(dir, "cut.gz"): "cannot be unpacked",
		"ftp://blog.example.org/feed": "begins with https://", "http://127.0.0.1:1/feed": "refused",
	} {
		text, _, _, err := Read(t.Context(), place, "tidings/test")
		switch {
		case want == "" && (err != nil || string(text) != rss):
			t.Errorf("%s: %q, %v", place, text, err)
		case want != "" && (err == nil || !strings.Contains(err.Error(), want) || strings.Count(err.Error(), place) != 1):
			t.Errorf("%s: %v, want %q", place, err, want)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, text := range []string{rss, atomFeed, jsonFeed, "<html>", "{", "\xff\xfe<\x00"} {
		f.Add([]byte(text), "text/xml; charset=gbk")
	}
	f.Fuzz(func(t *testing.T, text []byte, contentType string) {
		feed, err := Parse(text, contentType, "https://blog.example.org/")
		if err == nil && (len(feed.Entries) == 0 || !slices.Contains([]string{"rss", "atom", "json"}, feed.Format)) {
			t.Errorf("%+v", feed)
		}
	})
}
