package posts

import (
	"path"
	"regexp"
	"strings"
	"time"

	"tidings.example/posts/frontmatter"
	"tidings.example/posts/markdown"
)

// eleventy reads sites of Eleventy, which has no posts of its own: they are
// what lies in a folder called posts, blog and the like, else what has a date
// or one of the usual tags.
type eleventy struct {
	d      *Directory
	config jsSource
	told   bool   // there is a configuration or a package.json
	input  string // with a slash, or ""
	prefix string // of the folder with the posts, or ""
	path   string // pathPrefix
	data   map[string]*dirData
}

// dirData are the data files of one folder, those of the folders above it too.
type dirData struct {
	settings
	js       jsSource
	computed bool // permalink is computed by code
}

func newEleventy(d *Directory) (rules, siteFacts, error) {
	e := &eleventy{d: d, data: map[string]*dirData{}}
	config, name, err := d.readJS("eleventy.config.js", "eleventy.config.mjs", "eleventy.config.cjs", "eleventy.config.ts", ".eleventy.js", ".eleventy.cjs")
	if err != nil {
		return nil, siteFacts{}, err
	}
	e.config = config
	e.told = name != "" || packageNeeds(d, "@11ty/eleventy")
	e.input = folderOf(orText(config.argument("setInputDirectory"), orText(config.object("dir").value("input"), ".")))
	e.path = strings.Trim(config.value("pathPrefix"), "/")
	if len(d.o.Include) == 0 {
		e.prefix = d.postFolder(e.input, 3)
	}
	if err := e.readData(e.input); err != nil {
		return nil, siteFacts{}, err
	}
	err = d.survey(e.enter, isDirData, func(name string) {
		if dir, _ := path.Split(name); dir != e.input {
			if err := e.readData(dir); err != nil {
				d.tell(Problem{Path: name, Message: err.Error(), Warning: true})
			}
		}
	})
	if err != nil {
		return nil, siteFacts{}, err
	}
	if !e.told && d.o.Permalink == "" {
		d.tell(Problem{Message: "there is no configuration of Eleventy here: posts have no URL until permalink is set (as in permalink = \"/posts/:slug/\")", Warning: true})
	}
	return e, e.facts(), nil
}

// isDirData tells the data file of the folder that it lies in.
func isDirData(name string) bool {
	dir, file := path.Split(name)
	stem, _, _ := strings.Cut(file, ".")
	return stem == path.Base(dir) && (strings.HasSuffix(file, ".json") || strings.Contains(file, ".11tydata."))
}

// readData reads the data files of a folder.
func (e *eleventy) readData(dir string) error {
	if _, done := e.data[dir]; done {
		return nil
	}
	name := path.Base("/" + strings.TrimSuffix(dir, "/"))
	data := &dirData{settings: settings{}}
	e.data[dir] = data
	if name == "/" {
		return nil
	}
	for _, file := range []string{dir + name + ".json", dir + name + ".11tydata.json"} {
		s, err := e.d.decode(file)
		if err != nil {
			return err
		}
		data.merge(s)
	}
	js, _, err := e.d.readJS(dir+name+".11tydata.js", dir+name+".11tydata.cjs", dir+name+".11tydata.mjs")
	if err != nil || js == "" {
		return err
	}
	data.js = js
	for _, key := range []string{"permalink", "tags", "lang"} {
		if v := js.value(key); v != "" {
			data.settings[key] = v
		}
	}
	if js.sets("permalink") && js.value("permalink") == "" {
		data.computed = true
	}
	return nil
}

// cascade returns the data of a folder merged over those above it.
func (e *eleventy) cascade(dir string) (settings, bool) {
	merged, computed := settings{}, false
	for i := 0; i <= len(dir); i++ {
		if i > 0 && dir[i-1] != '/' {
			continue
		}
		if data := e.data[dir[:i]]; data != nil {
			merged.merge(data.settings)
			computed = (computed && data.text("permalink") == "") || data.computed
		}
	}
	return merged, computed
}

