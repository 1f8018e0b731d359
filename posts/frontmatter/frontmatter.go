// Package frontmatter splits a post's file into header and body and decodes
// the header, in every form that site generators accept: YAML between ---
// lines, TOML between +++ lines, JSON (bare or before a ;;; line), and the bare
// "Key: value" lines of Pelican.
//
// [Parse] never fails as a whole: what is wrong with a file comes back as
// [Problem]s that name the line and the way out. [ParseTime] reads the dates
// that people write into headers.
//
// The package does no I/O and knows nothing of any site generator's keys.
package frontmatter

import "slices"

// Format is how a header is written.
type Format string

// The formats of a header. None says that the file has no header.
const (
	YAML    Format = "yaml"
	TOML    Format = "toml"
	JSON    Format = "json"
	Pelican Format = "pelican"
	None    Format = "none"
)

// Options tell what the site's generator accepts beyond fenced headers.
type Options struct {
	// Pelican accepts bare "Key: value" lines up to the first blank line, and
	// reads fenced ones by the same rules. Keys are lower-cased.
	Pelican bool
	// FoldKeys makes keys compare without regard to case, as Hugo does: all
	// keys, nested ones too, are lower-cased.
	FoldKeys bool
	// OpenFence accepts a header whose opening fence is missing, as Hexo does:
	// "key: value" lines and then a line of three or more dashes.
	OpenFence bool
}

// Doc is a file split into its header and its body.
type Doc struct {
	Format Format
	// Fields are the top-level keys. A value is a string, int64, float64, bool,
	// nil, []any or map[string]any. Dates are strings as they were written.
	Fields map[string]any
	// Lines gives the line in the file of each top-level key, from 1.
	Lines map[string]int
	// Order holds the top-level keys in the order of the file.
	Order []string
	// Body is what follows the header: UTF-8 with LF line ends and without a
	// byte order mark. It may share memory with the file given to Parse.
	Body []byte
	// BodyLine is the line in the file of the first line of Body, from 1.
	BodyLine int

	root Node
}

// Problem is something in a file that its owner should mend.
type Problem struct {
	Line    int    // in the file, from 1; 0 where no line is to blame
	Message string // what is wrong and what to do
	Fatal   bool   // the header cannot be used
}

// Parse splits a file and decodes its header.
//
// Problems come in the order of their lines. After a fatal one Fields is empty;
// Body is set as far as it could be told apart. Without a header Format is None
// and Body is the whole file.
func Parse(file []byte, o Options) (Doc, []Problem) {
	text, bad := decode(file)
	doc := Doc{Format: None, Body: text, BodyLine: 1}
	if bad != nil && bad.Fatal {
		doc.Body = nil
		doc.publish()
		return doc, []Problem{*bad}
	}
	h := split(text, o)
	root, problems := h.decode(o)
	doc.Format, doc.Body, doc.BodyLine, doc.root = h.format, h.body, h.bodyLine, root
	if bad != nil {
		if h.format != None && bad.Line < h.bodyLine && bad.Message != readAsGBK {
			bad.Fatal = true
			doc.root = Node{}
		}
		problems = append(problems, *bad)
		slices.SortStableFunc(problems, func(a, b Problem) int { return a.Line - b.Line })
	}
	if p := controls(text[:max(0, len(text)-len(h.body))]); p != nil && h.format != None && len(doc.root.Keys) > 0 {
		problems = append([]Problem{*p}, problems...)
		slices.SortStableFunc(problems, func(a, b Problem) int { return a.Line - b.Line })
	}
	doc.publish()
	return doc, problems
}

// publish fills the exported views from the root node.
func (d *Doc) publish() {
	n := len(d.root.Items)
	d.Fields = make(map[string]any, n)
	d.Lines = make(map[string]int, n)
	d.Order = d.root.Keys
	for i, key := range d.root.Keys {
		d.Fields[key] = d.root.Items[i].plain()
		d.Lines[key] = d.root.Items[i].Line
	}
}
