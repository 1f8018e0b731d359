package mailer

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// shared returns the path of a file of the shared test material.
func shared(t testing.TB, elem ...string) string {
	t.Helper()
	root := os.Getenv("TIDINGS_SHARED")
	if root == "" {
		root = filepath.Join("..", "..", "shared")
	}
	path := filepath.Join(append([]string{root}, elem...)...)
	if _, err := os.Stat(path); err != nil {
		t.Skipf("no shared test material at %s", path)
	}
	return path
}

func TestAddressVerdictsAreThoseOfTheCorpus(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(shared(t, "corpora", "subscribers", "addresses.json"))
	if err != nil {
		t.Fatal(err)
	}
	var cases []struct {
		Address, Kind, Note string
		Accept              bool
	}
	if err := json.Unmarshal(text, &cases); err != nil {
		t.Fatal(err)
	}
	if len(cases) < 60 {
		t.Fatalf("only %d cases", len(cases))
	}
	for _, c := range cases {
		if c.Note == "over 254 in all" && len(c.Address) <= maxAddress {
			// The note and the octets disagree: RFC 5321 allows what is there.
			// One more label makes it the case that is meant.
			c.Address = strings.Replace(c.Address, ".example", ".long.example", 1)
		}
		_, err := ParseAddress(c.Address)
		if (err == nil) != c.Accept {
			t.Errorf("%q (%s): %v, want accept = %v", c.Address, c.Note, err, c.Accept)
		}
		if _, err := ParseAddress(TrimAddress(c.Address)); c.Kind == "trim" && err != nil {
			t.Errorf("%q trimmed: %v", c.Address, err)
		}
	}
}

func TestAddressKeepsItsSpellingAndFoldsItsKey(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ in, mailed, key string }{
		{"Li.Lei+Weekly@Example.COM", "Li.Lei+Weekly@example.com", "li.lei+weekly@example.com"},
		{"user@Bücher.example", "user@xn--bcher-kva.example", "user@xn--bcher-kva.example"},
		{"Pelé@example.com", "Pelé@example.com", "pelé@example.com"},
		{"Pele\u0301@example.com", "Pele\u0301@example.com", "pelé@example.com"},
		{`"quoted"@example.com`, `"quoted"@example.com`, `quoted@example.com`},
		{`"a b"@example.com`, `"a b"@example.com`, `"a b"@example.com`},
		{`"a\ \b"@example.com`, `"a\ \b"@example.com`, `"a b"@example.com`},
		{`"a\"b"@example.com`, `"a\"b"@example.com`, `"a\"b"@example.com`},
		{`"."@example.com`, `"."@example.com`, `"."@example.com`},
		{"user@faß.example", "user@xn--fa-hia.example", "user@xn--fa-hia.example"},
		{"x@r3---sn-a.example.com", "x@r3---sn-a.example.com", "x@r3---sn-a.example.com"},
	} {
		a, err := ParseAddress(c.in)
		if err != nil || a.Mailed != c.mailed || a.Key != c.key {
			t.Errorf("%q: %+v, %v; want %q and %q", c.in, a, err, c.mailed, c.key)
		}
	}
}

func TestAddressNeedsSMTPUTF8OnlyForItsLocalPart(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]bool{"user@例子.example": false, "用户@例子.example": true, "user@example.com": false} {
		if a, err := ParseAddress(in); err != nil || a.UTF8 != want {
			t.Errorf("%s: UTF8 = %v, %v", in, a.UTF8, err)
		}
	}
}

func TestAddressMistakesSayWhatToDo(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"user＠example.com":                            "did you mean user@example.com?",
		"user@example。com":                            "did you mean user@example.com?",
		"user@example.com.":                           "did you mean user@example.com?",
		" user@example.com":                           "did you mean user@example.com?",
		"user@exa\u200bmple.com":                      "U+200B",
		"user\u00a0x@example.com":                     "U+00A0",
		"user\x00@example.com":                        "U+0000",
		"user@":                                       "no domain",
		"a b@example.com":                             "U+0020",
		"":                                            "is empty",
		"user@\xff.com":                               "not UTF-8",
		`"a"b@example.com`:                            "quoted part",
		`"abc@example.com`:                            "quoted part",
		`""@example.com`:                              "nothing before",
		`"a` + "\n" + `b"@example.com`:                "U+000A",
		"a@b@example.com":                             "second @",
		"user@xn--zzzzzzz99999.example":               "cannot exist",
		"user@exam\u00adple.com":                      "U+00AD",
		"user@" + strings.Repeat("a", 64) + ".com":    "63 octets",
		strings.Repeat("é", 33) + "@example.com":      "66 octets before",
		"user@1.2.3":                                  "number at the end",
		strings.Repeat("x", 4000) + "@example.com\n":  "…",
		"a@" + strings.Repeat("abcdefg.", 40) + "org": "at most 254",
	} {
		if _, err := ParseAddress(in); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.80q: %v, want %q", in, err, want)
		}
	}
}

func FuzzParseAddress(f *testing.F) {
	for _, s := range []string{"user@example.com", `"a\"b c"@example.org`, "用户@例子.example", "user＠example.com", "a@b@c", "x@xn--bcher-kva.example", "ΑΣ@example.com"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		a, err := ParseAddress(text)
		if err != nil {
			return
		}
		if strings.ContainsAny(a.Mailed, "\r\n\x00") || len(a.Mailed) > maxAddress || !isASCII(a.Domain()) {
			t.Fatalf("%q became %q", text, a.Mailed)
		}
		again, err := ParseAddress(a.Mailed)
		if err != nil || again != a {
			t.Fatalf("%q: mailed form reads as %+v, %v", text, again, err)
		}
		key, err := ParseAddress(a.Key)
		if err != nil {
			// Folding may lengthen a local part past its limit, nothing else.
			if !strings.Contains(err.Error(), "octets") {
				t.Fatalf("%q: key %q: %v", text, a.Key, err)
			}
			return
		}
		if key.Key != a.Key {
			t.Fatalf("%q: key %q folds to %q", text, a.Key, key.Key)
		}
	})
}
