package markdown

import (
	"bytes"
	"strings"
)

// expandComponents takes the JavaScript out of MDX: imports, exports, comments
// and the tags of components, whose content stays. Directives (:::note) lose
// their marks; ::github{repo="a/b"} becomes a link.
func expandComponents(source []byte, e *expander) []byte {
	src := string(source)
	if !strings.Contains(src, "import ") && !strings.Contains(src, "export ") && !strings.Contains(src, "{/*") && !strings.Contains(src, "::") && !hasComponent(src) {
		return source
	}
	e.tag = e.mdxComment
	e.src, e.blank = src, true
	for i := 0; i < len(src); {
		if i == 0 || src[i-1] == '\n' {
			if n := e.codeLines(i); n > 0 {
				i += n
				continue
			}
			if n := e.mdxLine(i); n > 0 {
				i += n
				continue
			}
		}
		if src[i] == '<' {
			if n := e.component(i); n > 0 {
				i += n
				continue
			}
		}
		n := e.step(i)
		if lt := strings.IndexByte(src[i+1:i+n], '<'); lt >= 0 && src[i] != '`' {
			n = e.retract(i, n, lt+1)
		}
		i += n
	}
	return e.out.Bytes()
}

// retract takes back what step wrote beyond the first keep bytes.
func (e *expander) retract(i, n, keep int) int {
	if !bytes.HasSuffix(e.out.Bytes(), []byte(e.src[i:i+n])) {
		return n
	}
	e.out.Truncate(e.out.Len() - n + keep)
	return keep
}

func hasComponent(src string) bool {
	for i := strings.IndexByte(src, '<'); i >= 0 && i+1 < len(src); {
		if c := src[i+1]; c >= 'A' && c <= 'Z' || c == '/' && i+2 < len(src) && src[i+2] >= 'A' && src[i+2] <= 'Z' {
			return true
		}
		next := strings.IndexByte(src[i+1:], '<')
		if next < 0 {
			return false
		}
		i += 1 + next
	}
	return false
}

// mdxComment drops {/* … */}.
func (e *expander) mdxComment(at int, inCode bool) int {
	if inCode || !strings.HasPrefix(e.src[at:], "{/*") {
		return 0
	}
	if end := strings.Index(e.src[at:min(len(e.src), at+4*maxTag)], "*/}"); end > 0 {
		return end + 3
	}
	return 0
}

// mdxLine drops an import, an export, or the mark of a directive.
func (e *expander) mdxLine(i int) int {
	line, _, _ := strings.Cut(e.src[i:], "\n")
	n := min(len(line)+1, len(e.src)-i)
	trimmed := strings.TrimSpace(line)
	switch {
	case strings.HasPrefix(line, "import ") && (strings.HasSuffix(strings.TrimRight(trimmed, ";"), `"`) || strings.HasSuffix(strings.TrimRight(trimmed, ";"), "'")):
		return n
	case strings.HasPrefix(line, "import {") && !strings.Contains(line, "}"), isExport(line):
		return e.statement(i)
	case strings.HasPrefix(trimmed, ":::"):
		return e.container(i)
	case strings.HasPrefix(trimmed, "::github{"):
		if repo := parseArgs(strings.TrimSuffix(trimmed[9:], "}")).named["repo"]; repo != "" {
			e.out.WriteString(labelled("GitHub", "https://github.com/"+repo) + "\n")
			return n
		}
	}
	return 0
}

func isExport(line string) bool {
	rest, ok := strings.CutPrefix(line, "export ")
	if !ok {
		return false
	}
	for _, word := range []string{"const ", "let ", "var ", "default ", "function ", "async ", "{", "*"} {
		if strings.HasPrefix(rest, word) {
			return true
		}
	}
	return false
}

// statement returns the length of a JavaScript statement: to the end of the
// line on which its brackets are closed, or to an empty line.
func (e *expander) statement(i int) int {
	depth, n := 0, 0
	for n < len(e.src)-i {
		line, _, _ := strings.Cut(e.src[i+n:], "\n")
		if strings.TrimSpace(line) == "" {
			break
		}
		depth += strings.Count(line, "{") + strings.Count(line, "(") + strings.Count(line, "[")
		depth -= strings.Count(line, "}") + strings.Count(line, ")") + strings.Count(line, "]")
		n += len(line) + 1
		if depth <= 0 {
			break
		}
	}
	return min(n, len(e.src)-i)
}

// component drops the tag of a component; one that names a film or a picture
// becomes a link or the picture.
func (e *expander) component(at int) int {
	rest := e.src[at:min(len(e.src), at+maxTag)]
	closing := strings.HasPrefix(rest, "</")
	nameAt := 1
	if closing {
		nameAt = 2
	}
	if len(rest) <= nameAt || rest[nameAt] < 'A' || rest[nameAt] > 'Z' {
		return 0
	}
	end := tagEnd(rest)
	if end < 0 {
		return 0
	}
	if closing {
		return end + 1
	}
	body := strings.TrimSuffix(strings.TrimSpace(rest[1:end]), "/")
	name, args, _ := strings.Cut(strings.NewReplacer("\n", " ", "\t", " ").Replace(body), " ")
	if !isName(strings.ReplaceAll(name, ".", "")) {
		return 0
	}
	a := parseArgs(args)
	if markdown, ok := service(strings.ToLower(name), a); ok {
		e.out.WriteString(markdown)
		return end + 1
	}
	e.out.WriteString(e.unknown(at, "<"+name+">", name, a))
	return end + 1
}

// tagEnd returns the offset of the > that ends a tag, past quotes and braces.
func tagEnd(s string) int {
	depth := 0
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '{':
			depth++
		case '}':
			depth--
		case '"', '\'':
			if end := strings.IndexByte(s[i+1:], s[i]); depth == 0 && end >= 0 {
				i += end + 1
			}
		case '>':
			if depth <= 0 {
				return i
			}
		}
	}
	return -1
}
