package markdown

import (
	"fmt"
	"html"
	gomath "math"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/alecthomas/chroma/v2"
	"github.com/alecthomas/chroma/v2/lexers"
	"pgregory.net/rapid"
)

var anyTag = regexp.MustCompile(`<[^>]*>`)

// painted returns code in its colours, after a look at what it must hold: the
// code itself and spans in our own style.
func painted(t interface {
	Helper()
	Errorf(string, ...any)
}, body, language string) string {
	t.Helper()
	spent := 0
	got := string(appendCode(nil, body, language, &spent))
	if text := html.UnescapeString(anyTag.ReplaceAllString(got, "")); text != body {
		t.Errorf("%s: %q became %q", language, body, text)
	}
	for _, tag := range anyTag.FindAllString(got, -1) {
		style, ok := strings.CutPrefix(tag, `<span style="`)
		if ok && !ownStyle.MatchString(strings.TrimSuffix(style, `">`)) {
			t.Errorf("%s: %s", language, tag)
		}
	}
	return got
}

func TestCodeKeepsItsTextInEveryLanguage(t *testing.T) {
	t.Parallel()
	bodies := []string{
		"func main() {\n\n\ts := \"a<b\" // 注 & c\n\t`x`\n}\n\n# $HOME 'it''s' <!-- --> key: v\n[s]\n+a\n",
		"\n\n  <?php echo \"<b>\" ?>\n<script>let a = `${b}`</script>\n{{ x | y }}\n", "x", "\n", " \n\t", "/* not closed", "\"not closed\n'\n",
		"GET / HTTP/1.1\nContent-Type: application/json\n\n{\"a\": 1}\n", "---\na: b\n---\n# x\n```go\nx\n```\n", "$ ls -l\n> x\n",
	}
	for _, lexer := range lexers.GlobalLexerRegistry.Lexers {
		for _, body := range bodies {
			painted(t, body, lexer.Config().Name)
		}
	}
}

func TestCodeKeepsItsTextWhateverItHolds(t *testing.T) {
	t.Parallel()
	languages := strings.Fields("go js ts python bash console html xml vue svelte erb php phtml css yaml toml json markdown rst http diff c c++ rust ruby perl sql latex docker makefile")
	pieces := rapid.SampledFrom([]string{"\n", " ", "\t", "a", "字", "0", "\"", "'", "`", "<", ">", "/", "*", "{", "}", "(", ")", "#", "$", "\\", "=", ":", "-", "func ", "<?php ", "<%= ", "<script>", "```\n", "EOF\n", "<<EOF\n", "/*", "{{", "%}", "&amp;", "😀"})
	rapid.Check(t, func(t *rapid.T) {
		body := strings.Join(rapid.SliceOfN(pieces, 0, 40).Draw(t, "pieces"), "")
		painted(t, body, rapid.SampledFrom(languages).Draw(t, "language"))
	})
}

func TestLanguagesHaveTheNamesThatBlogsUse(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"js": "JavaScript", "JavaScript": "JavaScript", "mjs": "JavaScript", "ts": "TypeScript", "sh": "Bash", "shell": "Bash", "zsh": "Bash", "console": "Bash Session",
		"terminal": "Bash Session", "objc": "Objective-C", "c++": "C++", "cuda": "C++", "golang": "Go", "go": "Go", "yml": "YAML", "py": "Python", "rs": "Rust", "kt": "Kotlin",
		"php": "PHP", "html": "HTML", "vue": "vue", "less": "SCSS", "conf": "INI", "dockerfile": "Docker", "makefile": "Makefile", "tf": "Terraform", "c#": "C#", "md": "markdown", "liquid": "Django/Jinja",
	} {
		if lexer := lexerOf(name); lexer == nil || lexer.Config().Name != want {
			t.Errorf("%s is not %s but %v", name, want, lexer)
		}
	}
	for _, name := range []string{"", "text", "txt", "plain", "plaintext", "none", "nohighlight", "no-highlight", "mermaid", "output", "log", "ascii", "math", "字"} {
		if got := painted(t, "if x == 1\n", name); got != "<pre><code>if x == 1\n</code></pre>" {
			t.Errorf("%q is no language, yet %s", name, got)
		}
	}
	for name, other := range otherNames {
		if languages()[name] != nil || languages()[other] == nil {
			t.Errorf("%s needs no other name, or %s is none", name, other)
		}
	}
}

func TestFileSuffixesAreNamedAsChromaNamesThem(t *testing.T) {
	t.Parallel()
	for _, name := range strings.Fields("h hpp mjs rs kt m v pl pm s asm cfg inc d ps1 tf htm j md ml") {
		if got, want := lexerOf(name), lexers.Get(name); got == nil || want == nil || got.Config().Name != want.Config().Name {
			t.Errorf("%s is %v, for chroma %v", name, got, want)
		}
	}
}

func TestLongCodeStaysPlain(t *testing.T) {
	t.Parallel()
	for what, c := range map[string]struct {
		body   string
		spent  int
		colour bool
	}{
		"the longest code": {strings.Repeat("x := 1\n", maxHighlight/7), 0, true},
		"longer code":      {strings.Repeat("x := 1\n", maxHighlight/7+1), 0, false},
		"a long line":      {"x := 1 //" + strings.Repeat("x", maxHighlightLine), 0, false},
		"a long body":      {"x := 1\n", maxHighlightBody - 6, false},
		"the end of one":   {"x := 1\n", maxHighlightBody - 7, true},
	} {
		if raced && len(c.body) == maxHighlight/7*7 {
			continue // the race detector may make it take longer than paintTime
		}
		if got := string(appendCode(nil, c.body, "go", &c.spent)); strings.Contains(got, "<span") != c.colour {
			t.Errorf("%s: coloured is not %v", what, c.colour)
		}
	}
}

