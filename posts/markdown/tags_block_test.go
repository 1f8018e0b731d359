package markdown

import (
	"strings"
	"testing"
)

// TestTagsInBlocksOfHTML: Markdown is not read in a block of HTML, so what a tag
// stands for must come out as HTML there.
func TestTagsInBlocksOfHTML(t *testing.T) {
	t.Parallel()
	const url = "https://blog.example/sub/2026/git/"
	for _, c := range []struct {
		dialect       Dialect
		in, want, sum string
	}{
		{Hexo, "<figure>\n {% asset_img a.png \"An alt\" %}\n<figcaption>{% post_link first T %}</figcaption></figure>\n\n*a*",
			"<figure>\n <img src=\"" + url + "a.png\" alt=\"An alt\" title=\"An alt\">\n<figcaption><a href=\"https://blog.example/sub/first/\">T</a></figcaption></figure>\n<p><em>a</em></p>", "a"},
		{Hexo, "<div>\n{% codeblock t.go %}\na &lt; <b>\n\nc\n{% endcodeblock %}\n</div>\n\nb",
			"<div>\n<p>t.go</p>\n<pre><code>a &amp;lt; &lt;b&gt;\n\nc\n</code></pre>\n</div>\n<p>b</p>", "b"},
		{Hexo, "<td>{% codeblock %}\na\n\n<b>\n{% endcodeblock %}</td>", "<pre><code>a\n\n&lt;b&gt;\n</code></pre>", ""},
		{Hexo, "<p>\n{% quote %}a $x^2$ `b`{% endquote %}\n</p>", "<p>\n</p><blockquote>\n<p>a ‹x^2› <code>b</code></p>\n</blockquote>\n<p></p>", "a x² b"},
		{Hexo, "<div>\n{% raw %}<b>{{x}}</b>{% endraw %} <a title=\"{% raw %}{{\"y\"}}{% endraw %}\" href=\"/x\">z</a></div>",
			"<div>\n<b>{{x}}</b> <a href=\"https://blog.example/x\" title=\"{{&quot;y&quot;}}\">z</a></div>", "x z"},
		{Jekyll, "<div>\n{% raw %}<b>{{x}}</b>{% endraw %} <a href=\"{% post_url 2020-01-01-first %}\">z</a></div>",
			"<div>\n<b>{{x}}</b> <a href=\"https://blog.example/sub/first/\">z</a></div>", "x z"},
		{Jekyll, "<div class=\"a\" markdown=\"1\">\n**b** [c](d)\n</div>\n\ne", "<div>\n<p><strong>b</strong> <a href=\"" + url + "d\">c</a></p>\n</div>\n<p>e</p>", "b c e"},
		{Jekyll, "<div markdown=\"0\">\n**b**\n</div>", "<div>\n**b**\n</div>", "**b**"},
		{Pelican, "<aside markdown=block>\n\n- a\n\n</aside>", "<aside>\n<ul>\n<li>a</li>\n</ul>\n</aside>", "a"},
		{Hugo, "<div>\n{{< figure src=\"a.png\" caption=\"c *d*\" >}}\n{{< youtube abc >}}\n</div>\n\n*e*",
			"<div>\n<figure>\n<p><img src=\"" + url + "a.png\" alt=\"c *d*\"></p>\n<figcaption>\n<p>c <em>d</em></p>\n</figcaption>\n</figure>\n" +
				"<a href=\"https://www.youtube.com/watch?v=abc\">YouTube: https://www.youtube.com/watch?v=abc</a>\n</div>\n<p><em>e</em></p>", "e"},
		{Zola, "<center>\n{{ youtube(id=\"abc\") }}\n</center>", "<center>\n<a href=\"https://www.youtube.com/watch?v=abc\">YouTube: https://www.youtube.com/watch?v=abc</a>\n</center>", ""},
		{Eleventy, "<!-- {% note %}\n\n-->\n\n<p>{% image \"/a.jpg\", \"a [x] b-c\" %}</p>", "<p><img src=\"https://blog.example/a.jpg\" alt=\"a [x] b-c\"></p>", ""},
		{Hexo, "<b>{% post_link first T %}</b> *c*\n\n<a id=x>\n*d*", "<p><b><a href=\"https://blog.example/sub/first/\">T</a></b> <em>c</em></p>\n\n*d*", "T c *d*"},
		{Hexo, "a\n\n{% codeblock \"&lt;x&gt;/a.go\" %}\nx\n{% endcodeblock %}\n\n<b>c</b>", "<p>a</p>\n<p>&lt;x&gt;/a.go</p>\n<pre><code>x\n</code></pre>\n<p><b>c</b></p>", "a c"},
	} {
		r := render(t, c.in, site(c.dialect))
		if got := shorthand(strings.TrimSpace(r.HTML)); got != c.want && !needsMath(c.want) {
			t.Errorf("%s: %q\ngot  %q\nwant %q", c.dialect, c.in, got, c.want)
		}
		if r.Summary != c.sum {
			t.Errorf("%s: %q\nsummary %q\nwant    %q", c.dialect, c.in, r.Summary, c.sum)
		}
	}
}

// TestQuotedFormulaInHTMLIsAFormula: a tag in a page of HTML is rendered apart,
// where formulas once had nobody to write them.
func TestQuotedFormulaInHTMLIsAFormula(t *testing.T) {
	t.Parallel()
	o := site(Hexo)
	o.HTML = true
	r := render(t, "<div>{% quote %}a $x^2$ b{% endquote %}</div>", o)
	const want = "<div><blockquote>\n<p>a ‹x^2› b</p>\n</blockquote></div>"
	if got := shorthand(r.HTML); got != want && !needsMath(want) || r.Summary != "a x² b" {
		t.Errorf("%q, summary %q", got, r.Summary)
	}
}
