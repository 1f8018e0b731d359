package frontmatter_test

import (
	"strings"
	"testing"
	"unicode/utf16"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/simplifiedchinese"

	"tidings.example/posts/frontmatter"
)

// wide encodes a text as UTF-16 with a byte order mark.
func wide(s string, big bool) string {
	var out []byte
	for _, u := range utf16.Encode([]rune("\ufeff" + s)) {
		if big {
			out = append(out, byte(u>>8), byte(u))
		} else {
			out = append(out, byte(u), byte(u>>8))
		}
	}
	return string(out)
}

func encode(t *testing.T, s string, encoder interface{ String(string) (string, error) }) string {
	t.Helper()
	out, err := encoder.String(s)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestMistakesAreToldWithLineAndWayOut(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		file string
		line int
		word string
	}{
		"colon in a value":       {"---\na: 1\ntitle: Foo: bar\n---\n", 3, "put the value of title in quotes"},
		"colon in an item":       {"---\na:\n  - b: c: d\n---\n", 3, "put the value of b in quotes"},
		"reserved character":     {"---\ntitle: @me\n---\n", 2, "cannot begin with @: put the value of title"},
		"template":               {"---\na: b\ntitle: {{ title }}\n---\n", 3, "template code"},
		"tag of a template":      {"---\ntitle: {% x %}\n---\n", 2, "template code"},
		"open bracket":           {"---\na: 1\ntags: [x\n---\n", 3, "bracket is not closed"},
		"text behind a list":     {"---\ntitle: [x] y\n---\n", 2, "begins with a bracket"},
		"apostrophe":             {"---\ntitle: 'it's'\n---\n", 2, "''"},
		"text behind quotes":     {"---\ntitle: \"x\" y\n---\n", 2, "quote the whole value"},
		"lost quotation mark":    {"---\na: \"Foo\nb: 1\n---\n", 2, "has no partner"},
		"lost, found further on": {"---\na: 1\nb: \"Foo\nc: 1\nd: \"x\"\n---\n", 3, "has no partner"},
		"unknown escape":         {"---\na: \"C:\\Users\"\n---\n", 2, `\\`},
		"no blank behind colon":  {"---\na: 1\ndate:2020\n---\n", 3, "missing behind date:"},
		"no blank anywhere":      {"---\ntitle:a\ndate:2020\n---\n", 2, "missing behind title:"},
		"a line without key":     {"---\na: 1\nfoo bar\n---\n", 3, "key: value"},
		"wrong indentation":      {"---\na:\n  b: 1\n c: 2\n---\n", 4, "indentation"},
		"value at the margin":    {"---\ntags:\n\nfoo\n---\n", 4, "value of tags stands in a line of its own"},
		"plain over two lines":   {"---\na: b\n  - x\n    c: d\n---\n", 4, "put it in quotes"},
		"comma at the head":      {"---\na: 1\nb: , c\n---\n", 3, "put it in quotes"},
		"anchor":                 {"---\na: &x 1\nb: *x\n---\n", 2, "anchors and aliases"},
		"alias of emphasis":      {"---\na: 1\ntitle: *foo*\n---\n", 3, "in quotes"},
		"merge key":              {"---\na: 1\n<<: {b: 1}\n---\n", 3, "merge keys"},
		"unknown tag":            {"---\na: !ruby/object x\n---\n", 2, "!ruby/object"},
		"deep list":              {"---\na: " + strings.Repeat("[", 300) + "\n---\n", 2, "deeper than 32"},
		"deep list that closes":  {"---\na: " + strings.Repeat("[", 40) + strings.Repeat("]", 40) + "\n---\n", 2, "deeper than 32"},
		"deep dashes":            {"---\na:\n  " + strings.Repeat("- ", 40) + "x\n---\n", 3, "deeper than 32"},
		"deep JSON":              {"{\"a\": " + strings.Repeat("[", 40) + strings.Repeat("]", 40) + "}\n", 1, "deeper than 32"},
		"deep TOML":              {"+++\n[" + strings.Repeat("a.", 40) + "b]\n+++\n", 2, "deeper than 32"},
		"many lines":             {"---\na: &b\n" + strings.Repeat("- x\n", 5000) + "---\n", 4098, "more than 4096 lines"},
		"many marks":             {"---\na: " + strings.Repeat("&a ", 2000) + "\n---\n", 2, "more than 1024"},
		"many brackets":          {"---\na: [" + strings.Repeat("[x],", 5000) + "]\n---\n", 2, "more than 4096 brackets"},
		"second document":        {"---\na: 1\n--- # x\nb: 1\n---\n", 4, "second YAML document"},
		"not closed":             {"---\ntitle: a\n\nbody\n", 1, "not closed: add a line ---"},
		"not closed TOML":        {"+++\ntitle = 1\n\nbody\n", 1, "add a line +++"},
		"two dashes":             {"--\ntitle: a\n---\n", 1, "write ---"},
		"two dashes twice":       {"\n--\ntitle: a\n--\n", 2, "write ---"},
		"a dash of typographers": {"—\ntitle: a\n—\n", 1, "write ---"},
		"two plus signs":         {"++\ntitle = 'a'\n+++\n", 1, "write +++"},
		"blank before the fence": {" ---\ntitle: a\n---\n", 1, "white space"},
		"conflict of a merge":    {"<<<<<<< HEAD\n---\ntitle: a\n=======\n---\ntitle: b\n>>>>>>> x\n---\n", 1, "conflict"},
		"not closed JSON":        {"{\"title\": 1,\n\nbody\n", 1, "add a }"},
		"not closed in time":     {"---\ntitle: a\n" + strings.Repeat("x: y\n", 20000) + "---\n", 1, "within 64 KB"},
		"TOML without quotes":    {"+++\na = 1\ntitle = Foo\n+++\n", 3, "TOML header"},
		"TOML key twice":         {"+++\ntitle = 1\ntitle = 2\n+++\n", 3, "TOML header"},
		"JSON trailing comma":    {"{\"a\": 1,\n\"b\": 2,\n}\n", 3, "JSON header"},
		"JSON members":           {";;;\n\"a\": 1\n\"b\": 2\n;;;\n", 3, "JSON header"},
		"JSON with more":         {"---json\n{\"a\": 1}\n{}\n---\n", 3, "something follows"},
		"JSON is a list":         {"---json\n[1]\n---\n", 2, "no keys"},
		"JavaScript":             {"---js\n{a: 1}\n---\n", 1, "(js)"},
		"UTF-32":                 {"\xff\xfe\x00\x00-\x00\x00\x00-\x00\x00\x00-\x00\x00\x00", 1, "UTF-32"},
		"Shift JIS":              {encode(t, strings.Repeat("これはテストです", 9), japanese.ShiftJIS.NewEncoder()), 1, "not UTF-8"},
		"binary":                 {"\x00\x05\x16\x07\x00\x02\x00\x00Mac OS X\x00\xb0", 1, "not UTF-8"},
		"Latin-1 in the header":  {encode(t, "---\na: 1\ntitle: café à\n---\nb", charmap.ISO8859_1.NewEncoder()), 3, "not UTF-8"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			doc, problems := frontmatter.Parse([]byte(c.file), frontmatter.Options{})
			if len(problems) != 1 {
				t.Fatalf("problems %v, want one", problems)
			}
			p := problems[0]
			if !p.Fatal || p.Line != c.line || !strings.Contains(p.Message, c.word) {
				t.Errorf("got %+v, want line %d with %q", p, c.line, c.word)
			}
			if len(doc.Fields)+len(doc.Order)+len(doc.Lines) > 0 {
				t.Errorf("a broken header has fields: %v", doc.Fields)
			}
		})
	}
}

