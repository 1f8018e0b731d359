package markdown

import (
	"slices"
	"strings"
	"testing"
)

func TestWhatIsLostOfABodyIsToldWithItsLine(t *testing.T) {
	t.Parallel()
	const broken = " bytes are not UTF-8 and became U+FFFD: type the characters again and save the file as UTF-8"
	for _, c := range []struct {
		name, in string
		want     []Warning
	}{
		{"nothing", "\ufeffa\r\nb\rc &#x4e2d; `&#xD800;`", nil},
		{"one control character", "a\n\nb\x07c", []Warning{{3, "a control character is left out (U+0007): delete it"}}},
		{"several", "\x00a\n\x1b[31mred\x1b[0m\u0085", []Warning{{1, "4 control characters are left out, the first is U+0000: delete them"}}},
		{"noncharacter", "a\n\n\n\ufffe", []Warning{{4, "a character that no feed may hold is shown as U+FFFD (U+FFFE): delete it"}}},
		{"surrogates as bytes", "a\n\xed\xa0\x80", []Warning{{2, "3" + broken}}},
		{"GBK", "a\n\nb\n\xc4\xe3\xba\xc3", []Warning{{4, "4" + broken}}},
		{"surrogate as a reference", "a\n\nb &#xD83D; c", []Warning{{3, "&#xD83D; is no character and is shown as U+FFFD: write the character itself"}}},
		{"decimal", "<p>a\n&#65534;</p>", []Warning{{2, "&#65534; is no character and is shown as U+FFFD: write the character itself"}}},
	} {
		r := render(t, c.in, Options{})
		if !slices.Equal(r.Warnings, c.want) {
			t.Errorf("%s: %v, want %v", c.name, r.Warnings, c.want)
		}
		if strings.ContainsAny(r.HTML, "\x00\x07\x1b\ufffe\ufeff") {
			t.Errorf("%s: %q", c.name, r.HTML)
		}
	}
}
