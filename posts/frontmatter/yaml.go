package frontmatter

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

// decodeYAML decodes a YAML header whose first line is the given line of the
// file. Almost every header is simple enough for the quick reader; the others go
// through the full parser.
func decodeYAML(raw []byte, line int) (Node, *Problem) {
	if root, done := quickYAML(raw, line); done {
		return root, nil
	}
	root, problem := fullYAML(raw, line)
	if problem != nil && bytes.IndexByte(raw, '\t') >= 0 {
		// Hexo turns leading tabs into two blanks before it parses; Jekyll's and
		// Hugo's parsers overlook others.
		if retried, again := fullYAML(spaceTabs(raw), line); again == nil {
			return retried, nil
		}
	}
	return root, problem
}

// spaceTabs replaces each leading tab of a line by two blanks and drops trailing ones.
func spaceTabs(raw []byte) []byte {
	spaced := make([]byte, 0, len(raw)+16)
	for row := range bytes.Lines(raw) {
		row = bytes.TrimRight(row, "\n")
		tabs := run(row, '\t')
		spaced = append(spaced, bytes.Repeat([]byte("  "), tabs)...)
		spaced = append(spaced, bytes.TrimRight(row[tabs:], "\t ")...)
		spaced = append(spaced, '\n')
	}
	return spaced
}

// fullYAML decodes any YAML header with the parser of goccy/go-yaml.
func fullYAML(raw []byte, line int) (root Node, problem *Problem) {
	if problem := checkLimits(raw, line); problem != nil {
		return Node{}, problem
	}
	if problem := strayRow(raw, line); problem != nil {
		return Node{}, problem
	}
	defer func() {
		// The parser is somebody else's: a bug of its must not end the scan.
		if r := recover(); r != nil {
			root, problem = Node{}, &Problem{Line: line, Message: "the YAML header cannot be read: put values with special characters in quotes"}
		}
	}()
	file, err := parser.ParseBytes(fillEntries(raw), 0, parser.AllowDuplicateMapKey())
	if err != nil {
		return Node{}, explainYAML(err, raw, line)
	}
	c := converter{offset: line - 1}
	var body ast.Node
	for _, doc := range file.Docs {
		if doc.Body == nil || doc.Body.Type() == ast.CommentType {
			continue
		}
		if body != nil {
			return Node{}, &Problem{Line: c.line(doc.Body), Message: "the header holds a second YAML document: remove the line --- or ... above"}
		}
		body = doc.Body
	}
	if body == nil {
		return Node{Kind: Map, Line: line}, nil
	}
	root = c.convert(body, 0)
	root.Line = line
	return root, c.problem
}

// converter turns the parser's tree into nodes; the first problem ends it.
type converter struct {
	offset  int // added to the parser's lines
	problem *Problem
}

func (c *converter) line(n ast.Node) int {
	if t := n.GetToken(); t != nil && t.Position != nil {
		return t.Position.Line + c.offset
	}
	return c.offset + 1
}

func (c *converter) refuse(n ast.Node, format string, args ...any) Node {
	if c.problem == nil {
		c.problem = &Problem{Line: c.line(n), Message: fmt.Sprintf(format, args...)}
	}
	return Node{}
}

func (c *converter) convert(n ast.Node, depth int) Node {
	if c.problem != nil {
		return Node{}
	}
	if depth > MaxDepth {
		return c.refuse(n, "%s", tooDeep)
	}
	switch v := n.(type) {
	case nil:
		return Node{}
	case *ast.MappingNode:
		return c.mapping(v.Values, v, depth)
	case *ast.MappingValueNode:
		return c.mapping([]*ast.MappingValueNode{v}, v, depth)
	case *ast.SequenceNode:
		list := Node{Kind: List, Line: c.line(v), Items: make([]Node, 0, len(v.Values))}
		for _, item := range v.Values {
			list.Items = append(list.Items, c.convert(item, depth+1))
		}
		return list
	case *ast.LiteralNode:
		return Node{Line: c.line(v), Text: v.Value.Value, Value: v.Value.Value}
	case *ast.TagNode:
		return c.tagged(v, depth)
	case *ast.AnchorNode, *ast.AliasNode:
		return c.refuse(n, "anchors and aliases (&name, *name) are not read: write the value out, or put it in quotes if it is text")
	case ast.ScalarNode:
		return c.scalar(v)
	}
	return c.refuse(n, "this YAML is not understood in a header: put the value in quotes if it is text")
}

func (c *converter) mapping(values []*ast.MappingValueNode, at ast.Node, depth int) Node {
	m := Node{Kind: Map, Line: c.line(at)}
	for _, pair := range values {
		key, ok := pair.Key.(ast.ScalarNode)
		if pair.Key.IsMergeKey() || !ok {
			return c.refuse(pair.Key, "merge keys (<<) and keys with ? are not read in a header: write key: value")
		}
		if _, anchored := pair.Key.(*ast.AnchorNode); anchored {
			return c.refuse(pair.Key, "anchors and aliases (&name, *name) are not read: write the value out, or put it in quotes if it is text")
		}
		name := c.scalar(key)
		item := c.convert(pair.Value, depth+1)
		item.Line = name.Line
		m.Keys = append(m.Keys, name.Text)
		m.Items = append(m.Items, item)
	}
	return m
}

func (c *converter) scalar(n ast.ScalarNode) Node {
	t := n.GetToken()
	if t == nil {
		return Node{Line: c.line(n)}
	}
	switch t.Type {
	case token.SingleQuoteType, token.DoubleQuoteType:
		return Node{Line: c.line(n), Text: t.Value, Value: t.Value}
	case token.ImplicitNullType:
		return Node{Line: c.line(n)}
	}
	text := t.Value
	if text != "" && strings.IndexByte(",]}", text[0]) >= 0 || strings.Contains(text, ": ") || strings.HasSuffix(text, ":") {
		// The parser lets pass what no other does.
		return c.refuse(n, "the YAML header cannot be read: a value cannot begin with , ] or } nor hold a colon and a blank: put it in quotes")
	}
	// A comment ends a plain scalar, also in a later line of it.
	for _, comment := range []string{" #", "\n#"} {
		if before, _, cut := strings.Cut(text, comment); cut {
			text = strings.TrimRight(before, " ")
		}
	}
	return Node{Line: c.line(n), Text: text, Value: resolve(text)}
}

// tagged applies the tags of the core schema and refuses others, as the safe
// loaders of the generators do.
func (c *converter) tagged(n *ast.TagNode, depth int) Node {
	value := Node{Line: c.line(n)}
	if n.Value != nil {
		value = c.convert(n.Value, depth+1)
	}
	switch tag := n.GetToken().Value; tag {
	case "!!str", "!", "!!timestamp":
		if value.Kind != Scalar {
			return c.refuse(n, "the tag %s stands before something that is no text", tag)
		}
		value.Value = value.Text
	case "!!int", "!!float", "!!bool", "!!null", "!!seq", "!!map", "!!omap":
		if s, text := value.Value.(string); text && value.Kind == Scalar {
			value.Value = resolve(s)
		}
	default:
		return c.refuse(n, "the tag %s is not known: remove it, or put the value in quotes if it is text", tag)
	}
	return value
}
