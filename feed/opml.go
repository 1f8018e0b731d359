package feed

import (
	"bytes"
	"fmt"
	"strings"
)

// OPMLType is the Content-Type of a list of feeds. Readers go by the file; this
// is what OPML 2.0 names, and makes a browser offer it for download.
const OPMLType = "text/x-opml; charset=utf-8"

// OPML is a list of feeds that a feed reader imports at once: OPML 2.0, a
// subscription list.
type OPML struct {
	Title string
	// Home is the absolute URL of the page for people, or "".
	Home string
	// Comment stands at the beginning, where a person who opens the file sees
	// it; "" is none.
	Comment  string
	Outlines []Outline
}

// Outline is a feed of the list, or a group of feeds.
type Outline struct {
	// Text is what a reader shows.
	Text string
	// Feed is the absolute URL of the feed, "" for a group; Home that of its
	// page for people. Home, Description and Language may be left out.
	Feed, Home, Description, Language string
	// Outlines are the feeds of a group. One without feeds is not written.
	Outlines []Outline
}

// EncodeOPML writes the list. Equal lists give equal bytes: it has no dates.
func EncodeOPML(list *OPML) []byte {
	var b bytes.Buffer
	b.WriteString("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n")
	if c := line(list.Comment); c != "" { // XML 1.0 section 2.5: no two hyphens within
		fmt.Fprintf(&b, "<!-- %s -->\n", strings.ReplaceAll(c, "-", "\u2010"))
	}
	b.WriteString("<opml version=\"2.0\">\n  <head>\n")
	fmt.Fprintf(&b, "    <title>%s</title>\n", markup.Replace(line(list.Title)))
	if home := address(list.Home); home != "" {
		fmt.Fprintf(&b, "    <ownerId>%s</ownerId>\n", markup.Replace(home))
	}
	b.WriteString("    <docs>https://opml.org/spec2.opml</docs>\n  </head>\n  <body>\n")
	for i := range list.Outlines {
		list.Outlines[i].write(&b, "    ")
	}
	b.WriteString("  </body>\n</opml>\n")
	return b.Bytes()
}

func (o *Outline) write(b *bytes.Buffer, indent string) {
	text := line(o.Text)
	if len(o.Outlines) > 0 {
		fmt.Fprintf(b, "%s<outline text=\"%s\">\n", indent, attribute.Replace(text))
		for i := range o.Outlines {
			o.Outlines[i].write(b, indent+"  ")
		}
		fmt.Fprintf(b, "%s</outline>\n", indent)
		return
	}
	feed := address(o.Feed)
	if feed == "" {
		return
	}
	if text == "" {
		text = feed
	}
	// The title is the text once more: some readers look for it alone.
	fmt.Fprintf(b, "%s<outline type=\"rss\"", indent)
	for _, a := range []struct{ name, value string }{
		{"text", text}, {"title", text}, {"xmlUrl", feed}, {"htmlUrl", address(o.Home)},
		{"description", line(o.Description)}, {"language", languageTag(o.Language)},
	} {
		if a.value != "" {
			fmt.Fprintf(b, " %s=\"%s\"", a.name, attribute.Replace(a.value))
		}
	}
	b.WriteString("/>\n")
}
