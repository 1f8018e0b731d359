package frontmatter_test

import (
	"bytes"
	"testing"
	"time"
	"unicode/utf8"

	"tidings.example/posts/frontmatter"
)

func FuzzParse(f *testing.F) {
	for _, file := range []string{
		"---\ntitle: \"a\"\ndate: 2020-01-02\ntags: [x, y]\n---\nbody\n",
		"title: a\ntags:\n\t- x\n-----\r\nbody\r\n",
		"---\na: >-\n  b\n  c\nd: {e: [f, {g: 'h'}]}\n...\nbody",
		"+++\na = 1979-05-27T07:32:00Z\n[b.c]\nd = [1, 'x']\n[[e]]\nf = {g = 1.5}\n+++\n",
		"{\"a\": {\"b\": [1, null, true, \"}\"]}}\nbody",
		";;;\n\"a\": 1,\n\"b\": \"c\"\n;;;\nbody",
		"Title: a\nTags: b\n    c\nTitle: d\n\nbody",
		"---\na: &x [*x]\nb: !!str 1\n<<: {c: d}\n---\n",
		"---json\n{\"a\": 1}\n---\n",
		"\xff\xfe-\x00-\x00-\x00\n\x00",
		"---\ntitle: \xd6\xd0\xce\xc4\n---\n\xd5\xfd\xce\xc4",
		"---\ntitle: a\n---\n\xff\xfe\xfd",
	} {
		for options := range byte(8) {
			f.Add([]byte(file), options)
		}
	}
	f.Fuzz(func(t *testing.T, file []byte, bits byte) {
		o := frontmatter.Options{Pelican: bits&1 != 0, FoldKeys: bits&2 != 0, OpenFence: bits&4 != 0}
		doc, problems := frontmatter.Parse(file, o)
		lines := 2 + bytes.Count(file, []byte("\n")) + bytes.Count(file, []byte("\r"))
		fatal := false
		for _, p := range problems {
			fatal = fatal || p.Fatal
			if p.Line < 1 || p.Line > lines || p.Message == "" {
				t.Errorf("problem %+v in a file of %d lines", p, lines)
			}
		}
		if fatal && len(doc.Fields) > 0 {
			t.Errorf("a broken header has fields %v", doc.Fields)
		}
		if len(doc.Fields) != len(doc.Order) || len(doc.Lines) != len(doc.Order) {
			t.Errorf("%d fields, %d lines, %d keys", len(doc.Fields), len(doc.Lines), len(doc.Order))
		}
		for key, line := range doc.Lines {
			if line < 1 || line > lines {
				t.Errorf("key %q in line %d of %d", key, line, lines)
			}
			doc.Strings(key)
			doc.Bool(key)
		}
		if !utf8.Valid(doc.Body) || bytes.IndexByte(doc.Body, '\r') >= 0 {
			t.Errorf("body %q", doc.Body)
		}
		if doc.BodyLine < 1 || doc.BodyLine > lines {
			t.Errorf("body from line %d of %d", doc.BodyLine, lines)
		}
	})
}

func FuzzParseTime(f *testing.F) {
	for _, s := range []string{"2019-1-1", "2015-03-17 10:00:00 -4", "2025-04-01 20:00.000000000 +08:00", "Mon, 02 Jan 2006 15:04:05 GMT", "2021年10月01日 下午3:04",
		"2023-01-29 18:30:22 2023 -0800", "Tue Aug 27 2024 10:00:00 GMT+0800 (China Standard Time)", "1700000000123", "25/08/2024", "August 25th, 2024 at 3:04 p.m.",
		"2021-07-01T10:00:00+09:00[Asia/Tokyo]", "2016-12-31T23:59:60Z", "2011-12-30"} {
		f.Add(s)
	}
	apia := zone(f, "Pacific/Apia")
	f.Fuzz(func(t *testing.T, s string) {
		at, dateOnly, err := frontmatter.ParseTime(s, apia)
		if err != nil {
			if !at.IsZero() || dateOnly {
				t.Errorf("%q: an error, and %v", s, at)
			}
			return
		}
		if at.Year() < 0 || at.Year() > 10000 {
			t.Errorf("%q is in the year %d", s, at.Year())
		}
		if at.Year() < 1000 || at.Year() > 9998 {
			return // RFC 3339 has four digits
		}
		written := at.UTC().Format(time.RFC3339Nano)
		again, _, err := frontmatter.ParseTime(written, apia)
		if err != nil || !again.Equal(at) {
			t.Errorf("%q is %v, whose RFC 3339 form is %v (%v)", s, at, again, err)
		}
	})
}
