package feed_test

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"tidings.example/feed"
	"tidings.example/posts"
)

// wellFormed fails unless data is what every parser of its format reads.
func wellFormed(t *testing.T, f feed.Format, data []byte) {
	t.Helper()
	if !utf8.Valid(data) {
		t.Fatalf("%s: no UTF-8: %q", f, data)
	}
	if f == feed.JSON {
		var v struct{ Items []struct{ ID string } }
		if err := json.Unmarshal(data, &v); err != nil || len(v.Items) != 1 || v.Items[0].ID == "" {
			t.Fatalf("json: %v, %d items: %s", err, len(v.Items), data)
		}
		return
	}
	dec := xml.NewDecoder(bytes.NewReader(data))
	items := 0
	for {
		token, err := dec.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatalf("%s: %v in %s", f, err, data)
		}
		if e, ok := token.(xml.StartElement); ok && (e.Name.Local == "item" || e.Name.Local == "entry") {
			items++
		}
	}
	if items != 1 {
		t.Fatalf("%s: %d items in %s", f, items, data)
	}
}

func FuzzEncode(f *testing.F) {
	for _, r := range nasty() {
		f.Add(r.Title, r.Body.HTML, r.Body.Summary, r.URL, r.ID, r.Language, strings.Join(r.Tags, ","), r.Date.Unix())
	}
	f.Fuzz(func(t *testing.T, title, html, summary, url, id, language, tag string, date int64) {
		d := head()
		d.Title, d.Subtitle, d.Home, d.Language, d.Rights = title, summary, url, language, tag
		d.Deleted, d.Archive = []feed.Tombstone{{ID: title, When: time.Unix(date, 0)}}, true
		d.Current, d.Prev, d.Next = feed.Addresses{RSS: url, Atom: id}, feed.Addresses{RSS: id, JSON: url}, feed.Addresses{Atom: title}
		e := feed.FromRecord(&posts.Record{
			Post: posts.Post{
				Title: title, URL: url, Language: language, Image: url, Date: time.Unix(date, 0),
				Tags: []string{tag, title}, Authors: []posts.Author{{Name: tag, URL: url}},
			},
			ID: id, Body: posts.Body{HTML: html, Summary: summary},
		})
		e.Enclosures = []posts.Enclosure{{URL: url, Type: tag, Length: date, Title: title}}
		d.Entries = []feed.Entry{e}
		for _, format := range feed.Formats() {
			out, err := feed.Encode(&d, format)
			if err != nil {
				// Nothing but an id that is empty once it is clean.
				if strings.ContainsFunc(id, func(r rune) bool { return r > ' ' && r < 0x7f }) && !strings.Contains(id, "\x1b") {
					t.Fatal(err)
				}
				return
			}
			wellFormed(t, format, out.Bytes)
			again, err := feed.Encode(&d, format)
			if err != nil || !bytes.Equal(out.Bytes, again.Bytes) {
				t.Fatalf("%s: the second time other bytes came out, %v", format, err)
			}
		}
	})
}
