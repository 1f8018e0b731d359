package posts_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"tidings.example/internal/store"
	"tidings.example/internal/store/storetest"
	"tidings.example/posts"
)

// generators are sites with one post each whose date is in its header.
var generators = map[string]struct {
	kind         posts.Kind
	config, file string
	header       string
}{
	"markdown":       {posts.Markdown, "", "a.md", "---\ntitle: A\ndate: 2026-01-02\n---\n"},
	"markdown, TOML": {posts.Markdown, "", "posts/a.md", "+++\ntitle = \"A\"\ndate = \"2026-01-02\"\n+++\n"},
	"markdown, meta": {posts.Markdown, "", "a.md", "Title: A\nDate: 2026-01-02\n\n"},
	"its front page": {posts.Markdown, "", "a/index.md", "---\ntitle: A\ndate: 2026-01-02\n---\n"},
	"hexo":           {posts.Hexo, "_config.yml", "source/_posts/a.md", "---\ntitle: A\ndate: 2026-01-02\n---\n"},
	"hugo":           {posts.Hugo, "hugo.yaml", "content/posts/a.md", "---\ntitle: A\ndate: 2026-01-02\n---\n"},
	"jekyll":         {posts.Jekyll, "_config.yml", "_posts/2026-01-02-a.md", "---\ntitle: A\ndate: 2026-01-02\n---\n"},
	"zola":           {posts.Zola, "", "content/a.md", "---\ntitle: A\ndate: 2026-01-02\n---\n"},
	"zola's page":    {posts.Zola, "", "content/now.md", "---\ntitle: A\ndate: 2026-01-02\n---\n"},
	"eleventy":       {posts.Eleventy, "", "a.md", "---\ntitle: A\ndate: 2026-01-02\n---\n"},
	"its bundle":     {posts.Eleventy, "", "posts/a/index.md", "---\ntitle: A\ndate: 2026-01-02\n---\n"},
	"astro":          {posts.Astro, "", "src/content/blog/a.md", "---\ntitle: A\npubDate: 2026-01-02\n---\n"},
	"pelican":        {posts.Pelican, "", "content/a.md", "Title: A\nDate: 2026-01-02\n\n"},
}

// slip is a blog in a folder, scanned into a ledger.
type slip struct {
	t    *testing.T
	root string
	kind posts.Kind
	db   *store.DB
	now  time.Time
}

func (s *slip) write(name, text string) {
	s.t.Helper()
	full := filepath.Join(s.root, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(full), 0o755); err != nil {
		s.t.Fatal(err)
	}
	if err := os.WriteFile(full, []byte(text), 0o644); err != nil {
		s.t.Fatal(err)
	}
}

func (s *slip) scan() posts.Report {
	s.t.Helper()
	d, err := posts.OpenSite(posts.SiteOptions{Root: s.root, Kind: s.kind, BaseURL: "https://blog.example/", TimeZone: time.UTC})
	if err != nil {
		s.t.Fatal(err)
	}
	defer d.Close()
	s.now = s.now.Add(time.Hour)
	scanner := posts.Scanner{Name: "blog", Source: d, Ledger: s.db, Bodies: s.db, Renderer: "r1"}
	r, err := scanner.Scan(s.t.Context(), s.now, posts.ScanOptions{Verify: true})
	if err != nil {
		s.t.Fatal(err)
	}
	return r
}

// newSlip makes a blog of the kind whose one post is released, and a second
// post so that the blog is never empty.
func newSlip(t *testing.T, name string) *slip {
	t.Helper()
	g := generators[name]
	db := storetest.Open(t, filepath.Join(t.TempDir(), "t.db"), store.Open)
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	s := &slip{t: t, root: t.TempDir(), kind: g.kind, db: db, now: time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)}
	if g.config != "" {
		s.write(g.config, "title: x\n")
	}
	s.write(g.file, g.header+"\nThe text of the first post.\n")
	s.write(strings.TrimSuffix(g.file, ".md")+"-other.md", strings.Replace(g.header, "A", "Other", 1)+"\nAnother text.\n")
	if r := s.scan(); r.New != 2 || len(r.Problems) != 0 {
		t.Fatalf("%s: %+v", name, r)
	}
	return s
}

