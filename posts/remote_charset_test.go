package posts

import (
	"encoding/binary"
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"
	"unicode/utf16"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/traditionalchinese"
)

func wide(text string, order binary.ByteOrder, mark bool) string {
	if mark {
		text = "\ufeff" + text
	}
	var b []byte
	for _, u := range utf16.Encode([]rune(text)) {
		b = append(b, 0, 0)
		order.PutUint16(b[len(b)-2:], u)
	}
	return string(b)
}

func TestTextIsReadByWhatItIsNotByWhatIsAnnounced(t *testing.T) {
	t.Parallel()
	const doc = `<rss version="2.0"><channel><title>中文</title><item><title>中文標題</title></item></channel></rss>`
	in := func(e encoding.Encoding, text string) string {
		s, err := e.NewEncoder().String(text)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	for name, c := range map[string]struct{ body, kind string }{
		"UTF-8":                      {doc, "text/xml"},
		"UTF-8 with a mark":          {"\ufeff" + doc, "text/xml; charset=gbk"},
		"UTF-8 announced as Latin 1": {doc, "text/xml; charset=iso-8859-1"},
		"UTF-8 declared as UTF-16":   {`<?xml version="1.0" encoding="utf-16"?>` + doc, ""},
		"UTF-16LE":                   {wide(doc, binary.LittleEndian, true), "text/xml; charset=utf-8"},
		"UTF-16BE":                   {wide(doc, binary.BigEndian, true), ""},
		"UTF-16LE without a mark":    {wide(doc, binary.LittleEndian, false), ""},
		"GBK by header":              {in(simplifiedchinese.GBK, doc), "text/xml; charset=gb2312"},
		"GBK by declaration":         {in(simplifiedchinese.GBK, `<?xml version="1.0" encoding="GBK"?>`+doc), "application/xml"},
		"GBK against the header":     {in(simplifiedchinese.GBK, `<?xml version='1.0' encoding='gb18030'?>`+doc), "text/xml; charset=utf-8"},
		"Big5":                       {in(traditionalchinese.Big5, `<?xml version="1.0" encoding="big5"?>`+doc), ""},
		"Shift JIS":                  {in(japanese.ShiftJIS, `<?xml version="1.0" encoding="Shift_JIS"?>`+strings.ReplaceAll(doc, "標題", "")), ""},
		"ISO-2022-JP":                {in(japanese.ISO2022JP, `<?xml version="1.0" encoding="iso-2022-jp"?>`+strings.ReplaceAll(doc, "標題", "")), ""},
		"control characters":         {strings.ReplaceAll(doc, "中", "中\x00\x08\ufffe"), ""},
	} {
		f, err := parseRemote(decodeText([]byte(c.body), c.kind), "https://b.example/", time.UTC)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if got := f.items[0].Title; got != "中文標題" && got != "中文" || f.site.Title != "中文" {
			t.Errorf("%s: %q", name, got)
		}
	}
	const simple = `<rss><channel><title>x</title><item><title>%s</title></item></channel></rss>`
	for name, c := range map[string]struct {
		charset       encoding.Encoding
		title, prolog string
		kind          string
	}{
		"Cyrillic by header":            {charmap.Windows1251, "Чай и мёд", "", "text/xml; charset=windows-1251"},
		"Cyrillic by declaration":       {charmap.KOI8R, "Чай", `<?xml version="1.0" encoding="koi8-r"?>`, "text/xml; charset=utf-8"},
		"Cyrillic, the server's Latin":  {charmap.Windows1251, "Чай", `<?xml version="1.0" encoding="windows-1251"?>`, "text/xml; charset=ISO-8859-1"},
		"Chinese, the server's Latin":   {simplifiedchinese.GBK, "中文標題", `<?xml version="1.0" encoding="gb2312"?>`, "text/xml; charset=iso-8859-1"},
		"Latin 1":                       {charmap.ISO8859_1, "Café für zwei", `<?xml version="1.0" encoding="ISO-8859-1"?>`, ""},
		"Latin 1 declared as Chinese":   {charmap.ISO8859_1, "für ÿ", `<?xml version="1.0" encoding="gbk"?>`, "text/xml; charset=iso-8859-1"},
		"Latin 1 declared as UTF-8":     {charmap.ISO8859_1, "Café", `<?xml version="1.0" encoding="utf-8"?>`, "text/xml; charset=utf-8"},
		"Windows' Latin 1, undeclared":  {charmap.Windows1252, "“Café”", "", ""},
		"an encoding that nobody knows": {charmap.Windows1252, "Café", `<?xml version="1.0" encoding="x-mine"?>`, ""},
	} {
		text := in(c.charset, c.prolog+fmt.Sprintf(simple, c.title))
		if got := item(t, string(decodeText([]byte(text), c.kind))).Title; got != c.title {
			t.Errorf("%s: %q, want %q", name, got, c.title)
		}
	}
	const mixed = "<rss><channel><title>中\xe9</title></channel></rss>"
	if f := parsed(t, string(decodeText([]byte(mixed), ""))); f.site.Title != "中\ufffd" {
		t.Errorf("one broken byte in UTF-8: %q", f.site.Title)
	}
	if f := parsed(t, string(decodeText([]byte("<rss><channel><title>中\xff\xfex</title></channel></rss>"), ""))); f.site.Title != "中\ufffdx" {
		t.Errorf("broken bytes: %q", f.site.Title)
	}
}

func TestPagesAreToldFromFeedsAndNameTheirFeeds(t *testing.T) {
	t.Parallel()
	r := &Remote{o: RemoteOptions{TimeZone: time.UTC}}
	from, err := url.Parse("https://blog.example/dir/page")
	if err != nil {
		t.Fatal(err)
	}
	for page, want := range map[string]string{
		`<!doctype html><title>x</title>`: "names no feed",
		`<html><head><link rel="alternate" type="application/rss+xml" href="/rss.xml"></head>`:                                                                                                `write feed = "https://blog.example/rss.xml"`,
		`<?xml version="1.0"?><!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0"><html><head><base href="https://o.example/a/"/><link type="application/atom+xml" rel="ALTERNATE home" href="f"/>`: `write feed = "https://o.example/a/f"`,
		`<HTML><link rel=alternate type=application/feed+json href=a.json><link rel=alternate type=application/atom+xml href=b.xml><link rel=stylesheet href=x>`:                              `write feed = "https://blog.example/dir/a.json", or one of https://blog.example/dir/b.xml`,
		`<head><link rel="alternate" hreflang="de" href="/de/">`:                                                                                                                              "names no feed",
	} {
		_, err := r.judge([]byte(page), "text/html", from)
		if err == nil || !strings.Contains(err.Error(), "it is a web page, not a feed") || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", page, err, want)
		}
	}
	if _, err := r.judge([]byte(rssFeed("")), "text/html", from); err == nil || !strings.Contains(err.Error(), "without any items") {
		t.Errorf("an empty channel: %v", err)
	}
	if _, err := r.judge([]byte(rssFeed("<item><title>&lt;html></title></item>")), "text/html", from); err != nil {
		t.Errorf("a feed served as a page: %v", err)
	}
}

