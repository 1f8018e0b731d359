package store

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"tidings.example/posts"
)

// pair is two sources that show some of the same posts.
type pair struct {
	t           *testing.T
	blog, other *world
	order       []string
}

// newPair returns a blog and a planet that shows its posts in other words,
// beside one of its own.
func newPair(t *testing.T) *pair {
	p := &pair{t: t, blog: newWorld(t, three()), order: []string{"blog", "planet"}}
	shown := map[string]file{"own": article("own", ago(1))}
	for path, f := range three() {
		f.post.URL = strings.Replace(strings.TrimSuffix(f.post.URL, "/"), "https:", "http:", 1)
		f.text = "the planet's " + f.text
		shown["guid-"+path] = f
	}
	p.other = p.blog.beside("planet", shown)
	p.other.site.broken = map[string]error{}
	return p
}

// scan scans a source in the order that is configured now.
func (p *pair) scan(w *world) posts.Report {
	p.t.Helper()
	w.scanner.Order = p.order
	w.scanner.Stands = func(source, _ string) bool { return slices.Contains(p.order, source) }
	return w.scan()
}

// state is what can be seen: each live post with its source.
func (p *pair) state() string {
	p.t.Helper()
	var out []string
	for _, r := range p.blog.all() {
		if r.Live() {
			out = append(out, fmt.Sprintf("%s:%s", r.Source, r.Title))
		}
	}
	slices.Sort(out)
	return strings.Join(out, ", ")
}

const (
	blogWins   = "blog:Title a, blog:Title b, blog:Title c, planet:Title own"
	planetWins = "planet:Title a, planet:Title b, planet:Title c, planet:Title own"
)

func (p *pair) ids() map[string]string {
	ids := map[string]string{}
	for id, r := range p.blog.all() {
		if other := ids[r.Title]; other != "" {
			p.t.Errorf("%s is there twice: %s and %s", r.Title, other, id)
		}
		ids[r.Title] = id
	}
	return ids
}

// kept fails where an id changed, or a post was told as anything but moved.
func (p *pair) kept(before map[string]string, reports ...posts.Report) {
	p.t.Helper()
	if after := p.ids(); !maps.Equal(before, after) {
		p.t.Errorf("ids were %v, are %v", before, after)
	}
	for _, r := range reports {
		if r.New+r.Edited+r.Returned+r.Withdrawn+r.Removed > 0 || r.Hold != "" {
			p.t.Errorf("told as news: %+v", r)
		}
	}
}

func TestAPostOfTwoSourcesIsTakenFromTheFirstWhicheverWasScannedFirst(t *testing.T) {
	t.Parallel()
	for name, blogFirst := range map[string]bool{"blog scanned first": true, "planet scanned first": false} {
		for _, order := range [][]string{{"blog", "planet"}, {"planet", "blog"}} {
			p := newPair(t)
			p.order = order
			scans := []*world{p.blog, p.other}
			if !blogFirst {
				slices.Reverse(scans)
			}
			for _, w := range scans {
				p.scan(w)
			}
			ids := p.ids()
			var again []posts.Report
			for range 2 {
				again = append(again, p.scan(p.other), p.scan(p.blog))
			}
			p.kept(ids, again...)
			if r := again[3]; r.Changed() || again[2].Changed() {
				t.Errorf("%s, %v: no rest: %+v", name, order, again)
			}
			want := blogWins
			if order[0] == "planet" {
				want = planetWins
			}
			if got := p.state(); got != want || len(ids) != 4 {
				t.Errorf("%s, %v: %s, want %s", name, order, got, want)
			}
		}
	}
}

