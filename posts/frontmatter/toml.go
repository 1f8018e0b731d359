package frontmatter

import (
	"bytes"
	"errors"
	"strconv"
	"strings"

	"github.com/pelletier/go-toml/v2"
	"github.com/pelletier/go-toml/v2/unstable"
)

// decodeTOML decodes a TOML header. The library's decoder judges whether it is
// valid; its parser gives the lines and the numbers and dates as written.
func decodeTOML(raw []byte, line int) (root Node, problem *Problem) {
	if problem := checkLimits(raw, line); problem != nil {
		return Node{}, problem
	}
	var judged map[string]any
	if err := toml.Unmarshal(raw, &judged); err != nil {
		return Node{}, explainTOML(err, line)
	}
	defer func() {
		// The parser calls itself unstable: a bug of its must not end the scan.
		if r := recover(); r != nil {
			root, problem = Node{}, &Problem{Line: line, Message: "the TOML header cannot be read"}
		}
	}()
	t := tomlReader{offset: line - 1, root: Node{Kind: Map, Line: line}}
	t.parser.Reset(raw)
	table := []string(nil)
	array := false
	for t.parser.NextExpression() {
		e := t.parser.Expression()
		switch e.Kind {
		case unstable.Table, unstable.ArrayTable:
			table, array = t.keys(e), e.Kind == unstable.ArrayTable
			if len(table) > MaxDepth {
				return Node{}, t.deep(e)
			}
			t.enter(table, array, t.lineOf(e))
		case unstable.KeyValue:
			path := t.keys(e)
			if len(table)+len(path) > MaxDepth {
				return Node{}, t.deep(e)
			}
			at := t.lineOf(e)
			parent := t.descend(t.descend(&t.root, table, at), path[:len(path)-1], at)
			value := t.value(e.Value(), at)
			parent.Keys = append(parent.Keys, path[len(path)-1])
			parent.Items = append(parent.Items, value)
		}
	}
	if err := t.parser.Error(); err != nil {
		return Node{}, explainTOML(err, line)
	}
	return t.root, nil
}

func explainTOML(err error, line int) *Problem {
	p := &Problem{Line: line, Message: "the TOML header cannot be read: " + strings.TrimPrefix(err.Error(), "toml: ")}
	var at *toml.DecodeError
	if errors.As(err, &at) {
		row, _ := at.Position()
		p.Line = line + row - 1
	}
	return p
}

type tomlReader struct {
	parser unstable.Parser
	offset int
	root   Node
}

func (t *tomlReader) deep(e *unstable.Node) *Problem {
	return &Problem{Line: t.lineOf(e), Message: tooDeep}
}

func (t *tomlReader) keys(e *unstable.Node) []string {
	var path []string
	for it := e.Key(); it.Next(); {
		path = append(path, string(it.Node().Data))
	}
	return path
}

// lineOf returns the line of an expression's first key.
func (t *tomlReader) lineOf(e *unstable.Node) int {
	it := e.Key()
	if !it.Next() {
		return t.offset + 1
	}
	key := it.Node()
	return t.offset + 1 + bytes.Count(t.parser.Data()[:key.Raw.Offset], []byte("\n"))
}

// enter makes the table that a header line names; [[name]] adds one to a list.
func (t *tomlReader) enter(path []string, array bool, line int) {
	parent := t.descend(&t.root, path[:len(path)-1], line)
	name := path[len(path)-1]
	if !array {
		t.descend(parent, []string{name}, line)
		return
	}
	list, found := parent.Get(name)
	if !found {
		parent.Keys = append(parent.Keys, name)
		parent.Items = append(parent.Items, Node{Kind: List, Line: line})
		list = &parent.Items[len(parent.Items)-1]
	}
	list.Items = append(list.Items, Node{Kind: Map, Line: line})
}

// descend follows a dotted path, making what is missing. A list of tables
// stands for its last one.
func (t *tomlReader) descend(from *Node, path []string, line int) *Node {
	for _, name := range path {
		next, found := from.Get(name)
		if !found {
			from.Keys = append(from.Keys, name)
			from.Items = append(from.Items, Node{Kind: Map, Line: line})
			next = &from.Items[len(from.Items)-1]
		}
		if next.Kind == List && len(next.Items) > 0 {
			next = &next.Items[len(next.Items)-1]
		}
		from = next
	}
	return from
}

func (t *tomlReader) value(n *unstable.Node, line int) Node {
	switch n.Kind {
	case unstable.Array:
		list := Node{Kind: List, Line: line}
		for it := n.Children(); it.Next(); {
			list.Items = append(list.Items, t.value(it.Node(), line))
		}
		return list
	case unstable.InlineTable:
		m := Node{Kind: Map, Line: line}
		for it := n.Children(); it.Next(); {
			pair := it.Node()
			path := t.keys(pair)
			value := t.value(pair.Value(), line)
			parent := t.descend(&m, path[:len(path)-1], line)
			parent.Keys = append(parent.Keys, path[len(path)-1])
			parent.Items = append(parent.Items, value)
		}
		return m
	}
	text := string(n.Data)
	return Node{Line: line, Text: text, Value: tomlValue(n.Kind, text)}
}

// tomlValue gives a scalar its value; the library has judged it valid before.
func tomlValue(kind unstable.Kind, text string) any {
	bare := strings.ReplaceAll(text, "_", "")
	switch kind {
	case unstable.Bool:
		return text == "true"
	case unstable.Integer:
		// Base 0 would read a leading zero as octal; TOML has none.
		if v, err := strconv.ParseInt(bare, 0, 64); err == nil {
			return v
		}
	case unstable.Float:
		if v, err := strconv.ParseFloat(bare, 64); err == nil {
			return v
		}
	}
	return text
}
