package posts

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

const jsonHead = `{"version":"https://jsonfeed.org/version/1.1","items":[`

// Each of these is small to send, and would be objects without end, or loops in
// loops, when read as it stands.
func TestWhatIsBuiltToBeCostlyIsRefusedBeforeItIsRead(t *testing.T) {
	t.Parallel()
	many := func(part string) string { return strings.Repeat(part, maxValues+1) }
	for name, doc := range map[string]string{
		"items":             rssFeed(many("<item/>")),
		"extensions":        rssFeed("<item><title>a</title>" + many("<dc:x/>") + "</item>"),
		"outside of items":  rssFeed(many("<category/>")),
		"in too many items": rssFeed(strings.Repeat("<item/>", maxItems) + "<item>" + many("<b/>") + "</item>"),
		"XHTML":             atomFeed(`<entry><id>x</id><content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml">` + many("<b/>") + `</div></content></entry>`),
		"depth in a body":   atomFeed(`<entry><id>x</id><content type="xhtml">` + strings.Repeat("<div>", maxNesting) + `</content></entry>`),
		"JSON items":        jsonHead + many("{},") + `{}]}`,
		"JSON numbers":      jsonHead + many("0,") + `0]}`,
		"JSON depth":        jsonHead + strings.Repeat("[", 100_000),
		"JSON depth, alone": strings.Repeat("{\"a\":", 100_000),
		"JSON depth, id":    jsonHead + `{"id":` + strings.Repeat("[", 300) + strings.Repeat("]", 300) + `}]}`,
	} {
		if _, err := parseRemote([]byte(doc), "https://blog.example/x", time.UTC); err == nil || !strings.Contains(err.Error(), "built to be costly to read") {
			t.Errorf("%s: %v", name, err)
		}
	}
	if i := item(t, jsonHead+`{"id":"x","content_text":"`+strings.Repeat("[{\\\"", 1000)+`"}]}`); len(i.HTML) < 3000 {
		t.Errorf("brackets in a text: %d bytes", len(i.HTML))
	}
}

func TestAFeedWithTooManyItemsIsItsFirstOnes(t *testing.T) {
	t.Parallel()
	for name, doc := range map[string]string{
		"RSS":  rssFeed(strings.Repeat("<item><title>a</title><dc:subject>b</dc:subject></item>", maxItems) + strings.Repeat("<item><title>late</title></item>", 7) + "<ttl>90</ttl>"),
		"Atom": atomFeed(strings.Repeat("<entry><title>a</title></entry>", maxItems) + strings.Repeat("<entry><title>late</title></entry>", 7)),
		"JSON": jsonHead + strings.Repeat(`{"title":"a"},`, maxItems) + strings.Repeat(`{"title":"late"},`, 6) + `{"title":"late"}]}`,
	} {
		f := parsed(t, doc)
		if len(f.items) != maxItems || f.missed != 7 || f.items[maxItems-1].Title != "a" {
			t.Errorf("%s: %d items, %d left out, the last one is %q", name, len(f.items), f.missed, f.items[len(f.items)-1].Title)
		}
		if name == "RSS" && f.pace != 90*time.Minute {
			t.Errorf("what comes after them is lost: %v", f.pace)
		}
	}
}

