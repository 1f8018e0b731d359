package formula

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
)

const open, openBlock = `<math xmlns="http://www.w3.org/1998/Math/MathML"`, `<math xmlns="http://www.w3.org/1998/Math/MathML" display="block"`

func needsEngine(t testing.TB) {
	t.Helper()
	if Build != "" {
		t.Skip("built without MathML")
	}
}

func TestTeXBecomesMathML(t *testing.T) {
	t.Parallel()
	needsEngine(t)
	for _, c := range []struct {
		tex     string
		display bool
		want    string
	}{
		{"x^2", false, open + ` alttext="x^2"><msup><mi>x</mi><mn>2</mn></msup></math>`},
		{"x<y", true, openBlock + ` alttext="x&lt;y"><mi>x</mi><mo>&lt;</mo><mi>y</mi></math>`},
		{`\text{若 a} \R`, false, open + ` alttext="\text{若 a} \R"><mtext>若 a</mtext><mi>ℝ</mi></math>`},
		{`\color{red}{x}`, false, open + ` alttext="\color{red}{x}"><mi mathcolor="#ff0000">x</mi></math>`},
		{`\underline{x}\overline{y}`, false, open + ` alttext="\underline{x}\overline{y}"><munder><mi>x</mi><mo stretchy="true">_</mo></munder><mover><mi>y</mi><mo stretchy="true">‾</mo></mover></math>`},
		{"\\begin{align}\n a &= b \\\\ &= c \\tag{1}\n\\end{align}", true, openBlock + ` alttext="\begin{align} a &amp;= b \\ &amp;= c \tag{1} \end{align}"><mtable displaystyle="true"><mtr><mtd style="text-align:right"><mi>a</mi></mtd><mtd style="text-align:left"><mrow><mo>=</mo><mi>b</mi></mrow></mtd></mtr><mtr><mtd style="text-align:right"></mtd><mtd style="text-align:left"><mrow><mo>=</mo><mi>c</mi></mrow></mtd><mtd><mtext>(1)</mtext></mtd></mtr></mtable></math>`},
		{`\begin{array}{c|c} a & b\end{array}`, true, openBlock + ` alttext="\begin{array}{c|c} a &amp; b\end{array}"><mtable><mtr><mtd style="border-right:0.06em solid"><mi>a</mi></mtd><mtd><mi>b</mi></mtd></mtr></mtable></math>`},
		{`a \\ b`, true, openBlock + ` alttext="a \\ b"><mtable displaystyle="true"><mtr><mtd><mi>a</mi></mtd></mtr><mtr><mtd><mi>b</mi></mtd></mtr></mtable></math>`},
		{"a % note\nb", false, open + " alttext=\"a % note\nb\"><mi>a</mi><mi>b</mi></math>"},
		{`\left. x \right|`, false, open + ` alttext="\left. x \right|"><mi>x</mi><mo form="postfix" stretchy="true">|</mo></math>`},
		{`\char"FFFE`, false, open + ` alttext="\char&quot;FFFE"><mi>�</mi></math>`},
	} {
		var p Page
		got, err := p.Render(c.tex, c.display)
		if err != nil || got != c.want {
			t.Errorf("%s\ngot  %s, %v\nwant %s", c.tex, got, err, c.want)
		}
	}
}

// What people copy from one blog to the next: all of it has to come out.
func TestCommonCommandsAreKnown(t *testing.T) {
	t.Parallel()
	needsEngine(t)
	var p Page
	for _, tex := range common {
		got, err := p.Render(tex, strings.Contains(tex, `\begin`))
		if err != nil {
			t.Errorf("%s: %v", tex, err)
		}
		for _, bad := range []string{"class=", "<span", "<a ", "href", "annotation", "menclose", " id=", "fence=", "width:"} {
			if strings.Contains(got[strings.IndexByte(got+">", '>'):], bad) {
				t.Errorf("%s holds %s: %s", tex, bad, got)
			}
		}
	}
}

