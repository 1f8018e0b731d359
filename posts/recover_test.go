package posts

import (
	"strings"
	"testing"

	"tidings.example/posts/markdown"
)

// faulty are rules that break on one file.
type faulty struct {
	rules
	onFill, onRender *bool
}

func (f faulty) fill(p *page) bool {
	if *f.onFill && strings.HasSuffix(p.path, "bad.md") {
		var none []string
		return none[len(p.path)] == ""
	}
	return f.rules.fill(p)
}

func (f faulty) dialect() markdown.Dialect {
	if *f.onRender {
		panic("the renderer broke")
	}
	return f.rules.dialect()
}

func TestMistakeOfOursCostsOneFileNotTheScan(t *testing.T) {
	t.Parallel()
	const post = "---\ntitle: T\ndate: 2026-01-02\n---\nText.\n"
	d := openSite(t, SiteOptions{Kind: Hexo, Root: writeSite(t, map[string]string{"_config.yml": "url: https://h.example\ntimezone: UTC\n",
		"source/_posts/a.md": post, "source/_posts/bad.md": post, "source/_posts/c.md": post})})
	onFill, onRender := true, false
	d.rules = faulty{d.rules, &onFill, &onRender}
	entries := scanAll(t, d, nil, false)
	if len(entries) != 3 || entries[0].Post == nil || entries[1].Post != nil || entries[2].Post == nil {
		t.Fatalf("%+v", entries)
	}
	told := entries[1].Problems
	if len(told) != 1 || told[0].Warning || told[0].Path != "source/_posts/bad.md" {
		t.Fatalf("%+v", told)
	}
	for _, part := range []string{"reading it failed inside tidings: ", "index out of range", "recover_test.go:", "please report it"} {
		if !strings.Contains(told[0].Message, part) {
			t.Errorf("%q does not say %q", told[0].Message, part)
		}
	}
	onRender = true
	_, err := d.Render(t.Context(), "source/_posts/a.md")
	if err == nil || !strings.Contains(err.Error(), "source/_posts/a.md: rendering it failed inside tidings: the renderer broke (at recover_test.go:") {
		t.Errorf("rendering: %v", err)
	}
	onFill = false
	_, err = d.Render(t.Context(), "source/_posts/bad.md")
	onRender = false
	if out, again := d.Render(t.Context(), "source/_posts/bad.md"); err == nil || again != nil || !strings.Contains(out.HTML, "Text.") {
		t.Errorf("the next time: %v, %v, %q", err, again, out.HTML)
	}
}
