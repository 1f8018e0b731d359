package config

import (
	"fmt"
	"strings"
)

// Mistake is one thing that is wrong in a configuration, with its place and
// the way out.
type Mistake struct {
	File         string `json:"file"`
	Line, Column int    `json:",omitempty"` // 1-based; 0 where a key is missing
	Key          string `json:"key,omitempty"`
	Message      string `json:"message"`
}

// String gives file:line:column: key: message.
func (m Mistake) String() string {
	s := m.File
	if m.Line > 0 {
		s += fmt.Sprintf(":%d:%d", m.Line, m.Column)
	}
	if m.Key != "" {
		s += ": " + m.Key
	}
	return s + ": " + m.Message
}

// Mistakes is every mistake of a configuration at once.
type Mistakes []Mistake

// Error gives one mistake a line.
func (m Mistakes) Error() string {
	lines := make([]string, len(m))
	for i, one := range m {
		lines[i] = one.String()
	}
	return strings.Join(lines, "\n")
}

// Mistake is a mistake at a key, like "source[0].dir", that shows only beside
// the blog itself.
func (c *Config) Mistake(key, format string, args ...any) Mistake {
	return mistakeAt(c.File, c.at, key, fmt.Sprintf(format, args...))
}

// mistakeAt places a mistake at the key, or at the nearest place above it.
func mistakeAt(file string, places map[string]position, key, message string) Mistake {
	m := Mistake{File: file, Key: key, Message: message}
	for p := key; p != ""; {
		if at, ok := places[p]; ok {
			m.Line, m.Column = at.line, at.column
			break
		}
		p = p[:max(strings.LastIndexAny(p, ".["), 0)]
	}
	return m
}
