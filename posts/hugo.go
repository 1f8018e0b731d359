package posts

import (
	"path"
	"regexp"
	"slices"
	"strings"
	"time"

	"tidings.example/posts/frontmatter"
	"tidings.example/posts/markdown"
)

// hugo reads sites of Hugo: the pages of the main sections, which are those
// that mainSections names, else the section with most pages.
type hugo struct {
	d    *Directory
	conf settings // keys in lower case

	mounts       []hugoMount
	languages    map[string]hugoLanguage
	disabled     map[string]bool
	defaultLang  string
	inSubdir     bool
	lower        bool // paths are lower-cased
	noAccents    bool
	mainSections []string
	patterns     map[string]string // of pages by section
	targets      []any             // the other form of permalinks
	order        map[string][]string
	ignored      []*regexp.Regexp

	bundles  map[string]bool // folders of leaf bundles, with a slash
	branches map[string]bool // folders with an _index file, below content
	cascades map[string][]settings
	counts   map[string]int
}

// hugoPage is where a page stands in the content.
type hugoPage struct {
	rel     string // path below content as it is mounted
	lang    string
	dir     string // of the page (of a bundle: its parent) with a slash, or ""
	name    string // without extension and language; of a bundle its folder's
	section string // first folder, or ""
	bundle  bool
	branch  bool // describes a section
}

func newHugo(d *Directory) (rules, siteFacts, error) {
	conf, err := hugoSettings(d)
	if err != nil {
		return nil, siteFacts{}, err
	}
	h := &hugo{d: d, conf: conf, bundles: map[string]bool{}, branches: map[string]bool{}, cascades: map[string][]settings{}, counts: map[string]int{}}
	h.configure()
	if err := h.survey(); err != nil {
		return nil, siteFacts{}, err
	}
	f := siteFacts{fixedZone: "UTC", Site: Site{Title: cleanTitle(conf.text("title")), URL: conf.text("baseurl"), TimeZone: conf.text("timezone"),
		Description: cleanTitle(conf.text("params", "description")),
		Author:      siteAuthor(orText(conf.text("params", "author", "name"), conf.text("params", "author")), conf.text("params", "author", "email"))}}
	if _, err := time.LoadLocation(f.TimeZone); err != nil {
		f.TimeZone = ""
	}
	main := conf.table("languages", h.defaultLang)
	f.Title = orText(f.Title, cleanTitle(main.text("title")))
	f.Language = orText(conf.text("locale"), orText(conf.text("languagecode"), h.languages[h.defaultLang].tag))
	if f.Language == "" && conf.text("defaultcontentlanguage") != "" {
		f.Language = h.defaultLang
	}
	return h, f, nil
}

func (h *hugo) dialect() markdown.Dialect { return markdown.Hugo }

func (h *hugo) header([]byte) frontmatter.Options { return frontmatter.Options{FoldKeys: true} }

func (h *hugo) enter(dir string) bool {
	for _, m := range h.mounts {
		if strings.HasPrefix(dir+"/", m.dir) || strings.HasPrefix(m.dir, dir+"/") {
			return m.dir != "" || !builtFolder(dir)
		}
	}
	return false
}

// place tells where a file stands, false when it is not in the content.
func (h *hugo) place(name string) (hugoPage, bool) {
	best := -1
	for i, m := range h.mounts {
		if strings.HasPrefix(name, m.dir) && (best < 0 || len(m.dir) > len(h.mounts[best].dir)) {
			best = i
		}
	}
	if best < 0 {
		return hugoPage{}, false
	}
	m := h.mounts[best]
	g := hugoPage{rel: m.prefix + name[len(m.dir):], lang: orText(m.lang, h.defaultLang)}
	var file string
	g.dir, file = path.Split(g.rel)
	g.name = base(file)
	if plain, lang, ok := cutLast(g.name, "."); ok {
		if _, known := h.languages[strings.ToLower(lang)]; known || strings.ToLower(lang) == h.defaultLang {
			g.name, g.lang = plain, strings.ToLower(lang)
		}
	}
	switch g.name {
	case "_index":
		g.branch = true
	case "index":
		g.bundle = true
		g.name = path.Base("/" + strings.TrimSuffix(g.dir, "/"))
		g.dir = parentDir(g.dir)
	}
	g.section, _, _ = strings.Cut(g.dir, "/")
	return g, true
}

func cutLast(s, sep string) (before, after string, found bool) {
	if i := strings.LastIndex(s, sep); i > 0 {
		return s[:i], s[i+len(sep):], true
	}
	return s, "", false
}

// page tells whether a file is a regular page by its name and place alone.
func (h *hugo) page(name string) (hugoPage, bool) {
	if !isText(name) && !isForeign(name) {
		return hugoPage{}, false
	}
	g, ok := h.place(name)
	if !ok || g.branch || h.disabled[g.lang] || h.inBundle(name, g.bundle) {
		return g, false
	}
	for _, re := range h.ignored {
		if re.MatchString(name) {
			return g, false
		}
	}
	return g, true
}

