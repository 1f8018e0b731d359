package posts

import (
	"path"
	"regexp"
	"slices"
	"strings"

	"tidings.example/posts/frontmatter"
	"tidings.example/posts/markdown"
)

// zola reads sites of Zola: every page below content, but no section.
type zola struct {
	d         *Directory
	conf      settings
	anywhere  bool // any folder called content holds pages: there is no configuration
	flat      bool // and there is none: the root holds the pages
	language  string
	languages []string
	slugify   string // on, safe, off
	keepDates bool
	ignored   []string
	drafts    map[string]bool // folders of draft sections: Zola skips them whole
}

func newZola(d *Directory) (rules, siteFacts, error) {
	z := &zola{d: d, slugify: "on", drafts: map[string]bool{}}
	conf, name, err := d.decodeFirst("config.toml", "zola.toml")
	if err != nil {
		return nil, siteFacts{}, err
	}
	z.conf = conf
	z.anywhere = name == "" && !d.has("content")
	z.flat = z.anywhere && !z.hasContent()
	z.language = orText(conf.text("default_language"), "en")
	for code := range conf.table("languages") {
		z.languages = append(z.languages, code)
	}
	slices.Sort(z.languages)
	// Until 0.11 there was one switch for all.
	if !conf.truth(true, "slugify_paths") {
		z.slugify = "safe"
	}
	z.slugify = orText(conf.text("slugify", "paths"), z.slugify)
	z.keepDates = conf.truth(false, "slugify", "paths_keep_dates")
	for _, glob := range conf.list("ignored_content") {
		if checkGlob(glob) == nil {
			z.ignored = append(z.ignored, glob)
		}
	}
	if err := z.survey(); err != nil {
		return nil, siteFacts{}, err
	}
	f := siteFacts{fixedZone: "UTC", Site: Site{Title: cleanTitle(conf.text("title")), Description: cleanTitle(conf.text("description")),
		URL: conf.text("base_url"), Author: siteAuthor(conf.text("author"), "")}}
	if conf.text("default_language") != "" {
		f.Language = z.language
	}
	return z, f, nil
}

// survey reads the sections, of which a draft hides everything below it.
func (z *zola) survey() error {
	return z.d.survey(z.enter, isSection, func(name string) {
		b, err := z.d.read(name)
		if err != nil || b == nil {
			return
		}
		doc, _ := frontmatter.Parse(b, frontmatter.Options{})
		if draft, known := doc.Bool("draft"); known && draft {
			z.drafts[path.Dir(name)+"/"] = true
		}
	})
}

// isSection tells the files that describe a section: _index.md, _index.fr.md.
func isSection(name string) bool {
	file := path.Base(name)
	return strings.HasPrefix(file, "_index.") && isText(file)
}

func (z *zola) dialect() markdown.Dialect { return markdown.Zola }

func (z *zola) header([]byte) frontmatter.Options { return frontmatter.Options{} }

// content returns the part of a path below the folder of the content.
func (z *zola) content(name string) (rest string, ok bool) {
	if rest, ok = strings.CutPrefix(name, "content/"); ok || !z.anywhere {
		return rest, ok
	}
	if _, rest, ok = strings.Cut(name, "/content/"); ok {
		return rest, true
	}
	return name, z.flat
}

// hasContent tells whether a folder called content is anywhere near the top.
func (z *zola) hasContent() bool {
	entries, _ := readDir(z.d.path)
	for _, e := range entries {
		if e.IsDir() && z.d.has(path.Join(e.Name(), "content")) {
			return true
		}
	}
	return false
}

func (z *zola) enter(dir string) bool {
	if z.anywhere {
		return !builtFolder(dir)
	}
	return dir == "content" || strings.HasPrefix(dir, "content/")
}

func (z *zola) admit(name string) bool {
	rest, ok := z.content(name)
	if !ok || !strings.EqualFold(path.Ext(name), ".md") || isSection(name) {
		return false
	}
	return len(z.ignored) == 0 || !(matchAny(z.ignored, rest) || matchAny(z.ignored, path.Base(name)))
}

// zolaDate is a date at the head of a file's or folder's name.
var zolaDate = regexp.MustCompile(`^(\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])(?:T(?:[01][0-9]|2[0-3]):[0-5][0-9]:(?:[0-5][0-9]|60)(?:\.[0-9]+)?(?:Z|[+-](?:[01][0-9]|2[0-3]):[0-5][0-9]))?)(?:\s?[_-](.+))?$`)

