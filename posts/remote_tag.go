package posts

import (
	"bytes"
	"encoding/xml"
)

// bare takes the prefix from a tag of XHTML: what reads it later knows none.
func bare(tag []byte, name xml.Name) []byte {
	if name.Space != "http://www.w3.org/1999/xhtml" {
		return tag
	}
	prefix, local, found := bytes.Cut(tag, []byte(":"))
	if !found || !bytes.HasPrefix(local, []byte(name.Local)) {
		return tag
	}
	if bytes.HasPrefix(prefix, []byte("</")) {
		return append([]byte("</"), local...)
	}
	return append([]byte("<"), local...)
}

// withoutAttributes returns a start tag without those attributes.
func withoutAttributes(tag []byte, drop []string) []byte {
	if len(drop) == 0 {
		return tag
	}
	var out []byte
	i := 1
	for i < len(tag) && !attributeEnd(tag[i]) {
		i++
	}
	kept := 0
	for i < len(tag) {
		start := i
		for i < len(tag) && attributeEnd(tag[i]) && tag[i] != '>' && tag[i] != '/' {
			i++
		}
		if i >= len(tag) || tag[i] == '>' || tag[i] == '/' {
			break
		}
		nameStart := i
		for i < len(tag) && tag[i] != '=' && !attributeEnd(tag[i]) {
			i++
		}
		name := string(tag[nameStart:i])
		i = skipValue(tag, i)
		if contains(drop, name) {
			out = append(out, tag[kept:start]...)
			kept = i
		}
	}
	return append(out, tag[kept:]...)
}

// skipValue returns where the value of the attribute ends whose name ends at i.
func skipValue(tag []byte, i int) int {
	j := i
	for j < len(tag) && isBlank(tag[j]) {
		j++
	}
	if j >= len(tag) || tag[j] != '=' {
		return i
	}
	for j++; j < len(tag) && isBlank(tag[j]); {
		j++
	}
	if j < len(tag) && (tag[j] == '"' || tag[j] == '\'') {
		if end := bytes.IndexByte(tag[j+1:], tag[j]); end >= 0 {
			return j + 1 + end + 1
		}
		return len(tag)
	}
	for j < len(tag) && !attributeEnd(tag[j]) {
		j++
	}
	return j
}

func attributeEnd(c byte) bool { return isBlank(c) || c == '>' || c == '/' }

func isBlank(c byte) bool { return c == ' ' || c == '\t' || c == '\n' || c == '\r' }
