package markdown

import (
	"strings"
	"testing"
)

// site resolves what the tests refer to.
func site(d Dialect) Options {
	return Options{
		Dialect: d, PostURL: "https://blog.example/sub/2026/git/", SiteURL: "https://blog.example/sub", Title: "Git",
		Ref: func(name string) (string, string, bool) {
			switch strings.TrimPrefix(name, "@/") {
			case "first", "first.md", "blog/first.md", "_posts/2020-01-01-first.md", "2020-01-01-first":
				return "https://blog.example/sub/first/", "First & <best>", true
			}
			return "", "", false
		},
		Asset: func(name string) (string, bool) {
			if name == "图 1.png" || name == "a.png" {
				return "https://blog.example/sub/2026/git/" + name, true
			}
			return "", false
		},
	}
}

func TestTagsBecomeWhatTheyStandFor(t *testing.T) {
	t.Parallel()
	const first = `<a href="https://blog.example/sub/first/"`
	for _, c := range []struct {
		dialect  Dialect
		in, want string
	}{
		{Hexo, "{% post_link first %}", "<p>" + first + ">First &amp; &lt;best&gt;</a></p>"},
		{Hexo, "见{% post_link first 'A *b*' %}。", "<p>见" + first + ">A *b*</a>。</p>"},
		{Hexo, "[x]({% post_path first %})", "<p>" + first + ">x</a></p>"},
		{Hexo, "{% asset_img a.png %}", `<p><img src="https://blog.example/sub/2026/git/a.png" alt=""></p>`},
		{Hexo, `{% asset_img left "图 1.png" 300 200 '"标题" "替代"' %}`, `<p><img src="https://blog.example/sub/2026/git/%E5%9B%BE%201.png" alt="替代" title="标题"></p>`},
		{Hexo, "{% asset_link a.png 下载 %}", `<p><a href="https://blog.example/sub/2026/git/a.png">下载</a></p>`},
		{Hexo, "![x]({% asset_path a.png %})", `<p><img src="https://blog.example/sub/2026/git/a.png" alt="x"></p>`},
		{Hexo, `{% img "box px-0" /gallery/x.png 360 '"T" "A"' %}`, `<p><img src="https://blog.example/sub/gallery/x.png" alt="A" title="T"></p>`},
		{Hexo, "{% link Hexo site https://hexo.io true T %}", `<p><a href="https://hexo.io">Hexo site</a></p>`},
		{Hexo, "{% youtube lJIrF4YjHfQ %}", `<p><a href="https://www.youtube.com/watch?v=lJIrF4YjHfQ">YouTube: https://www.youtube.com/watch?v=lJIrF4YjHfQ</a></p>`},
		{Hexo, "{% gist defunkt/2059 %}", `<p><a href="https://gist.github.com/defunkt/2059">GitHub Gist: https://gist.github.com/defunkt/2059</a></p>`},
		{Hexo, "{% codeblock T lang:js %}\nalert('<b>') // *x*\n{% endcodeblock %}", "<p>T</p>\n" + `<pre style="` + preStyle + `"><code><span style="color:#6639ba">alert</span>(<span style="color:#0a3069">'&lt;b&gt;'</span>) <span style="color:#59636e">// *x*</span>` + "\n</code></pre>"},
		{Hexo, "{% codeblock A b https://a.example/c the source lang:none line_number:false %}\nx\n{% endcodeblock %}", `<p>A b <a href="https://a.example/c">the source</a></p>` + "\n<pre><code>x\n</code></pre>"},
		{Hexo, "{% codeblock _config.yml >folded %}\nx\n{% endcodeblock %}", "<p>_config.yml</p>\n<pre><code>x\n</code></pre>"},
		{Hexo, "```none A <b> https://a.example/c\nx\n```", `<p>A &lt;b&gt; <a href="https://a.example/c">https://a.example/c</a></p>` + "\n<pre><code>x\n</code></pre>"},
		{Hexo, "- a\n\n  ```none main.js\n  x\n  ```", "<ul>\n<li><p>a</p>\n<p>main.js</p>\n<pre><code>x\n</code></pre>\n</li>\n</ul>"},
		{Hexo, "```none line_number:false mark:1,3\nx\n```", "<pre><code>x\n</code></pre>"},
		{Astro, "```none title=\"a b.js\" {1,3} wrap\nx\n```", "<p>a b.js</p>\n<pre><code>x\n</code></pre>"},
		{Hugo, "```none {linenos=table}\nx\n```", "<pre><code>x\n</code></pre>"},
		{Hexo, "{% tabs install, 1 %}\n<!-- tab From *source*@download -->\na\n<!-- endtab -->\n<!-- tab active id:npm 'icon:fas fa-cubes' 'title:By NPM' -->\nb\n<!-- endtab -->\n{% endtabs %}", "<p><strong>From *source*</strong></p>\n<p>a</p>\n<p><strong>By NPM</strong></p>\n<p>b</p>"},
		{Hexo, "{% message color:danger \"title:Look *out*\" %}\nx\n{% endmessage %}", "<p><strong>Look *out*</strong></p>\n<p>x</p>"},
		{Hexo, "{% note info no-icon Read this %}x{% endnote %}", "<p><strong>Read this</strong></p>\n<p>x</p>"},
		{Hexo, "{% hideToggle More of it,#eee %}\nx\n{% endhideToggle %}", "<p><strong>More of it</strong></p>\n<p>x</p>"},
		{Hexo, "{% folding cyan open, More %}\nx\n{% endfolding %}", "<p><strong>More</strong></p>\n<p>x</p>"},
		{Hexo, "{% codeblock %}\n{{ a }} {% b %}\n\n\tc\n{% endcodeblock %}", "<pre><code>{{ a }} {% b %}\n\n\tc\n</code></pre>"},
		{Hexo, "{% raw %}{{ not *a* tag }}{% endraw %}", "<p>{{ not *a* tag }}</p>"},
		{Hexo, "{% raw %}<div>a\n\n<b>*b*</b></div>{% endraw %}", "<div>a\n\n<b>*b*</b></div>"},
		{Hexo, "{% blockquote Seth Godin http://a.example/b Welcome %}\nA *b*\n{% endblockquote %}", "<blockquote>\n<p>A <em>b</em></p>\n<p>— <strong>Seth Godin</strong> <a href=\"http://a.example/b\">Welcome</a></p>\n</blockquote>"},
		{Hexo, "{% quote David Levithan, Wide Awake %}\nx\n{% endquote %}", "<blockquote>\n<p>x</p>\n<p>— <strong>David Levithan</strong>, Wide Awake</p>\n</blockquote>"},
		{Hexo, "a {% meting \"1\" %} b", "<p>a  b</p>"},
		{Hexo, "{% note info %}提示{% endnote %}", "<p>提示</p>"},
		{Hexo, "`{% raw %}` and `{{ x }}`", "<p><code>{% raw %}</code> and <code>{{ x }}</code></p>"},
		{Hexo, "```\n{% note %}\n```", "<pre><code>{% note %}\n</code></pre>"},
		{Hexo, "    {% note %}", "<pre><code>{% note %}\n</code></pre>"},
		{Hexo, "1. a\n   b\n\n    {% codeblock %}\n    x\n    {% endcodeblock %}", "<ol>\n<li><p>a\nb</p>\n<pre><code>    x\n</code></pre>\n</li>\n</ol>"},
		{Hugo, `[a]({{< ref "first.md" >}})`, "<p>" + first + ">a</a></p>"},
		{Hugo, `{{< highlight go "linenos=table" >}}` + "\nx\n{{< /highlight >}}", `<pre style="` + preStyle + "\"><code>x\n</code></pre>"},
		{Hugo, "use {{</* youtube id */>}} so", "<p>use {{&lt; youtube id &gt;}} so</p>"},
		{Hugo, "```\n{{</* youtube id */>}}\n{{< unknown >}}\n```", "<pre><code>{{&lt; youtube id &gt;}}\n{{&lt; unknown &gt;}}\n</code></pre>"},
		{Hugo, `{{< figure src="a.png" title="T" >}}`, "<figure>\n<p><img src=\"https://blog.example/sub/2026/git/a.png\" alt=\"\"></p>\n<figcaption>\n<p><strong>T</strong></p>\n</figcaption>\n</figure>"},
		{Hugo, "{{% note %}}\n**b**\n{{% /note %}}", "<p><strong>b</strong></p>"},
		{Hugo, "{{< x user=\"golang\" id=1 >}}", `<p><a href="https://x.com/golang/status/1">X: https://x.com/golang/status/1</a></p>`},
		{Hugo, "{{ .Title }}", "<p>{{ .Title }}</p>"},
		{Jekyll, "{% highlight ruby linenos %}\nputs 1\n{% endhighlight %}", `<pre style="` + preStyle + `"><code><span style="color:#cf222e">puts</span> <span style="color:#0550ae">1</span>` + "\n</code></pre>"},
		{Jekyll, "[a]({{ site.baseurl }}{% post_url 2020-01-01-first %}) [b]({{ '/x' | relative_url }}) {{ site.url }}{{page.url}}", "<p>" + `<a href="https://blog.example/sub/first/">a</a> <a href="https://blog.example/sub/x">b</a> <a href="https://blog.example/sub/2026/git/">https://blog.example/sub/2026/git/</a></p>`},
		{Jekyll, "[a]({% link _posts/2020-01-01-first.md %}#x)", `<p><a href="https://blog.example/sub/first/#x">a</a></p>`},
		{Jekyll, "```\n{% raw %}{{ x }}{% endraw %}\n```", "<pre><code>{{ x }}\n</code></pre>"},
		{Jekyll, "{% comment %}x{% endcomment %}a\n{: .big #id}", "<p>a</p>"},
		{Jekyll, "* TOC\n{:toc}\n\nText", "<p>Text</p>"},
		{Jekyll, "a{% include x.html %}b", "<p>ab</p>"},
		{Zola, `{{ youtube(id="abc", autoplay=true) }}`, `<p><a href="https://www.youtube.com/watch?v=abc">YouTube: https://www.youtube.com/watch?v=abc</a></p>`},
		{Zola, "{% note(a=1) %}\n*b*\n{% end %}", "<p><em>b</em></p>"},
		{Zola, "{{/* youtube() */}} {{ x }} [a](@/blog/first.md#b)", `<p>{{ youtube() }} {{ x }} <a href="https://blog.example/sub/first/#b">a</a></p>`},
		{Eleventy, `<a href="{{ '/guides/' | url }}">g</a>`, `<p><a href="https://blog.example/sub/guides/">g</a></p>`},
		{Eleventy, `{% image "assets/a.jpg" "an alternative" %}`, `<p><img src="https://blog.example/assets/a.jpg" alt="an alternative"></p>`},
		{Astro, "import A from '../A.astro'\nexport const x = {\n  a: 1,\n}\n\n<A b={1 > 0}>**c**</A> {/* d */}e", "<p><strong>c</strong> e</p>"},
		{Astro, ":::note[N]\ntext\n:::", "<p><strong>N</strong></p>\n<p>text</p>"},
		{Plain, "{{ x }} {% y %} {{< z >}}", "<p>{{ x }} {% y %} {{&lt; z &gt;}}</p>"},
		{Pelican, "{{ x }} {% img left /a.png 10 20 %}\n\n`{% img b %}`{% notebook c.ipynb cells[1:] %}", "<p>{{ x }} <img src=\"https://blog.example/a.png\" alt=\"\"></p>\n<p><code>{% img b %}</code></p>"},
		{Jekyll, "[![A](/a.gif){:\n.icon width=\"7\"}](/b) text", `<p><a href="https://blog.example/b"><img src="https://blog.example/a.gif" alt="A"></a> text</p>`},
		{Hexo, ":::info A title\n*b*\n  :::\n\n`:::`", "<p><strong>A title</strong></p>\n<p><em>b</em></p>\n<p><code>:::</code></p>"},
		{Hexo, ":::-) is a smile\n\n```\n:::x\n```", "<p>:::-) is a smile</p>\n<pre><code>:::x\n</code></pre>"},
		{Eleventy, "[{% avatar \"https://a.example/\" %}Ann](https://a.example/) [x] {% avatar \"https://a.example/\" %}", `<p><a href="https://a.example/">Ann</a> [x] <a href="https://a.example/">avatar: https://a.example/</a></p>`},
		{Pelican, "[TOC]\n\nx [TOC]\n\n@[toc]", "<p>x [TOC]</p>"},
		{Hugo, "{{<code go>}}\n*a*\n{{</code>}}", `<pre style="` + preStyle + `"><code>*a*` + "\n</code></pre>"},
		{Zola, "{% katex(block=true) %}\na_1\n=\n\\\\ b_1\n{% end %}\n\nx {% katex() %}c_1{% end %} {{ katex(body=\"d_1\") }}", "<p>«a_1 = \\\\ b_1»</p>\n<p>x ‹c_1› ‹d_1›</p>"},
	} {
		if got := shorthand(strings.TrimSpace(render(t, c.in, site(c.dialect)).HTML)); got != c.want && !needsMath(c.want) {
			t.Errorf("%s %q\ngot  %s\nwant %s", c.dialect, c.in, got, c.want)
		}
	}
}