func TestATwinTakesThePlaceOfAPostThatIsGone(t *testing.T) {
	t.Parallel()
	p := newPair(t)
	p.scan(p.blog)
	p.scan(p.other)
	ids := p.ids()
	b := p.blog.site.files["b.md"]
	delete(p.blog.site.files, "b.md")
	p.kept(ids, p.scan(p.blog), p.scan(p.other))
	if got := p.state(); got != "blog:Title a, blog:Title c, planet:Title b, planet:Title own" {
		t.Errorf("%s", got)
	}
	p.other.render(posts.Want{All: true})
	if got := p.blog.at("guid-b.md"); got.Body.Summary != "the planet's text of b" || !got.Edited.IsZero() {
		t.Errorf("%+v", got)
	}
	// It comes back, and its own source has the word again.
	p.blog.site.files["b.md"] = b
	p.kept(ids, p.scan(p.blog), p.scan(p.other))
	if got := p.state(); got != blogWins {
		t.Errorf("%s", got)
	}
	// What no source shows any more is withdrawn.
	delete(p.other.site.files, "guid-b.md")
	p.kept(ids, p.scan(p.other))
	delete(p.blog.site.files, "b.md")
	if r := p.scan(p.blog); r.Withdrawn != 1 {
		t.Errorf("%+v", r)
	}
}

func TestAllPostsOfASourceCanGoOverToTheirTwinsAtOnce(t *testing.T) {
	t.Parallel()
	p := newPair(t)
	p.scan(p.blog)
	p.scan(p.other)
	ids := p.ids()
	p.order = []string{"planet"} // the blog is gone from the configuration
	p.kept(ids, p.scan(p.other), p.scan(p.other))
	if got := p.state(); got != planetWins {
		t.Errorf("%s", got)
	}
	left, err := p.blog.db.Leftovers(t.Context(), p.order)
	if err != nil || len(left) != 0 {
		t.Errorf("left %v, %v", left, err)
	}
	// It is there again, before the planet.
	p.order = []string{"blog", "planet"}
	p.kept(ids, p.scan(p.blog), p.scan(p.other))
	if got := p.state(); got != blogWins {
		t.Errorf("%s", got)
	}
	// The planet goes: nothing of the blog does.
	p.order = []string{"blog"}
	p.kept(ids, p.scan(p.blog))
	if _, err := posts.Retire(t.Context(), p.blog.db, "planet", p.blog.now); err != nil {
		t.Fatal(err)
	}
	if got := p.state(); got != "blog:Title a, blog:Title b, blog:Title c" {
		t.Errorf("%s", got)
	}
}

func TestATwinThatBecomesAnotherArticleIsAPostOfItsOwn(t *testing.T) {
	t.Parallel()
	p := newPair(t)
	p.scan(p.blog)
	p.scan(p.other)
	a := p.blog.at("a.md").ID
	p.other.site.files["guid-a.md"] = article("other", ago(0))
	if r := p.scan(p.other); r.New != 1 || r.Withdrawn != 0 {
		t.Errorf("%+v", r)
	}
	if got := p.blog.at("guid-a.md"); got.ID == a || got.Title != "Title other" {
		t.Errorf("%+v", got)
	}
	if got := p.blog.at("a.md"); got.ID != a || !got.Present {
		t.Errorf("%+v", got)
	}
}

func TestOnePageOfManyArticlesFoldsNothing(t *testing.T) {
	t.Parallel()
	p := newPair(t)
	for path, f := range p.blog.site.files {
		f.post.URL = "https://blog.example/"
		p.blog.site.files[path] = f
	}
	for path, f := range p.other.site.files {
		f.post.URL, f.post.Title = "https://blog.example/", "Planet "+path
		p.other.site.files[path] = f
	}
	p.scan(p.blog)
	p.scan(p.other)
	if n := len(p.ids()); n != 7 {
		t.Errorf("%d posts, want 7: %s", n, p.state())
	}
}

func TestAPostThatWaitsWhenItsTwinTakesOverIsStillNews(t *testing.T) {
	t.Parallel()
	p := newPair(t)
	p.scan(p.blog)
	p.blog.site.files["d.md"] = article("d", ago(0))
	p.scan(p.blog) // d is new and waits
	p.order = []string{"planet", "blog"}
	d := p.blog.site.files["d.md"]
	p.other.site.files["guid-d"] = d
	p.scan(p.other) // the planet's first scan takes it over
	p.other.now = p.blog.now
	released := p.other.release()
	if len(released) != 1 || released[0].Title != "Title d" || !released[0].Mailable || released[0].Source != "planet" {
		t.Errorf("%+v", released)
	}
}
