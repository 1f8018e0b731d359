package smtp

import (
	"bufio"
	"strings"
	"testing"

	"tidings.example/mailer"
)

func FuzzReply(f *testing.F) {
	for _, s := range []string{"250 2.0.0 ok\r\n", "250-one\r\n250 two\r\n", "550-5.1.1 no\r\n550 5.1.1 user\r\n", "354\r\n", "250", "99 x\r\n", "250-a\r\n251 b\r\n",
		"hello\r\n", "\r\n", "450 4.7.01 x\n", "550 5.1 x\r\n", "421 \xff\x1b[31m\r\n"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		r := readReply(bufio.NewReaderSize(strings.NewReader(text), 4096), mailer.PhaseRcpt)
		if (r.Code == 0) != (r.Err != nil) {
			t.Fatalf("%q is answer and fault, or neither: %+v", text, r)
		}
		if r.Code != 0 && (r.Code < 200 || r.Code > 599 || !strings.HasPrefix(text, r.String()[len("RCPT: "):][:3])) {
			t.Fatalf("%q has code %d", text, r.Code)
		}
		var h heard
		twice := bufio.NewReaderSize(strings.NewReader(text+text), 4096)
		if a := h.read(twice, mailer.PhaseRcpt); r.Code != 0 && a != r {
			t.Fatalf("%q is %+v, and %+v where it is remembered", text, r, a)
		}
		if b := h.read(twice, mailer.PhaseRcpt); r.Code != 0 && strings.HasSuffix(text, "\n") && strings.Count(text, "\n") == 1 && b != r {
			t.Fatalf("%q is %+v the second time, was %+v", text, b, r)
		}
		if strings.ContainsFunc(r.Text, func(c rune) bool { return c < ' ' || c == 0x7f }) {
			t.Fatalf("%q keeps control characters: %q", text, r.Text)
		}
	})
}

func FuzzStuffing(f *testing.F) {
	f.Add("a\r\n.\r\n..b\r\n.")
	f.Add("\n.\n")
	f.Add("no end")
	f.Add("\r\r\n")
	f.Fuzz(func(t *testing.T, letter string) {
		out, err := appendStuffed(nil, []byte(letter))
		if err != nil {
			return
		}
		// What a server makes of it: lines up to the first lone dot.
		var back strings.Builder
		wire := string(out) + ".\r\n"
		for {
			line, rest, ok := strings.Cut(wire, "\r\n")
			if !ok {
				t.Fatalf("%q has no end on the wire", letter)
			}
			if line == "." {
				if rest != "" {
					t.Fatalf("%q ends early on the wire, before %q", letter, rest)
				}
				break
			}
			back.WriteString(strings.TrimPrefix(line, ".") + "\r\n")
			wire = rest
		}
		if want := letter; back.String() != want && back.String() != want+"\r\n" {
			t.Fatalf("%q arrives as %q", letter, back.String())
		}
	})
}
