package markdown

import (
	"encoding/xml"
	"io"
	"regexp"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/html"
)

// dialectOf lets a fuzzer choose the generator.
func dialectOf(b byte) Dialect {
	all := []Dialect{Plain, Hexo, Hugo, Jekyll, Zola, Eleventy, Astro, Pelican}
	return all[int(b)%len(all)]
}

func FuzzRender(f *testing.F) {
	for _, s := range []string{
		"# a\n\n**“加粗”**的 $x^2$ <b onclick=x>c</b>\n\n```go\nx := 1\n```\n", "{% codeblock %}<x>{% endcodeblock %}",
		"<p><a href=\"javascript:x\">a<table><a>b", "<svg><style><img src=x onerror=y>", "[a](<javascript:alert(1)>) ![](data:image/png;base64,x)",
		"<math><mtext><table><mglyph><style><!--</style><img title=\"--&gt;&lt;img src=1 onerror=alert(1)&gt;\">", "\x1b[31m\x00\xff\ufffe&#0;&#27;",
		"{{< figure src=\"a\" caption=\"<b>\" >}}", "<details><summary>a</summary>\n\nb\n\n</details>", "a[^1]\n\n[^1]: b [c](d)\n", "<button><p>a<p>b</button>",
		"<pre>\n\na</pre><pre><code class=language-go>func</code></pre>", "<ul><li>a</ul></li><li>b", "{% raw %}<b>{% endraw %}{% quote %}`{% endquote %}",
	} {
		for d := range byte(8) {
			f.Add([]byte(s), d, d == 1)
		}
	}
	for _, body := range hostile(300) {
		f.Add([]byte(body), byte(0), false)
		f.Add([]byte(body), byte(1), false)
		f.Add([]byte(body), byte(0), true)
	}
	f.Fuzz(func(t *testing.T, body []byte, d byte, isHTML bool) {
		if len(body) > 8<<10 {
			return
		}
		o := Options{Dialect: dialectOf(d), HTML: isHTML, PostURL: "https://a.example/p/?q=1"}
		r, err := Render(body, o)
		if err != nil {
			t.Fatal(err)
		}
		checkText(t, "HTML", r.HTML)
		checkText(t, "code", r.Code)
		checkSummary(t, r.Summary)
		checkSafe(t, r.HTML)
		o.HTML, o.Dialect = true, Plain // what is left of a tag is text
		var again Result                // without formulas: what is left of one is text
		if err := renderHTML([]byte(r.HTML), &o, &again, nil); err != nil {
			t.Fatal(err)
		}
		if again.HTML != r.HTML {
			t.Errorf("sanitised again it differs\nonce  %q\ntwice %q", r.HTML, again.HTML)
		}
	})
}

// checkText: what is rendered can stand in XML once escaped.
func checkText(t *testing.T, what, s string) {
	t.Helper()
	var b strings.Builder
	if err := xml.EscapeText(&b, []byte(s)); err != nil || !utf8.ValidString(s) {
		t.Fatalf("%s: %q is no text: %v", what, s, err)
	}
	for _, r := range s {
		if isControl(r) || xmlRune(r) != r {
			t.Fatalf("%s: %q holds %U", what, s, r)
		}
	}
}

// checkSummary: one line of plain text without what has no place in it.
func checkSummary(t *testing.T, s string) {
	t.Helper()
	checkText(t, "summary", s)
	if strings.ContainsAny(s, "\n\t") || strings.Contains(s, "  ") || s != strings.TrimSpace(s) {
		t.Errorf("summary %q has white space that is not folded", s)
	}
	for _, r := range s {
		if invisible(r) || unicode.IsControl(r) {
			t.Errorf("summary %q holds %U", s, r)
		}
	}
}

// checkSafe reads the output as a browser would and looks for what can act.
func checkSafe(t *testing.T, body string) {
	t.Helper()
	z := html.NewTokenizer(strings.NewReader(body))
	inMath := false
	for {
		switch z.Next() {
		case html.ErrorToken:
			if z.Err() != io.EOF {
				t.Fatal(z.Err())
			}
			return
		case html.CommentToken, html.DoctypeToken:
			t.Errorf("%q holds a comment", body)
		case html.StartTagToken, html.SelfClosingTagToken:
			token := z.Token()
			if inMath = inMath || token.Data == "math"; inMath {
				checkMath(t, body, token)
				continue
			}
			if _, ok := newJudge().start(token.Data, token.Attr); !ok || dropped[token.Data] || token.Data == "script" || token.Data == "iframe" {
				t.Errorf("%q holds %s", body, token)
			}
			for _, a := range token.Attr {
				scheme, _ := schemeOf(strip(a.Val))
				if strings.HasPrefix(a.Key, "on") || (a.Key == "href" || a.Key == "src") && (strings.EqualFold(scheme, "javascript") || strings.EqualFold(scheme, "data") || strings.EqualFold(scheme, "vbscript")) {
					t.Errorf("%q holds %s", body, token)
				}
			}
		case html.EndTagToken:
			inMath = inMath && z.Token().Data != "math"
		}
	}
}

var (
	coreElement   = regexp.MustCompile(`^m(ath|row|i|n|o|s|text|space|frac|sqrt|root|style|error|padded|phantom|sub|sup|subsup|under|over|underover|multiscripts|prescripts|table|tr|td)$`)
	coreAttribute = regexp.MustCompile(`^(xmlns|display|alttext|dir|displaystyle|scriptlevel|math(color|background|size|variant)|form|stretchy|symmetric|largeop|movablelimits|(max|min)size|[lr]space|width|height|depth|voffset|linethickness|accent|accentunder|columnspan|rowspan|style)$`)
	coreStyle     = regexp.MustCompile(`^((text-align|border(-\w+)?):[a-z0-9. ]+;?)+$`)
)

// checkMath: inside of a formula only MathML Core may stand.
func checkMath(t *testing.T, body string, token html.Token) {
	t.Helper()
	if !coreElement.MatchString(token.Data) {
		t.Errorf("%q holds %s", body, token)
	}
	for _, a := range token.Attr {
		if !coreAttribute.MatchString(a.Key) || a.Key == "style" && !coreStyle.MatchString(a.Val) {
			t.Errorf("%q holds %s", body, token)
		}
	}
}

func FuzzExcerpt(f *testing.F) {
	for _, c := range excerptCases(f) {
		f.Add(c.Input, uint16(c.Width))
	}
	f.Add("《深度学习》(a (b) 5 GB https://a.example/b，“x", uint16(12))
	f.Fuzz(func(t *testing.T, text string, width uint16) {
		if len(text) > 4<<10 {
			return
		}
		limit := max(int(width), 2)
		checkExcerpt(t, text, limit)
		checkSummary(t, ExcerptHTML(text, Options{Width: limit}))
	})
}

// checkExcerpt holds an excerpt to its properties.
func checkExcerpt(t interface {
	Helper()
	Errorf(string, ...any)
}, text string, limit int) {
	t.Helper()
	got := Excerpt(text, limit)
	if w := textWidth([]byte(got)); w > limit {
		t.Errorf("%q cut to %d has %d columns: %q", text, limit, w, got)
	}
	if again := Excerpt(got, limit); again != got {
		t.Errorf("%q cut twice to %d is %q, not %q", text, limit, again, got)
	}
	if strings.ContainsAny(got, "\n\t\x00") || !utf8.ValidString(got) {
		t.Errorf("%q cut to %d is no line of text: %q", text, limit, got)
	}
}
