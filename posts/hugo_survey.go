package posts

import (
	"context"
	"path"
	"strings"

	"tidings.example/posts/frontmatter"
)

// survey walks the names of the content once: it finds leaf bundles, reads the
// cascades of sections and counts pages, for the section with most of them.
func (h *hugo) survey() error {
	own := h.d.rules
	h.d.rules = surveyRules{rules: h, want: isText}
	defer func() { h.d.rules = own }()
	var branches []string
	type page struct {
		name, section string
		bundle        bool
	}
	var later []page
	err := h.d.walk(context.Background(), false, func(v visit) bool {
		if v.problem != nil {
			return true
		}
		g, ok := h.place(v.path)
		switch {
		case !ok || h.disabled[g.lang]:
		case g.branch:
			branches = append(branches, v.path)
		case g.bundle:
			dir, _ := path.Split(v.path)
			if dir != "" {
				h.bundles[dir] = true
			}
			later = append(later, page{v.path, g.section, true})
		case len(h.mainSections) == 0 && h.inSection(v.path, &g):
			h.counts[strings.ToLower(g.section)]++
		}
		return true
	})
	if err != nil {
		return err
	}
	for _, p := range later {
		if !h.inBundle(p.name, true) {
			h.counts[strings.ToLower(p.section)]++
		}
	}
	for _, name := range branches {
		h.readCascade(name)
	}
	if c, ok := h.conf["cascade"]; ok {
		h.cascades[""] = append(cascadeList(c), h.cascades[""]...)
	}
	h.chooseSection()
	return nil
}

// inSection counts a page once its folder is known not to be a bundle. index.*
// sorts before nearly all names, so few resources slip in; they do not decide
// which section is the largest.
func (h *hugo) inSection(name string, g *hugoPage) bool {
	return g.section != "" && !h.inBundle(name, false)
}

// chooseSection takes the section with most pages, the first by name of equals.
// Where there are no sections every page is a post.
func (h *hugo) chooseSection() {
	if len(h.mainSections) > 0 {
		return
	}
	best := ""
	for _, section := range sortedKeys(h.counts) {
		if section != "" && (best == "" || h.counts[section] > h.counts[best]) {
			best = section
		}
	}
	h.mainSections = []string{best}
}

// readCascade reads the cascade of a section's _index file.
func (h *hugo) readCascade(name string) {
	b, err := h.d.read(name)
	if err != nil || b == nil {
		return
	}
	doc, _ := frontmatter.Parse(b, frontmatter.Options{FoldKeys: true})
	cascade, ok := doc.Fields["cascade"]
	if !ok {
		return
	}
	g, _ := h.place(name)
	h.cascades[g.dir] = append(h.cascades[g.dir], cascadeList(cascade)...)
}

func cascadeList(v any) (list []settings) {
	if m, ok := asMap(v); ok {
		return []settings{m}
	}
	items, _ := v.([]any)
	for _, item := range items {
		if m, ok := asMap(item); ok {
			list = append(list, m)
		}
	}
	return list
}

// cascaded merges the cascades that reach a page: the nearest section wins.
func (h *hugo) cascaded(g hugoPage) settings {
	if len(h.cascades) == 0 {
		return nil
	}
	merged := settings{}
	dirs := []string{""}
	for i, c := range g.dir {
		if c == '/' {
			dirs = append(dirs, g.dir[:i+1])
		}
	}
	for _, dir := range dirs {
		for _, c := range h.cascades[dir] {
			if !hugoTargets(c, g) {
				continue
			}
			for key, value := range c {
				if key == "params" || key == "target" || key == "_target" {
					continue
				}
				merged[key] = value
			}
		}
	}
	return merged
}

// hugoTargets tells whether a cascade is meant for a page.
func hugoTargets(c settings, g hugoPage) bool {
	target := c.table("target")
	if target == nil {
		target = c.table("_target")
	}
	if glob := target.text("path"); glob != "" && !matchGlob(strings.ToLower(glob), strings.ToLower(g.dir+g.name)) {
		return false
	}
	if kind := target.text("kind"); kind != "" && !matchGlob(kind, "page") {
		return false
	}
	if lang := target.text("lang"); lang != "" && !matchGlob(lang, g.lang) {
		return false
	}
	env := target.text("environment")
	return env == "" || matchGlob(env, "production")
}