func TestPartsAndLinesOfAnItemAreBounded(t *testing.T) {
	t.Parallel()
	numbered := func(format string) string {
		var b strings.Builder
		for n := range 20_000 {
			fmt.Fprintf(&b, format, n)
		}
		return b.String()
	}
	long := strings.Repeat("long 长 ", 100_000)
	for name, i := range map[string]*remoteItem{
		"RSS": item(t, rssFeed("<item><title>"+long+"</title>"+numbered(`<category>c%d</category>`)+numbered(`<enclosure url="/%d"/>`)+numbered(`<dc:creator>A%d</dc:creator>`)+
			numbered(`<media:content url="/m%d" type="audio/mpeg"/>`)+"</item>")),
		"Atom": item(t, atomFeed("<entry><id>a</id><title>"+long+"</title>"+numbered(`<category term="c%d"/>`)+numbered(`<link rel="enclosure" href="/%d"/>`)+numbered(`<author><name>A%d</name></author>`)+"</entry>")),
		"JSON": item(t, jsonHead+`{"title":"`+long+`","tags":[`+strings.TrimSuffix(numbered(`"c%d",`), ",")+`],"attachments":[`+strings.TrimSuffix(numbered(`{"url":"/%d"},`), ",")+
			`],"authors":[`+strings.TrimSuffix(numbered(`{"name":"A%d"},`), ",")+`]}]}`),
	} {
		if len(i.Tags) != maxParts || len(i.Enclosures) != maxParts || len(i.Authors) != maxParts {
			t.Errorf("%s: %d tags, %d files, %d authors", name, len(i.Tags), len(i.Enclosures), len(i.Authors))
		}
		if len(i.Title) > maxLine+len("…") || !strings.HasSuffix(i.Title, "…") || strings.Contains(i.Title, "\ufffd") {
			t.Errorf("%s: a title of %d bytes, %q", name, len(i.Title), i.Title[len(i.Title)-10:])
		}
	}
	i := item(t, jsonHead+`{"id":"a\u0000 \u0007b\ud800","title":"x\u0000\u001b[31my","content_html":"<p>\u0008z\ufffe</p>","summary":"s\u0001","tags":["t\u0000"]}]}`)
	if i.id() != "a b\ufffd" || i.Title != "xy" || i.HTML != "<p>z</p>" || i.Summary != "s" || !slices.Equal(i.Tags, []string{"t"}) {
		t.Errorf("control characters: %q, %+v", i.id(), i)
	}
}

// What feeds in the wild have around and in them, and every reader forgives.
func TestWhatOthersForgiveIsForgiven(t *testing.T) {
	t.Parallel()
	whole := rssFeed(`<item><title>a</title></item>`)
	for name, c := range map[string]struct{ doc, title string }{
		"XML 1.1":                      {strings.Replace(whole, `version="1.0"?`, `version="1.1"?`, 1), "a"},
		"a version of nothing":         {strings.Replace(whole, `version="1.0"?`, `version="2.0" encoding="x"?`, 1), "a"},
		"warnings before it":           {"<br />\n<b>Warning</b>: x() in <b>/a.php</b> on line 1<br />\n\n" + whole, "a"},
		"warnings behind it":           {whole + "<br />\n<b>Warning</b>: x() & y", "a"},
		"a script behind it":           {whole + "<script>if (a<b && c) { }</script>", "a"},
		"a text behind it":             {whole + "\n<!-- cached -- served -->\n\x00", "a"},
		"a text about XML":             {`<rss><channel><title><![CDATA[<?xml version="1.0"?>]]></title><item><title>a</title></item></channel></rss>`, "a"},
		"references to control codes":  {rssFeed(`<item><title>a&#8;b&#x1B;c&#0;&#xFFFE;d</title></item>`), "abcd"},
		"references in CDATA":          {rssFeed(`<item><title><![CDATA[a&#8;b]]></title></item>`), "ab"},
		"halves of a pair":             {rssFeed(`<item><title>&#xD83D;&#xDE00;&#55357;&#56832;</title></item>`), "😀😀"},
		"a half":                       {rssFeed(`<item><title>a&#xD83D;b&#xDE00;&#65;</title></item>`), "a\ufffdb\ufffdA"},
		"references that are none":     {rssFeed(`<item><title>&#; &#xZ; &#</title></item>`), "&#; &#xZ; &#"},
		"prefixes without a namespace": {`<rss><channel><item><title>a</title><dc:creator>Ann</dc:creator><x:y/></item></channel></rss>`, "a"},
		"names in capitals":            {`<RSS><Channel><Item><Title>a</Title></Item></Channel></RSS>`, "a"},
	} {
		f, err := parseRemote(decodeText([]byte(c.doc), ""), "https://blog.example/x", time.UTC)
		switch {
		case err != nil || len(f.items) != 1:
			t.Errorf("%s: %v", name, err)
		case f.items[0].Title != c.title:
			t.Errorf("%s: %q, want %q", name, f.items[0].Title, c.title)
		}
	}
}