func TestFlawsThatAreToldDoNotStopTheHeader(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		file    string
		options frontmatter.Options
		line    int
		word    string
		title   string
		body    string
	}{
		"key twice":             {"---\ntitle: a\nx: 1\ntitle: b\n---\nc", frontmatter.Options{}, 4, "lines 2 and 4", "b", "c"},
		"folded key twice":      {"---\nTitle: a\nx: 1\ntitle: b\n---\nc", frontmatter.Options{FoldKeys: true}, 4, `"title" is given twice`, "b", "c"},
		"nested key twice":      {"---\ntitle: b\nx:\n  y: 1\n  y: 2\n---\nc", frontmatter.Options{}, 5, "lines 4 and 5", "b", "c"},
		"Pelican's first line":  {"Title: b\nTags: x\nTags: y\n\nc", frontmatter.Options{Pelican: true}, 3, "line 2, counts", "b", "c"},
		"stray bytes in a body": {"---\ntitle: b\n---\n中文\n\xff\xfec", frontmatter.Options{}, 5, "2 bytes are not UTF-8", "b", "中文\n\uFFFDc"},
		"half a surrogate":      {wide("---\ntitle: b\n---\n", false) + "\x00\xd8", frontmatter.Options{}, 4, "UTF-16", "b", "\uFFFD"},
		"GBK":                   {encode(t, "---\n标题: 甲\ntitle: 各国国歌\n---\n各个国家有各个国家的国歌\n", simplifiedchinese.GBK.NewEncoder()), frontmatter.Options{}, 2, "read as GBK", "各国国歌", "各个国家有各个国家的国歌\n"},
		"control in a title":    {"---\na: 1\ntitle: b\x07\n---\nc", frontmatter.Options{}, 3, "U+0007", "b\x07", "c"},
		"backspace in a value":  {"---\ntitle: x\x08y\n---\nc", frontmatter.Options{}, 2, "U+0008", "x\x08y", "c"},
		"nonchar in a tag":      {"---\ntitle: b\ntags: [\ufffe]\n---\nc", frontmatter.Options{}, 3, "U+FFFE", "b", "c"},
		"Latin-1 letter":        {"---\ntitle: b\n---\ncaf\xe9 noir", frontmatter.Options{}, 4, "1 byte is", "b", "caf\uFFFD noir"},
		"Latin-1 before letter": {"---\ntitle: b\n---\nd\xe9j", frontmatter.Options{}, 4, "1 byte is", "b", "d\uFFFDj"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			doc, problems := frontmatter.Parse([]byte(c.file), c.options)
			if len(problems) != 1 || problems[0].Fatal || problems[0].Line != c.line || !strings.Contains(problems[0].Message, c.word) {
				t.Errorf("got %v, want a warning in line %d with %q", problems, c.line, c.word)
			}
			if doc.Text("title") != c.title || string(doc.Body) != c.body {
				t.Errorf("title %q, body %q", doc.Text("title"), doc.Body)
			}
		})
	}
}
