package adopt

import (
	"bytes"
	"encoding/xml"
	"strings"

	"github.com/mmcdole/gofeed"
)

// literal gives items their ids as they stand in the document, and returns the
// feed's own: the parser takes ids for links, resolves them against xml:base
// and escapes them on the way, which no reader does (RFC 4287 section 4.2.6.1).
// Of a document that is too broken for it the parser's ids are kept.
func literal(items []*gofeed.Item, text []byte) (feed string) {
	d := xml.NewDecoder(bytes.NewReader(text))
	d.Strict, d.Entity = false, xml.HTMLEntity
	var ids []string
	var path []string // names of the open elements
	for {
		token, err := d.Token()
		if err != nil {
			break
		}
		switch t := token.(type) {
		case xml.StartElement:
			name := local(t.Name)
			if name == "entry" || name == "item" {
				ids = append(ids, "")
			}
			path = append(path, name)
		case xml.EndElement:
			path = path[:max(0, len(path)-1)]
		case xml.CharData:
			switch in := strings.Join(path[max(0, len(path)-2):], ">"); {
			case in == "entry>id" || in == "item>guid":
				ids[len(ids)-1] += string(t)
			case in == "feed>id":
				feed += string(t)
			}
		}
	}
	if len(ids) == len(items) {
		for i, id := range ids {
			items[i].GUID = id
		}
	}
	return strings.TrimSpace(feed)
}

// local is the name of an element of RSS and Atom, "" for one of an extension.
func local(n xml.Name) string {
	space := strings.ToLower(n.Space)
	if space == "" || strings.HasSuffix(space, "w3.org/2005/atom") || strings.Contains(space, "purl.org/atom/ns") || strings.Contains(space, "purl.org/rss/1.0") ||
		strings.Contains(space, "backend.userland.com/rss") || strings.Contains(space, "netscape.com/rdf") {
		return strings.ToLower(n.Local)
	}
	return ""
}
