package posts

import (
	"bytes"
	"path"
	"regexp"
	"strings"

	"tidings.example/posts/frontmatter"
	"tidings.example/posts/markdown"
)

// plain reads a folder of Markdown that belongs to no generator: a post has a
// date (in its header, in its file's name or in the folders that hold it), or
// no header at all and a heading of the first level. Its path is its address.
type plain struct {
	d      *Directory
	prefix string // of the folder that holds the posts, with a slash, or ""
}

// postFolders are the names of folders that hold posts by their name, best first.
var postFolders = []string{"_posts", "posts", "post", "blog", "articles", "article", "weblog", "journal", "news", "writing"}

func newPlain(d *Directory) (rules, siteFacts, error) {
	p := &plain{d: d}
	if len(d.o.Include) == 0 {
		p.prefix = d.postFolder("", 3)
	}
	return p, siteFacts{}, nil
}

// postFolder finds the topmost folder at or below dir that holds posts by its
// name; "" tells that there is none.
func (d *Directory) postFolder(dir string, depth int) string {
	best, bestRank := "", len(postFolders)
	level := []string{strings.TrimSuffix(dir, "/")}
	for range depth {
		var next []string
		for _, dir := range level {
			entries, err := readDir(path.Join(d.path, dir))
			if err != nil {
				continue
			}
			for _, e := range entries {
				if !e.IsDir() || ignoredName(e.Name()) || builtFolder(e.Name()) {
					continue
				}
				full := path.Join(dir, e.Name())
				next = append(next, full)
				for rank, name := range postFolders[:bestRank] {
					if strings.EqualFold(e.Name(), name) {
						best, bestRank = full+"/", rank
						break
					}
				}
			}
		}
		if best != "" {
			return best
		}
		level = next
		if len(level) > 200 {
			break
		}
	}
	return ""
}

// builtFolder tells folders that generators write, not read.
func builtFolder(name string) bool {
	switch name {
	case "public", "_site", "dist", "output", "vendor", "themes", "layouts", "_layouts", "_includes", "archetypes", "scaffolds", "templates", "resources":
		return true
	}
	return false
}

func (p *plain) dialect() markdown.Dialect { return markdown.Plain }

func (p *plain) header(data []byte) frontmatter.Options {
	line, _, _ := bytes.Cut(bytes.TrimPrefix(data, []byte("\ufeff")), []byte("\n"))
	if bareHeader.Match(line) && !bytes.Contains(data[:min(len(data), 4096)], []byte("\n---")) {
		return frontmatter.Options{Pelican: true}
	}
	return frontmatter.Options{OpenFence: true}
}

func (p *plain) enter(dir string) bool {
	if p.prefix == "" {
		return !builtFolder(dir)
	}
	return strings.HasPrefix(p.prefix, dir+"/") || strings.HasPrefix(dir+"/", p.prefix)
}

func (p *plain) admit(name string) bool {
	return strings.HasPrefix(name, p.prefix) && isText(name) && !strings.HasPrefix(path.Base(name), "_")
}

// pageNames are the names of files that are pages of a site or of a repository,
// not posts, where they have no date.
var pageNames = map[string]bool{"readme": true, "index": true, "license": true, "licence": true, "contributing": true, "changelog": true,
	"code_of_conduct": true, "security": true, "about": true, "contact": true, "links": true, "archive": true, "archives": true, "tags": true,
	"categories": true, "search": true, "404": true, "privacy": true, "imprint": true, "impressum": true, "projects": true, "now": true,
	"uses": true, "summary": true, "authors": true, "notice": true, "home": true}

func (p *plain) fill(g *page) bool {
	post, doc := g.post, &g.doc
	if doc.Format == frontmatter.None && isHTML(g.path) {
		return false // a page that somebody built
	}
	post.Title = g.text("title", "Title")
	name := base(g.path)
	date, rest := nameDate(name)
	post.Slug = orText(strings.TrimSpace(g.text("slug")), rest)
	told := len(g.problems)
	if t, _, ok := g.date("date", "Date", "pubDate", "publishDate", "published", "created"); ok {
		post.Date = t
	} else if t, ok := civilText(date, p.d.zone); ok {
		post.Date = t
	} else if t, ok := civilText(folderDate(g.path), p.d.zone); ok {
		post.Date = t
	}
	if post.Date.IsZero() && g.misdated(told) {
		return false
	}
	if post.Date.IsZero() && (doc.Format != frontmatter.None || isHTML(g.path) || pageNames[strings.ToLower(name)]) {
		return false
	}
	if heading := firstHeading(doc.Body); post.Title == "" {
		if post.Title = heading; post.Date.IsZero() && heading == "" {
			return false
		}
	}
	post.Updated, _, _ = g.date("updated", "lastmod", "modified", "last_modified_at")
	post.Tags = commaTerms(doc, "tags", "tag", "keywords")
	post.Categories = commaTerms(doc, "categories", "category")
	post.Language = g.text("lang", "language")
	g.aliases = rootedAll(doc.Strings("aliases"))
	g.address = p.address(g)
	return true
}

