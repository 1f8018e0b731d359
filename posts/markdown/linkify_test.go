package markdown

import (
	"strings"
	"testing"
)

func TestAddressesAreLinkedWithoutASpaceBefore(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"官网：https://a.example/b_c_d。":               `<p>官网：<a href="https://a.example/b_c_d">https://a.example/b_c_d</a>。</p>`,
		"见http://a.example/(x)，":                    `<p>见<a href="http://a.example/(x)">http://a.example/(x)</a>，</p>`,
		"（https://a.example/x?y=1&z=2）":             `<p>（<a href="https://a.example/x?y=1&amp;z=2">https://a.example/x?y=1&amp;z=2</a>）</p>`,
		"地址:https://a.example, 好":                   `<p>地址:<a href="https://a.example">https://a.example</a>, 好</p>`,
		"**网址：https://a.example/x**":                `<p><strong>网址：<a href="https://a.example/x">https://a.example/x</a></strong></p>`,
		"[看：https://a.example](https://b.example)":  `<p><a href="https://b.example">看：https://a.example</a></p>`,
		"`：https://a.example`":                      "<p><code>：https://a.example</code></p>",
		"“https://a.example”":                       `<p>“<a href="https://a.example">https://a.example</a>”</p>`,
		"xhttps://a.example and 中https://localhost": "<p>xhttps://a.example and 中https://localhost</p>",
		"中：\nhttps://a.example/":                    `<p>中：<a href="https://a.example/">https://a.example/</a></p>`,
		"中https\n://a.example":                      "<p>中https\n://a.example</p>",
		"中https://a.example https://b.example":      `<p>中<a href="https://a.example">https://a.example</a> <a href="https://b.example">https://b.example</a></p>`,
	} {
		if got := strings.TrimSpace(render(t, in, Options{}).HTML); got != want {
			t.Errorf("%q\ngot  %s\nwant %s", in, got, want)
		}
	}
}
