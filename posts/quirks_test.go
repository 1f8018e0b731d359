package posts

import (
	"bytes"
	"context"
	"encoding/json"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"
)

// quirk is one entry of testdata/quirks/expected.json.
type quirk struct {
	Path   string         `json:"path"`
	Expect map[string]any `json:"expect"`
}

// quirkSites opens every folder of the quirks as a site of its kind.
func quirkSites(t *testing.T) map[string]*Directory {
	t.Helper()
	zone, err := time.LoadLocation("Asia/Shanghai")
	if err != nil {
		t.Fatal(err)
	}
	kinds := map[string]Kind{"golang": Markdown, "weekly": Markdown, "k8s": Hugo}
	sites := map[string]*Directory{}
	folders, err := os.ReadDir("testdata/quirks")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range folders {
		if !f.IsDir() {
			continue
		}
		kind, special := kinds[f.Name()]
		if !special {
			kind = Kind(f.Name())
		}
		sites[f.Name()] = openSite(t, SiteOptions{Root: filepath.Join("testdata/quirks", f.Name()), Kind: kind, TimeZone: zone,
			ZoneOverride: true, BaseURL: "https://q.example/"})
	}
	return sites
}

func TestEveryQuirkOfRealHeadersIsUnderstood(t *testing.T) {
	t.Parallel()
	b, err := os.ReadFile("testdata/quirks/expected.json")
	if err != nil {
		t.Fatal(err)
	}
	var quirks []quirk
	if err := json.Unmarshal(b, &quirks); err != nil {
		t.Fatal(err)
	}
	sites := quirkSites(t)
	scans := map[string][]Entry{}
	for name, d := range sites {
		scans[name] = scanAll(t, d, nil, false)
	}
	if len(quirks) < 40 {
		t.Fatalf("only %d quirks", len(quirks))
	}
	for _, q := range quirks {
		t.Run(strings.ReplaceAll(q.Path, " ", "_"), func(t *testing.T) {
			folder, file := path.Split(q.Path)
			folder = strings.TrimSuffix(folder, "/")
			i := slices.IndexFunc(scans[folder], func(e Entry) bool { return e.Path == file })
			var e Entry
			if i >= 0 {
				e = scans[folder][i]
			}
			checkQuirk(t, sites[folder], file, e, q.Expect)
		})
	}
}

// checkQuirk asserts every form of expectation that concerns posts.
func checkQuirk(t *testing.T, d *Directory, file string, e Entry, expect map[string]any) {
	t.Helper()
	if checkUnread(t, file, e, expect) {
		return
	}
	if e.Post == nil {
		t.Fatalf("no post: %v", e.Problems)
	}
	p := e.Post
	is := func(key string, got any) {
		if want, ok := expect[key]; ok {
			if w, g := asJSON(t, want), asJSON(t, got); w != g {
				t.Errorf("%s: want %s, got %s", key, w, g)
			}
		}
	}
	title := any(p.Title)
	if want, ok := expect["title"]; ok && want == nil && p.Title == "" {
		title = nil
	}
	is("title", title)
	is("slug", p.Slug)
	is("tags", append([]string{}, p.Tags...))
	is("categories", append([]string{}, p.Categories...))
	is("date_utc", p.Date.UTC().Format("2006-01-02T15:04:05Z"))
	is("date_local", p.Date.In(d.Zone()).Format("2006-01-02 15:04:05"))
	is("date", dayOrNil(p.Date, d.Zone()))
	is("updated", dayOrNil(p.Updated, d.Zone()))
	is("draft", p.Declared == Draft)
	is("protected", p.Declared == Protected)
	is("published", p.StateAt(siteNow) == Published)
	if len(p.Authors) > 0 {
		is("author", p.Authors[0].Name)
	}
	if u, err := url.Parse(p.URL); err != nil {
		t.Error(err)
	} else {
		is("url", u.Path)
	}
	checkBody(t, d, p, expect)
	checkRule(t, d, file, p)
}

// checkUnread handles what may or must be no post; true when that settles it.
func checkUnread(t *testing.T, file string, e Entry, expect map[string]any) bool {
	t.Helper()
	switch {
	case strings.HasPrefix(file, "._"):
		if e.Path != "" {
			t.Errorf("is looked at: %+v", e)
		}
		return true
	case expect["expect"] != nil: // another encoding: told, or read without mojibake
		if e.Post == nil {
			if len(e.Problems) == 0 || e.Problems[0].Path != file {
				t.Errorf("neither read nor told: %+v", e)
			}
		} else if e.Post.Title != "UTF-16" {
			t.Errorf("mojibake: %q", e.Post.Title)
		}
		return true
	case expect["published"] == false && e.Post == nil:
		return true
	}
	return false
}

func dayOrNil(t time.Time, zone *time.Location) any {
	if t.IsZero() {
		return nil
	}
	return t.In(zone).Format("2006-01-02")
}

func asJSON(t *testing.T, v any) string {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// checkBody renders the post and asserts what its text must and must not say.
func checkBody(t *testing.T, d *Directory, p *Post, expect map[string]any) {
	t.Helper()
	body, err := d.Render(context.Background(), p.Path)
	if err != nil {
		t.Fatal(err)
	}
	if body.Hash != p.Hash {
		t.Errorf("hash %s of the body is not that of the scan, %s", body.Hash, p.Hash)
	}
	if want, ok := expect["excerpt"].(string); ok && body.Summary != want {
		t.Errorf("summary: want %q, got %q", want, body.Summary)
	}
	if secret, ok := expect["must_not_appear"].(string); ok {
		r, err := DryRun(context.Background(), d, siteNow, true)
		if err != nil {
			t.Fatal(err)
		}
		if out := asJSON(t, r); strings.Contains(out, secret) {
			t.Errorf("%s appears in the report", secret)
		}
		if !bytes.Contains(mustRead(t, filepath.Join(d.path, p.Path)), []byte(secret)) {
			t.Errorf("%s is not in the file: the check cannot fail", secret)
		}
	}
	if i := strings.IndexFunc(body.HTML+body.Summary, func(r rune) bool { return unicode.IsControl(r) && r != '\n' && r != '\t' }); i >= 0 {
		t.Errorf("control character in the body: %q", body.HTML)
	}
	if strings.Contains(body.HTML, "{%") || strings.Contains(body.Summary, "{%") {
		t.Errorf("a raw tag is left: %q", body.HTML)
	}
}

func mustRead(t testing.TB, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// checkRule asserts the rules that expected.json tells in words.
func checkRule(t *testing.T, d *Directory, file string, p *Post) {
	t.Helper()
	state := p.StateAt(siteNow)
	switch {
	case strings.HasPrefix(file, "03-"):
		if p.DisplayTitle() == "" {
			t.Error("no title to show")
		}
	case strings.HasPrefix(file, "17-"):
		r := Record{Post: *p}
		if r.Modified().Before(p.Date) {
			t.Errorf("updated %v before %v", r.Modified(), p.Date)
		}
	case strings.HasPrefix(file, "38 "):
		if want := "https://q.example/2020/01/01/38%20file%20name%20(part-1)%20/"; p.URL != want {
			t.Errorf("url: want %s, got %s", want, p.URL)
		}
	case strings.HasPrefix(file, "40-"):
		if state != Published {
			t.Errorf("an empty post is %s", state)
		}
	case strings.HasPrefix(file, "43-"):
		if state != Future {
			t.Errorf("a post of 2099 is %s", state)
		}
	}
	if state == Published && p.Date.After(siteNow) {
		t.Error("published before its date")
	}
}
