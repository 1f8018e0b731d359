package frontmatter

import (
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"
)

// yamlPieces are fragments that headers are made of, mistakes included.
var yamlPieces = []string{
	"title", "a", "x y", "0x10", "007", "1.10", "-4", "+1", "1e3", ".5", "~", "null", "true", "No", "2016-01-01", "10:20", ".inf",
	": ", ":", " ", "  ", "\n", "\n- ", "\n  - ", "\n ", "-", "- ", "#", " #", "'", "''", "\"", "\\", "[", "]", ", ", ",", "{", "}",
	"&", "*", "!", "|", ">", "%", "@", "`", "?", "? ", "=", "(", "/", "_", "$", "<<", "...", "---", "\t", "\x01", "\x7f",
	"中文", "é", "\u200b", "\ufeff", "\u00a0", "\u2028", "\u0085",
	"\ntitle: ", "\nb: x", "\nc: [a, b]", "\nd: 'q'", "\ne:\n- f", "[a]", "'z'", "\"w\"",
}

type failer interface{ Fatalf(string, ...any) }

// agree fails when the quick reader takes a header and reads it in another way
// than the full parser. It tells whether the quick reader took it.
func agree(t failer, raw string) bool {
	quick, done := quickYAML([]byte(raw), 2)
	if !done {
		return false
	}
	full, problem := fullYAML([]byte(raw), 2)
	if problem != nil {
		t.Fatalf("%q: the full parser refuses what the quick one reads: %s", raw, problem.Message)
	}
	same := cmp.Comparer(func(a, b float64) bool { return a == b || math.IsNaN(a) && math.IsNaN(b) })
	if d := cmp.Diff(full, quick, same, cmpopts.EquateEmpty()); d != "" {
		t.Fatalf("%q (- full, + quick)\n%s", raw, d)
	}
	return true
}

func TestQuickReaderAgreesWithFullParser(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		pieces := rapid.SliceOfN(rapid.SampledFrom(yamlPieces), 0, 14).Draw(t, "pieces")
		agree(t, "k: "+strings.Join(pieces, ""))
	})
}

func TestQuickReaderTakesOrdinaryHeaders(t *testing.T) {
	t.Parallel()
	for _, raw := range []string{
		"",
		"# note\n\ntitle: A\n",
		"title: \"回车 1\"\ndate: 2010-01-01 00:00:00\ntags: [git, note]\ncategories: [tech]\n",
		"layout: post\ntitle: 'it''s' # so\ndate: 2018-10-31 11:38:00.000000000 +09:00\ncategories: foo bar\n",
		"tags:\n- a\n- 'b'\n- 007\ncategories:\n  - [x, y]\n  - [z]\ndraft: true\nempty:\nlast: -4",
		"tags:\n-\n- # x\nb: c\n",
		"url: https://example.org/a?b=c#d\ntime: 10:20\ntags: []\nx: .5\ny: ~\n",
	} {
		if !agree(t, raw) {
			t.Errorf("%q: left to the full parser", raw)
		}
	}
}

func FuzzQuickReaderAgreesWithFullParser(f *testing.F) {
	for _, raw := range []string{"title: a b\ntags: [1.10, x]\n", "t:\n  - 'a''b'\n  - \"c\" # d\n\ne: 0x10", "a: b #c\n# d\ne: -f\n"} {
		f.Add(raw)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		text, _ := decode([]byte(strings.ToValidUTF8(raw, "")))
		agree(t, string(text))
	})
}
