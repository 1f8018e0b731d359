package frontmatter

import (
	"bytes"
	"fmt"
	"unicode/utf16"
	"unicode/utf8"

	"golang.org/x/text/encoding/simplifiedchinese"
)

// decode makes a file UTF-8 with LF line ends and without a byte order mark.
// It copies only what it must change. The problem is about the encoding.
func decode(file []byte) ([]byte, *Problem) {
	var bad *Problem
	text := bytes.TrimPrefix(file, []byte("\xef\xbb\xbf"))
	if order, wide := wideOrder(file); wide {
		text, bad = fromUTF16(file, order)
	} else if !utf8.Valid(text) {
		text, bad = mend(text)
	}
	if bytes.IndexByte(text, '\r') >= 0 {
		text = lineFeeds(text)
	}
	return text, bad
}

// readAsGBK is told of a file of which nothing was lost.
const readAsGBK = "the file is not UTF-8; it was read as GBK: convert it, for example with iconv -f GB18030 -t UTF-8, since most programs cannot read it"

// controls tells of control characters in a header, which values are shown without.
func controls(header []byte) *Problem {
	for i, r := range string(header) {
		if r < ' ' && r != '\t' && r != '\n' || r >= 0x7f && r <= 0x9f && r != 0x85 || r == 0xfffe || r == 0xffff {
			return &Problem{Line: 1 + lineBreaks(header[:i]), Message: fmt.Sprintf("the header holds the control character %U, which is not shown: delete it", r)}
		}
	}
	return nil
}

// lineFeeds turns CRLF and CR into LF.
func lineFeeds(text []byte) []byte {
	out := make([]byte, 0, len(text))
	for {
		i := bytes.IndexByte(text, '\r')
		if i < 0 {
			return append(out, text...)
		}
		out = append(out, text[:i]...)
		out = append(out, '\n')
		text = text[i+1:]
		if len(text) > 0 && text[0] == '\n' {
			text = text[1:]
		}
	}
}

// wideOrder recognises UTF-16 by its byte order mark, or without one by an
// opening fence.
func wideOrder(file []byte) (big, wide bool) {
	switch {
	case bytes.HasPrefix(file, []byte("\xff\xfe")), bytes.HasPrefix(file, []byte("-\x00-\x00-\x00")):
		return false, true
	case bytes.HasPrefix(file, []byte("\xfe\xff")), bytes.HasPrefix(file, []byte("\x00-\x00-\x00-")):
		return true, true
	}
	return false, false
}

func fromUTF16(file []byte, big bool) ([]byte, *Problem) {
	out := make([]byte, 0, len(file)*3/2)
	unit := func(i int) rune {
		if i+1 >= len(file) {
			return utf8.RuneError
		}
		if big {
			return rune(file[i])<<8 | rune(file[i+1])
		}
		return rune(file[i+1])<<8 | rune(file[i])
	}
	broken, line, nul := 0, 1, 0
	for i := 0; i < len(file); i += 2 {
		r := unit(i)
		if utf16.IsSurrogate(r) {
			if r = utf16.DecodeRune(r, unit(i+2)); r != utf8.RuneError {
				i += 2
			}
		}
		switch r {
		case utf8.RuneError:
			if broken == 0 {
				broken = line
			}
		case '\n':
			line++
		case 0:
			nul++
		}
		out = utf8.AppendRune(out, r)
	}
	if nul > len(file)/8 {
		return nil, &Problem{Line: 1, Fatal: true, Message: "the file is not UTF-8 (it looks like UTF-32): save it as UTF-8"}
	}
	out = bytes.TrimPrefix(out, []byte("\xef\xbb\xbf"))
	if broken > 0 {
		return out, &Problem{Line: broken, Message: "broken UTF-16: what cannot be read became U+FFFD; save the file as UTF-8"}
	}
	return out, nil
}

// mend judges a file that is not valid UTF-8: in another encoding as a whole, or
// with a few broken bytes, which become U+FFFD. GBK is read, since it can be told
// for sure and is what old blogs in Chinese are written in.
func mend(text []byte) ([]byte, *Problem) {
	line := 1 + lineBreaks(text[:firstBroken(text)])
	broken, wide := census(text)
	switch {
	case broken > wide && looksLikeGBK(text):
		if read, err := simplifiedchinese.GB18030.NewDecoder().Bytes(text); err == nil && !bytes.ContainsRune(read, utf8.RuneError) {
			return read, &Problem{Line: line, Message: readAsGBK}
		}
		return nil, &Problem{Line: line, Fatal: true, Message: "the file is not UTF-8 (it looks like GBK): convert it, for example with iconv -f GB18030 -t UTF-8"}
	case broken > 16 && broken*10 > wide, bytes.IndexByte(text, 0) >= 0:
		return nil, &Problem{Line: line, Fatal: true, Message: "the file is not UTF-8: save it as UTF-8"}
	}
	what := "1 byte is not UTF-8 and became U+FFFD"
	if broken > 1 {
		what = fmt.Sprintf("%d bytes are not UTF-8 and became U+FFFD", broken)
	}
	return bytes.ToValidUTF8(text, []byte("\uFFFD")), &Problem{Line: line, Message: what + ": type the characters again and save the file as UTF-8"}
}

// census counts the bytes that are not UTF-8 and the characters beyond ASCII
// that are.
func census(text []byte) (broken, wide int) {
	for i := 0; i < len(text); {
		if text[i] < utf8.RuneSelf {
			i++
			continue
		}
		r, size := utf8.DecodeRune(text[i:])
		if r == utf8.RuneError && size == 1 {
			broken++
		} else {
			wide++
		}
		i += size
	}
	return broken, wide
}

func firstBroken(text []byte) int {
	for i := 0; i < len(text); {
		r, size := utf8.DecodeRune(text[i:])
		if r == utf8.RuneError && size == 1 {
			return i
		}
		i += size
	}
	return len(text)
}

func lineBreaks(text []byte) int {
	return bytes.Count(text, []byte("\n")) + bytes.Count(text, []byte("\r")) - bytes.Count(text, []byte("\r\n"))
}

// looksLikeGBK tells whether all bytes beyond ASCII form GB18030 characters, most
// of them of the everyday rows (GB 2312). One accented Latin-1 letter before an
// ASCII one passes for a pair too, but not for an everyday one.
func looksLikeGBK(text []byte) bool {
	pairs, everyday := 0, 0
	for i := 0; i < len(text); i++ {
		c := text[i]
		if c < 0x80 {
			continue
		}
		if c == 0x80 || c == 0xff || i+1 >= len(text) {
			return false
		}
		d := text[i+1]
		switch {
		case d >= 0xa1 && d <= 0xfe:
			if c >= 0xa1 && c <= 0xf7 {
				everyday++
			}
			i++
		case d >= 0x40 && d <= 0xa0 && d != 0x7f:
			i++
		case d >= 0x30 && d <= 0x39 && i+3 < len(text) && text[i+2] >= 0x81 && text[i+2] <= 0xfe && text[i+3] >= 0x30 && text[i+3] <= 0x39:
			i += 3
		default:
			return false
		}
		pairs++
	}
	return everyday*2 > pairs
}
