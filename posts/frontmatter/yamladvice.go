package frontmatter

import (
	"bytes"
	"errors"
	"fmt"
	"strings"

	"github.com/goccy/go-yaml"
)

// explainYAML words a syntax error for the person who wrote the header. line is
// that of the first row.
func explainYAML(err error, raw []byte, line int) *Problem {
	at, message := 1, err.Error()
	var syntax *yaml.SyntaxError
	if errors.As(err, &syntax) {
		message = syntax.Message
		if syntax.Token != nil && syntax.Token.Position != nil {
			at = syntax.Token.Position.Line
		}
	}
	rows := strings.Split(string(raw), "\n")
	at = min(max(at, 1), len(rows))
	advice := adviseYAML(strings.TrimSpace(rows[at-1]), message)
	if advice == strayQuote {
		// The culprit is the line whose mark has no partner, further up.
		if open := openQuote(rows[:at-1]); open > 0 {
			at, advice = open, lostQuote
		}
	}
	return &Problem{Line: line + at - 1, Message: "the YAML header cannot be read: " + advice}
}

const (
	lostQuote  = "a quotation mark has no partner: close it, and double a ' inside of '...'"
	strayQuote = `something follows the closing quotation mark: quote the whole value, and write '' for a ' and \" for a " inside of it`
)

// adviseYAML recognises the mistakes that people make.
func adviseYAML(row, message string) string {
	key, value := rowParts(row)
	quote := fmt.Sprintf("put the value of %s in quotes", key)
	first := byte(0)
	if value != "" {
		first = value[0]
	}
	switch {
	case strings.HasPrefix(value, "{{"), strings.HasPrefix(value, "{%"):
		return "template code is no YAML: " + quote
	case first == '"' && strings.Contains(message, "escape"):
		return `a \ in "..." begins an escape that is not known: write \\, or use '...'`
	case strings.Contains(message, "end character of"):
		return lostQuote
	case first != 0 && strings.IndexByte("@`%&*!|>", first) >= 0:
		return fmt.Sprintf("a value cannot begin with %c: %s", first, quote)
	case strings.Contains(message, "end token"):
		return "a bracket is not closed: close it, or " + quote
	case first == '[', first == '{':
		return "the value begins with a bracket but is no list: " + quote
	case first == '"', first == '\'':
		return strayQuote
	case strings.Contains(value, ": "), strings.HasSuffix(value, ":"):
		return "a value holds a colon and a blank: " + quote
	case glued(row) != "":
		return fmt.Sprintf("a blank is missing behind %s", glued(row))
	case !strings.Contains(row, ":"):
		return message + ": write lines as key: value or - item"
	}
	return message + ": check the indentation, and put values with special characters in quotes"
}

// rowParts splits "- key: value", as far as the row has these parts.
func rowParts(row string) (key, value string) {
	row = strings.TrimPrefix(row, "- ")
	key, value, _ = strings.Cut(row, ":")
	return key, strings.TrimSpace(value)
}

// openQuote returns the number of the first row whose value begins with a
// quotation mark that the row does not close, or 0.
func openQuote(rows []string) int {
	for i, row := range rows {
		if _, value := rowParts(strings.TrimSpace(row)); value != "" && (value[0] == '"' || value[0] == '\'') {
			if strings.Count(value, value[:1])%2 == 1 {
				return i + 1
			}
		}
	}
	return 0
}

// glued returns "title:" where a row has its value directly behind the colon.
func glued(row string) string {
	for i := 0; i < len(row); i++ {
		switch c := row[i]; {
		case isLetter(c), isDigit(c), c == '_', c == '-':
			continue
		case c == ':' && i > 0 && i+1 < len(row) && row[i+1] != ' ' && row[i+1] != '/' && row[i+1] != '\t':
			return row[:i+1]
		}
		return ""
	}
	return ""
}

// allGlued finds the header whose every key lacks the blank behind its colon: to
// YAML it is one long text.
func allGlued(raw []byte, line int) *Problem {
	var found *Problem
	for row := range bytes.Lines(raw) {
		row = bytes.TrimRight(row, " \t\n")
		key := glued(string(row))
		switch {
		case key != "" && found == nil:
			found = &Problem{Line: line, Message: fmt.Sprintf("the YAML header cannot be read: a blank is missing behind %s", key)}
		case key == "" && len(row) > 0 && !headerLike(row):
			return nil
		}
		line++
	}
	return found
}
