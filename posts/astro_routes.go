package posts

import (
	"path"
	"regexp"
	"strings"
)

// astroParam matches the name of a page with one parameter for a post.
var astroParam = regexp.MustCompile(`^\[(?:\.\.\.)?(slug|id|post|path|entry|article|postSlug|blog)\](?:/index)?\.(?:astro|ts|js|mdx)$`)

// findRoute looks in src/pages for the page that shows the posts: one with a
// single parameter that asks for the collection by its name, else one in a
// folder of that name, else the only one there is.
func (a *astro) findRoute() {
	type route struct {
		dir   string
		score int
	}
	var routes []route
	const pages = "src/pages/"
	enter := func(dir string) bool { return strings.HasPrefix(pages, dir+"/") || strings.HasPrefix(dir+"/", pages) }
	dynamic := func(name string) bool {
		return strings.HasPrefix(name, pages) && strings.Contains(name, "[") && len(routes) < 100
	}
	_ = a.d.survey(enter, dynamic, func(name string) {
		rel := strings.TrimPrefix(name, pages)
		at := strings.IndexByte(rel, '[')
		dir, file := rel[:at], rel[at:]
		if !astroParam.MatchString(file) {
			return
		}
		r := route{dir: dir, score: 1}
		if last := path.Base("/" + dir); a.name != "" && (last == a.name || last+"s" == a.name || last == a.name+"s") {
			r.score = 2
		}
		if b, err := a.d.read(name); err == nil {
			collections := astroCollections(newJSSource(b))
			if contains(collections, a.name) {
				r.score = 4
			} else if len(collections) > 0 {
				r.score = 0 // it shows others
			}
		}
		routes = append(routes, r)
	})
	best, unique := route{}, false
	for _, r := range routes {
		if r.score > best.score {
			best, unique = r, true
		} else if r.score == best.score {
			unique = unique && r.dir == best.dir
		}
	}
	if best.score > 0 && unique {
		a.route, a.routed = rooted("/"+best.dir), true
	}
}

var astroGet = regexp.MustCompile(`(?:getCollection|getEntry|getEntries)(?:<[^>]*>)?\(\s*` + jsQuoted)

// astroCollections lists the collections that a page asks for.
func astroCollections(js jsSource) (names []string) {
	for _, m := range astroGet.FindAllStringSubmatch(string(js), -1) {
		names = append(names, m[1]+m[2]+m[3])
	}
	return names
}
