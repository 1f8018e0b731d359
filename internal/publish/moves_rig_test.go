package publish_test

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"tidings.example/internal/publish"
	"tidings.example/internal/store"
	"tidings.example/internal/store/storetest"
	"tidings.example/posts"
)

// article is a post that every generator can write down.
type article struct {
	slug, title, day, body string
	// extra are lines for its header, in the new site's own form.
	extra string
	draft bool
}

// library is ten articles, none of them young.
func library() []article {
	list := []article{
		{slug: "git", title: "Git 速查：手册", body: "用 `git log` 看历史。\n\n```sh\ngit log --oneline\n```\n"},
		{slug: "tea", title: "A Cup of Tea", body: "Water first.\n\n![cup](/img/cup.png)\n"},
		{slug: "sea", title: "The Sea", body: "Salt, and {{ wind }}.\n"},
	}
	for i := range 7 {
		list = append(list, article{slug: fmt.Sprintf("note-%d", i+1), title: fmt.Sprintf("Note %d", i+1), body: fmt.Sprintf("Thought number %d.\n\nMore of it.\n", i+1)})
	}
	for i := range list {
		list[i].day = fmt.Sprintf("2024-%02d-%02d", i+1, 10+i)
	}
	return list
}

// site is a folder's files and how it is read.
type site struct {
	files map[string]string
}

func yaml(a article, more string) string {
	draft := ""
	if a.draft {
		draft = "draft: true\n"
	}
	return fmt.Sprintf("---\ntitle: %q\n%s%s%s---\n%s", a.title, more, draft, a.extra, a.body)
}

func hexo(list []article, permalink string) site {
	s := site{files: map[string]string{"_config.yml": "title: Blog\nurl: https://blog.example.org\ntimezone: UTC\npermalink: " + permalink + "\n"}}
	for _, a := range list {
		s.files["source/_posts/"+a.slug+".md"] = yaml(a, "date: "+a.day+" 08:00:00\n")
	}
	return s
}

func hugo(list []article) site {
	s := site{files: map[string]string{"hugo.toml": "baseURL = \"https://blog.example.org/\"\ntitle = \"Blog\"\ntimeZone = \"UTC\"\n"}}
	for _, a := range list {
		s.files["content/posts/"+a.slug+"/index.md"] = yaml(a, "date: "+a.day+"T08:00:00Z\n")
	}
	return s
}

func jekyll(list []article, permalink string) site {
	s := site{files: map[string]string{"_config.yml": "title: Blog\nurl: https://blog.example.org\nmarkdown: kramdown\ntimezone: Asia/Shanghai\npermalink: " + permalink + "\n", "Gemfile": "gem 'jekyll'\n"}}
	for _, a := range list {
		s.files["_posts/"+a.day+"-"+a.slug+".md"] = yaml(a, "")
	}
	return s
}

func zola(list []article) site {
	s := site{files: map[string]string{"config.toml": "base_url = \"https://blog.example.org\"\n[markdown]\n", "content/_index.md": "+++\n+++\n"}}
	for _, a := range list {
		s.files["content/"+a.slug+".md"] = fmt.Sprintf("+++\ntitle = %q\ndate = %s\ndraft = %t\n%s+++\n%s", a.title, a.day, a.draft, a.extra, a.body)
	}
	return s
}

// with returns the articles changed.
func with(list []article, change func(i int, a *article)) []article {
	list = append([]article{}, list...)
	for i := range list {
		change(i, &list[i])
	}
	return list
}

// blog is a ledger and the rounds over it.
type blog struct {
	t   *testing.T
	db  *store.DB
	p   *publish.Publisher
	now time.Time
}

func newBlog(t *testing.T) *blog {
	t.Helper()
	db := storetest.Open(t, filepath.Join(t.TempDir(), "tidings.db"), store.Open)
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return &blog{t: t, db: db, now: time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC), p: &publish.Publisher{
		Ledger: db, Renderer: "r", Log: slog.New(slog.DiscardHandler),
		Want: func(context.Context) (posts.Want, error) { return posts.Want{}, nil },
	}}
}

// folder writes a site down.
func folder(t *testing.T, s site) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range s.files {
		file := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// source is a configured source over a folder.
func source(name string, o posts.SiteOptions) publish.Source {
	if o.TimeZone == nil {
		o.TimeZone = time.UTC
	}
	return publish.Source{Name: name, Open: func(context.Context) (publish.OpenSource, error) { return posts.OpenSite(o) }}
}

// round makes a round an hour after the one before.
func (b *blog) round(o posts.ScanOptions, sources ...publish.Source) publish.Round {
	b.t.Helper()
	b.p.Sources = sources
	b.now = b.now.Add(time.Hour)
	r, err := b.p.Round(b.t.Context(), b.now, o)
	if err != nil {
		b.t.Fatal(err)
	}
	for _, p := range r.Problems {
		if !p.Warning {
			b.t.Fatalf("%s: %s", p.Path, p.Message)
		}
	}
	return r
}

// live returns the posts in feeds by their title.
func (b *blog) live() map[string]posts.Record {
	return b.liveBy(func(r *posts.Record) string { return r.Title })
}

// liveBy returns the posts in feeds by a key that is each one's own.
func (b *blog) liveBy(key func(*posts.Record) string) map[string]posts.Record {
	b.t.Helper()
	out := map[string]posts.Record{}
	for r, err := range b.db.AllPosts(b.t.Context()) {
		if err != nil {
			b.t.Fatal(err)
		}
		if r.Live() {
			if other, taken := out[key(&r)]; taken {
				b.t.Errorf("%q is live twice: %s and %s", key(&r), other.Path, r.Path)
			}
			out[key(&r)] = r
		}
	}
	return out
}

// kept fails for each title that is not the post that it was.
func (b *blog) kept(before map[string]posts.Record, renamed map[string]string) {
	b.t.Helper()
	after := b.live()
	for title, was := range before {
		now := title
		if renamed[title] != "" {
			now = renamed[title]
		}
		if is, ok := after[now]; !ok || is.ID != was.ID || is.Seq != was.Seq || !is.Present {
			b.t.Errorf("%q was %s (%s), is %s (%s), number %d", title, was.ID, was.Path, is.ID, is.Path, is.Seq)
		}
	}
}

// told is what the scans of a round tell of a kind.
func told(r publish.Round, kinds ...posts.ChangeKind) string {
	var out []string
	for _, s := range r.Scans {
		for _, c := range s.Changes {
			for _, k := range kinds {
				if c.Kind == k {
					out = append(out, string(c.Kind)+" "+c.Path)
				}
			}
		}
		if s.Hold != "" {
			out = append(out, s.Source+" held: "+s.Hold)
		}
	}
	return strings.Join(out, "\n")
}
