package frontmatter_test

import (
	"math"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tidings.example/posts/frontmatter"
)

func parse(t *testing.T, file string, o frontmatter.Options) frontmatter.Doc {
	t.Helper()
	doc, problems := frontmatter.Parse([]byte(file), o)
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	return doc
}

func TestScalarsHaveTheirCoreValueAndTheirText(t *testing.T) {
	t.Parallel()
	for written, want := range map[string]any{
		"007": int64(7), "2016": int64(2016), "-4": int64(-4), "+4": int64(4), "0x10": int64(16), "0o17": int64(15),
		"1.10": 1.1, "1e3": 1000.0, ".5": .5, "5.": 5.0, ".inf": math.Inf(1), "-.inf": math.Inf(-1),
		"9223372036854775808": "9223372036854775808", "1_000": "1_000", "0x": "0x", "1.2.3": "1.2.3", "12:30": "12:30",
		"true": true, "False": false, "yes": "yes", "off": "off", "null": nil, "~": nil, "nullable": "nullable",
		"2020-01-02": "2020-01-02", "2020-01-02T10:00:00Z": "2020-01-02T10:00:00Z", "+": "+", "v1.0": "v1.0", "1 2": "1 2", "1e": "1e",
	} {
		doc := parse(t, "---\na: "+written+"\nb: '"+written+"'\nc: ["+written+"]\n---\n", frontmatter.Options{})
		if d := cmp.Diff(map[string]any{"a": want, "b": written, "c": []any{want}}, doc.Fields); d != "" {
			t.Errorf("%s: %s", written, d)
		}
		if want != nil && (doc.Text("a") != written || doc.Strings("c")[0] != written) || doc.Text("b") != written {
			t.Errorf("%s: text %q, item %q", written, doc.Text("a"), doc.Strings("c"))
		}
	}
}

func TestValuesOfEveryShapeAreRead(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		file string
		want any
	}{
		"folded":            {"---\na: >\n  18F Checks\n  In\n\nb: 1\n---\n", "18F Checks In\n"},
		"folded, stripped":  {"---\na: >-\n  x\n  y\n---\n", "x y"},
		"literal":           {"---\na: |\n  x\n   y\n---\n", "x\n y\n"},
		"two lines":         {"---\na: x\n  y\n---\n", "x y"},
		"quoted, two lines": {"---\na: \"x\n  y\"\n---\n", "x y"},
		"escapes":           {"---\na: \"\\u4e2d\\t\\\"\\x41\\\\\"\n---\n", "中\t\"A\\"},
		"apostrophe":        {"---\na: 'it''s'\n---\n", "it's"},
		"comment":           {"---\na: x # y\n---\n", "x"},
		"number sign":       {"---\na: C#\n---\n", "C#"},
		"URL":               {"---\na: https://example.org/#x\n---\n", "https://example.org/#x"},
		"nested lists":      {"---\na:\n  - [x, y]\n  - z\n---\n", []any{[]any{"x", "y"}, "z"}},
		"empty entries":     {"---\na:\n- x\n-\n\n- # none\nb: {c: 1}\n---\n", []any{"x", nil, nil}},
		"empty, indented":   {"---\na:\n  - \nb: {c: 1}\n---\n", []any{nil}},
		"comment between":   {"---\na: x\n  y\n  # z\nb: 1\n---\n", "x y"},
		"list over lines":   {"---\na: [x,\n  y,\n]\n---\n", []any{"x", "y"}},
		"map":               {"---\na:\n  n: x\n  l: [1]\n---\n", map[string]any{"n": "x", "l": []any{int64(1)}}},
		"flow map":          {"---\na: {n: x}\n---\n", map[string]any{"n": "x"}},
		"list of maps":      {"---\na:\n- n: x\n  m: y\n- n: z\n---\n", []any{map[string]any{"n": "x", "m": "y"}, map[string]any{"n": "z"}}},
		"tags":              {"---\na: !!str 2016\n---\n", "2016"},
		"tab after item":    {"---\na:\n- melody\t\t\nb:\n- x\n---\n", []any{"melody"}},
		"tabs before items": {"---\na:\n\t- x\n\t- y\n---\n", []any{"x", "y"}},
		"invisible":         {"---\na: \u200bx\ufeff\n---\n", "\u200bx\ufeff"},
		"TOML date":         {"+++\na = 2020-01-02T10:00:00.5+08:00\n+++\n", "2020-01-02T10:00:00.5+08:00"},
		"TOML local date":   {"+++\na = 2020-01-02 10:00:00\n+++\n", "2020-01-02 10:00:00"},
		"TOML numbers":      {"+++\na = [1_000, 0x1F, 0b11, 1.5, -inf, true]\n+++\n", []any{int64(1000), int64(31), int64(3), 1.5, math.Inf(-1), true}},
		"TOML inline":       {"+++\na = {b.c = 1, d = []}\n+++\n", map[string]any{"b": map[string]any{"c": int64(1)}, "d": []any{}}},
		"TOML tables":       {"+++\n[[a]]\nx = 1\n[a.b]\ny = 2\n[[a]]\nx = 3\n+++\n", []any{map[string]any{"x": int64(1), "b": map[string]any{"y": int64(2)}}, map[string]any{"x": int64(3)}}},
		"TOML long string":  {"+++\na = \"\"\"\nx\ny\"\"\"\n+++\n", "x\ny"},
		"JSON":              {"{\"a\": [1, 1.50, \"\\u4e2d\", null, true, {\"b\": []}]}", []any{int64(1), 1.5, "中", nil, true, map[string]any{"b": []any{}}}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if d := cmp.Diff(c.want, parse(t, c.file, frontmatter.Options{}).Fields["a"]); d != "" {
				t.Error(d)
			}
		})
	}
}

