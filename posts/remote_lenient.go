package posts

import (
	"bytes"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"
)

// withoutDeclaration drops the XML declaration, and what a server put in front
// of it. It says nothing that counts: the text is decoded by now, and a version
// other than 1.0 is written by mistake, or without need.
func withoutDeclaration(doc []byte) []byte {
	at := bytes.Index(doc[:min(len(doc), 4<<10)], []byte("<?xml "))
	if at < 0 {
		return doc
	}
	for _, root := range []string{"<rss", "<feed", "RDF", "<!"} {
		if bytes.Contains(doc[:at], []byte(root)) {
			return doc // a text about XML
		}
	}
	if _, rest, closed := bytes.Cut(doc[at:], []byte("?>")); closed {
		return rest
	}
	return doc
}

// possibleReferences drops references to characters that XML cannot hold (XML
// 1.0 section 4.1): one in a title would keep the whole feed from being read.
// Two that stand for the halves of a surrogate pair become its character.
func possibleReferences(doc []byte) []byte {
	var out []byte
	done := 0
	for at := 0; ; {
		next := bytes.Index(doc[at:], []byte("&#"))
		if next < 0 {
			break
		}
		start := at + next
		r, size := characterReference(doc[start:])
		if at = start + max(size, 2); size == 0 {
			continue
		}
		switch {
		case utf16.IsSurrogate(r):
			low, more := characterReference(doc[at:])
			r = utf16.DecodeRune(r, low)
			if at += more; r == utf8.RuneError {
				at -= more
			}
			out = utf8.AppendRune(append(out, doc[done:start]...), r)
		case illegal(r):
			out = append(out, doc[done:start]...)
		default:
			continue
		}
		done = at
	}
	if done == 0 {
		return doc
	}
	return append(out, doc[done:]...)
}

// characterReference reads a numeric reference at the beginning of the text; its
// size is 0 where there is none.
func characterReference(text []byte) (r rune, size int) {
	end := bytes.IndexByte(text[:min(len(text), 12)], ';')
	if end < 3 || text[0] != '&' || text[1] != '#' {
		return 0, 0
	}
	digits, base := string(text[2:end]), 10
	if digits[0] == 'x' || digits[0] == 'X' {
		digits, base = digits[1:], 16
	}
	n, err := strconv.ParseUint(digits, base, 32)
	if err != nil {
		return 0, 0
	}
	return rune(min(n, utf8.MaxRune+1)), end + 1
}
