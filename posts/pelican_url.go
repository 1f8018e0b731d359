package posts

import (
	"fmt"
	"regexp"
	"strings"
	"time"

	"github.com/ncruces/go-strftime"
)

// pelicanDefaults are SLUG_REGEX_SUBSTITUTIONS where the site sets none.
var pelicanDefaults = [][2]string{{`[^\w\s-]`, ""}, {`(?u)\A\s*`, ""}, {`(?u)\s*\Z`, ""}, {`[-\s]+`, "-"}}

// substitutions reads SLUG_REGEX_SUBSTITUTIONS.
func (p *pelican) substitutions() {
	pairs := pelicanDefaults
	if list, ok := p.conf["SLUG_REGEX_SUBSTITUTIONS"].([]any); ok {
		pairs = nil
		for _, item := range list {
			if pair := textPair(item); pair != nil {
				pairs = append(pairs, *pair)
			}
		}
	}
	for _, pair := range pairs {
		re, err := regexp.Compile("(?i)" + pyExpr(pair[0]))
		if err != nil {
			p.d.tell(Problem{Path: "pelicanconf.py", Message: "SLUG_REGEX_SUBSTITUTIONS cannot be read here: " + err.Error(), Warning: true})
			continue
		}
		p.subs = append(p.subs, pelicanSub{re, strings.ReplaceAll(pyBackReference.ReplaceAllString(pair[1], "$${$1}"), "\\", "")})
	}
}

var pyBackReference = regexp.MustCompile(`\\(\d)`)

func textPair(v any) *[2]string {
	items, ok := v.([]any)
	if !ok || len(items) != 2 {
		return nil
	}
	return &[2]string{scalarText(items[0]), scalarText(items[1])}
}

// slug is pelican.utils.slugify; false where unidecode's table would be needed.
func (p *pelican) slug(s string) (string, bool) {
	s = htmlTags.ReplaceAllString(s, "")
	ok := true
	if !p.conf.truth(false, "SLUGIFY_USE_UNICODE") {
		if s, ok = toASCII(s); !ok {
			return "", false
		}
	}
	for _, sub := range p.subs {
		s = sub.re.ReplaceAllString(s, sub.by)
	}
	if !p.conf.truth(false, "SLUGIFY_PRESERVE_CASE") {
		s = strings.ToLower(s)
	}
	return strings.TrimSpace(s), true
}

var htmlTags = regexp.MustCompile(`<[^>]*>`)

// pelicanField is a replacement field of Python's format.
var pelicanField = regexp.MustCompile(`\{(\w+)(?:[.\[]\w+\]?)?(?:![rsa])?(?::([^{}]*))?\}`)

// address makes the article's address from ARTICLE_URL.
func (p *pelican) address(g *page, meta map[string]string, category string) string {
	slug, why := p.ownSlug(g, meta)
	g.post.Slug = orText(slug, base(g.path))
	if link := strings.TrimSpace(g.doc.Text("url")); isAbsolute(link) {
		return absoluteURL(link)
	} else if link != "" {
		return escapePath(rooted(unclimbed(link)), true)
	}
	lang := strings.ToLower(orText(g.post.Language, p.language))
	key, pattern := "ARTICLE_URL", "{slug}.html"
	if lang != p.language {
		key, pattern = "ARTICLE_LANG_URL", "{slug}-{lang}.html"
	}
	pattern = orText(p.conf.text(key), pattern)
	missing := ""
	address := pelicanField.ReplaceAllStringFunc(pattern, func(field string) string {
		m := pelicanField.FindStringSubmatch(field)
		value, reason := "", ""
		switch m[1] {
		case "slug":
			value, reason = slug, why
		case "category":
			value, reason = p.sluggish(category)
		case "author":
			value, reason = p.sluggish(p.authorName(g))
		case "date", "modified":
			value, reason = pelicanDate(g, m[1], m[2])
		case "lang":
			value = lang
		case "path":
			value = strings.TrimPrefix(g.path, p.content)
		default:
			if value = orText(strings.TrimSpace(g.doc.Text(strings.ToLower(m[1]))), meta[strings.ToLower(m[1])]); value == "" {
				reason = "the article has no " + m[1]
			}
		}
		missing = orText(reason, missing)
		return value
	})
	if missing != "" {
		g.noURL("%s is %s, and %s", key, pattern, missing)
		return ""
	}
	return escapePath(rooted(unclimbed(address)), true)
}

// ownSlug returns the article's slug, or why there is none.
func (p *pelican) ownSlug(g *page, meta map[string]string) (slug, why string) {
	if slug = strings.TrimSpace(orText(g.doc.Text("slug"), meta["slug"])); slug != "" {
		return slug, ""
	}
	source := g.post.Title
	if p.conf.text("SLUGIFY_SOURCE") == "basename" {
		source = base(g.path)
	}
	return p.sluggish(cleanTitle(source))
}

func (p *pelican) sluggish(name string) (slug, why string) {
	slug, ok := p.slug(name)
	if !ok {
		return "", fmt.Sprintf("Pelican transliterates %q by a table of its own: write Slug: into the header, or set SLUGIFY_USE_UNICODE", name)
	}
	if slug == "" {
		why = "there is nothing to make a slug of: write Slug: into the header"
	}
	return slug, why
}

func (p *pelican) authorName(g *page) string {
	if len(g.post.Authors) > 0 {
		return g.post.Authors[0].Name
	}
	return p.conf.text("AUTHOR")
}

// pelicanDate prints a date by a format of strftime.
func pelicanDate(g *page, which, format string) (value, why string) {
	var t time.Time
	if t = g.post.Date; which == "modified" {
		t = g.post.Updated
	}
	if t.IsZero() {
		return "", "the article has no " + which
	}
	return strftime.Format(orText(format, "%Y-%m-%d %H:%M:%S"), t), ""
}
