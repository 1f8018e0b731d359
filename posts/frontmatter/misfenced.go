package frontmatter

import (
	"bytes"
	"strings"
)

// misfenced says what keeps a line at the head of a file from being the fence
// of the header that seems to follow, "" where none does. Taken for text, such
// a header would take title and date away from a post that people read.
func misfenced(text, first []byte, next int) string {
	if bytes.HasPrefix(first, []byte("<<<<<<< ")) {
		return "begins with a conflict that a merge left: settle it and remove the lines <<<<<<<, ======= and >>>>>>>"
	}
	shown := strings.TrimSpace(string(first))
	_, _, fence := openingFence([]byte(shown))
	almost := len(shown) > 1 && (strings.Trim(shown, "-–—−") == "" || strings.Trim(shown, "+") == "")
	if !fence && !almost || !closes(text, next) {
		return ""
	}
	second, _ := cutLine(text, next)
	switch toml := shown[0] == '+'; {
	case toml && !bytes.Contains(second, []byte("=")), !toml && !keyLine(second):
		return ""
	case fence:
		return "the line " + shown + " at the head begins with white space, so that it opens no header: remove that"
	case toml:
		return "the first line is " + shown + ", which opens no header: write +++"
	}
	return "the first line is " + shown + ", which opens no header: write ---"
}

// closes tells whether a line behind the offset could close a header, by itself
// or with the same slip.
func closes(text []byte, at int) bool {
	for limit := min(len(text), at+MaxHeader); at < limit; {
		line, next := cutLine(text, at)
		if line = bytes.TrimSpace(line); len(line) > 1 && strings.Trim(string(line), "-–—−+;") == "" {
			return true
		}
		at = next
	}
	return false
}
