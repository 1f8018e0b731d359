package markdown

import (
	"encoding/json"
	"os"
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
	raw, err := os.ReadFile("testdata/cases.json")
	if err != nil {
		t.Fatal(err)
	}
	var cases []excerptCase
	if err := json.Unmarshal(raw, &cases); err != nil {
		t.Fatal(err)
	}
	return cases
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
		t.Run(c.ID, func(t *testing.T) {
			t.Parallel()
			body, description := splitDescription(t, c.Input)
			o := Options{HTML: c.Kind == "html", Title: c.Title, Width: c.Width, Summary: description}
			r, err := Render([]byte(body), o)
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
		})
	}
}
