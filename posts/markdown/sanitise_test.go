package markdown

import (
	"strings"
	"testing"
)

func TestHTMLIsSanitised(t *testing.T) {
	t.Parallel()
	o := Options{HTML: true, PostURL: "https://blog.example/2026/git/"}
	for _, c := range []struct{ in, want string }{
		{"<p onclick=x style=color:red class=y id=z>a</p>", "<p>a</p>"},
		{"<script>x</script><style>y</style><form><input name=a>f</form><object data=x>o</object><svg><text>s</text></svg>b", "b"},
		{`<iframe src="//player.bilibili.com/player.html?bvid=BV1x"></iframe>`, `<a href="https://www.bilibili.com/video/BV1x">Bilibili: https://www.bilibili.com/video/BV1x</a>`},
		{`<iframe src="https://player.vimeo.com/video/1?h=2"></iframe>`, `<a href="https://vimeo.com/1">Vimeo: https://vimeo.com/1</a>`},
		{`<iframe src="javascript:x"></iframe>`, ``},
		{`<video src="a.mp4" poster=p.png autoplay><source src=b.webm type=video/webm></video>`, `<video src="https://blog.example/2026/git/a.mp4" poster="https://blog.example/2026/git/p.png" controls=""><source src="https://blog.example/2026/git/b.webm" type="video/webm"></video>`},
		{`<img src="/a b.png" srcset="a.png 1x, b,c.png 2x" alt="&quot;" onerror=x>`, `<img src="https://blog.example/a%20b.png" srcset="https://blog.example/2026/git/a.png 1x, https://blog.example/2026/git/b%2Cc.png 2x" alt="&quot;">`},
		{`<img data-src="x.png" src="data:image/gif;base64,R0"><img src="data:x" alt="A">`, `<img src="https://blog.example/2026/git/x.png">A`},
		{`<a href=" java&#10;script:x">a</a><a href="vbscript:y">b</a><a href="#c">c</a><a>d</a>`, `ab<a href="https://blog.example/2026/git/#c">c</a>d`},
		{`<figure><img src=a.png><figcaption>c</figcaption></figure><details open><summary>s</summary>d</details>`, `<figure><img src="https://blog.example/2026/git/a.png"><figcaption>c</figcaption></figure><details open=""><summary>s</summary>d</details>`},
		{`<kbd>a</kbd><mark>b</mark><sub>c</sub><sup>d</sup><ruby>e<rp>(</rp><rt>f</rt></ruby><del>g</del>`, `<kbd>a</kbd><mark>b</mark><sub>c</sub><sup>d</sup><ruby>e<rp>(</rp><rt>f</rt></ruby><del>g</del>`},
		{`<table><tr><td style="text-align:right" align=right>1</td></tr></table>`, `<table><tbody><tr><td align="right">1</td></tr></tbody></table>`},
		{`<h2 id="a b"><a class=anchor href="#x">#</a>T</h2><h3 id="ü">U</h3>`, `<h2>T</h2><h3 id="ü">U</h3>`},
		{`<span class="katex"><span class="katex-mathml"><math><semantics><mrow><mi>x</mi></mrow><annotation encoding="application/x-tex">x</annotation></semantics></math></span><span class="katex-html">x</span></span>`, `<span><span>‹x›</span></span>`},
		{`<math display="block"><mfrac><mi>a</mi><msqrt><mi>b</mi></msqrt></mfrac></math> <mi>y</mi>`, `«\frac{a}{\sqrt{b}}» y`},
		{`<math><munderover><mo>Σ</mo><mi>a</mi><mi>b</mi></munderover></math>`, `‹{Σ}_{a}^{b}›`},
		{`<a href="ftp://x.example/a">file</a> <a href="tel:+491">call</a>`, `file call`},
		{`<script type="math/tex">a<b</script>`, `‹a&lt;b›`},
		{`<figure class="highlight go"><table><tr><td class="gutter"><pre><span>1</span><br></pre></td><td class="code"><pre><span class="line">x &lt; 1</span><br><span>y</span><br></pre></td></tr></table></figure>`, `<pre style="` + preStyle + `"><code>x &lt; <span style="color:#0550ae">1</span>` + "\ny\n</code></pre>"},
		{`<div class="highlight"><table class="lntable"><tr><td class="lntd"><pre><code><span class="lnt">1</span></code></pre></td><td class="lntd"><pre><code class="language-x">a
b</code></pre></td></tr></table></div>`, "<div><pre><code>a\nb</code></pre></div>"},
		{"<pre>\n\na <a href=b>c</a></pre>", "<pre>\n\na <a href=\"https://blog.example/2026/git/b\">c</a></pre>"},
		{"<custom-el>a<b>b", "a<b>b</b>"},
		{"<li>a<table><li>b", "<li>a</li><li>b</li><table></table>"},
		{"a\x00\x1b[31mb\ufffe&#1;&#xFFFF;<b title=\"\x01\">c</b>", "ab\uFFFD\x01\uFFFD<b title=\"\">c</b>"},
	} {
		want := strings.ReplaceAll(c.want, "\x01", "")
		if got := shorthand(strings.TrimSpace(render(t, c.in, o).HTML)); got != want && !needsMath(want) {
			t.Errorf("%q\ngot  %q\nwant %q", c.in, got, want)
		}
	}
}

