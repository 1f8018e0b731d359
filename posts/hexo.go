package posts

import (
	"path"
	"regexp"
	"strings"
	"time"

	"tidings.example/posts/frontmatter"
	"tidings.example/posts/markdown"
)

// hexo reads sites of Hexo: source/_posts and source/_drafts, permalinks as
// hexo/lib/plugins/filter/post_permalink makes them.
type hexo struct {
	d       *Directory
	conf    settings
	posts   []string // folders with posts, each with a slash at its end; "" is the root
	drafts  string
	source  string // source_dir with a slash
	skip    []string
	nameExt string // of new_post_name, where post_asset_folder limits posts to it
	name    *hexoPattern
	link    string
	assets  bool
	secret  map[string]bool // tags whose posts hexo-blog-encrypt locks
}

func newHexo(d *Directory) (rules, siteFacts, error) {
	conf, _, err := d.decodeFirst("_config.yml", "_config.yaml", "_config.json")
	if err != nil {
		return nil, siteFacts{}, err
	}
	site := conf != nil
	if !site {
		conf = settings{}
	}
	h := &hexo{d: d, conf: conf, link: conf.text("permalink")}
	if h.link == "" {
		h.link = ":year/:month/:day/:title/"
	}
	h.source = strings.Trim(path.Clean(orText(conf.text("source_dir"), "source")), "/") + "/"
	h.folders(site)
	for _, key := range []string{"skip_render", "ignore"} {
		for _, glob := range conf.list(key) {
			if checkGlob(glob) == nil {
				h.skip = append(h.skip, glob)
			}
		}
	}
	newName := orText(conf.text("new_post_name"), ":title.md")
	h.name = parseHexoPattern(stem(newName))
	if h.assets = conf.truth(false, "post_asset_folder"); h.assets {
		h.nameExt = path.Ext(newName)
	}
	h.secret = map[string]bool{}
	if tags, ok := conf.table("encrypt")["tags"].([]any); ok {
		for _, tag := range tags {
			if m, ok := asMap(tag); ok && m.text("password") != "" {
				h.secret[m.text("name")] = true
			}
		}
	}
	return h, h.facts(), nil
}

// folders finds where the posts are. A folder that is no site and has no
// source/_posts is taken as the posts' own; a site without it has no posts: a
// bad checkout must not make articles of its README files.
func (h *hexo) folders(site bool) {
	for _, dir := range []string{h.source + "_posts", "_posts"} {
		// Lstat: a link that leaves the root is told by the walk.
		if info, err := h.d.root.Lstat(dir); err == nil && !info.Mode().IsRegular() {
			h.posts = []string{dir + "/"}
			h.drafts = path.Dir(dir) + "/_drafts/"
			if path.Dir(dir) == "." {
				h.drafts = "_drafts/"
			}
			return
		}
	}
	h.posts, h.drafts = []string{""}, "_drafts/"
	if site {
		h.posts, h.drafts = []string{h.source + "_posts/"}, h.source+"_drafts/"
	}
}

func (h *hexo) facts() siteFacts {
	c := h.conf
	f := siteFacts{Site: Site{Title: cleanTitle(c.text("title")), Description: cleanTitle(orText(c.text("description"), c.text("subtitle"))),
		TimeZone: c.text("timezone"), Author: siteAuthor(c.text("author"), c.text("email"))}}
	for _, lang := range c.list("language") {
		if f.Language = languageTag(lang); f.Language != "" {
			break
		}
	}
	f.URL = siteURL(c.text("url"))
	// Links on the site begin with root; where url forgot it, root is right.
	if root := strings.Trim(c.text("root"), "/"); root != "" && f.URL != "" && sitePath(f.URL) == "/" {
		f.URL += escapePath(root, true) + "/"
	}
	return f
}

func orText(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}

func (h *hexo) dialect() markdown.Dialect { return markdown.Hexo }

func (h *hexo) header(data []byte) frontmatter.Options { return frontmatter.Options{OpenFence: true} }

// under returns the part of a path below the posts or drafts, and which it is.
func (h *hexo) under(name string) (rest string, draft, ok bool) {
	if strings.HasPrefix(name, h.drafts) {
		return name[len(h.drafts):], true, true
	}
	for _, dir := range h.posts {
		if strings.HasPrefix(name, dir) {
			return name[len(dir):], false, true
		}
	}
	return "", false, false
}

func (h *hexo) enter(dir string) bool {
	dir += "/"
	if strings.HasPrefix(h.drafts, dir) {
		return true
	}
	for _, posts := range h.posts {
		if strings.HasPrefix(posts, dir) {
			return true
		}
	}
	rest, _, ok := h.under(dir)
	return ok && !hexoHidden(rest)
}

// hexoHidden tells paths with a part that begins with an underscore or a dot.
func hexoHidden(rest string) bool {
	for part := range strings.SplitSeq(rest, "/") {
		if part != "" && (part[0] == '_' || part[0] == '.') {
			return true
		}
	}
	return false
}

