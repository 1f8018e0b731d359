package hostile

import (
	"bytes"
	"strings"
	"unicode/utf16"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/traditionalchinese"
)

// giant is how many characters a giant's one line has.
const giant = 900_000

// giants are what a few posts have at their ends.
var giants = []fault{
	line("one long line", "字"),
	line("one long word", "a"),
	line("one long line of words", "word "),
	line("one long line of quotes", ">"),
	line("one long line of brackets", "["),
	line("one long line of stars", "*a "),
	line("one long line of tags", "<b>"),
	line("one long line of dollars", "$x$ "),
	line("one long line of zeros", "\x00"),
	{"one long code", func(r *source, b []byte) []byte {
		return append(append(b, "\n\n```go\n"...), strings.Repeat("x := 1; ", giant/8)+"\n```\n"...)
	}},
	{"one long address", func(r *source, b []byte) []byte {
		return append(append(b, "\n\n![x](data:image/png;base64,"...), strings.Repeat("A", giant)+")\n"...)
	}},
	{"one long formula", func(r *source, b []byte) []byte {
		return append(append(b, "\n\n$$\n"...), strings.Repeat(`\frac{1}{2}+`, giant/12)+"x\n$$\n"...)
	}},
}

func line(name, piece string) fault {
	return fault{name, func(r *source, b []byte) []byte {
		return append(append(b, "\n\n"...), strings.Repeat(piece, giant/len([]rune(piece)))+"\n"...)
	}}
}

// encodings are what happens to a file as a whole, header and all.
var encodings = []fault{
	{"GBK", encoded(simplifiedchinese.GBK)},
	{"Big5", encoded(traditionalchinese.Big5)},
	{"Shift JIS", encoded(japanese.ShiftJIS)},
	{"UTF-16", func(_ *source, b []byte) []byte {
		out := []byte{0xff, 0xfe}
		for _, u := range utf16.Encode([]rune(string(b))) {
			out = append(out, byte(u), byte(u>>8))
		}
		return out
	}},
	{"byte order mark", func(_ *source, b []byte) []byte { return append([]byte("\xef\xbb\xbf"), b...) }},
	{"line ends of Windows", func(_ *source, b []byte) []byte { return bytes.ReplaceAll(b, []byte("\n"), []byte("\r\n")) }},
	{"line ends of old Macs", func(_ *source, b []byte) []byte { return bytes.ReplaceAll(b, []byte("\n"), []byte("\r")) }},
}

// encoded writes a text in another encoding; what it lacks becomes a sign of its own.
func encoded(e encoding.Encoding) func(*source, []byte) []byte {
	return func(_ *source, b []byte) []byte {
		out, err := encoding.ReplaceUnsupported(e.NewEncoder()).Bytes(bytes.ToValidUTF8(b, []byte("?")))
		if err != nil {
			return b
		}
		return out
	}
}
