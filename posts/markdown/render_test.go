package markdown

import (
	"strings"
	"testing"
)

func render(t testing.TB, src string, o Options) Result {
	t.Helper()
	r, err := Render([]byte(src), o)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestEmphasisBesideCJK(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ in, want string }{
		{"**“加粗”**的", "<p><strong>“加粗”</strong>的</p>"},
		{"这是**“加粗”**的", "<p>这是<strong>“加粗”</strong>的</p>"},
		{"**《书名》**很好", "<p><strong>《书名》</strong>很好</p>"},
		{"请看**（重要）**内容", "<p>请看<strong>（重要）</strong>内容</p>"},
		{"**加粗。**然后", "<p><strong>加粗。</strong>然后</p>"},
		{"*斜体：*然后**粗`code`**后", "<p><em>斜体：</em>然后<strong>粗<code>code</code></strong>后</p>"},
		{"使用**`git`**命令", "<p>使用<strong><code>git</code></strong>命令</p>"},
		{"中文 **bold** 中文", "<p>中文 <strong>bold</strong> 中文</p>"},
		{"変数_name_値", "<p>変数_name_値</p>"},
		{"한국어**[링크](https://a.example/)**는", `<p>한국어<strong><a href="https://a.example/">링크</a></strong>는</p>`},
		{"3 * 4 * 5 个", "<p>3 * 4 * 5 个</p>"},
		{"** 不是 **", "<p>** 不是 **</p>"},
		{"a**\"b\"**c", `<p>a**"b"**c</p>`},
		{"**“quoted”**s", "<p>**“quoted”**s</p>"},
	} {
		if got := strings.TrimSpace(render(t, c.in, Options{}).HTML); got != c.want {
			t.Errorf("%q\ngot  %s\nwant %s", c.in, got, c.want)
		}
	}
}
