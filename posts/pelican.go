package posts

import (
	"bytes"
	"fmt"
	"path"
	"regexp"
	"strings"
	"time"

	"tidings.example/posts/frontmatter"
	"tidings.example/posts/markdown"
)

// pelican reads sites of Pelican: the articles below PATH, apart from pages.
type pelican struct {
	d        *Directory
	conf     settings
	content  string // PATH with a slash, or ""
	articles []string
	excludes []string
	fileMeta *regexp.Regexp
	pathMeta *regexp.Regexp
	subs     []pelicanSub
	language string
}

type pelicanSub struct {
	re *regexp.Regexp
	by string
}

func newPelican(d *Directory) (rules, siteFacts, error) {
	p := &pelican{d: d, conf: settings{}}
	for _, name := range []string{"pelicanconf.py", "publishconf.py"} {
		b, err := d.read(name)
		if err != nil {
			return nil, siteFacts{}, err
		}
		// What is published is built with publishconf.py, which imports the other.
		for key, value := range pyAssignments(string(b)) {
			if t, isText := value.(string); key == "SITEURL" && isText && t == "" {
				continue
			}
			p.conf[key] = value
		}
	}
	content := orText(p.conf.text("PATH"), "content")
	if !d.has(content) && !d.has("pelicanconf.py") {
		content = ""
	}
	p.content = folderOf(content)
	if err := p.configure(); err != nil {
		return nil, siteFacts{}, err
	}
	c := p.conf
	f := siteFacts{fixedZone: "UTC", Site: Site{Title: cleanTitle(c.text("SITENAME")), Description: cleanTitle(c.text("SITESUBTITLE")),
		URL: c.text("SITEURL"), TimeZone: c.text("TIMEZONE"), Language: c.text("DEFAULT_LANG"), Author: siteAuthor(c.text("AUTHOR"), "")}}
	return p, f, nil
}

func (p *pelican) configure() error {
	c := p.conf
	p.language = strings.ToLower(orText(c.text("DEFAULT_LANG"), "en"))
	p.articles = c.list("ARTICLE_PATHS")
	p.excludes = c.list("ARTICLE_EXCLUDES")
	if _, set := c["PAGE_PATHS"]; set {
		p.excludes = append(p.excludes, c.list("PAGE_PATHS")...)
	} else {
		p.excludes = append(p.excludes, "pages")
	}
	var err error
	if p.fileMeta, err = pyRegexp(orText(c.text("FILENAME_METADATA"), `(?P<date>\d{4}-\d{2}-\d{2}).*`)); err != nil {
		p.d.tell(Problem{Path: "pelicanconf.py", Message: "FILENAME_METADATA cannot be read here: " + err.Error(), Warning: true})
	}
	if c.text("PATH_METADATA") != "" {
		if p.pathMeta, err = pyRegexp(c.text("PATH_METADATA")); err != nil {
			p.d.tell(Problem{Path: "pelicanconf.py", Message: "PATH_METADATA cannot be read here: " + err.Error(), Warning: true})
		}
	}
	p.substitutions()
	return nil
}

// pyRegexp compiles a regular expression of Python that matches at the start.
func pyRegexp(expr string) (*regexp.Regexp, error) {
	return regexp.Compile(`^(?:` + pyExpr(expr) + `)`)
}

// pyExpr writes a regular expression for texts of Python, where \w and \s are
// those of Unicode.
func pyExpr(expr string) string {
	expr = strings.NewReplacer(`(?u)`, ``, `\Z`, `\z`).Replace(expr)
	var b strings.Builder
	inClass := false
	for i := 0; i < len(expr); i++ {
		c := expr[i]
		if c != '\\' || i+1 == len(expr) {
			if c == '[' {
				inClass = true
			} else if c == ']' {
				inClass = false
			}
			b.WriteByte(c)
			continue
		}
		i++
		words := map[byte]string{'w': `\p{L}\p{M}\p{N}_`, 's': `\s\x{85}\x{a0}\x{3000}\p{Z}`}[expr[i]]
		switch {
		case words == "":
			b.WriteString(expr[i-1 : i+1])
		case inClass:
			b.WriteString(words)
		default:
			b.WriteString("[" + words + "]")
		}
	}
	return b.String()
}

func (p *pelican) dialect() markdown.Dialect { return markdown.Pelican }

func (p *pelican) header(data []byte) frontmatter.Options {
	return frontmatter.Options{Pelican: true}
}

func (p *pelican) enter(dir string) bool {
	if !strings.HasPrefix(dir+"/", p.content) {
		return strings.HasPrefix(p.content, dir+"/")
	}
	rel := strings.TrimPrefix(dir+"/", p.content)
	if p.content == "" && builtFolder(dir) {
		return false
	}
	return !underAny(rel, p.excludes)
}

// underAny tells whether a path with a slash at its end lies in one of the folders.
func underAny(rel string, folders []string) bool {
	for _, f := range folders {
		if f = folderOf(f); f != "" && strings.HasPrefix(rel, f) {
			return true
		}
	}
	return false
}

