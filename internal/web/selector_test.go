package web_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

// document is a page that is asked by CSS selectors.
type document struct{ *html.Node }

func parse(t *testing.T, body string) document {
	t.Helper()
	n, err := html.Parse(strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	return document{n}
}

// all finds the elements of a selector: descendants, each of an element's name,
// .class, [name] and [name="value"].
func (d document) all(selector string) (found []*html.Node) {
	steps := strings.Fields(selector)
	for n := range d.Descendants() {
		if !matches(n, steps[len(steps)-1]) {
			continue
		}
		rest := steps[:len(steps)-1]
		for up := n.Parent; up != nil && len(rest) > 0; up = up.Parent {
			if matches(up, rest[len(rest)-1]) {
				rest = rest[:len(rest)-1]
			}
		}
		if len(rest) == 0 {
			found = append(found, n)
		}
	}
	return found
}

var simple = regexp.MustCompile(`^([a-z0-9]*)((?:\.[a-z]+|\[[a-z-]+(?:="[^"]*")?\])*)$`)
var condition = regexp.MustCompile(`\.([a-z]+)|\[([a-z-]+)(="([^"]*)")?\]`)

func matches(n *html.Node, step string) bool {
	m := simple.FindStringSubmatch(step)
	if m == nil {
		panic("no selector: " + step)
	}
	if n.Type != html.ElementNode || m[1] != "" && n.Data != m[1] {
		return false
	}
	for _, c := range condition.FindAllStringSubmatch(m[2], -1) {
		value, there := attribute(n, c[2])
		switch {
		case c[1] != "":
			class, _ := attribute(n, "class")
			if !slices.Contains(strings.Fields(class), c[1]) {
				return false
			}
		case !there, c[3] != "" && value != c[4]:
			return false
		}
	}
	return true
}

func attribute(n *html.Node, name string) (string, bool) {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val, true
		}
	}
	return "", false
}

// text is the text of the first element of the selector, its spaces joined.
func (d document) text(selector string) string {
	found := d.all(selector)
	if len(found) == 0 {
		return ""
	}
	var b strings.Builder
	for c := range found[0].Descendants() {
		if c.Type == html.TextNode {
			b.WriteString(c.Data)
		}
	}
	return strings.Join(strings.Fields(b.String()), " ")
}

// values are an attribute of all elements of the selector.
func (d document) values(selector, name string) (out []string) {
	for _, n := range d.all(selector) {
		if v, ok := attribute(n, name); ok {
			out = append(out, v)
		}
	}
	return out
}
