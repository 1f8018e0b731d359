package markdown

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"tidings.example/posts/formula"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// TestGoldenPosts renders every testdata/golden/NAME.DIALECT.md and compares
// HTML, summary, code and warnings with NAME.DIALECT.html.
func TestGoldenPosts(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/golden/*.md")
	if err != nil || len(files) == 0 {
		t.Fatal("no golden posts", err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			t.Parallel()
			src, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			parts := strings.Split(filepath.Base(file), ".")
			r := render(t, string(src), site(Dialect(parts[1])))
			got := r.HTML + "<!-- summary: " + r.Summary + "\nimage: " + r.Image + "\ncode: " + r.CodeLanguage + "\n" + warned(r) + "\n-->\n"
			golden := strings.TrimSuffix(file, ".md") + ".html"
			if *update {
				if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if formula.Build != "" && strings.Contains(string(want), "<math") {
				t.Skip("built without MathML")
			}
			if got != string(want) {
				t.Errorf("%s differs (go test -update rewrites it)\ngot\n%s\nwant\n%s", golden, got, want)
			}
		})
	}
}

func TestRenderIsSafeForConcurrentUse(t *testing.T) {
	t.Parallel()
	src := string(typicalPost()) + "\n<b>raw</b> {% note %}x{% endnote %}"
	want := render(t, src, site(Hexo))
	var wait sync.WaitGroup
	for range 8 {
		wait.Go(func() {
			for range 5 {
				if got, err := Render([]byte(src), site(Hexo)); err != nil || got.HTML != want.HTML || got.Summary != want.Summary {
					t.Errorf("another result: %v", err)
				}
			}
		})
	}
	wait.Wait()
}

// warned is a line for each warning.
func warned(r Result) string {
	lines := make([]string, len(r.Warnings))
	for i, w := range r.Warnings {
		lines[i] = fmt.Sprintf("line %d: %s", w.Line, w.Text)
	}
	return strings.Join(lines, "\n")
}
