package posts

import (
	"path"
	"regexp"
	"sort"
	"strings"
	"time"

	"tidings.example/posts/frontmatter"
	"tidings.example/posts/markdown"
)

// jekyll reads sites of Jekyll: files in any _posts folder whose name begins
// with a date, and _drafts.
type jekyll struct {
	d       *Directory
	conf    settings
	base    string // the source folder with a slash, or ""
	known   bool   // base is sure: there is a _config.yml, or _posts in it
	loose   bool   // there is no _posts folder: dated files are posts wherever they are
	exclude []string
	include []string
	link    string
	style   []jekyllDefault
}

// jekyllDefault is one entry of defaults in the configuration.
type jekyllDefault struct {
	path, kind string
	values     settings
}

// jekyllBases are the folders that sites keep Jekyll's source in.
var jekyllBases = []string{"", "docs", "site", "src", "source", "website", "blog", "www", "web", "_source", "jekyll"}

func newJekyll(d *Directory) (rules, siteFacts, error) {
	j := &jekyll{d: d}
	if err := j.configure(); err != nil {
		return nil, siteFacts{}, err
	}
	if src := strings.Trim(path.Clean("/"+j.conf.text("source")), "/"); src != "" && d.has(path.Join(j.base, src)) {
		j.base = path.Join(j.base, src) + "/"
	}
	if j.conf != nil || d.has(j.base+"_posts") {
		j.known = true
	}
	if !j.known {
		top, found := j.topPosts()
		j.base, j.loose = top, !found
	}
	j.exclude = append(j.conf.list("exclude"), "vendor/bundle", "vendor/cache", "vendor/gems", "vendor/ruby", "node_modules")
	if dest := j.conf.text("destination"); dest != "" {
		j.exclude = append(j.exclude, strings.TrimPrefix(dest, "./"))
	}
	j.include = j.conf.list("include")
	j.link = jekyllStyle(orText(j.conf.text("collections", "posts", "permalink"), orText(j.conf.text("permalink"), "date")))
	j.defaults()
	if n := j.conf.text("limit_posts"); n != "" && n != "0" {
		d.tell(Problem{Path: j.base + "_config.yml", Message: "limit_posts is set, but all posts are read: remove it", Warning: true})
	}
	return j, j.facts(), nil
}

// configure finds and reads the configuration.
func (j *jekyll) configure() error {
	for _, dir := range jekyllBases {
		conf, _, err := j.d.decodeFirst(path.Join(dir, "_config.yml"), path.Join(dir, "_config.yaml"), path.Join(dir, "_config.toml"))
		if err != nil {
			return err
		}
		if conf != nil {
			j.conf = conf
			if dir != "" {
				j.base = dir + "/"
			}
			return nil
		}
	}
	return nil
}

// topPosts finds the folder that holds the topmost _posts.
func (j *jekyll) topPosts() (base string, found bool) {
	level := []string{""}
	for depth := 0; depth < 6 && len(level) > 0; depth++ {
		var next []string
		for _, dir := range level {
			entries, err := readDir(path.Join(j.d.path, dir))
			if err != nil {
				continue
			}
			for _, e := range entries {
				if e.IsDir() && e.Name() == "_posts" {
					return strings.TrimPrefix(dir+"/", "/"), true
				}
				if e.IsDir() && !ignoredName(e.Name()) {
					next = append(next, path.Join(dir, e.Name()))
				}
			}
		}
		level = next
	}
	return "", false
}

// defaults sorts the front matter defaults: the most specific one last.
func (j *jekyll) defaults() {
	list, _ := j.conf["defaults"].([]any)
	for _, item := range list {
		m, ok := asMap(item)
		if !ok {
			continue
		}
		kind := m.text("scope", "type")
		if kind != "" && kind != "posts" && kind != "post" && kind != "drafts" {
			continue
		}
		j.style = append(j.style, jekyllDefault{path: strings.Trim(m.text("scope", "path"), "/"), kind: kind, values: m.table("values")})
	}
	sort.SliceStable(j.style, func(a, b int) bool {
		x, y := j.style[a], j.style[b]
		if len(x.path) != len(y.path) {
			return len(x.path) < len(y.path)
		}
		return x.kind == "" && y.kind != ""
	})
}

func (j *jekyll) facts() siteFacts {
	c := j.conf
	f := siteFacts{Site: Site{Title: cleanTitle(orText(c.text("title"), c.text("name"))), Description: cleanTitle(c.text("description")),
		Language: orText(c.text("lang"), orText(c.text("locale"), c.text("language"))), TimeZone: c.text("timezone")}}
	f.Author = siteAuthor(orText(c.text("author"), c.text("author", "name")), orText(c.text("author", "email"), c.text("email")))
	if f.URL = siteURL(c.text("url")); f.URL != "" {
		if root := strings.Trim(c.text("baseurl"), "/"); root != "" {
			f.URL += escapePath(root, true) + "/"
		}
	}
	return f
}

func (j *jekyll) dialect() markdown.Dialect { return markdown.Jekyll }

// header accepts a missing opening fence, which real sites have and publish.
func (j *jekyll) header([]byte) frontmatter.Options { return frontmatter.Options{OpenFence: true} }

func (j *jekyll) enter(dir string) bool {
	if j.base != "" && !strings.HasPrefix(dir+"/", j.base) {
		return strings.HasPrefix(j.base, dir+"/")
	}
	rel := strings.TrimPrefix(dir, strings.TrimSuffix(j.base, "/"))
	rel = strings.TrimPrefix(rel, "/")
	if rel == "" {
		return true
	}
	if matchAny(j.include, rel) {
		return true
	}
	return !matchAny(j.exclude, rel) && j.open(rel)
}

