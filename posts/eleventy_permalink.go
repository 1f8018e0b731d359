package posts

import (
	"path"
	"regexp"
	"strings"

	"github.com/ncruces/go-strftime"
)

var eleventyDated = regexp.MustCompile(`\d{4}-\d{2}-\d{2}-(.*)`)

func withoutDate(name string) string {
	if m := eleventyDated.FindStringSubmatch(name); m != nil {
		return m[1]
	}
	return name
}

// fileSlug is page.fileSlug: the file's name without date and extension, of an
// index file its folder's.
func fileSlug(name, input string) string {
	slug := withoutDate(base(name))
	if slug != "index" {
		return slug
	}
	dir := path.Base("/" + strings.TrimSuffix(strings.TrimPrefix(path.Dir(name)+"/", input), "/"))
	if dir == "/" || dir == "." {
		return ""
	}
	return withoutDate(dir)
}

// filePathStem is page.filePathStem.
func filePathStem(name, input string) string {
	rel := strings.TrimPrefix(name, input)
	return path.Join("/", path.Dir(rel), withoutDate(base(rel)))
}

// address makes the post's address: permalink of the header or of the folder's
// data, else the path of the file, with its date.
func (e *eleventy) address(p *page, data settings, computed bool) string {
	link := strings.TrimSpace(p.doc.Text("permalink"))
	if off, known := p.doc.Bool("permalink"); known && !off {
		p.post.Declared = Hidden // it is not written
		return ""
	}
	n, hasNode := p.doc.Node("permalink")
	if link == "" && hasNode && !n.Null() && len(n.Keys) > 0 {
		link = strings.TrimSpace(p.doc.Text("permalink", "build"))
	}
	switch {
	case link == "" && computed:
		p.noURL("the data of its folder compute permalink by code, which is not run here: write permalink: into the header, or set permalink")
		return ""
	case link == "":
		link = data.text("permalink")
	}
	if strings.EqualFold(link, "false") {
		p.post.Declared = Hidden
		return ""
	}
	if link == "" {
		return e.byPath(p)
	}
	if strings.Contains(link, "{") {
		filled, why := e.template(p, data, link)
		if why != "" {
			p.noURL("permalink is %s, and %s", link, why)
			return ""
		}
		link = filled
	}
	return escapePath(rooted(unclimbed(withoutIndex(rooted(link)))), true)
}

// withoutIndex drops index.html at the end of an address.
func withoutIndex(link string) string {
	for _, tail := range []string{"/index.html", "/index/", "/index"} {
		if rest, ok := strings.CutSuffix(link, tail); ok {
			return rest + "/"
		}
	}
	return link
}

// byPath is the address where nothing says otherwise.
func (e *eleventy) byPath(p *page) string {
	switch {
	case !e.told:
		return "" // told once for the whole site
	case strings.Contains(string(e.config), "addUrlTransform"):
		p.noURL("the configuration changes addresses by addUrlTransform: set permalink")
		return ""
	case regexp.MustCompile(`addGlobalData\(\s*["'](permalink|eleventyComputed)`).MatchString(string(e.config)):
		p.noURL("the configuration computes permalink by code, which is not run here: write permalink: into the header, or set permalink")
		return ""
	}
	rel := strings.TrimPrefix(p.path, e.input)
	dir, name := path.Dir(rel), base(rel)
	if dir == "." {
		dir = ""
	}
	if name != "index" && path.Base(dir) != name {
		dir = path.Join(dir, name)
	}
	if dir == "" {
		return "/"
	}
	return escapePath(rooted(dir+"/"), false)
}

var eleventyTag = regexp.MustCompile(`\{\{-?\s*(.*?)\s*-?\}\}`)

// template fills in the {{ }} of a permalink as far as names and the usual
// filters go; why tells what stands in the way.
func (e *eleventy) template(p *page, data settings, link string) (filled, why string) {
	if strings.Contains(link, "{%") {
		return "", "template code is not run here: write the address itself"
	}
	filled = eleventyTag.ReplaceAllStringFunc(link, func(tag string) string {
		parts := splitFilters(eleventyTag.FindStringSubmatch(tag)[1])
		value, reason := e.variable(p, data, parts[0])
		for _, filter := range parts[1:] {
			if reason == "" {
				value, reason = e.filter(p, parts[0], value, filter)
			}
		}
		why = orText(why, reason)
		return value
	})
	return filled, why
}

