package posts

import (
	"bytes"
	"cmp"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net/url"
	"strings"
)

// Limits of a document before a parser sees it.
const (
	maxNesting    = 200
	maxAttributes = 100
	maxNamespaces = 100 // declared at one place and above it
)

// sheet is a document made ready for the parser, and what the parser does not
// tell: bases and languages, which it would resolve by rules of its own, and
// whether a text is plain or markup.
type sheet struct {
	text    []byte
	from    string // the address of the document
	root    string // its local name, in lower case
	feed    noted
	entries []*noted // items and entries, in the order of the document
	left    int      // further ones, which are too many
}

// noted is what stands at an element and above it.
type noted struct {
	base, lang string
	// kind and bases are of the texts in it, by the local name of the element:
	// "html", "xhtml" or a media type, where one is named.
	kind, bases map[string]string
}

// textConstructs are the elements of Atom that hold plain text or markup.
var textConstructs = map[string]bool{"title": true, "subtitle": true, "tagline": true, "summary": true, "content": true, "rights": true, "copyright": true}

// level is an open element.
type level struct {
	base, lang string
	names      int // namespaces declared here and above
	name       string
	note       *noted   // of the feed or the entry that it is
	drop       []string // attributes that the parser must not see
	left       bool     // too many came before it: the parser must not see it either
}

// prepare reads the document once, within limits. Entities cannot be declared,
// so nothing can grow when it is read. What follows the root is not of the
// document: servers put comments, notices and scripts there.
func prepare(doc []byte, from string) (*sheet, error) {
	s := &sheet{from: from}
	doc = withoutDeclaration(doc)
	d := lenientDecoder(doc)
	out := bytes.NewBuffer(make([]byte, 0, len(doc)))
	levels := []level{{note: &s.feed}}
	for elements := 0; s.root == "" || len(levels) > 1; {
		start := d.InputOffset()
		token, err := d.Token()
		if err == io.EOF {
			return nil, errors.New("it is neither XML nor JSON")
		}
		if err != nil {
			return nil, xmlError(err)
		}
		raw, at := doc[start:d.InputOffset()], &levels[len(levels)-1]
		switch t := token.(type) {
		case xml.StartElement:
			if elements++; elements > maxValues || len(levels) > maxNesting || len(t.Attr) > maxAttributes {
				return nil, errCostly
			}
			l, err := s.enter(levels, &t)
			if err != nil {
				return nil, err
			}
			levels, at = append(levels, l), &l
			raw = bare(withoutAttributes(raw, l.drop), t.Name)
		case xml.EndElement:
			levels, raw = levels[:max(1, len(levels)-1)], bare(raw, t.Name)
		case xml.Directive:
			if bytes.ContainsAny(t, "[") || bytes.HasPrefix(t, []byte("ENTITY")) {
				return nil, errors.New("it declares entities of its own (a DTD): such a document is not read")
			}
			raw = nil
		case xml.ProcInst:
			raw = nil
		}
		if !at.left {
			out.Write(raw)
		}
	}
	s.text = out.Bytes()
	return s, nil
}

func lenientDecoder(doc []byte) *xml.Decoder {
	d := xml.NewDecoder(bytes.NewReader(doc))
	d.Strict = false
	d.CharsetReader = func(_ string, in io.Reader) (io.Reader, error) { return in, nil } // it is UTF-8 by now
	return d
}

// enter notes what an element says for itself and those in it.
func (s *sheet) enter(levels []level, t *xml.StartElement) (level, error) {
	above := levels[len(levels)-1]
	l := level{base: above.base, lang: above.lang, names: above.names, left: above.left, name: strings.ToLower(t.Name.Local)}
	kind := l.attributes(t.Attr, s.from)
	if l.names > maxNamespaces {
		return l, errCostly
	}
	switch {
	case len(levels) == 1:
		s.root = l.name
		s.feed.base, s.feed.lang = l.base, l.lang
		l.note = &s.feed
	case l.name == "channel" && len(levels) == 2:
		s.feed.base, s.feed.lang = l.base, l.lang
		l.note = &s.feed
	case (l.name == "item" || l.name == "entry") && len(levels) <= 3 && above.note == &s.feed && !foreign[t.Name.Space]:
		l.note = &noted{base: l.base, lang: l.lang}
		if l.left = len(s.entries) == maxItems; l.left {
			s.left++
			break
		}
		s.entries = append(s.entries, l.note)
	}
	// Only the children of feed and entry are theirs: a source is another feed.
	if above.note == nil || l.note != nil {
		return l, nil
	}
	above.note.tell(l.name, kind, l.base, foreign[t.Name.Space])
	if textConstructs[l.name] && s.root == "feed" && kind != "xhtml" {
		l.drop = append(l.drop, "type", "mode") // it would read markup twice, and slowly
	}
	return l, nil
}

// attributes notes what the attributes say, and returns the kind of the text in
// the element.
func (l *level) attributes(all []xml.Attr, from string) (kind string) {
	mode := ""
	for _, a := range all {
		switch {
		case a.Name.Space == "xmlns" || a.Name.Local == "xmlns":
			l.names++
		case isXML(a.Name.Space) && a.Name.Local == "base":
			l.base, l.drop = resolveBase(cmp.Or(l.base, from), a.Value), append(l.drop, "xml:base")
		case isXML(a.Name.Space) && a.Name.Local == "lang":
			l.lang = a.Value
		case a.Name.Space == "" && a.Name.Local == "type":
			kind = strings.ToLower(strings.TrimSpace(a.Value))
		case a.Name.Space == "" && a.Name.Local == "mode":
			mode = strings.ToLower(strings.TrimSpace(a.Value))
		}
	}
	if mode == "xml" || mode == "" && strings.HasSuffix(kind, "/xhtml+xml") {
		return "xhtml"
	}
	return kind
}

// foreign are vocabularies whose names are not those of the feed.
var foreign = map[string]bool{"http://search.yahoo.com/mrss/": true, "http://www.itunes.com/dtds/podcast-1.0.dtd": true,
	"http://purl.org/dc/elements/1.1/": true, "http://purl.org/rss/1.0/modules/content/": true}

// tell notes the kind and the base of a text.
func (n *noted) tell(name, kind, base string, other bool) {
	if name == "encoded" {
		name, other = "content", false
	}
	if other {
		return
	}
	if kind != "" {
		if n.kind == nil {
			n.kind = map[string]string{}
		}
		n.kind[name] = kind
	}
	if base != n.base {
		if n.bases == nil {
			n.bases = map[string]string{}
		}
		n.bases[name] = base
	}
}

// at is the base of a text: its own, that of the entry, or "".
func (n *noted) at(name string) string {
	if b, own := n.bases[name]; own {
		return b
	}
	return n.base
}

func isXML(space string) bool {
	return space == "xml" || space == "http://www.w3.org/XML/1998/namespace"
}

// resolveBase joins an xml:base with the one above it.
func resolveBase(above, raw string) string {
	u, err := url.Parse(strings.TrimSpace(raw))
	if err != nil {
		return above
	}
	if base, err := url.Parse(above); err == nil && above != "" {
		return base.ResolveReference(u).String()
	}
	return u.String()
}

// xmlError says where a document is broken.
func xmlError(err error) error {
	var syntax *xml.SyntaxError
	if errors.As(err, &syntax) {
		if strings.Contains(syntax.Msg, "unexpected EOF") {
			return fmt.Errorf("it breaks off in line %d: it is not whole", syntax.Line)
		}
		return fmt.Errorf("it is broken in line %d: %s", syntax.Line, syntax.Msg)
	}
	return fmt.Errorf("it cannot be read: %w", err)
}