// open tells whether no folder of a path keeps Jekyll out: one that begins with
// an underscore, _posts and _drafts apart, and the built site.
func (j *jekyll) open(rel string) bool {
	collections := strings.Trim(j.conf.text("collections_dir"), "/")
	within := false
	for part := range strings.SplitSeq(rel, "/") {
		switch {
		case part == "_posts" || part == "_drafts":
			within = true
		case part == collections:
		case part == "" || part[0] == '#' || part[0] == '~' || (part[0] == '_' && !within):
			return false
		}
	}
	return true
}

var jekyllName = regexp.MustCompile(`^(\d{2,4}-\d{1,2}-\d{1,2})-(.*)(\.[^.]+)$`)

func (j *jekyll) admit(name string) bool {
	if !strings.HasPrefix(name, j.base) || !(isText(name) || isForeign(name)) {
		return false
	}
	rel, ok := j.collection(name)
	if !ok {
		return false
	}
	file := path.Base(name)
	if file[0] == '_' || file[0] == '#' || file[0] == '~' || matchAny(j.exclude, rel) && !matchAny(j.include, rel) {
		return false
	}
	if j.loose {
		return jekyllName.MatchString(file)
	}
	_, special := jekyllSplit(rel)
	return special == "_drafts" || (special == "_posts" && jekyllName.MatchString(file))
}

// collection returns the path below the folder of the collections: with
// collections_dir nothing beside it is read, and it is no category.
func (j *jekyll) collection(name string) (rel string, ok bool) {
	rel = name[len(j.base):]
	if dir := strings.Trim(j.conf.text("collections_dir"), "/."); dir != "" {
		return strings.CutPrefix(rel, dir+"/")
	}
	return rel, true
}

// jekyllSplit splits a path at its first _posts or _drafts folder.
func jekyllSplit(rel string) (above []string, special string) {
	parts := strings.Split(rel, "/")
	for i, part := range parts[:len(parts)-1] {
		if part == "_posts" || part == "_drafts" {
			return parts[:i], part
		}
	}
	return nil, ""
}

func (j *jekyll) fill(p *page) bool {
	rel, _ := j.collection(p.path)
	above, special := jekyllSplit(rel)
	defaults := j.defaultsFor(rel)
	name := path.Base(p.path)
	slug, fileDate := base(name), ""
	if m := jekyllName.FindStringSubmatch(name); m != nil {
		fileDate, slug = m[1], m[2]
	}
	slug = strings.TrimRight(slug, ".")
	p.post.Slug = orText(strings.TrimSpace(p.doc.Text("slug")), slug)
	p.post.Title = orText(p.doc.Text("title"), orText(defaults.text("title"), titleFromSlug(slug)))
	if special == "_drafts" {
		p.post.Declared = Draft
	}
	if !j.date(p, fileDate) {
		return false
	}
	p.post.Updated, _, _ = p.date("last_modified_at", "updated", "modified_date")
	j.terms(p, above, defaults)
	p.post.Language = p.text("lang", "locale", "language")
	if p.post.Language == "" {
		p.post.Language = defaults.text("lang")
	}
	if _, set := p.doc.Fields["published"]; !set && !defaults.truth(true, "published") {
		p.post.Declared = Draft
	}
	if a, ok := author(defaults.text("author")); ok && len(authorsOf(&p.doc)) == 0 {
		p.post.Authors = []Author{a}
	}
	p.aliases = rootedAll(p.doc.Strings("redirect_from"))
	p.address = j.address(p, defaults, len(above) > 0)
	return true
}

// defaultsFor merges the defaults whose scope a post is in.
func (j *jekyll) defaultsFor(rel string) settings {
	if len(j.style) == 0 {
		return nil
	}
	merged := settings{}
	for _, s := range j.style {
		if s.path == "" || rel == s.path || strings.HasPrefix(rel, s.path+"/") || (strings.Contains(s.path, "*") && matchGlob(s.path, rel)) {
			for key, value := range s.values {
				merged[key] = value
			}
		}
	}
	return merged
}

// titleFromSlug is Jekyll's titleize_slug.
func titleFromSlug(slug string) string {
	words := strings.Split(slug, "-")
	for i, w := range words {
		r := []rune(strings.ToLower(w))
		if len(r) > 0 {
			r[0] = []rune(strings.ToUpper(string(r[0])))[0]
		}
		words[i] = string(r)
	}
	return strings.Join(words, " ")
}

var fullStamp = regexp.MustCompile(`^\d{4}-\d{1,2}-\d{1,2}([Tt]|[ \t]+)\d{1,2}:\d\d:\d\d(\.\d*)?$`)

// date reads the header's date, else the file name's. YAML reads a date with a
// full time of day and no offset as UTC, and so does Jekyll, whatever timezone
// says; a zone that the owner put in its place is meant for these too. It is
// false when the file's name is wrong and nothing takes its place.
func (j *jekyll) date(p *page, fileDate string) bool {
	t, _, ok := p.date("date")
	if ok && !p.d.o.ZoneOverride && fullStamp.MatchString(strings.TrimSpace(p.doc.Text("date"))) {
		if utc, _, err := frontmatter.ParseTime(p.doc.Text("date"), time.UTC); err == nil {
			t = utc
		}
	}
	if !ok && fileDate != "" {
		if len(fileDate) > 2 && fileDate[2] == '-' {
			fileDate = "20" + fileDate
		}
		if t, ok = civilText(fileDate, p.d.zone); !ok {
			p.problems = append(p.problems, Problem{Path: p.path, Message: "its name begins with a day that does not exist (" + fileDate + "): rename it or write date: into its header"})
			return false
		}
	}
	if !ok {
		p.undated("Jekyll")
	}
	p.post.Date = t
	return true
}
