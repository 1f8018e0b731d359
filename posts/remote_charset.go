package posts

import (
	"bytes"
	"mime"
	"regexp"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/html/charset"
	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
)

// decodeText returns the text of an answer in UTF-8, without characters that
// XML cannot hold. A byte order mark decides; else bytes that are UTF-8 are
// taken for it, since many servers announce what they have not; else what
// server and document say, whichever is possible: of two that are, the one that
// could have been impossible, since every text is possible in Latin 1, and
// servers announce that for all they have.
func decodeText(body []byte, contentType string) []byte {
	if text, marked := byMark(body); marked {
		return validText(text)
	}
	labels := labelsOf(body, contentType)
	if utf8.Valid(body) && !escaped(labels) {
		return validText(body)
	}
	var best []byte
	for _, label := range labels {
		e, name := charset.Lookup(label)
		// UTF-16 would have been seen by its zeros.
		if e == nil || name == "utf-8" || strings.HasPrefix(name, "utf-16") {
			continue
		}
		text, err := e.NewDecoder().Bytes(body)
		possible := err == nil && !bytes.Contains(text, []byte("\ufffd"))
		switch {
		case possible && name != "windows-1252":
			return validText(text)
		case best == nil || possible:
			best = text
		}
	}
	if best == nil {
		best = undeclared(body)
	}
	return validText(best)
}

// undeclared decodes what is not the UTF-8 that it is taken for. Where none of
// its bytes beyond ASCII are UTF-8, it is the other encoding that such feeds
// have: Latin 1, by its extension of Windows.
func undeclared(body []byte) []byte {
	for rest := body; len(rest) > 0; {
		r, size := utf8.DecodeRune(rest)
		if rest = rest[size:]; size > 1 && r != utf8.RuneError {
			return body
		}
	}
	if text, err := charmap.Windows1252.NewDecoder().Bytes(body); err == nil {
		return text
	}
	return body
}

// byMark decodes what begins with a byte order mark, and UTF-16 without one.
func byMark(body []byte) (text []byte, marked bool) {
	var e encoding.Encoding
	switch {
	case bytes.HasPrefix(body, []byte("\xef\xbb\xbf")):
		return body[3:], true
	case bytes.HasPrefix(body, []byte("\xff\xfe")), bytes.HasPrefix(body, []byte("<\x00")), bytes.HasPrefix(body, []byte("{\x00")):
		e = unicode.UTF16(unicode.LittleEndian, unicode.UseBOM)
	case bytes.HasPrefix(body, []byte("\xfe\xff")), bytes.HasPrefix(body, []byte("\x00<")), bytes.HasPrefix(body, []byte("\x00{")):
		e = unicode.UTF16(unicode.BigEndian, unicode.UseBOM)
	default:
		return nil, false
	}
	text, err := e.NewDecoder().Bytes(body)
	return text, err == nil
}

var declaration = regexp.MustCompile(`^\s*<\?xml[^>]{0,200}?\sencoding\s*=\s*["']([A-Za-z0-9._:-]{1,40})["']`)

// labelsOf names the encodings that server and document announce.
func labelsOf(body []byte, contentType string) []string {
	var labels []string
	if _, params, err := mime.ParseMediaType(contentType); err == nil && params["charset"] != "" {
		labels = append(labels, params["charset"])
	}
	if m := declaration.FindSubmatch(body[:min(len(body), 1024)]); m != nil {
		labels = append(labels, string(m[1]))
	}
	return labels
}

// escaped tells that an encoding looks like ASCII, and so like UTF-8.
func escaped(labels []string) bool {
	for _, label := range labels {
		if _, name := charset.Lookup(label); name == "iso-2022-jp" {
			return true
		}
	}
	return false
}

// validText replaces broken bytes and drops what no XML document may hold (XML
// 1.0 section 2.2).
func validText(text []byte) []byte {
	text = bytes.ToValidUTF8(text, []byte("\ufffd"))
	if !bytes.ContainsFunc(text, illegal) {
		return text
	}
	return bytes.Map(func(r rune) rune {
		if illegal(r) {
			return -1
		}
		return r
	}, text)
}

func illegal(r rune) bool {
	return r < ' ' && r != '\t' && r != '\n' && r != '\r' || r == '\ufeff' || r == '\ufffe' || r == '\uffff'
}
