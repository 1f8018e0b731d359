//go:build unix

package main

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"tidings.example/feed/feedtest"
	"tidings.example/internal/store"
	"tidings.example/internal/store/storetest"
)

// The first scan waits for a line in a pipe, so that there is time to ask before it.
func TestNoFeedIsServedOrToldOfBeforeTheFirstScan(t *testing.T) {
	t.Parallel()
	h := feedtest.NewHub(t)
	w := newWorld(t, "")
	config := filepath.Join(w.dir, "tidings.toml")
	text, err := os.ReadFile(config)
	if err != nil {
		t.Fatal(err)
	}
	gate := filepath.Join(w.dir, "gate")
	if err := syscall.Mkfifo(gate, 0o600); err != nil {
		t.Fatal(err)
	}
	before := `before = ["sh", "-c", "if test -p '` + gate + `'; then read x <'` + gate + `'; rm '` + gate + `'; fi"]`
	writeFile(t, config, strings.Replace(string(text), "dir = \"blog\"\n", "dir = \"blog\"\n"+before+"\n", 1))
	w.hubs(h, "")
	storetest.Lay(t, filepath.Join(w.dir, "tidings.db"), store.Open)
	r := w.serveTo(h)
	for _, path := range []string{"/rss.xml", "/tags/first/atom.xml"} {
		if res := r.answers(path); res.StatusCode != http.StatusServiceUnavailable || res.Header.Get("Retry-After") == "" {
			t.Errorf("%s before the first scan: %s, %v", path, res.Status, res.Header)
		}
	}
	if res := r.answers("/favicon.ico"); res.StatusCode != http.StatusNotFound {
		t.Errorf("what is no feed: %s", res.Status)
	}
	if _, err := os.Stat(filepath.Join(w.dir, "feeds")); !os.IsNotExist(err) {
		t.Errorf("there are files: %v", err)
	}
	if told := h.Told(); len(told) > 0 {
		t.Errorf("the hub was told of %v", told)
	}
	writeFile(t, gate, "\n")
	r.news(h, 0)
	if status, body := r.get("/rss.xml"); status != http.StatusOK || !strings.Contains(body, "The first post.") {
		t.Errorf("after the scan: %d\n%s", status, body)
	}
}
