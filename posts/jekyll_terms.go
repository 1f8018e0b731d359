package posts

import "tidings.example/posts/frontmatter"

// terms reads categories and tags: a plural text is split at blanks, a singular
// one is not, folders above _posts are categories.
func (j *jekyll) terms(p *page, above []string, defaults settings) {
	doc := &p.doc
	if j.known {
		p.post.Categories = append(p.post.Categories, above...)
	}
	if v, ok := defaults.lookup("categories"); ok {
		p.post.Categories = append(p.post.Categories, blankSplit(v)...)
	}
	p.post.Categories = append(p.post.Categories, jekyllPlural(doc, "categories")...)
	p.post.Categories = append(p.post.Categories, doc.Strings("category")...)
	if v, ok := defaults.lookup("category"); ok && len(doc.Strings("category")) == 0 {
		p.post.Categories = append(p.post.Categories, textList(v)...)
	}
	if p.post.Tags = doc.Strings("tag"); len(p.post.Tags) == 0 {
		p.post.Tags = jekyllPlural(doc, "tags")
	}
	if _, set := doc.Fields["tags"]; !set && len(p.post.Tags) == 0 {
		if v, ok := defaults.lookup("tags"); ok {
			p.post.Tags = blankSplit(v)
		}
	}
}

func jekyllPlural(doc *frontmatter.Doc, key string) []string {
	n, found := doc.Node(key)
	if !found || n.Null() {
		return nil
	}
	if n.Kind == frontmatter.Scalar {
		return splitWords(n.Text)
	}
	return n.Strings()
}

func blankSplit(v any) []string {
	if s, ok := v.(string); ok {
		return splitWords(s)
	}
	return textList(v)
}
