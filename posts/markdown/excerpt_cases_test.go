package markdown

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// excerptCase is one entry of testdata/cases.json.
type excerptCase struct {
	ID      string   `json:"id"`
	Kind    string   `json:"kind"`
	Input   string   `json:"input"`
	Title   string   `json:"title"`
	Width   int      `json:"limit_width"`
	Must    []string `json:"must"`
	MustNot []string `json:"must_not"`
	Equal   *string  `json:"equal"`
}

func excerptCases(t testing.TB) []excerptCase {
	t.Helper()
	return readExcerptCases(t, "testdata/cases.json")
}

func readExcerptCases(t testing.TB, file string) []excerptCase {
	t.Helper()
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var cases []excerptCase
	if err := json.Unmarshal(raw, &cases); err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	if len(cases) == 0 {
		t.Fatalf("%s has no cases", file)
	}
	return cases
}

// sharedExcerptCases are those of each file that lies in the folder of the
// shared test material, so that a case is added without a line of code.
func sharedExcerptCases(t *testing.T) []excerptCase {
	t.Helper()
	dir := os.Getenv("TIDINGS_SHARED")
	if dir == "" {
		dir = filepath.Join("..", "..", "..", "shared")
	}
	files, err := filepath.Glob(filepath.Join(dir, "excerpt", "*.json"))
	if err != nil {
		t.Fatal(err)
	}
	if len(files) == 0 {
		t.Skipf("no shared test material in %s: set TIDINGS_SHARED to the folder that holds excerpt", dir)
	}
	var all []excerptCase
	for _, f := range files {
		all = append(all, readExcerptCases(t, f)...)
	}
	return all
}

// splitDescription is enough front matter for the one case that has some.
func splitDescription(t *testing.T, input string) (body, description string) {
	header, body, ok := strings.Cut(strings.TrimPrefix(input, "---\n"), "\n---\n")
	if !strings.HasPrefix(input, "---\n") || !ok {
		return input, ""
	}
	if err := json.Unmarshal([]byte(strings.TrimPrefix(header, "description: ")), &description); err != nil {
		t.Fatal(err)
	}
	return body, description
}

func TestExcerptFollowsEveryCase(t *testing.T) {
	t.Parallel()
	for _, c := range excerptCases(t) {
		t.Run(c.ID, c.holds)
	}
}

func TestExcerptFollowsEverySharedCase(t *testing.T) {
	t.Parallel()
	for _, c := range sharedExcerptCases(t) {
		t.Run(c.ID, c.holds)
	}
}

// holds compares the summary with what the case says of it.
func (c excerptCase) holds(t *testing.T) {
	t.Parallel()
	body, description := splitDescription(t, c.Input)
	r, err := Render([]byte(body), Options{HTML: c.Kind == "html", Title: c.Title, Width: c.Width, Summary: description})
	if err != nil {
		t.Fatal(err)
	}
	got := r.Summary
	for _, s := range c.Must {
		if !strings.Contains(got, s) {
			t.Errorf("%q lacks %q", got, s)
		}
	}
	for _, s := range c.MustNot {
		if strings.Contains(got, s) {
			t.Errorf("%q contains %q", got, s)
		}
	}
	if c.Equal != nil && got != *c.Equal {
		t.Errorf("got  %q\nwant %q", got, *c.Equal)
	}
	if strings.Contains(got, "\n") {
		t.Errorf("%q is more than one line", got)
	}
}