// facts reads the usual global data: Eleventy itself knows nothing of a site.
func (e *eleventy) facts() siteFacts {
	f := siteFacts{fixedZone: "UTC"}
	dir := e.input + orText(e.config.object("dir").value("data"), "_data") + "/"
	for _, name := range []string{"metadata", "site", "meta"} {
		s, err := e.d.decode(dir + name + ".json")
		if err == nil && s != nil {
			f.Title, f.Description, f.URL = cleanTitle(orText(s.text("title"), s.text("name"))), cleanTitle(s.text("description")), s.text("url")
			f.Language = orText(s.text("language"), s.text("lang"))
			f.Author = siteAuthor(orText(s.text("author", "name"), s.text("author")), s.text("author", "email"))
		} else if js, _, err := e.d.readJS(dir+name+".js", dir+name+".cjs", dir+name+".mjs"); err == nil && js != "" {
			f.Title, f.Description, f.URL = cleanTitle(orText(js.value("title"), js.value("name"))), cleanTitle(js.value("description")), js.value("url")
			f.Language = orText(js.value("language"), js.value("lang"))
		}
		if f.URL != "" || f.Title != "" {
			break
		}
	}
	if f.URL = siteURL(f.URL); f.URL != "" && e.path != "" && sitePath(f.URL) == "/" {
		f.URL += escapePath(e.path, true) + "/"
	}
	return f
}

func (e *eleventy) dialect() markdown.Dialect { return markdown.Eleventy }

func (e *eleventy) header([]byte) frontmatter.Options { return frontmatter.Options{} }

func (e *eleventy) enter(dir string) bool {
	at := orText(e.prefix, e.input)
	if !strings.HasPrefix(dir+"/", at) {
		return strings.HasPrefix(at, dir+"/")
	}
	rel := strings.TrimPrefix(dir, e.input)
	return rel == "" || (rel[0] != '_' || strings.HasPrefix(rel+"/", "_posts/")) && !builtFolder(rel)
}

func (e *eleventy) admit(name string) bool {
	return strings.HasPrefix(name, orText(e.prefix, e.input)) && isText(name)
}

// postTags are the tags by which sites collect their posts.
var postTags = []string{"post", "posts", "blog", "article", "articles", "note", "notes"}

func (e *eleventy) fill(p *page) bool {
	post, doc := p.post, &p.doc
	dir, _ := path.Split(p.path)
	data, computed := e.cascade(dir)
	name := base(p.path)
	p.post.Title = orText(doc.Text("title"), data.text("title"))
	post.Slug = orText(strings.TrimSpace(doc.Text("slug")), fileSlug(p.path, e.input))
	post.Updated, _, _ = p.date("updated", "modified", "lastmod", "last_modified_at")
	told := len(p.problems)
	if dated := e.dates(p); !dated && (pageNames[strings.ToLower(name)] || isHTML(name)) {
		p.misdated(told)
		return false
	}
	post.Tags = doc.Strings("tags")
	if e.prefix == "" && post.Date.IsZero() && !anyOf(append(data.list("tags"), post.Tags...), postTags) && len(e.d.o.Include) == 0 {
		p.misdated(told)
		return false
	}
	if doc.Format == frontmatter.None && post.Date.IsZero() {
		return false
	}
	if post.Date.IsZero() {
		p.undated("Eleventy")
	}
	post.Categories = append(doc.Strings("categories"), doc.Strings("category")...)
	post.Language = orText(p.text("lang", "language"), data.text("lang"))
	if v, known := doc.Bool("eleventyExcludeFromCollections"); (known && v) || (!known && data.truth(false, "eleventyExcludeFromCollections")) {
		post.Declared = Hidden
	}
	if _, set := doc.Fields["draft"]; !set && data.truth(false, "draft") {
		post.Declared = Draft
	}
	p.aliases = rootedAll(append(doc.Strings("aliases"), doc.Strings("redirect_from")...))
	p.address = e.address(p, data, computed)
	return true
}

func anyOf(have, want []string) bool {
	for _, h := range have {
		if contains(want, strings.ToLower(h)) {
			return true
		}
	}
	return false
}

var dateInPath = regexp.MustCompile(`\d{4}-\d{2}-\d{2}`)

// dates reads the date of the header, else the first one in the path.
func (e *eleventy) dates(p *page) bool {
	switch strings.ToLower(strings.TrimSpace(p.doc.Text("date"))) {
	case "last modified", "created", "git last modified", "git created":
		return false
	}
	t, _, ok := p.date("date")
	if !ok {
		if t, ok = civilText(dateInPath.FindString(p.path), p.d.zone); !ok {
			t, ok = time.Time{}, false
		}
	}
	p.post.Date = t
	return ok
}
