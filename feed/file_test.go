package feed_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"tidings.example/feed"
)

func TestFileIsReplacedOnlyWhenItsBytesChange(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "feeds", "rss.xml")
	write := func(data string, want bool) {
		t.Helper()
		changed, err := feed.WriteFile(path, []byte(data))
		if err != nil || changed != want {
			t.Fatalf("changed %v, %v; want %v", changed, err, want)
		}
		if got, err := os.ReadFile(path); err != nil || string(got) != data {
			t.Fatalf("the file holds %q, %v", got, err)
		}
	}
	write("one", true)
	long := time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC)
	if err := os.Chtimes(path, long, long); err != nil {
		t.Fatal(err)
	}
	write("one", false)
	info, err := os.Stat(path)
	if err != nil || !info.ModTime().Equal(long) || info.Mode().Perm() != 0o644 {
		t.Errorf("%v, %v: an unchanged file was touched, or has another mode than 0644", info, err)
	}
	write("two", true)
	write("", true)
	entries, err := os.ReadDir(filepath.Dir(path))
	if err != nil || len(entries) != 1 {
		t.Errorf("%v, %v: something was left behind", entries, err)
	}
}

func TestFileThatCannotBeWrittenIsNamed(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	full := filepath.Join(dir, "rss.xml") // a folder with something in it cannot be replaced
	if err := os.MkdirAll(filepath.Join(full, "x"), 0o755); err != nil {
		t.Fatal(err)
	}
	blocked := filepath.Join(dir, "file", "rss.xml")
	if err := os.WriteFile(filepath.Join(dir, "file"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{full, blocked} {
		changed, err := feed.WriteFile(path, []byte("x"))
		if err == nil || changed || !strings.Contains(err.Error(), path) {
			t.Errorf("%s: changed %v, error %v", path, changed, err)
		}
	}
	if n, err := feed.RemoveLeftovers(dir, time.Now().Add(time.Hour)); n != 0 || err != nil {
		t.Errorf("%d unfinished files were left behind, %v", n, err)
	}
}

func TestLeftoversOfACrashAreRemovedAndNothingElse(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for _, name := range []string{".rss.xml.123.tidings-tmp", ".feed.json.9.tidings-tmp", "rss.xml", ".htaccess", "mine.tidings-tmp"} {
		if err := os.WriteFile(filepath.Join(dir, name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if n, err := feed.RemoveLeftovers(dir, time.Now().Add(-time.Hour)); n != 0 || err != nil {
		t.Errorf("removed %d that somebody may be writing, %v", n, err)
	}
	if n, err := feed.RemoveLeftovers(dir, time.Now().Add(time.Hour)); n != 2 || err != nil {
		t.Errorf("removed %d, %v; want 2", n, err)
	}
	if left, err := os.ReadDir(dir); len(left) != 3 || err != nil {
		t.Errorf("left %v, %v", left, err)
	}
	if n, err := feed.RemoveLeftovers(filepath.Join(dir, "none"), time.Now()); n != 0 || err != nil {
		t.Errorf("a folder that is not there: %d, %v", n, err)
	}
}
