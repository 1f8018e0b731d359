package posts

import (
	"path"
	"regexp"
	"strings"

	"tidings.example/posts/frontmatter"
	"tidings.example/posts/markdown"
)

// astro reads the content collection of an Astro site that holds its posts.
type astro struct {
	d        *Directory
	config   jsSource
	folder   string // of the collection, with a slash, or ""
	name     string // of the collection
	route    string // folder of its pages on the site, with a slash at both ends
	routed   bool
	trailing string // always, never, ignore
	format   string // directory, file, preserve
}

func newAstro(d *Directory) (rules, siteFacts, error) {
	config, _, err := d.readJS("astro.config.mjs", "astro.config.ts", "astro.config.js", "astro.config.cjs", "astro.config.mts")
	if err != nil {
		return nil, siteFacts{}, err
	}
	a := &astro{d: d, config: config, trailing: orText(config.value("trailingSlash"), "ignore"), format: orText(config.object("build").value("format"), "directory")}
	if err := a.collection(); err != nil {
		return nil, siteFacts{}, err
	}
	a.findRoute()
	f := siteFacts{fixedZone: "UTC", Site: Site{URL: config.value("site")}}
	if f.URL = siteURL(f.URL); f.URL != "" {
		if prefix := strings.Trim(config.value("base"), "/"); prefix != "" && sitePath(f.URL) == "/" {
			f.URL += escapePath(prefix, true) + "/"
		}
	}
	a.siteData(&f)
	if !a.routed && d.o.Permalink == "" {
		d.tell(Problem{Message: "no page in src/pages shows the collection " + orText(a.name, "of the posts") +
			" at an address that can be read: posts have no URL until permalink is set (as in permalink = \"/posts/:slug/\")", Warning: true})
	}
	return a, f, nil
}

// siteData reads the constants that most themes keep the site's title in.
func (a *astro) siteData(f *siteFacts) {
	js, _, err := a.d.readJS("src/consts.ts", "src/site.config.ts", "src/config.ts", "src/site-config.ts", "src/consts.js", "src/config.js")
	if err != nil || js == "" {
		return
	}
	f.Title = cleanTitle(orText(js.value("title"), js.first(regexp.MustCompile(`SITE_TITLE\s*=\s*`+jsQuoted))))
	f.Description = cleanTitle(orText(js.value("description"), js.value("desc")))
	f.Language = languageTag(js.value("lang"))
	if f.URL == "" {
		f.URL = siteURL(orText(js.value("website"), js.value("url")))
	}
}

// collectionNames are the names that sites give the collection of their posts.
var collectionNames = []string{"blog", "posts", "post", "articles", "article", "writing", "writings", "journal", "news", "essays", "entries"}

// collection finds the folder of the posts: by its name, else the largest.
func (a *astro) collection() error {
	dirs, err := a.folders()
	if err != nil {
		return err
	}
	for _, want := range collectionNames {
		for _, dir := range dirs {
			if path.Base(dir) == want {
				a.folder, a.name = dir+"/", want
				return nil
			}
		}
	}
	most := 0
	for _, dir := range dirs {
		count := 0
		err := a.d.survey(func(sub string) bool {
			return strings.HasPrefix(dir+"/", sub+"/") || strings.HasPrefix(sub+"/", dir+"/")
		},
			func(name string) bool { return strings.HasPrefix(name, dir+"/") && isAstroText(name) }, func(string) { count++ })
		if err != nil {
			return err
		}
		if count > most {
			a.folder, a.name, most = dir+"/", path.Base(dir), count
		}
	}
	return nil
}

var astroBase = regexp.MustCompile(`base\s*:\s*` + jsQuoted)

