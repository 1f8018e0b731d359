package posts

import (
	"path"
	"strings"

	"tidings.example/posts/frontmatter"
)

// survey walks the names of the content once: it finds leaf bundles, reads the
// cascades of sections and counts pages, for the section with most of them.
func (h *hugo) survey() error {
	var branches []string
	type page struct{ name, section string }
	var bundles []page
	err := h.d.survey(h.enter, isText, func(name string) {
		g, ok := h.place(name)
		switch {
		case !ok || h.disabled[g.lang]:
		case g.branch:
			branches = append(branches, name)
			h.branches[g.dir] = true
		case g.bundle:
			if dir, _ := path.Split(name); dir != "" {
				h.bundles[dir] = true
			}
			bundles = append(bundles, page{name, g.section})
		case len(h.mainSections) == 0 && g.section != "" && !h.inBundle(name, false):
			// A resource that sorts before its index.md slips in: it does not
			// decide which section is the largest.
			h.counts[strings.ToLower(g.section)]++
		}
	})
	if err != nil {
		return err
	}
	for _, p := range bundles {
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
