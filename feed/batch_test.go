package feed_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"tidings.example/feed"
)

// content lists the files below a folder with what they hold.
func content(t *testing.T, dir string) map[string]string {
	t.Helper()
	out := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := os.ReadFile(path)
		rest, _ := filepath.Rel(dir, path)
		out[filepath.ToSlash(rest)] = string(text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestABatchPutsItsFilesInPlaceTogether(t *testing.T) {
	t.Parallel()
	for _, files := range []int{1, 40} { // synced one by one, and all at once
		dir := t.TempDir()
		path := func(n int) string { return filepath.Join(dir, "archive", fmt.Sprint(n), "rss.xml") }
		write := func(text string) (changed int) {
			t.Helper()
			b := &feed.Batch{Dir: filepath.Join(dir, "archive")}
			var wg sync.WaitGroup
			var mu sync.Mutex
			for n := range files {
				wg.Go(func() {
					did, err := b.Add(path(n), []byte(text))
					mu.Lock()
					defer mu.Unlock()
					if err != nil {
						t.Error(err)
					}
					if did {
						changed++
					}
				})
			}
			wg.Wait()
			if old, err := os.ReadFile(path(0)); changed > 0 && err == nil && string(old) == text {
				t.Error("a file is there before the commit")
			}
			if err := b.Commit(); err != nil {
				t.Fatal(err)
			}
			if err := b.Abandon(); err != nil {
				t.Error(err)
			}
			return changed
		}
		for _, c := range []struct {
			text string
			want int
		}{{"one", files}, {"one", 0}, {"two", files}, {"2wo", files}} {
			if got := write(c.text); got != c.want {
				t.Errorf("%q: %d files changed, want %d", c.text, got, c.want)
			}
			got := content(t, dir)
			if len(got) != files || got[fmt.Sprintf("archive/%d/rss.xml", files-1)] != c.text {
				t.Errorf("%q: the folder holds %v", c.text, got)
			}
		}
		if info, err := os.Stat(path(0)); err != nil || info.Mode().Perm() != 0o644 {
			t.Errorf("%v, %v: want mode 0644", info, err)
		}
	}
}

func TestABatchThatIsAbandonedLeavesEverythingAsItWas(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if _, err := feed.WriteFile(filepath.Join(dir, "archive", "0", "rss.xml"), []byte("old")); err != nil {
		t.Fatal(err)
	}
	b := &feed.Batch{Dir: filepath.Join(dir, "archive")}
	for n := range 3 {
		if _, err := b.Add(filepath.Join(dir, "archive", fmt.Sprint(n), "rss.xml"), []byte("new")); err != nil {
			t.Fatal(err)
		}
	}
	if err := b.Abandon(); err != nil {
		t.Fatal(err)
	}
	if got := content(t, dir); len(got) != 1 || got["archive/0/rss.xml"] != "old" {
		t.Errorf("the folder holds %v", got)
	}
}

func TestACrashedBatchLeavesLeftoversWhereTheyAreLookedFor(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	b := &feed.Batch{Dir: filepath.Join(dir, "archive")}
	if _, err := b.Add(filepath.Join(dir, "archive", "7", "rss.xml"), []byte("new")); err != nil {
		t.Fatal(err)
	}
	if n, err := feed.RemoveLeftovers(b.Dir, time.Now().Add(time.Hour)); n != 1 || err != nil {
		t.Errorf("%d leftovers, %v", n, err)
	}
	if got := content(t, dir); len(got) != 0 {
		t.Errorf("left %v", got)
	}
}

func TestABatchNamesTheFileThatCannotBeWritten(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	full := filepath.Join(dir, "0", "rss.xml") // a folder with something in it cannot be replaced
	if err := os.MkdirAll(filepath.Join(full, "x"), 0o755); err != nil {
		t.Fatal(err)
	}
	b := &feed.Batch{Dir: dir}
	if _, err := b.Add(full, []byte("x")); err != nil {
		t.Fatal(err)
	}
	if err := b.Commit(); err == nil || !strings.Contains(err.Error(), full) {
		t.Errorf("error %v", err)
	}
	if err := b.Abandon(); err != nil {
		t.Error(err)
	}
	if got := content(t, dir); len(got) != 0 {
		t.Errorf("left %v", got)
	}
	if err := os.WriteFile(filepath.Join(dir, "1"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := b.Add(filepath.Join(dir, "1", "rss.xml"), []byte("x")); err == nil || !strings.Contains(err.Error(), "1") {
		t.Errorf("error %v", err)
	}
}
