package mailer

import (
	"strings"
	"testing"

	"tidings.example/internal/locale"
	"tidings.example/posts"
	"time"
)

func TestWrapKeepsAddressesWholeAndLinesNarrow(t *testing.T) {
	t.Parallel()
	address := "https://blog.example.org/a-very-long/path/with-hyphens/" + strings.Repeat("and-more/", 8)
	text := "See " + address + " for the rest. " + strings.Repeat("汉字，", 60) + strings.Repeat("word ", 40)
	got := wrap(text)
	if !strings.Contains(got, address) {
		t.Errorf("the address is broken:\n%s", got)
	}
	for line := range strings.SplitSeq(got, "\n") {
		if width(line) > textWidth && line != address {
			t.Errorf("%d columns: %q", width(line), line)
		}
		if strings.HasPrefix(line, "，") || strings.HasSuffix(line, " ") {
			t.Errorf("badly broken: %q", line)
		}
	}
}

func TestShortenNeverCutsACharacterOrExceedsItsWidth(t *testing.T) {
	t.Parallel()
	for _, s := range []string{"汉字汉字汉字", "e\u0301e\u0301e\u0301e\u0301e\u0301e\u0301e\u0301", "👩‍👩‍👧‍👧👩‍👩‍👧‍👧👩‍👩‍👧‍👧👩‍👩‍👧‍👧", "plain text of some length"} {
		for columns := 1; columns < 12; columns++ {
			got := shorten(s, columns)
			if width(got) > columns {
				t.Errorf("shorten(%q, %d) = %q has %d columns", s, columns, got, width(got))
			}
			if kept, cut := strings.CutSuffix(got, "…"); cut && !strings.HasPrefix(s, kept) {
				t.Errorf("shorten(%q, %d) = %q", s, columns, got)
			}
		}
	}
	if got := shorten("fits", 4); got != "fits" {
		t.Errorf("shorten cut what fits: %q", got)
	}
}

func TestOneLineDropsControlAndReorderingMarks(t *testing.T) {
	t.Parallel()
	if got := oneLine(" a\x1b[31m\r\n\u202eb\u2028c\ufeff\x00\u00a0d\xff "); got != "a[31m b c d" {
		t.Errorf("%q", got)
	}
}

func TestCodeIsCutAndMovedToTheMargin(t *testing.T) {
	t.Parallel()
	code, cut := cutCode("\n\tif x {\n\n\t\ty()\n\t}\n", maxCodeLines)
	if want := "if x {\n\n    y()\n}"; code != want || cut {
		t.Errorf("%q %v", code, cut)
	}
	if code, cut = cutCode(strings.Repeat("a\n", 26), maxCodeLines); strings.Count(code, "\n") != 24 || !cut {
		t.Errorf("%d line breaks, cut %v", strings.Count(code, "\n"), cut)
	}
	if code, cut = cutCode(strings.Repeat("a\n", 25), maxCodeLines); cut {
		t.Errorf("25 lines are cut: %q", code)
	}
}

func TestPicturesAreThoseThatMailClientsShow(t *testing.T) {
	t.Parallel()
	for address, shown := range map[string]bool{
		"https://a.example/x.png": true, "https://a.example/x.JPG?w=1": true, "https://a.example/x": true,
		"http://a.example/x.png": false, "https://a.example/x.svg": false, "https://a.example/x.webp?v=1": false,
		"https://a.example/x.AVIF#a": false, "data:image/png;base64,AA": false, "/x.png": false, "": false,
	} {
		if got := picture(address) != ""; got != shown {
			t.Errorf("%s: shown %v", address, got)
		}
	}
}

func TestDirectionGoesByTheTitle(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		tag, title string
		want       bool
	}{
		{"", "שלום Go", true}, {"", "42: שלום", true}, {"", "Go بسرعة", false}, {"ar", "2026", true}, {"en", "2026", false}, {"ar", "LLM", false},
	} {
		if got := rightToLeft(test.tag, test.title); got != test.want {
			t.Errorf("%q %q: right to left %v", test.tag, test.title, got)
		}
	}
}

func TestDocumentIsInTheLanguageOfItsPosts(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		e    Edition
		want string
	}{
		"English words, Chinese posts": {edition("en", eleven()...), "zh-CN"},
		"English words and post":       {edition("en", eleven()[1]), "en"},
		"one Chinese title":            {edition("en", eleven()[1], record(1, "Git 速查表", "A sheet.")), "en"},
		"Chinese words, English post":  {edition("zh-CN", eleven()[1]), "zh-CN"},
	} {
		if got := newDigestView(test.e, maxItems).Lang; got != test.want {
			t.Errorf("%s: %s", name, got)
		}
	}
	for text, want := range map[string]string{"算法札记周刊": "zh-CN", "これはペンです": "ja", "안녕하세요 여러분": "ko", "Reading a flame graph": "en", "Ça va, l'été arrive": "", "42": ""} {
		if got := guessLanguage(text); got != want {
			t.Errorf("%q is taken for %q", text, got)
		}
	}
}

func TestDatesAreThoseOfTheReadersZone(t *testing.T) {
	t.Parallel()
	late := posts.Record{Post: posts.Post{Date: time.Date(2026, 11, 19, 20, 0, 0, 0, time.UTC), Title: "x"}}
	if got := meta(locale.For("en"), shanghai, late, postView{}); got != "20 November 2026" {
		t.Errorf("%q", got)
	}
}

func TestPostWithoutAnythingStillHasATitleAndALink(t *testing.T) {
	t.Parallel()
	v := newPostView(locale.For("en"), time.UTC, "https://blog.example.org/", maxCodeLines, posts.Record{Post: posts.Post{URL: "javascript:alert(1)"}})
	if v.Title != "Untitled post" || v.URL != "https://blog.example.org/" || v.Meta != "" {
		t.Errorf("%+v", v)
	}
}
