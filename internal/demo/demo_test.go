package demo

import (
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

// sample returns the texts of the posts by file name.
func sample(t *testing.T) map[string]string {
	t.Helper()
	names, err := fs.Glob(Blog(), "source/_posts/*.md")
	if err != nil {
		t.Fatal(err)
	}
	texts := map[string]string{}
	for _, name := range names {
		text, err := fs.ReadFile(Blog(), name)
		if err != nil {
			t.Fatal(err)
		}
		texts[filepath.Base(name)] = string(text)
	}
	return texts
}

var dateLine = regexp.MustCompile(`(?m)^"?date"?: "?(\d{4}-\d\d-\d\d)`)

func TestTenPostsAreOutNowAndNotLongAgo(t *testing.T) {
	t.Parallel()
	texts := sample(t)
	if len(texts) != 10 {
		t.Errorf("%d posts", len(texts))
	}
	for name, text := range texts {
		m := dateLine.FindStringSubmatch(text)
		if m == nil {
			t.Errorf("%s has no date", name)
			continue
		}
		day, err := time.Parse(time.DateOnly, m[1])
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if age := Now().Sub(day); age < 48*time.Hour || age > 70*24*time.Hour {
			t.Errorf("%s is %v old", name, age)
		}
	}
}

func TestPostsShowWhatABlogContains(t *testing.T) {
	t.Parallel()
	texts := sample(t)
	for feature, pattern := range map[string]string{
		"inline formula": `[^$]\$[^$\n]+\$[^$]`, "display formula": `(?s)\$\$\n.+?\n\$\$`, "table": `(?m)^\|[:|-]+\|$`,
		"code": "(?m)^```[a-z]+$", "Hexo's code tag": `\{% codeblock`, "link to a post": `\{% post_link`,
		"header without an opening fence": `\Atitle:`, "JSON header": `\A;;;`, "YAML header": `\A---`,
	} {
		found := slices.ContainsFunc(slices.Collect(maps.Values(texts)), regexp.MustCompile(pattern).MatchString)
		if !found {
			t.Errorf("no post has: %s", feature)
		}
	}
	for name, text := range texts {
		if !strings.Contains(text, "\n<!-- more -->\n") {
			t.Errorf("%s has no <!-- more -->", name)
		}
		if len(text) < 1500 || len(text) > 6000 {
			t.Errorf("%s has %d bytes", name, len(text))
		}
	}
}

func TestLinksBetweenPostsLead(t *testing.T) {
	t.Parallel()
	texts := sample(t)
	for name, text := range texts {
		for _, m := range regexp.MustCompile(`post_link ([\w-]+)`).FindAllStringSubmatch(text, -1) {
			if _, found := texts[m[1]+".md"]; !found {
				t.Errorf("%s links to %s, which is not there", name, m[1])
			}
		}
	}
}

func TestCopyKeepsWhatWasEdited(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "blog")
	if err := Copy(dir); err != nil {
		t.Fatal(err)
	}
	post := filepath.Join(dir, "source", "_posts", "git-cheatsheet.md")
	if err := os.WriteFile(post, []byte("edited"), 0o644); err != nil {
		t.Fatal(err)
	}
	config := filepath.Join(dir, "_config.yml")
	if err := os.Remove(config); err != nil {
		t.Fatal(err)
	}
	if err := Copy(dir); err != nil {
		t.Fatal(err)
	}
	if text, err := os.ReadFile(post); err != nil || string(text) != "edited" {
		t.Errorf("the edit is lost: %q %v", text, err)
	}
	want, err := fs.ReadFile(Blog(), "_config.yml")
	if err != nil {
		t.Fatal(err)
	}
	if got, err := os.ReadFile(config); err != nil || string(got) != string(want) {
		t.Errorf("_config.yml did not come back: %v", err)
	}
}

func TestReadersDifferAndLiveNowhere(t *testing.T) {
	t.Parallel()
	readers := Readers()
	if len(readers) != 3 {
		t.Fatalf("%d readers", len(readers))
	}
	var all strings.Builder
	for _, text := range sample(t) {
		header, _, _ := strings.Cut(text, "<!-- more -->")
		all.WriteString(header)
	}
	kinds := map[string]bool{}
	for _, r := range readers {
		kinds[r.Language+r.Cadence+strings.Join(r.Topics, ",")] = true
		if !regexp.MustCompile(`@example\.(com|net|org)$`).MatchString(r.Email) {
			t.Errorf("%s may be somebody", r.Email)
		}
		for _, topic := range r.Topics {
			if !strings.Contains(all.String(), topic) {
				t.Errorf("%s waits for %s, of which no post is", r.Email, topic)
			}
		}
	}
	if len(kinds) != 3 {
		t.Errorf("only %d kinds of readers", len(kinds))
	}
}
