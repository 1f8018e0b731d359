package markdown

import (
	"regexp"
	"strings"
	"testing"

	"tidings.example/posts/formula"
)

var mathElements = regexp.MustCompile(`(?s)<math xmlns="http://www.w3.org/1998/Math/MathML"( display="block")?(?: alttext="([^"]*)")?>.*?</math>`)

// shorthand writes formulas as ‹TeX› in a line and as «TeX» on lines of their own.
func shorthand(html string) string {
	return mathElements.ReplaceAllStringFunc(html, func(math string) string {
		m := mathElements.FindStringSubmatch(math)
		if m[1] != "" {
			return "«" + m[2] + "»"
		}
		return "‹" + m[2] + "›"
	})
}

// needsMath says whether a wanted text holds formulas that this build leaves as TeX.
func needsMath(want string) bool { return formula.Build != "" && strings.ContainsAny(want, "‹«") }

func TestFormulasOfScriptsBecomeMathML(t *testing.T) {
	t.Parallel()
	if formula.Build != "" {
		t.Skip("built without MathML")
	}
	const katex = `<span class="katex-display"><span class="katex"><span class="katex-mathml"><math xmlns="http://www.w3.org/1998/Math/MathML" display="block"><semantics><mrow><msup><mi>x</mi><mn>2</mn></msup></mrow><annotation encoding="application/x-tex">x^2</annotation></semantics></math></span><span class="katex-html" aria-hidden="true"><span class="base">x2</span></span></span></span>`
	for _, c := range []struct {
		name, in, want string
		html           bool
	}{
		{"KaTeX in Markdown", "前 " + katex + " 后", "<p>前 <span><span><span>«x^2»</span></span></span> 后</p>", false},
		{"KaTeX in HTML", "<p>" + katex + "</p>", "<p><span><span><span>«x^2»</span></span></span></p>", true},
		{"MathJax 2", `<p><span class="MathJax_Preview">x2</span><span class="MathJax" data-mathml="x"><nobr>x2</nobr><span class="MJX_Assistive_MathML"><math><mi>x</mi></math></span></span><script type="math/tex">x^2</script></p>`, "<p>‹x^2›</p>", true},
		{"MathJax 2 on lines of its own", `<div class="MathJax_Display"><span class="MathJax"><nobr>x2</nobr></span></div><script type="math/tex; mode=display">x^2</script>`, "<div></div>«x^2»", true},
		{"MathJax 3", `<p><mjx-container class="MathJax" jax="CHTML"><mjx-math>x2</mjx-math><mjx-assistive-mml><math><msup><mi>x</mi><mn>2</mn></msup></math></mjx-assistive-mml></mjx-container></p>`, "<p>‹{x}^{2}›</p>", true},
		{"delimiters in the text of a page", `<p>Let \(x_1\) be \[y^2\] and $$z$$, for $5 or $6.</p>`, "<p>Let ‹x_1› be «y^2» and «z», for $5 or $6.</p>", true},
		{"spoken of in code", `<p><code>\(x_1\)</code> <kbd>$$y$$</kbd></p><pre>$$z$$</pre>`, `<p><code>\(x_1\)</code> <kbd>$$y$$</kbd></p><pre><code>$$z$$</code></pre>`, true},
		{"spoken of in code of Markdown", "<code>$x_1$</code> and $x_1$", "<p><code>$x_1$</code> and ‹x_1›</p>", false},
		{"Pandoc", `<p><span class="math inline">\(a^2\)</span></p>`, "<p><span>‹a^2›</span></p>", true},
		{"brackets that are none", `<p>\(see above\) and \[1\](x)</p>`, `<p>\(see above\) and \[1\](x)</p>`, true},
		{"in a block of HTML", "<div align=\"center\">$$x_1$$</div>\n\nand $y_1$", "<div align=\"center\">«x_1»</div>\n<p>and ‹y_1›</p>", false},
		{"definitions", "$$\\newcommand{\\vv}[1]{\\mathbf{#1}}$$\n\n$\\vv{x}$ `$x$`", "<p>‹\\vv{x}› <code>$x$</code></p>", false},
	} {
		got := strings.TrimSpace(shorthand(render(t, c.in, Options{HTML: c.html}).HTML))
		if got != c.want {
			t.Errorf("%s: %q\ngot  %s\nwant %s", c.name, c.in, got, c.want)
		}
	}
}

func TestAFormulaThatCannotBeIsToldWithItsLine(t *testing.T) {
	t.Parallel()
	if formula.Build != "" {
		t.Skip("built without MathML")
	}
	r := render(t, "one\n\ntwo $x^2$\n\n- $\\unknown{x_1}$\n\n$$\n\\frac{1}{\n$$\n\n$\\unknown{x_1}$", Options{})
	if !strings.Contains(r.HTML, `$\unknown{x_1}$`) || !strings.Contains(r.HTML, "$$\n\\frac{1}{\n$$") || !strings.Contains(shorthand(r.HTML), "‹x^2›") {
		t.Errorf("got %s", r.HTML)
	}
	want := []Warning{
		{5, `the formula \unknown{x_1} stays TeX: it cannot be read: Unsupported function name: \unknown`},
		{8, `the formula \frac{1}{ stays TeX: it cannot be read: Unexpected end of input in a macro argument, expected '}'`},
	}
	if len(r.Warnings) != 2 || r.Warnings[0] != want[0] || r.Warnings[1] != want[1] {
		t.Errorf("warnings %v, want %v", r.Warnings, want)
	}
}

func TestALetterShowsAFormulaWhereThereIsNoCode(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ in, code, language string }{
		{"$$x^2 \\le y$$", "x² ≤ y", "tex"},
		{"$$\\begin{matrix}a\\end{matrix}$$\n\n$$b$$", `\begin{matrix}a\end{matrix}`, "tex"},
		{"$$x$$\n\n```go\ny\n```", "y", "go"},
		{"$x$", "", ""},
		{"<b>$$x_1$$</b>", "x₁", "tex"},
	} {
		if r := render(t, c.in, Options{}); r.Code != c.code || r.CodeLanguage != c.language {
			t.Errorf("%q: code %q in %q", c.in, r.Code, r.CodeLanguage)
		}
	}
}
