package posts

import (
	"bufio"
	"io/fs"
	"path"
	"regexp"
	"strings"
)

// isMarkdown tells files of Markdown by their extension.
func isMarkdown(name string) bool {
	switch strings.ToLower(path.Ext(name)) {
	case ".md", ".markdown", ".mdown", ".mkd", ".mkdn", ".mdwn", ".mdtxt", ".mdtext", ".mkdown", ".rmd":
		return true
	}
	return false
}

// isHTML tells files of HTML by their extension.
func isHTML(name string) bool {
	ext := strings.ToLower(path.Ext(name))
	return ext == ".html" || ext == ".htm"
}

// isText tells files that can be posts.
func isText(name string) bool { return isMarkdown(name) || isHTML(name) }

// foreignNames are the markups that sites have posts in and that are not read here.
var foreignNames = map[string]string{".rst": "reStructuredText", ".adoc": "AsciiDoc", ".asciidoc": "AsciiDoc", ".org": "Org mode", ".textile": "Textile",
	".pandoc": "Pandoc's Markdown", ".pdc": "Pandoc's Markdown"}

// isForeign tells posts in such a markup: they are told, not passed over.
func isForeign(name string) bool { return foreignNames[strings.ToLower(path.Ext(name))] != "" }

// recognise finds out which generator a folder belongs to: by its
// configuration, else by its layout.
func recognise(d *Directory) Kind {
	for _, found := range []func(*Directory) Kind{byConfig, byPackage, byLayout} {
		if kind := found(d); kind != "" {
			return kind
		}
	}
	return Markdown
}

// has tells whether a file or folder is there.
func (d *Directory) has(names ...string) bool {
	for _, name := range names {
		if _, err := d.root.Stat(name); err == nil {
			return true
		}
	}
	return false
}

func byConfig(d *Directory) Kind {
	switch {
	case d.has("pelicanconf.py", "publishconf.py"):
		return Pelican
	case d.has("hugo.toml", "hugo.yaml", "hugo.yml", "hugo.json", "config/_default"):
		return Hugo
	case d.has("zola.toml"):
		return Zola
	case d.has("astro.config.mjs", "astro.config.ts", "astro.config.js", "astro.config.cjs", "astro.config.mts"):
		return Astro
	case d.has(".eleventy.js", "eleventy.config.js", "eleventy.config.mjs", "eleventy.config.cjs", "eleventy.config.ts"):
		return Eleventy
	case d.has("config.toml"):
		return tomlKind(d)
	case d.has("config.yaml", "config.yml", "config.json") && hugoConfig(d):
		return Hugo
	case d.has("_config.yml", "_config.yaml", "_config.json", "_config.toml"):
		return underscoreKind(d)
	}
	return ""
}

// tomlKind tells Zola, which needs base_url, from Hugo, which says baseURL.
func tomlKind(d *Directory) Kind {
	s, _, err := d.decodeFirst("config.toml")
	if err != nil || s == nil {
		return ""
	}
	for _, key := range []string{"base_url", "compile_sass", "build_search_index", "slugify", "generate_feeds", "generate_feed", "default_language"} {
		if _, ok := s[key]; ok {
			return Zola
		}
	}
	folded := s.fold()
	for _, key := range []string{"baseurl", "languagecode", "theme", "params", "permalinks", "markup", "title"} {
		if _, ok := folded[key]; ok && d.has("content", "archetypes", "layouts", "themes") {
			return Hugo
		}
	}
	return ""
}

// hugoConfig tells Hugo's old file names from those of anybody else.
func hugoConfig(d *Directory) bool {
	if d.has("content") {
		return true
	}
	s, _, err := d.decodeFirst("config.yaml", "config.yml", "config.json")
	if err != nil || s == nil {
		return false
	}
	folded := s.fold()
	_, base := folded["baseurl"]
	_, content := folded["contentdir"]
	return content || base && d.has("archetypes", "layouts", "themes")
}

