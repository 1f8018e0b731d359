package markdown

import (
	"flag"
	"html"
	"os"
	"strings"
	"testing"

	"github.com/rivo/uniseg"
	"pgregory.net/rapid"
)

// TestMain fixes the seed of drawn tests, so that a run says the same every
// time; -rapid.seed chooses another.
func TestMain(m *testing.M) {
	flag.Parse()
	if f := flag.Lookup("rapid.seed"); f != nil && f.Value.String() == "0" {
		_ = f.Value.Set("20260301")
	}
	os.Exit(m.Run())
}

func TestSummaryOfMarkdown(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, in, want string
		o              Options
	}{
		{"mark inside code is none", "一。\n\n```html\n<!-- more -->\n```\n\n二。`<!-- more -->`", "一。 二。<!-- more -->", Options{}},
		{"mark at the top", "<!-- more -->\n\n正文。", "正文。", Options{}},
		{"mark in a paragraph", "前文<!--more-->后文", "前文", Options{}},
		{"mark in capitals", "a\n\n<!-- MORE -->\n\nb", "a", Options{}},
		{"WordPress's mark", "a\n\n<!--more Read on-->\n\nb", "a", Options{}},
		{"mark wins over length", "第一句很长。第二句。\n\n<!-- more -->\n\nx", "第一句很长。第二句。", Options{Width: 10}},
		{"front matter wins", "a\n\n<!-- more -->", "A <b> & c", Options{Summary: " A <b>\n& c "}},
		{"only code", "## 安装\n\n```sh\nx\n```\n\n## 使用\n\n    y\n", "安装 · 使用", Options{}},
		{"formulas", "设 $x^2 \\le a_1$，$\\alpha \\to \\mathbb{R}$，$\\frac{1}{2}$。", "设 x² ≤ a₁，α → ℝ，1/2。", Options{}},
		{"formula left out", "由 $\\begin{matrix}1\\end{matrix}$ 可知（$\\binom{n}{k}$），成立。", "由可知，成立。", Options{}},
		{"formula left out of English", "Here $\\binom{n}{k}$, and $\\binom{n}{k}$ ends.", "Here, and ends.", Options{}},
		{"escaped dollar", "It is \\$5 and 3\\$.", "It is $5 and 3$.", Options{}},
		{"image and link", "![alt](a.png) 见[文档](b)<https://c.example>。", "见文档https://c.example。", Options{}},
		{"footnote", "事实[^1]。\n\n[^1]: 出处。\n", "事实。", Options{}},
		{"table of contents", "- [一](#a)\n  - [二](#b)\n\n正文。", "正文。", Options{}},
		{"list", "- 甲\n- 乙\n  - 丙\n", "甲 乙 丙", Options{}},
		{"task list", "- [x] done\n- [ ] todo\n", "done todo", Options{}},
		{"quote and break", "> 引文。\n\na  \nb", "引文。 a b", Options{}},
		{"entities once", "&lt;b&gt; &amp;lt; `&lt;`", "<b> &lt; &lt;", Options{}},
		{"HTML inside", "<div>\n\n**粗** <kbd>x</kbd>\n\n</div>\n<pre>code</pre>", "粗 x", Options{}},
		{"soft break after a comma", "你好，\nLatin\n中文\n한국\n한국", "你好，Latin 中文 한국 한국", Options{}},
		{"strike and emphasis", "~~旧~~**新**_x_", "旧新x", Options{}},
		{"definition", "词\n: 义\n", "词 义", Options{Dialect: Hugo}},
		{"tag code", "a\n\n{% codeblock %}\nx\n{% endcodeblock %}\n\nb", "a b", Options{Dialect: Hexo}},
		{"same title twice", "# T\n\ntext\n\n# T\n", "text T", Options{Title: "t"}},
		{"mark in a body with HTML", "a<br>b\n\n<!-- more -->\n\nc <kbd>d</kbd>", "a b", Options{}},
		{"footnote and task in a body with HTML", "- [x] a<kbd>b</kbd>[^1]\n\n[^1]: c\n", "ab", Options{}},
		{"film", "{% youtube x %}\n\ntext https://a.example/b", "text https://a.example/b", Options{Dialect: Hexo}},
		{"nothing", "```\nx\n```\n", "", Options{}},
	} {
		if got := render(t, c.in, c.o).Summary; got != c.want {
			t.Errorf("%s: %q\ngot  %q\nwant %q", c.name, c.in, got, c.want)
		}
	}
}

func TestSummaryOfHTML(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"<p>设 $x^2$ 与 \\(a_1\\)，<code>$y$</code> 价格$5，$6。</p>$$z$$<p>完</p>":                             "设 x² 与 a₁，$y$ 价格$5，$6。 完",
		"<p>行一\n行二，\nLatin\nline</p>":                                                                   "行一行二，Latin line",
		"<p>a<!--more-->b</p>":                                                                          "a",
		"<p>a</p><a id=more></a><p>b</p>":                                                               "a",
		"<ul><li>a<ul><li>b</li></ul></li><li>c</li></ul>":                                              "a b c",
		"<nav>n</nav><ul><li><a href=#x>x</a></li></ul><h2>H</h2><p>t<sup><a href=#fn1>1</a></sup></p>": "H t",
		"<h2>一</h2><pre>x</pre><h2>二</h2>":                                                              "一 · 二",
		"text <b>bold</b>, <i>it</i>.":                                                                  "text bold, it.",
		"<p>空 &nbsp; 格</p>":                                                                             "空 格",
		"<ruby>漢<rp>(</rp><rt>かん</rt><rp>)</rp></ruby>字":                                                "漢字",
	} {
		if got := ExcerptHTML(in, Options{}); got != want {
			t.Errorf("%q\ngot  %q\nwant %q", in, got, want)
		}
	}
}

