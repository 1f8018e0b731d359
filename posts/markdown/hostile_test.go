package markdown

import (
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

// hostile bodies made a parser quadratic or deep in one program or another.
func hostile(size int) map[string]string {
	fill := func(s string) string { return strings.Repeat(s, size/len(s)) }
	return map[string]string{
		"one line":          fill("字a "),
		"quotes":            fill(">"),
		"quotes and spaces": fill("> "),
		"lists on one line": fill("- "),
		"numbers":           fill("1. "),
		"mixed containers":  fill("> - 1. "),
		"dashes":            fill("-"),
		"brackets":          fill("["),
		"open links":        fill("[a]("),
		"nested links":      fill("[") + fill("](u)"),
		"images":            fill("!["),
		"stars":             fill("*"),
		"star words":        fill("*a **a "),
		"closing stars":     fill("a** "),
		"underscores":       fill("_a"),
		"strong runs":       fill("**a") + fill("**"),
		"tildes":            fill("~~a "),
		"backticks":         fill("`a``b```c "),
		"dollars":           fill("$a "),
		"dollar pairs":      fill("$$\na\n"),
		"backslash parens":  fill(`\(a `),
		"angle brackets":    fill("<a"),
		"open tags":         fill("<b>"),
		"open divs":         fill("<div>\n"),
		"open comments":     fill("<!-- "),
		"open tables":       fill("<table><tr><td>"),
		"entities":          fill("&#x41;&amp"),
		"footnotes":         fill("[^a] "),
		"footnote bodies":   fill("[^a]: b\n"),
		"references":        fill("[a]: b\n"),
		"wide table":        "|" + fill("a|") + "\n|" + fill("-|") + "\n|" + fill("b|") + "\n",
		"short rows":        "|" + strings.Repeat("a|", 2000) + "\n|" + strings.Repeat("-|", 2000) + "\n" + fill("|b|\n"),
		"headings":          fill("# a\n"),
		"definitions":       fill("a\n: b\n\n"),
		"indented":          fill("\ta\n"),
		"links in text":     fill("https://a.example/b "),
		"codeblock tags":    fill("{% codeblock %}"),
		"quote tags":        fill("{% quote %}"),
		"raw tags":          fill("{% raw %}"),
		"shortcodes":        fill("{{< highlight go >}}"),
		"details":           fill("{{< details >}}"),
		"expressions":       fill("{{ a "),
		"toc":               fill("* a\n{:toc}\n"),
		"components":        fill("<A b={"),
		"zola":              fill("{% quote() %}"),
		"control":           fill("\x1b[31m\x00\xff"),
		"svg":               fill("<svg><p>"),
		"formatting":        fill("<a><b><i><p>"),
	}
}

func TestHostileBodiesTakeBoundedTime(t *testing.T) {
	t.Parallel()
	size := 30_000
	if raced || testing.Short() {
		size = 2_000
	}
	dialects := []Dialect{Plain, Hexo, Hugo, Jekyll, Zola, Astro}
	for name, body := range hostile(size) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for i, d := range append(dialects, "html") {
				began := time.Now()
				r, err := Render([]byte(body), Options{Dialect: d, HTML: d == "html", PostURL: "https://a.example/p/"})
				if took := time.Since(began); took > 20*time.Second {
					t.Errorf("%s: %d bytes took %v", d, len(body), took)
				}
				if err != nil || !utf8.ValidString(r.HTML) || len(r.HTML) > 60*len(body)+10_000 {
					t.Errorf("%d %s: %d bytes of HTML, %v", i, d, len(r.HTML), err)
				}
			}
		})
	}
}

func TestTableOfManyShortRowsBecomesText(t *testing.T) {
	t.Parallel()
	head := "|" + strings.Repeat("a|", 500) + "\n|" + strings.Repeat("-|", 500) + "\n"
	if r := render(t, head+strings.Repeat("|b|\n", 10), Options{}); !strings.Contains(r.HTML, "<td>b</td>") {
		t.Errorf("a wide table is none: %.200s", r.HTML)
	}
	r := render(t, head+strings.Repeat("|b|\n", 1000)+"\n|c|\n|-|\n|d|\n", Options{})
	if len(r.HTML) > 20_000 || strings.Contains(r.HTML, "<td>b</td>") || !strings.Contains(r.HTML, "<td>d</td>") {
		t.Errorf("%d bytes of HTML: %.200s", len(r.HTML), r.HTML)
	}
}