// inBundle tells the files that belong to a leaf bundle: its resources, and
// whatever lies below its folder.
func (h *hugo) inBundle(name string, index bool) bool {
	dir, _ := path.Split(name)
	if index {
		dir = parentDir(dir)
	}
	for dir != "" {
		if h.bundles[dir] {
			return true
		}
		dir = parentDir(dir)
	}
	return false
}

func (h *hugo) admit(name string) bool {
	g, ok := h.page(name)
	if !ok {
		return false
	}
	// type: in the header or in a cascade can bring a page of another section
	// into a main one; whether it does is seen when it is read.
	return len(h.d.o.Include) > 0 || h.main(g.section) || h.typed(g)
}

func (h *hugo) main(section string) bool {
	return slices.Contains(h.mainSections, strings.ToLower(section))
}

// typed tells whether a cascade gives the page the type of a main section.
func (h *hugo) typed(g hugoPage) bool {
	t := h.cascaded(g).text("type")
	return t != "" && h.main(t)
}

func (h *hugo) fill(p *page) bool {
	g, _ := h.place(p.path)
	post, doc := p.post, &p.doc
	cascade := h.cascaded(g)
	if t := doc.Text("type"); t != "" && !h.main(t) && len(h.d.o.Include) == 0 && h.main(g.section) && (t == "page" || t == "redirect") {
		return false
	}
	post.Title = doc.Text("title")
	if post.Title == "" {
		post.Title = doc.Text("linktitle")
	}
	post.Language = orText(h.languages[g.lang].tag, "")
	fileSlug := h.dates(p, g)
	post.Slug = orText(strings.TrimSpace(doc.Text("slug")), orText(fileSlug, g.name))
	tags, categories := h.taxonomy("tag", "tags"), h.taxonomy("category", "categories")
	post.Tags = doc.Strings(tags)
	post.Categories = append(doc.Strings(categories), doc.Strings("category")...)
	if len(post.Categories) == 0 {
		post.Categories = cascade.list(categories)
	}
	if len(post.Tags) == 0 {
		post.Tags = cascade.list(tags)
	}
	post.Summary = p.text("summary", "description", "excerpt")
	h.state(p, cascade)
	p.address = h.address(p, g, fileSlug)
	for _, alias := range doc.Strings("aliases") {
		if alias = strings.TrimSpace(alias); alias != "" && !isAbsolute(alias) && alias[0] != '/' {
			alias = path.Join(path.Dir(strings.TrimSuffix(p.address, "/")), alias)
		}
		p.aliases = append(p.aliases, rootedAll([]string{alias})...)
	}
	return true
}

// taxonomy returns the key of a taxonomy, which a site can rename.
func (h *hugo) taxonomy(singular, byDefault string) string {
	return strings.ToLower(orText(h.conf.text("taxonomies", singular), byDefault))
}

// state reads what keeps a page from being listed.
func (h *hugo) state(p *page, cascade settings) {
	if _, set := p.doc.Fields["draft"]; !set && cascade.truth(false, "draft") {
		p.post.Declared = Draft
	}
	if v, _ := p.doc.Bool("headless"); v {
		p.post.Declared = Hidden
	}
	for _, key := range []string{"build", "_build"} {
		for _, option := range []string{"list", "render"} {
			value := p.doc.Text(key, option)
			if value == "" {
				value = cascade.text(key, option)
			}
			if value = strings.ToLower(value); value == "never" || value == "false" || value == "link" || value == "local" {
				p.post.Declared = Hidden
			}
		}
	}
}

// dates reads the four dates by the order of keys that the site sets; fileSlug
// is the slug that :filename found.
func (h *hugo) dates(p *page, g hugoPage) (fileSlug string) {
	post := p.post
	post.Date, fileSlug = h.dateBy(p, g, "date")
	var slug string
	if post.Updated, slug = h.dateBy(p, g, "lastmod"); post.Updated.Equal(post.Date) {
		post.Updated = time.Time{}
	}
	fileSlug = orText(fileSlug, slug)
	post.NotBefore, _ = h.dateBy(p, g, "publishdate")
	post.Expires, _ = h.dateBy(p, g, "expirydate")
	if post.Date.IsZero() && len(p.problems) == 0 {
		p.undated("Hugo")
	}
	p.problems = onlyOnce(p.problems)
	return fileSlug
}

func (h *hugo) dateBy(p *page, g hugoPage, which string) (t time.Time, slug string) {
	for _, key := range h.order[which] {
		switch key {
		case ":filename":
			if date, rest := nameDate(g.name); date != "" {
				if t, ok := civilText(date, p.d.zone); ok {
					if rest == g.name {
						rest = ""
					}
					return t, rest
				}
			}
		case ":git", ":filemodtime", ":modtime", ":default":
			// A copy or a clone changes them: they say nothing of the post.
		default:
			if t, _, ok := p.date(key); ok {
				return t, ""
			}
		}
	}
	return time.Time{}, ""
}

// onlyOnce drops problems that were told before: one key serves several dates.
func onlyOnce(all []Problem) (kept []Problem) {
	for _, q := range all {
		if !slices.Contains(kept, q) {
			kept = append(kept, q)
		}
	}
	return kept
}
