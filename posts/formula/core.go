package formula

import (
	"regexp"
	"strings"

	"golang.org/x/net/html"
)

// The elements of MathML Core, https://www.w3.org/TR/mathml-core/#mathml-elements-and-attributes.
var (
	tokens = set("mi mn mo ms mtext")
	rows   = set("math mrow mstyle merror mphantom mpadded msqrt none")
	// scripts have a fixed number of children.
	scripts = map[string]int{"mfrac": 2, "mroot": 2, "msub": 2, "msup": 2, "msubsup": 3, "munder": 2, "mover": 2, "munderover": 3}
	// hidden elements go with all that is in them.
	hidden = set("script style template noscript iframe object embed svg img video audio form input button textarea select title mglyph malignmark maligngroup")
)

var (
	truth  = regexp.MustCompile(`^(true|false)$`)
	length = regexp.MustCompile(`^[+-]?([0-9]{1,4}(\.[0-9]{1,4})?|\.[0-9]{1,4})(em|ex|px|pt|pc|in|cm|mm|rem|%)?$`)
	colour = regexp.MustCompile(`^(#[0-9A-Fa-f]{3,8}|[A-Za-z]{3,20})$`)
	count  = regexp.MustCompile(`^[1-9][0-9]{0,2}$`)
)

// everywhere are the attributes of every element.
var everywhere = map[string]*regexp.Regexp{
	"dir": regexp.MustCompile(`^(ltr|rtl)$`), "displaystyle": truth, "scriptlevel": regexp.MustCompile(`^[+-]?[0-9]$`),
	"mathcolor": colour, "mathbackground": colour, "mathsize": length,
}

// own are the attributes of single elements.
var own = map[string]map[string]*regexp.Regexp{
	"mi": {"mathvariant": regexp.MustCompile(`^normal$`)},
	"mo": {
		"form": regexp.MustCompile(`^(prefix|infix|postfix)$`), "stretchy": truth, "symmetric": truth, "largeop": truth, "movablelimits": truth,
		"maxsize": length, "minsize": length, "lspace": length, "rspace": length,
	},
	"mspace":     {"width": length, "height": length, "depth": length},
	"mpadded":    {"width": length, "height": length, "depth": length, "lspace": length, "voffset": length},
	"mfrac":      {"linethickness": length},
	"mover":      {"accent": truth},
	"munder":     {"accentunder": truth},
	"munderover": {"accent": truth, "accentunder": truth},
	"mtd":        {"columnspan": count, "rowspan": count},
}

// open writes a start tag with the attributes that Core knows.
func (t *tidier) open(n *html.Node) {
	name := coreName(n)
	t.str("<" + name)
	seen := map[string]bool{}
	for _, a := range n.Attr {
		if a.Namespace == "" && !seen[a.Key] {
			seen[a.Key] = true
			t.attribute(name, a.Key, a.Val)
		}
	}
	if t.own && !seen["mathcolor"] {
		for _, part := range strings.Split(attribute(n, "style"), ";") {
			if value, ok := strings.CutPrefix(part, "color:"); ok {
				t.attribute(name, "mathcolor", value)
			}
		}
	}
	t.str(">")
}

// coreName is the name under which Core has an element.
func coreName(n *html.Node) string {
	if n.Data == "none" {
		return "mrow"
	}
	return n.Data
}

// border matches the lines of arrays and boxes, which Core leaves to CSS.
var border = regexp.MustCompile(`^border(-left|-right|-top|-bottom)?:(0\.06em|1px) (solid|dashed)$`)

// styled opens an element that may have lines around it, with a first
// declaration of its own.
func (t *tidier) styled(n *html.Node, first string) {
	t.open(n)
	style := []string{first}[:min(len(first), 1)]
	for _, part := range strings.Split(attribute(n, "style"), ";") {
		if part = strings.TrimSpace(part); border.MatchString(part) {
			style = append(style, part)
		}
	}
	if len(style) > 0 {
		t.buf = append(t.buf[:len(t.buf)-1], ` style="`+strings.Join(style, ";")+`">`...)
	}
}

func (t *tidier) attribute(element, name, value string) {
	value = strings.TrimSpace(value)
	form := own[element][name]
	if form == nil {
		form = everywhere[name]
	}
	if form == nil || !form.MatchString(value) {
		return
	}
	t.str(" " + name + `="` + value + `"`)
}

func set(names string) map[string]bool {
	m := map[string]bool{}
	for _, name := range strings.Fields(names) {
		m[name] = true
	}
	return m
}

func attribute(n *html.Node, key string) string {
	for _, a := range n.Attr {
		if a.Key == key && a.Namespace == "" {
			return a.Val
		}
	}
	return ""
}
