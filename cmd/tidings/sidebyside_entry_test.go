package main

import (
	"bytes"
	"encoding/xml"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"

	"golang.org/x/net/html"
)

// publishedFeed is an Atom document as a reader gets it.
type publishedFeed struct {
	Lang    string           `xml:"lang,attr"`
	Links   atomLinks        `xml:"http://www.w3.org/2005/Atom link"`
	Entries []publishedEntry `xml:"http://www.w3.org/2005/Atom entry"`
	Deleted []struct {
		Ref string `xml:"ref,attr"`
	} `xml:"http://purl.org/atompub/tombstones/1.0 deleted-entry"`
	Authors []struct{ Name string } `xml:"http://www.w3.org/2005/Atom author"`

	folder string
	bytes  []byte
}

type publishedEntry struct {
	Title      string        `xml:"http://www.w3.org/2005/Atom title"`
	ID         string        `xml:"id"`
	Published  string        `xml:"published"`
	Updated    string        `xml:"updated"`
	Summary    publishedText `xml:"summary"`
	Content    publishedText `xml:"http://www.w3.org/2005/Atom content"`
	Links      atomLinks     `xml:"http://www.w3.org/2005/Atom link"`
	Authors    []struct{}    `xml:"author"`
	Categories []struct {
		Term string `xml:"term,attr"`
	} `xml:"category"`
}

type publishedText struct {
	Type string `xml:"type,attr"`
	Text string `xml:",chardata"`
}

func readPublished(t *testing.T, folder, name string) *publishedFeed {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(folder, name))
	if err != nil {
		t.Fatal(err)
	}
	f := &publishedFeed{folder: folder, bytes: data}
	if err := xml.Unmarshal(data, f); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	if len(f.Entries) == 0 {
		t.Fatalf("%s has no entries", name)
	}
	return f
}

func (f *publishedFeed) rel(rel string) string { return relOf(f.Links, rel) }

func relOf(links atomLinks, rel string) string {
	for _, l := range links {
		if l.Rel == rel {
			return l.Href
		}
	}
	return ""
}

func (f *publishedFeed) entry(link string) *publishedEntry {
	for i := range f.Entries {
		if foldLink(f.Entries[i].link()) == foldLink(link) {
			return &f.Entries[i]
		}
	}
	return nil
}

func (e *publishedEntry) link() string {
	if l := relOf(e.Links, "alternate"); l != "" {
		return l
	}
	return relOf(e.Links, "")
}

func (e *publishedEntry) terms() []string {
	var out []string
	for _, c := range e.Categories {
		out = append(out, c.Term)
	}
	return out
}

// foldLink is an address as it is compared: one spelling of what is escaped.
func foldLink(link string) string {
	u, err := url.Parse(strings.TrimSpace(link))
	if err != nil {
		return link
	}
	u.Scheme, u.RawPath = strings.Replace(u.Scheme, "https", "http", 1), ""
	u.RawFragment = ""
	if plain, err := url.QueryUnescape(u.RawQuery); err == nil {
		u.RawQuery = strings.ReplaceAll(plain, "+", " ") // some generators unescape %2B
	}
	return strings.TrimSuffix(u.String(), "/")
}

// content is what a reader finds in the HTML of an entry.
type content struct {
	blocks        []string // letters and digits of each block of text
	links, images []string // absolute
	code          [][]string
	relative      int // addresses that lead nowhere from a reader
	gutters       int // line numbers that stand beside code
	doubled       int // formulas that are shown twice
	broken        int // characters that are none
	cut           int // elements that do not end, or end without a beginning
	active        int // scripts, styles, event handlers

	base *url.URL
	open strings.Builder
}

var blockTags = map[string]bool{"p": true, "div": true, "li": true, "ul": true, "ol": true, "td": true, "th": true, "tr": true, "table": true, "h1": true, "h2": true, "h3": true,
	"h4": true, "h5": true, "h6": true, "pre": true, "blockquote": true, "figure": true, "figcaption": true, "dt": true, "dd": true, "br": true, "article": true, "section": true}

func readContent(text, link string) *content {
	c := &content{}
	c.base, _ = url.Parse(link)
	for _, r := range text {
		if r == unicode.ReplacementChar || r < ' ' && r != '\n' && r != '\t' && r != '\r' || r&0xFFFE == 0xFFFE {
			c.broken++
		}
	}
	c.cut = cutTags(text)
	if doc, err := html.Parse(strings.NewReader(text)); err == nil {
		c.walk(doc)
	}
	c.flush()
	return c
}

