package posts

import (
	"fmt"
	"net/url"
	"path"
	"regexp"
	"strconv"
	"strings"
)

// address makes a page's address as Hugo's CreateTargetPaths does.
func (h *hugo) address(p *page, g hugoPage, fileSlug string) string {
	prefix := ""
	if lang := h.languages[g.lang]; (len(h.languages) > 0 || h.inSubdir) && (g.lang != h.defaultLang || h.inSubdir) && lang.baseURL == "" {
		prefix = "/" + g.lang
	}
	slug := orText(strings.TrimSpace(p.doc.Text("slug")), fileSlug)
	if link := strings.TrimSpace(p.doc.Text("url")); link != "" {
		return h.host(g, h.byURL(p, g, link, prefix, slug))
	}
	link, ok := "", true
	if pattern := h.pattern(g); pattern != "" {
		if link, ok = h.expand(p, g, pattern, slug); !ok {
			return ""
		}
		if plain, err := url.QueryUnescape(link); err == nil {
			link = plain
		}
		link = path.Clean("/" + link)
	} else {
		name := slug
		if name == "" {
			name = h.clean(g.name)
		}
		link = "/" + h.cleanDir(g.dir) + name
	}
	link = h.cleanPath(link)
	if h.ugly(g.section) {
		link = strings.TrimSuffix(link, "/") + ".html"
	} else if !strings.HasSuffix(link, "/") {
		link += "/"
	}
	return h.host(g, escapePath(prefix+rooted(link), true))
}

// host puts the address of a language before a path where each has its own.
func (h *hugo) host(g hugoPage, address string) string {
	if own := h.languages[g.lang].baseURL; own != "" && address != "" && !isAbsolute(address) {
		return joinURL(own, address)
	}
	return address
}

// byURL is the address that url in the header gives: kept as it is written.
func (h *hugo) byURL(p *page, g hugoPage, link, prefix, slug string) string {
	if isAbsolute(link) {
		return absoluteURL(link)
	}
	if strings.Contains(link, ":") {
		expanded, ok := h.expand(p, g, link, slug)
		if !ok {
			return ""
		}
		if plain, err := url.QueryUnescape(expanded); err == nil {
			expanded = plain
		}
		link = expanded
	}
	if !strings.HasPrefix(link, "/") && !strings.HasPrefix("/"+link, prefix+"/") {
		link = prefix + "/" + link
	}
	if !strings.HasSuffix(link, "/") && !strings.Contains(link, ".") {
		link += "/"
	}
	return escapePath(rooted(unclimbed(link)), true)
}

// pattern returns the permalink pattern for a page, or "".
func (h *hugo) pattern(g hugoPage) string {
	for _, item := range h.targets {
		rule, _ := asMap(item)
		if hugoTargets(rule, g) && rule.text("pattern") != "" {
			return rule.text("pattern")
		}
	}
	return h.patterns[strings.ToLower(g.section)]
}

func (h *hugo) ugly(section string) bool {
	if t := h.conf.table("uglyurls"); t != nil {
		return t.truth(false, strings.ToLower(section))
	}
	return h.conf.truth(false, "uglyurls")
}

// clean makes a name that stands in a path: blanks become hyphens.
func (h *hugo) clean(name string) string {
	name = strings.ReplaceAll(name, " ", "-")
	if h.lower {
		name = strings.ToLower(name)
	}
	return name
}

func (h *hugo) cleanDir(dir string) string { return h.clean(dir) }

// cleanPath sanitises every part of a path.
func (h *hugo) cleanPath(link string) string {
	parts := strings.Split(link, "/")
	for i, part := range parts {
		parts[i] = hugoSlug(part, h.lower, h.noAccents)
	}
	return strings.Join(parts, "/")
}

var hugoKey = regexp.MustCompile(`:\w+(\[.+?\])?`)

// expand fills in a pattern; false after telling why it cannot.
func (h *hugo) expand(p *page, g hugoPage, pattern, slug string) (string, bool) {
	const colon = "\x00"
	missing := ""
	link := hugoKey.ReplaceAllStringFunc(strings.ReplaceAll(pattern, `\:`, colon), func(key string) string {
		value, why := h.token(p, g, key[1:], slug)
		if why != "" {
			missing = why
		}
		return value
	})
	if missing != "" {
		p.noURL("the pattern %s %s", pattern, missing)
		return "", false
	}
	return strings.ReplaceAll(link, colon, ":"), true
}

// hugoDates are the tokens that print the date. Hugo prints it in the zone that
// the header names.
var hugoDates = map[string]string{"year": "2006", "month": "01", "monthname": "January", "day": "02", "weekdayname": "Monday"}

// token returns the value of one token, or why there is none.
func (h *hugo) token(p *page, g hugoPage, key, slug string) (value, why string) {
	t := p.post.Date
	named := func(text string) string { return hugoSlug(text, h.lower, h.noAccents) }
	layout, dated := hugoDates[key]
	if dated || key == "yearday" || key == "weekday" {
		switch {
		case t.IsZero():
			return "", "needs a date and the post has none: write date:"
		case key == "yearday":
			return strconv.Itoa(t.YearDay()), ""
		case key == "weekday":
			return strconv.Itoa(int(t.Weekday())), ""
		}
		return t.Format(layout), ""
	}
	switch key {
	case "section":
		return h.clean(g.section), ""
	case "sections":
		return strings.TrimSuffix(h.cleanDir(h.currentSection(g.dir)), "/"), ""
	case "title":
		return h.titled(p, named)
	case "slug":
		if slug != "" {
			return named(slug), ""
		}
		return h.titled(p, named)
	case "slugorfilename", "slugorcontentbasename":
		return named(orText(slug, g.name)), ""
	case "filename", "contentbasename":
		return named(g.name), ""
	}
	if cut, ok := strings.CutPrefix(key, "sections["); ok {
		return sectionSlice(strings.Split(strings.TrimSuffix(h.cleanDir(h.currentSection(g.dir)), "/"), "/"), strings.TrimSuffix(cut, "]"))
	}
	if !t.IsZero() && t.Format(key) != key {
		return t.Format(key), ""
	}
	return "", fmt.Sprintf("has :%s, which is not known here: write url: into the header", key)
}

// currentSection returns the nearest folder of a page that is a section: those
// of the first level are, deeper ones with an _index file.
func (h *hugo) currentSection(dir string) string {
	for strings.Count(dir, "/") > 1 && !h.branches[dir] {
		dir = parentDir(dir)
	}
	return dir
}

func (h *hugo) titled(p *page, named func(string) string) (value, why string) {
	if value = named(p.post.Title); value == "" {
		why = "needs a title or a slug and the post has none: write slug:"
	}
	return value, why
}

// sectionSlice cuts the folders of a page: [1:], [:last], [0], [last].
func sectionSlice(parts []string, spec string) (value, why string) {
	at := func(s string, byDefault int) (int, bool) {
		switch s {
		case "":
			return byDefault, true
		case "last":
			return len(parts) - 1, true
		}
		n, err := strconv.Atoi(s)
		return n, err == nil && n >= 0
	}
	from, to, isRange := strings.Cut(spec, ":")
	low, ok := at(from, 0)
	high, ok2 := at(to, len(parts))
	if !isRange {
		high, ok2 = low+1, from != ""
	}
	if !ok || !ok2 {
		return "", "has :sections[" + spec + "], which cannot be read"
	}
	low, high = min(low, len(parts)), min(high, len(parts))
	if low >= high {
		return "", ""
	}
	return strings.Join(parts[low:high], "/"), ""
}
