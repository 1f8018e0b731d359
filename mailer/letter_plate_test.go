package mailer

import (
	"bytes"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// isPlain reads a letter as a server does that is strict.
func isPlain(letter []byte) bool {
	for line := range strings.SplitSeq(strings.TrimSuffix(string(letter), "\r\n"), "\r\n") {
		if len(line) > 998 || strings.ContainsAny(line, "\r\n") || strings.HasPrefix(line, ".") || !ascii(line) {
			return false
		}
	}
	return bytes.HasSuffix(letter, []byte("\r\n"))
}

// TestPlateSaysPlainOfWhatIs draws templates of any text with marks anywhere:
// what is called plain goes over the wire without another look.
func TestPlateSaysPlainOfWhatIs(t *testing.T) {
	t.Parallel()
	text := rapid.OneOf(rapid.StringMatching(`[a-z .]{0,20}`),
		rapid.SampledFrom([]string{"\r\n", "\r\n", "\r\n", ".", "..", "\r\n.", "\r", "\n", "é", strings.Repeat("x", 700), strings.Repeat("y", 1000)}))
	mark := rapid.Custom(func(t *rapid.T) string {
		kind := rapid.SampledFrom([]byte{markTo, markMessageID, markDate, markUnsubscribe, markPreferences, markLeave}).Draw(t, "kind")
		switch rapid.IntRange(0, 4).Draw(t, "how") {
		case 0:
			return "\r\n" + string([]byte{markStart, kind, asQuotedText})
		case 1:
			return "=\r\n" + string([]byte{markStart, kind, asQuotedHTMLEnd}) + "\r\n"
		case 2:
			return "\r\n" + string([]byte{markStart, markBase64, ' '}) + "text" + string([]byte{markStart, kind, asHTML, regionEnd})
		}
		return string([]byte{markStart, kind, asHeader})
	})
	rapid.Check(t, func(t *rapid.T) {
		template := Template{Bytes: []byte(strings.Join(rapid.SliceOfN(rapid.OneOf(text, text, mark), 1, 12).Draw(t, "template"), "") +
			rapid.SampledFrom([]string{"", "\r\n", "\r\n"}).Draw(t, "end"))}
		if len(template.Bytes) == 0 {
			return
		}
		p := drawPersonal(t)
		if rapid.Bool().Draw(t, "dotted") {
			p.MessageID = "." + p.MessageID
		}
		if rapid.IntRange(0, 9).Draw(t, "wide") == 0 {
			p.To = "é" + p.To
		}
		plate, err := newPlate(template)
		if err != nil {
			t.Fatal(err)
		}
		whole, err := plate.Letter(p)
		if err != nil {
			return
		}
		before := []byte("of another reader")
		out, plain, err := plate.Append(before, p)
		if err != nil || !bytes.Equal(out, append(before, whole...)) {
			t.Fatalf("appended %q, want %q behind %q: %v", out, whole, before, err)
		}
		if plain && !isPlain(whole) {
			t.Fatalf("%q of %q is called plain", whole, template.Bytes)
		}
	})
}

func TestComposedLettersArePlain(t *testing.T) {
	t.Parallel()
	c := newTestComposer(t)
	for name, e := range letters() {
		tpl, err := c.Digest(e)
		if err != nil {
			t.Fatal(err)
		}
		plate, err := newPlate(tpl)
		if err != nil {
			t.Fatal(err)
		}
		if letter, plain, err := plate.Append(nil, reader()); err != nil || !plain || !isPlain(letter) {
			t.Errorf("%s: plain %t, %v", name, plain, err)
		}
		p := reader()
		p.To = "用户@example.com"
		if _, plain, err := plate.Append(nil, p); err != nil || plain {
			t.Errorf("%s to %s: plain %t, %v", name, p.To, plain, err)
		}
	}
}

func TestPlateFillsInWithoutGarbage(t *testing.T) {
	tpl, err := newTestComposer(t).Digest(edition("zh-CN", eleven()...))
	if err != nil {
		t.Fatal(err)
	}
	plate, err := newPlate(tpl)
	if err != nil {
		t.Fatal(err)
	}
	p, out := reader(), make([]byte, 0, 128<<10)
	if n := testing.AllocsPerRun(100, func() { out, _, err = plate.Append(out[:0], p) }); n > 8 || err != nil {
		t.Errorf("%v allocations a letter, %v", n, err)
	}
}
