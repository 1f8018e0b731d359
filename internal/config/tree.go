package config

import (
	"bytes"
	"errors"
	"fmt"
	"strings"

	"github.com/pelletier/go-toml/v2"
	"github.com/pelletier/go-toml/v2/unstable"
)

// position is a place in the file; the zero value is no place.
type position struct{ line, column int }

// tree is a parsed file: its values, and where each key stands. Paths are
// dotted keys with the index of array tables: source[0].dir.
type tree struct {
	values map[string]any
	at     map[string]position
}

// parse reads the file. A mistake of syntax is the only one that hides others.
func parse(file []byte) (*tree, []Mistake) {
	if bytes.HasPrefix(file, []byte("\xff\xfe")) || bytes.HasPrefix(file, []byte("\xfe\xff")) || bytes.IndexByte(file, 0) >= 0 {
		return nil, []Mistake{{Line: 1, Column: 1, Message: "the file is no text in UTF-8: save it as that, not as UTF-16 (\"Unicode\")"}}
	}
	t := &tree{values: map[string]any{}, at: map[string]position{}}
	if err := toml.Unmarshal(file, &t.values); err != nil {
		var d *toml.DecodeError
		if errors.As(err, &d) {
			line, column := d.Position()
			return nil, []Mistake{{Line: line, Column: column, Message: plainly(d, lineOf(file, line))}}
		}
		return nil, []Mistake{{Message: strings.TrimPrefix(err.Error(), "toml: ")}}
	}
	t.positions(file)
	return t, nil
}

// positions walks the expressions of the file and notes where each key is.
func (t *tree) positions(file []byte) {
	var p unstable.Parser
	p.Reset(file)
	table, counts := "", map[string]int{}
	for p.NextExpression() {
		switch e := p.Expression(); e.Kind {
		case unstable.Table:
			table = t.note(&p, "", e.Key(), counts)
		case unstable.ArrayTable:
			path := t.note(&p, "", e.Key(), counts)
			table = fmt.Sprintf("%s[%d]", path, counts[path])
			counts[path]++
			t.at[table] = t.at[path]
		case unstable.KeyValue:
			t.pair(&p, table, e, counts)
		}
	}
}

// pair notes a key and, where its value is an inline table, the keys inside.
func (t *tree) pair(p *unstable.Parser, table string, e *unstable.Node, counts map[string]int) {
	path := t.note(p, table, e.Key(), counts)
	if v := e.Value(); v.Kind == unstable.InlineTable {
		for it := v.Children(); it.Next(); {
			t.pair(p, path, it.Node(), counts)
		}
	}
}

// note records every part of a dotted key and returns the whole path. A part
// that names an array of tables means its last element.
func (t *tree) note(p *unstable.Parser, table string, key unstable.Iterator, counts map[string]int) string {
	path := table
	for key.Next() {
		n := key.Node()
		if c := counts[path]; c > 0 {
			path = fmt.Sprintf("%s[%d]", path, c-1)
		}
		if path != "" {
			path += "."
		}
		path += string(n.Data)
		shape := p.Shape(n.Raw)
		t.at[path] = position{shape.Start.Line, shape.Start.Column}
	}
	return path
}
