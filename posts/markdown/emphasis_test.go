package markdown

import (
	"bytes"
	"strings"
	"testing"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/util"
	"pgregory.net/rapid"
)

// convert renders with goldmark's own renderer, with its emphasis or with ours.
func convert(t interface{ Fatal(...any) }, src string, ours bool) string {
	md := goldmark.New()
	if ours {
		md.SetParser(parser.NewParser(
			parser.WithBlockParsers(parser.DefaultBlockParsers()...),
			parser.WithInlineParsers(append(parser.DefaultInlineParsers()[:4], util.Prioritized(emphasisParser{}, 500))...),
			parser.WithParagraphTransformers(parser.DefaultParagraphTransformers()...)))
	}
	var b bytes.Buffer
	if err := md.Convert([]byte(src), &b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestEmphasisWithoutCJKIsCommonMark(t *testing.T) {
	t.Parallel()
	parts := rapid.SampledFrom([]string{"*", "**", "***", "_", "__", "a", "b c", " ", "“", "”", "(", ")", ".", "\"", "é", "\n", "`x`", "[l](u)", "\\*", "—", "😀"})
	rapid.Check(t, func(t *rapid.T) {
		src := strings.Join(rapid.SliceOfN(parts, 1, 20).Draw(t, "src"), "")
		if got, want := convert(t, src, true), convert(t, src, false); got != want {
			t.Errorf("%q\ngot  %s\nwant %s", src, got, want)
		}
	})
}