// lexer is one that goes wrong.
type lexer struct {
	chroma.Lexer
	tokens func() chroma.Token
	err    error
}

func (l lexer) Tokenise(*chroma.TokeniseOptions, string) (chroma.Iterator, error) {
	return l.tokens, l.err
}

func TestCodeStaysPlainWhenTheLexerGoesWrong(t *testing.T) {
	t.Parallel()
	one := func(value string) func() chroma.Token {
		said := false
		return func() chroma.Token {
			if said {
				return chroma.EOF
			}
			said = true
			return chroma.Token{Type: chroma.Keyword, Value: value}
		}
	}
	for what, l := range map[string]lexer{
		"an error":     {tokens: one("a b"), err: fmt.Errorf("no rules")},
		"a panic":      {tokens: func() chroma.Token { panic("unknown state") }},
		"text lost":    {tokens: one("a ")},
		"text changed": {tokens: one("a c")},
		"text added":   {tokens: one("a b ")},
		"no progress":  {tokens: func() chroma.Token { return chroma.Token{Type: chroma.Text} }},
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			if got, ok := paint([]byte("x"), "a b", l); ok {
				t.Errorf("it is coloured: %s", got)
			}
		})
	}
	synctest.Test(t, func(t *testing.T) {
		slow := func() chroma.Token {
			time.Sleep(paintTime / 4) // of the bubble's clock
			return chroma.Token{Type: chroma.Text, Value: "a"}
		}
		if got, ok := paint(nil, "aaaaaaaa", lexer{tokens: slow}); ok {
			t.Errorf("a slow lexer has coloured %s", got)
		}
	})
	if got, ok := paint([]byte("x"), "a b", lexer{tokens: one("a b\n")}); !ok || string(got) != `x<span style="color:`+red+`">a b</span>` {
		t.Errorf("a line end that a lexer adds: %s, %v", got, ok)
	}
}

func TestBodyOfCodeThatCannotBeColouredStaysPlain(t *testing.T) {
	t.Parallel()
	const endless = "/* not closed" // chroma's lexer of Jungle does not leave it
	body := "```go\nx := 1\n```\n\n" + strings.Repeat("```jungle\n"+endless+"\n```\n\n", 4) + "```go\nx := 1\n```\n"
	for _, raw := range []string{"", "<details>x</details>\n"} {
		if got := render(t, body+raw, Options{}).HTML; strings.Count(got, "<span") != 1 || strings.Count(got, endless) != 4 {
			t.Errorf("coloured although too much was tried, or not before: %s", got)
		}
	}
}

func TestColoursCanBeRead(t *testing.T) {
	t.Parallel()
	ground := luminance(t, preStyle[len("background:"):][:7])
	for _, kind := range chroma.TokenTypeValues() {
		if colour := colourOf(kind); colour != "" {
			if contrast := (ground + 0.05) / (luminance(t, colour) + 0.05); contrast < 4.5 {
				t.Errorf("%s in %s has a contrast of %.1f", kind, colour, contrast)
			}
		}
	}
}

// luminance is WCAG 2.2's relative luminance of #rrggbb.
func luminance(t *testing.T, colour string) float64 {
	t.Helper()
	sum := 0.0
	for i, weight := range []float64{0.2126, 0.7152, 0.0722} {
		n, err := strconv.ParseUint(colour[1+2*i:3+2*i], 16, 8)
		if err != nil {
			t.Fatal(err)
		}
		c := float64(n) / 255
		if c <= 0.04045 {
			sum += weight * c / 12.92
		} else {
			sum += weight * gomath.Pow((c+0.055)/1.055, 2.4)
		}
	}
	return sum
}

func TestCodeIsColouredByMany(t *testing.T) {
	t.Parallel()
	const body = "if (x) { return \"a\" } // b\n"
	var wait sync.WaitGroup
	for _, language := range []string{"go", "php", "erb", "markdown", "typescript", "yaml"} {
		want := sync.OnceValue(func() string { return painted(t, body, language) })
		for range 4 {
			wait.Go(func() {
				if got := painted(t, body, language); got != want() {
					t.Errorf("%s: %s, then %s", language, want(), got)
				}
			})
		}
	}
	wait.Wait()
}

func TestHostileCodeTakesBoundedTime(t *testing.T) {
	t.Parallel()
	if raced || testing.Short() {
		t.Skip("too slow under the race detector")
	}
	for _, language := range []string{"go", "js", "bash", "python", "html", "php", "phtml", "markdown", "yaml", "ruby", "perl"} {
		for _, piece := range []string{"/*", "\"", "'\n", "<", "<!--\n", "((", "a ", "<<A\n", "```\n", "{{", "$(", "%{", " \n"} {
			body := strings.Repeat(piece, maxHighlightLine/len(piece)/2)
			began := time.Now()
			painted(t, body, language)
			if took := time.Since(began); took > 10*time.Second {
				t.Errorf("%s: %q takes %v", language, piece, took)
			}
		}
	}
}
