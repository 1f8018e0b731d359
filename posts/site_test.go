package posts

import (
	"context"
	"strings"
	"testing"
	"time"
)

func TestTimeZoneIsTheSitesOwnOrRequired(t *testing.T) {
	t.Parallel()
	tokyo, err := time.LoadLocation("Asia/Tokyo")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name, config string
		o            SiteOptions
		want         string
	}{
		{"its own", "timezone: Europe/Berlin\n", SiteOptions{}, "Europe/Berlin"},
		{"its own before the setting", "timezone: Europe/Berlin\n", SiteOptions{TimeZone: tokyo}, "Europe/Berlin"},
		{"the override before its own", "timezone: Europe/Berlin\n", SiteOptions{TimeZone: tokyo, ZoneOverride: true}, "Asia/Tokyo"},
		{"the setting", "title: x\n", SiteOptions{TimeZone: tokyo}, "Asia/Tokyo"},
		{"nobody's", "title: x\n", SiteOptions{}, "error: time_zone is required"},
		{"an unknown one", "timezone: Mars/Olympus\n", SiteOptions{}, "error: \"Mars/Olympus\", which is not known"},
	} {
		c.o.Root = writeSite(t, map[string]string{"_config.yml": c.config, "source/_posts/a.md": onePost})
		d, err := OpenSite(c.o)
		got := ""
		if err != nil {
			got = "error: " + err.Error()
		} else {
			got = d.Site().TimeZone
			d.Close()
		}
		if want, wrong := strings.CutPrefix(c.want, "error: "); got != c.want && (!wrong || !strings.Contains(got, want) || err == nil) {
			t.Errorf("%s: want %s, got %s", c.name, c.want, got)
		}
	}
	if _, err := OpenSite(SiteOptions{Root: writeSite(t, map[string]string{"a.md": onePost})}); err == nil || !strings.Contains(err.Error(), "time_zone is required") {
		t.Errorf("plain Markdown without a zone: %v", err)
	}
}

func TestMistakesOfASiteAreToldWithPlaceAndWayOut(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, file, text string
		o                SiteOptions
		want             string
	}{
		{"YAML", "_config.yml", "title: x\nurl: [\n", SiteOptions{}, "_config.yml:"},
		{"TOML", "hugo.toml", "title = 'x'\nbaseURL = \n", SiteOptions{}, "hugo.toml:2"},
		{"JSON", "hugo.json", "{\n\"a\": 1,\n}", SiteOptions{}, "hugo.json:3"},
		{"kind", "a.md", onePost, SiteOptions{Kind: "wordpress"}, "want hexo, hugo"},
		{"base", "a.md", onePost, SiteOptions{BaseURL: "blog.example.org"}, "base_url"},
		{"file", "a.md", onePost, SiteOptions{Root: "a.md"}, "not the folder"},
		{"nothing", "a.md", onePost, SiteOptions{Root: "nothing"}, "no such file"},
	} {
		dir := writeSite(t, map[string]string{c.file: c.text})
		c.o.Root = strings.TrimSuffix(dir+"/"+c.o.Root, "/")
		c.o.TimeZone = time.UTC
		if _, err := OpenSite(c.o); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v does not say %q", c.name, err, c.want)
		}
	}
}

