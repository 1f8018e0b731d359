package posts

import (
	"net/url"
	"path"
	"regexp"
	"strconv"
	"strings"
)

// place is where something is that a header names.
type place struct {
	url  string // absolute, or ""
	file string // relative to the root, "" where no file of the site is known
	size int64  // of the file in bytes, 0 where it is not known
}

// lead is what people write before a path for the templates of their site:
// Jekyll's {{ site.baseurl }}, Pelican's {static}.
var lead = regexp.MustCompile(`^\{\{\s*site\.(?:base)?url\s*\}\}/?|^[{|](?:static|attach|filename)[}|]/?`)

// find looks for what a header names: at a whole address, below the site's
// root, or beside the post. What is in neither place has no file, and its url
// is what it would be beside the post.
func (p *page) find(ref string) place {
	ref = strings.TrimSpace(ref)
	if m := lead.FindString(ref); m != "" {
		ref = "/" + ref[len(m):]
	}
	site := p.d.site.URL
	switch {
	case ref == "" || strings.HasPrefix(ref, "data:") || strings.Contains(ref, "{{"):
		return place{}
	case isAbsolute(ref) || strings.HasPrefix(ref, "/"):
		at := place{url: resolveURL(site, p.post.URL, ref)}
		rest, inside := strings.CutPrefix(at.url, site)
		if site == "" {
			rest, inside = strings.CutPrefix(ref, "/")
		}
		if inside {
			at.file, at.size = p.d.publishes(rest)
		}
		return at
	}
	return p.beside(ref)
}

// beside looks for a relative path.
func (p *page) beside(ref string) place {
	d, plain := p.d, unescaped(ref)
	folder := path.Dir(p.path)
	if b := base(p.path); b != "index" && !strings.HasPrefix(b, "index.") {
		folder = stem(p.path)
	}
	if name := path.Join(folder, plain); d.has(name) {
		at := place{file: name, size: d.size(name)}
		if p.post.URL != "" {
			at.url = resolveURL(d.site.URL, folderURL(p.post.URL), ref)
		}
		return at
	}
	name := path.Join(path.Dir(p.path), plain)
	switch d.kind {
	case Astro: // the build gives a picture beside its text a name that nobody can tell
		if d.has(name) || ref[0] == '@' || ref[0] == '~' {
			return place{file: name}
		}
	case Markdown:
		if d.has(name) {
			return place{url: joinURL(d.site.URL, escapePath(name, false)), file: name, size: d.size(name)}
		}
	}
	if file, size := d.publishes(ref); file != "" {
		return place{url: joinURL(d.site.URL, escapePath(unclimbed(strings.TrimPrefix(ref, "./")), true)), file: file, size: size}
	}
	if folder != path.Dir(p.path) && strings.Contains(ref, "/") && ref[0] != '.' && d.kind != Hexo {
		// Themes take img/a.png from the site's root, but for a post in a folder of its own.
		return place{url: joinURL(d.site.URL, escapePath(unclimbed(ref), true))}
	}
	return place{url: resolveURL(d.site.URL, p.post.URL, ref)}
}

func unescaped(ref string) string {
	ref, _, _ = strings.Cut(ref, "?")
	if plain, err := url.PathUnescape(ref); err == nil {
		return plain
	}
	return ref
}

// publishes finds the file that the site publishes at a path below its root.
func (d *Directory) publishes(rest string) (file string, size int64) {
	rest, _, _ = strings.Cut(rest, "#")
	if rest = strings.TrimPrefix(path.Clean("/"+unescaped(rest)), "/"); rest == "" {
		return "", 0
	}
	for _, root := range d.published() {
		if name := path.Join(root, rest); d.has(name) {
			return name, d.size(name)
		}
	}
	return "", 0
}

// published are the folders whose files a generator publishes as they are.
func (d *Directory) published() []string {
	switch r := d.rules.(type) {
	case *hexo:
		return []string{r.source}
	case *hugo:
		return append(append([]string{}, r.conf.list("staticdir")...), "static", "assets")
	case *jekyll:
		return []string{""}
	case *zola:
		return []string{"static"}
	case *astro:
		return []string{"public"}
	case *pelican:
		return []string{r.content}
	case *eleventy:
		return []string{r.input, "", "public", "static", "src"}
	}
	return []string{"", "static", "public"}
}

// pointer is the file that Git LFS leaves in the place of a large one.
var pointer = regexp.MustCompile(`^version https://git-lfs\.github\.com/spec/[^\n]*\n(?:[^\n]*\n)*?size (\d{1,18})\n`)

// size returns the size of a file in bytes, 0 where it is not known.
func (d *Directory) size(name string) int64 {
	info, err := d.root.Stat(name)
	if err != nil || !info.Mode().IsRegular() {
		return 0
	}
	if info.Size() > 1024 {
		return info.Size()
	}
	if text, err := d.root.ReadFile(name); err == nil {
		if m := pointer.FindSubmatch(text); m != nil {
			n, _ := strconv.ParseInt(string(m[1]), 10, 64)
			return n
		}
	}
	return info.Size()
}