func TestUnreadableDateIsToldWithItsLineAndWithdrawsNothing(t *testing.T) {
	t.Parallel()
	for name, g := range generators {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newSlip(t, name)
			for _, date := range []string{"2026-13-45", "yesterday", "10/01/2026", "2026-10-01 25:00", "01.10.2026", "2026-02-30"} {
				s.write(g.file, strings.Replace(g.header, "2026-01-02", date, 1)+"\nThe text of the first post.\n")
				r := s.scan()
				if r.Withdrawn+r.Removed != 0 {
					t.Errorf("date %s: withdrawn: %+v", date, r.Changes)
				}
				told := false
				for _, p := range r.Problems {
					told = told || p.Path == g.file && p.Line == strings.Count(g.header[:strings.Index(g.header, "2026-")], "\n")+1 && strings.Contains(p.Message, date)
				}
				if !told {
					t.Errorf("date %s is not told with its line: %v", date, r.Problems)
				}
			}
			s.write(g.file, g.header+"\nThe text of the first post, mended.\n")
			if r := s.scan(); r.New+r.Returned != 0 || r.Edited != 1 || len(r.Problems) != 0 {
				t.Errorf("mended: %+v", r)
			}
		})
	}
}

func TestSlipInAHeaderWithdrawsNothing(t *testing.T) {
	t.Parallel()
	slips := map[string]func(header string) string{
		"quotation mark":  func(h string) string { return strings.Replace(h, "itle: A", `itle: "A`, 1) },
		"tab":             func(h string) string { return strings.Replace(h, "\nda", "\n\tda", 1) },
		"two dashes":      func(h string) string { return h[1:] },
		"a blank":         func(h string) string { return " " + h },
		"a merge":         func(h string) string { return "<<<<<<< HEAD\n" + h },
		"a merge inside":  func(h string) string { return strings.Replace(h, "\n", "\n<<<<<<< HEAD\n", 1) },
		"no closing line": func(h string) string { return strings.TrimSuffix(h, "---\n") },
	}
	for name, g := range generators {
		if !strings.HasPrefix(g.header, "---") {
			continue
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newSlip(t, name)
			for what, slip := range slips {
				header := slip(g.header)
				s.write(g.file, header+"\nThe text of the first post.\n")
				r := s.scan()
				if r.Posts != 2 || r.Withdrawn+r.Removed+r.Edited != 0 {
					t.Errorf("%s: %+v", what, r)
				}
				if (len(r.Problems) != 1 || r.Problems[0].Path != g.file || r.Problems[0].Line == 0) && (g.kind != posts.Astro || what != "tab") {
					t.Errorf("%s: told %v", what, r.Problems)
				}
			}
		})
	}
}

func TestDateThatNobodyCanReadIsNoPostNews(t *testing.T) {
	t.Parallel()
	s := newSlip(t, "markdown")
	s.write("about.md", "---\ntitle: About\nupdated: yesterday\n---\nNo post.\n")
	s.write("draft.md", "---\ntitle: Draft\ndate: when it is done\ndraft: true\n---\nNo post yet.\n")
	if r := s.scan(); r.New != 0 || len(r.Problems) != 0 {
		t.Errorf("a page without a date, a draft with a bad one: %+v", r)
	}
	s.write("draft.md", "---\ntitle: Draft\ndate: when it is done\n---\nNo post yet.\n")
	if r := s.scan(); r.New != 0 || len(r.Problems) != 1 || r.Problems[0].Warning || r.Problems[0].Line != 3 {
		t.Errorf("a new post with a bad date: %+v", r)
	}
}