func TestKindIsRecognised(t *testing.T) {
	t.Parallel()
	post := "---\ntitle: t\n---\n"
	for _, c := range []struct {
		name  string
		files map[string]string
		want  Kind
	}{
		{"hexo", map[string]string{"_config.yml": "title: x", "source/_posts/a.md": post}, Hexo},
		{"hexo without posts", map[string]string{"_config.yml": "new_post_name: x"}, Hexo},
		{"hexo by its package", map[string]string{"_config.yml": "a: b", "package.json": `{"dependencies":{"hexo":"7"}}`}, Hexo},
		{"jekyll", map[string]string{"_config.yml": "title: x", "_posts/2020-01-01-a.md": post}, Jekyll},
		{"jekyll below docs", map[string]string{"docs/_config.yml": "title: x", "docs/_posts/2020-01-01-a.md": post}, Jekyll},
		{"jekyll by its gem", map[string]string{"Gemfile": "gem 'github-pages'", "index.md": "x"}, Jekyll},
		{"hugo", map[string]string{"hugo.yaml": "title: x"}, Hugo},
		{"hugo with its old name", map[string]string{"config.toml": "baseURL = 'x'", "content/a.md": post}, Hugo},
		{"hugo with a folder", map[string]string{"config/_default/params.toml": "a = 1"}, Hugo},
		{"zola", map[string]string{"config.toml": "base_url = 'x'", "content/a.md": post}, Zola},
		{"zola without settings", map[string]string{"content/_index.md": "+++\nsort_by = 'date'\n+++\n"}, Zola},
		{"eleventy", map[string]string{".eleventy.js": "x"}, Eleventy},
		{"eleventy by its package", map[string]string{"package.json": `{"devDependencies":{"@11ty/eleventy":"3"}}`}, Eleventy},
		{"astro", map[string]string{"astro.config.ts": "x"}, Astro},
		{"pelican", map[string]string{"pelicanconf.py": "x = 1"}, Pelican},
		{"pelican without settings", map[string]string{"content/a.md": "Title: x\nDate: 2020-01-01\n\nx"}, Pelican},
		{"markdown", map[string]string{"docs/issue-1.md": "# x"}, Markdown},
		{"nothing", nil, Markdown},
	} {
		d := openSite(t, SiteOptions{Root: writeSite(t, c.files), TimeZone: time.UTC})
		if got := d.Site().Kind; got != c.want {
			t.Errorf("%s: %s", c.name, got)
		}
	}
}

func TestOwnersPatternTakesThePlaceOfTheGenerators(t *testing.T) {
	t.Parallel()
	root := writeSite(t, map[string]string{"a b.md": onePost, "undated.md": "# x\n"})
	d := openSite(t, SiteOptions{Root: root, Kind: Markdown, TimeZone: time.UTC, BaseURL: "https://m.example/x", Permalink: "/:year/:month/:day/:slug.html"})
	entries := scanAll(t, d, nil, false)
	if got := entryAt(t, entries, "a b.md").Post.URL; got != "https://m.example/x/2020/01/02/a%20b.html" {
		t.Error(got)
	}
	if e := entryAt(t, entries, "undated.md"); e.Post.URL != "" || len(e.Problems) != 1 || !strings.Contains(e.Problems[0].Message, "no date") {
		t.Errorf("%+v", e)
	}
}

func TestFuturePostsWaitUnlessTheOwnerLetsThemOut(t *testing.T) {
	t.Parallel()
	root := writeSite(t, map[string]string{"_config.yml": "future: true\nurl: https://h.example\ntimezone: UTC\n", "source/_posts/a.md": "---\ndate: 2099-01-01\n---\n"})
	for future, want := range map[bool]State{false: Future, true: Published} {
		r, err := DryRun(context.Background(), openSite(t, SiteOptions{Root: root, Future: future}), siteNow, false)
		if err != nil || len(r.Posts) != 1 || r.Posts[0].State != want {
			t.Errorf("future %t: %+v %v", future, r.Posts, err)
		}
	}
}

func TestSiteWithoutAddressIsToldOnceAndHasPathsInADryRun(t *testing.T) {
	t.Parallel()
	root := writeSite(t, map[string]string{"_config.yml": "timezone: UTC\nurl: ''\n", "source/_posts/a.md": onePost, "source/_posts/b.md": onePost})
	d := openSite(t, SiteOptions{Root: root})
	for _, e := range scanAll(t, d, nil, false) {
		if e.Post.URL != "" || len(e.Problems) != 0 {
			t.Errorf("%+v", e)
		}
	}
	r, err := DryRun(context.Background(), d, siteNow, true)
	if err != nil || len(r.Problems) != 1 || !strings.Contains(r.Problems[0].Message, "base_url") || r.Posts[0].URL != "/2020/01/02/a/" || r.Posts[0].Summary != "body" {
		t.Errorf("%+v %v", r, err)
	}
}
