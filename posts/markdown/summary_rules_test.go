package markdown

import (
	"strings"
	"testing"
)

// TestSummaryKeepsEveryRule has rows for each rule of how a summary is made, in
// the order in which a post is asked: header, mark, automatic; then what is left
// out, how text is joined, and where it is cut.
func TestSummaryKeepsEveryRule(t *testing.T) {
	t.Parallel()
	page := Options{HTML: true}
	wide := func(n int) Options { return Options{Width: n} }
	for _, c := range []struct {
		rule, in, want string
		o              Options
	}{
		// The header's words, verbatim: not cut, no Markdown read in them.
		{"header", "正文。", "*摘要* & <b> `x` $1", Options{Summary: "*摘要* & <b> `x` $1"}},
		{"header of several lines", "a", "第一行 second line", Options{Summary: "第一行\n  second line\n"}},
		{"header is not cut", "a", strings.Repeat("很长", 200), Options{Summary: strings.Repeat("很长", 200), Width: 20}},
		{"header wins over the mark", "a\n\n<!-- more -->\n\nb", "S", Options{Summary: "S"}},
		{"empty header is none", "a。", "a。", Options{Summary: " \n\t\u200b "}},
		{"header with control characters", "a", "AB C", Options{Summary: "A\x00B\x1b[31m\u202e C\ufeff"}},
		{"header of a page", "<p>a</p>", "x < y", Options{HTML: true, Summary: "x < y"}},

		// The author's mark.
		{"mark", "导语一。导语二。\n\n<!-- more -->\n\n正文", "导语一。导语二。", Options{}},
		{"mark without spaces", "a\n<!--more-->\nb", "a", Options{}},
		{"mark behind much text", strings.Repeat("长句子，", 300) + "完\n\n<!-- more -->\n\nx", strings.Repeat("长句子，", 300) + "完", wide(40)},
		{"mark in fenced code", "a\n\n```html\n<!-- more -->\n```\n\nb", "a b", Options{}},
		{"mark in indented code", "a\n\n    <!-- more -->\n\nb", "a b", Options{}},
		{"mark in a code span", "use `<!-- more -->` here", "use <!-- more --> here", Options{}},
		{"mark in code of a page", "<p>a</p><pre>&lt;!-- more --&gt;</pre><p>b</p>", "a b", page},
		{"mark in a page", "<p>a</p>\n<!-- more -->\n<p>b</p>", "a", page},
		{"mark with code before", "a\n\n```\nx\n```\n\n![i](i.png)\n\n<!-- more -->\n\nb", "a", Options{}},
		{"Hexo's tag", "a\n\n{% more %}\n\nb", "a", Options{Dialect: Hexo}},
		{"another comment", "a\n\n<!-- moreover -->\n\nb", "a b", Options{}},
		{"two marks", "a\n\n<!-- more -->\n\nb\n\n<!-- more -->\n\nc", "a", Options{}},

		// What an automatic summary leaves out.
		{"code first", "```go\nfunc main() {}\n```\n\n它打印一行。", "它打印一行。", Options{}},
		{"code in a tag first", "{% highlight go %}\nx\n{% endhighlight %}\n\ntext", "text", Options{Dialect: Jekyll}},
		{"picture first", "![封面](a.png)\n\n正文在此。", "正文在此。", Options{}},
		{"linked picture first", "[![badge](a.svg)](b) [![badge](c.svg)](d)\n\nText.", "Text.", Options{}},
		{"picture with its caption", "<figure><img src=a.png><figcaption>图一</figcaption></figure><p>正文。</p>", "正文。", page},
		{"table", "前。\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n后。", "前。 后。", Options{}},
		{"table of a page", "<p>前。</p><table><tr><td>1</td></tr></table><p>后。</p>", "前。 后。", page},
		{"displayed formula", "因为\n\n$$\\sum_i x_i$$\n\n所以成立。", "因为 所以成立。", Options{}},
		{"contents", "[TOC]\n\n- [一](#一)\n- [二](#二)\n\n正文。", "正文。", Options{Dialect: Pelican}},
		{"contents of a page", "<div id=toc><ul><li><a href=\"#a\">A</a></li></ul></div><p>正文。</p>", "正文。", page},
		{"list of links elsewhere is none", "- [A](https://a.example/)\n- [B](https://b.example/)\n", "A B", Options{}},
		{"title again", "# 标题\n\n正文。", "正文。", Options{Title: "标题"}},
		{"title again, underlined", "My Post\n=======\n\nText.", "Text.", Options{Title: "My post"}},
		{"another heading first", "## 背景\n\n正文。", "背景 正文。", Options{Title: "标题"}},
		{"nothing but code", "## 安装\n\n```sh\nx\n```\n\n## 使用\n\n```sh\ny\n```", "安装 · 使用", Options{Title: "标题"}},
		{"nothing but code under the title", "# T\n\n```\nx\n```\n\n## One\n\n    y\n", "One", Options{Title: "T"}},
		{"nothing but a picture", "![a](b.png)", "", Options{}},
		{"footnotes", "一[^1]。二[^note]！\n\n[^1]: 注。\n[^note]: 注二。", "一。二！", Options{}},
		{"footnotes of a page", "<p>a<sup id=fnref:1><a href=\"#fn:1\">1</a></sup>.</p><div class=footnotes><ol><li id=fn:1>n</li></ol></div>", "a.", page},
		{"script and style", "<style>b{}</style><script>x()</script><p>a</p>", "a", page},
		{"a film's address", "{{< youtube abc >}}\n\nWatch it.", "Watch it.", Options{Dialect: Hugo}},
		{"signs of a template", "a }} b {{ c {%", "a b c", Options{}},
		{"heading's own link", "<h2>Part <a class=anchor href=\"#part\">#</a></h2><p>a</p>", "Part a", page},
		{"ruby", "<ruby>東京<rp>(</rp><rt>とうきょう</rt><rp>)</rp></ruby>へ", "東京へ", page},

		// Text: literal code, formulas once, joins.
		{"code is literal", "`a < b && c` 和 `&lt;T&gt;`", "a < b && c 和 &lt;T&gt;", Options{}},
		{"simple formula", "$E = mc^2$ 与 $\\alpha_1 \\le \\beta$", "E = mc² 与 α₁ ≤ β", Options{}},
		{"formula that is not simple", "设 $\\begin{matrix}a\\\\b\\end{matrix}$ 为矩阵。", "设为矩阵。", Options{}},
		{"formula in brackets", "复杂度（$\\sum_{\\substack{i\\\\j}} x$）很高", "复杂度很高", Options{}},
		{"money", "从 $5 到 $10 不等", "从 $5 到 $10 不等", Options{}},
		{"KaTeX's two halves", "<p>a <span class=katex><span class=katex-mathml><math><semantics><mi>x</mi><annotation encoding=\"application/x-tex\">x</annotation></semantics></math></span><span class=katex-html>x</span></span> b</p>", "a x b", page},
		{"CJK break", "一行\n二行\nthree\nfour\n五", "一行二行 three four 五", Options{}},
		{"Korean break", "한국어\n문장", "한국어 문장", Options{}},
		{"Japanese break", "ひらがな\nカタカナ、\n漢字", "ひらがなカタカナ、漢字", Options{}},
		{"hard break", "a\\\nb  \nc<br>d", "a b c d", Options{}},
		{"list items", "1. one\n2. two\n   - three\n", "one two three", Options{}},
		{"entities", "&copy; &amp;amp; &#x4E2D; &nbsp;&nbsp;x", "© &amp; 中 x", Options{}},
		{"markup in words", "**粗**体~~删~~_斜_`码`", "粗体删斜码", Options{}},
		{"invisible characters", "a\u200bb\u00adc\u2060d\ufeffe", "abcde", Options{}},
		{"direction marks", "\u202bשלום\u202c \u200fעולם\u200e (a)", "שלום עולם (a)", Options{}},
		{"tags that a post lacks", "The <param> is `<param>` and `<T>`", "The is <param> and <T>", Options{}},

		// Cuts, by columns.
		{"sentence", "第一句话。第二句话很长很长很长很长。", "第一句话。", wide(20)},
		{"sentence with quotes", "他说：「好。」然后就走了很远很远的路。", "他说：「好。」", wide(20)},
		{"clause", "没有句号的一句话，有逗号在这里以及更多", "没有句号的一句话…", wide(24)},
		{"short clause is none", "而，没有句号也没有别的标点的一句很长的话", "而，没有句号也没有别的标…", wide(26)},
		{"grapheme", strings.Repeat("字", 30), strings.Repeat("字", 9) + "…", wide(20)},
		{"half a column", "a" + strings.Repeat("字", 30), "a" + strings.Repeat("字", 9) + "…", wide(20)},
		{"fits exactly", strings.Repeat("字", 10), strings.Repeat("字", 10), wide(20)},
		{"word", "several words without any stop at all", "several words…", wide(18)},
		{"very long word", strings.Repeat("a", 500), strings.Repeat("a", 19) + "…", wide(20)},
		{"families", "👨‍👩‍👧‍👦👨‍👩‍👧‍👦👨‍👩‍👧‍👦👨‍👩‍👧‍👦", "👨‍👩‍👧‍👦…", wide(10)},
		{"flags", "🇨🇳🇫🇷🇩🇪🇯🇵", "🇨🇳🇫🇷🇩🇪…", wide(7)},
		{"skin and hair", "👩🏽‍💻👩🏽‍💻👩🏽‍💻", "👩🏽‍💻…", wide(8)},
		{"combining marks", strings.Repeat("e\u0301\u0323", 30), strings.Repeat("e\u0301\u0323", 9) + "…", wide(10)},
		{"address", "请见 https://example.com/a/very/long/path?with=a&query=b 页面", "请见…", wide(30)},
		{"number and unit", "总共占用了大约 512 MB 的内存空间", "总共占用了大约…", wide(19)},
		{"version", "we upgraded it to 10.15.7 last week", "we upgraded it to…", wide(22)},
		{"abbreviation", "Ask Dr. Who, e.g. on Mars. He knows it all too well.", "Ask Dr. Who, e.g. on Mars.", wide(34)},
		{"open book title", "推荐一本书《一个很长很长的书名》给你", "推荐一本书…", wide(20)},
		{"open bracket", "它很快（比原来快了整整十倍以上）而且小", "它很快…", wide(20)},
		{"open quote", "他反复说“这件事情没有那么简单”很多遍", "他反复说…", wide(20)},
		{"Hebrew", "זהו משפט ראשון. זהו משפט שני שהוא ארוך יותר.", "זהו משפט ראשון.", wide(24)},
		{"Arabic question", "هل هذا صحيح؟ نعم هذا صحيح جدا ولا شك فيه", "هل هذا صحيح؟", wide(20)},
		{"Hindi stop", "यह पहला वाक्य है। यह दूसरा वाक्य है जो लंबा है।", "यह पहला वाक्य है।", wide(24)},
		{"Armenian stop", "Սա առաջին նախադասությունն է։ Սա երկրորդն է։", "Սա առաջին նախադասությունն է։", wide(34)},
		{"Urdu clause", "یہ پہلا حصہ ہے، اور یہ دوسرا حصہ ہے جو لمبا ہے", "یہ پہلا حصہ ہے…", wide(24)},
		{"Japanese full stop", "１．５倍です．次の文はとてもとても長い文です", "１．５倍です．", wide(20)},
		{"Thai", "ภาษาไทยไม่มีช่องว่างระหว่างคำ", "ภาษาไทยไม่มีช่…", wide(12)},
		{"Greek question", "Τι είναι αυτό; Είναι μια μεγάλη πρόταση.", "Τι είναι αυτό…", wide(20)},
		{"mixed", "Go 1.25 发布了！新的 GC 很快。", "Go 1.25 发布了！", wide(20)},
	} {
		r := render(t, c.in, c.o)
		if r.Summary != c.want {
			t.Errorf("%s: %.80q\ngot  %q\nwant %q", c.rule, c.in, r.Summary, c.want)
		}
		if width := c.o.Width; width > 0 && c.o.Summary == "" && !strings.Contains(c.in, "more") && textWidth([]byte(r.Summary)) > width {
			t.Errorf("%s: %q is wider than %d", c.rule, r.Summary, width)
		}
	}
}
