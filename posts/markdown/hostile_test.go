package markdown

import (
	"strings"
	"testing"

	"tidings.example/internal/raced"
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
		"deep tables":       fill("<table><tr><td><p>a</p>"),
		"deep lists":        fill("<ul><li>a"),
		"nested emphasis":   fill("*a _b ") + fill("_ *"),
		"unclosed elements": fill("<p title=\"a"),
		"pre in pre":        fill("<pre><div>"),
		"line tables":       fill("<table><tr><td class=gutter><pre>1</pre><td class=code><pre>a</pre></table>"),
		"waiting pictures":  fill("<img class=lazy src=data:x><noscript><img src=a></noscript>"),
		"noscript":          fill("<noscript><p>"),
		"frames":            fill("<iframe src=//a.example/b></iframe><script>x</script>"),
		"data pictures":     fill("![a](data:image/png;base64,AA==)<img src=data:image/gif;base64,AA>"),
		"srcsets":           "<img src=a srcset=\"" + fill("a 1x, ") + "\">",
		"forbidden":         fill("]]>\ufffe&#xD800;\xed\xa0\x80"),
		"GBK":               fill("\xd6\xd0\xce\xc4 \xb5\xc4\n"),
		"broken formulas":   fill("$\\frac{a$ "),
		"brackets of TeX":   fill("\\[a "),
		"environments":      fill("\\begin{align}\n"),
		"tags in HTML":      fill("<div>\n{% img /a.png %}\n"),
		"quotes in HTML":    fill("<p>{% quote %}*a*{% endquote %}"),
		"moustaches":        fill("{{"),
		"marks":             fill("<!--more-->"),
		"nearly marks":      fill("<!--a-->"),
		"emoji":             fill("👨‍👩‍👧‍👦"),
		"accents":           "e" + fill("\u0301"),
		"open quotes":       fill("“《（"),
		"numbers and dots":  fill("1.") + fill("1 "),
		"addresses":         fill("https://a.example/"),
	}
}

// dialectsFor are those that a hostile body is anything to.
func dialectsFor(body string) []Dialect {
	all := []Dialect{Plain, "html"}
	if strings.ContainsAny(body[:min(len(body), 200)], "{:") {
		return append(all, Hexo, Hugo, Jekyll, Zola, Pelican)
	}
	return append(all, Astro)
}

func optionsOf(d Dialect) Options {
	return Options{Dialect: d, HTML: d == "html", PostURL: "https://a.example/p/", SiteURL: "https://a.example"}
}

func TestHostileBodiesGiveBoundedText(t *testing.T) {
	t.Parallel()
	size := 30_000
	if raced.On || testing.Short() {
		size = 2_000
	}
	for name, body := range hostile(size) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, d := range dialectsFor(body) {
				checkHostile(t, body, d)
			}
		})
	}
}

// TestGiantLinesAndNestsGiveBoundedText takes a line of 900,000 characters, and
// 100,000 and more of what nests.
func TestGiantLinesAndNestsGiveBoundedText(t *testing.T) {
	t.Parallel()
	if raced.On || testing.Short() {
		t.Skip("takes seconds, and finds no races")
	}
	bodies := hostile(900_000)
	for _, name := range []string{
		"one line", "quotes", "quotes and spaces", "lists on one line", "mixed containers", "nested emphasis", "stars", "brackets", "nested links",
		"images", "open tags", "open tables", "deep tables", "deep lists", "backticks", "dollars", "moustaches", "control", "forbidden", "GBK",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			checkHostile(t, bodies[name], Plain)
			checkHostile(t, bodies[name], "html")
		})
	}
}

func checkHostile(t *testing.T, body string, d Dialect) {
	t.Helper()
	r, err := Render([]byte(body), optionsOf(d))
	if err != nil || len(r.HTML) > 60*len(body)+10_000 || len(r.Warnings) > 100 {
		t.Errorf("%s: %d bytes of HTML, %d warnings, %v", d, len(r.HTML), len(r.Warnings), err)
	}
	checkText(t, "HTML", r.HTML)
	checkSummary(t, r.Summary)
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