func FuzzRemoteFeed(f *testing.F) {
	f.Add([]byte(rssFeed(`<item><title>a</title><link>/a</link><description>&lt;b>x</description></item>`)))
	f.Add([]byte(atomFeed(`<entry xml:base="b" xml:lang="fr"><id>a</id><title type="xhtml"><div>x</div></title><content type="html">x</content></entry>`)))
	f.Add([]byte(`{"version":"https://jsonfeed.org/version/1","items":[{"id":1,"content_text":"x"}]}`))
	f.Add([]byte("\xff\xfe<\x00r\x00"))
	f.Add([]byte(`<?xml version="1.1" encoding="gb2312"?><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"><item><title>&#xD83D;&#xDE00;&#8;\xd6\xd0</title></item></rdf:RDF><script>`))
	f.Add([]byte(rssFeed(`<item><guid>g</guid><enclosure url="a.mp3" length="x"/><media:group><media:content url="v" type="video/mp4"><media:thumbnail url="t"/></media:content></media:group><itunes:duration>1:2:3</itunes:duration><pubDate>2199-01-01</pubDate></item>`)))
	f.Add([]byte(atomFeed(`<entry><h:div xmlns:h="http://www.w3.org/1999/xhtml"/><content type="xhtml"><h:div xmlns:h="http://www.w3.org/1999/xhtml"><h:p/></h:div></content><t:deleted-entry xmlns:t="x" ref="a"/></entry>`)))
	f.Fuzz(func(t *testing.T, doc []byte) {
		feed, err := parseRemote(decodeText(doc, "text/xml"), "https://blog.example/feed", time.UTC)
		if err != nil {
			if strings.Contains(err.Error(), "inside tidings") {
				t.Fatal(err)
			}
			return
		}
		for _, i := range feed.items {
			i.key = i.id()
			if !utf8.ValidString(i.key) || len(i.key) > 400 || strings.ContainsFunc(i.key+i.HTML+i.Title, illegal) || len(i.Tags)+len(i.Enclosures)+len(i.Authors) > 3*maxParts {
				t.Errorf("%+v", i)
			}
			p := i.post(i.data(), feed.site.URL)
			if p.Path == "" || p.Hash == "" || p.Title != cleanTitle(p.Title) && cleanTitle(cleanTitle(p.Title)) != cleanTitle(p.Title) {
				t.Errorf("%+v", p)
			}
			if p.URL != "" && FoldURL(p.URL) == "" {
				t.Errorf("URL %q", p.URL)
			}
		}
	})
}
