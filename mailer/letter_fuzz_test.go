package mailer

import (
	"bytes"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// FuzzLetter looks for a field that gets into the header, or an address that
// gets out of its place.
func FuzzLetter(f *testing.F) {
	f.Add("Title", "Digest", "Summary", "https://blog.example.org/", "reader@example.com", "https://news.example.org/u/1")
	f.Add("a\r\nBcc: x@example.com", "=?utf-8?q?=0D=0ABcc:?=", "{{.Digest}} {% raw %} %recipient%", "javascript:alert(1)", "a@b\r\nX: y", "https://a/\r\n")
	f.Add("\x01uh\x02", "</title><script>", "\u202e\u2028", "https://a.example/\"><b>", `"a b"@example.com`, "http://a/&'\"")
	c, err := NewComposer(nil)
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, title, digest, summary, url, to, leave string) {
		e := edition("en", record(0, title, summary, title))
		e.Posts[0].URL, e.Posts[0].Body.Code = url, summary
		e.Digest.Title, e.Publication.Title, e.Publication.Postal = digest, digest, title
		e.Preferences = false
		tpl, err := c.Digest(e)
		if err != nil {
			t.Fatal(err)
		}
		p := reader()
		p.To, p.Unsubscribe = to, leave
		raw, err := tpl.Letter(p)
		if err != nil {
			return
		}
		got := parseLetter(t, raw)
		var fields []string
		for f := got.header.Fields(); f.Next(); {
			fields = append(fields, f.Key())
		}
		if diff := cmp.Diff(digestFields, fields); diff != "" {
			t.Fatalf("header fields: %s", diff)
		}
		if strings.ContainsFunc(got.text, func(r rune) bool { return r != '\n' && r != '\t' && forbidden(r) }) {
			t.Fatal("control character in the text")
		}
		for _, href := range hrefs(t, got.html) {
			if !strings.HasPrefix(href, "https://") && !strings.HasPrefix(href, "http://") {
				t.Fatalf("link to %q", href)
			}
		}
		if strings.Contains(got.html, "<script") || strings.Contains(got.html, "<b>") {
			t.Fatal("markup of a post in the HTML")
		}
	})
}

var digestFields = []string{
	"Date", "Feedback-Id", "List-Archive", "List-Id", "List-Unsubscribe", "List-Unsubscribe-Post", "Mime-Version",
	"Message-Id", "Precedence", "Subject", "From", "To", "Reply-To", "Content-Type",
}

func BenchmarkLetter(b *testing.B) {
	tpl, err := newTestComposer(b).Digest(edition("zh-CN", eleven()...))
	if err != nil {
		b.Fatal(err)
	}
	p := reader()
	out, err := tpl.Letter(p)
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(len(out)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := tpl.Letter(p); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkDigest(b *testing.B) {
	c := newTestComposer(b)
	e := edition("zh-CN", eleven()...)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := c.Digest(e); err != nil {
			b.Fatal(err)
		}
	}
}

// FuzzStoredTemplate reads a damaged database: an error, never a panic.
func FuzzStoredTemplate(f *testing.F) {
	c, err := NewComposer(nil)
	if err != nil {
		f.Fatal(err)
	}
	for _, language := range []string{"en", "zh-CN"} {
		tpl, err := c.Digest(edition(language, eleven()[0]))
		if err != nil {
			f.Fatal(err)
		}
		blob, err := tpl.MarshalBinary()
		if err != nil {
			f.Fatal(err)
		}
		f.Add(blob)
	}
	f.Add([]byte("\x01\x00\x01uh\x01b \x01px\x02\x01"))
	f.Fuzz(func(t *testing.T, blob []byte) {
		var tpl Template
		if tpl.UnmarshalBinary(blob) != nil {
			return
		}
		p := reader()
		raw, err := tpl.Letter(p)
		if err == nil && bytes.Count(raw, []byte(p.To)) > bytes.Count(blob, []byte{markStart})+bytes.Count(blob, []byte(p.To)) {
			t.Fatal("more addresses than marks")
		}
	})
}
