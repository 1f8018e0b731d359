package frontmatter_test

import (
	"strings"
	"testing"

	"tidings.example/posts/frontmatter"
)

func TestSplitFindsHeaderAndBody(t *testing.T) {
	t.Parallel()
	open, pelican := frontmatter.Options{OpenFence: true}, frontmatter.Options{Pelican: true}
	for name, c := range map[string]struct {
		file    string
		options frontmatter.Options
		format  frontmatter.Format
		keys    string
		body    string
		line    int
	}{
		"no header":                         {"# Title\n\ntext\n\n---\n\nmore\n", frontmatter.Options{}, "none", "", "# Title\n\ntext\n\n---\n\nmore\n", 1},
		"no header where one may be open":   {"# Title\n\ntext\n\n---\n\nmore: x\n", open, "none", "", "# Title\n\ntext\n\n---\n\nmore: x\n", 1},
		"a sentence with a colon":           {"Note: this is\na text over two lines.\n\n---\nmore\n", open, "none", "", "Note: this is\na text over two lines.\n\n---\nmore\n", 1},
		"text between two rules":            {"---\n\nJust text.\n\n---\n\nmore\n", frontmatter.Options{}, "none", "", "---\n\nJust text.\n\n---\n\nmore\n", 1},
		"a list between two rules":          {"---\n- a\n- b\n---\nmore\n", frontmatter.Options{}, "none", "", "---\n- a\n- b\n---\nmore\n", 1},
		"prose with colons between rules":   {"---\nFirst we do this: x: y\nthen that\nand more\n---\n", frontmatter.Options{}, "none", "", "---\nFirst we do this: x: y\nthen that\nand more\n---\n", 1},
		"a rule that has no partner":        {"---\n\nJust text.\n", frontmatter.Options{}, "none", "", "---\n\nJust text.\n", 1},
		"empty file":                        {"", frontmatter.Options{}, "none", "", "", 1},
		"blank file":                        {" \n\n", frontmatter.Options{}, "none", "", " \n\n", 1},
		"empty header":                      {"---\n---\nbody\n", frontmatter.Options{}, "yaml", "", "body\n", 3},
		"empty TOML header":                 {"\ufeff+++\n+++\n\nbody\n", frontmatter.Options{}, "toml", "", "\nbody\n", 3},
		"header of comments":                {"---\n# nothing\n\n---\nbody\n", frontmatter.Options{}, "yaml", "", "body\n", 5},
		"header without body":               {"---\nredirect: /x\n---", frontmatter.Options{}, "yaml", "redirect", "", 4},
		"dashes before a text":              {"--\nJust text.\n\n---\n", frontmatter.Options{}, "none", "", "--\nJust text.\n\n---\n", 1},
		"dashes before one line":            {"--\nNote: just text.\n", frontmatter.Options{}, "none", "", "--\nNote: just text.\n", 1},
		"an indented rule":                  {" ---\n\nJust text.\n\n---\n", frontmatter.Options{}, "none", "", " ---\n\nJust text.\n\n---\n", 1},
		"a rule in the body":                {"---\na: 1\n---\nb\n\n---\n\nc\n", frontmatter.Options{}, "yaml", "a", "b\n\n---\n\nc\n", 4},
		"dashes in a block":                 {"---\na: |\n  ---\n  b\nc: d\n---\nbody", frontmatter.Options{}, "yaml", "a c", "body", 7},
		"longer closing dashes":             {"---\na: 1\n-----\nbody", frontmatter.Options{}, "yaml", "a", "body", 4},
		"open, no value":                    {"date: 2013-12-25\ntags:\n---\n\nbody", open, "yaml", "date tags", "\nbody", 4},
		"open, quoted key":                  {"\"a b\": c\n-----\nbody", open, "yaml", "a b", "body", 3},
		"open fence is not asked for":       {"date: 2013\n---\nbody", frontmatter.Options{}, "none", "", "date: 2013\n---\nbody", 1},
		"open, no fence at all":             {"date: 2013\n\nbody\n", open, "none", "", "date: 2013\n\nbody\n", 1},
		"JSON, body on its last line":       {"{\"a\": {\"b\": \"}\"}} body", frontmatter.Options{}, "json", "a", " body", 1},
		"JSON, escaped quotation mark":      {"{\n\"a\": \"\\\"}\"\n}\n\nbody", frontmatter.Options{}, "json", "a", "\nbody", 4},
		"a body that begins with a brace":   {"{% include x %}\ntext\n", frontmatter.Options{}, "none", "", "{% include x %}\ntext\n", 1},
		"Pelican":                           {"Title: A: b\nDate: 2014-11-17\nSummary: one\n    two\n\nbody\n", pelican, "pelican", "title date summary", "body\n", 6},
		"Pelican, fenced":                   {"---\nTitle: A\nTags: x, y\n---\nbody\n", pelican, "pelican", "title tags", "body\n", 5},
		"Pelican, text follows at once":     {"Title: A\nplain text\n\nbody\n", pelican, "pelican", "title", "plain text\n\nbody\n", 2},
		"Pelican without header":            {"plain text: with colon\n", pelican, "none", "", "plain text: with colon\n", 1},
		"Pelican, no body":                  {"Title: A\n", pelican, "pelican", "title", "", 2},
		"mixed line ends":                   {"a: 1\r\n---\r\none\ntwo\r\nthree\rfour", open, "yaml", "a", "one\ntwo\nthree\nfour", 3},
		"UTF-16, little endian":             {wide("---\r\na: 回\r\n---\r\n车😀", false), frontmatter.Options{}, "yaml", "a", "车😀", 4},
		"UTF-16, big endian":                {wide("---\na: 回\n---\nb", true), frontmatter.Options{}, "yaml", "a", "b", 4},
		"UTF-16 without byte order mark":    {wide("---\na: 1\n---\nb", false)[2:], frontmatter.Options{}, "yaml", "a", "b", 4},
		"a header after a byte order mark":  {"\ufeff---\na: 1\n---\nb\ufeff", frontmatter.Options{}, "yaml", "a", "b\ufeff", 4},
		"an unknown word behind the dashes": {"--- hello\na: 1\n---\n", frontmatter.Options{}, "none", "", "--- hello\na: 1\n---\n", 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			doc, problems := frontmatter.Parse([]byte(c.file), c.options)
			if len(problems) > 0 {
				t.Fatal(problems)
			}
			if keys := strings.Join(doc.Order, " "); doc.Format != c.format || keys != c.keys {
				t.Errorf("%s with %q, want %s with %q", doc.Format, keys, c.format, c.keys)
			}
			if string(doc.Body) != c.body || doc.BodyLine != c.line {
				t.Errorf("body %q from line %d, want %q from %d", doc.Body, doc.BodyLine, c.body, c.line)
			}
		})
	}
}

func TestBodyIsNotCopiedWhenNothingChanges(t *testing.T) {
	t.Parallel()
	file := []byte("---\na: 1\n---\nbody")
	doc, _ := frontmatter.Parse(file, frontmatter.Options{})
	file[len(file)-1] = 'Y'
	if string(doc.Body) != "bodY" {
		t.Errorf("body %q does not share the file's memory", doc.Body)
	}
}
