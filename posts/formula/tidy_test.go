package formula

import (
	"strings"
	"testing"
	"unicode/utf8"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// tidied reads markup as a browser would and tidies the formulas in it.
func tidied(t testing.TB, markup string) string {
	t.Helper()
	body := &html.Node{Type: html.ElementNode, DataAtom: atom.Body, Data: "body"}
	nodes, err := html.ParseFragment(strings.NewReader(markup), body)
	if err != nil {
		return ""
	}
	var out []byte
	var walk func(*html.Node)
	walk = func(n *html.Node) {
		if n.Type == html.ElementNode && n.Data == "math" {
			out = Append(out, n)
			return
		}
		for c := n.FirstChild; c != nil; c = c.NextSibling {
			walk(c)
		}
	}
	for _, n := range nodes {
		walk(n)
	}
	return string(out)
}

func TestMathMLOfOthersBecomesCore(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, in, want string }{
		{"KaTeX", `<math><semantics><mrow><mi>x</mi></mrow><annotation encoding="application/x-tex">x_</annotation></semantics></math>`, open + ` alttext="x_"><mi>x</mi></math>`},
		{"content MathML", `<math alttext="y"><semantics><mi>y</mi><annotation-xml encoding="MathML-Content"><ci>y</ci></annotation-xml></semantics></math>`, open + ` alttext="y"><mi>y</mi></math>`},
		{"MathJax", `<math display="block" class="MJX"><mfrac class="a" id="b"><mn data-x="1">1</mn><mi href="javascript:x" onclick="x">n</mi></mfrac></math>`, openBlock + ` alttext="\frac{1}{n}"><mfrac><mn>1</mn><mi>n</mi></mfrac></math>`},
		{"Pandoc", `<math><mtable><mtr><mtd columnalign="right" style="text-align: right"><mi>a</mi></mtd><mtd columnalign="left"><mi>b</mi></mtd></mtr></mtable></math>`, open + `><mtable><mtr><mtd style="text-align:right"><mi>a</mi></mtd><mtd style="text-align:left"><mi>b</mi></mtd></mtr></mtable></math>`},
		{"columns of the table", `<math><mtable columnalign="left right"><mtr><mtd><mi>a</mi></mtd><mtd><mi>b</mi></mtd><mtd><mi>c</mi></mtd></mtr></mtable></math>`, open + `><mtable><mtr><mtd style="text-align:left"><mi>a</mi></mtd><mtd style="text-align:right"><mi>b</mi></mtd><mtd style="text-align:right"><mi>c</mi></mtd></mtr></mtable></math>`},
		{"brackets", `<math><mfenced open="[" close=""><mi>a</mi><mi>b</mi></mfenced></math>`, open + ` alttext="[a,b"><mo>[</mo><mi>a</mi><mo>,</mo><mi>b</mi></math>`},
		{"actions", `<math><maction actiontype="statusline#x"><mi>a</mi><mi>b</mi></maction></math>`, open + ` alttext="a"><mi>a</mi></math>`},
		{"labels", `<math><mtable><mlabeledtr><mtd><mtext>(1)</mtext></mtd><mtd><mi>a</mi></mtd></mlabeledtr></mtable></math>`, open + `><mtable><mtr><mtd><mi>a</mi></mtd></mtr></mtable></math>`},
		{"enclosed", `<math><menclose notation="circle"><mi>a</mi></menclose><menclose notation="top"><mi>b</mi><mi>c</mi></menclose></math>`, open + ` alttext="a{bc}^{‾}"><mi>a</mi><mover><mrow><mi>b</mi><mi>c</mi></mrow><mo stretchy="true">‾</mo></mover></math>`},
		{"too few parts", `<math><mfrac><mi>a</mi></mfrac><msup><mi>b</mi><mi>c</mi><mi>d</mi></msup></math>`, open + ` alttext="abcd"><mi>a</mi><mi>b</mi><mi>c</mi><mi>d</mi></math>`},
		{"nothing in a part", `<math><msup><mrow></mrow><none/></msup></math>`, open + ` alttext="{}^{}"><msup><mrow></mrow><mrow></mrow></msup></math>`},
		{"text between", `<math>a<mi>b</mi> c </math>`, open + ` alttext="abc"><mtext>a</mtext><mi>b</mi><mtext>c</mtext></math>`},
		{"scripts", `<math><mtext><script>alert(1)</script><b onclick=x>t</b></mtext><mi><img src=x onerror=y></mi></math>`, open + ` alttext="t"><mtext>t</mtext></math>`},
		{"foreign markup", `<math><annotation-xml encoding="text/html"><p>x</p></annotation-xml><mglyph src="x"></mglyph><mi>y</mi></math>`, open + ` alttext="y"><mi>y</mi></math>`},
		{"styles", `<math mathcolor="red;x" dir="rtl" style="position:fixed"><mi mathvariant="bold" mathcolor="#0f0">x</mi><mspace width="1em" height="calc(1px)"></mspace></math>`, open + ` dir="rtl" alttext="x"><mi mathcolor="#0f0">x</mi><mspace width="1em"></mspace></math>`},
		{"signs in the TeX", `<math alttext="a&quot;&amp;<]]>&#xFFFE;&#1;b"><mi>x</mi></math>`, open + ` alttext="a&quot;&amp;&lt;]]&gt;�b"><mi>x</mi></math>`},
		{"TeX without end", `<math alttext="` + strings.Repeat("^", maxTeX+1) + `"><mi>x</mi></math>`, open + ` alttext="x"><mi>x</mi></math>`},
		{"nothing", `<math><mrow></mrow><mspace></mspace></math><math></math>`, ""},
		{"too deep", "<math>" + strings.Repeat("<mrow><mi>a</mi>", 100) + "</math>", ""},
	} {
		got := tidied(t, c.in)
		if got != c.want {
			t.Errorf("%s\ngot  %s\nwant %s", c.name, got, c.want)
		}
		if again := tidied(t, got); again != got {
			t.Errorf("%s: tidied again it differs\n%s\n%s", c.name, got, again)
		}
	}
}