// underscoreKind tells Hexo from Jekyll, which share the name of their file.
func underscoreKind(d *Directory) Kind {
	if d.has("source/_posts", "scaffolds") || packageNeeds(d, "hexo") {
		return Hexo
	}
	s, _, err := d.decodeFirst("_config.yml", "_config.yaml", "_config.json")
	if err == nil {
		for _, key := range []string{"new_post_name", "source_dir", "post_asset_folder", "skip_render", "permalink_defaults"} {
			if _, ok := s[key]; ok {
				return Hexo
			}
		}
	}
	return Jekyll
}

func packageNeeds(d *Directory, module string) bool {
	s, err := d.decode("package.json")
	if err != nil || s == nil {
		return false
	}
	for _, section := range []string{"dependencies", "devDependencies"} {
		if _, ok := s.table(section)[module]; ok {
			return true
		}
	}
	return module == "hexo" && s.table("hexo") != nil
}

func byPackage(d *Directory) Kind {
	switch {
	case packageNeeds(d, "hexo"):
		return Hexo
	case packageNeeds(d, "@11ty/eleventy"):
		return Eleventy
	case packageNeeds(d, "astro"):
		return Astro
	}
	if b, err := d.read("Gemfile"); err == nil && (strings.Contains(string(b), "jekyll") || strings.Contains(string(b), "github-pages")) {
		return Jekyll
	}
	return ""
}

var bareHeader = regexp.MustCompile(`^(?i)(title|date|author|slug|category|tags):\s*\S`)

// byLayout recognises a part of a site, without any configuration.
func byLayout(d *Directory) Kind {
	if d.has("source/_posts") {
		return Hexo
	}
	var kind Kind
	left := 400 // entries to look at
	_ = fs.WalkDir(d.root.FS(), ".", func(name string, e fs.DirEntry, err error) error {
		if left--; left < 0 || kind != "" {
			return fs.SkipAll
		}
		if err != nil {
			return nil
		}
		if e.IsDir() {
			if name != "." && (ignoredName(e.Name()) || strings.Count(name, "/") > 4) {
				return fs.SkipDir
			}
			if e.Name() == "_posts" {
				kind = Jekyll
			}
			return nil
		}
		if e.Type().IsRegular() && path.Ext(name) != "" {
			kind = d.byFile(name)
		}
		return nil
	})
	if kind == "" && d.has("_config.yml", "docs/_config.yml", "_layouts") {
		return Jekyll
	}
	return kind
}

// byFile recognises the generators whose single files show it.
func (d *Directory) byFile(name string) Kind {
	if path.Base(name) == "_config.yml" && d.has(path.Join(path.Dir(name), "_posts")) {
		return Jekyll
	}
	if !isMarkdown(name) {
		return ""
	}
	first, fields := d.firstLines(name)
	section := strings.HasPrefix(path.Base(name), "_index.")
	switch {
	case first == "---" && section && strings.Contains("/"+name, "/content/"):
		return Hugo
	case first == "+++" && strings.Contains("/"+name, "/content/"):
		for _, key := range []string{"transparent", "sort_by", "paginate_by", "[taxonomies]", "[extra]", "page_template", "insert_anchor_links"} {
			if strings.Contains(fields, key) {
				return Zola
			}
		}
	case bareHeader.MatchString(first) && strings.Contains("/"+name, "/content/"):
		return Pelican
	}
	return ""
}

// firstLines returns the first line of a file and the head of what follows.
func (d *Directory) firstLines(name string) (first, rest string) {
	f, err := d.root.Open(name)
	if err != nil {
		return "", ""
	}
	defer f.Close()
	r := bufio.NewReaderSize(f, 1024)
	head, _ := r.Peek(1024)
	first, rest, _ = strings.Cut(strings.TrimPrefix(string(head), "\ufeff"), "\n")
	return strings.TrimSpace(first), rest
}