func (z *zola) fill(p *page) bool {
	post, doc := p.post, &p.doc
	rest, _ := z.content(p.path)
	dir, file := path.Split(rest)
	name, lang := z.split(base(file))
	title := strings.TrimSpace(doc.Text("title"))
	if doc.Format == frontmatter.None || (title == "" && doc.Text("template") != "" && doc.Text("date") == "") {
		return false // Zola refuses the one, and the other is a page of a template
	}
	post.Title = doc.Text("title")
	post.Language = lang
	named := name
	bundle := name == "index" && dir != ""
	if bundle {
		named = path.Base(strings.TrimSuffix(dir, "/"))
		dir = parentDir(dir)
	}
	slug, date := named, ""
	if m := zolaDate.FindStringSubmatch(named); m != nil {
		date = m[1]
		if m[2] != "" && !z.keepDates {
			slug = m[2]
		}
	}
	if s := doc.Text("slug"); s != "" {
		slug = s
	}
	post.Updated, _, _ = p.date("updated")
	told := len(p.problems)
	z.date(p, date)
	if post.Date.IsZero() && pageNames[strings.ToLower(named)] {
		p.misdated(told)
		return false
	}
	if z.inDraft(p.path) {
		post.Declared = Draft
	}
	zolaTerms(p)
	p.aliases = rootedAll(doc.Strings("aliases"))
	post.Slug = slug
	p.address = z.address(p, dir, slug, lang, name == "index" && !bundle)
	return true
}

// zolaTerms reads tags and categories of the taxonomies, and where Zola had
// them before there were taxonomies.
func zolaTerms(p *page) {
	post, doc := p.post, &p.doc
	post.Tags = doc.Strings("taxonomies", "tags")
	if len(post.Tags) == 0 {
		post.Tags = doc.Strings("tags")
	}
	post.Categories = doc.Strings("taxonomies", "categories")
	if len(post.Categories) == 0 {
		post.Categories = append(doc.Strings("categories"), doc.Strings("category")...)
	}
}

// parentDir returns the folder that a folder with a slash at its end lies in.
func parentDir(dir string) string {
	up, _ := path.Split(strings.TrimSuffix(dir, "/"))
	return up
}

// split separates the language from a file's name without extension.
func (z *zola) split(name string) (plain, lang string) {
	plain, lang, found := strings.Cut(name, ".")
	if !found || len(z.languages) == 0 {
		return name, z.language
	}
	if lang == z.language {
		return name, z.language // as Zola does: the code stays part of the name
	}
	if slices.Contains(z.languages, lang) {
		return plain, lang
	}
	return name, z.language
}

func (z *zola) inDraft(name string) bool {
	for dir := range z.drafts {
		if strings.HasPrefix(name, dir) {
			return true
		}
	}
	return false
}

var zolaPathDate = regexp.MustCompile(`^/?(\d{4})/(\d{1,2})/(\d{1,2})(?:/|$)`)

// date reads the header's date, else that of the name, else the one that path spells.
func (z *zola) date(p *page, named string) {
	if t, _, ok := p.date("date"); ok {
		p.post.Date = t
		return
	}
	if t, ok := civilText(named, p.d.zone); ok {
		p.post.Date = t
		return
	}
	if m := zolaPathDate.FindStringSubmatch(strings.TrimSpace(p.doc.Text("path"))); m != nil {
		p.post.Date, _ = civil(m[1], m[2], m[3], p.d.zone)
	}
}

// address makes the page's path as Zola's Page::parse does.
func (z *zola) address(p *page, dir, slug, lang string, root bool) string {
	if render, known := p.doc.Bool("render"); known && !render {
		p.noURL("render = false gives it no page of its own; remove that, or set draft = true to keep it out")
		return ""
	}
	address := strings.TrimSpace(p.doc.Text("path"))
	if address == "" {
		part, ok := z.slug(slug)
		if !ok {
			p.noURL("Zola transliterates %q by a table of its own; write slug = or path = into the header, or set slugify.paths = \"safe\"", slug)
			return ""
		}
		address = dir + part
		if root && dir == "" {
			address = ""
		}
		if lang != z.language {
			address = lang + "/" + address
		}
	}
	if !strings.HasSuffix(address, "/") {
		address += "/"
	}
	return escapePath(rooted(unclimbed(address)), true)
}

func (z *zola) slug(s string) (string, bool) {
	switch z.slugify {
	case "safe":
		return strings.Map(func(r rune) rune {
			if strings.ContainsRune(`<>:"/\|?*`, r) {
				return -1
			}
			return r
		}, strings.TrimRight(s, " .")), true
	case "off":
		return s, true
	}
	return asciiSlug(s)
}