func TestAddressesBecomeAbsolute(t *testing.T) {
	t.Parallel()
	o := Options{PostURL: "https://博客.example/2026/git/", SiteURL: "https://博客.example", Dialect: Zola, Ref: site(Zola).Ref, Asset: site(Zola).Asset}
	for in, want := range map[string]string{
		"a.html":                        "https://xn--9krq6q.example/2026/git/a.html",
		"../b?c=d&e#f":                  "https://xn--9krq6q.example/2026/b?c=d&amp;e#f",
		"/中 文":                          "",
		"</中 文>":                        "https://xn--9krq6q.example/%E4%B8%AD%20%E6%96%87",
		"#节":                            "https://xn--9krq6q.example/2026/git/#%E8%8A%82",
		"//cdn.example/x":               "https://cdn.example/x",
		"https://例子.example/100%/a%2fb": "https://xn--fsqu00a.example/100%25/a%2fb",
		"mailto:a@b.example":            "mailto:a@b.example",
		"@/blog/first.md#x":             "https://blog.example/sub/first/#x",
		"a.png":                         "https://blog.example/sub/2026/git/a.png",
		"javascript:alert(1)":           "",
		"JaVaScRiPt&colon;x":            "",
		"data:text/html,x":              "",
		"C:\\x":                         "",
	} {
		got := render(t, "[x]("+in+")", o).HTML
		if want == "" {
			if strings.Contains(got, "href") {
				t.Errorf("%q became a link: %s", in, got)
			}
		} else if !strings.Contains(got, `href="`+want+`"`) {
			t.Errorf("%q: got %s, want %s", in, got, want)
		}
	}
	pelican := Options{Dialect: Pelican, PostURL: "https://a.example/p/", SiteURL: "https://a.example", Ref: site(Pelican).Ref}
	got := render(t, "[a]({filename}first.md#x) ![b]({static}/images/b.png) [c](|filename|none.md)", pelican).HTML
	if want := `<p><a href="https://blog.example/sub/first/#x">a</a> <img src="https://a.example/images/b.png" alt="b"> <a href="https://a.example/none.md">c</a></p>`; strings.TrimSpace(got) != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if got := render(t, "[x](a/b.html#c)", Options{}).HTML; !strings.Contains(got, `href="a/b.html#c"`) {
		t.Errorf("without a base: %s", got)
	}
}

