package posts

import (
	"path"
	"regexp"
	"slices"
	"strings"
)

// hugoMount is a folder whose files are content.
type hugoMount struct {
	dir    string // with a slash at its end, or "" for the root
	prefix string // where it is mounted below content, with a slash, or ""
	lang   string // of its files, or "": by their names
}

// hugoLanguage is one language of a site.
type hugoLanguage struct {
	tag     string // BCP 47
	baseURL string // where each language has a host of its own
}

var hugoNames = []string{"hugo", "config"}

// hugoSettings reads the configuration of a site with all keys in lower case:
// the file in the root, config/_default, config/production.
func hugoSettings(d *Directory) (settings, error) {
	conf := settings{}
	for _, name := range hugoNames {
		s, _, err := d.decodeFirst(name+".toml", name+".yaml", name+".yml", name+".json")
		if err != nil {
			return nil, err
		}
		if s != nil {
			conf.merge(s.fold())
			break
		}
	}
	for _, dir := range []string{"config/_default", "config/production"} {
		if err := hugoConfigDir(d, dir, conf); err != nil {
			return nil, err
		}
	}
	return conf, nil
}

// hugoConfigDir merges the files of a folder of settings: params.toml holds the
// key params, languages.en.toml and menus.en.toml that of a language.
func hugoConfigDir(d *Directory, dir string, conf settings) error {
	if !d.has(dir) {
		return nil
	}
	entries, err := readDir(path.Join(d.path, dir))
	if err != nil {
		return nil
	}
	for _, e := range entries {
		ext := path.Ext(e.Name())
		if e.IsDir() || !slices.Contains([]string{".toml", ".yaml", ".yml", ".json"}, ext) {
			continue
		}
		name, lang, _ := strings.Cut(strings.ToLower(strings.TrimSuffix(e.Name(), ext)), ".")
		if strings.HasPrefix(name, "menu") {
			continue
		}
		s, err := d.decode(path.Join(dir, e.Name()))
		if err != nil {
			return err
		}
		s = s.fold()
		switch {
		case slices.Contains(hugoNames, name):
		case lang != "" && name == "params":
			s = settings{"languages": map[string]any{lang: map[string]any{"params": map[string]any(s)}}}
		case lang != "":
			s = settings{"languages": map[string]any{lang: map[string]any(s)}}
		default:
			s = settings{name: map[string]any(s)}
		}
		conf.merge(s)
	}
	return nil
}

// configure takes from the settings what shapes posts.
func (h *hugo) configure() {
	c := h.conf
	h.defaultLang = strings.ToLower(orText(c.text("defaultcontentlanguage"), "en"))
	h.inSubdir = c.truth(false, "defaultcontentlanguageinsubdir")
	h.lower = !c.truth(false, "disablepathtolower")
	h.noAccents = c.truth(false, "removepathaccents")
	h.languages = map[string]hugoLanguage{}
	h.disabled = map[string]bool{}
	for _, lang := range c.list("disablelanguages") {
		h.disabled[strings.ToLower(lang)] = true
	}
	for lang := range c.table("languages") {
		t := c.table("languages", lang)
		h.languages[lang] = hugoLanguage{tag: languageTag(orText(t.text("locale"), orText(t.text("languagecode"), lang))), baseURL: siteURL(t.text("baseurl"))}
		h.disabled[lang] = h.disabled[lang] || t.truth(false, "disabled")
	}
	h.mainSections = c.list("mainsections")
	if len(h.mainSections) == 0 {
		h.mainSections = c.list("params", "mainsections")
	}
	for i, s := range h.mainSections {
		h.mainSections[i] = strings.ToLower(s)
	}
	for _, expr := range c.list("ignorefiles") {
		if re, err := regexp.Compile(expr); err == nil {
			h.ignored = append(h.ignored, re)
		}
	}
	h.mount()
	h.permalinks()
	h.orders()
}

// mount finds the folders of the content.
func (h *hugo) mount() {
	mounts, _ := h.conf.table("module")["mounts"].([]any)
	for _, item := range mounts {
		m, _ := asMap(item)
		target := strings.Trim(m.text("target"), "/")
		if rest, ok := strings.CutPrefix(target+"/", "content/"); ok {
			lang := strings.ToLower(orText(m.text("lang"), m.text("sites", "matrix", "languages")))
			h.mounts = append(h.mounts, hugoMount{dir: folderOf(m.text("source")), prefix: rest, lang: lang})
		}
	}
	if len(h.mounts) > 0 {
		return
	}
	content := orText(h.conf.text("contentdir"), "content")
	for _, lang := range sortedKeys(h.languages) {
		if dir := h.conf.text("languages", lang, "contentdir"); dir != "" {
			h.mounts = append(h.mounts, hugoMount{dir: folderOf(dir), lang: lang})
		}
	}
	if len(h.mounts) == 0 || h.d.has(content) && !slices.ContainsFunc(h.mounts, func(m hugoMount) bool { return strings.HasPrefix(m.dir, folderOf(content)) }) {
		if !h.d.has(content) && !h.d.has("config", "hugo.toml", "config.toml") {
			content = "" // a folder with nothing but posts
		}
		h.mounts = append(h.mounts, hugoMount{dir: folderOf(content)})
	}
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for key := range m {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}

// folderOf returns a clean relative folder with a slash at its end; "" is the root.
func folderOf(dir string) string {
	dir = strings.Trim(path.Clean("/"+dir), "/")
	if dir == "" {
		return ""
	}
	return dir + "/"
}

// hugoOrder are the keys that Hugo asks for each of its dates.
var hugoOrder = map[string][]string{
	"date":        {"date", "publishdate", "pubdate", "published", "lastmod", "modified"},
	"lastmod":     {":git", "lastmod", "modified", "date", "publishdate", "pubdate", "published"},
	"publishdate": {"publishdate", "pubdate", "published", "date"},
	"expirydate":  {"expirydate", "unpublishdate"},
}

// orders reads the setting frontmatter, which changes the keys of dates.
func (h *hugo) orders() {
	h.order = map[string][]string{}
	for date, byDefault := range hugoOrder {
		var keys []string
		for _, key := range h.conf.list("frontmatter", date) {
			if key = strings.ToLower(key); key == ":default" {
				keys = append(keys, byDefault...)
			} else {
				keys = append(keys, key)
			}
		}
		if len(keys) == 0 {
			keys = byDefault
		}
		h.order[date] = keys
	}
}

// permalinks reads the patterns of pages: by section, by kind and section, or
// as a list of targets.
func (h *hugo) permalinks() {
	h.patterns = map[string]string{}
	v, _ := h.conf.lookup("permalinks")
	if list, ok := v.([]any); ok {
		h.targets = list
		return
	}
	table := h.conf.table("permalinks")
	for key := range table {
		if nested, ok := asMap(table[key]); ok {
			if key == "page" {
				for section := range nested {
					h.patterns[strings.Trim(section, " /")] = nested.text(section)
				}
			}
			continue
		}
		if pattern := table.text(key); pattern != "" {
			if _, set := h.patterns[strings.Trim(key, " /")]; !set {
				h.patterns[strings.Trim(key, " /")] = pattern
			}
		}
	}
}
