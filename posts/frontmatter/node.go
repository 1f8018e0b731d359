package frontmatter

import (
	"strings"
	"time"
)

// Kind tells what a [Node] is.
type Kind uint8

// The kinds of nodes. The zero Node is a scalar without text: a null.
const (
	Scalar Kind = iota
	List
	Map
)

// Node is one value of a header together with the text it was written as, which
// Fields cannot tell: 007, 1.10 and 0x10 are numbers there.
type Node struct {
	Kind Kind
	// Line is the line in the file, from 1: of its key for the value of a map.
	Line int
	// Text is a scalar as it was written, with quotes and escapes resolved.
	Text string
	// Value is the value of a scalar: string, int64, float64, bool or nil.
	Value any
	// Keys are the keys of a map in the order of the file; Items are its values,
	// or the items of a list.
	Keys  []string
	Items []Node
}

// Get returns the value of a key of a map. Of a key that is there twice the
// last value counts.
func (n *Node) Get(key string) (*Node, bool) {
	if n.Kind != Map {
		return nil, false
	}
	for i := len(n.Keys) - 1; i >= 0; i-- {
		if n.Keys[i] == key {
			return &n.Items[i], true
		}
	}
	return nil, false
}

// Null tells whether the node is a scalar without a value.
func (n *Node) Null() bool { return n.Kind == Scalar && n.Value == nil }

// plain converts a node to the values that Fields promises.
func (n *Node) plain() any {
	switch n.Kind {
	case List:
		items := make([]any, len(n.Items))
		for i := range n.Items {
			items[i] = n.Items[i].plain()
		}
		return items
	case Map:
		m := make(map[string]any, len(n.Items))
		for i, key := range n.Keys {
			m[key] = n.Items[i].plain()
		}
		return m
	}
	return n.Value
}

// Strings returns the texts of all scalars in the node that are not null, in
// the order of the file: of a list its items, of a nested list the items of the
// inner ones, of a scalar itself. Maps have none.
func (n *Node) Strings() []string {
	switch {
	case n.Kind == Map || n.Null():
		return nil
	case n.Kind == Scalar:
		return []string{n.Text}
	}
	texts := make([]string, 0, len(n.Items))
	for i := range n.Items {
		if item := &n.Items[i]; item.Kind == Scalar && item.Value != nil {
			texts = append(texts, item.Text)
		} else {
			texts = append(texts, item.Strings()...)
		}
	}
	return texts
}

// Node returns the value at a path of keys: Node("taxonomies", "tags").
// Without keys it returns the whole header as a map.
func (d *Doc) Node(path ...string) (*Node, bool) {
	n := &d.root
	for _, key := range path {
		next, found := n.Get(key)
		if !found {
			return nil, false
		}
		n = next
	}
	return n, true
}

// Text returns the text of the scalar at a path of keys as it was written, with
// quotes resolved: "007" for 007. It is "" for null, lists, maps and missing keys.
func (d *Doc) Text(path ...string) string {
	if n, found := d.Node(path...); found && !n.Null() {
		return n.Text
	}
	return ""
}

// Strings returns the texts at a path of keys: see [Node.Strings].
func (d *Doc) Strings(path ...string) []string {
	if n, found := d.Node(path...); found {
		return n.Strings()
	}
	return nil
}

// Bool returns the truth at a path of keys. It understands true, false, yes,
// no, on and off in any case, quoted or not; known is false for anything else.
func (d *Doc) Bool(path ...string) (value, known bool) {
	switch strings.ToLower(strings.TrimSpace(d.Text(path...))) {
	case "true", "yes", "on":
		return true, true
	case "false", "no", "off":
		return false, true
	}
	return false, false
}

// Time returns the date at a path of keys, read by [ParseTime]. found is false
// when the key is missing, null or blank.
func (d *Doc) Time(loc *time.Location, path ...string) (t time.Time, dateOnly, found bool, err error) {
	text := strings.TrimSpace(d.Text(path...))
	if text == "" {
		if n, there := d.Node(path...); !there || n.Kind == Scalar {
			return time.Time{}, false, false, nil
		}
	}
	t, dateOnly, err = ParseTime(text, loc)
	return t, dateOnly, true, err
}