func TestTagsInBodiesOfHTMLBecomeWhatTheyStandFor(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		dialect  Dialect
		in, want string
	}{
		{Jekyll, `<p><a href="{{ '/x' | relative_url }}">{{ page.title }}</a> {% include "a.html" %}b</p>`, `<p><a href="https://blog.example/sub/x">Git</a> b</p>`},
		{Jekyll, "{% highlight text %}\n<a>\n{% endhighlight %}\n<p>{% raw %}{{ <b>x</b> }}{% endraw %} {:.a}</p>", "<pre><code>&lt;a&gt;\n</code></pre>\n<p>{{ <b>x</b> }} {:.a}</p>"},
		{Eleventy, `<div>{% image "assets/a.jpg" "an *alternative*" %}</div>`, `<div><img src="https://blog.example/assets/a.jpg" alt="an *alternative*"></div>`},
		{Hugo, `<p>{{< youtube abc >}}</p>`, `<p><a href="https://www.youtube.com/watch?v=abc">YouTube: https://www.youtube.com/watch?v=abc</a></p>`},
		{Hexo, `<p title="{{ 'a"b' }}">x { y</p>`, `<p title="a&quot;b">x { y</p>`},
		{Plain, `<p>{% x %}</p>`, `<p>{% x %}</p>`},
	} {
		o := site(c.dialect)
		o.HTML, o.Title = true, "Git"
		if got := strings.TrimSpace(render(t, c.in, o).HTML); got != c.want {
			t.Errorf("%s %q\ngot  %s\nwant %s", c.dialect, c.in, got, c.want)
		}
	}
}

func TestDroppedTagIsToldWithItsLine(t *testing.T) {
	t.Parallel()
	r := render(t, "a\n\n{% quote %}\nx {% meting \"1\" %}\n{% endquote %}\n", site(Hexo))
	want := Warning{4, "unknown tag {% meting %} was dropped"}
	if len(r.Warnings) != 1 || r.Warnings[0] != want {
		t.Errorf("warnings %v, want %v", r.Warnings, want)
	}
	r = render(t, "{{< nothing >}}{{< /nothing >}}", site(Hugo))
	if want := (Warning{1, "unknown tag {{< nothing >}} was dropped"}); len(r.Warnings) != 1 || r.Warnings[0] != want {
		t.Errorf("warnings %v, want %v", r.Warnings, want)
	}
}

func TestForgedPlaceholderIsText(t *testing.T) {
	t.Parallel()
	r := render(t, "\x020\x03 {% raw %}<b>x</b>{% endraw %}", site(Hexo))
	if want := "<p>0 <b>x</b></p>"; strings.TrimSpace(r.HTML) != want {
		t.Errorf("got %q, want %q", r.HTML, want)
	}
}
