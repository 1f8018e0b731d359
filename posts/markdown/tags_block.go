package markdown

import "strings"

// htmlBlock follows the blocks of HTML in a body of Markdown (CommonMark 4.6):
// Markdown is not read there, so what a tag stands for must be HTML already.
type htmlBlock struct {
	open   bool
	closer string // what ends the block, "" for an empty line
}

// line takes the next line of the body; blank says that the one before was empty.
func (b *htmlBlock) line(line string, blank bool) {
	if !b.open {
		b.closer, b.open = htmlBlockStart(line, blank)
		if b.closer != "" && strings.Contains(strings.ToLower(line), b.closer) {
			b.open = false
		}
		return
	}
	if b.closer == "" {
		b.open = strings.TrimSpace(line) != ""
	} else {
		b.open = !strings.Contains(strings.ToLower(line), b.closer)
	}
}

// htmlBlockStart says whether a line begins a block of HTML, and how it ends.
func htmlBlockStart(line string, blank bool) (closer string, ok bool) {
	line = strings.TrimRight(line, " \t\r")
	tag := strings.TrimLeft(line, " ")
	if len(line)-len(tag) > 3 || !strings.HasPrefix(tag, "<") {
		return "", false
	}
	if strings.HasPrefix(tag, "<!--") {
		return "-->", true
	}
	name := strings.TrimPrefix(tag[1:], "/")
	end := 0
	for end < len(name) && (isASCIIAlnum(rune(name[end])) || name[end] == '-') {
		end++
	}
	rest := name[end:]
	name = strings.ToLower(name[:end])
	switch {
	case name == "" || rest != "" && strings.IndexByte(" \t>/", rest[0]) < 0:
		return "", false
	case name == "pre" || name == "script" || name == "style" || name == "textarea":
		return "</" + name + ">", true
	case isBlock(name) || blockNames[name]:
		return "", true
	}
	return "", blank && strings.HasSuffix(tag, ">") && strings.Count(tag, "<") == 1
}

// blockNames are the elements that begin a block beside those of isBlock.
var blockNames = map[string]bool{"base": true, "basefont": true, "body": true, "caption": true, "col": true, "colgroup": true, "dialog": true, "dir": true,
	"frame": true, "frameset": true, "head": true, "html": true, "iframe": true, "legend": true, "link": true, "menu": true, "menuitem": true,
	"noframes": true, "optgroup": true, "option": true, "param": true, "search": true, "source": true, "tbody": true, "tfoot": true,
	"thead": true, "title": true, "track": true}

// tagInHTML reads a tag that stands in a block of HTML. What is enclosed by raw
// is HTML already, and in the brackets of an element stands plain text.
func (e *expander) tagInHTML(at int) int {
	if name, _, n := tagAt(e.src[at:]); n > 0 && (name == "raw" || name == "verbatim") || insideElement(e.out.Bytes()) {
		return e.tag(at, false)
	}
	before := e.out.Len()
	n := e.tag(at, false)
	if n == 0 || e.out.Len() <= before {
		return n
	}
	written := string(e.out.Bytes()[before:])
	e.out.Truncate(before)
	e.inset(inset{kind: insetHTML, body: string(e.rendered(written)), source: e.src[at : at+n]}, false)
	return n
}

// markdownInside reads the line of an element whose content its author wants to
// be read as Markdown (kramdown, PHP Markdown Extra: <div markdown="1">), and
// ends the block of HTML behind it.
func (e *expander) markdownInside(line string) bool {
	if e.o.Dialect != Jekyll && e.o.Dialect != Pelican || !strings.Contains(line, "markdown=") {
		return false
	}
	tag := strings.TrimSpace(line)
	if _, ok := htmlBlockStart(line, false); !ok || strings.Count(tag, "<") != 1 || !strings.HasSuffix(tag, ">") {
		return false
	}
	_, value, _ := strings.Cut(tag, "markdown=")
	value = strings.TrimLeft(value, `"'`)
	if !strings.HasPrefix(value, "1") && !strings.HasPrefix(value, "block") && !strings.HasPrefix(value, "span") {
		return false
	}
	e.out.WriteString(line + "\n\n")
	return true
}