func (p *pelican) admit(name string) bool {
	rel, ok := strings.CutPrefix(name, p.content)
	if !ok || underAny(rel, p.excludes) {
		return false
	}
	if len(p.articles) > 0 && !contains(p.articles, "") && !contains(p.articles, ".") && !underAny(rel, p.articles) {
		return false
	}
	ext := strings.ToLower(strings.TrimPrefix(path.Ext(name), "."))
	if reader, set := p.conf.table("READERS")[ext]; set && reader == nil {
		return false // the owner switched its reader off
	}
	return isText(name) || isForeign(name)
}

func (p *pelican) fill(g *page) bool {
	post, doc := g.post, &g.doc
	meta := p.meta(g)
	post.Title = doc.Text("title")
	post.Language = orText(doc.Text("lang"), meta["lang"])
	switch status := strings.ToLower(orText(strings.TrimSpace(doc.Text("status")), p.conf.text("DEFAULT_METADATA", "status"))); status {
	case "draft":
		post.Declared = Draft
	case "hidden":
		post.Declared = Hidden
	case "skip":
		return false
	}
	if !p.dates(g, meta) {
		return false
	}
	post.Tags = pelicanList(g, "tags", "tag", "keywords")
	category := orText(doc.Text("category"), meta["category"])
	if category != "" {
		post.Categories = []string{category}
	}
	post.Authors = p.authors(g)
	g.address = p.address(g, meta, orText(category, orText(p.conf.text("DEFAULT_CATEGORY"), "misc")))
	return true
}

// meta reads what the file's name and folders tell.
func (p *pelican) meta(g *page) map[string]string {
	rel := strings.TrimPrefix(g.path, p.content)
	meta := map[string]string{}
	take := func(re *regexp.Regexp, text string) {
		if re == nil {
			return
		}
		m := re.FindStringSubmatch(text)
		for i, name := range re.SubexpNames() {
			if m != nil && name != "" && m[i] != "" && meta[strings.ToLower(name)] == "" {
				meta[strings.ToLower(name)] = m[i]
			}
		}
	}
	take(p.fileMeta, base(rel))
	take(p.pathMeta, rel)
	if dir := path.Base(path.Dir("/" + rel)); meta["category"] == "" && dir != "/" && p.conf.truth(true, "USE_FOLDER_AS_CATEGORY") {
		meta["category"] = dir
	}
	return meta
}

// dates reads the date; an article without one is none to Pelican.
func (p *pelican) dates(g *page, meta map[string]string) bool {
	post := g.post
	post.Updated, _, _ = g.date("modified", "updated")
	t, _, ok := g.date("date")
	if !ok && meta["date"] != "" {
		t, ok = civilText(strings.NewReplacer("_", "-", "/", "-").Replace(meta["date"]), g.d.zone)
	}
	if parts := p.conf.list("DEFAULT_DATE"); !ok && len(parts) >= 3 {
		t, ok = civil(parts[0], parts[1], parts[2], g.d.zone)
	}
	if !ok && p.conf.text("DEFAULT_DATE") == "fs" {
		g.undated("Pelican")
		return true
	}
	if !ok && (post.Declared == Published || post.Declared == "") {
		if g.doc.Format != frontmatter.None && len(bytes.TrimSpace(g.doc.Body)) > 0 && post.Title != "" {
			g.problems = append(g.problems, Problem{Path: g.path, Line: g.doc.Lines["date"], Message: undatedArticle(g.doc.Text("date"))})
		}
		return false
	}
	post.Date = t
	if name := strings.TrimSpace(g.doc.Text("timezone")); name != "" && ok {
		if zone, err := time.LoadLocation(name); err == nil {
			if in, _, err := frontmatter.ParseTime(g.doc.Text("date"), zone); err == nil {
				post.Date = in
			}
		}
	}
	return true
}

// undatedArticle says why an article has no date.
func undatedArticle(date string) string {
	if date = strings.TrimSpace(date); date != "" {
		return fmt.Sprintf("date %q is not a date, and Pelican leaves the article out: write Date: 2006-01-02 15:04", date)
	}
	return "has no date, and Pelican leaves it out: write Date: 2006-01-02 15:04 into its header"
}

// pelicanList reads a list in a line, parted by semicolons if there are any,
// else by commas.
func pelicanList(g *page, keys ...string) []string {
	for _, key := range keys {
		n, found := g.doc.Node(key)
		if !found || n.Null() {
			continue
		}
		if n.Kind != frontmatter.Scalar {
			return n.Strings()
		}
		if strings.Contains(n.Text, ";") {
			return strings.Split(n.Text, ";")
		}
		return strings.Split(n.Text, ",")
	}
	return nil
}

func (p *pelican) authors(g *page) (authors []Author) {
	for _, name := range pelicanList(g, "authors", "author") {
		if a, ok := author(name); ok {
			authors = append(authors, a)
		}
	}
	return authors
}