// FuzzAppend: what comes out is the same when it is read and tidied again, so
// that no reader sees another tree than was judged.
func FuzzAppend(f *testing.F) {
	for _, s := range []string{
		"<math><mi>x</mi></math>", "<math><mtext><table><mglyph><style><!--</style><img title=\"--&gt;&lt;img src=1 onerror=alert(1)&gt;\">", "<math><mfenced><mi>a<mi>b</mfenced>",
		"<math><munder><mrow><mi>a</mrow><mo>_</munder><none>b</none>", "<math><mmultiscripts><mi>a</mi><mprescripts/><none/><mn>2</mn></mmultiscripts>", "<math><annotation-xml encoding=text/html><svg><p>",
		"<math><mtable><mtr><mtd style='text-align:right;border:1px solid'>a</mtd><mtd>b<mtr></math>", "<math>&#xFFFE;<mspace width=1em><ms>\"</ms>", "<math><mrow><mrow><mstyle><mrow>a</mrow></mstyle></mrow></mrow>",
		"<math alttext='\x84" + strings.Repeat("x", maxTeX-1) + "'><mi>x</mi></math>", `<math><mi>` + strings.Repeat("_", maxTeX/2+1) + `</mi></math>`,
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, markup string) {
		once := tidied(t, markup)
		if again := tidied(t, once); again != once {
			t.Errorf("%q\nonce  %s\ntwice %s", markup, once, again)
		}
		z := html.NewTokenizer(strings.NewReader(once))
		for z.Next() != html.ErrorToken {
			for _, a := range z.Token().Attr {
				if strings.HasPrefix(a.Key, "on") || a.Key == "href" || a.Key == "src" || a.Key == "class" || a.Key == "id" {
					t.Errorf("%q holds %s", once, a.Key)
				}
			}
		}
	})
}

func TestPlainShowsFormulasAsText(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"<p>no formula &lt;math&gt;</p>":                                                           "<p>no formula &lt;math&gt;</p>",
		"<p>a " + open + ` alttext="x^2 &lt; y"><mi>x</mi></math> b</p>`:                           "<p>a x² &lt; y b</p>",
		"<p>" + openBlock + ` alttext="\begin{matrix}a &amp; b\end{matrix}"><mi>a</mi></math></p>`: `<p><code>\begin{matrix}a &amp; b\end{matrix}</code></p>`,
		open + `><mfrac><mn>1</mn><mi>n</mi></mfrac></math>, ` + open + `><mi>y</mi></math>`:       "1/n, y",
		open + `><mphantom><mi>y</mi></mphantom></math>`:                                           "y",
		"<p>" + open + ` alttext="x">`:                                                             "<p>" + open + ` alttext="x">`,
	} {
		if got := Plain(in); got != want {
			t.Errorf("%s\ngot  %s\nwant %s", in, got, want)
		}
	}
}

// A feed is encoded by the process that serves: nobody's TeX may exhaust its stack.
func TestTeXInsideTeXIsBounded(t *testing.T) {
	t.Parallel()
	for _, part := range []string{"^", "_", "{", `\sqrt`, `\hat`, `\frac`, `\mathrm `, `\mathbb{`} {
		for _, n := range []int{41, maxTeX / (len(part) + 1), 500_000} {
			if got, ok := Unicode(strings.Repeat(part, n) + "x" + strings.Repeat("}", n)); ok {
				t.Errorf("%d times %s: %q", n, part, got)
			}
		}
	}
	if got, ok := Unicode(`\sqrt{\frac{1}{x^{2n}}}`); !ok {
		t.Errorf("what people write is refused: %q", got)
	}
	long := open + ` alttext="` + strings.Repeat("^", 500_000) + `"><mi>x</mi></math>`
	if got := Plain(long); got != "x" {
		t.Errorf("%d bytes", len(got))
	}
}

// FuzzUnicode: what is shown is one line of text that is short enough.
func FuzzUnicode(f *testing.F) {
	for _, s := range []string{`x^2`, `\frac{a}{b}`, `\sqrt[3]{x}`, `\hat x_{i}`, `\left( a \right)`, "{{a}b", `\mathbb R\subset`, strings.Repeat("^", 300) + "x", strings.Repeat(`\hat`, 300)} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, tex string) {
		if text, ok := Unicode(tex); ok && (text == "" || utf8.RuneCountInString(text) > maxRunes || strings.ContainsAny(text, "\n\r\t")) {
			t.Errorf("%q: %q", tex, text)
		}
	})
}