// splitFilters splits at the bars outside of quotes.
func splitFilters(expr string) []string {
	var parts []string
	start, quote := 0, byte(0)
	for i := 0; i < len(expr); i++ {
		switch c := expr[i]; {
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case c == '"' || c == '\'':
			quote = c
		case c == '|':
			parts = append(parts, strings.TrimSpace(expr[start:i]))
			start = i + 1
		}
	}
	return append(parts, strings.TrimSpace(expr[start:]))
}

func (e *eleventy) variable(p *page, data settings, name string) (value, why string) {
	switch name {
	case "page.fileSlug":
		return fileSlug(p.path, e.input), ""
	case "page.filePathStem":
		return filePathStem(p.path, e.input), ""
	case "page.date", "date":
		if p.post.Date.IsZero() {
			return "", "the post has no date"
		}
		return p.post.Date.UTC().Format("2006-01-02T15:04:05.000Z"), ""
	case "page.outputFileExtension":
		return "html", ""
	}
	if q := strings.Trim(name, `"'`); len(q) == len(name)-2 {
		return q, ""
	}
	keys := strings.Split(name, ".")
	if v := p.doc.Text(keys...); v != "" {
		return v, ""
	}
	if v := data.text(keys...); v != "" {
		return v, ""
	}
	return "", "there is no " + name + " in the header"
}

var filterCall = regexp.MustCompile(`^(\w+)\s*(?:[:(]\s*(?:"([^"]*)"|'([^']*)')?\s*\)?)?$`)

func (e *eleventy) filter(p *page, name, value, filter string) (filtered, why string) {
	m := filterCall.FindStringSubmatch(filter)
	if m == nil {
		return "", "the filter " + filter + " is not known here"
	}
	switch argument := m[2] + m[3]; m[1] {
	case "slugify", "slug":
		slug, ok := sindreSlug(value)
		if m[1] == "slug" {
			slug, ok = oldSlug(value)
		}
		if !ok {
			return "", "its slug needs a transliteration: write permalink: into the header"
		}
		return slug, ""
	case "lower", "downcase":
		return strings.ToLower(value), ""
	case "trim", "strip", "safe", "string":
		return strings.TrimSpace(value), ""
	case "date":
		if (name == "page.date" || name == "date") && argument != "" {
			return strftime.Format(argument, p.post.Date.UTC()), ""
		}
	}
	return "", "the filter " + m[1] + " is not known here: write permalink: into the header"
}

var (
	sindreQuote = regexp.MustCompile(`([a-zA-Z\d]+)['’]([ts])(\s|$)`)
	sindreRest  = regexp.MustCompile(`[^a-z\d]+`)
	slugWords   = strings.NewReplacer("$", "dollar", "%", "percent", "&", "and", "<", "less", ">", "greater", "|", "or")
	slugRest    = regexp.MustCompile(`[^\w\s$*+~.()'"!\-:@]+`)
	slugGaps    = regexp.MustCompile(`[\s-]+`)
)

// sindreSlug is Eleventy's filter slugify; false where a transliteration is needed.
func sindreSlug(s string) (string, bool) {
	s, ok := toASCII(strings.ReplaceAll(s, "&", " and "))
	s = sindreQuote.ReplaceAllString(s, "$1$2$3")
	return strings.Trim(sindreRest.ReplaceAllString(strings.ToLower(s), "-"), "-"), ok
}

// oldSlug is Eleventy's filter slug, which it had before slugify.
func oldSlug(s string) (string, bool) {
	s, ok := toASCII(s)
	s = slugRest.ReplaceAllString(slugWords.Replace(s), "")
	return strings.ToLower(slugGaps.ReplaceAllString(strings.TrimSpace(s), "-")), ok
}
