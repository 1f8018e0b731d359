package posts

import (
	"context"
	"encoding/json"
	"html"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/text/unicode/norm"
)

// corpus is the expected.json of a real blog.
type corpus struct {
	Generator   string       `json:"generator"`
	ZoneMinutes int          `json:"zone_minutes"`
	Now         time.Time    `json:"now"`
	Posts       []corpusPost `json:"posts"`
}

type corpusPost struct {
	Path       string   `json:"path"`
	Title      string   `json:"title"`
	DateUTC    string   `json:"date_utc"`
	Published  bool     `json:"published"`
	Tags       []string `json:"tags"`
	Categories []string `json:"categories"`
}

// disputed are the expectations that the generators themselves contradict.
var disputed = map[string]string{
	// Zola skips the whole folder of a section that is a draft (Site::load:
	// "if the section is drafted we can skip the entire dir").
	"zola-fixtures test_site/content/secret_section/page.md":                     "state",
	"zola-fixtures test_site/content/secret_section/secret_sub_section/hello.md": "state",
	// The listing was made with default settings, not with those of the site,
	// which name permalinks and uglyURLs: with them Hugo gives these addresses.
	"hugo-letsencrypt": "url",
}

func TestRealBlogsAreReadWithoutADifference(t *testing.T) {
	t.Parallel()
	dir := sharedFolder(t, "corpora")
	names, err := filepath.Glob(filepath.Join(dir, "*", "expected.json"))
	if err != nil || len(names) == 0 {
		t.Fatalf("no corpora in %s: %v", dir, err)
	}
	for _, name := range names {
		folder := filepath.Dir(name)
		var c corpus
		if err := json.Unmarshal(mustRead(t, name), &c); err != nil || len(c.Posts) == 0 {
			continue // a list of another form: quirks, feeds, subscribers
		}
		for _, named := range []bool{true, false} {
			test := filepath.Base(folder)
			if !named {
				test += "/recognised"
			}
			t.Run(test, func(t *testing.T) {
				t.Parallel()
				compareCorpus(t, folder, c, named)
			})
		}
	}
}

func compareCorpus(t *testing.T, folder string, c corpus, named bool) {
	t.Helper()
	o := SiteOptions{Root: folder, TimeZone: corpusZone(t, c.ZoneMinutes), ZoneOverride: true}
	if named {
		o.Kind = map[string]Kind{"goblog": Markdown, "weekly": Markdown, "rust2023": Jekyll, "zola-path": Zola}[c.Generator]
		if o.Kind == "" {
			o.Kind = Kind(c.Generator)
		}
		if c.Generator == "" {
			o.Kind = Markdown
		}
	}
	if c.Now.IsZero() {
		c.Now = siteNow
	}
	r, err := DryRun(context.Background(), openSite(t, o), c.Now, false)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.IsSortedFunc(r.Posts, func(a, b DryPost) int { return strings.Compare(a.Path, b.Path) }) {
		t.Error("paths are not in ascending order")
	}
	got := map[string]DryPost{}
	for _, p := range r.Posts {
		got[p.Path] = p
	}
	addresses := corpusAddresses(t, folder)
	for _, want := range c.Posts {
		p, found := got[want.Path]
		delete(got, want.Path)
		compareCorpusPost(t, filepath.Base(folder), want, p, found, addresses)
	}
	for path, p := range got {
		if p.Published {
			t.Errorf("%s is no post, but published", path)
		}
	}
}

func compareCorpusPost(t *testing.T, name string, want corpusPost, got DryPost, found bool, addresses map[string]string) {
	t.Helper()
	if disputed[name+" "+want.Path] == "state" {
		if found && got.Published {
			t.Errorf("%s: is below a draft, but published", want.Path)
		}
		return
	}
	if got.Published != want.Published {
		t.Errorf("%s: published: want %t, got %t (%s)", want.Path, want.Published, got.Published, got.State)
	}
	if !want.Published || !found {
		return
	}
	if w := plainTitle(want.Title); w != "" && w != plainTitle(got.Title) {
		t.Errorf("%s: title: want %q, got %q", want.Path, w, got.Title)
	}
	if want.DateUTC != "" && (got.Date == nil || got.Date.Format(time.RFC3339) != want.DateUTC) {
		t.Errorf("%s: date: want %s, got %v", want.Path, want.DateUTC, got.Date)
	}
	if w, g := sortedWords(want.Tags), sortedWords(got.Tags); !slices.Equal(w, g) {
		t.Errorf("%s: tags: want %q, got %q", want.Path, w, g)
	}
	if w, g := sortedWords(want.Categories), sortedWords(got.Categories); !slices.Equal(w, g) {
		t.Errorf("%s: categories: want %q, got %q", want.Path, w, g)
	}
	u, err := url.Parse(got.URL)
	if err != nil {
		t.Fatalf("%s: %v", want.Path, err)
	}
	if w := addresses[want.Path]; w != "" && disputed[name] != "url" && !strings.HasSuffix(u.Path, w) {
		t.Errorf("%s: url: want %s, got %s", want.Path, w, u.Path)
	}
}

func plainTitle(s string) string {
	return strings.Join(strings.Fields(html.UnescapeString(norm.NFC.String(s))), " ")
}

func sortedWords(words []string) []string {
	words = slices.Clone(words)
	for i := range words {
		words[i] = strings.TrimSpace(words[i])
	}
	slices.Sort(words)
	return words
}

func corpusZone(t *testing.T, minutes int) *time.Location {
	t.Helper()
	name := map[int]string{0: "UTC", 480: "Asia/Shanghai", -480: "America/Los_Angeles", -240: "Etc/GMT+4"}[minutes]
	zone, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return zone
}

// corpusAddresses are the paths that Hexo itself made of a corpus, by file.
func corpusAddresses(t *testing.T, folder string) map[string]string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(folder, "built-here", "hexo-posts.json"))
	if err != nil {
		return nil
	}
	var made []struct {
		Source, Path string
		Published    bool
	}
	if err := json.Unmarshal(b, &made); err != nil {
		t.Fatal(err)
	}
	addresses := map[string]string{}
	for _, m := range made {
		if plain, err := url.PathUnescape(m.Path); err == nil && m.Published {
			addresses["source/"+m.Source] = "/" + plain
		}
	}
	return addresses
}
