package frontmatter

import (
	"bytes"
	"fmt"
	"strings"
)

// decode turns the raw header into a map node. A header that turns out to be
// text makes the whole file the body.
func (h *header) decode(o Options) (Node, []Problem) {
	if h.broken != nil {
		return Node{}, []Problem{*h.broken}
	}
	var root Node
	var problem *Problem
	switch h.format {
	case None:
		return Node{}, nil
	case Pelican:
		return decodePelican(h.raw, h.line)
	case TOML:
		root, problem = decodeTOML(h.raw, h.line)
	case JSON:
		root, problem = decodeJSON(h.raw, h.line, h.braces)
	case YAML:
		var text bool
		if root, problem, text = h.decodeYAML(); text {
			h.format, h.body, h.bodyLine = None, h.whole, 1
			return Node{}, nil
		}
	}
	if problem == nil && root.Kind != Map {
		problem = &Problem{Line: h.line, Message: "the header has no keys: write lines like title: A title"}
	}
	if problem == nil {
		problem = checkDepth(&root, 0)
	}
	if problem != nil {
		problem.Fatal = true
		return Node{}, []Problem{*problem}
	}
	if o.FoldKeys {
		foldKeys(&root)
	}
	var problems []Problem
	lastWins(&root, &problems)
	return root, problems
}

// decodeYAML also tells whether what was taken for a header is text.
func (h *header) decodeYAML() (root Node, problem *Problem, text bool) {
	if h.doubtful && h.isProse() {
		return Node{}, nil, true
	}
	root, problem = decodeYAML(h.raw, h.line)
	if root.Kind == Scalar && problem == nil && !h.doubtful {
		problem = allGlued(h.raw, h.line)
	}
	return root, problem, h.isText(root, problem)
}

// isText tells whether what stands between the fences is no header at all but
// text between two rules, or text above a rule.
func (h *header) isText(root Node, problem *Problem) bool {
	if problem == nil {
		return root.Kind != Map
	}
	alike, lines := h.likeness()
	if h.doubtful {
		return alike < lines
	}
	return (alike == 0 || alike*2 < lines) && allGlued(h.raw, h.line) == nil
}

// isProse tells without the parser that most lines cannot stand in a header.
func (h *header) isProse() bool {
	alike, lines := h.likeness()
	return alike*2 < lines
}

// likeness counts the lines that are not blank, and those of them that could
// stand in a header.
func (h *header) likeness() (alike, lines int) {
	for row := range bytes.Lines(h.raw) {
		if row = bytes.TrimRight(row, " \t\n"); len(row) > 0 {
			lines++
			if headerLike(row) {
				alike++
			}
		}
	}
	return alike, lines
}

// headerLike tells whether a line that is not blank could stand in a YAML header.
func headerLike(line []byte) bool {
	if keyLine(line) {
		return true
	}
	switch line[0] {
	case ' ', '\t', '#', ']', '}':
		return true
	case '-':
		return len(line) == 1 || line[1] == ' '
	}
	return false
}

func foldKeys(n *Node) {
	for i, key := range n.Keys {
		n.Keys[i] = strings.ToLower(key)
	}
	for i := range n.Items {
		foldKeys(&n.Items[i])
	}
}

// lastWins drops all but the last value of a key that a map has twice.
func lastWins(n *Node, problems *[]Problem) {
	if n.Kind == Map && repeats(n.Keys) {
		kept := Node{Kind: Map, Line: n.Line}
		place := make(map[string]int, len(n.Keys))
		for i, key := range n.Keys {
			at, seen := place[key]
			if !seen {
				place[key] = len(kept.Keys)
				kept.Keys = append(kept.Keys, key)
				kept.Items = append(kept.Items, n.Items[i])
				continue
			}
			*problems = append(*problems, Problem{Line: n.Items[i].Line, Message: fmt.Sprintf(
				"the key %q is given twice, in lines %d and %d: the last one counts; remove the other",
				key, kept.Items[at].Line, n.Items[i].Line)})
			kept.Items[at] = n.Items[i]
		}
		*n = kept
	}
	for i := range n.Items {
		if n.Items[i].Kind != Scalar {
			lastWins(&n.Items[i], problems)
		}
	}
}

func repeats(keys []string) bool {
	if len(keys) > 16 {
		seen := make(map[string]bool, len(keys))
		for _, key := range keys {
			seen[key] = true
		}
		return len(seen) < len(keys)
	}
	for i, key := range keys {
		for _, earlier := range keys[:i] {
			if key == earlier {
				return true
			}
		}
	}
	return false
}
