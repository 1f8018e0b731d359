package posts

import (
	"slices"
	"strings"

	"tidings.example/posts/frontmatter"
)

// The keys of headers under which themes look for a picture, in letters and
// digits only: featured_image, featuredImage and featured-image are one. The
// first that names one counts.
var (
	imageKeys = []string{"image", "cover", "coverimage", "featuredimage", "featureimage", "featureimg", "heroimage", "hero",
		"headerimage", "headerimg", "overlayimage", "bannerimage", "bannerimg", "banner", "indeximg", "topimg", "coverimg",
		"episodeimage", "coverart", "artwork", "ogimage", "ogpreviewimg", "socialimage", "shareimage", "shareimg", "metaimage", "cardimage", "postimage", "mainimage",
		"leadimage", "feature", "img", "picture", "photo", "poster", "images", "photos"}
	thumbnailKeys = []string{"thumbnail", "thumb", "thumbnailimage", "thumbnailimg", "thumbimage", "thumbimg", "teaser", "featuredimagepreview", "previewimage"}
	// pictureTables are tables that hold such keys.
	pictureTables = []string{"extra", "params", "header", "seo", "og", "opengraph", "social", "twitter"}
	// pictureParts are the keys of a table that is one picture.
	pictureParts   = []string{"src", "url", "path", "href", "image", "file", "feature", "source", "filename", "default", "large"}
	thumbnailParts = []string{"thumbnail", "thumb", "teaser", "small"}
)

// letters is a key without what spellings differ in.
func letters(key string) string {
	return strings.Map(func(r rune) rune {
		if r == '_' || r == '-' || r == ' ' {
			return -1
		}
		return r
	}, strings.ToLower(key))
}

// byLetters returns the values of a table by the letters of their keys.
func byLetters(n *frontmatter.Node) map[string]*frontmatter.Node {
	out := make(map[string]*frontmatter.Node, len(n.Keys))
	for i, key := range n.Keys {
		out[letters(key)] = &n.Items[i]
	}
	return out
}

// tables returns the header and the tables in it that are named, each by the
// letters of its keys.
func (p *page) tables(names []string) []map[string]*frontmatter.Node {
	root, found := p.doc.Node()
	if !found || root.Kind != frontmatter.Map {
		return nil
	}
	all := []map[string]*frontmatter.Node{byLetters(root)}
	for _, name := range names {
		if n := all[0][name]; n != nil && n.Kind == frontmatter.Map {
			all = append(all, byLetters(n))
		}
	}
	return all
}

// pictures fills in the picture of the post and the small one.
func (p *page) pictures() {
	tables := p.tables(pictureTables)
	p.post.Image = p.pictureIn(tables, imageKeys, pictureParts)
	p.post.Thumbnail = p.pictureIn(tables, thumbnailKeys, pictureParts)
	if p.post.Thumbnail == "" {
		p.post.Thumbnail = p.pictureIn(tables, imageKeys, thumbnailParts)
	}
	if p.post.Image == "" && p.post.Thumbnail == "" {
		image, thumbnail := p.bundled()
		p.post.Image, p.post.Thumbnail = p.find(image).url, p.find(thumbnail).url
	}
	if p.post.Image == "" {
		p.post.Image = p.post.Thumbnail
	}
}

// pictureIn returns the address of the first picture that has one.
func (p *page) pictureIn(tables []map[string]*frontmatter.Node, keys, parts []string) string {
	for _, table := range tables {
		for _, key := range keys {
			if n := table[key]; n != nil {
				if at := p.find(pictureOf(n, parts, 0)); at.url != "" {
					return at.url
				}
			}
		}
	}
	return ""
}

// pictureOf returns the address of the picture that a value names: a text, a
// table, or a list of those. The small picture of a table stands in it alone.
func pictureOf(n *frontmatter.Node, parts []string, depth int) string {
	whole := slices.Contains(parts, "src")
	switch n.Kind {
	case frontmatter.Scalar:
		if (whole || depth > 0) && namesPicture(n.Text) {
			return strings.TrimSpace(n.Text)
		}
	case frontmatter.List:
		for i := range n.Items {
			if ref := pictureOf(&n.Items[i], parts, depth); ref != "" && depth < 3 {
				return ref
			}
		}
	case frontmatter.Map:
		table := byLetters(n)
		for _, part := range parts {
			if v := table[part]; v != nil && depth < 3 {
				if ref := pictureOf(v, parts, depth+1); ref != "" {
					return ref
				}
			}
		}
	}
	return ""
}

// namesPicture tells addresses from the flags, names of colours and sentences
// that themes put under the same keys.
func namesPicture(text string) bool {
	text = strings.TrimSpace(text)
	switch {
	case text == "" || strings.ContainsAny(text, "\n<>") || strings.HasPrefix(text, "data:"):
		return false
	case isAbsolute(text) || strings.HasPrefix(text, "/"):
		return true
	}
	kind := MediaType(text)
	return strings.HasPrefix(kind, "image/")
}

// bundled finds the pictures of a Hugo page without any in its header: resources
// that it names, or files of its bundle called feature, cover or thumbnail.
func (p *page) bundled() (image, thumbnail string) {
	if p.d.kind != Hugo {
		return "", ""
	}
	names := map[string]string{} // by what they are called
	var order []string
	add := func(called, ref string) {
		if called = strings.ToLower(called); names[called] == "" && namesPicture(ref) {
			names[called] = ref
			order = append(order, called)
		}
	}
	if resources, found := p.doc.Node("resources"); found {
		for i := range resources.Items {
			if r := byLetters(&resources.Items[i]); r["src"] != nil && r["name"] != nil && !strings.ContainsAny(r["src"].Text, "*?") {
				add(r["name"].Text, r["src"].Text)
			}
		}
	}
	if b := base(p.path); b == "index" || strings.HasPrefix(b, "index.") {
		for _, name := range p.d.siblings(p.path) {
			add(name, escapePath(name, false))
		}
	}
	pick := func(words ...string) string {
		for _, word := range words {
			for _, called := range order {
				if strings.Contains(called, word) {
					return names[called]
				}
			}
		}
		return ""
	}
	return pick("feature", "cover"), pick("thumbnail")
}