func TestFormulasAreKeptOnce(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ in, want string }{
		{"$a_1 * b_2 * c$ 和 $x<y$", "<p>‹a_1 * b_2 * c› 和 ‹x&lt;y›</p>"},
		{"\\(a_1*b*\\) \\\\(c_d_e\\\\)", `<p>‹a_1*b*› \(c_d_e\)</p>`},
		{"文字\n$$\na \\\\\n= b\n\n- c\n$$\n然后", "<p>文字</p>\n<p>«a \\\\ = b - c»</p>\n<p>然后</p>"},
		{"\\[\na_1\n\\]", "<p>«a_1»</p>"},
		{"\\begin{align}\na &= b \\\\\n\\end{align}", "<p>«\\begin{align} a &amp;= b \\\\ \\end{align}»</p>"},
		{"用\n\\\\begin{equation}\nA = \\\\frac12 \\\\\\\\\nb\n\\\\end{equation}\n完", "<p>用</p>\n<p>«\\begin{equation} A = \\frac12 \\\\ b \\end{equation}»</p>\n<p>完</p>"},
		{"```math\nx^2\n```", "<p>«x^2»</p>"},
		{"行内 $$x^2$$ 完", "<p>行内 «x^2» 完</p>"},
		{"价格$5，$10 元；US$5 or $6", "<p>价格$5，$10 元；US$5 or $6</p>"},
		{"价格$5，另一个*重*$元", "<p>价格$5，另一个<em>重</em>$元</p>"},
		{"It costs $5 to $10, *or* $20", "<p>It costs $5 to $10, <em>or</em> $20</p>"},
		{"`$a$` \\$x_1$ $HOME/`x`/$y", "<p><code>$a$</code> $x_1$ $HOME/<code>x</code>/$y</p>"},
		{"\\[not a formula\\](x) \\[a\\]", "<p>[not a formula](x) «a»</p>"},
		{"a\\[1\\] \\[sic\\] \\(10, 11\\) \\(n\\)", "<p>a[1] [sic] (10, 11) ‹n›</p>"},
		{"a \\[[1](#1)\\]\\[[2](#2)\\]", `<p>a [<a href="#1">1</a>][<a href="#2">2</a>]</p>`},
		{"\\[1\\]", "<p>[1]</p>"},
		{"$`x_1`$", "<p>‹x_1›</p>"},
		{"the $n$th and $2^k$s", "<p>the ‹n›th and ‹2^k›s</p>"},
		{"> $$\n> x\n> $$", "<blockquote>\n<p>«x»</p>\n</blockquote>"},
		{"<b>$a_1<b_1$</b>", "<p><b>‹a_1&lt;b_1›</b></p>"},
		{"$$\nnot closed", "<p>$$\nnot closed</p>"},
	} {
		if got := shorthand(strings.TrimSpace(render(t, c.in, Options{}).HTML)); got != c.want && !needsMath(c.want) {
			t.Errorf("%q\ngot  %q\nwant %q", c.in, got, c.want)
		}
	}
}

func TestResultNamesCodeImageAndColumns(t *testing.T) {
	t.Parallel()
	for _, src := range []string{
		"中文ab\n\n```Go {1}\nx := \"<\"\n\n```\n\n![a](x.png) ![b](y.png)\n",
		"中文ab\n\n```Go {1}\nx := \"<\"\n\n```\n\n![a](x.png) <img src=\"y.png\">\n",
	} {
		r := render(t, src, Options{PostURL: "https://a.example/p/"})
		if r.Code != `x := "<"` || r.CodeLanguage != "go" || r.Image != "https://a.example/p/x.png" {
			t.Errorf("code %q in %q, image %q", r.Code, r.CodeLanguage, r.Image)
		}
		if r.Columns < 6 || r.Columns > 8 {
			t.Errorf("%q: %d columns", src, r.Columns)
		}
	}
}

func TestCodeKeepsItsText(t *testing.T) {
	t.Parallel()
	const body = "func main() {\n\n\ts := \"a<b\" // 注 & c\n\t`x`\n}\n\n# $HOME 'it''s' <!-- --> key: v\n[s]\n+a\n"
	for language := range grammars() {
		got := string(appendCode(nil, body, language))
		if text := textContent(parseHTML([]byte(got))[0]); text != body {
			t.Errorf("%s: %q became %q", language, body, text)
		}
	}
	long := strings.Repeat("x := 1\n", maxHighlight/7+1)
	if got := string(appendCode(nil, long, "go")); strings.Contains(got, "<span") {
		t.Error("very long code is coloured")
	}
}
