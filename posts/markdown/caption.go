package markdown

import (
	"html"
	"strings"
)

// caption is the line above a block of code: its title, and where the code comes from.
type caption struct{ title, url, label string }

// captionOf reads Hexo's [title] [url] [link text] of a tag or of a fence. A
// word such as >folded, which begins with >, is a mark for a theme's script.
func captionOf(a tagArgs) caption {
	c := caption{}
	var before, after []string
	for i, w := range a.words {
		switch {
		case !a.quoted[i] && (strings.HasPrefix(w, ">") || strings.HasPrefix(w, "lang=")):
		case c.url == "" && isURL(w):
			c.url = w
		case c.url == "":
			before = append(before, w)
		default:
			after = append(after, w)
		}
	}
	// Hexo writes them as HTML.
	c.title, c.label = html.UnescapeString(strings.Join(before, " ")), html.UnescapeString(strings.Join(after, " "))
	if c.title == "" {
		c.title = a.named["title"]
	}
	return c
}

// fenceCaption reads what stands behind the language of a fence: in Hexo a
// caption, elsewhere title="…" and settings of highlighters.
func fenceCaption(info string, hexo bool) caption {
	_, rest, _ := strings.Cut(strings.TrimSpace(info), " ")
	if rest == "" {
		return caption{}
	}
	a := parseArgs(rest)
	if !hexo || strings.HasPrefix(rest, "{") || strings.HasPrefix(info, "{") {
		return caption{title: a.named["title"]}
	}
	a.option(codeOptions...)
	return captionOf(a)
}

// codeOptions are the options of Hexo's blocks of code.
var codeOptions = []string{"lang", "line_number", "line_threshold", "highlight", "first_line", "mark", "wrap", "language_attr"}

func (w *writer) caption(c caption) {
	if c.title == "" && c.url == "" {
		return
	}
	if w.mark {
		w.str(`<p class="` + captionClass + `">`)
	} else {
		w.str("<p>")
	}
	w.text([]byte(c.title))
	if url, ok := w.urls.link(c.url); ok && c.url != "" {
		if c.title != "" {
			w.str(" ")
		}
		if c.label == "" {
			c.label = c.url
		}
		w.str(`<a href="`)
		w.buf = appendAttr(w.buf, url)
		w.str(`">`)
		w.text([]byte(c.label))
		w.str("</a>")
	}
	w.str("</p>\n")
}
