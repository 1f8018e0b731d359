package markdown

import (
	"strings"
	"testing"
)

const ownPre = `<pre style="` + preStyle + `"><code>`

// TestContentOfAFeed has a row for each rule of what may stand in a feed.
func TestContentOfAFeed(t *testing.T) {
	t.Parallel()
	const p = "https://blog.example/2026/git/"
	for _, c := range []struct{ rule, in, want string }{
		{"absolute href", `<a href="../b?c=d&e#f">a</a><a href="?q">b</a>`, `<a href="https://blog.example/2026/b?c=d&amp;e#f">a</a><a href="` + p + `?q">b</a>`},
		{"absolute cite", `<blockquote cite="/x">q</blockquote><q cite="y#z">r</q><del cite=d>o</del>`, `<blockquote cite="https://blog.example/x">q</blockquote><q cite="` + p + `y#z">r</q><del cite="` + p + `d">o</del>`},
		{"absolute track and source", `<video><source src=v.mp4><track src=v.vtt kind=captions srclang=en></video>`, `<video controls=""><source src="` + p + `v.mp4"><track src="` + p + `v.vtt" kind="captions" srclang="en"></video>`},
		{"absolute picture", `<picture><source srcset="a.webp, b.webp 2x" media="(min-width: 1px)"><img src=c.png></picture>`, `<picture><source srcset="` + p + `a.webp, ` + p + `b.webp 2x" media="(min-width: 1px)"><img src="` + p + `c.png"></picture>`},
		{"a source of nothing", `<picture><source srcset="javascript:x"><img src=c.png></picture>`, `<picture><img src="` + p + `c.png"></picture>`},
		{"a fragment", `<a href="#c">c</a>`, `<a href="` + p + `#c">c</a>`},

		{"lazy over a placeholder", `<img src="/loading.gif" data-src="a.jpg">`, `<img src="` + p + `a.jpg">`},
		{"lazy data-original", `<img class=lazy data-original="a.jpg" src="x.png">`, `<img src="` + p + `a.jpg">`},
		{"lazy sets", `<img src="data:x" srcset="data:y" data-lazy-src="a.jpg"><img src="data:x" data-src=a.jpg data-srcset="a.jpg 1x, b.jpg 2x">`, `<img src="` + p + `a.jpg"><img src="` + p + `a.jpg" srcset="` + p + `a.jpg 1x, ` + p + `b.jpg 2x">`},
		{"lazy picture", `<picture><source data-srcset="a.webp" type="image/webp"><img data-src=c.png></picture>`, `<picture><source type="image/webp" srcset="` + p + `a.webp"><img src="` + p + `c.png"></picture>`},
		{"lazy film", `<video data-src=v.mp4 data-poster=p.png></video>`, `<video src="` + p + `v.mp4" poster="` + p + `p.png" controls=""></video>`},
		{"data that is no address", `<img src=a.png data-src=true data-original="{{ x.png }}">`, `<img src="` + p + `a.png">`},
		{"lazy script", `<img src=a.png data-src="javascript:alert(1)/x.png">`, `<img src="` + p + `a.png">`},
		{"noscript once", `<img src="x.gif" data-src="a.jpg"><noscript><img src="a.jpg"></noscript>`, `<img src="` + p + `a.jpg">`},
		{"noscript before", `<noscript><img src="a.jpg"></noscript><img src="x.gif" data-src="a.jpg">`, `<img src="` + p + `a.jpg">`},
		{"noscript instead", `<p><img class=lazyload src="data:image/svg+xml,x" alt=A><noscript><img src="a.jpg" alt=A></noscript></p>`, `<p><img src="` + p + `a.jpg" alt="A"></p>`},
		{"noscript's words", `<noscript>Enable JavaScript for <a href=x>comments</a></noscript>a`, `a`},
		{"noscript's counter", `<noscript><img width=1 height=1 src="https://t.example/p"><iframe src="https://t.example/" style="display: none"></iframe></noscript>a`, `a`},
		{"noscript's scripts", `<noscript><p title="</noscript><img src=x onerror=alert(1)>"></noscript>`, `<img src="` + p + `x">"&gt;`},

		{"pre keeps newlines", "<pre>a\n\n\tb  c\n</pre>", "<pre><code>a\n\n\tb  c\n</code></pre>"},
		{"br in code", "<pre><code>a<br>b<br/>\nc</code></pre>", "<pre><code>a\nb\n\nc</code></pre>"},
		{"lines of a div each", `<pre><code><div class="line">a</div><div class="line"></div><div class="line">b</div></code></pre>`, "<pre><code>a\n\nb\n</code></pre>"},
		{"Hexo's figure", `<figure class="highlight txt"><figcaption><span>a.txt</span></figcaption><table><tr><td class="gutter"><pre><span class="line">1</span><br><span class="line">2</span><br></pre></td><td class="code"><pre><span class="line">a</span><br><span class="line">b</span><br></pre></td></tr></table></figure>`, "<p><span>a.txt</span></p>\n<pre><code>a\nb\n</code></pre>"},
		{"Rouge's table", `<div class="highlight"><pre class="highlight"><code><table class="rouge-table"><tbody><tr><td class="gutter gl"><pre class="lineno">1
2
</pre></td><td class="code"><pre><span class="k">a</span>
b
</pre></td></tr></tbody></table></code></pre></div>`, "<div><pre><code>a\nb\n</code></pre></div>"},
		{"Octopress's table", `<figure class="code"><div class="highlight"><table><tr><td class="gutter"><pre class="line-numbers"><span class="line-number">1</span>
</pre></td><td class="code"><pre><code class="x"><span class="line">a</span>
</code></pre></td></tr></table></div></figure>`, "<figure><div><pre><code>a\n</code></pre></div></figure>"},
		{"Pygments' table", `<table class="highlighttable"><tr><td class="linenos"><div class="linenodiv"><pre>1
2</pre></div></td><td class="code"><div><pre><span></span><code>a
b
</code></pre></div></td></tr></table>`, "<pre><code>a\nb\n</code></pre>"},
		{"Chroma's table", `<div class="highlight"><div class="chroma"><table class="lntable"><tr><td class="lntd"><pre class="chroma"><code><span class="lnt" id="l1"><a class="lnlinks" href="#l1">1</a>
</span></code></pre></td><td class="lntd"><pre class="chroma"><code class="language-x"><span class="line"><span class="cl">a
</span></span></code></pre></td></tr></table></div></div>`, "<div><div><pre><code>a\n</code></pre></div></div>"},
		{"Chroma's numbers in lines", `<pre><code><a class="lnlinks" href="#l1"><span class="ln">1</span></a>a
<span class="ln">2</span>b
</code></pre>`, "<pre><code>a\nb\n</code></pre>"},
		{"Hugo's numbers without classes", `<pre style="color:#fff"><code class="language-go" data-lang="go"><span style="display:flex;"><span style="white-space:pre;-webkit-user-select:none;user-select: none;color:#7f7f7f">1</span><span>x
</span></span></code></pre>`, ownPre + "x\n</code></pre>"},
		{"WordPress's highlighter", `<div class="syntaxhighlighter"><table><tr><td class="gutter"><div class="line">1</div><div class="line">2</div></td><td class="code"><div class="container"><div class="line"><code>a</code> <code>= 1</code></div><div class="line"><code>b</code></div></div></td></tr></table></div>`, "<div><pre><code>a = 1\nb\n</code></pre></div>"},
		{"Prettify's list", `<pre class="prettyprint linenums"><ol class="linenums"><li class="L0"><span>a</span></li><li class="L1">b</li></ol></pre>`, "<pre><code>a\nb\n</code></pre>"},
		{"Prism's class for code to be numbered", `<div class="code-toolbar"><pre class="language-js line-numbers"><code class="language-js">a
b<span aria-hidden="true" class="line-numbers-rows"><span></span></span></code></pre><div class="toolbar"><div class="toolbar-item"><a>Copy</a></div></div></div>`, "<div>" + ownPre + "a\nb</code></pre></div>"},
		{"a table that only has numbers", `<table><tr><td class="code">a</td><td>b</td></tr></table>`, `<table><tbody><tr><td>a</td><td>b</td></tr></tbody></table>`},
		{"links in code stay", "<pre>a <a href=b>c</a>\n<span class=ln>2</span>d</pre>", "<pre>a <a href=\"" + p + "b\">c</a>\nd</pre>"},
		{"copy buttons", `<div class="highlight"><button>Copy</button><pre>a</pre><span class="copy-btn">复制</span><div class="btn-clipboard">Copy</div><clipboard-copy value=a>c</clipboard-copy></div>`, `<div><pre><code>a</code></pre></div>`},
		{"copy buttons in code", `<pre><code>a<span class="copy-btn">复制</span></code><div class="copy-notice">Copied</div></pre>`, "<pre><code>a</code></pre>"},
		{"highlight classes", `<code class="highlight"><span class="k">if</span></code>`, `<code><span>if</span></code>`},
		{"numbers in code alone", `<p class="ln">1</p><code>a<span class=lineno>1</span></code>`, `<p>1</p><code>a</code>`},

		{"scripts and styles", `<script>a</script><style>b</style><link rel=stylesheet href=c>d`, `d`},
		{"handlers", `<p onclick=a onmouseover=b style="position:fixed" class=c>d</p>`, `<p>d</p>`},
		{"forms", `<form action=a><input name=b><select><option>c</select><textarea>d</textarea></form><button>e</button>f`, `f`},
		{"frames become links", `<iframe src="https://a.example/x" title=T></iframe>`, `<a href="https://a.example/x">T: https://a.example/x</a>`},
		{"lazy frames", `<iframe data-src="https://www.youtube.com/embed/x?rel=0"></iframe>`, `<a href="https://www.youtube.com/watch?v=x">YouTube: https://www.youtube.com/watch?v=x</a>`},
		{"frames without an address", `<iframe srcdoc="<p>x"></iframe><iframe src="about:blank"></iframe>a`, `a`},
		{"films and sounds get controls", `<video src=a.mp4 autoplay></video><audio src=b.mp3></audio>`, `<video src="` + p + `a.mp4" controls=""></video><audio src="` + p + `b.mp3" controls=""></audio>`},
		{"figures", `<figure class=x><a href=b.jpg><img src=a.jpg></a><figcaption>c <em>d</em></figcaption></figure>`, `<figure><a href="` + p + `b.jpg"><img src="` + p + `a.jpg"></a><figcaption>c <em>d</em></figcaption></figure>`},
		{"no typographer", `<p>"a" -- b... <code>"c" --</code></p>`, `<p>"a" -- b... <code>"c" --</code></p>`},
		{"tasks", `<ul><li><input type=checkbox checked>a</li><li><input type=checkbox> b</li></ul>`, `<ul><li>☑ a</li><li>☐ b</li></ul>`},
		{"broken text", "a\x00\ufeff\ufffeb&#xD800;&#8;c\xffd]]>", "a\ufffdb\ufffdc\ufffdd]]&gt;"},
	} {
		if got := strings.TrimSpace(render(t, c.in, Options{HTML: true, PostURL: p}).HTML); got != c.want {
			t.Errorf("%s: %q\ngot  %q\nwant %q", c.rule, c.in, got, c.want)
		}
	}
}
