package posts

import (
	"crypto/sha1"
	"encoding/hex"
	"fmt"
	"math"
	"path"
	"strconv"
	"strings"

	"tidings.example/posts/frontmatter"
)

// address makes the post's address as Hexo's filter post_permalink does, and
// then pretty_urls.
func (h *hexo) address(p *page, info map[string]string) string {
	link := strings.TrimSpace(p.doc.Text("permalink"))
	if link == "" {
		missing := ""
		link = hexoParam.ReplaceAllStringFunc(h.link, func(param string) string {
			value, why := h.param(p, param[1:], info)
			if why != "" {
				missing = why
			}
			return value
		})
		if missing != "" {
			p.noURL("%s", missing)
			return ""
		}
	} else if isAbsolute(link) {
		return absoluteURL(link)
	}
	if h.assets && !strings.HasSuffix(link, "/") && !strings.HasSuffix(link, ".html") {
		link += "/"
	}
	return escapePath(h.pretty(rooted(unclimbed(link))), true)
}

func (h *hexo) pretty(link string) string {
	index := strings.HasSuffix(link, "index.html")
	if index && !h.conf.truth(true, "pretty_urls", "trailing_index") {
		return strings.TrimSuffix(link, "index.html")
	}
	if !index && !h.conf.truth(true, "pretty_urls", "trailing_html") {
		return strings.TrimSuffix(link, ".html")
	}
	return link
}

// hexoDates are the keys that print the post's date.
var hexoDates = map[string]string{"year": "2006", "month": "01", "day": "02", "hour": "15", "minute": "04", "second": "05", "i_month": "1", "i_day": "2"}

// param returns the value of one key of a permalink, or why there is none.
func (h *hexo) param(p *page, key string, info map[string]string) (value, why string) {
	post := p.post
	layout, dated := hexoDates[key]
	if (dated || key == "timestamp" || key == "hash") && post.Date.IsZero() {
		return "", "permalink needs a date for :" + key + " and the post has none; write date: 2006-01-02 15:04:05"
	}
	switch {
	case dated:
		return post.Date.In(p.d.zone).Format(layout), ""
	case key == "title":
		return post.Slug, ""
	case key == "name":
		return path.Base(post.Slug), ""
	case key == "post_title":
		if slug := hexoSlug(jsText(&p.doc, "title"), true); slug != "" {
			return slug, ""
		}
		return "", "permalink needs a title for :post_title; write title:"
	case key == "timestamp":
		return fmt.Sprint(post.Date.Unix()), ""
	case key == "hash":
		sum := sha1.Sum([]byte(post.Slug + fmt.Sprint(post.Date.Unix())))
		return hex.EncodeToString(sum[:])[:12], ""
	case key == "category":
		return h.category(p)
	case key == "id" && strings.TrimSpace(p.doc.Text("id")) == "":
		return "", "permalink uses :id, which Hexo draws from its own database; write id: or permalink: into the header"
	}
	return h.field(p, key, info)
}

// field returns the value of a key that the header, the file name or
// permalink_defaults give.
func (h *hexo) field(p *page, key string, info map[string]string) (value, why string) {
	if key == "slug" {
		return p.post.Slug, ""
	}
	if v := info[key]; v != "" && key != "title" {
		return v, ""
	}
	if v := jsText(&p.doc, key); v != "" {
		return v, ""
	}
	if v := h.conf.text("permalink_defaults", key); v != "" {
		return v, ""
	}
	if key == "abbrlink" {
		return "", "permalink uses :abbrlink and the header has none yet; run Hexo once, which writes it, or write abbrlink:"
	}
	return "", "permalink uses :" + key + " and the header has none; write " + key + ": or set permalink_defaults"
}

// jsText returns a scalar as JavaScript prints it: Hexo reads 30e5 and 0123 as
// numbers, also where they were meant as the hexadecimal text of an abbrlink.
func jsText(doc *frontmatter.Doc, key string) string {
	n, found := doc.Node(key)
	if !found || n.Kind != frontmatter.Scalar {
		return ""
	}
	switch v := n.Value.(type) {
	case int64:
		return strconv.FormatInt(v, 10)
	case float64:
		if size := math.Abs(v); math.IsInf(v, 0) || math.IsNaN(v) {
			break
		} else if size >= 1e21 || (size < 1e-6 && v != 0) {
			return strings.Replace(strconv.FormatFloat(v, 'e', -1, 64), "e-0", "e-", 1)
		}
		return strconv.FormatFloat(v, 'f', -1, 64)
	}
	return strings.TrimSpace(n.Text)
}

// category returns the slug of the post's last category with its parents.
func (h *hexo) category(p *page) (value, why string) {
	chains := hexoChains(&p.doc)
	switch len(chains) {
	case 0:
		return orText(h.conf.text("default_category"), "uncategorized"), ""
	case 1:
		var parts []string
		for _, name := range chains[0] {
			parts = append(parts, h.categorySlug(name))
		}
		return strings.Join(parts, "/"), ""
	}
	// Hexo takes the one that any post of the site named last for the first time.
	return "", "permalink uses :category and the post is in several; write permalink: into its header"
}

func (h *hexo) categorySlug(name string) string {
	if mapped := h.conf.text("category_map", name); mapped != "" {
		name = mapped
	}
	slug := hexoSlug(name, false)
	switch h.conf.text("filename_case") {
	case "1":
		slug = strings.ToLower(slug)
	case "2":
		slug = strings.ToUpper(slug)
	}
	return slug
}

// hexoChains returns the hierarchies of categories: a flat list is one chain of
// parent and child, lists in a list are a chain each.
func hexoChains(doc *frontmatter.Doc) [][]string {
	n, found := doc.Node("categories")
	if !found || n.Null() {
		n, found = doc.Node("category")
	}
	if !found || n.Null() {
		return nil
	}
	nested := false
	for i := range n.Items {
		nested = nested || n.Items[i].Kind == frontmatter.List
	}
	if !nested {
		if chain := cleanTerms(n.Strings()); len(chain) > 0 {
			return [][]string{chain}
		}
		return nil
	}
	var chains [][]string
	for i := range n.Items {
		if chain := cleanTerms(n.Items[i].Strings()); len(chain) > 0 {
			chains = append(chains, chain)
		}
	}
	return chains
}
