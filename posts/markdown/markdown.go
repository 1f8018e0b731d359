// Package markdown turns the body of a post into sanitised HTML with absolute
// URLs, for feeds, pages and letters, and makes its summary from the syntax
// tree, never from rendered text.
package markdown

// Dialect names the generator whose tags and shortcodes a body may use.
type Dialect string

// The dialects. Plain knows no tags; an unknown tag is dropped or becomes a link in all others.
const (
	Plain    Dialect = "markdown"
	Hexo     Dialect = "hexo"
	Hugo     Dialect = "hugo"
	Jekyll   Dialect = "jekyll"
	Zola     Dialect = "zola"
	Eleventy Dialect = "eleventy"
	Astro    Dialect = "astro"
	Pelican  Dialect = "pelican"
)

// Options is what a body cannot know of itself.
type Options struct {
	Dialect Dialect
	// HTML says that the body is HTML, not Markdown.
	HTML bool
	// Title is the post's: a first heading equal to it is left out of the summary.
	Title string
	// Summary is the front matter's; used verbatim when not empty.
	Summary string
	// PostURL is the absolute URL of the post, against which relative links
	// and fragments are resolved. SiteURL is the site's root with its path, for
	// tags that link into the site; both may be "" (links then stay as they are).
	PostURL, SiteURL string
	// Width limits the summary, in columns (a CJK character has 2); 0 means 200.
	Width int
	// Ref resolves a reference to another post ({% post_link %}, {{< ref >}},
	// zola's @/path.md) to its absolute URL and title. It may be nil.
	Ref func(name string) (url, title string, found bool)
	// Asset resolves the name of a file beside the post ({% asset_img %}, page
	// bundles, {{< figure src >}}) to its absolute URL. It may be nil.
	Asset func(name string) (url string, found bool)
}

// Result is a rendered body.
type Result struct {
	// HTML is sanitised, with absolute URLs, valid as XML text once escaped.
	HTML string
	// Summary is one line of plain text, or "".
	Summary string
	// Code is the first code block, for a letter, or the first displayed formula
	// as text, its language being tex; "" where there is neither.
	Code, CodeLanguage string
	// Image is the absolute URL of the first picture, or "".
	Image string
	// Columns counts the text's width in columns, for the reading time.
	Columns int
	// Warnings tell of tags that were dropped and the like, each once.
	Warnings []Warning
}

// Warning is something in a body that was left out.
type Warning struct {
	Line int // of the body, from 1
	Text string
}