// folders lists the folders of all collections.
func (a *astro) folders() (dirs []string, err error) {
	js, _, err := a.d.readJS("src/content.config.ts", "src/content.config.mjs", "src/content.config.js", "src/content/config.ts", "src/content/config.js", "src/content/config.mjs")
	if err != nil {
		return nil, err
	}
	for _, m := range astroBase.FindAllStringSubmatch(string(js), -1) {
		if dir := strings.TrimSuffix(folderOf(m[1]+m[2]+m[3]), "/"); dir != "" && a.d.has(dir) {
			dirs = append(dirs, dir)
		}
	}
	for _, top := range []string{"src/content", "content"} {
		entries, err := readDir(path.Join(a.d.path, top))
		if err != nil {
			continue
		}
		for _, e := range entries {
			if full := path.Join(top, e.Name()); e.IsDir() && !ignoredName(e.Name()) && !contains(dirs, full) {
				dirs = append(dirs, full)
			}
		}
	}
	return dirs, nil
}

func isAstroText(name string) bool {
	return isMarkdown(name) || strings.EqualFold(path.Ext(name), ".mdx")
}

func (a *astro) dialect() markdown.Dialect { return markdown.Astro }

func (a *astro) header([]byte) frontmatter.Options { return frontmatter.Options{} }

func (a *astro) enter(dir string) bool {
	if len(a.d.o.Include) > 0 {
		return !builtFolder(dir)
	}
	if !strings.HasPrefix(dir+"/", a.folder) {
		return strings.HasPrefix(a.folder, dir+"/")
	}
	return !hexoHidden(dir[min(len(dir), len(a.folder)):]) && (a.folder != "" || !builtFolder(dir))
}

func (a *astro) admit(name string) bool {
	if len(a.d.o.Include) > 0 {
		return isAstroText(name)
	}
	return strings.HasPrefix(name, a.folder) && isAstroText(name) && !hexoHidden(name[len(a.folder):])
}

// astroDates are the keys of dates in the schemas that themes have, best first.
var (
	astroDates   = []string{"pubDate", "pubDatetime", "publishDate", "publishedDate", "publishedAt", "date", "published", "pubdate", "created", "createdAt", "postedAt"}
	astroUpdates = []string{"updatedDate", "modDatetime", "updatedAt", "updated", "lastmod", "modified", "lastUpdated"}
)

func (a *astro) fill(p *page) bool {
	post, doc := p.post, &p.doc
	if doc.Format == frontmatter.None {
		return false // the schema of a collection asks for a title at least
	}
	post.Title = doc.Text("title")
	post.Date, _, _ = p.date(astroDates...)
	post.Updated, _, _ = p.date(astroUpdates...)
	if post.Date.IsZero() {
		if t, ok := civilText(dateInPath.FindString(p.path), p.d.zone); ok {
			post.Date = t
		} else {
			p.problems = append(p.problems, Problem{Path: p.path, Message: "has no date: write pubDate: 2006-01-02 into its header", Warning: true})
		}
	}
	id := a.id(p)
	post.Slug = path.Base("/" + id)
	if own := strings.TrimSpace(doc.Text("slug")); own != "" {
		post.Slug = own
	}
	post.Tags = doc.Strings("tags")
	if len(post.Tags) == 0 {
		post.Tags = doc.Strings("tag")
	}
	post.Categories = append(doc.Strings("categories"), doc.Strings("category")...)
	post.Language = p.text("lang", "language")
	p.aliases = rootedAll(doc.Strings("aliases"))
	p.address = a.address(id)
	return true
}

// id is the entry's id: slug in the header, else the slugged path without index.
func (a *astro) id(p *page) string {
	if own := strings.TrimSpace(p.doc.Text("slug")); own != "" {
		return strings.Trim(own, "/")
	}
	parts := strings.Split(stem(strings.TrimPrefix(p.path, a.folder)), "/")
	for i, part := range parts {
		parts[i] = githubSlug(part)
	}
	id := strings.Join(parts, "/")
	return strings.TrimSuffix(id, "/index")
}

// address is the route of the collection with the id.
func (a *astro) address(id string) string {
	if !a.routed {
		return "" // told once for the whole site
	}
	link := a.route + id
	switch {
	case a.format == "file" && a.trailing != "always":
		link = strings.TrimSuffix(link, "/")
	case a.trailing == "never":
	default:
		link += "/"
	}
	return escapePath(rooted(unclimbed(link)), false)
}
