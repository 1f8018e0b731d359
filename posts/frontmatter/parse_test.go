package frontmatter_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"tidings.example/posts/frontmatter"
)

func TestParseReadsEveryFormatOfHeader(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		file    string
		options frontmatter.Options
		format  frontmatter.Format
	}{
		"YAML":                  {"---\ntitle: A\ndate: 2020-01-02\ntags: [x, y]\n---\nbody\n", frontmatter.Options{}, frontmatter.YAML},
		"YAML closed by dots":   {"---\ntitle: A\ndate: 2020-01-02\ntags:\n- x\n- y\n...\nbody\n", frontmatter.Options{}, frontmatter.YAML},
		"long dashes":           {"-----\ntitle: A\ndate: 2020-01-02\ntags: [x, y]\n-----\nbody\n", frontmatter.Options{}, frontmatter.YAML},
		"blanks after fences":   {"---  \ntitle: A\ndate: 2020-01-02\ntags: [x, y]\n--- \nbody\n", frontmatter.Options{}, frontmatter.YAML},
		"blank lines before":    {"\n\n---\ntitle: A\ndate: 2020-01-02\ntags: [x, y]\n---\nbody\n", frontmatter.Options{}, frontmatter.YAML},
		"byte order mark, CRLF": {"\ufeff---\r\ntitle: A\r\ndate: 2020-01-02\r\ntags: [x, y]\r\n---\r\nbody\r\n", frontmatter.Options{}, frontmatter.YAML},
		"CR":                    {"---\rtitle: A\rdate: 2020-01-02\rtags: [x, y]\r---\rbody\r", frontmatter.Options{}, frontmatter.YAML},
		"no opening fence":      {"title: A\r\ndate: 2020-01-02\ntags:\n  - x\n  - y\r\n---\nbody\r\n", frontmatter.Options{OpenFence: true}, frontmatter.YAML},
		"TOML":                  {"+++\ntitle = \"A\"\ndate = 2020-01-02\ntags = ['x', \"y\"]\n+++\nbody\n", frontmatter.Options{}, frontmatter.TOML},
		"named TOML":            {"---toml\ntitle = \"A\"\ndate = 2020-01-02\ntags = ['x', \"y\"]\n---\nbody\n", frontmatter.Options{}, frontmatter.TOML},
		"JSON":                  {"{\n\"title\": \"A\", \"date\": \"2020-01-02\",\n\"tags\": [\"x\", \"y\"]\n}\nbody\n", frontmatter.Options{}, frontmatter.JSON},
		"named JSON":            {"---json\n{\"title\": \"A\", \"date\": \"2020-01-02\", \"tags\": [\"x\", \"y\"]}\n---\nbody\n", frontmatter.Options{}, frontmatter.JSON},
		"JSON members":          {"\"title\": \"A\",\n\"date\": \"2020-01-02\",\n\"tags\": [\"x\", \"y\"]\n;;;\nbody\n", frontmatter.Options{OpenFence: true}, frontmatter.JSON},
		"fenced JSON members":   {";;;\n\"title\": \"A\",\n\"date\": \"2020-01-02\",\n\"tags\": [\"x\", \"y\"]\n;;;\nbody\n", frontmatter.Options{}, frontmatter.JSON},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			doc, problems := frontmatter.Parse([]byte(c.file), c.options)
			if len(problems) > 0 {
				t.Fatal(problems)
			}
			want := map[string]any{"title": "A", "date": "2020-01-02", "tags": []any{"x", "y"}}
			if d := cmp.Diff(want, doc.Fields); d != "" {
				t.Error(d)
			}
			if d := cmp.Diff([]string{"title", "date", "tags"}, doc.Order); d != "" {
				t.Error(d)
			}
			if doc.Format != c.format || string(doc.Body) != "body\n" {
				t.Errorf("format %s, body %q", doc.Format, doc.Body)
			}
		})
	}
}
