package feed

import "testing"

func TestCleanTextHoldsOnlyWhatXMLAllows(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"":              "",
		"plain\ttext\n": "plain\ttext\n",
		"中文 👩‍👩‍👧‍👦 \u200f": "中文 👩‍👩‍👧‍👦 \u200f",
		"\ufeffmark":                        "mark",
		"a\x00b\x7fc\u0080d":                "abcd",
		"\u0085":                            "\n",
		"a\r\nb\rc\r":                       "a\nb\nc\n",
		"\xff\xfe text \ufffd\xff.":         "? text ?.",
		"\xed\xa0\x80":                      "?",
		"\x1b[1;31mred\x1b[0m \x1b(Bplain":  "red plain",
		"\x1b]0;title\x07x\x1b]8;;u\x1b\\y": "xy",
		"\u009b31mred":                      "red",
		"\x1b</code> \x1b[</b> \x1b&amp;":   "</code> </b> &amp;",
		"\ufdd0\U0001fffe\U0010ffff.":       ".",
		"cut \x1b[":                         "cut ",
	} {
		if got := clean(in); got != want {
			t.Errorf("clean(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestCleanMarkupHasNoReferencesToWhatMustNotBe(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"&#65;&#x41;&#10;&lt;":          "&#65;&#x41;&#10;&lt;",
		"&#0;&#8;&#x1b;[31mred&#27;[0m": "red",
		"&#xD800;&#x110000;&#99999999;": "?",
		"&#xFEFF;&#x80;":                "",
		"&amp;#8; &# &#x;":              "&amp;#8; &# &#x;",
	} {
		if got := cleanHTML(in); got != want {
			t.Errorf("cleanHTML(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestAddressesAreAbsoluteAndEscaped(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"https://blog.example.org/a/?b=c&d#e": "https://blog.example.org/a/?b=c&d#e",
		"HTTP://Blog.Example.org":             "http://blog.example.org",
		"https://例え.example/中 文":              "https://xn--r8jz45g.example/%E4%B8%AD%20%E6%96%87",
		"https://e.example/%E4%zz[1]":         "https://e.example/%E4%25zz%5B1%5D",
		"http://[::1]:8080/x":                 "http://[::1]:8080/x",
		"http://127.0.0.1:80/x":               "http://127.0.0.1:80/x",
		"http://my_host.lan/":                 "http://my_host.lan/",
		"javascript:alert(1)":                 "",
		"/relative":                           "",
		"//host/path":                         "",
		"https://":                            "",
		"":                                    "",
	} {
		if got := address(in); got != want {
			t.Errorf("address(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestIdentifiersOfTheLedgerStayToTheLetter(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"tag:blog.example.org,2026-03-01:/posts/git": "tag:blog.example.org,2026-03-01:/posts/git",
		"https://blog.example.org/?p=1":              "https://blog.example.org/?p=1",
		"tag:e.example,2026:/中":                      "tag:e.example,2026:/%E4%B8%AD",
		"42":                                         "urn:tidings:42",
		"C:\\posts a":                                "urn:tidings:C%3A%5Cposts%20a",
		"":                                           "",
	} {
		if got := identifier(in); got != want {
			t.Errorf("identifier(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestLanguagesAreWrittenAsReadersKnowThem(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"en": "en", "zh_CN.UTF-8": "zh-CN", "ZH-hans-cn": "zh-Hans-CN", "es-419": "es-419", "de-1996": "de",
		"sl-rozaj-biske": "sl-rozaj-biske", "en-US-x-twain": "en-US", "i-klingon": "", "default": "", "": "", "xx1": "", "qq": "",
	} {
		if got := languageTag(in); got != want {
			t.Errorf("languageTag(%q) = %q, want %q", in, got, want)
		}
	}
}

func FuzzMatches(f *testing.F) {
	for _, s := range []string{`"abc"`, `W/"abc"`, `*`, `"x", W/"abc-gzip"`, `"`, `W/`, ` , ,"a""abc"`, `abc`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, list string) {
		matches(list, "abc") // must end
		if !matches(`"abc",`+list, "abc") {
			t.Errorf("the first of %q is not found", `"abc",`+list)
		}
		acceptsGzip([]string{list})
		if acceptsGzip([]string{list + ",gzip;q=0,identity;q=1,*;q=0"}) && !acceptsGzip([]string{list}) {
			t.Errorf("refusing gzip makes %q accept it", list)
		}
	})
}
