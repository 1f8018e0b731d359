package frontmatter_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"tidings.example/posts/frontmatter"
)

// corpora returns the folder of real blogs, or skips the test.
func corpora(t *testing.T) string {
	t.Helper()
	shared := os.Getenv("TIDINGS_SHARED")
	if shared == "" {
		shared = filepath.Join("..", "..", "..", "shared")
	}
	dir := filepath.Join(shared, "corpora")
	if _, err := os.Stat(dir); err != nil {
		t.Skip("no real blogs here: set TIDINGS_SHARED to the folder that holds corpora/")
	}
	return dir
}

// expectation is the part of a corpus' expected.json that a header decides.
type expectation struct {
	ZoneMinutes int `json:"zone_minutes"`
	Posts       []struct {
		Path        string     `json:"path"`
		Format      string     `json:"format"`
		Error       string     `json:"front_matter_error"`
		DateWritten string     `json:"date_written"`
		DateFrom    string     `json:"date_from"`
		DateUTC     *time.Time `json:"date_utc"`
	} `json:"posts"`
}

// readFurther are Jekyll's own tests of headers that Jekyll reads, while the
// expectation's reader saw none: UTF-16, and ... as the closing fence.
var readFurther = map[string]bool{
	"test/source/_encodings/Unicode16LECRLFandBOM.md": true,
	"test/source/_methods/yaml_with_dots.md":          true,
	"test/source/_posts/2014-03-03-yaml-with-dots.md": true,
}

func TestHeadersOfRealBlogsAreRead(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob(filepath.Join(corpora(t), "*", "expected.json"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		name := filepath.Base(filepath.Dir(file))
		if name == "quirks" || name == "feeds" {
			continue
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			checkBlog(t, file)
		})
	}
}

func checkBlog(t *testing.T, file string) {
	content, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var want expectation
	if err := json.Unmarshal(content, &want); err != nil {
		t.Fatal(err)
	}
	zone := time.FixedZone("", want.ZoneMinutes*60)
	dates := 0
	for _, p := range want.Posts {
		content, err := os.ReadFile(filepath.Join(filepath.Dir(file), p.Path))
		if err != nil {
			t.Error(err)
			continue
		}
		doc, problems := frontmatter.Parse(content, frontmatter.Options{OpenFence: true, FoldKeys: true, Pelican: p.Format == "pelican"})
		tabs := strings.Contains(p.Error, `'\t'`) // read all the same
		for _, problem := range problems {
			if problem.Fatal && (p.Error == "" || tabs) {
				t.Errorf("%s:%d: %s", p.Path, problem.Line, problem.Message)
			}
		}
		if len(problems) == 0 && p.Error != "" && !tabs {
			t.Errorf("%s: read, in spite of %s", p.Path, p.Error)
		}
		if format := strings.TrimSuffix(p.Format, "-noopen"); string(doc.Format) != format && !readFurther[p.Path] {
			t.Errorf("%s: format %s, want %s", p.Path, doc.Format, format)
		}
		if p.DateFrom == "front matter" && p.DateUTC != nil {
			dates++
			checkDate(t, p.Path, doc, p.DateWritten, *p.DateUTC, zone)
		}
	}
	t.Logf("%d posts, %d dates", len(want.Posts), dates)
}

// checkDate looks for the key that holds the date as it was written.
func checkDate(t *testing.T, path string, doc frontmatter.Doc, written string, want time.Time, zone *time.Location) {
	for _, key := range doc.Order {
		if strings.TrimSpace(doc.Text(key)) != written {
			continue
		}
		got, _, _, err := doc.Time(zone, key)
		if err != nil || !got.Truncate(time.Second).Equal(want) {
			t.Errorf("%s: %s: %s became %v (%v), want %v", path, key, written, got, err, want)
		}
		return
	}
	t.Errorf("%s: no key holds %q", path, written)
}
