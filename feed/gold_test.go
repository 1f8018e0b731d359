package feed_test

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"tidings.example/feed"
)

// unused lists namespaces that the gold declares and does not use where we
// would declare them.
var unused = []string{"@xmlns:fh", "@xmlns:thr"}

// elements lists the paths of a document, with their attributes.
func elements(t *testing.T, data []byte) []string {
	t.Helper()
	var out, at []string
	dec := xml.NewDecoder(bytes.NewReader(data))
	for {
		token, err := dec.RawToken()
		if errors.Is(err, io.EOF) {
			return out
		}
		if err != nil {
			t.Fatal(err)
		}
		switch token := token.(type) {
		case xml.StartElement:
			at = append(at, full(token.Name))
			out = append(out, strings.Join(at, "/"))
			for _, a := range token.Attr {
				name := strings.Join(at, "/") + "@" + full(a.Name)
				if a.Name.Local == "rel" {
					name += "=" + a.Value
				}
				out = append(out, name)
			}
		case xml.EndElement:
			at = at[:len(at)-1]
		}
	}
}

func full(n xml.Name) string { return strings.TrimPrefix(n.Space+":"+n.Local, ":") }

// keys lists the paths of a JSON value.
func keys(at string, v any) (out []string) {
	switch v := v.(type) {
	case map[string]any:
		for k, child := range v {
			out = append(append(out, at+"/"+k), keys(at+"/"+k, child)...)
		}
	case []any:
		for _, child := range v {
			out = append(out, keys(at+"[]", child)...)
		}
	}
	return out
}

func TestOurFeedsHaveEverythingThatTheGoldHas(t *testing.T) {
	t.Parallel()
	d := head()
	e := richEntry()
	d.Entries = []feed.Entry{e}
	d.Language = "zh-CN"
	d.Deleted = []feed.Tombstone{{ID: "tag:blog.example.org,2026-01-01:/posts/gone", When: d.Changed}}
	d.Prev = archived(3)
	for _, f := range feed.Formats() {
		t.Run(f.String(), func(t *testing.T) {
			t.Parallel()
			gold, err := os.ReadFile(filepath.Join("testdata", "gold", "gold."+f.String()))
			if err != nil {
				t.Fatal(err)
			}
			out, err := feed.Encode(&d, f)
			if err != nil {
				t.Fatal(err)
			}
			var want, got []string
			if f == feed.JSON {
				var a, b any
				if err := errors.Join(json.Unmarshal(gold, &a), json.Unmarshal(out.Bytes, &b)); err != nil {
					t.Fatal(err)
				}
				want, got = keys("", a), keys("", b)
			} else {
				want, got = elements(t, gold), elements(t, out.Bytes)
			}
			for _, w := range want {
				if !slices.ContainsFunc(unused, func(s string) bool { return strings.HasSuffix(w, s) }) && !slices.Contains(got, w) {
					t.Errorf("no %s", w)
				}
			}
		})
	}
}
