package posts

import (
	"context"
	"net/url"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

// FuzzAddresses lets each generator make addresses of hostile patterns, titles
// and slugs: whatever comes out is a URL of the site, escaped, without blanks.
func FuzzAddresses(f *testing.F) {
	f.Add(":year/:month/:title/", "T", "a b", "---\ntitle: x\n---\n")
	f.Add("/:categories/:title:output_ext", "Ü &amp; x", "../../x", "url: /x:y")
	f.Add("{date:%Y}/{slug}", "%zz", "%2e%2e/", "permalink: //evil.example/")
	f.Add(":sections[1:]/:2006/:slug", "", "中", "---\npermalink: /%2E%2E/\nslug: ''\n---")
	f.Fuzz(func(t *testing.T, pattern, title, slug, header string) {
		quote := func(s string) string { return "'" + strings.ReplaceAll(strings.ToValidUTF8(s, ""), "'", "''") + "'" }
		line := strings.NewReplacer("\n", " ", "\r", " ", "\x00", "")
		pattern, title, slug = line.Replace(pattern), line.Replace(title), line.Replace(slug)
		text := "---\ntitle: " + quote(title) + "\nslug: " + quote(slug) + "\npermalink: " + quote(header) + "\ndate: 2020-01-02\ncategories: [" + quote(title) + "]\n---\nx\n"
		python := func(s string) string {
			return "'" + strings.NewReplacer("\\", "\\\\", "'", "\\'").Replace(strings.ToValidUTF8(s, "")) + "'"
		}
		for name, files := range map[string]map[string]string{
			"hexo":    {"_config.yml": "permalink: " + quote(pattern), "source/_posts/a.md": text},
			"jekyll":  {"_config.yml": "permalink: " + quote(pattern), "_posts/2020-01-02-a.md": text},
			"hugo":    {"hugo.yaml": "permalinks: {p: " + quote(pattern) + "}", "content/p/a.md": strings.Replace(text, "permalink:", "url:", 1)},
			"zola":    {"config.toml": "base_url = 'x'", "content/a.md": strings.Replace(text, "permalink:", "path:", 1)},
			"pelican": {"pelicanconf.py": "ARTICLE_URL = " + python(pattern), "content/a.md": strings.Replace(text, "permalink:", "x:", 1)},
			"eleven":  {".eleventy.js": "x", "posts/a.md": text},
			"plain":   {"a.md": text},
		} {
			d, err := OpenSite(SiteOptions{Root: writeSite(t, files), TimeZone: time.UTC, BaseURL: "https://site.example/sub"})
			if err != nil {
				continue // the pattern broke the configuration: told
			}
			for e, err := range d.Scan(context.Background(), nil, false) {
				if err != nil {
					t.Fatal(err)
				}
				if e.Post != nil {
					checkFuzzed(t, name, e.Post)
				}
			}
			d.Close()
		}
	})
}

func checkFuzzed(t *testing.T, name string, p *Post) {
	t.Helper()
	for _, raw := range append([]string{p.URL}, p.Aliases...) {
		if raw == "" {
			continue
		}
		u, err := url.Parse(raw)
		if err != nil || u.Host == "" || strings.ContainsAny(raw, " \t\n\"<>\\^`{|}") || !ascii(raw) {
			t.Errorf("%s: %q %v", name, raw, err)
			continue
		}
		if u.Host == "site.example" && (!strings.HasPrefix(u.Path, "/sub/") || strings.Contains(u.Path+"/", "/../")) {
			t.Errorf("%s: %q leaves the site", name, raw)
		}
	}
	if !utf8.ValidString(p.Title) || strings.ContainsAny(p.Title, "\r\n") {
		t.Errorf("%s: title %q", name, p.Title)
	}
}

func ascii(s string) bool {
	for i := range len(s) {
		if s[i] >= 0x80 || s[i] <= ' ' {
			return false
		}
	}
	return true
}

// FuzzLiterals feeds the readers of configurations written as programs.
func FuzzLiterals(f *testing.F) {
	f.Add("A = 'x'\nB = ('y',\n'z')\nC = {'k': [1, -2.5, None]}\n")
	f.Add("A = '\\u12")
	f.Add("A = ((((((((((")
	f.Add("dir: { input: 'x', // }\n} /* `")
	f.Fuzz(func(t *testing.T, src string) {
		for key, value := range pyAssignments(src) {
			if key == "" {
				t.Errorf("a nameless %v", value)
			}
		}
		js := newJSSource([]byte(src))
		if len(js) > len(src) {
			t.Error("comments were added")
		}
		_ = js.object("dir").value("input")
		_ = settings(pyAssignments(src)).list("A")
	})
}

// FuzzSite reads any file as a post of every kind, without a panic and within
// the promises of Post.
func FuzzSite(f *testing.F) {
	names, err := filepath.Glob("testdata/quirks/*/*.md")
	if err != nil || len(names) == 0 {
		f.Fatal("no quirks", err)
	}
	for _, name := range names {
		f.Add(mustRead(f, name))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		root := writeSite(t, map[string]string{"content/posts/2020-01-02-a.md": string(data)})
		for _, kind := range []Kind{Hexo, Hugo, Jekyll, Zola, Eleventy, Astro, Pelican, Markdown} {
			d, err := OpenSite(SiteOptions{Root: root, Kind: kind, TimeZone: time.UTC, BaseURL: "https://site.example/sub"})
			if err != nil {
				t.Fatal(kind, err)
			}
			for e, err := range d.Scan(context.Background(), nil, false) {
				if err != nil {
					t.Fatal(kind, err)
				}
				if e.Post != nil {
					checkFuzzed(t, string(kind), e.Post)
				}
			}
			d.Close()
		}
	})
}
