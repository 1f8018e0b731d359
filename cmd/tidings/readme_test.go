package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"tidings.example/internal/config"
)

// TestTheReadmesNewsletterFitsWhatInitWrote does what the README says to do
// with the file that init wrote.
func TestTheReadmesNewsletterFitsWhatInitWrote(t *testing.T) {
	t.Parallel()
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	block := regexp.MustCompile("(?s)```toml\n(.*?)```").FindSubmatch(readme)
	if block == nil {
		t.Fatal("the README shows no configuration")
	}
	dir := t.TempDir()
	writeFile(t, filepath.Join(dir, "_config.yml"), "title: Blog\nurl: https://blog.example.org\ntimezone: UTC\n")
	writeFile(t, filepath.Join(dir, "smtp-password"), "secret\n")
	var out, errs strings.Builder
	sh := &shell{out: &out, err: &errs, getenv: func(string) string { return "" }, now: (&world{}).clock}
	if code := execute(t.Context(), []string{"init", dir}, sh); code != 0 {
		t.Fatalf("init: %d %s", code, errs.String())
	}
	file := filepath.Join(dir, "tidings.toml")
	written, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	tables := regexp.MustCompile(`(?m)^\[(web|mail)\]\n(?:[^\[\n].*\n|\n)*`)
	if found := tables.FindAll(written, -1); len(found) != 2 {
		t.Fatalf("init wrote no [web] and [mail]:\n%s", written)
	}
	changed := string(tables.ReplaceAll(written, nil)) + string(block[1])
	if _, err := config.Parse(file, []byte(changed), sh.getenv); err != nil {
		t.Errorf("%v\n%s", err, changed)
	}
}