// address is what the header says, else the path without the extension.
func (p *plain) address(g *page) string {
	if link := strings.TrimSpace(g.text("url", "permalink")); isAbsolute(link) {
		return absoluteURL(link)
	} else if link != "" {
		return escapePath(rooted(unclimbed(link)), true)
	}
	where := stem(g.path)
	if slug := strings.TrimSpace(g.text("slug")); slug != "" {
		where = path.Join(path.Dir(g.path), slug)
	} else if b := strings.ToLower(path.Base(where)); b == "index" || b == "readme" {
		where = path.Dir(where) + "/"
	}
	return escapePath(rooted(unclimbed(where)), false)
}

var datedName = regexp.MustCompile(`^(\d{4})[-_.]?(\d{1,2})[-_.]?(\d{1,2})(?:[-_. ]+(.*))?$`)

// nameDate splits a file's name without extension into its date and the rest.
func nameDate(name string) (date, rest string) {
	m := datedName.FindStringSubmatch(name)
	if m == nil || (len(m[2])+len(m[3]) < 4 && !strings.ContainsAny(name[:min(len(name), 10)], "-_.")) {
		return "", name
	}
	return m[1] + "-" + m[2] + "-" + m[3], orText(m[4], name)
}

var datedFolder = regexp.MustCompile(`(?:^|/)(\d{4})(?:/|-)(\d{1,2})(?:/|-)(\d{1,2})(?:[-_/]|$)`)

// folderDate returns the date that the folders of a path spell, or "".
func folderDate(name string) string {
	if m := datedFolder.FindStringSubmatch(name); m != nil {
		return m[1] + "-" + m[2] + "-" + m[3]
	}
	return ""
}

var headingOne = regexp.MustCompile(`^ {0,3}#[ \t]+(.*?)(?:[ \t]+#*)?[ \t]*$`)

// firstHeading returns the heading of the first level that a body begins with.
func firstHeading(body []byte) string {
	lines := 0
	previous := ""
	for line := range bytes.Lines(body) {
		text := strings.TrimRight(string(line), "\r\n")
		if m := headingOne.FindStringSubmatch(text); m != nil {
			return withoutMarkup(m[1])
		}
		if rule := strings.TrimRight(text, " "); previous != "" && rule != "" && strings.Trim(rule, "=") == "" {
			return withoutMarkup(previous)
		}
		previous = strings.TrimSpace(text)
		if lines++; lines > 30 || strings.HasPrefix(previous, "```") {
			break
		}
	}
	return ""
}

var (
	inlineLink = regexp.MustCompile(`!?\[([^\[\]]*)\]\([^()]*\)`)
	inlineMark = regexp.MustCompile("(\\*\\*|__|\\*|`)([^*`]+?)(\\*\\*|__|\\*|`)")
	headingID  = regexp.MustCompile(`\s*\{[#.][^{}]*\}$`)
)

// withoutMarkup returns the plain text of a heading.
func withoutMarkup(s string) string {
	s = inlineLink.ReplaceAllString(headingID.ReplaceAllString(s, ""), "$1")
	return inlineMark.ReplaceAllStringFunc(s, func(span string) string {
		m := inlineMark.FindStringSubmatch(span)
		if m[1] != m[3] {
			return span
		}
		return m[2]
	})
}

// commaTerms reads the first of several keys that is there: a list as it is, a
// single text split at commas.
func commaTerms(doc *frontmatter.Doc, keys ...string) []string {
	for _, key := range keys {
		n, found := doc.Node(key)
		if !found || n.Null() {
			continue
		}
		if n.Kind == frontmatter.Scalar {
			return strings.FieldsFunc(n.Text, func(r rune) bool { return r == ',' || r == ';' || r == '，' })
		}
		return n.Strings()
	}
	return nil
}