func TestWhatCannotBeShownSaysWhy(t *testing.T) {
	t.Parallel()
	needsEngine(t)
	for tex, want := range map[string]string{
		`\nonsense{x}`:                  `Unsupported function name: \nonsense`,
		`\frac{1}{`:                     "Unexpected end of input in a macro argument, expected '}'",
		`\cancel{x}`:                    "holds what MathML Core cannot show",
		`\href{javascript:alert(1)}{x}`: `Unsupported function name: \href`,
		`\includegraphics{https://a/b}`: `Function "\includegraphics" is not trusted`,
		`\ref{a}`:                       "is no formula in the end",
		`\htmlClass{a}{x}`:              `Unsupported function name: \htmlClass`,
		"%":                             "shows nothing",
		strings.Repeat("x", 5000):       "has 5000 bytes, more than 4096",
		strings.Repeat("{", 2000):       "is nested too deeply",
		strings.Repeat(`\sqrt{`, 80) + "x" + strings.Repeat("}", 80): "is nested too deeply",
		`\def\a{\a\a}\a`:                              "Too many expansions: infinite loop or need to increase maxExpand setting",
		`\def\a#1{\a{#1#1}}\a{xx}`:                    "grows too large",
		`\text{字` + strings.Repeat("字", 100) + `} \x`: `Unsupported function name: \x`,
	} {
		var p Page
		got, err := p.Render(tex, true)
		if err == nil || err.Error() != want && !strings.HasPrefix(want, err.Error()[:min(len(err.Error()), 70)]) {
			t.Errorf("%.60s: %s, %v, want %s", tex, got, err, want)
		}
	}
}

func TestDefinitionsHoldForTheirPageOnly(t *testing.T) {
	t.Parallel()
	needsEngine(t)
	var p, other Page
	if _, err := p.Render(`\vect{x}`, false); err == nil {
		t.Error("a macro is known before it is defined")
	}
	if got, err := p.Render(`\newcommand{\vect}[1]{\mathbf{#1}} \gdef\half{\frac12}`, true); got != "" || err != nil {
		t.Errorf("definitions show %s, %v", got, err)
	}
	if got, err := p.Render(`\vect{x}\half`, false); err != nil || got != open+` alttext="\vect{x}\half"><mi>𝐱</mi><mfrac><mn>1</mn><mn>2</mn></mfrac></math>` {
		t.Errorf("got %s, %v", got, err)
	}
	if got, err := p.Render(`\gdef\leak{x} y`, false); err != nil || !strings.Contains(got, "<mi>y</mi>") {
		t.Errorf("got %s, %v", got, err)
	}
	for _, tex := range []string{`\vect{x}`, `\half`, `\leak`} {
		if got, err := other.Render(tex, false); err == nil {
			t.Errorf("%s of another page is known: %s", tex, got)
		}
	}
}

func TestAPageOfTooManyFormulasKeepsTheRestAsTeX(t *testing.T) {
	t.Parallel()
	needsEngine(t)
	for _, p := range []Page{{spent: maxPageTeX - 10}, {tried: maxPage - 1}} {
		if _, err := p.Render("x", false); err != nil {
			t.Error(err)
		}
		if _, err := p.Render(strings.Repeat("y", 20), false); err == nil {
			t.Error("a formula beyond the limit is rendered")
		}
		if _, err := p.Render("x", false); err != nil {
			t.Errorf("a formula that is there already: %v", err)
		}
	}
}

func TestPagesMayBeRenderedAtOnce(t *testing.T) {
	t.Parallel()
	needsEngine(t)
	var workers sync.WaitGroup
	for i := range 8 {
		workers.Go(func() {
			var p Page
			for j := range 4 {
				tex := fmt.Sprintf(`\frac{%d}{%d}`, i, j)
				got, err := p.Render(tex, false)
				if err != nil || !strings.Contains(got, fmt.Sprintf("<mn>%d</mn><mn>%d</mn>", i, j)) {
					t.Errorf("%s: %s, %v", tex, got, err)
				}
			}
		})
	}
	workers.Wait()
}

func TestABuildWithoutMathMLSaysSo(t *testing.T) {
	t.Parallel()
	var p Page
	got, err := p.Render("x", false)
	if off := errors.Is(err, ErrOff); off != (Build == "-nomath") || off && got != "" {
		t.Errorf("build %q: %q, %v", Build, got, err)
	}
}