func (c *content) walk(n *html.Node) {
	class := attribute(n, "class")
	switch {
	case n.Type == html.TextNode:
		// The theme's own script reads >folded; "link" is Hexo's word for one without a text.
		if text := strings.TrimSuffix(n.Data, ">folded"); text != "link" || !within(n, "figcaption") {
			c.open.WriteString(text)
		}
	case n.Type == html.CommentNode:
		c.flush()
	case n.Type != html.ElementNode:
	case n.Data == "script" || n.Data == "style":
		c.active++
		return
	case n.Data == "td" && strings.Contains(class, "gutter"), n.Data == "span" && strings.Contains(class, "lineno"):
		c.gutters++
		return
	case n.Data == "pre":
		c.flush()
		lines := codeLines(n)
		c.code = append(c.code, lines)
		c.open.WriteString(strings.ReplaceAll(strings.Join(lines, "\n"), "$", ""))
		c.flush()
		return
	case n.Data == "math":
		c.flush()
		return
	case n.Data == "code": // the sign of formulas is none there
		c.open.WriteString(strings.ReplaceAll(textOf(n), "$", ""))
		return
	}
	if strings.Contains(class, "katex-html") {
		c.doubled++
	}
	c.attributes(n)
	if n.Type == html.ElementNode && blockTags[n.Data] {
		c.flush()
		defer c.flush()
	}
	for k := range n.ChildNodes() {
		c.walk(k)
	}
}

func (c *content) attributes(n *html.Node) {
	for _, a := range n.Attr {
		if strings.HasPrefix(a.Key, "on") {
			c.active++
		}
		if a.Key != "href" && a.Key != "src" || strings.HasPrefix(a.Val, "javascript:") || strings.TrimSpace(a.Val) == "" {
			continue
		}
		u, err := c.base.Parse(strings.TrimSpace(a.Val))
		if err != nil {
			continue
		}
		if p, err := url.Parse(strings.TrimSpace(a.Val)); err == nil && p.Host == "" && p.Opaque == "" {
			c.relative++
			if p.Path == "" && p.RawQuery == "" {
				continue // the anchor of a heading
			}
		}
		switch {
		case n.Data == "img" && a.Key == "src":
			c.images = append(c.images, foldLink(u.String()))
		case n.Data == "a":
			c.links = append(c.links, foldLink(u.String()))
		}
	}
}

// flush ends a block of text. What stands between formulas is a block of its
// own: ours are shown, theirs are TeX for a script of the page.
func (c *content) flush() {
	for _, part := range texSpan.Split(c.open.String(), -1) {
		if s := wordsOnly(part); s != "" {
			c.blocks = append(c.blocks, s)
		}
	}
	c.open.Reset()
}

var texSpan = regexp.MustCompile(`(?s)\$\$.*?\$\$|\$[^$\n]*\$|\\\(.*?\\\)|\\\[.*?\\\]`)

// wordsOnly is what two renderings of one text have in common, whatever they do
// to spaces, quotes and dashes.
func wordsOnly(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, schemes.ReplaceAllString(s, " "))
}

// schemes are left out of addresses that are shown by one and not by the other.
var schemes = regexp.MustCompile(`https?://`)

// codeLines are the lines that a reader shows of a pre.
func codeLines(n *html.Node) []string {
	lines := strings.Split(textOf(n), "\n")
	for i, l := range lines {
		lines[i] = strings.TrimRight(l, " \r")
	}
	return lines
}

func textOf(n *html.Node) string {
	var b strings.Builder
	var walk func(*html.Node)
	walk = func(n *html.Node) {
		switch {
		case n.Type == html.TextNode:
			b.WriteString(n.Data)
		case n.Data == "br":
			b.WriteByte('\n')
		}
		for k := range n.ChildNodes() {
			walk(k)
		}
	}
	walk(n)
	return b.String()
}

// cutTags counts elements that do not end and ends without a beginning, but for
// those whose end HTML lets one leave out.
func cutTags(text string) (cut int) {
	var open []string
	z := html.NewTokenizer(strings.NewReader(text))
	for {
		switch z.Next() {
		case html.ErrorToken:
			if z.Err() == io.EOF {
				return cut + len(slices.DeleteFunc(open, endMayBeLeftOut))
			}
			return cut + 1
		case html.StartTagToken:
			name, _ := z.TagName()
			if !slices.Contains(voidTags, string(name)) {
				open = append(open, string(bytes.Clone(name)))
			}
		case html.EndTagToken:
			name, _ := z.TagName()
			i := len(open) - 1
			for i >= 0 && open[i] != string(name) && endMayBeLeftOut(open[i]) {
				i--
			}
			if i < 0 || open[i] != string(name) {
				cut++
				continue
			}
			open = open[:i]
		}
	}
}

var voidTags = []string{"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr", "param"}

func endMayBeLeftOut(tag string) bool {
	return slices.Contains([]string{"p", "li", "dt", "dd", "td", "th", "tr", "tbody", "thead", "option", "colgroup"}, tag)
}

func within(n *html.Node, element string) bool {
	for n != nil && n.Data != element {
		n = n.Parent
	}
	return n != nil
}

func attribute(n *html.Node, key string) string {
	for _, a := range n.Attr {
		if a.Key == key {
			return a.Val
		}
	}
	return ""
}
