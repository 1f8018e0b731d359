package mailer

import (
	"flag"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
	"tidings.example/posts"
)

var update = flag.Bool("update", false, "write the golden letters anew")

func TestLettersAreTheGoldenOnes(t *testing.T) {
	t.Parallel()
	c := newTestComposer(t)
	got := map[string][]byte{}
	for _, name := range []string{"one-en", "one-zh", "eleven-zh", "odd-en"} {
		got["digest-"+name] = letter(t, c, letters()[name])
	}
	for _, kind := range []NoticeKind{Confirmation, Welcome, AddressChange, Goodbye, Alert} {
		got["notice-"+string(kind)] = noticeLetter(t, c, sampleNotice(kind, map[bool]string{true: "zh-CN", false: "en"}[kind == Confirmation]))
	}
	for name, raw := range got {
		path := filepath.Join("testdata", "letters", name+".eml")
		if *update {
			if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, raw, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if string(want) != string(raw) {
			t.Errorf("%s differs (go test -update writes it):\n%s", path, cmp.Diff(plain(t, want), plain(t, raw)))
		}
	}
}

// plain is a letter with its parts decoded, to see a difference.
func plain(t *testing.T, raw []byte) []string {
	t.Helper()
	head, _, _ := strings.Cut(string(raw), "\r\n\r\n")
	p := parseLetter(t, raw)
	return strings.Split(head+"\n"+p.text+"\n"+p.html, "\n")
}

func noticeLetter(t *testing.T, c *Composer, n Notice) []byte {
	t.Helper()
	tpl, err := c.Notice(n)
	if err != nil {
		t.Fatal(err)
	}
	p := reader()
	p.Unsubscribe, p.Preferences = "", ""
	raw, err := tpl.Letter(p)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

func TestNoticesAreNoBulkMail(t *testing.T) {
	t.Parallel()
	c := newTestComposer(t)
	for _, kind := range []NoticeKind{Confirmation, Welcome, AddressChange, Goodbye, Alert} {
		for _, language := range []string{"en", "zh-CN"} {
			n := sampleNotice(kind, language)
			raw := noticeLetter(t, c, n)
			checkWire(t, raw)
			p := parseLetter(t, raw)
			if got := p.header.Get("Auto-Submitted"); got != "auto-generated" {
				t.Errorf("%s: Auto-Submitted %q", kind, got)
			}
			for f := p.header.Fields(); f.Next(); {
				if strings.HasPrefix(f.Key(), "List-") || f.Key() == "Precedence" || strings.HasPrefix(f.Key(), "X-") {
					t.Errorf("%s has a %s", kind, f.Key())
				}
			}
			if !strings.Contains(p.text, "\n"+n.Link+"\n") || !slices.Contains(hrefs(t, p.html), n.Link) {
				t.Errorf("%s in %s lacks its link", kind, language)
			}
			if kind == Alert && (!strings.Contains(p.text, "    12 posts vanished.") || !strings.Contains(p.html, "12 posts vanished.")) {
				t.Errorf("the alert does not say what happened:\n%s", p.text)
			}
		}
	}
}

func TestNoticeWithoutWhatItNeedsIsRefused(t *testing.T) {
	t.Parallel()
	c := newTestComposer(t)
	for name, spoil := range map[string]func(*Notice){
		"no link": func(n *Notice) { n.Link = "" }, "relative link": func(n *Notice) { n.Link = "/c/1" },
		"unknown kind": func(n *Notice) { n.Kind = "spam" }, "no sender": func(n *Notice) { n.From = "" },
		"line break in the sender": func(n *Notice) { n.From = "a@example.org\r\nBcc: b@example.org" },
	} {
		n := sampleNotice(Confirmation, "en")
		spoil(&n)
		if _, err := c.Notice(n); err == nil {
			t.Errorf("%s: composed", name)
		}
	}
	if _, err := c.Digest(edition("en")); err == nil {
		t.Error("a digest without posts was composed")
	}
	e := edition("en", eleven()...)
	e.Unsubscribe = "a@example.org>,\r\nX: <b"
	if _, err := c.Digest(e); err == nil {
		t.Error("a line break in the unsubscribe address was composed")
	}
}

func TestLongDigestStopsBeforeClientsCutIt(t *testing.T) {
	t.Parallel()
	records := sixty()
	for i := range records {
		records[i].Body.Code = longCode().Body.Code
	}
	c := newTestComposer(t)
	for language, more := range map[string]*regexp.Regexp{
		"en": regexp.MustCompile(`… and (\d+) more`), "zh-CN": regexp.MustCompile(`…… 还有 (\d+) 篇`),
	} {
		p := parseLetter(t, letter(t, c, edition(language, records...)))
		if len(p.html) > 81_920 {
			t.Errorf("%s: %d bytes of HTML", language, len(p.html))
		}
		if len(p.html) < 70_000 {
			t.Errorf("%s: only %d bytes of HTML are used", language, len(p.html))
		}
		shown := strings.Count(p.html, "<h2")
		for part, body := range map[string]string{"text": p.text, "HTML": p.html} {
			m := more.FindStringSubmatch(body)
			if m == nil || m[1] != strconv.Itoa(len(records)-shown) {
				t.Errorf("%s %s: %d of %d posts shown, but it says %q", language, part, shown, len(records), m)
			}
		}
		if !strings.Contains(p.text, records[shown-1].URL) || strings.Contains(p.text, records[shown].URL) {
			t.Errorf("%s: text and HTML show different posts", language)
		}
		if !slices.Contains(hrefs(t, p.html), reader().Unsubscribe) {
			t.Errorf("%s: no link to unsubscribe", language)
		}
	}
}

func TestTemplateSyntaxInAPostIsInert(t *testing.T) {
	t.Parallel()
	hostile := "{{.Digest}} {% raw %} %recipient% {{define \"digest.html\"}} ${x} <b>&amp; https://mark.invalid/u"
	r := record(0, hostile, hostile, hostile)
	r.Body.Code = hostile
	p := parseLetter(t, letter(t, newTestComposer(t), edition("en", r)))
	if n := strings.Count(htmlText(t, p.html), hostile); n < 4 {
		t.Errorf("the HTML shows the text %d times as it is", n)
	}
	for _, part := range []string{"{{.Digest}}", "{% raw %}", "%recipient%", "<b>&amp;"} {
		if strings.Count(p.text, part) < 3 {
			t.Errorf("the text part changes %s:\n%s", part, p.text)
		}
	}
}

func TestOwnerReplacesOneTemplate(t *testing.T) {
	t.Parallel()
	c, err := NewComposer(fstest.MapFS{"digest.txt": {Data: []byte("\ufeffHello\r\n{{range .Posts}}{{.Title}}\r\n{{end}}{{.Unsubscribe}}\r\n")}, "notes.md": {}})
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Check(); err != nil {
		t.Fatal(err)
	}
	e := edition("en", eleven()[1])
	e.Preferences = false
	p := parseLetter(t, letter(t, c, e))
	if want := "Hello\nReading a flame graph without fooling yourself\n" + reader().Unsubscribe + "\n"; p.text != want {
		t.Errorf("text %q, want %q", p.text, want)
	}
	if !strings.Contains(p.html, "Weekly Notes") {
		t.Error("our HTML template is gone too")
	}
}

func TestMistakesOfTemplatesComeWithFileAndLine(t *testing.T) {
	t.Parallel()
	good := func(name string) string {
		data, err := fs.ReadFile(builtin, "templates/"+name)
		if err != nil {
			t.Fatal(err)
		}
		return string(data)
	}
	for name, test := range map[string]struct {
		files map[string]string
		want  []string
	}{
		"syntax, two files": {map[string]string{"digest.html": "a\n{{range .Posts}}", "notice.txt": "a\nb\n{{.}"}, []string{"digest.html:2: ", "notice.txt:3: "}},
		"unknown function":  {map[string]string{"digest.txt": "\n{{shout .Digest}}"}, []string{`digest.txt:2: function "shout" not defined`}},
		"unknown field":     {map[string]string{"digest.html": "\n\n{{.Digset}}"}, []string{"digest.html:3:2: ", "Digset"}},
		"unknown words":     {map[string]string{"notice.html": good("notice.html") + "{{.T \"letter.nope\"}}"}, []string{"notice.html:", "letter.nope"}},
		"unknown file":      {map[string]string{"digets.html": ""}, []string{"digets.html: no letter has this template", "digest.html"}},
		"no way to leave":   {map[string]string{"digest.html": "<p>hi</p>"}, []string{"digest.html: no link to unsubscribe"}},
		"no way to leave 2": {map[string]string{"digest.txt": "hi"}, []string{"digest.txt: no address to unsubscribe"}},
		"nothing to press":  {map[string]string{"notice.txt": "hi"}, []string{"notice.txt: no link to confirm"}},
		"mangled address":   {map[string]string{"digest.html": `<a href="/x?u={{.Unsubscribe}}">x</a>`}, []string{"HTML part: a reader's address is changed"}},
		"broken HTML":       {map[string]string{"digest.html": "\n<a href={{if .Site}}\"{{end}}>"}, []string{"digest.html:2"}},
	} {
		overrides := fstest.MapFS{}
		for file, text := range test.files {
			overrides[file] = &fstest.MapFile{Data: []byte(text)}
		}
		c, err := NewComposer(overrides)
		if err == nil {
			err = c.Check()
		}
		if err == nil {
			t.Errorf("%s: no mistake found", name)
			continue
		}
		for _, want := range test.want {
			if !strings.Contains(err.Error(), want) {
				t.Errorf("%s: %q does not say %q", name, err, want)
			}
		}
	}
}

func TestBuiltinTemplatesPassTheirOwnCheck(t *testing.T) {
	t.Parallel()
	if err := newTestComposer(t).Check(); err != nil {
		t.Error(err)
	}
}

func TestPageHasNothingOfOneReader(t *testing.T) {
	t.Parallel()
	page, err := newTestComposer(t).Page(edition("en", sixty()...))
	if err != nil {
		t.Fatal(err)
	}
	if strings.Count(page, "<h2") != 60 {
		t.Errorf("the page shows %d of 60 posts", strings.Count(page, "<h2"))
	}
	for _, word := range []string{".invalid", "Unsubscribe", "Change what you get", "View in browser"} {
		if strings.Contains(page, word) {
			t.Errorf("the page contains %q", word)
		}
	}
}

func TestComposerServesManyAtOnce(t *testing.T) {
	t.Parallel()
	c := newTestComposer(t)
	want := map[string]string{}
	for name, e := range letters() {
		want[name] = string(letter(t, c, e))
	}
	var group sync.WaitGroup
	for range 4 {
		for name, e := range letters() {
			group.Go(func() {
				tpl, err := c.Digest(e)
				if err != nil {
					t.Error(err)
					return
				}
				if raw, err := tpl.Letter(reader()); err != nil || string(raw) != want[name] {
					t.Errorf("%s differs when composed beside others: %v", name, err)
				}
			})
		}
	}
	group.Wait()
}

func TestSubjectFitsAndNamesWhatIsInside(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		e    Edition
		want string
	}{
		"one":      {letters()["one-en"], "Reading a flame graph without fooling yourself"},
		"many":     {letters()["eleven-zh"], "KV 缓存为什么总是不够用，还有 10 篇 · 算法札记周刊第 12 期"},
		"two":      {edition("en", eleven()[:2]...), "KV 缓存为什么总是不够用, and 1 more · Weekly Notes #12"},
		"folded":   {edition("en", record(0, " a\r\n\tb\x00 ", "")), "a b"},
		"untitled": {edition("en", posts.Record{}), "Untitled post"},
	} {
		if got := test.e.Subject(); got != test.want {
			t.Errorf("%s: %q, want %q", name, got, test.want)
		}
	}
	for name, e := range letters() {
		if got := e.Subject(); width(got) > maxSubject {
			t.Errorf("%s: %d columns: %s", name, width(got), got)
		}
	}
}

func TestCodeIsShorterAmongManyPosts(t *testing.T) {
	t.Parallel()
	c := newTestComposer(t)
	few := parseLetter(t, letter(t, c, edition("en", longCode())))
	many := parseLetter(t, letter(t, c, edition("en", append(eleven(), longCode())...)))
	for name, test := range map[string]struct {
		text string
		want int
	}{"one post": {few.text, 25}, "twelve posts": {many.text, 12}} {
		if got := strings.Count(test.text, "case state == "); got != test.want {
			t.Errorf("%s: %d lines of code, want %d", name, got, test.want)
		}
	}
	if !strings.Contains(few.text, "the rest is in the post") || !strings.Contains(few.html, "the rest is in the post") {
		t.Error("nothing says that the code is cut")
	}
}

func TestSendersWithForeignDomainsAreWrittenInASCII(t *testing.T) {
	t.Parallel()
	e := edition("en", eleven()[1])
	e.Digest.From, e.Digest.ReplyTo, e.Unsubscribe = "\"Notes, daily\" <news@例子.example>", "Reader <a@bücher.example>", "leave+me?now&then@example.org"
	e.Separator = "-"
	raw := letter(t, newTestComposer(t), e)
	for _, want := range []string{
		"\r\nFrom: \"Notes, daily\" <news@xn--fsqu00a.example>\r\n", "<a@xn--bcher-kva.example>\r\n",
		"<mailto:leave+me%3Fnow%26then-16.mzxw6ytboi4dqmjs@example.org?subject=unsubscribe>\r\n",
	} {
		if !strings.Contains(string(raw), want) {
			t.Errorf("the header lacks %q:\n%s", want, raw[:1200])
		}
	}
	e.Digest.From = "新闻@example.org"
	if _, err := newTestComposer(t).Digest(e); err == nil {
		t.Error("a sender that needs SMTPUTF8 was composed")
	}
}
