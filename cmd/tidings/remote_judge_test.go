package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"tidings.example/internal/raced"
)

// Feeds as other programs made them, of blogs as they are, are sources: what
// we make of them has no fault of theirs.
func TestFeedsMadeOfOtherBlogsFeedsPassTheJudge(t *testing.T) {
	t.Parallel()
	if raced.On {
		t.Skip("takes minutes, and finds no races")
	}
	shared := os.Getenv("TIDINGS_SHARED")
	if shared == "" {
		shared = filepath.Join("..", "..", "..", "shared")
	}
	var feeds []string
	for _, pattern := range []string{"corpora/feeds/*.xml", "corpora/*/built*/*.xml"} {
		files, err := filepath.Glob(filepath.Join(shared, filepath.FromSlash(pattern)))
		if err != nil {
			t.Fatal(err)
		}
		feeds = append(feeds, files...)
	}
	if len(feeds) == 0 {
		t.Skip("no feeds of real blogs: set TIDINGS_SHARED to the shared test material")
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		n := 0
		if _, err := fmt.Sscanf(r.URL.Path, "/%d.xml", &n); err != nil || n >= len(feeds) {
			w.WriteHeader(http.StatusNotFound)
			return
		}
		http.ServeFile(w, r, feeds[n])
	}))
	t.Cleanup(server.Close)
	for n, file := range feeds {
		t.Run(strings.TrimPrefix(file, shared), func(t *testing.T) {
			t.Parallel()
			w := &world{t: t, dir: t.TempDir(), now: time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC), begun: time.Now()}
			w.write("tidings.toml", fmt.Sprintf("[site]\nurl = \"https://planet.example.org/\"\ntitle = \"Planet\"\nlanguage = \"en\"\ntime_zone = \"UTC\"\n"+
				"[[source]]\nname = \"blog\"\nfeed = \"%s/%d.xml\"\nallow_private = true\n", server.URL, n))
			if out := w.ok("build"); !strings.Contains(out, "first scan") {
				t.Errorf("built:\n%s", out)
			}
			w.pass(time.Hour)
			if out := w.ok("build"); strings.Contains(out, "wrote") {
				t.Errorf("built again:\n%s", out)
			}
			w.judged("feeds")
		})
	}
}