func TestLinesAreThoseOfTheFile(t *testing.T) {
	t.Parallel()
	for name, file := range map[string]string{
		"quick YAML": "---\n# c\na: 1\n\nb:\n- x\nc: 2\n---\n",
		"full YAML":  "---\n# c\na: >-\n\nb:\n- {x: 1}\nc: 2\n---\n",
		"CRLF":       "---\r\n# c\r\na: 1\r\n\r\nb:\r\n- x\r\nc: 2\r\n---\r\n",
		"TOML":       "+++\n# c\na = 1\n\nb = [\n'x']\n[c]\nd = 1\n+++\n",
		"JSON":       "{\n\n\"a\": 1,\n\n\"b\": [\n1],\n\"c\": {}}\n",
		"members":    "\n;;;\n\"a\":\n1,\n\"b\": [\n1],\"c\": {}\n;;;\n",
	} {
		want := map[string]int{"a": 3, "b": 5, "c": 7}
		if name == "members" {
			want["c"] = 6
		}
		if d := cmp.Diff(want, parse(t, file, frontmatter.Options{}).Lines); d != "" {
			t.Errorf("%s: %s", name, d)
		}
	}
}

func TestAccessorsFollowPathsOfKeys(t *testing.T) {
	t.Parallel()
	doc := parse(t, "---\nTitle: 007\nTags: [1.10, 2016, null, [x]]\nDraft: 'Yes'\nOff: OFF\nextra:\n  At: 2020-01-02 10:00\n  Blank: ''\nlist: []\n---\n", frontmatter.Options{FoldKeys: true})
	if got := doc.Text("title"); got != "007" {
		t.Errorf("title %q", got)
	}
	if d := cmp.Diff([]string{"1.10", "2016", "x"}, doc.Strings("tags")); d != "" {
		t.Error(d)
	}
	for key, want := range map[string][2]bool{"draft": {true, true}, "off": {false, true}, "title": {false, false}, "list": {false, false}, "no": {false, false}} {
		if value, known := doc.Bool(key); value != want[0] || known != want[1] {
			t.Errorf("%s is %v, %v", key, value, known)
		}
	}
	at, dateOnly, found, err := doc.Time(time.UTC, "extra", "at")
	if err != nil || !found || dateOnly || !at.Equal(time.Date(2020, 1, 2, 10, 0, 0, 0, time.UTC)) {
		t.Error(at, dateOnly, found, err)
	}
	if _, _, found, err := doc.Time(time.UTC, "extra", "blank"); found || err != nil {
		t.Error("a blank date was found", err)
	}
	if _, _, found, err := doc.Time(time.UTC, "list"); !found || err == nil {
		t.Error("a list passed for a date")
	}
	if n, found := doc.Node("extra"); !found || n.Kind != frontmatter.Map || n.Line != 6 {
		t.Error(n)
	}
	if _, found := doc.Node("title", "x"); found {
		t.Error("a scalar has keys")
	}
	if got := parse(t, "Summary: one\n    two\n", frontmatter.Options{Pelican: true}); got.Text("summary") != "one\ntwo" {
		t.Errorf("continued line: %q", got.Text("summary"))
	}
}
