package posts

import (
	"context"
	"testing"
)

func TestNamesOfPeopleHoldNoAddress(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]Author{
		"Bob <bob@x.example>": {Name: "Bob", Email: "bob@x.example"}, "bob@x.example (Bob)": {Name: "Bob", Email: "bob@x.example"},
		"bob@x.example": {Name: "bob", Email: "bob@x.example"}, "李 (she/her)": {Name: "李 (she/her)"}, "Ann": {Name: "Ann"},
	} {
		for kind, files := range map[string]map[string]string{
			"header":   {"_config.yml": "title: T\nurl: https://b.example\ntimezone: UTC\n", "source/_posts/a.md": "---\ntitle: A\ndate: 2026-01-02\nauthor: \"" + in + "\"\n---\nx\n"},
			"headers":  {"_config.yml": "title: T\nurl: https://b.example\ntimezone: UTC\n", "source/_posts/a.md": "---\ntitle: A\ndate: 2026-01-02\nauthors: [\"" + in + "\"]\n---\nx\n"},
			"the site": {"_config.yml": "title: T\nurl: https://b.example\ntimezone: UTC\nauthor: \"" + in + "\"\n", "source/_posts/a.md": "---\ntitle: A\ndate: 2026-01-02\n---\nx\n"},
		} {
			d := openSite(t, SiteOptions{Root: writeSite(t, files), Kind: Hexo})
			got := d.Site().Author
			for e, err := range d.Scan(context.Background(), nil, false) {
				if err != nil || e.Post == nil {
					t.Fatalf("%+v, %v", e, err)
				}
				if len(e.Post.Authors) > 0 {
					got = e.Post.Authors[0]
				}
			}
			if got != want {
				t.Errorf("%s names %q: %+v, want %+v", kind, in, got, want)
			}
		}
	}
}
