package posts

import (
	"slices"
	"testing"
)

func TestSlugsAreThoseOfEachGenerator(t *testing.T) {
	t.Parallel()
	hexo := func(s string) string { return hexoSlug(s, true) }
	hugo := func(s string) string { return hugoSlug(s, true, false) }
	pretty := func(s string) string { return jekyllSlug(s, "pretty", true) }
	jekyll := func(s string) string { return jekyllSlug(s, "default", false) }
	zola := func(s string) string { return orUnknown(asciiSlug(s)) }
	for _, c := range []struct {
		of       string
		make     func(string) string
		in, want string
	}{
		{"hexo", hexo, "Hello, Wörld & <b>", "hello-world-b"}, {"hexo", hexo, "你好，世界！", "你好，世界！"}, {"hexo", hexo, "--a__b--", "a-b"},
		{"hexo", hexo, "Straße Æ ø ﬁ", "strase-ae-o-fi"}, {"hexo", hexo, "が ガ", "が-ガ"},
		{"hugo", hugo, "My  Title: C++ & C#", "my-title-c++-c#"}, {"hugo", hugo, "a - b", "a-b"}, {"hugo", hugo, "Ünï 中文!", "ünï-中文"}, {"hugo", hugo, "q?x(1)'s", "qx1s"},
		{"jekyll title", pretty, "Hello World, it's $5 (ok)", "Hello-World,-it's-$5-(ok)"}, {"jekyll title", pretty, "#1 x#", "1-x"},
		{"jekyll slug", jekyll, "The _config.yml file", "the-config-yml-file"}, {"jekyll slug", jekyll, "Über Größe", "über-größe"},
		{"zola", zola, "test (hey)", "test-hey"}, {"zola", zola, "héhé", "hehe"}, {"zola", zola, "日本", "?"}, {"zola", zola, "dot. ", "dot"},
		{"astro", githubSlug, "First Post! (v1.0)", "first-post-v10"}, {"astro", githubSlug, "a_b-c 你好", "a_b-c-你好"},
	} {
		if got := c.make(c.in); got != c.want {
			t.Errorf("%s %q: want %q, got %q", c.of, c.in, c.want, got)
		}
	}
	for mode, want := range map[string]string{"raw": "the-_config.yml-ä", "ascii": "the-config-yml", "latin": "the-config-yml-a", "none": "the _config.yml ä"} {
		if got := jekyllSlug("The _config.yml ä", mode, false); got != want {
			t.Errorf("jekyll %s: want %q, got %q", mode, want, got)
		}
	}
}

func orUnknown(s string, ok bool) string {
	if !ok {
		return "?"
	}
	return s
}

func TestTitlesAreOneCleanLine(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{"a": "a", " a\n b\t": "a b", "&lt;b&gt; &amp;amp;": "<b> &amp;", "\u200bx\ufeffy": "xy", "a\u00a0b": "a b",
		"👩\u200d👩\u200d👧": "👩\u200d👩\u200d👧", "\u200da": "a", "a\x08b\x1b[0m": "ab", "a\u2028b": "a b", "x\u202ey": "xy", "": "", "می\u200cخواهم": "می\u200cخواهم"} {
		if got := cleanTitle(in); got != want {
			t.Errorf("%q: want %q, got %q", in, want, got)
		}
		if cleanTitle(cleanTitle("plain "+want)) != cleanTitle("plain "+want) && want != "<b> &amp;" {
			t.Errorf("%q: cleaning twice differs", in)
		}
	}
}

func TestLanguageTagsHaveTheirUsualCase(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{"zh_cn": "zh-CN", "EN": "en", "zh-hans-cn": "zh-Hans-CN", "en_US.UTF-8": "en-US", "default": "", "": "", "a": "", "english": "", "es-419": "es-419"} {
		if got := languageTag(in); got != want {
			t.Errorf("%q: want %q, got %q", in, want, got)
		}
	}
}

func TestLiteralsOfPythonAreReadAndCodeIsNot(t *testing.T) {
	t.Parallel()
	got := pyAssignments(`# comment = 'no'
A = 'x' "y"
B = ('one',
     'two', # inner
    )
C = ("joined "
     'text')
D = {'k': 1, "l": [True, None, -2.5]}
E = os.environ.get('E', 'x')
F = r'(?P<date>\d+)'
G = """long
text"""
H = 'esc\'aped \u4e2d'
if X:
    I = 'indented'
J = 'twice'
J = 1
K == 'no'
L = 'a' + 'b'
M = 'a' + b
N = f'{A}'
O = ()
`)
	want := map[string]any{"A": "xy", "C": "joined text", "F": `(?P<date>\d+)`, "G": "long\ntext", "H": "esc'aped 中", "J": int64(1), "L": "ab"}
	for key, value := range want {
		if got[key] != value {
			t.Errorf("%s: want %v, got %v", key, value, got[key])
		}
	}
	if !slices.Equal(got.list("B"), []string{"one", "two"}) || got.text("D", "k") != "1" || !slices.Equal(got.list("D", "l"), []string{"true", "-2.5"}) {
		t.Errorf("%v", got)
	}
	for _, key := range []string{"E", "I", "K", "M", "N", "comment"} {
		if v, there := got[key]; there {
			t.Errorf("%s is %v", key, v)
		}
	}
}

func TestLiteralsOfJavaScriptAreReadWithoutItsComments(t *testing.T) {
	t.Parallel()
	js := newJSSource([]byte("// site: 'no'\n/* base: 'no' */\nexport default { site: \"https://a.example//x\", \"base\": '/b', dir: { input: `src` }, n: `a${b}`, nested: { site: 1 } }\nf('arg')"))
	for key, want := range map[string]string{"site": "https://a.example//x", "base": "/b", "input": "src", "n": "", "none": ""} {
		if got := js.value(key); got != want {
			t.Errorf("%s: want %q, got %q", key, want, got)
		}
	}
	if js.object("dir").value("input") != "src" || js.argument("f") != "arg" || !js.sets("n") || js.sets("no") {
		t.Errorf("%q", js)
	}
}
