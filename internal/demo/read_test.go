package demo_test

import (
	"context"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"tidings.example/internal/demo"
	"tidings.example/posts"
)

func TestEveryPostReadsAndRendersWithoutAWarning(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "blog")
	if err := demo.Copy(dir); err != nil {
		t.Fatal(err)
	}
	site, err := posts.OpenSite(posts.SiteOptions{Root: dir})
	if err != nil {
		t.Fatal(err)
	}
	defer site.Close()
	if s := site.Site(); s.Kind != posts.Hexo || s.URL != "https://blog.example.org/" || s.TimeZone != "Asia/Shanghai" {
		t.Errorf("site %+v", s)
	}
	languages := map[string]int{}
	none := func(func(posts.Known, error) bool) {}
	for entry, err := range site.Scan(context.Background(), none, false) {
		if err != nil {
			t.Fatal(err)
		}
		if len(entry.Problems) > 0 || entry.Post == nil {
			t.Errorf("%s: %v", entry.Path, entry.Problems)
			continue
		}
		p := entry.Post
		languages[p.Language]++
		if p.StateAt(demo.Now()) != posts.Published || p.Title == "" || len(p.Tags) == 0 || !strings.HasPrefix(p.URL, "https://blog.example.org/2026/") {
			t.Errorf("%s: state %s, title %q, tags %q, URL %s", entry.Path, p.StateAt(demo.Now()), p.Title, p.Tags, p.URL)
		}
		r, err := site.Render(context.Background(), entry.Path)
		if err != nil {
			t.Errorf("%s: %v", entry.Path, err)
			continue
		}
		if len(r.Warnings) > 0 || len(r.Summary) < 60 || r.Columns < 800 || strings.Contains(r.HTML, "{%") {
			t.Errorf("%s: warnings %v, summary %q, %d columns", entry.Path, r.Warnings, r.Summary, r.Columns)
		}
	}
	if got := slices.Sorted(maps.Keys(languages)); !slices.Equal(got, []string{"en", "zh-CN"}) || languages["en"] != 2 {
		t.Errorf("languages %v", languages)
	}
}