func TestExcerptCutsAsAReaderWould(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		in    string
		width int
		want  string
	}{
		{"他说：“今天很好。”然后走了。后面还有很长的话", 30, "他说：“今天很好。”然后走了。"},
		{"The U.S. economy grew by 3.5% in May. Then it fell back again to zero.", 40, "The U.S. economy grew by 3.5% in May."},
		{"Dr. Smith met J. Doe at St. Mary's yesterday and then they went on", 30, "Dr. Smith met J. Doe at St.…"},
		{"从第一点，到第二点，再到一个非常长的第三点没有标点", 30, "从第一点，到第二点…"},
		{"内存占用达到了惊人的 128 GB 左右", 25, "内存占用达到了惊人的…"},
		{"下载 https://a.example/very/long/path/x.tar.gz 即可", 20, "下载…"},
		{"https://a.example/very/long/path/x.tar.gz 即可下载", 20, "即可下载"},
		{"supercalifragilisticexpialidocious", 10, "supercali…"},
		{"some words that go on", 12, "some words…"},
		{"《很长很长很长很长的书名》好", 10, "很长很长…"},
		{"Is it? Yes! And more follows here", 12, "Is it? Yes!"},
		{"真的吗？是的！后面很长很长", 16, "真的吗？是的！"},
		{"short", 200, "short"},
		{"", 10, ""},
	} {
		if got := Excerpt(c.in, c.width); got != c.want {
			t.Errorf("%q to %d\ngot  %q\nwant %q", c.in, c.width, got, c.want)
		}
	}
}

// piece draws text with everything that a cut could break.
var piece = rapid.SampledFrom([]string{
	"中文", "一个很长的句子", "。", "，", "、", "！", "？", "；", "《书名》", "「", "」", "（注）", "（", "“", "”", "word", "another", " ", " ", ". ", ", ", "e.g. ",
	"3.11.2", "128 GB", "50%", "2024 年", "$100", "https://a.example/b/c?d=1", "www.example.org", "👩‍💻", "👨‍👩‍👧‍👦", "🇨🇳", "é", "ก็", "한국어", "…", "(a)", "[x]", "\n", "\t", "\u00a0", "\u202e", "\x1b[31m", "\ufeff",
})

func TestExcerptKeepsItsProperties(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		text := strings.Join(rapid.SliceOfN(piece, 0, 40).Draw(t, "text"), "")
		width := rapid.IntRange(6, 80).Draw(t, "width")
		checkExcerpt(t, text, width)
		whole, got := Excerpt(text, 1<<20), Excerpt(text, width)
		if again := ExcerptHTML("<p>"+html.EscapeString(got)+"</p>", Options{Width: width}); again != got {
			t.Errorf("%q as HTML is %q", got, again)
		}
		body, cut := strings.CutSuffix(got, "…")
		if got == "" || strings.HasSuffix(whole, got) { // nothing was cut at the end
			return
		}
		if cut && !onBoundary(whole, body) {
			t.Errorf("%q to %d: %q breaks a grapheme", whole, width, got)
		}
		for _, pair := range []string{"《》", "「」", "（）", "“”"} {
			r := []rune(pair)
			if strings.LastIndex(whole, string(r[1])) < strings.LastIndex(whole, string(r[0])) {
				continue // the text itself never closes it
			}
			if tail := body[strings.LastIndex(body, string(r[0]))+1:]; strings.Contains(body, string(r[0])) && !strings.Contains(tail, string(r[1])) && body != "" {
				t.Errorf("%q to %d ends inside %s: %q", whole, width, pair, got)
			}
		}
		for _, unit := range []string{"https://a.example/b/c?d=1", "128 GB", "3.11.2", "50%"} {
			for n := 1; n < len(unit); n++ {
				if strings.HasSuffix(body, unit[:n]) && len(unit[:n]) > 3 && !strings.HasSuffix(body, unit) {
					t.Errorf("%q to %d breaks %s: %q", whole, width, unit, got)
				}
			}
		}
	})
}

// onBoundary says whether body ends at a grapheme's end wherever it occurs in whole.
func onBoundary(whole, body string) bool {
	i := strings.Index(whole, body)
	if i < 0 {
		return true
	}
	at, state := 0, -1
	for rest := whole; rest != ""; {
		if at >= i+len(body) {
			break
		}
		var cluster string
		cluster, rest, _, state = uniseg.FirstGraphemeClusterInString(rest, state)
		at += len(cluster)
	}
	return at == i+len(body)
}

func TestTemplatesThatNobodyFilledInAreNotInSummaries(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{"a{{b": "ab", "a `x`{{b }} c": "a xb c", "{% x": "x", "a {{ b\n}} c `{{ d }}`": "a b c {{ d }}"} {
		if got := render(t, in, Options{}).Summary; got != want {
			t.Errorf("the summary of %q is %q, want %q", in, got, want)
		}
	}
}
