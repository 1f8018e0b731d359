package adopt

import (
	"bytes"
	"mime"
	"regexp"
	"unicode/utf8"

	"golang.org/x/net/html/charset"
	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/unicode"
)

var declared = regexp.MustCompile(`^(\s*<\?xml[^>]*?)\sencoding\s*=\s*["']([^"'>]*)["']`)

// utf8Text returns a document in UTF-8 that declares no other encoding, without
// what XML cannot hold (XML 1.0 section 2.2). A mark decides; then bytes that are
// UTF-8, since many servers announce what they have not; then the server's word,
// which comes before the document's (RFC 7303 section 3.2).
func utf8Text(text []byte, contentType string) []byte {
	text = decoded(text, contentType)
	text = declared.ReplaceAll(text, []byte("$1"))
	return bytes.Map(func(r rune) rune {
		if r < ' ' && r != '\t' && r != '\n' && r != '\r' || r == '\ufffe' || r == '\uffff' {
			return -1
		}
		return r
	}, text)
}

func decoded(text []byte, contentType string) []byte {
	switch {
	case bytes.HasPrefix(text, []byte("\xef\xbb\xbf")):
		return text[3:]
	case bytes.HasPrefix(text, []byte("\xff\xfe")), bytes.HasPrefix(text, []byte("<\x00")):
		return decode(unicode.UTF16(unicode.LittleEndian, unicode.UseBOM), text)
	case bytes.HasPrefix(text, []byte("\xfe\xff")), bytes.HasPrefix(text, []byte("\x00<")):
		return decode(unicode.UTF16(unicode.BigEndian, unicode.UseBOM), text)
	case utf8.Valid(text):
		return text
	}
	var names []string
	if _, params, err := mime.ParseMediaType(contentType); err == nil {
		names = append(names, params["charset"])
	}
	if m := declared.FindSubmatch(text[:min(len(text), 1024)]); m != nil {
		names = append(names, string(m[2]))
	}
	for _, name := range names {
		if e, canonical := charset.Lookup(name); e != nil && canonical != "utf-8" {
			return decode(e, text)
		}
	}
	return bytes.ToValidUTF8(text, []byte("\ufffd"))
}

func decode(e encoding.Encoding, text []byte) []byte {
	plain, err := e.NewDecoder().Bytes(text)
	if err != nil {
		return bytes.ToValidUTF8(text, []byte("\ufffd"))
	}
	return plain
}