func (h *hexo) admit(name string) bool {
	rest, _, ok := h.under(name)
	if !ok || hexoHidden(rest) || !(isText(name) || isForeign(name)) {
		return false
	}
	if h.nameExt != "" && path.Ext(name) != h.nameExt {
		return false
	}
	return len(h.skip) == 0 || !matchAny(h.skip, strings.TrimPrefix(name, h.source))
}

func (h *hexo) fill(p *page) bool {
	post, doc := p.post, &p.doc
	rest, draft, _ := h.under(p.path)
	info := h.name.parse(stem(rest))
	if info == nil {
		info = map[string]string{}
	}
	if info["title"] == "" {
		info["title"] = hexoSlug(stem(rest), false)
	}
	post.Slug = info["title"]
	post.Title = doc.Text("title")
	if post.Title == "" && (h.conf.truth(false, "use_slug_as_post_title") || h.conf.truth(false, "use_filename_as_post_title")) {
		post.Title = post.Slug
	}
	if draft {
		post.Declared = Draft
	}
	h.dates(p, info)
	post.Tags = hexoTerms(doc, "tags", "tag")
	post.Categories = hexoTerms(doc, "categories", "category")
	post.Language = orText(p.text("lang", "language"), info["lang"])
	p.aliases = append(p.aliases, rootedAll(doc.Strings("alias"))...)
	p.aliases = append(p.aliases, rootedAll(doc.Strings("aliases"))...)
	for _, tag := range post.Tags {
		if _, set := doc.Fields["password"]; h.secret[tag] && !set {
			post.Declared = Protected
		}
	}
	p.address = h.address(p, info)
	return true
}

// rootedAll makes addresses from the site's root of what a header names.
func rootedAll(list []string) (all []string) {
	for _, s := range list {
		if s = strings.TrimSpace(s); isAbsolute(s) {
			all = append(all, s)
		} else if s != "" {
			all = append(all, escapePath(rooted(unclimbed(s)), true))
		}
	}
	return all
}

// dates reads date and updated; without a date the file name's is taken.
func (h *hexo) dates(p *page, info map[string]string) {
	p.post.Updated, _, _ = p.date("updated")
	if t, _, ok := p.date("date"); ok {
		p.post.Date = t
		return
	}
	month, day := orText(info["month"], info["i_month"]), orText(info["day"], info["i_day"])
	if t, ok := civil(info["year"], month, day, p.d.zone); ok {
		p.post.Date = t
		return
	}
	p.undated("Hexo")
}

// civilText returns the first instant of a day that is written 2006-1-2.
func civilText(date string, zone *time.Location) (time.Time, bool) {
	if date == "" {
		return time.Time{}, false
	}
	t, _, err := frontmatter.ParseTime(date, zone)
	return t, err == nil
}

// civil returns the first instant of a day that is written in figures.
func civil(year, month, day string, zone *time.Location) (time.Time, bool) {
	if year == "" || month == "" || day == "" {
		return time.Time{}, false
	}
	return civilText(year+"-"+month+"-"+day, zone)
}

// hexoTerms reads tags or categories: a single text is one term, lists in lists
// are hierarchies.
func hexoTerms(doc *frontmatter.Doc, plural, singular string) []string {
	n, found := doc.Node(plural)
	if !found || n.Null() || (n.Kind == frontmatter.Scalar && n.Text == "") {
		return doc.Strings(singular)
	}
	return n.Strings()
}

// hexoPattern is a rule of hexo-util's Permalink for parsing.
type hexoPattern struct {
	re   *regexp.Regexp
	keys []string
}

var hexoParam = regexp.MustCompile(`:(\w*[A-Za-z0-9])`)

var hexoSegments = map[string]string{"year": `(\d{4})`, "month": `(\d{2})`, "day": `(\d{2})`, "i_month": `(\d{1,2})`, "i_day": `(\d{1,2})`, "hash": `([0-9a-f]{12})`}

func parseHexoPattern(rule string) *hexoPattern {
	h := &hexoPattern{}
	last := 0
	var b strings.Builder
	b.WriteByte('^')
	for _, at := range hexoParam.FindAllStringSubmatchIndex(rule, -1) {
		b.WriteString(regexp.QuoteMeta(rule[last:at[0]]))
		key := rule[at[2]:at[3]]
		h.keys = append(h.keys, key)
		if segment, ok := hexoSegments[key]; ok {
			b.WriteString(segment)
		} else {
			b.WriteString(`(.+?)`)
		}
		last = at[1]
	}
	b.WriteString(regexp.QuoteMeta(rule[last:]) + "$")
	h.re, _ = regexp.Compile(b.String())
	return h
}

// parse returns the values of the keys, or nil when the path has another form.
func (h *hexoPattern) parse(name string) map[string]string {
	if h.re == nil {
		return nil
	}
	m := h.re.FindStringSubmatch(name)
	if m == nil {
		return nil
	}
	values := make(map[string]string, len(h.keys))
	for i, key := range h.keys {
		values[key] = m[i+1]
	}
	return values
}
