package feed_test

import (
	"bytes"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"tidings.example/feed"
)

// TestADiskThatIsFullLeavesTheOldFeedWhole writes where no more than 64 KB fit
// into a file: a limit of the process stands for the disk.
func TestADiskThatIsFullLeavesTheOldFeedWhole(t *testing.T) {
	if dir := os.Getenv("FEED_TEST_FULL"); dir != "" {
		signal.Ignore(syscall.SIGXFSZ)
		if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: 64 << 10, Max: 64 << 10}); err != nil {
			t.Fatal(err)
		}
		fillDisk(t, dir)
		return
	}
	t.Parallel()
	dir := t.TempDir()
	for _, name := range []string{"rss.xml", "atom.xml"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte("old "+name), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.Command(os.Args[0], "-test.run=^TestADiskThatIsFullLeavesTheOldFeedWhole$")
	cmd.Env = append(os.Environ(), "FEED_TEST_FULL="+dir)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for name, want := range map[string]string{"rss.xml": "old rss.xml", "atom.xml": "old atom.xml"} {
		if got, err := os.ReadFile(filepath.Join(dir, name)); err != nil || string(got) != want {
			t.Errorf("%s holds %.40q, %v", name, got, err)
		}
	}
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != 2 {
		t.Errorf("beside the feeds lies something: %v, %v", entries, err)
	}
}

// fillDisk runs in a process of its own: what fits is abandoned with what does not.
func fillDisk(t *testing.T, dir string) {
	big, small := bytes.Repeat([]byte("x"), 100<<10), []byte("new")
	path := filepath.Join(dir, "rss.xml")
	if _, err := feed.WriteFile(path, big); err == nil || !strings.Contains(err.Error(), path) {
		t.Errorf("a file that does not fit: %v", err)
	}
	b := &feed.Batch{Dir: dir}
	if _, err := b.Add(filepath.Join(dir, "atom.xml"), small); err != nil {
		t.Fatal(err)
	}
	if _, err := b.Add(path, big); err == nil || !strings.Contains(err.Error(), path) {
		t.Errorf("a file that does not fit into a batch: %v", err)
	}
	if err := b.Abandon(); err != nil {
		t.Fatal(err)
	}
}
